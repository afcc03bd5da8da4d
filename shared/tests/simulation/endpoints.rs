//! Endpoints of consumers, whatever a story plays with: which there are, and how they go.

use drawbridge::{
    model::{AccountId, EndpointId, EndpointKey},
    world::State,
};

use super::{body, cast::REGION, stage::Stage};

pub fn key_of(owner: &AccountId, endpoint: &EndpointId) -> EndpointKey {
    EndpointKey { account: owner.clone(), region: REGION.parse().unwrap(), endpoint: endpoint.clone() }
}

/// The endpoint of a number, of all there are.
pub fn nth(stage: &Stage, nth: usize) -> Option<EndpointKey> {
    let state = stage.world.state();
    state.endpoints.keys().nth(nth % state.endpoints.len().max(1)).cloned()
}

/// Endpoints that have a connection here: whose they are, and for which service.
pub fn connected(state: &State) -> Vec<(AccountId, EndpointId, String)> {
    let of_service = state.services.iter().flat_map(|(key, (_, connections))| {
        let name = format!("com.amazonaws.vpce.{REGION}.{}", key.service);
        connections.values().map(move |one| (one.owner.clone(), one.endpoint.clone(), name.clone()))
    });
    of_service.collect()
}

/// A consumer deletes an endpoint, and its connection goes with it.
pub fn delete(stage: &Stage, number: usize) {
    let Some(key) = nth(stage, number) else { return };
    stage.tell(|| format!("{} deletes {}", key.account, key.endpoint));
    let mut state = stage.world.change();
    let connected =
        state.services.iter_mut().find_map(|(service, (_, all))| all.remove(&key.endpoint).map(|_| service.clone()));
    drop(state);
    deleted(stage, &key.account, &key.endpoint);
    if let Some(service) = connected {
        stage.send(&body::notification(&service, "Delete"));
    }
}

/// A consumer deletes an endpoint whose connection is gone. Where none are played there is none.
pub fn deleted(stage: &Stage, owner: &AccountId, endpoint: &EndpointId) {
    let key = key_of(owner, endpoint);
    let is_there = stage.world.state().endpoints.contains_key(&key);
    if is_there {
        stage.world.change().endpoints.remove(&key);
        stage.send(&body::endpoint_changed(&key, "delete_endpoints"));
    }
}
