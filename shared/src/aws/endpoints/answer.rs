//! EC2's answers about the consumer's side, in our words.

use std::{
    collections::BTreeSet,
    error::Error,
    net::{Ipv4Addr, Ipv6Addr},
};

use aws_sdk_ec2::types::{self, NetworkInterface, ServiceDetail, SubnetCidrBlockStateCode};

use crate::{
    aws::{
        place,
        private_link::answer::{malformed, read_tags, required, timestamp},
    },
    model::{
        AccountId, ConnectionState, DnsEntry, DomainName, Endpoint, EndpointKey, EndpointKind, InterfaceId, Offer,
        Region, Subnet, VerificationState, Vpc, VpcReference,
    },
    port::PortError,
};

pub fn read_endpoint(
    call: &'static str,
    account: &AccountId,
    region: &Region,
    endpoint: &types::VpcEndpoint,
) -> Result<Endpoint, PortError> {
    let id = endpoint.vpc_endpoint_id().unwrap_or_default();
    let malformed = |error: &dyn Error| malformed(call, format!("{}/{id}", place(account, region)), error);
    let entries = endpoint.dns_entries().iter().filter_map(|entry| Some((entry.dns_name()?, entry.hosted_zone_id()?)));
    let entries = entries.map(|(name, zone)| {
        let zone = zone.parse().map_err(|error| malformed(&error))?;
        Ok(DnsEntry { name: DomainName::of_route53(name), zone })
    });
    let interfaces = endpoint.network_interface_ids().iter().map(|id| id.parse().map_err(|error| malformed(&error)));
    Ok(Endpoint {
        key: EndpointKey {
            account: account.clone(),
            region: region.clone(),
            endpoint: id.parse().map_err(|error| malformed(&error))?,
        },
        service_name: endpoint.service_name().unwrap_or_default().to_owned(),
        kind: EndpointKind::parse(endpoint.vpc_endpoint_type().map_or("", types::VpcEndpointType::as_str)),
        state: ConnectionState::parse(endpoint.state().map_or("", types::State::as_str)),
        vpc: endpoint.vpc_id().unwrap_or_default().parse().map_err(|error| malformed(&error))?,
        private_dns: endpoint.private_dns_enabled().unwrap_or_default(),
        dns_entries: entries.collect::<Result<_, PortError>>()?,
        ip_address_type: endpoint.ip_address_type().map(|kind| kind.as_str().to_owned()),
        tags: read_tags(endpoint.tags()),
        requester_managed: endpoint.requester_managed().unwrap_or_default(),
        interfaces: interfaces.collect::<Result<_, PortError>>()?,
        created: endpoint.creation_timestamp().and_then(timestamp),
    })
}

pub fn read_vpc(call: &'static str, account: &AccountId, region: &Region, vpc: &types::Vpc) -> Result<Vpc, PortError> {
    let malformed = |error: &dyn Error| malformed(call, place(account, region), error);
    Ok(Vpc {
        account: vpc.owner_id().unwrap_or_default().parse().map_err(|error| malformed(&error))?,
        reference: VpcReference {
            region: region.clone(),
            vpc: vpc.vpc_id().unwrap_or_default().parse().map_err(|error| malformed(&error))?,
        },
        tags: read_tags(vpc.tags()),
    })
}

pub fn read_interface_id(
    call: &'static str,
    place: &str,
    interface: &NetworkInterface,
) -> Result<InterfaceId, PortError> {
    let id = interface.network_interface_id().unwrap_or_default().parse();
    id.map_err(|error| malformed(call, place.to_owned(), &error))
}

/// The addresses of an interface. One of an endpoint has at most one of each version; of several, the lowest.
pub fn read_addresses(
    call: &'static str,
    place: &str,
    interface: &NetworkInterface,
) -> Result<(Option<Ipv4Addr>, Option<Ipv6Addr>), PortError> {
    let malformed = |error: &dyn Error| malformed(call, place.to_owned(), error);
    let ipv4 = interface.private_ip_address().filter(|address| !address.is_empty()).map(str::parse::<Ipv4Addr>);
    let ipv6 = interface.ipv6_addresses().iter().filter_map(|address| address.ipv6_address());
    let ipv6 = ipv6.map(|address| address.parse::<Ipv6Addr>().map_err(|error| malformed(&error)));
    let ipv6 = ipv6.collect::<Result<BTreeSet<_>, PortError>>()?;
    Ok((ipv4.transpose().map_err(|error| malformed(&error))?, ipv6.first().copied()))
}

