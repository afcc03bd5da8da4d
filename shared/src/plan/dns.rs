//! Names that lead to endpoints: whose they are, whether they are switched on, and in which VPCs they answer.

pub mod adoption;
pub mod batches;
pub mod name;
pub mod private_name;
pub mod profile;
pub mod records;
pub mod registry;
pub mod rival;
pub mod verification;

use std::fmt;

use jiff::Timestamp;

use self::name::NameKey;
use super::{Limit, Plan};
use crate::{
    event::told,
    model::{AccountId, EndpointKey, ProfileKey, RecordChange, RecordSet, ServiceKey, VpcReference, ZoneKey},
    policy::Rules,
};

/// What is kept in step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// The private DNS name of an endpoint service: whether it is verified.
    Service(ServiceKey),
    /// The private DNS name of an endpoint's service: whether it leads to the endpoint.
    Endpoint(EndpointKey),
    /// A name of one's own.
    Name(NameKey),
    /// A Route 53 Profile: which VPCs have it, and the endpoints in it.
    Profile(ProfileKey),
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(key) => key.fmt(formatter),
            Self::Endpoint(key) => key.fmt(formatter),
            Self::Name(key) => key.fmt(formatter),
            Self::Profile(key) => key.fmt(formatter),
        }
    }
}

/// What was read about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed {
    /// Of [`Key::Service`].
    Service(verification::Observed),
    /// Of [`Key::Endpoint`].
    Endpoint(private_name::Observed),
    /// Of [`Key::Name`].
    Name(name::Observed),
    /// Of [`Key::Profile`].
    Profile(profile::Observed),
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Changes records of a zone, all in one call.
    Records(ZoneKey, Vec<RecordChange>),
    /// Has AWS look whose the private DNS name of a service is.
    Verify(ServiceKey),
    /// Has the private DNS name of its service lead to an endpoint.
    Enable(EndpointKey),
    /// Makes a private zone that answers in a VPC, and its first records.
    Zone {
        /// The name that it is for.
        key: NameKey,
        /// What marks it as ours.
        comment: String,
        /// Its first VPC.
        vpc: VpcReference,
        /// Its records.
        changes: Vec<RecordChange>,
    },
    /// Has a zone answer in a VPC.
    Associate {
        /// The zone.
        zone: ZoneKey,
        /// The VPC's account.
        account: AccountId,
        /// The VPC.
        vpc: VpcReference,
    },
    /// Has a zone answer in a VPC no more.
    Disassociate {
        /// The zone.
        zone: ZoneKey,
        /// The VPC's account.
        account: AccountId,
        /// The VPC.
        vpc: VpcReference,
        /// What marks the association as ours.
        registration: RecordSet,
    },
    /// Puts a zone or an endpoint into a Profile.
    Include {
        /// The Profile.
        profile: ProfileKey,
        /// Its ARN.
        resource: String,
        /// What marks it as put there by us.
        mark: String,
    },
    /// Takes it out again.
    Exclude {
        /// The Profile.
        profile: ProfileKey,
        /// Its ARN.
        resource: String,
    },
    /// Gives a VPC a Profile.
    Attach {
        /// The Profile.
        profile: ProfileKey,
        /// The VPC's account.
        account: AccountId,
        /// The VPC.
        vpc: VpcReference,
        /// What marks it as given by us.
        mark: String,
    },
    /// Takes the Profile from the VPC.
    Detach {
        /// The Profile.
        profile: ProfileKey,
        /// The VPC's account.
        account: AccountId,
        /// The VPC.
        vpc: VpcReference,
    },
    /// Takes back the authorization of a VPC that is associated.
    Unauthorize {
        /// The zone.
        zone: ZoneKey,
        /// The VPC.
        vpc: VpcReference,
    },
    /// Empties a zone that holds nothing but records of ours, and deletes it.
    DropZone {
        /// The zone.
        zone: ZoneKey,
        /// The VPCs that it leaves first, all but one: an emptied zone doesn't say any more that they are ours.
        vpcs: Vec<VpcReference>,
        /// What empties it, a call each.
        batches: Vec<Vec<RecordChange>>,
    },
}

/// How many names one run may take away.
#[must_use]
pub fn limit(rules: &Rules) -> Limit {
    Limit {
        setting: "dns.most-removals",
        most: rules.configuration.dns.most_removals,
        instead: "take them away by hand",
        told: told::WITHDRAWAL_WITHHELD,
    }
}

/// Decides about a key. What was read about another kind of key decides nothing.
#[must_use]
pub fn plan(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Change> {
    match (key, observed) {
        (Key::Service(key), Observed::Service(observed)) => verification::plan(key, observed, rules, now),
        (Key::Endpoint(key), Observed::Endpoint(observed)) => private_name::plan(key, observed, rules),
        (Key::Name(key), Observed::Name(observed)) => name::plan(key, observed, rules, now),
        (Key::Profile(key), Observed::Profile(observed)) => profile::plan(key, observed, rules),
        _ => Plan::default(),
    }
}

#[cfg(test)]
mod tests;
