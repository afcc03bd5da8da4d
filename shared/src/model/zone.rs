//! Hosted zones of Route 53.

use std::fmt;

use super::{AccountId, DomainName, ZoneId};

/// Where a hosted zone lives. Route 53 is global: there is no Region in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ZoneKey {
    /// The account that owns the zone.
    pub account: AccountId,
    /// The zone.
    pub zone: ZoneId,
}

impl ZoneKey {
    /// The ARN that IAM uses: without an account.
    ///
    /// Source: service authorization reference of Route 53, resource type `hostedzone`.
    #[must_use]
    pub fn arn(&self) -> String {
        self.arn_in("aws")
    }

    /// The same in another partition.
    #[must_use]
    pub fn arn_in(&self, partition: &str) -> String {
        format!("arn:{partition}:route53:::hostedzone/{}", self.zone)
    }
}

impl fmt::Display for ZoneKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.account, self.zone)
    }
}

/// A hosted zone (`ListHostedZones`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Where it lives.
    pub key: ZoneKey,
    /// The domain that it answers for.
    pub name: DomainName,
    /// Whether VPCs ask it and nobody else.
    pub private: bool,
    /// What its maker wrote on it.
    pub comment: String,
    /// How many record sets it holds, those of the zone itself included.
    pub records: u64,
}
