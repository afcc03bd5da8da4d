//! What should be found, and what should be a target, reckoned without the code that is tested.

use std::collections::{BTreeMap, BTreeSet};

use drawbridge::{
    model::{AccountId, Attributes, ConnectionState, Endpoint, EndpointKind, InstanceHealth, Target, TargetState},
    world::{FilledGroup, SharedNamespace, State},
};

use super::{
    cast::{AWS_SERVICE, SHOP, TAG},
    terms::Terms,
};
use crate::{cast::REGION, dns::reckoning::standing};

/// What is written about what we make.
pub const DESCRIPTION: &str = "Made by Drawbridge, deployment hub";

/// As what an endpoint is to be found: the Cloud Map service, the port, the protocol.
pub type Said = (&'static str, Option<&'static str>, Option<&'static str>);

/// Tags that say it.
const SAID: [(&str, Said); 3] = [
    ("payments", ("payments", None, None)),
    ("payments:443/tcp", ("payments", Some("443"), Some("tcp"))),
    ("billing:8443", ("billing", Some("8443"), None)),
];

/// As what an endpoint is to be found; an error when its tag is wrong.
fn said(endpoint: &Endpoint, terms: &Terms) -> Option<Result<Said, ()>> {
    match endpoint.tags.get(TAG) {
        Some(value) => Some(SAID.iter().find(|(tag, _)| tag == value).map(|(_, said)| *said).ok_or(())),
        None => (terms.mapped && endpoint.service_name == AWS_SERVICE).then_some(Ok(("queue", Some("443"), None))),
    }
}

fn is_ignored(endpoint: &Endpoint) -> bool {
    endpoint.tags.get("drawbridge:ignore").is_some_and(|value| value == "true")
}

/// As what an endpoint is to be found by now.
pub fn wanted(state: &State, endpoint: &Endpoint, terms: &Terms) -> Option<Said> {
    let is_connected = *standing(state, endpoint) == ConnectionState::Available;
    let is_possible = endpoint.kind == EndpointKind::Interface && is_connected && !is_ignored(endpoint);
    said(endpoint, terms)?.ok().filter(|_| is_possible && terms.endpoints == "register")
}

/// Whether what stands of an endpoint stays as it is.
pub fn is_left(state: &State, endpoint: &Endpoint, terms: &Terms) -> bool {
    if terms.endpoints != "register" {
        return false;
    }
    let waits = *standing(state, endpoint) == ConnectionState::PendingAcceptance;
    match said(endpoint, terms) {
        None => false,
        Some(Err(())) => true,
        Some(Ok(_)) => is_ignored(endpoint) || (waits && endpoint.kind == EndpointKind::Interface),
    }
}

/// The endpoints of an account that are to be found, and as what.
pub fn wishes<'a>(state: &'a State, account: &AccountId, terms: &Terms) -> Vec<(&'a Endpoint, Said)> {
    let theirs = state.endpoints.values().filter(|endpoint| endpoint.key.account == *account);
    theirs.filter_map(|endpoint| Some((endpoint, wanted(state, endpoint, terms)?))).collect()
}

/// What an endpoint is as instances of a service with these records.
pub fn instances(
    state: &State,
    endpoint: &Endpoint,
    (_, port, protocol): Said,
    records: &BTreeSet<String>,
) -> BTreeMap<String, Attributes> {
    let name = endpoint.dns_entries[0].name.to_string();
    let told = [
        ("drawbridge.owner", Some("hub")),
        ("endpoint-id", Some(endpoint.key.endpoint.as_str())),
        ("account", Some(endpoint.key.account.as_str())),
        ("region", Some(REGION)),
        ("service-name", Some(endpoint.service_name.as_str())),
        ("endpoint-name", Some(name.as_str())),
        ("port", port),
        ("protocol", protocol),
    ];
    let told: Attributes =
        told.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned()))).collect();
    if records.contains("CNAME") {
        let mut instance = told;
        instance.insert("AWS_INSTANCE_CNAME".to_owned(), name);
        return [(endpoint.key.endpoint.to_string(), instance)].into();
    }
    let of_interface = endpoint.interfaces.iter().map(|interface| {
        let address = &state.addresses[interface];
        let mut instance = told.clone();
        instance.insert("AWS_INSTANCE_IPV4".to_owned(), address.ipv4.unwrap().to_string());
        instance.insert("availability-zone-id".to_owned(), address.zone_id.clone());
        instance.extend(port.map(|port| ("AWS_INSTANCE_PORT".to_owned(), port.to_owned())));
        (format!("{}-{}", endpoint.key.endpoint, address.zone_id), instance)
    });
    of_interface.collect()
}

/// The namespaces of the configured name that an account sees.
pub fn namespaces<'a>(state: &'a State, account: &AccountId) -> Vec<&'a SharedNamespace> {
    let seen = |found: &&SharedNamespace| {
        found.namespace.name == SHOP && (found.namespace.owner == *account || found.shared.contains(account))
    };
    state.namespaces.values().filter(seen).collect()
}

/// Whether we have registered an instance, for an endpoint of this account.
pub fn is_ours(attributes: &Attributes, account: &AccountId) -> bool {
    let is = |key: &str, value: &str| attributes.get(key).is_some_and(|found| found == value);
    is("drawbridge.owner", "hub") && is("account", account.as_str()) && is("region", REGION)
}

/// The tags of a target group.
pub fn tag<'a>(state: &'a State, group: &str, key: &str) -> Option<&'a str> {
    let found = state.resource_tags.iter().find(|((.., resource), _)| *resource.id == *group);
    found.and_then(|(_, tags)| tags.get(key)).map(String::as_str)
}

/// What a service says that there should be: healthy targets, and those of which nothing is known.
pub fn followed(state: &State, service: &str) -> (BTreeSet<Target>, BTreeSet<Target>) {
    let (mut healthy, mut unclear) = (BTreeSet::new(), BTreeSet::new());
    let Some(found) = state.cloud_map_services.get(service) else { return (healthy, unclear) };
    for (id, attributes) in &found.instances {
        let Some(address) = attributes.get("AWS_INSTANCE_IPV4") else { continue };
        let target = Target { address: address.parse().unwrap(), port: 8080 };
        // What isn't said to be otherwise is healthy in the world.
        match found.health.get(id).filter(|_| found.service.is_checked) {
            None | Some(InstanceHealth::Healthy) => healthy.insert(target),
            Some(InstanceHealth::Unknown) => unclear.insert(target),
            Some(InstanceHealth::Unhealthy) => false,
        };
    }
    (healthy, unclear)
}

/// Whether a group may follow anything.
pub fn may_follow(state: &State, filled: &FilledGroup) -> bool {
    let is_ignored = tag(state, &filled.group.arn, "drawbridge:ignore").is_some_and(|value| value == "true");
    filled.group.target_type == "ip" && !is_ignored
}

pub fn is_healthy(filled: &FilledGroup, target: &Target) -> bool {
    filled.targets.get(target).is_some_and(|(state, _)| *state == TargetState::Healthy)
}
