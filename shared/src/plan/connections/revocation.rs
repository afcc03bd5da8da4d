//! What becomes of an established connection that lost its right: its case, its grace, and how many at once.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Ruling, Step, record::says_permitted};
use crate::{
    event::told,
    model::{Connection, tag},
    plan::{Limit, Plan},
    policy::{RevocationCase, Rules},
};

/// How long a connection stays that is to be cut off.
pub struct Grace {
    /// When it ends.
    pub end: Timestamp,
    /// Why it is to be cut off.
    pub reason: String,
}

impl Grace {
    /// The grace that is recorded on a connection. A time that can't be read is none: the grace begins anew.
    pub fn of(connection: &Connection) -> Option<Self> {
        let end = connection.tags.get(tag::REVOKE_AFTER)?.trim().parse().ok()?;
        let reason = connection.tags.get(tag::REVOKE_REASON).cloned().unwrap_or_default();
        Some(Self { end, reason })
    }
}

/// Which case of the configuration it is; `None` for one that a person has ordered.
pub fn case(ruling: Ruling, connection: &Connection) -> Option<RevocationCase> {
    match ruling {
        Ruling::Forbidden => Some(RevocationCase::Forbidden),
        Ruling::NotPermitted if says_permitted(connection) => Some(RevocationCase::Lost),
        Ruling::NotPermitted => Some(RevocationCase::NeverPermitted),
        _ => None,
    }
}

/// How many connections one run may cut off.
#[must_use]
pub fn limit(rules: &Rules) -> Limit {
    Limit {
        setting: "revocation.most",
        most: rules.configuration.revocation.most,
        instead: "refuse them one by one",
        told: told::REVOCATION_WITHHELD,
    }
}

/// Withholds the removals of a service when they are too great a part of its connections. Those of a single account never are:
/// that one account leaves is what they are for.
pub fn withhold_too_great_a_part(plan: &mut Plan<Step>, established: usize, rules: &Rules) {
    let percent = usize::from(rules.configuration.revocation.most_percent);
    let most = established * percent / 100;
    let due = plan.removals.len();
    let owners: BTreeSet<_> =
        plan.removals.iter().map(|(_, decision)| decision.about.fields.get("endpoint_owner")).collect();
    if due > most && owners.len() > 1 {
        plan.withhold(&limit(rules), &format!(
            "{due} of the service's {established} connections would be cut off at once, and revocation.most-percent allows {most}"
        ));
    }
}
