//! Tags: what AWS keeps for us beside a resource.

use std::collections::BTreeMap;

/// The tags of one resource.
pub type Tags = BTreeMap<String, String>;

/// What the keys of all our tags begin with.
pub const PREFIX: &str = "drawbridge:";
/// Marks what a deployment made or decided; its value is the deployment's name. No mark, no write.
pub const OWNER: &str = "drawbridge:owner";
/// `true` exempts a resource from everything.
pub const IGNORE: &str = "drawbridge:ignore";
/// What was decided about a connection.
pub const DECISION: &str = "drawbridge:decision";
/// The stable code of the reason.
pub const REASON: &str = "drawbridge:reason";
/// The policies that determined the decision, by id, separated by blanks.
pub const POLICY: &str = "drawbridge:policy";
/// When it was decided, RFC 3339 in UTC.
pub const DECIDED_AT: &str = "drawbridge:decided-at";

/// When an established connection that has lost its right is cut off, RFC 3339 in UTC; empty when that was cancelled. It is
/// kept on the connection, so that a grace needs no table; and overwritten, never removed, so that it changes in the same
/// call as the record: an old time left behind would cut the next loss off without a grace.
pub const REVOKE_AFTER: &str = "drawbridge:revoke-after";
/// Why it is cut off then: the stable code of the reason.
pub const REVOKE_REASON: &str = "drawbridge:revoke-reason";
/// What the account was when it was decided: `member` or `outside`. It tells one that left from one that never was.
pub const MEMBERSHIP: &str = "drawbridge:membership";
/// When it was accepted or kept last, RFC 3339 in UTC. No other decision writes it: of two runs at once, one may record that a
/// request is held after the other has accepted it, and that it was let in must not get lost.
pub const ACCEPTED_AT: &str = "drawbridge:accepted-at";
/// A person's word on a connection, `approved` or `refused`. Never written by a function.
pub const APPROVAL: &str = "drawbridge:approval";
/// `true` on an endpoint service: a person wants all its connections ended, before it is deleted.
pub const DRAIN: &str = "drawbridge:drain";

/// Longest value of a tag in EC2, in characters.
///
/// Source: EC2 user guide, tag restrictions.
pub const VALUE_LIMIT: usize = 256;

/// Whether a person has taken the resource out of our hands.
#[must_use]
pub fn is_ignored(tags: &Tags) -> bool {
    is_true(tags, IGNORE)
}

/// Whether a person wants all connections of the service ended.
#[must_use]
pub fn is_draining(tags: &Tags) -> bool {
    is_true(tags, DRAIN)
}

fn is_true(tags: &Tags, key: &str) -> bool {
    tags.get(key).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
}

/// A person's word on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// It may connect though no policy permits it. A policy that forbids it stands above.
    Approved,
    /// It may not, whatever permits it.
    Refused,
}

impl Approval {
    /// The person's word, if there is one that is understood.
    #[must_use]
    pub fn read(tags: &Tags) -> Option<Self> {
        let word = tags.get(APPROVAL)?.trim();
        [Self::Approved, Self::Refused].into_iter().find(|approval| approval.as_str().eq_ignore_ascii_case(word))
    }

    /// The tag's value.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Refused => "refused",
        }
    }
}
