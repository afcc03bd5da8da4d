//! What belongs together: the changes of a key and its registration, of keys that a record passes between, and at one name.

use std::collections::{BTreeMap, BTreeSet};

use super::change::Group;
use crate::model::{DomainName, RecordChange};

/// Puts changes into the fewest groups that can each be made alone, sorted by name.
pub fn groups(
    changes: Vec<(RecordChange, BTreeSet<&str>)>,
    moves: &[BTreeSet<&str>],
    registrations: BTreeMap<&str, RecordChange>,
) -> Vec<Group> {
    let mut circles = Circles::default();
    let mut names: BTreeMap<DomainName, &str> = BTreeMap::new();
    for keys in moves {
        circles.join(keys);
    }
    for (change, keys) in &changes {
        circles.join(keys);
        let Some(first) = keys.first() else { continue };
        let other = names.entry(change.record().name.clone()).or_insert(first);
        circles.join(&BTreeSet::from([*first, *other]));
    }
    let mut groups: BTreeMap<&str, (BTreeSet<String>, Vec<RecordChange>)> = BTreeMap::new();
    let registrations = registrations.into_iter().map(|(key, change)| (change, BTreeSet::from([key])));
    for (change, keys) in changes.into_iter().chain(registrations) {
        let Some(first) = keys.first() else { continue };
        let (members, group) = groups.entry(circles.head(first)).or_default();
        members.extend(keys.iter().map(|key| (*key).to_owned()));
        group.push(change);
    }
    let mut groups: Vec<Group> = groups.into_values().map(|(keys, changes)| Group::new(keys, changes)).collect();
    groups.sort_by(|one, other| one.first_name().cmp(&other.first_name()));
    groups
}

/// Keys in circles: whoever is joined with one of a circle is in it.
#[derive(Default)]
struct Circles<'a> {
    /// Each key's way to the head of its circle; a head has none.
    next: BTreeMap<&'a str, &'a str>,
}

impl<'a> Circles<'a> {
    fn head(&self, key: &'a str) -> &'a str {
        let mut key = key;
        while let Some(next) = self.next.get(key) {
            key = next;
        }
        key
    }

    fn join(&mut self, keys: &BTreeSet<&'a str>) {
        let heads: BTreeSet<&str> = keys.iter().map(|key| self.head(key)).collect();
        let mut heads = heads.into_iter();
        let Some(first) = heads.next() else { return };
        for other in heads {
            self.next.insert(other, first);
        }
    }
}
