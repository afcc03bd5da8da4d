//! Endpoints of consumers, in memory.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    State, World,
    fault::Refusal,
    network::{Network, conflict, domain_of},
};
use crate::{
    model::{
        AccountId, ConnectionState, DnsEntry, DomainName, Endpoint, EndpointKey, EndpointKind, InterfaceAddress,
        InterfaceId, Offer, Principal, Region, Resource, ResourceKind, Tags, VerificationState, Vpc, VpcReference,
        ZoneId,
    },
    port::{Endpoints, PortError},
    reconcile::Permit,
};

/// Results of one page.
///
/// Source: EC2 API reference.
const PAGE: usize = 1_000;

impl Endpoints for &World {
    async fn list_endpoints(&self, account: &AccountId, region: &Region) -> Result<Vec<Endpoint>, PortError> {
        let place = format!("{account}/{region}");
        self.read_pages("ec2:DescribeVpcEndpoints", &place, PAGE, |state, skip, take| {
            let here = |endpoint: &&Endpoint| {
                endpoint.key.account == *account
                    && endpoint.key.region == *region
                    && matches!(endpoint.kind, EndpointKind::Interface | EndpointKind::GatewayLoadBalancer)
            };
            let endpoints = state.endpoints.values().filter(here).skip(skip).take(take);
            Ok(endpoints.map(|endpoint| shown(state, endpoint)).collect())
        })
    }

    async fn describe_endpoint(&self, key: &EndpointKey) -> Result<Option<Endpoint>, PortError> {
        self.read("ec2:DescribeVpcEndpoints", &key.to_string(), |state| {
            state.endpoints.get(key).map(|endpoint| shown(state, endpoint))
        })
    }

    async fn list_interfaces(
        &self,
        account: &AccountId,
        region: &Region,
        wanted: Option<&BTreeSet<InterfaceId>>,
    ) -> Result<BTreeMap<InterfaceId, Tags>, PortError> {
        if wanted.is_some_and(BTreeSet::is_empty) {
            return Ok(BTreeMap::new());
        }
        let place = format!("{account}/{region}");
        let listed = self.read_pages("ec2:DescribeNetworkInterfaces", &place, PAGE, |state, skip, take| {
            let here = |endpoint: &&Endpoint| endpoint.key.account == *account && endpoint.key.region == *region;
            let interfaces = state.endpoints.values().filter(here).flat_map(|endpoint| &endpoint.interfaces);
            let interfaces = interfaces.filter(|id| wanted.is_none_or(|wanted| wanted.contains(id)));
            let tags = |id: &InterfaceId| {
                let resource = Resource::new(ResourceKind::NetworkInterface, id.as_str());
                state.resource_tags.get(&(account.clone(), region.clone(), resource)).cloned().unwrap_or_default()
            };
            Ok(interfaces.skip(skip).take(take).map(|id| (id.clone(), tags(id))).collect())
        })?;
        Ok(listed.into_iter().collect())
    }

    async fn interface_addresses(
        &self,
        account: &AccountId,
        region: &Region,
        interfaces: &BTreeSet<InterfaceId>,
    ) -> Result<BTreeMap<InterfaceId, InterfaceAddress>, PortError> {
        let place = format!("{account}/{region}");
        let listed = self.read_pages("ec2:DescribeNetworkInterfaces", &place, PAGE, |state, skip, take| {
            let found = interfaces.iter().filter_map(|id| Some((id.clone(), state.addresses.get(id)?.clone())));
            Ok(found.skip(skip).take(take).collect())
        })?;
        if !listed.is_empty() {
            self.read("ec2:DescribeSubnets", &place, |_| ())?;
        }
        Ok(listed.into_iter().collect())
    }

    async fn describe_offer(
        &self,
        account: &AccountId,
        region: &Region,
        service_name: &str,
    ) -> Result<Option<Offer>, PortError> {
        let place = format!("{account}/{region}/{service_name}");
        self.read("ec2:DescribeVpcEndpointServices", &place, |state| offer(state, account, region, service_name))
    }

    async fn list_vpcs(&self, account: &AccountId, region: &Region) -> Result<Vec<Vpc>, PortError> {
        let place = format!("{account}/{region}");
        self.read_pages("ec2:DescribeVpcs", &place, PAGE, |state, skip, take| {
            let here = |network: &&Network| network.vpc.account == *account && network.vpc.reference.region == *region;
            Ok(state.vpcs.values().filter(here).skip(skip).take(take).map(|network| network.vpc.clone()).collect())
        })
    }

