//! What people made by hand for an endpoint or a service becomes ours, when a person orders it and never else.
//!
//! # Guarantees
//! - No record and no association is changed: what is taken over is registered, and of a zone the comment is replaced.
//! - What isn't as it would be made here is left, and told with what to do about it. A zone in which something that is wanted
//!   is otherwise is left as a whole.
//! - What another deployment has registered or marked is never taken over.
//! - A zone is marked last: an order that breaks off leaves it to whom it was, and the next one finishes it.

mod telling;

use std::collections::BTreeSet;

use super::{batches::pack, records::Group, registry};
use crate::{
    model::{DeploymentId, RecordChange, RecordData, RecordKey, RecordSet, Zone},
    plan::Decision,
};

/// What becomes ours for one name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Adoption {
    /// The name, as a person would say it.
    pub subject: String,
    /// What to write, in order.
    pub steps: Vec<Step>,
    /// What is wanted, there, and ours already.
    pub ours: BTreeSet<RecordKey>,
    /// What is wanted and can't be taken over, and why.
    pub held: Vec<Decision>,
    /// What else is worth knowing, each as a sentence: what is missing, and what stays people's.
    pub notes: Vec<String>,
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Registers what is there, all in one call.
    Register {
        /// The zone.
        zone: Zone,
        /// The registrations.
        changes: Vec<RecordChange>,
        /// The records that they make ours.
        records: BTreeSet<RecordKey>,
        /// The VPCs, each as account, Region and id, whose associations they make ours.
        vpcs: BTreeSet<String>,
    },
    /// Says on a private zone that it is ours.
    Mark {
        /// The zone, with the comment that it has.
        zone: Zone,
        /// The comment that it gets.
        comment: String,
    },
}

impl Step {
    /// The zone that it writes in.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        match self {
            Self::Register { zone, .. } | Self::Mark { zone, .. } => zone,
        }
    }
}

/// Registrations in as few calls as they need.
pub(super) fn register(zone: &Zone, current: &[RecordSet], owner: &DeploymentId, groups: Vec<Group>) -> Vec<Step> {
    let read = |record: &RecordSet| registry::read(record, &zone.name).and_then(Result::ok);
    let ours = current.iter().filter_map(read).filter(|registration| registration.owner == *owner);
    let registered: BTreeSet<RecordKey> = ours.flat_map(|registration| registration.records).collect();
    let step = |changes: Vec<RecordChange>| {
        let (mut records, mut vpcs) = (BTreeSet::new(), BTreeSet::new());
        for registration in changes.iter().filter_map(|change| read(change.record())) {
            vpcs.extend(registration.resource.strip_prefix("vpc/").map(ToOwned::to_owned));
            records.extend(registration.records.difference(&registered).cloned());
        }
        Step::Register { zone: zone.clone(), changes, records, vpcs }
    };
    pack(groups).batches.into_iter().map(|batch| step(batch.changes)).collect()
}

/// What is to be known about records that are wanted: those that aren't there, and those that answer as they should and
/// differ in something else.
pub(super) fn differences(wanted: &[RecordSet], current: &[RecordSet]) -> Vec<String> {
    let said = |record: &RecordSet| {
        let name = record.key();
        let mut at_name = current.iter().filter(|found| found.name == record.name).peekable();
        if at_name.peek().is_none() {
            return Some(format!("{name} isn't there, so that there is nothing of it to take over"));
        }
        let found = at_name.find(|found| found.answers_as(record) && *found != record)?;
        let difference = match (&found.data, &record.data) {
            (RecordData::Values { ttl, .. }, RecordData::Values { ttl: wanted, .. }) => {
                format!("has a TTL of {ttl} instead of {wanted}")
            }
            _ => "evaluates the health of its target".to_owned(),
        };
        Some(format!("{name} {difference}, which sync-dns brings in line as far as dns.policy lets it"))
    };
    wanted.iter().filter_map(said).collect()
}
