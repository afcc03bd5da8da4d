//! The plan for the records of a zone, as a value.

use std::collections::BTreeSet;

use crate::{
    model::{DomainName, RecordChange, RecordKey},
    plan::dns::registry,
};

/// What to do about the records of a zone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordPlan {
    /// What creates or updates, sorted by name. No two groups concern the same name.
    pub changes: Vec<Group>,
    /// What takes records away and puts nothing in their place.
    pub deletions: Vec<Group>,
    /// What is wanted, or not wanted any more, and left as it is.
    pub held: Vec<Held>,
    /// What is wanted and there.
    pub standing: Vec<Standing>,
}

/// Changes that are made together or not at all: records, and what registers them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The keys of what the records are for: one, unless a record passes from one to another.
    pub keys: BTreeSet<String>,
    /// The changes, sorted by name; at one name, what is deleted comes first, since a CNAME tolerates nothing beside it.
    pub changes: Vec<RecordChange>,
}

impl Group {
    /// Of changes in any order.
    #[must_use]
    pub fn new(keys: BTreeSet<String>, mut changes: Vec<RecordChange>) -> Self {
        sort(&mut changes);
        Self { keys, changes }
    }

    /// What it does, for a person; registrations are told of only where nothing else changes.
    #[must_use]
    pub fn describe(&self) -> String {
        let told: Vec<String> = self.records().map(ToString::to_string).collect();
        let all = || self.changes.iter().map(ToString::to_string).collect();
        (if told.is_empty() { all() } else { told }).join(", ")
    }

    /// The changes but for registrations.
    pub fn records(&self) -> impl Iterator<Item = &RecordChange> {
        self.changes.iter().filter(|change| !registry::is_registration(&change.record().key()))
    }

    /// The name that it is sorted by.
    #[must_use]
    pub fn first_name(&self) -> Option<&DomainName> {
        self.changes.first().map(|change| &change.record().name)
    }

    /// Whether it takes records away and puts nothing in their place.
    #[must_use]
    pub fn only_deletes(&self) -> bool {
        self.records().next().is_some() && self.records().all(RecordChange::is_deletion)
    }
}

/// Puts changes into the order in which Route 53 can make them.
pub fn sort(changes: &mut [RecordChange]) {
    changes.sort_by(|one, other| {
        let rank = |change: &RecordChange| (!change.is_deletion(), change.record().kind.clone());
        one.record().name.cmp(&other.record().name).then_with(|| rank(one).cmp(&rank(other)))
    });
}

/// A record that is left as it is, though it isn't as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The key of what the record is for; none for what nobody wants.
    pub key: Option<String>,
    /// The record.
    pub record: RecordKey,
    /// A stable code of [`crate::model::reason`].
    pub reason: &'static str,
    /// Why, for a person.
    pub why: String,
    /// What a person can do about it.
    pub remedy: String,
}

/// A record that is wanted and there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The key of what the record is for.
    pub key: String,
    /// The record.
    pub record: RecordKey,
    /// Whether it is registered for the key. If not, somebody else made it, or it is kept for another key: it answers as it
    /// should, and is left to them.
    pub registered: bool,
}
