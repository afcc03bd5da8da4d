//! VPC endpoints, as their own account sees them.

use std::{
    collections::BTreeSet,
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

use jiff::Timestamp;

use super::{AccountId, ConnectionState, DomainName, EndpointId, InterfaceId, Region, Tags, VpcId, ZoneId, partition};

/// Where an endpoint lives. Names one thing to reconcile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointKey {
    /// The account that owns the endpoint.
    pub account: AccountId,
    /// The endpoint's Region.
    pub region: Region,
    /// The endpoint.
    pub endpoint: EndpointId,
}

impl EndpointKey {
    /// The ARN that IAM and resource tags use.
    ///
    /// Source: service authorization reference of EC2, resource type `vpc-endpoint`.
    #[must_use]
    pub fn arn(&self) -> String {
        let partition = partition(self.region.as_str());
        format!("arn:{partition}:ec2:{}:{}:vpc-endpoint/{}", self.region, self.account, self.endpoint)
    }
}

impl fmt::Display for EndpointKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}", self.account, self.region, self.endpoint)
    }
}

/// An endpoint (`DescribeVpcEndpoints`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Where it lives.
    pub key: EndpointKey,
    /// The service that it leads to.
    pub service_name: String,
    /// What kind of endpoint it is.
    pub kind: EndpointKind,
    /// Where it stands.
    pub state: ConnectionState,
    /// The VPC that it is in.
    pub vpc: VpcId,
    /// Whether the service's own name leads to it within the VPC.
    pub private_dns: bool,
    /// Its names in DNS; none as long as it is new or waits for acceptance.
    pub dns_entries: Vec<DnsEntry>,
    /// `ipv4`, `ipv6` or `dualstack`.
    pub ip_address_type: Option<String>,
    /// Its owner's tags.
    pub tags: Tags,
    /// Whether a service of AWS made it for its owner.
    pub requester_managed: bool,
    /// Its network interfaces, one for each of its subnets.
    pub interfaces: BTreeSet<InterfaceId>,
    /// When it was made.
    pub created: Option<Timestamp>,
}

/// Where a network interface of an endpoint is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InterfaceAddress {
    /// The id of its Availability Zone, which is the same in all accounts.
    pub zone_id: String,
    /// Its address of the fourth version.
    pub ipv4: Option<Ipv4Addr>,
    /// Its address of the sixth version.
    pub ipv6: Option<Ipv6Addr>,
}

/// A name of an endpoint, and the zone that answers for it: together what an alias record needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DnsEntry {
    /// The name.
    pub name: DomainName,
    /// AWS's zone of it. Differs from Region to Region, and for private names from endpoint to endpoint.
    pub zone: ZoneId,
}

/// What kind of endpoint it is. Names in DNS are for `Interface` alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndpointKind {
    /// Network interfaces that lead to a service.
    Interface,
    /// Routes that lead to appliances.
    GatewayLoadBalancer,
    /// Routes that lead to a service of AWS.
    Gateway,
    /// A word that is of no concern here, or that AWS has added since.
    Other(String),
}

impl EndpointKind {
    /// Reads the word that AWS sent, ignoring case.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        [Self::Interface, Self::GatewayLoadBalancer, Self::Gateway]
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(word))
            .unwrap_or_else(|| Self::Other(word.to_owned()))
    }

    /// The word that AWS uses.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Interface => "Interface",
            Self::GatewayLoadBalancer => "GatewayLoadBalancer",
            Self::Gateway => "Gateway",
            Self::Other(word) => word,
        }
    }
}

impl fmt::Display for EndpointKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What the public names of endpoints end with.
const SUFFIXES: [&str; 2] = [".vpce.amazonaws.com", ".vpce.amazonaws.com.cn"];

impl Endpoint {
    /// The name that answers with all of the endpoint's addresses.
    ///
    /// It is chosen by its form, since AWS promises no order, and with private DNS the service's own name can come first:
    /// its first label is the endpoint's id and a suffix of AWS's, and nothing after it, where zonal names have the zone.
    /// Some services of AWS give their endpoints wildcard names alone, such as `*.vpce-….s3.eu-west-1.vpce.amazonaws.com`:
    /// then it is one of these.
    #[must_use]
    pub fn regional_name(&self) -> Option<&DnsEntry> {
        let rank = |(label, entry): &(&str, &DnsEntry)| (entry.name.is_wildcard(), label.len(), entry.name.clone());
        self.public_names().min_by_key(rank).map(|(_, entry)| entry)
    }

    /// The names that answer with the address in one Availability Zone, each with the zone's name, in its order.
    #[must_use]
    pub fn zonal_names(&self) -> Vec<(&str, &DnsEntry)> {
        let Some(regional) = self.regional_name() else { return Vec::new() };
        let stem = own_label(&regional.name);
        let zonal = self.public_names().filter(|(_, entry)| entry.name.is_wildcard() == regional.name.is_wildcard());
        let mut names: Vec<_> =
            zonal.filter_map(|(label, entry)| Some((label.strip_prefix(stem)?.strip_prefix('-')?, entry))).collect();
        names.sort();
        names
    }

