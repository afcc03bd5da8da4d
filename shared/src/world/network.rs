//! VPCs in memory, and which names their DNS has private zones of.

use super::State;
use crate::model::{AccountId, DnsEntry, DomainName, Endpoint, Tags, Vpc, VpcReference, VpcZone, ZoneId, ZoneOwner};

/// A VPC, and what its DNS is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// The VPC.
    pub vpc: Vpc,
    /// `enableDnsSupport`.
    pub dns_support: bool,
    /// `enableDnsHostnames`.
    pub dns_hostnames: bool,
}

impl Network {
    /// A VPC whose DNS is set to resolve private names.
    #[must_use]
    pub fn new(account: AccountId, reference: VpcReference) -> Self {
        Self { vpc: Vpc { account, reference, tags: Tags::new() }, dns_support: true, dns_hostnames: true }
    }

    /// Whether private zones answer in it.
    #[must_use]
    pub fn resolves_private_names(&self) -> bool {
        self.dns_support && self.dns_hostnames
    }
}

/// Whose zones of endpoints with private DNS are.
const ENDPOINTS_OWNER: &str = "vpce.amazonaws.com";

pub(super) fn owner_of<'a>(state: &'a State, vpc: &VpcReference) -> Option<&'a AccountId> {
    state.vpcs.get(vpc).map(|network| &network.vpc.account)
}

/// The zone by which a VPC has this very name already. Names above and below it are no conflict.
pub(super) fn conflict(state: &State, vpc: &VpcReference, name: &DomainName) -> Option<ZoneId> {
    let mut associated = state.zones.values().filter(|zone| zone.vpcs.contains(vpc));
    let zone = associated.find(|zone| zone.zone.name == *name).map(|zone| zone.zone.key.zone.clone());
    zone.or_else(|| managed_zones(state, vpc).find(|zone| zone.name == *name).map(|zone| zone.zone))
}

/// The zones that AWS keeps for the endpoints of a VPC.
pub(super) fn managed_zones(state: &State, vpc: &VpcReference) -> impl Iterator<Item = VpcZone> {
    let within = |endpoint: &&Endpoint| endpoint.vpc == vpc.vpc && endpoint.key.region == vpc.region;
    let endpoints = state.endpoints.values().filter(within).filter(|endpoint| endpoint.private_dns);
    let mut zones: Vec<_> =
        endpoints.flat_map(|endpoint| endpoint.dns_entries.iter().filter_map(managed_zone)).collect();
    zones.sort();
    zones.dedup();
    zones.into_iter()
}

fn managed_zone(entry: &DnsEntry) -> Option<VpcZone> {
    let public = ["vpce.amazonaws.com", "vpce.amazonaws.com.cn"].map(DomainName::of_route53);
    let owner = ZoneOwner::Service(ENDPOINTS_OWNER.to_owned());
    let is_private = !public.iter().any(|suffix| entry.name.is_within(suffix));
    is_private.then(|| VpcZone { name: domain_of(&entry.name), zone: entry.zone.clone(), owner })
}

/// The domain of the zone that AWS keeps for a private name: of a wildcard, what is behind it.
pub(super) fn domain_of(name: &DomainName) -> DomainName {
    DomainName::of_route53(name.as_str().trim_start_matches("*."))
}
