//! A zone as it was read: what stands at each name, and whose it is.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    model::{DeploymentId, DomainName, RecordKey, RecordSet},
    plan::dns::registry::{self, Registration, Unreadable},
};

/// A zone as it was read.
pub struct Survey<'a> {
    /// The zone's name.
    pub zone: &'a DomainName,
    /// Our deployment.
    pub owner: &'a DeploymentId,
    /// What stands at each name, sorted.
    names: BTreeMap<&'a DomainName, BTreeSet<&'a RecordSet>>,
    /// Our registrations by key, each with the record that it was read from.
    registrations: BTreeMap<String, (Registration, &'a RecordSet)>,
    /// The keys that each record is registered for.
    registrars: BTreeMap<RecordKey, BTreeSet<String>>,
    /// What other deployments have registered.
    others: BTreeMap<RecordKey, DeploymentId>,
    /// What stands among the registrations and is none.
    pub unreadable: BTreeSet<Unreadable>,
}

impl<'a> Survey<'a> {
    /// Of the records of a zone, in any order.
    pub fn of(zone: &'a DomainName, current: &'a [RecordSet], owner: &'a DeploymentId) -> Self {
        let mut survey = Self {
            zone,
            owner,
            names: BTreeMap::new(),
            registrations: BTreeMap::new(),
            registrars: BTreeMap::new(),
            others: BTreeMap::new(),
            unreadable: BTreeSet::new(),
        };
        for record in current {
            survey.names.entry(&record.name).or_default().insert(record);
            match registry::read(record, zone) {
                None => {}
                Some(Err(unreadable)) => {
                    survey.unreadable.insert(unreadable);
                }
                Some(Ok(registration)) => survey.register(registration, record),
            }
        }
        survey
    }

    fn register(&mut self, registration: Registration, record: &'a RecordSet) {
        for key in registration.records.iter().cloned() {
            if registration.owner == *self.owner {
                self.registrars.entry(key).or_default().insert(registration.key.clone());
            } else {
                // The first by name, so that the order of reading makes no difference.
                let other = self.others.entry(key).or_insert_with(|| registration.owner.clone());
                if registration.owner < *other {
                    other.clone_from(&registration.owner);
                }
            }
        }
        if registration.owner == *self.owner {
            self.registrations.insert(registration.key.clone(), (registration, record));
        }
    }

    /// What stands at a name.
    pub fn at(&self, name: &DomainName) -> impl Iterator<Item = &'a RecordSet> {
        self.names.get(name).into_iter().flatten().copied()
    }

    /// The record of a name and type, if it is alone with them and can be read.
    pub fn simple(&self, key: &RecordKey) -> Option<&'a RecordSet> {
        self.at(&key.name).find(|record| record.kind == key.kind && record.is_simple())
    }

    /// Our registration for a key, and the record that it was read from.
    pub fn registration(&self, key: &str) -> Option<(&Registration, &'a RecordSet)> {
        self.registrations.get(key).map(|(registration, record)| (registration, *record))
    }

    /// The keys that we have something registered for.
    pub fn registered(&self) -> impl Iterator<Item = &str> {
        self.registrations.keys().map(String::as_str)
    }

    /// The keys that we have registered a record for.
    pub fn registrars(&self, key: &RecordKey) -> impl Iterator<Item = &str> {
        self.registrars.get(key).into_iter().flatten().map(String::as_str)
    }

    /// The other deployment that has registered a record.
    pub fn other_owner(&self, key: &RecordKey) -> Option<&DeploymentId> {
        self.others.get(key)
    }
}
