//! An endpoint service: what a provider publishes behind its load balancers.

use std::fmt;

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

/// The configuration of an endpoint service (`DescribeVpcEndpointServiceConfigurations`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointService {
    /// Where it lives.
    pub key: ServiceKey,
    /// The name consumers use, `com.amazonaws.vpce.<Region>.<id>`.
    pub name: String,
    /// Whether requests wait for an answer. If not, AWS connects everybody who is an allowed principal.
    pub acceptance_required: bool,
    /// The private DNS name, if it has one.
    pub private_dns_name: Option<String>,
    /// The provider's tags on the service.
    pub tags: Tags,
}
