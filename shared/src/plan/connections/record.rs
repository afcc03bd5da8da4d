//! The record of a decision, as tags on the connection.

use jiff::Timestamp;

use super::Finding;
use crate::{
    model::{Connection, DeploymentId, Membership, Tags, tag},
    plan::{Outcome, reason},
};

const MEMBER: &str = "member";
const OUTSIDE: &str = "outside";

/// The record of a decision.
pub fn of(
    deployment: &DeploymentId,
    outcome: Outcome,
    finding: &Finding,
    membership: Option<&Membership>,
    now: Timestamp,
) -> Tags {
    let mut record = owned(deployment);
    let membership = match membership {
        Some(Membership::Member(_)) => Some(MEMBER),
        Some(Membership::Outside) => Some(OUTSIDE),
        Some(Membership::Unknown { .. }) | None => None,
    };
    let mut insert = |key: &str, value: String| record.insert(key.to_owned(), value);
    insert(tag::DECISION, outcome.as_str().to_owned());
    insert(tag::REASON, finding.reason.to_string());
    insert(tag::POLICY, join_whole(&finding.policies, tag::VALUE_LIMIT));
    insert(tag::DECIDED_AT, time(now));
    if matches!(outcome, Outcome::Accept | Outcome::Keep) {
        insert(tag::ACCEPTED_AT, time(now));
    }
    // Where it is not known, what was known before stays.
    membership.map(|membership| insert(tag::MEMBERSHIP, membership.to_owned()));
    record
}

/// The mark of the deployment.
pub fn owned(deployment: &DeploymentId) -> Tags {
    Tags::from([(tag::OWNER.to_owned(), deployment.as_str().to_owned())])
}

/// Takes the end of a grace back.
pub fn no_grace() -> Tags {
    Tags::from([tag::REVOKE_AFTER, tag::REVOKE_REASON].map(|key| (key.to_owned(), String::new())))
}

/// Whether the record says that it was accepted or kept once, whatever was decided since; or cut off, when somebody has
/// connected it again.
pub fn says_permitted(connection: &Connection) -> bool {
    let says = |outcome| says(connection, outcome);
    connection.tags.get(tag::ACCEPTED_AT).is_some_and(|time| !time.is_empty())
        || [Outcome::Accept, Outcome::Keep, Outcome::Revoke].into_iter().any(says)
}

/// When the request was first held for this reason, if it is.
pub fn held_since(connection: &Connection) -> Option<Timestamp> {
    let since = says(connection, Outcome::Hold).then(|| connection.tags.get(tag::DECIDED_AT)).flatten();
    since.and_then(|since| since.parse().ok())
}

/// Whether the record says that its owner was a member, once.
pub fn says_member(connection: &Connection) -> bool {
    let says = |key: &str, value: &str| connection.tags.get(key).is_some_and(|recorded| recorded == value);
    says(tag::MEMBERSHIP, MEMBER) || says(tag::REASON, reason::LEFT_ORGANIZATION)
}

fn says(connection: &Connection, outcome: Outcome) -> bool {
    connection.tags.get(tag::DECISION).is_some_and(|recorded| recorded == outcome.as_str())
}

/// Whether the record on a connection says something else than what is now decided: that it is kept, or that a request is held
/// and why.
pub fn needs_record(connection: &Connection, outcome: Outcome, reason: &str) -> bool {
    let says_reason = || connection.tags.get(tag::REASON).is_some_and(|recorded| recorded == reason);
    connection.id.is_some()
        && match outcome {
            Outcome::Keep => !says_let_in(connection),
            Outcome::Hold => !says(connection, Outcome::Hold) || !says_reason(),
            _ => false,
        }
}

/// Whether the record says that a request was accepted, though it waits.
pub fn says_accepted(connection: &Connection) -> bool {
    says(connection, Outcome::Accept)
}

/// Whether the record says that it was let in, and nothing later.
pub fn says_let_in(connection: &Connection) -> bool {
    says(connection, Outcome::Accept) || says(connection, Outcome::Keep)
}

/// A time as records and reports write it.
pub fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// As many of the ids as fit, separated by blanks.
pub fn join_whole(ids: &[String], limit: usize) -> String {
    let mut joined = String::new();
    for id in ids {
        let blank = usize::from(!joined.is_empty());
        if joined.len() + blank + id.len() > limit {
            break;
        }
        if blank == 1 {
            joined.push(' ');
        }
        joined.push_str(id);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_that_do_not_fit_in_a_tag_are_cut_at_a_whole_id() {
        assert_eq!(join_whole(&["one".into(), "two".into()], 7), "one two");
        assert_eq!(join_whole(&["one".into(), "two".into()], 6), "one");
        assert_eq!(join_whole(&[], 6), "");
    }
}
