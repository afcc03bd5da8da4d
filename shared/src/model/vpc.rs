//! VPCs, and what the DNS of each knows.

use std::fmt;

use super::{AccountId, DomainName, Region, Tags, VpcId, ZoneId};

/// A VPC as Route 53 names it: without its account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VpcReference {
    /// Its Region.
    pub region: Region,
    /// The VPC.
    pub vpc: VpcId,
}

impl fmt::Display for VpcReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.region, self.vpc)
    }
}

/// A VPC (`DescribeVpcs`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vpc {
    /// The account that owns it.
    pub account: AccountId,
    /// Where it is.
    pub reference: VpcReference,
    /// Its owner's tags.
    pub tags: Tags,
}

/// A private zone that answers in a VPC (`ListHostedZonesByVPC`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct VpcZone {
    /// Its name.
    pub name: DomainName,
    /// The zone.
    pub zone: ZoneId,
    /// Whose it is.
    pub owner: ZoneOwner,
}

/// Whose a private zone is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ZoneOwner {
    /// An account's.
    Account(AccountId),
    /// One that a service of AWS made, such as that of an endpoint with private DNS.
    Service(String),
}

/// What a service offers to endpoints (`DescribeVpcEndpointServices`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offer {
    /// The names that lead to an endpoint with private DNS.
    pub private_names: Vec<DomainName>,
    /// Whether the provider has shown that the names are its own.
    pub verified: bool,
}
