//! What can carry tags, in the words of AWS.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{AccountId, Region, partition};

/// The kinds of resource whose tags are kept in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceKind {
    /// A VPC endpoint with network interfaces: of type Interface or `GatewayLoadBalancer`.
    Endpoint,
    /// A network interface of an endpoint.
    NetworkInterface,
    /// An endpoint service.
    EndpointService,
    /// A connection to an endpoint service: the provider's object.
    Connection,
    /// A Network or Gateway Load Balancer behind an endpoint service.
    LoadBalancer,
    /// A listener of such a load balancer.
    Listener,
    /// A target group of such a load balancer.
    TargetGroup,
    /// A hosted zone that Drawbridge made.
    HostedZone,
    /// A Cloud Map namespace that Drawbridge made.
    CloudMapNamespace,
    /// A Cloud Map service that Drawbridge made.
    CloudMapService,
    /// A CloudWatch alarm that Drawbridge made.
    Alarm,
}

impl ResourceKind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Endpoint,
        Self::NetworkInterface,
        Self::EndpointService,
        Self::Connection,
        Self::LoadBalancer,
        Self::Listener,
        Self::TargetGroup,
        Self::HostedZone,
        Self::CloudMapNamespace,
        Self::CloudMapService,
        Self::Alarm,
    ];

    /// The word of the configuration and of logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::NetworkInterface => "network-interface",
            Self::EndpointService => "endpoint-service",
            Self::Connection => "connection",
            Self::LoadBalancer => "load-balancer",
            Self::Listener => "listener",
            Self::TargetGroup => "target-group",
            Self::HostedZone => "hosted-zone",
            Self::CloudMapNamespace => "cloud-map-namespace",
            Self::CloudMapService => "cloud-map-service",
            Self::Alarm => "alarm",
        }
    }

    /// How EC2's ARNs name the kind, if it is one of EC2's.
    ///
    /// Source: service authorization reference of EC2, resource types.
    fn of_ec2(self) -> Option<&'static str> {
        match self {
            Self::Endpoint => Some("vpc-endpoint"),
            Self::NetworkInterface => Some("network-interface"),
            Self::EndpointService => Some("vpc-endpoint-service"),
            Self::Connection => Some("vpc-endpoint-connection"),
            _ => None,
        }
    }
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A resource as the calls that tag it name it: by its id where EC2 has it, else by its ARN.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    /// What it is.
    pub kind: ResourceKind,
    /// Its id or its ARN.
    pub id: Box<str>,
}

impl Resource {
    /// A resource of this kind.
    #[must_use]
    pub fn new(kind: ResourceKind, id: impl AsRef<str>) -> Self {
        Self { kind, id: id.as_ref().into() }
    }

    /// Its ARN, if it is in this account and Region.
    #[must_use]
    pub fn arn(&self, account: &AccountId, region: &Region) -> String {
        let partition = partition(region.as_str());
        match self.kind.of_ec2() {
            Some(kind) => format!("arn:{partition}:ec2:{region}:{account}:{kind}/{}", self.id),
            None => self.id.to_string(),
        }
    }
}

impl fmt::Display for Resource {
    /// The id, which is what people know it by.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.id)
    }
}

/// The Region in which the Resource Groups Tagging API knows what is in no Region, such as hosted zones.
///
/// Source: Resource Groups Tagging API reference, `GetResources`; Route 53 endpoints of AWS China.
#[must_use]
pub fn home_of_global_resources(region: &Region) -> &'static str {
    match partition(region.as_str()) {
        "aws-cn" => "cn-northwest-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_is_written_as_the_configuration_reads_it() {
        for kind in ResourceKind::ALL {
            assert_eq!(serde_json::from_value::<ResourceKind>(kind.as_str().into()).unwrap(), kind);
        }
    }

    #[test]
    fn resource_of_ec2_has_the_arn_of_its_place_and_others_are_named_by_it() {
        let (account, region) = ("444444444444".parse().unwrap(), "cn-north-1".parse().unwrap());
        let interface = Resource::new(ResourceKind::NetworkInterface, "eni-0a1b2c3d4e5f60718");
        let arn = "arn:aws-cn:ec2:cn-north-1:444444444444:network-interface/eni-0a1b2c3d4e5f60718";
        assert_eq!(interface.arn(&account, &region), arn);
        let alarm = Resource::new(ResourceKind::Alarm, "arn:aws:cloudwatch:eu-west-1:444444444444:alarm:a");
        assert_eq!(alarm.arn(&account, &region), "arn:aws:cloudwatch:eu-west-1:444444444444:alarm:a");
    }
}
