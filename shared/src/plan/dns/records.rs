//! What has to change in a zone so that it holds the records that are wanted, and nothing of ours besides.
//!
//! # Guarantees
//! - A record of others is never changed, deleted or taken over: what stands in the way is reported with what to do about it.
//! - A record and its registration change in one group, and a group is never split: what is ours is always known as ours.
//! - A record that is wanted and can't be had is left as it is, and never deleted for it.
//! - Without `sync` nothing is deleted, registrations included; with `create-only` nothing but registrations is updated.
//!
//! # Assumptions
//! What was read of the zone holds all its registrations, and all records at each name that is wanted or registered. More is
//! welcome and makes no difference.

mod adoption;
mod change;
mod draft;
mod grouping;
mod outcome;
mod registering;
mod survey;
mod wish;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

pub use adoption::adopt;
pub use change::{Group, Held, RecordPlan, Standing, sort};

use self::{draft::Draft, survey::Survey, wish::wishes};
use super::registry;
use crate::{
    model::{DeploymentId, RecordSet, Zone},
    policy::DnsPolicy,
};

/// What one thing is to have in a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The id of the thing: `vpce-svc-…` or `vpce-…`.
    pub key: String,
    /// The thing and where it lives, such as `endpoint/<account>/<Region>/<id>`; it ends with the key.
    pub resource: String,
    /// Its records.
    pub records: Vec<RecordSet>,
}

/// What is planned for. A thing that is planned for and wants nothing loses what it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Everything that wants something or has something registered in the zone.
    All,
    /// These keys; what others want or have stands.
    Keys(BTreeSet<String>),
}

impl Which {
    fn includes(&self, key: &str) -> bool {
        match self {
            Self::All => true,
            Self::Keys(keys) => keys.contains(key),
        }
    }
}

/// Decides about the records of a zone.
#[must_use]
pub fn plan(
    zone: &Zone,
    current: &[RecordSet],
    wanted: &[Wanted],
    which: &Which,
    owner: &DeploymentId,
    policy: DnsPolicy,
    now: Timestamp,
) -> RecordPlan {
    let survey = Survey::of(&zone.name, current, owner);
    let wishes = wishes(wanted, which);
    // What can't be registered is found out only when it is clear what there would be to register: then without it again.
    let mut refused = BTreeMap::new();
    loop {
        let draft = Draft::of(&survey, &wishes, which, policy, &refused);
        let excess = draft.excess(now);
        if excess.is_empty() {
            return draft.finish(now);
        }
        refused.extend(excess);
    }
}

#[cfg(test)]
mod tests;
