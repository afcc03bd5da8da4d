//! Who may request a connection at all: the allowed principals of an endpoint service.

use std::{collections::BTreeSet, convert::Infallible, str::FromStr};

use super::{AccountId, partition};

/// The allowed principals of one service.
pub type Principals = BTreeSet<Principal>;

/// One allowed principal.
///
/// AWS takes an account as the ARN of its root, and shows it as that or as the bare id: both are the same here.
/// Source: PrivateLink guide, "Manage permissions".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// `*`.
    Everybody,
    /// A whole account.
    Account(AccountId),
    /// A user, a role, or what AWS may add.
    Other(String),
}

impl Principal {
    /// The account, if it is a whole one.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Account(account) => Some(account),
            Self::Everybody | Self::Other(_) => None,
        }
    }

    /// The text that AWS takes, in the partition of this Region.
    #[must_use]
    pub fn arn(&self, region: &str) -> String {
        match self {
            Self::Everybody => "*".to_owned(),
            Self::Account(account) => format!("arn:{}:iam::{account}:root", partition(region)),
            Self::Other(text) => text.clone(),
        }
    }
}

impl FromStr for Principal {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let root = || {
            let mut parts = text.strip_prefix("arn:")?.strip_suffix(":root")?.split(':').skip(1);
            (parts.next() == Some("iam") && parts.next() == Some("")).then(|| parts.next())?
        };
        if text == "*" {
            return Ok(Self::Everybody);
        }
        let account = root().unwrap_or(text).parse().ok();
        Ok(account.map_or_else(|| Self::Other(text.to_owned()), Self::Account))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Principal {
        text.parse().unwrap()
    }

    #[test]
    fn account_is_the_same_as_root_arn_and_as_bare_id() {
        assert_eq!(read("arn:aws:iam::444444444444:root"), read("444444444444"));
        assert_eq!(read("arn:aws-cn:iam::444444444444:root"), read("444444444444"));
        assert_eq!(read("444444444444").arn("eu-west-1"), "arn:aws:iam::444444444444:root");
        assert_eq!(read("444444444444").arn("cn-north-1"), "arn:aws-cn:iam::444444444444:root");
    }

    #[test]
    fn what_is_no_whole_account_stays_as_it_is() {
        for text in
            ["arn:aws:iam::444444444444:role/root", "arn:aws:iam::444444444444:user/x", "o-a1b2c3d4e5", "", "**"]
        {
            assert_eq!(read(text), Principal::Other(text.to_owned()));
            assert_eq!(read(text).arn("eu-west-1"), text);
        }
        assert_eq!(read("*"), Principal::Everybody);
    }
}
