//! An endpoint service: what a provider publishes behind its load balancers.

use std::{collections::BTreeSet, fmt};

use super::{AccountId, Region, ServiceId, Tags, partition};

/// Where an endpoint service lives. Names one thing to reconcile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceKey {
    /// The account that owns the service.
    pub account: AccountId,
    /// The service's home Region.
    pub region: Region,
    /// The service.
    pub service: ServiceId,
}

impl ServiceKey {
    /// The ARN that IAM and resource tags use.
    ///
    /// Source: service authorization reference of EC2, resource type `vpc-endpoint-service`.
    #[must_use]
    pub fn arn(&self) -> String {
        let partition = partition(self.region.as_str());
        format!("arn:{partition}:ec2:{}:{}:vpc-endpoint-service/{}", self.region, self.account, self.service)
    }
}

impl fmt::Display for ServiceKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}", self.account, self.region, self.service)
    }
}

/// How far it is shown whose a private DNS name is (`PrivateDnsNameConfiguration`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainVerification {
    /// Where it stands.
    pub state: VerificationState,
    /// The name of the TXT record that shows it: a label that AWS chose, to be put before the domain.
    pub record_name: String,
    /// The record's value.
    pub record_value: String,
}

/// Where a verification stands.
///
/// Source: EC2 API reference, `PrivateDnsNameConfiguration`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerificationState {
    /// Not looked for yet, or being looked for.
    PendingVerification,
    /// Found.
    Verified,
    /// Not found when it was looked for, or lost since.
    Failed,
    /// A word that AWS has added since.
    Other(String),
}

impl VerificationState {
    /// Reads the word that AWS sent, ignoring case.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "pendingverification" => Self::PendingVerification,
            "verified" => Self::Verified,
            "failed" => Self::Failed,
            _ => Self::Other(word.to_owned()),
        }
    }

    /// The word that AWS uses.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::PendingVerification => "pendingVerification",
            Self::Verified => "verified",
            Self::Failed => "failed",
            Self::Other(word) => word,
        }
    }
}

/// The configuration of an endpoint service (`DescribeVpcEndpointServiceConfigurations`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointService {
    /// Where it lives.
    pub key: ServiceKey,
    /// The name consumers use, `com.amazonaws.vpce.<Region>.<id>`.
    pub name: String,
    /// The ARNs of its load balancers: Network Load Balancers, or Gateway Load Balancers.
    pub load_balancers: BTreeSet<String>,
    /// The names of the Availability Zones that it is in, as its account calls them.
    pub availability_zones: BTreeSet<String>,
    /// Whether requests wait for an answer. If not, AWS connects everybody who is an allowed principal.
    pub acceptance_required: bool,
    /// The private DNS name, if it has one.
    pub private_dns_name: Option<String>,
    /// How far it is shown that the name is the provider's own; absent without a name, and in replies that leave it out.
    pub verification: Option<DomainVerification>,
    /// The provider's tags on the service.
    pub tags: Tags,
}

impl EndpointService {
    /// Whether topics can be told of its connections: of those to Network Load Balancers, not of those to Gateway Load Balancers.
    ///
    /// Source: `PrivateLink` guide, "Receive alerts for interface endpoint events".
    #[must_use]
    pub fn can_notify(&self) -> bool {
        !self.load_balancers.iter().any(|arn| arn.contains(":loadbalancer/gwy/"))
    }
}
