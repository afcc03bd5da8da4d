//! Tags: what AWS keeps for us beside a resource.

use std::collections::BTreeMap;

/// The tags of one resource.
pub type Tags = BTreeMap<String, String>;

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

/// Longest value of a tag in EC2, in characters.
///
/// Source: EC2 user guide, tag restrictions.
pub const VALUE_LIMIT: usize = 256;

/// Whether a person has taken the resource out of our hands.
#[must_use]
pub fn is_ignored(tags: &Tags) -> bool {
    tags.get(IGNORE).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}
