//! Which endpoints want to be found, and as what.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use super::super::{Key, Registry, about, held};
use crate::{
    model::{ConnectionState, Endpoint, EndpointId, EndpointKind, reason, tag},
    plan::Decision,
    policy::{CloudMapping, RegisterEndpoints, Registration, Rules},
};

/// An endpoint that is to be found.
#[derive(Debug)]
pub(super) struct Wish<'a> {
    /// The endpoint.
    pub endpoint: &'a Endpoint,
    /// As what.
    pub registration: Cow<'a, Registration>,
}

/// What the endpoints of a place want.
#[derive(Debug, Default)]
pub(super) struct Claims<'a> {
    /// Endpoints that are to be found, by the name of the Cloud Map service.
    pub wishes: BTreeMap<String, Vec<Wish<'a>>>,
    /// Endpoints whose instances stay as they are.
    pub untouched: BTreeSet<EndpointId>,
    /// Names of Cloud Map services that such endpoints may want.
    pub names: BTreeSet<String>,
    /// What is told.
    pub held: Vec<Decision>,
}

/// What becomes of an endpoint in its state.
enum Standing {
    Connected,
    /// On its way to be connected, or to an end.
    Between,
    Over,
}

impl<'a> Claims<'a> {
    pub(super) fn of(key: &Key, registry: &'a Registry, rules: &'a Rules) -> Self {
        let mapping = &rules.configuration.cloud_map;
        let mut claims = Self::default();
        if mapping.endpoints != RegisterEndpoints::Register {
            return claims;
        }
        for endpoint in &registry.endpoints {
            let Some(registration) = registration(endpoint, mapping) else { continue };
            let id = &endpoint.key.endpoint;
            let told = || about(key, id.to_string(), &endpoint.key.arn());
            let registration = match registration {
                Ok(registration) => registration,
                Err(expected) => {
                    let why = format!("the tag {} is not {expected}", mapping.tag_key);
                    claims.held.push(held(told(), reason::INVALID_TAG, why));
                    claims.untouched.insert(id.clone());
                    continue;
                }
            };
            if tag::is_ignored(&endpoint.tags) {
                let why = "its tag drawbridge:ignore has it left as it is";
                claims.held.push(held(told(), reason::EXEMPT, why));
                claims.leave(id, &registration);
                continue;
            }
            if endpoint.kind != EndpointKind::Interface {
                let why = format!("it is of type {}, which has no address that could be found", endpoint.kind);
                claims.held.push(held(told(), reason::NOT_POSSIBLE, why));
                continue;
            }
            match standing(&endpoint.state) {
                Standing::Connected => {
                    claims.wishes.entry(registration.name.clone()).or_default().push(Wish { endpoint, registration });
                }
                Standing::Between => claims.leave(id, &registration),
                Standing::Over => {}
            }
        }
        claims
    }

    fn leave(&mut self, endpoint: &EndpointId, registration: &Registration) {
        self.untouched.insert(endpoint.clone());
        self.names.insert(registration.name.clone());
    }
}

fn registration<'a>(
    endpoint: &'a Endpoint,
    mapping: &'a CloudMapping,
) -> Option<Result<Cow<'a, Registration>, &'static str>> {
    match endpoint.tags.get(&mapping.tag_key) {
        Some(text) => Some(Registration::parse(text).map(Cow::Owned)),
        None => mapping.services.get(&endpoint.service_name).map(|found| Ok(Cow::Borrowed(found))),
    }
}

fn standing(state: &ConnectionState) -> Standing {
    match state {
        ConnectionState::Available => Standing::Connected,
        ConnectionState::Rejected
        | ConnectionState::Deleting
        | ConnectionState::Deleted
        | ConnectionState::Failed
        | ConnectionState::Expired => Standing::Over,
        ConnectionState::PendingAcceptance
        | ConnectionState::Pending
        | ConnectionState::Partial
        | ConnectionState::Other(_) => Standing::Between,
    }
}