/// A subnet with its id.
pub fn read_subnet(call: &'static str, place: &str, subnet: &types::Subnet) -> Result<(String, Subnet), PortError> {
    let of_ipv6 = subnet.ipv6_cidr_block_association_set().iter().filter(|block| {
        let state = block.ipv6_cidr_block_state().and_then(|state| state.state());
        state == Some(&SubnetCidrBlockStateCode::Associated)
    });
    let blocks = subnet.cidr_block().into_iter().chain(of_ipv6.filter_map(|block| block.ipv6_cidr_block()));
    let read = Subnet {
        zone: required(call, place, "AvailabilityZone", subnet.availability_zone())?.to_owned(),
        zone_id: required(call, place, "AvailabilityZoneId", subnet.availability_zone_id())?.to_owned(),
        blocks: blocks.filter(|block| !block.is_empty()).map(ToOwned::to_owned).collect(),
    };
    Ok((required(call, place, "SubnetId", subnet.subnet_id())?.to_owned(), read))
}

/// The names come in a list, and in older answers the first of them alone.
pub fn read_offer(detail: &ServiceDetail) -> Offer {
    let listed = detail.private_dns_names().iter().filter_map(|name| name.private_dns_name());
    let names = listed.chain(detail.private_dns_name()).filter(|name| !name.is_empty());
    let names: BTreeSet<DomainName> = names.map(DomainName::of_route53).collect();
    let state = detail.private_dns_name_verification_state().map(|state| VerificationState::parse(state.as_str()));
    Offer { private_names: names.into_iter().collect(), verified: state == Some(VerificationState::Verified) }
}

