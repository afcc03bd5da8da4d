//! A name of one's own that leads to an endpoint: its private zone, the records in it, and the VPCs in which it answers.
//!
//! # Invariants
//! - The zone has exactly the name: a wider one would hide public names from its VPCs.
//! - Zones, records and associations that are not marked as ours are never touched.
//! - Of an account whose VPCs couldn't be read none is taken away.

mod adoption;
mod associations;
mod inclusion;
mod planner;
mod withdrawal;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::Timestamp;

use self::planner::Planner;
pub use self::{adoption::adopt, inclusion::ProfileView};
use super::{Change, registry, rival::Rival};
use crate::{
    model::{
        AccountId, ConnectionState, DeploymentId, DomainName, Endpoint, EndpointId, EndpointKind, Offer, RecordSet,
        Region, VpcReference, Zone, tag,
    },
    plan::{Plan, reason},
    policy::{Names, Rules},
};

/// Longest comment of a zone, in characters.
///
/// Source: Route 53 API reference, `Comment` of `HostedZoneConfig`.
const COMMENT_LIMIT: usize = 256;

/// One name in one account and Region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NameKey {
    /// The account that owns endpoint and zone.
    pub account: AccountId,
    /// The endpoint's Region.
    pub region: Region,
    /// The name.
    pub name: DomainName,
}

impl fmt::Display for NameKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}", self.account, self.region, self.name)
    }
}

impl NameKey {
    /// What the comment of its zone says that it is for.
    #[must_use]
    pub fn resource(&self) -> String {
        format!("zone/{self}")
    }

    /// The comment that marks its zone, or what would help where that has no room for it.
    fn comment(&self, deployment: &DeploymentId) -> Result<String, String> {
        let comment = registry::zone_comment(deployment, &self.resource());
        if comment.chars().count() <= COMMENT_LIMIT {
            return Ok(comment);
        }
        Err(format!("choose a shorter name: a zone's comment takes {COMMENT_LIMIT} characters"))
    }

    /// Reads what the comment of a zone says.
    #[must_use]
    pub fn of_resource(resource: &str) -> Option<Self> {
        let mut parts = resource.strip_prefix("zone/")?.splitn(3, '/');
        let (account, region, name) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { account: account.parse().ok()?, region: region.parse().ok()?, name: name.parse().ok()? })
    }
}

/// The word that stands for the names of the endpoint's service.
const OF_THE_SERVICE: &str = "service";

/// Whether an endpoint wants the names of its service, whatever they are.
#[must_use]
pub fn wants_names_of_the_service(endpoint: &Endpoint, names: &Names) -> bool {
    words(endpoint, names).any(|word| word == OF_THE_SERVICE)
}

/// The names that an endpoint wants, given what its service offers; and what is wrong with the words of its tag that are none.
#[must_use]
pub fn wishes(endpoint: &Endpoint, offer: &Offer, names: &Names) -> (BTreeMap<DomainName, Wish>, Vec<String>) {
    let (mut wanted, mut refused) = (BTreeMap::<DomainName, Wish>::new(), Vec::new());
    let mut want = |name: &DomainName, is_proven: bool| {
        let wish = wanted.entry(name.without_asterisk()).or_insert(Wish { is_unproven: true, ..Wish::default() });
        wish.is_unproven &= !is_proven;
        if name.is_wildcard() {
            wish.wildcard = true;
        } else {
            wish.apex = true;
        }
    };
    for word in words(endpoint, names) {
        match word.parse::<DomainName>() {
            _ if word == OF_THE_SERVICE => offer.private_names.iter().for_each(|name| want(name, offer.verified)),
            Ok(name) if !names.allows(&name) => refused.push(format!("{name} is in none of dns.names.domains")),
            Ok(name) => want(&name, true),
            Err(error) => refused.push(error.to_string()),
        }
    }
    (wanted, refused)
}

fn words<'a>(endpoint: &'a Endpoint, names: &Names) -> impl Iterator<Item = &'a str> {
    endpoint.tags.get(&names.tag_key).map_or("", String::as_str).split_ascii_whitespace()
}

/// How an endpoint wants a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wish {
    /// The name itself.
    pub apex: bool,
    /// All names below it.
    pub wildcard: bool,
    /// Nobody has shown whose it is: only its service says so, and AWS hasn't verified that.
    pub is_unproven: bool,
}

/// What was read about a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observed {
    /// The endpoints of the account and Region that want it.
    pub endpoints: Vec<Endpoint>,
    /// How each of them wants it.
    pub wishes: BTreeMap<EndpointId, Wish>,
    /// The zones that we made for it: one, unless something went wrong.
    pub zones: Vec<PrivateZone>,
    /// The VPCs in which it is to answer, each with its account.
    pub vpcs: BTreeMap<VpcReference, AccountId>,
    /// Accounts whose VPCs could not be read.
    pub unread: BTreeSet<AccountId>,
    /// What answers in VPCs in which ours doesn't yet.
    pub rivals: BTreeMap<VpcReference, Vec<Rival>>,
    /// VPCs in which it can't answer, since they have DNS support or DNS host names switched off.
    pub deaf: BTreeSet<VpcReference>,
    /// The Profile that brings the name to VPCs, where one does.
    pub profile: Option<ProfileView>,
    /// Public names that the zone would hide from its VPCs.
    pub hidden: BTreeSet<DomainName>,
}

/// A private zone, with all that is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateZone {
    /// The zone.
    pub zone: Zone,
    /// All its records.
    pub records: Vec<RecordSet>,
    /// The VPCs in which it answers.
    pub associated: BTreeSet<VpcReference>,
    /// The VPCs of other accounts that may be associated.
    pub authorized: BTreeSet<VpcReference>,
}

/// Whether an endpoint is, or may become, one that names can lead to.
#[must_use]
pub fn can_be_named(endpoint: &Endpoint) -> bool {
    endpoint.kind == EndpointKind::Interface
        && (endpoint.state.is_established() || endpoint.state == ConnectionState::PendingAcceptance)
}

/// Decides about one name.
#[must_use]
pub fn plan(key: &NameKey, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Change> {
    let mut planner = Planner::new(key, observed, rules, now);
    let exempt = |endpoint: &&Endpoint| can_be_named(endpoint) && tag::is_ignored(&endpoint.tags);
    if let Some(endpoint) = observed.endpoints.iter().find(exempt) {
        planner.hold(reason::EXEMPT, format!("{} is exempt by its tag drawbridge:ignore", endpoint.key.endpoint));
        planner.close_all();
        return planner.plan;
    }
    match observed.zones.as_slice() {
        [] => planner.make(),
        [zone] => planner.keep(zone),
        zones => {
            let ids: Vec<String> = zones.iter().map(|zone| zone.zone.key.to_string()).collect();
            planner.hold(reason::SEVERAL_ZONES, format!("delete all but one of {}", ids.join(" ")));
            planner.close_all();
        }
    }
    planner.plan
}

#[cfg(test)]
mod tests;
