//! What may be done to records in hosted zones.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What may be done to our own records. Those of others are never touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DnsPolicy {
    /// They are created, updated and deleted.
    #[default]
    Sync,
    /// They are created and updated, and none is deleted.
    UpsertOnly,
    /// They are created, and left as they are then.
    CreateOnly,
}

impl DnsPolicy {
    /// Whether a record of ours may be given another answer.
    #[must_use]
    pub fn updates(self) -> bool {
        matches!(self, Self::Sync | Self::UpsertOnly)
    }

    /// Whether a record of ours may be deleted.
    #[must_use]
    pub fn deletes(self) -> bool {
        self == Self::Sync
    }

    /// The word in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::UpsertOnly => "upsert-only",
            Self::CreateOnly => "create-only",
        }
    }
}

impl fmt::Display for DnsPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_is_written_as_it_is_read() {
        for policy in [DnsPolicy::Sync, DnsPolicy::UpsertOnly, DnsPolicy::CreateOnly] {
            assert_eq!(serde_json::to_value(policy).unwrap(), policy.as_str());
            assert_eq!(serde_json::from_value::<DnsPolicy>(policy.as_str().into()).unwrap(), policy);
        }
        assert_eq!(DnsPolicy::default(), DnsPolicy::Sync);
    }
}
