//! Which tags resources get: what the rules of the configuration make of what is known of each.
//!
//! # Guarantees
//! - Tags are added and values of our own replaced; no tag is deleted. A value of somebody else's is replaced only where the
//!   rule says `always`, and never on what is managed by code.
//! - What can't be told is left as it is; what a fact is missing for gets the rule's default, if it has one.
//! - Who made something is written once.
//! - What would not be written as it should is reported: cut, not compliant, beyond the limit of tags.

mod facts;
mod planner;
mod value;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::{SignedDuration, Timestamp};

use self::{facts::View, planner::Planner};
use super::Plan;
use crate::{
    model::{
        AccountId, Connection, ConnectionState, Consumer, Creation, Endpoint, EndpointId, EndpointService, InterfaceId,
        Known, ParentId, Region, Resource, ResourceKind, ServiceId, TagPolicy, Tags, tag,
    },
    policy::{Rules, Tagging},
};

/// How far the event history of an account reaches back.
///
/// Source: `CloudTrail` user guide, "Viewing CloudTrail events with event history".
pub const HISTORY: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How much later than its call, as `CloudTrail` tells it in whole seconds, something may be said to have been made.
const LATER: SignedDuration = SignedDuration::from_mins(1);

/// Whose tags are kept in step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The account that has the resources.
    pub account: AccountId,
    /// Their Region.
    pub region: Region,
    /// Which they are.
    pub what: What,
    /// Who made it, where an event has just said so.
    pub creation: Option<Creation>,
}

/// Which resources of a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// An endpoint and its network interfaces.
    Endpoint(EndpointId),
    /// An endpoint service, what is behind it, and its connections as far as their tags speak of it.
    Service(ServiceId),
    /// The connections of a consumer to the services of the place.
    Connections(Consumer),
    /// All endpoints and their network interfaces.
    Endpoints,
    /// All endpoint services, what is behind them, and their connections.
    Services,
    /// The hosted zones that we have made.
    Zones,
    /// What else we have made, and marked by a tag.
    Owned,
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, region, what, .. } = self;
        match what {
            What::Endpoint(endpoint) => write!(formatter, "{account}/{region}/{endpoint}"),
            What::Service(service) => write!(formatter, "{account}/{region}/{service}"),
            What::Connections(Consumer::Account(owner)) => {
                write!(formatter, "connections of {owner} at {account}/{region}")
            }
            What::Connections(Consumer::Endpoint(endpoint)) => {
                write!(formatter, "connections of {endpoint} at {account}/{region}")
            }
            What::Connections(Consumer::Anybody) => write!(formatter, "connections at {account}/{region}"),
            What::Endpoints => write!(formatter, "endpoints of {account}/{region}"),
            What::Services => write!(formatter, "endpoint services of {account}/{region}"),
            What::Zones => write!(formatter, "hosted zones of {account}"),
            What::Owned => write!(formatter, "what is ours in {account}/{region}"),
        }
    }
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observed {
    /// Endpoints.
    pub endpoints: Vec<Endpoint>,
    /// Tags of their network interfaces.
    pub interfaces: BTreeMap<InterfaceId, Tags>,
    /// The endpoint services of the place, whether looked after or not: several may share what is behind them.
    pub services: Vec<EndpointService>,
    /// Connections, each with its service.
    pub connections: Vec<(ServiceId, Connection)>,
    /// Load balancers, listeners and target groups, each with its tags.
    pub behind: BTreeMap<Resource, Behind>,
    /// What else there is, each with its tags.
    pub others: BTreeMap<Resource, Tags>,
    /// Who made what, as far as it is known.
    pub creations: BTreeMap<Resource, Creation>,
    /// What is known of accounts, as far as the rules speak of them.
    pub accounts: BTreeMap<AccountId, Known>,
    /// Names of organizational units.
    pub units: BTreeMap<ParentId, String>,
    /// The tag policy that is in force for the account.
    pub tag_policy: TagPolicy,
}

/// Something behind endpoint services.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Behind {
    /// Its tags.
    pub tags: Tags,
    /// The ARNs of the load balancers that it belongs to.
    pub load_balancers: BTreeSet<String>,
}

/// One resource and the tags to write on it, with those that are there already left as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The resource.
    pub resource: Resource,
    /// The tags.
    pub tags: Tags,
}

/// Decides which tags are written.
#[must_use]
pub fn plan(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
    let mut planner = Planner::new(key, observed, rules, now);
    for view in views(key, observed, rules) {
        planner.decide(&view);
    }
    planner.finish()
}

