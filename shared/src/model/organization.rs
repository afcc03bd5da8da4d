//! Accounts and their place in the Organization.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

use super::{AccountId, OrganizationId, ParentId, Tags};

/// What is known of an account's membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Membership {
    /// AWS Organizations knows the account.
    Member(Account),
    /// AWS Organizations answered that the account is none of the Organization's.
    Outside,
    /// It could not be told. Nothing may be accepted, rejected or revoked on this.
    Unknown {
        /// Why not, for a person.
        why: String,
    },
}

/// A membership, and when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The membership.
    pub membership: Membership,
    /// When AWS Organizations said so.
    pub at: Timestamp,
}

/// An account of the Organization (`DescribeAccount`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The account.
    pub id: AccountId,
    /// Its state.
    pub state: AccountState,
    /// Where it stands in the Organization's tree.
    pub path: OrganizationPath,
    /// Its name, as its owner chose it: never to be trusted or used unescaped.
    pub name: Option<String>,
    /// The part behind the `@` of its root e-mail address, in lower case.
    pub email_domain: Option<String>,
    /// When it joined.
    pub joined: Option<Timestamp>,
    /// Its tags in AWS Organizations; empty as long as no policy speaks of them.
    pub tags: Tags,
}

/// `Account.State` of AWS Organizations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountState {
    /// Created, its sign-up not completed.
    PendingActivation,
    /// In use.
    Active,
    /// Suspended by AWS.
    Suspended,
    /// Being closed.
    PendingClosure,
    /// Closed; listed for 90 days.
    Closed,
}

impl AccountState {
    /// Reads the word of AWS; an unknown word is no state.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "PENDING_ACTIVATION" => Self::PendingActivation,
            "ACTIVE" => Self::Active,
            "SUSPENDED" => Self::Suspended,
            "PENDING_CLOSURE" => Self::PendingClosure,
            "CLOSED" => Self::Closed,
            _ => return None,
        })
    }

    /// The word of AWS.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PendingActivation => "PENDING_ACTIVATION",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::Closed => "CLOSED",
        }
    }
}

impl fmt::Display for AccountState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The Organization and the chain of parents from the root down to an account.
///
/// Read from `Account.Paths`, for example `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/123456789012/`. The account at its end is
/// not used: AWS's own examples show another account's there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationPath {
    /// The Organization.
    pub organization: OrganizationId,
    /// The root first, then the organizational units from the top down.
    pub parents: Vec<ParentId>,
}

/// A path that is not one of an account in an Organization.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a path such as o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/123456789012/")]
pub struct InvalidPath(String);

impl FromStr for OrganizationPath {
    type Err = InvalidPath;

    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        parse_path(text).ok_or_else(|| InvalidPath(text.chars().take(200).collect()))
    }
}

fn parse_path(text: &str) -> Option<OrganizationPath> {
    let mut segments = text.strip_suffix('/')?.split('/');
    let organization = segments.next()?.parse().ok()?;
    let mut parents: Vec<ParentId> = Vec::new();
    for segment in segments {
        if segment.parse::<AccountId>().is_ok() {
            continue;
        }
        let parent: ParentId = segment.parse().ok()?;
        // One root, at the top, and units below it: anything else is no place in a tree.
        if parent.is_organizational_unit() == parents.is_empty() {
            return None;
        }
        parents.push(parent);
    }
    (!parents.is_empty()).then_some(OrganizationPath { organization, parents })
}

impl fmt::Display for OrganizationPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.organization)?;
        self.parents.iter().try_for_each(|parent| write!(formatter, "/{parent}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_gives_organization_and_parents_from_the_top_down() {
        let path: OrganizationPath =
            "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/123456789012/".parse().unwrap();
        assert_eq!(path.organization.as_str(), "o-a1b2c3d4e5");
        let parents: Vec<_> = path.parents.iter().map(ParentId::as_str).collect();
        assert_eq!(parents, ["r-ab12", "ou-ab12-11111111", "ou-ab12-22222222"]);
    }

    #[test]
    fn path_that_is_no_place_in_a_tree_is_refused() {
        for text in [
            "",
            "o-a1b2c3d4e5/",
            "o-a1b2c3d4e5/r-ab12",
            "o-a1b2c3d4e5/ou-ab12-11111111/r-ab12/",
            "o-a1b2c3d4e5/r-ab12/r-cd34/",
            "o-a1b2c3d4e5/r-ab12/elsewhere/",
            "r-ab12/ou-ab12-11111111/",
        ] {
            assert!(text.parse::<OrganizationPath>().is_err(), "{text}");
        }
    }

    #[test]
    fn account_state_unknown_to_us_is_no_state() {
        assert_eq!(AccountState::parse("ACTIVE"), Some(AccountState::Active));
        assert_eq!(AccountState::parse("Active"), None);
        assert_eq!(AccountState::parse(""), None);
    }
}