    /// The names of the endpoint itself, each with the label that tells them apart.
    fn public_names(&self) -> impl Iterator<Item = (&str, &DnsEntry)> {
        let id = self.key.endpoint.as_str();
        self.dns_entries.iter().map(|entry| (own_label(&entry.name), entry)).filter(move |(label, entry)| {
            let is_ours = label.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
            is_ours && SUFFIXES.iter().any(|suffix| entry.name.as_str().ends_with(suffix))
        })
    }
}

/// The first label that is no wildcard.
fn own_label(name: &DomainName) -> &str {
    name.labels().find(|label| *label != "*").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "vpce-0f1e2d3c4b5a69788";
    const SERVICE: &str = "vpce-svc-0a1b2c3d4e5f60718.us-east-1.vpce.amazonaws.com";

    fn endpoint(names: &[&str]) -> Endpoint {
        let entry =
            |name: &&str| DnsEntry { name: DomainName::of_route53(name), zone: "Z7HUB22UULQXV".parse().unwrap() };
        Endpoint {
            key: EndpointKey {
                account: "444444444444".parse().unwrap(),
                region: "us-east-1".parse().unwrap(),
                endpoint: ID.parse().unwrap(),
            },
            service_name: "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f60718".to_owned(),
            kind: EndpointKind::Interface,
            state: ConnectionState::Available,
            vpc: "vpc-0a1b2c3d4e5f60718".parse().unwrap(),
            private_dns: false,
            dns_entries: names.iter().map(entry).collect(),
            ip_address_type: None,
            tags: Tags::new(),
            requester_managed: false,
            interfaces: [].into(),
            created: None,
        }
    }

    fn regional(names: &[&str]) -> Option<String> {
        endpoint(names).regional_name().map(|entry| entry.name.to_string())
    }

    #[test]
    fn regional_name_is_chosen_by_its_form_wherever_it_stands() {
        let name = format!("{ID}-9ghl7t3a.{SERVICE}");
        let zonal = [format!("{ID}-9ghl7t3a-us-east-1b.{SERVICE}"), format!("{ID}-9ghl7t3a-us-east-1a.{SERVICE}")];
        let all = ["api.example.com", &zonal[0], &name, &zonal[1]];
        for turn in 0..all.len() {
            let mut names = all;
            names.rotate_left(turn);
            assert_eq!(regional(&names), Some(name.clone()));
            let endpoint = endpoint(&names);
            let zones: Vec<_> =
                endpoint.zonal_names().into_iter().map(|(zone, entry)| (zone, entry.name.as_str())).collect();
            assert_eq!(zones, [("us-east-1a", zonal[1].as_str()), ("us-east-1b", zonal[0].as_str())]);
        }
    }

    #[test]
    fn private_names_and_names_of_other_endpoints_are_never_the_regional_name() {
        assert_eq!(regional(&[]), None);
        assert_eq!(regional(&["ec2.us-east-1.amazonaws.com"]), None);
        assert_eq!(regional(&[&format!("{ID}0-9ghl7t3a.{SERVICE}")]), None);
        assert_eq!(regional(&[&format!("{ID}-9ghl7t3a.vpce.example.com")]), None);
        assert_eq!(regional(&[&format!("{ID}-9ghl7t3a.{SERVICE}.example.com")]), None);
        assert!(endpoint(&["ec2.us-east-1.amazonaws.com"]).zonal_names().is_empty());
    }

    #[test]
    fn regional_name_in_china_is_known() {
        let name = format!("{ID}-9ghl7t3a.ec2.cn-north-1.vpce.amazonaws.com.cn");
        assert_eq!(regional(&[&name]), Some(name));
    }

    #[test]
    fn wildcard_name_is_the_regional_name_where_there_is_no_other() {
        let (regional_one, zonal) = (
            format!("\\052.{ID}-9ghl7t3a.s3.us-east-1.vpce.amazonaws.com."),
            format!("\\052.{ID}-9ghl7t3a-us-east-1a.s3.us-east-1.vpce.amazonaws.com."),
        );
        let shown = format!("*.{ID}-9ghl7t3a.s3.us-east-1.vpce.amazonaws.com");
        assert_eq!(regional(&[&zonal, &regional_one]), Some(shown));
        assert_eq!(endpoint(&[&zonal, &regional_one]).zonal_names().len(), 1);
        let plain = format!("{ID}-9ghl7t3a.s3.us-east-1.vpce.amazonaws.com");
        assert_eq!(regional(&[&zonal, &regional_one, &plain]), Some(plain));
    }

    #[test]
    fn kind_is_read_ignoring_case_and_an_unknown_one_is_kept() {
        assert_eq!(EndpointKind::parse("interface"), EndpointKind::Interface);
        assert_eq!(EndpointKind::parse("GatewayLoadBalancer"), EndpointKind::GatewayLoadBalancer);
        assert_eq!(EndpointKind::parse("ServiceNetwork").as_str(), "ServiceNetwork");
    }
}