    async fn resolves_private_names(&self, account: &AccountId, vpc: &VpcReference) -> Result<Option<bool>, PortError> {
        // A call for each attribute, as long as they are on.
        for attribute in [|network: &Network| network.dns_support, |network: &Network| network.dns_hostnames] {
            let is_on = self.read("ec2:DescribeVpcAttribute", &format!("{account}/{vpc}"), |state| {
                state.vpcs.get(vpc).filter(|network| network.vpc.account == *account).map(attribute)
            })?;
            if is_on != Some(true) {
                return Ok(is_on);
            }
        }
        Ok(Some(true))
    }

    async fn enable_private_dns(&self, key: &EndpointKey, _: &Permit) -> Result<(), PortError> {
        self.write_one("ec2:ModifyVpcEndpoint", &key.to_string(), |state| {
            let endpoint = state.endpoints.get(key).map(|endpoint| shown(state, endpoint));
            let gone = || Refusal::gone("InvalidVpcEndpointId.NotFound", "the endpoint does not exist");
            let endpoint = endpoint.ok_or_else(gone)?;
            if endpoint.private_dns {
                return Ok(());
            }
            let names = names_to_enable(state, &endpoint)?;
            let domains: BTreeSet<DomainName> = names.iter().map(domain_of).collect();
            let zones = domains.into_iter().map(|domain| Ok((domain, state.new_id("Z")?)));
            let zones: BTreeMap<DomainName, ZoneId> = zones.collect::<Result<_, Refusal>>()?;
            let entry =
                |name: &DomainName| Some(DnsEntry { zone: zones.get(&domain_of(name))?.clone(), name: name.clone() });
            let entries: Vec<DnsEntry> = names.iter().filter_map(entry).collect();
            let endpoint = state.endpoints.get_mut(key).ok_or_else(gone)?;
            endpoint.private_dns = true;
            // AWS lists them before the endpoint's own names.
            endpoint.dns_entries.splice(0..0, entries);
            Ok(())
        })
    }
}

/// An endpoint as it is shown: where it is connected to a service of somebody's, the connection says how it stands.
fn shown(state: &State, endpoint: &Endpoint) -> Endpoint {
    let connection = state.services.values().find_map(|(_, connections)| connections.get(&endpoint.key.endpoint));
    let standing = connection.map_or(&endpoint.state, |connection| &connection.state);
    Endpoint { state: standing.clone(), ..endpoint.clone() }
}

/// What a service offers to an account in its own Region.
fn offer(state: &State, account: &AccountId, region: &Region, service_name: &str) -> Option<Offer> {
    if let Some(offer) = state.offers.get(&(region.clone(), service_name.to_owned())) {
        return Some(offer.clone());
    }
    let mut services = state.services.iter().filter(|(key, _)| key.region == *region);
    let (key, (service, _)) = services.find(|(_, (service, _))| service.name == service_name)?;
    let allowed = state.principals.get(key).is_some_and(|principals| {
        principals.contains(&Principal::Everybody) || principals.contains(&Principal::Account(account.clone()))
    });
    let verified = service.verification.as_ref().is_some_and(|found| found.state == VerificationState::Verified);
    (allowed || key.account == *account).then(|| Offer {
        private_names: service.private_dns_name.iter().map(|name| DomainName::of_route53(name)).collect(),
        verified,
    })
}

/// The private names that an endpoint gets, unless something stands in the way.
///
/// Sources: `PrivateLink` guide, manage DNS names; EC2 error codes, `InvalidParameter`.
fn names_to_enable(state: &State, endpoint: &Endpoint) -> Result<Vec<DomainName>, Refusal> {
    let refused = |why: &str| Err(Refusal::new("InvalidParameter", why));
    if endpoint.kind != EndpointKind::Interface {
        return refused("private DNS is for interface endpoints alone");
    }
    if endpoint.requester_managed {
        return Err(Refusal::new("OperationNotPermitted", "the endpoint is managed by a service of AWS"));
    }
    if endpoint.state != ConnectionState::Available {
        return refused("private DNS can only be enabled after the endpoint connection is accepted");
    }
    let offer = offer(state, &endpoint.key.account, &endpoint.key.region, &endpoint.service_name).unwrap_or_default();
    if offer.private_names.is_empty() {
        return refused("the service does not provide a private DNS name");
    }
    if !offer.verified {
        return refused("the service has not verified the private DNS name");
    }
    let vpc = VpcReference { region: endpoint.key.region.clone(), vpc: endpoint.vpc.clone() };
    if !state.vpcs.get(&vpc).is_some_and(Network::resolves_private_names) {
        return refused("private DNS requires both enableDnsSupport and enableDnsHostnames of the VPC");
    }
    match offer.private_names.iter().find(|name| conflict(state, &vpc, &domain_of(name)).is_some()) {
        Some(name) => refused(&format!("there is already a conflicting DNS domain for {name} in the VPC")),
        None => Ok(offer.private_names),
    }
}
