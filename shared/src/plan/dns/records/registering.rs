//! What will be registered for each key, and how that differs from what is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    survey::Survey,
    wish::{Obstacle, Wish},
};
use crate::{
    model::{RecordChange, RecordData, RecordKey, RecordSet, reason, txt},
    plan::dns::registry::{self, Registration},
    policy::DnsPolicy,
};

/// What will be registered for each key.
pub struct Registering<'a> {
    survey: &'a Survey<'a>,
    wishes: &'a BTreeMap<&'a str, Wish<'a>>,
    lists: BTreeMap<&'a str, BTreeSet<RecordKey>>,
    /// Keys that a record passes between.
    moves: Vec<BTreeSet<&'a str>>,
}

impl<'a> Registering<'a> {
    /// Nothing, for no key.
    pub fn new(survey: &'a Survey<'a>, wishes: &'a BTreeMap<&'a str, Wish<'a>>) -> Self {
        Self { survey, wishes, lists: BTreeMap::new(), moves: Vec::new() }
    }

    /// Nothing yet for a key: if it stays so, its registration goes.
    pub fn open(&mut self, key: &'a str) {
        self.lists.entry(key).or_default();
    }

    /// A record for a key.
    pub fn add(&mut self, key: &'a str, name: RecordKey) {
        self.lists.entry(key).or_default().insert(name);
    }

    /// Keys whose registrations change together.
    pub fn link(&mut self, keys: &BTreeSet<&'a str>) {
        if keys.len() > 1 {
            self.moves.push(keys.clone());
        }
    }

    /// Keys whose registrations change together.
    pub fn moves(&self) -> &[BTreeSet<&'a str>] {
        &self.moves
    }

    /// The keys for which more would have to be registered than a registration holds.
    pub fn excess(&self, now: Timestamp) -> BTreeMap<&'a str, Obstacle> {
        let length = |record: &RecordSet| match &record.data {
            RecordData::Values { values, .. } => values.iter().map(|value| value.chars().count()).max().unwrap_or(0),
            _ => 0,
        };
        let obstacle = |key: &'a str| {
            let length = length(&self.wanted(key, now)?);
            let why = format!(
                "the records of {key} can't be registered: it takes {length} characters, and a TXT record holds {}",
                txt::VALUE_LIMIT
            );
            let obstacle = || Obstacle::new(reason::NOT_POSSIBLE, why, "want fewer or shorter names");
            (length > txt::VALUE_LIMIT).then(|| (key, obstacle()))
        };
        self.lists.keys().filter_map(|key| obstacle(key)).collect()
    }

    /// How the registrations change. What is registered for nothing is deleted where the policy deletes, and stays as an empty
    /// one elsewhere: where deleting isn't allowed to us, Route 53 would refuse the whole batch for it.
    pub fn changes(&self, policy: DnsPolicy, now: Timestamp) -> BTreeMap<&'a str, RecordChange> {
        let change = |key: &'a str| {
            let change = match (self.survey.registration(key), self.wanted(key, now)) {
                (None, wanted) => RecordChange::Create(wanted?),
                (Some((_, found)), None) if policy.deletes() => RecordChange::Delete(found.clone()),
                (Some((current, _)), None) if current.records.is_empty() => return None,
                (Some((current, _)), Some(_)) if Some(&current.records) == self.lists.get(key) => return None,
                (Some((current, _)), wanted) => RecordChange::Upsert(wanted.unwrap_or_else(|| {
                    registry::record(&Registration { records: BTreeSet::new(), ..current.clone() }, self.survey.zone)
                })),
            };
            Some((key, change))
        };
        self.lists.keys().filter_map(|key| change(key)).collect()
    }

    /// The registration that a key will have; `None` for nothing.
    fn wanted(&self, key: &str, now: Timestamp) -> Option<RecordSet> {
        let records = self.lists.get(key).filter(|records| !records.is_empty())?.clone();
        let registration = match self.survey.registration(key) {
            Some((current, _)) => Registration { records, ..current.clone() },
            None => Registration {
                key: key.to_owned(),
                owner: self.survey.owner.clone(),
                resource: self.wishes.get(key)?.resource().to_owned(),
                since: now,
                records,
            },
        };
        Some(registry::record(&registration, self.survey.zone))
    }
}