/// Since when the history has to be read for who made resources of this kind, as far as they, or the network interfaces that were
/// made with them, carry no creator yet; `None` when it has not to be read.
#[must_use]
pub fn unknown_since(
    key: &Key,
    observed: &Observed,
    kind: ResourceKind,
    rules: &Rules,
    now: Timestamp,
) -> Option<Timestamp> {
    let tagging = &rules.configuration.tags;
    let missing = |View { resource, tags, .. }: &View<'_>| {
        tagging.rules_for(resource.kind).any(|(tag, rule)| rule.from.speaks_of_creator() && !tags.contains_key(tag))
    };
    let made_as = |kind| if kind == ResourceKind::NetworkInterface { ResourceKind::Endpoint } else { kind };
    let begin = now.checked_sub(HISTORY).unwrap_or(Timestamp::MIN);
    let of_kind = views(key, observed, rules).filter(|view| made_as(view.resource.kind) == kind && missing(view));
    let made = of_kind.map(|view| view.made().unwrap_or(begin));
    made.filter(|made| *made >= begin).min().map(|made| made.checked_sub(LATER).unwrap_or(made).max(begin))
}

/// Whether any value that is there would be replaced, or one written beside it: then what it is made of has to be of now. Two
/// environments of the function that remember different things would write over each other, each woken by the other's write.
#[must_use]
pub fn writes(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> bool {
    !plan(key, observed, rules, now).steps.is_empty()
}

/// The resources that a key stands for, but for those that a person has exempted or that are going.
fn views<'a>(key: &'a Key, observed: &'a Observed, rules: &'a Rules) -> impl Iterator<Item = View<'a>> {
    let configuration = &rules.configuration;
    let endpoints = observed.endpoints.iter().filter(|endpoint| stands(&endpoint.state));
    let endpoints = endpoints.filter(|endpoint| !tag::is_ignored(&endpoint.tags)).flat_map(|endpoint| {
        let interfaces = endpoint.interfaces.iter().filter_map(|id| observed.interfaces.get_key_value(id));
        let interfaces = interfaces.map(|(id, tags)| View {
            endpoint: Some(endpoint),
            ..View::new(Resource::new(ResourceKind::NetworkInterface, id.as_str()), tags)
        });
        let resource = Resource::new(ResourceKind::Endpoint, endpoint.key.endpoint.as_str());
        let itself = View { endpoint: Some(endpoint), ..View::new(resource, &endpoint.tags) };
        std::iter::once(itself).chain(interfaces)
    });
    let looked_after = || observed.services.iter().filter(|service| configuration.looks_after(&service.tags));
    let is_meant = move |service: &&EndpointService| match &key.what {
        What::Service(id) => service.key.service == *id,
        What::Services => true,
        _ => false,
    };
    let services = looked_after().filter(is_meant).map(|service| {
        let resource = Resource::new(ResourceKind::EndpointService, service.key.service.as_str());
        View { services: vec![service], ..View::new(resource, &service.tags) }
    });
    let behind = observed.behind.iter().map(move |(resource, behind)| {
        let services = looked_after().filter(|service| !service.load_balancers.is_disjoint(&behind.load_balancers));
        View { services: services.collect(), ..View::new(resource.clone(), &behind.tags) }
    });
    let connections = observed.connections.iter().filter_map(move |(service, connection)| {
        let service = looked_after().find(|looked_after| looked_after.key.service == *service)?;
        let id = connection.id.as_ref().filter(|_| stands(&connection.state))?;
        let resource = Resource::new(ResourceKind::Connection, id.as_str());
        Some(View { services: vec![service], connection: Some(connection), ..View::new(resource, &connection.tags) })
    });
    let others = observed.others.iter().map(|(resource, tags)| View::new(resource.clone(), tags));
    let all = endpoints.chain(services).chain(behind).chain(connections).chain(others);
    all.filter(|view| !tag::is_ignored(view.tags)).map(move |view| {
        let of = view.endpoint.map(|endpoint| Resource::new(ResourceKind::Endpoint, endpoint.key.endpoint.as_str()));
        let creation = observed.creations.get(of.as_ref().unwrap_or(&view.resource));
        View { creation, ..view }
    })
}

/// Whether what is in this state is there, and will be for a while.
fn stands(state: &ConnectionState) -> bool {
    !matches!(state, ConnectionState::Deleting | ConnectionState::Deleted)
}

/// The kinds of resource that a key may stand for.
#[must_use]
pub fn kinds(what: &What) -> &'static [ResourceKind] {
    match what {
        What::Endpoint(_) | What::Endpoints => &[ResourceKind::Endpoint, ResourceKind::NetworkInterface],
        What::Service(_) | What::Services => &[
            ResourceKind::EndpointService,
            ResourceKind::LoadBalancer,
            ResourceKind::Listener,
            ResourceKind::TargetGroup,
            ResourceKind::Connection,
        ],
        What::Connections(_) => &[ResourceKind::Connection],
        What::Zones => &[ResourceKind::HostedZone],
        What::Owned => &[ResourceKind::CloudMapNamespace, ResourceKind::CloudMapService, ResourceKind::Alarm],
    }
}

/// Whether any resource that a key of this sort stands for gets a tag.
#[must_use]
pub fn is_wanted(what: &What, tagging: &Tagging) -> bool {
    tagging.is_for_any(kinds(what))
}
