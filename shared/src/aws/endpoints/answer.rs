//! EC2's answers about the consumer's side, in our words.

use std::{collections::BTreeSet, error::Error};

use aws_sdk_ec2::types::{self, ServiceDetail};

use crate::{
    aws::{
        place,
        private_link::answer::{malformed, read_tags, timestamp},
    },
    model::{
        AccountId, ConnectionState, DnsEntry, DomainName, Endpoint, EndpointKey, EndpointKind, Offer, Region,
        VerificationState, Vpc, VpcReference,
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
    use aws_sdk_ec2::types::{DnsNameState, PrivateDnsDetails, builders::VpcEndpointBuilder};

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

    #[test]
    fn region_is_read_from_the_name_of_a_service() {
        let region = |name| region_of_name(name).map(|region| region.to_string());
        assert_eq!(region("com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718").as_deref(), Some("eu-west-1"));
        assert_eq!(region("com.amazonaws.us-east-1.s3").as_deref(), Some("us-east-1"));
        assert_eq!(region("com.amazonaws.s3-global.accesspoint"), None);
    }
}
