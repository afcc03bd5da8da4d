//! What carries tags in a story, found in a state of the world.

use drawbridge::{
    model::{AccountId, Connection, Endpoint, EndpointService, Resource, ResourceKind, ServiceKey, Tags},
    world::State,
};

use super::cast::{balancer_of, owner_of};
use crate::{cast::REGION, reckoning::is_selected};

/// A resource, and what it belongs to.
pub struct Thing<'a> {
    pub account: &'a AccountId,
    pub tags: &'a Tags,
    /// The endpoint that it is or belongs to.
    pub endpoint: Option<&'a Endpoint>,
    /// The services that it is, is behind or leads to, of those that are looked after.
    pub services: Vec<&'a EndpointService>,
    pub connection: Option<&'a Connection>,
}

static NONE: Tags = Tags::new();

impl Thing<'_> {
    /// Whether it is one that gets tags, but for what its own tags say.
    pub fn is_looked_after(&self, kind: ResourceKind) -> bool {
        match kind {
            ResourceKind::Endpoint | ResourceKind::NetworkInterface => {
                self.endpoint.is_some_and(|endpoint| !is_exempt(&endpoint.tags))
                    && super::terms::CONSUMERS.contains(&self.account.as_str())
            }
            ResourceKind::Alarm => self.tags.get("drawbridge:owner").is_some_and(|owner| owner == "hub"),
            _ => !self.services.is_empty(),
        }
    }

    /// Whether somebody exempted it, or another deployment writes its tags.
    pub fn is_somebody_elses(&self) -> bool {
        is_exempt(self.tags) || marked(self.tags).is_none()
    }
}

pub fn is_exempt(tags: &Tags) -> bool {
    tags.get("drawbridge:ignore").is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
}

/// The keys that are marked as ours; `None` where the mark is none of ours.
pub fn marked(tags: &Tags) -> Option<Vec<&str>> {
    let Some(mark) = tags.get("drawbridge:tags") else { return Some(Vec::new()) };
    Some(mark.strip_prefix("hub ")?.split('+').filter(|key| !key.is_empty()).collect())
}

pub fn is_by_code(tags: &Tags) -> bool {
    let (key, value) = super::terms::BY_CODE;
    tags.get(key).is_some_and(|found| found == value) || tags.keys().any(|key| key.starts_with("aws:cloudformation:"))
}

/// All that there is.
pub fn all(state: &State) -> Vec<Resource> {
    let endpoints = state.endpoints.values().flat_map(|endpoint| {
        let interfaces =
            endpoint.interfaces.iter().map(|id| Resource::new(ResourceKind::NetworkInterface, id.as_str()));
        interfaces.chain([Resource::new(ResourceKind::Endpoint, endpoint.key.endpoint.as_str())])
    });
    let services = state.services.iter().flat_map(|(key, (_, connections))| {
        let ids = connections.values().filter_map(|connection| connection.id.as_ref());
        let connections = ids.map(|id| Resource::new(ResourceKind::Connection, id.as_str()));
        connections.chain([Resource::new(ResourceKind::EndpointService, key.service.as_str())])
    });
    let others = state.resource_tags.keys().map(|(_, _, resource)| resource.clone());
    let others = others.filter(|resource| resource.kind != ResourceKind::NetworkInterface);
    endpoints.chain(services).chain(others).collect()
}

/// Whether the tags of a resource are others in one state than in another.
pub fn differs(one: &State, other: &State, resource: &Resource) -> bool {
    find(one, resource).map(|thing| thing.tags) != find(other, resource).map(|thing| thing.tags)
}

/// A resource as it is in a state, if it is there.
pub fn find<'a>(state: &'a State, resource: &Resource) -> Option<Thing<'a>> {
    let is_it = |id: &str| *id == *resource.id;
    match resource.kind {
        ResourceKind::Endpoint | ResourceKind::NetworkInterface => {
            let is_interface = resource.kind == ResourceKind::NetworkInterface;
            let mut endpoints = state.endpoints.values();
            let endpoint = endpoints.find(|endpoint| {
                if is_interface {
                    endpoint.interfaces.iter().any(|id| is_it(id.as_str()))
                } else {
                    is_it(endpoint.key.endpoint.as_str())
                }
            })?;
            let account = &endpoint.key.account;
            let tags = if is_interface { others(state, account, resource).unwrap_or(&NONE) } else { &endpoint.tags };
            Some(Thing { account, tags, endpoint: Some(endpoint), services: Vec::new(), connection: None })
        }
        ResourceKind::EndpointService => {
            let (key, (service, _)) = state.services.iter().find(|(key, _)| is_it(key.service.as_str()))?;
            Some(of_service(key, service, &service.tags))
        }
        ResourceKind::Connection => state.services.iter().find_map(|(key, (service, connections))| {
            let connection =
                connections.values().find(|connection| connection.id.as_ref().is_some_and(|id| is_it(id.as_str())))?;
            Some(Thing { connection: Some(connection), ..of_service(key, service, &connection.tags) })
        }),
        _ => {
            let (account, _, _) =
                state.resource_tags.keys().find(|(account, _, found)| found == resource && owner_of(account, found))?;
            let balancer = balancer_of(resource);
            let services = state.services.values().map(|(service, _)| service).filter(|service| {
                service.key.account == *account
                    && balancer.is_some_and(|balancer| service.load_balancers.contains(balancer))
                    && is_selected(service)
            });
            let tags = others(state, account, resource)?;
            Some(Thing { account, tags, endpoint: None, services: services.collect(), connection: None })
        }
    }
}

fn of_service<'a>(key: &'a ServiceKey, service: &'a EndpointService, tags: &'a Tags) -> Thing<'a> {
    let services = if is_selected(service) { vec![service] } else { Vec::new() };
    Thing { account: &key.account, tags, endpoint: None, services, connection: None }
}

fn others<'a>(state: &'a State, account: &AccountId, resource: &Resource) -> Option<&'a Tags> {
    state.resource_tags.get(&(account.clone(), REGION.parse().unwrap(), resource.clone()))
}

/// The tags of a resource, for people to change.
pub fn tags_of<'a>(state: &'a mut State, resource: &Resource) -> Option<&'a mut Tags> {
    let account = find(state, resource)?.account.clone();
    let is_it = |id: &str| *id == *resource.id;
    match resource.kind {
        ResourceKind::Endpoint => {
            let mut endpoints = state.endpoints.values_mut();
            endpoints.find(|endpoint| is_it(endpoint.key.endpoint.as_str())).map(|endpoint| &mut endpoint.tags)
        }
        ResourceKind::EndpointService => {
            let mut services = state.services.values_mut();
            services.find(|(service, _)| is_it(service.key.service.as_str())).map(|(service, _)| &mut service.tags)
        }
        ResourceKind::Connection => {
            let mut connections = state.services.values_mut().flat_map(|(_, connections)| connections.values_mut());
            let found = connections.find(|connection| connection.id.as_ref().is_some_and(|id| is_it(id.as_str())));
            found.map(|connection| &mut connection.tags)
        }
        _ => Some(state.resource_tags.entry((account, REGION.parse().unwrap(), resource.clone())).or_default()),
    }
}
