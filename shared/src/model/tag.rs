//! Tags: what AWS keeps for us beside a resource.

use std::collections::{BTreeMap, BTreeSet};

use super::DeploymentId;

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

/// What the keys of tags begin with that set the threshold of an alarm; the name of its profile follows. Never written by a
/// function.
pub const ALARM: &str = "drawbridge:alarm:";

/// Names the keys that were written by the rules of a deployment: see [`Mark`].
pub const WRITTEN: &str = "drawbridge:tags";

/// Longest value of a tag, in characters.
///
/// Source: tag restrictions of EC2, Elastic Load Balancing, Route 53, Cloud Map and CloudWatch.
pub const VALUE_LIMIT: usize = 256;
/// Longest key of a tag, in characters. Source: as above.
pub const KEY_LIMIT: usize = 128;
/// Most tags of a resource, those of AWS itself (`aws:…`) not counted. Source: as above.
pub const TAGS_LIMIT: usize = 50;

/// Letters beyond ASCII: of the scripts whose words need no combining marks, which are letters to Rust and none to AWS.
const LETTERS: [std::ops::RangeInclusive<char>; 10] = [
    'À'..='ɏ',
    'Ͱ'..='Ͽ',
    'Ѐ'..='ӿ',
    'א'..='ת',
    'ء'..='ي',
    'Ḁ'..='ỿ',
    'ぁ'..='ゖ',
    'ァ'..='ヺ',
    '一'..='鿿',
    '가'..='힣',
];

/// Whether every service takes the character in keys and values of tags: letters, digits, blanks and a few signs.
///
/// Source: as above, `\p{L}\p{Z}\p{N}_.:/=+\-@` of Elastic Load Balancing, which is the strictest.
#[must_use]
pub fn is_allowed(character: char) -> bool {
    let is_letter = || character.is_alphabetic() && LETTERS.iter().any(|letters| letters.contains(&character));
    character.is_ascii_alphanumeric() || " _.:/=+-@".contains(character) || is_letter()
}

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

/// Which keys of a resource were written by the rules of a deployment: the value of the tag [`WRITTEN`]. It is written with them
/// in one call, so that the next run can tell them from those of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Whose they are.
    pub deployment: DeploymentId,
    /// The keys.
    pub keys: BTreeSet<String>,
}

impl Mark {
    /// Stands between keys.
    pub const SEPARATOR: char = '+';

    /// The mark among these tags, if there is one. One that can't be read is somebody else's.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn read(tags: &Tags) -> Result<Option<Self>, UnreadableMark> {
        let Some(value) = tags.get(WRITTEN) else { return Ok(None) };
        let unreadable = || UnreadableMark(value.clone());
        let (deployment, keys) = value.split_once(' ').ok_or_else(unreadable)?;
        let deployment = deployment.parse().map_err(|_| unreadable())?;
        let keys = keys.split(Self::SEPARATOR).filter(|key| !key.is_empty()).map(ToOwned::to_owned).collect();
        Ok(Some(Self { deployment, keys }))
    }

    /// The value of the tag.
    #[must_use]
    pub fn value(&self) -> String {
        let keys: Vec<&str> = self.keys.iter().map(String::as_str).collect();
        format!("{} {}", self.deployment, keys.join(&Self::SEPARATOR.to_string()))
    }
}

/// A mark that is none of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the tag drawbridge:tags has the value {0:?}, which no deployment writes")]
pub struct UnreadableMark(String);

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

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(value: &str) -> Tags {
        Tags::from([(WRITTEN.to_owned(), value.to_owned())])
    }

    #[test]
    fn mark_is_read_as_it_is_written() {
        for keys in [&["a"][..], &["cost centre", "owner"], &[]] {
            let keys = keys.iter().map(|key| (*key).to_owned()).collect();
            let mark = Mark { deployment: "hub-1".parse().unwrap(), keys };
            assert_eq!(Mark::read(&tags(&mark.value())), Ok(Some(mark)));
        }
        assert_eq!(Mark::read(&Tags::new()), Ok(None));
    }

    #[test]
    fn character_is_allowed_where_every_service_takes_it() {
        assert!("Aé ßΩЖшא ب漢字ひカ한Ệ_.:/=+-@09".chars().all(is_allowed));
        // Combining marks, signs and letters of other kinds, line ends, blanks of other kinds.
        for character in ['\u{93e}', '\u{e31}', 'Ⓐ', '×', '÷', '\n', '\u{a0}', '\u{301}', '<', '🐟', '\u{387}'] {
            assert!(!is_allowed(character), "{character:?}");
        }
    }

    #[test]
    fn mark_that_no_deployment_writes_is_unreadable() {
        for value in ["", "hub", "Hub a+b", " a"] {
            assert_eq!(Mark::read(&tags(value)), Err(UnreadableMark(value.to_owned())));
        }
    }
}