/// The Region that a service is at home in, as far as its name tells: `com.amazonaws.vpce.eu-west-1.vpce-svc-…`,
/// `com.amazonaws.eu-west-1.s3`.
pub fn region_of_name(service_name: &str) -> Option<Region> {
    service_name.split('.').find_map(|label| label.parse().ok())
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{
        DnsNameState, NetworkInterfaceIpv6Address, PrivateDnsDetails,
        builders::{NetworkInterfaceBuilder, VpcEndpointBuilder},
    };

    use super::*;

    fn read(endpoint: VpcEndpointBuilder) -> Result<Endpoint, PortError> {
        let (account, region) = ("444444444444".parse().unwrap(), "eu-west-1".parse().unwrap());
        read_endpoint("test:Describe", &account, &region, &endpoint.build())
    }

    fn endpoint() -> VpcEndpointBuilder {
        types::VpcEndpoint::builder()
            .vpc_endpoint_id("vpce-0f1e2d3c4b5a69788")
            .vpc_id("vpc-0a1b2c3d4e5f60718")
            .vpc_endpoint_type("Interface".into())
            .state("available".into())
    }

    fn entry(name: &str, zone: Option<&str>) -> types::DnsEntry {
        types::DnsEntry::builder().dns_name(name).set_hosted_zone_id(zone.map(ToOwned::to_owned)).build()
    }

    #[test]
    fn endpoint_is_read_as_it_is_spelt_on_the_wire() {
        let read = read(endpoint()).unwrap();
        assert_eq!((read.state, read.kind), (ConnectionState::Available, EndpointKind::Interface));
        assert!(!read.private_dns && read.dns_entries.is_empty());
    }

    #[test]
    fn name_without_a_zone_is_left_out_and_one_with_a_zone_that_is_none_is_malformed() {
        let names =
            endpoint().dns_entries(entry("\\052.a.com", Some("Z7HUB22UULQXV"))).dns_entries(entry("b.com", None));
        let read_names: Vec<_> = read(names).unwrap().dns_entries.into_iter().map(|entry| entry.name).collect();
        assert_eq!(read_names, [DomainName::of_route53("*.a.com")]);
        assert!(read(endpoint().dns_entries(entry("a.com", Some("nowhere")))).is_err());
    }

    #[test]
    fn endpoint_without_an_id_or_a_vpc_is_malformed() {
        assert!(read(endpoint().set_vpc_endpoint_id(None)).is_err());
        assert!(read(endpoint().set_vpc_id(None)).is_err());
    }

    #[test]
    fn offer_has_each_name_once_and_is_verified_by_that_word_alone() {
        let name = |name: &str| PrivateDnsDetails::builder().private_dns_name(name).build();
        let detail = || ServiceDetail::builder().private_dns_name("b.com").private_dns_names(name("b.com"));
        let verified = detail().private_dns_names(name("a.com"));
        let verified =
            read_offer(&verified.private_dns_name_verification_state(DnsNameState::from("verified")).build());
        assert_eq!(verified.private_names, ["a.com", "b.com"].map(DomainName::of_route53));
        assert!(verified.verified);
        assert!(!read_offer(&detail().build()).verified);
        assert_eq!(read_offer(&ServiceDetail::builder().build()), Offer::default());
    }

    fn interface() -> NetworkInterfaceBuilder {
        NetworkInterface::builder().network_interface_id("eni-0a1b2c3d4e5f60718")
    }

    #[test]
    fn addresses_of_an_interface_are_read_and_may_be_missing() {
        let read = |interface: NetworkInterfaceBuilder| read_addresses("test:Describe", "here", &interface.build());
        let address = |address: &str| NetworkInterfaceIpv6Address::builder().ipv6_address(address).build();
        assert_eq!(read(interface()).unwrap(), (None, None));
        let both = interface().private_ip_address("10.0.1.5").ipv6_addresses(address("2001:db8::9"));
        let both = read(both.ipv6_addresses(address("2001:db8::8"))).unwrap();
        assert_eq!(both, (Some("10.0.1.5".parse().unwrap()), Some("2001:db8::8".parse().unwrap())));
        assert!(read(interface().private_ip_address("10.0.1.500")).is_err());
        assert!(read_interface_id("test:Describe", "here", &NetworkInterface::builder().build()).is_err());
    }

    #[test]
    fn subnet_has_its_blocks_of_both_versions_that_are_in_force() {
        let block = |block: &str, state: &str| {
            let state = types::SubnetCidrBlockState::builder().state(state.into()).build();
            let association = types::SubnetIpv6CidrBlockAssociation::builder().ipv6_cidr_block(block);
            association.ipv6_cidr_block_state(state).build()
        };
        let subnet = types::Subnet::builder().subnet_id("subnet-a").availability_zone("eu-west-1a");
        let subnet = subnet.availability_zone_id("euw1-az2").cidr_block("10.0.1.0/24");
        let subnet = subnet.ipv6_cidr_block_association_set(block("2001:db8:1::/64", "associated"));
        let subnet = subnet.ipv6_cidr_block_association_set(block("2001:db8:2::/64", "disassociated"));
        let (id, read) = read_subnet("test:Describe", "here", &subnet.clone().build()).unwrap();
        assert_eq!((id.as_str(), read.zone.as_str(), read.zone_id.as_str()), ("subnet-a", "eu-west-1a", "euw1-az2"));
        assert_eq!(read.blocks, ["10.0.1.0/24", "2001:db8:1::/64"]);
        assert!(read_subnet("test:Describe", "here", &subnet.set_availability_zone_id(None).build()).is_err());
    }

    #[test]
    fn region_is_read_from_the_name_of_a_service() {
        let region = |name| region_of_name(name).map(|region| region.to_string());
        assert_eq!(region("com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718").as_deref(), Some("eu-west-1"));
        assert_eq!(region("com.amazonaws.us-east-1.s3").as_deref(), Some("us-east-1"));
        assert_eq!(region("com.amazonaws.s3-global.accesspoint"), None);
    }
}
