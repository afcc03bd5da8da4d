//! What consumers and people do to connections.

use drawbridge::model::{AccountId, Connection, ConnectionState, EndpointId, ServiceKey, Tags};

use super::{Hand, Tag, set};
use crate::{alarms, body, cast::REGION, cloud_map, dns, endpoints, stage::Stage, tags};

pub fn request(stage: &Stage, key: &ServiceKey, owner: &AccountId, bare: bool) {
    let number = stage.agenda.number();
    let endpoint: EndpointId = format!("vpce-{number:017x}").parse().unwrap();
    let state = stage.world.state();
    let waits = state.services.get(key).is_some_and(|(service, _)| service.acceptance_required);
    drop(state);
    let connection = Connection {
        endpoint: endpoint.clone(),
        owner: owner.clone(),
        state: if waits { ConnectionState::PendingAcceptance } else { ConnectionState::Available },
        id: (!bare).then(|| format!("vpce-svc-con-{number:017x}").parse().unwrap()),
        created: Some(stage.now()),
        region: None,
        ip_address_type: None,
        tags: Tags::new(),
    };
    stage.tell(|| format!("{owner} asks for {}: {endpoint}, {}", key.service, connection.state));
    stage.world.change().services.get_mut(key).unwrap().1.insert(endpoint.clone(), connection);
    if stage.plays_names() {
        dns::endpoint::requested(stage, owner, &endpoint, &format!("com.amazonaws.vpce.{REGION}.{}", key.service));
    }
    if stage.plays_alarms() {
        alarms::cast::requested(stage, owner, &endpoint, &format!("com.amazonaws.vpce.{REGION}.{}", key.service));
    }
    cloud_map::cast::requested(stage, owner, &endpoint, &format!("com.amazonaws.vpce.{REGION}.{}", key.service));
    stage.send(&body::notification(key, "Connect"));
    if stage.plays_tags() {
        let made =
            tags::endpoint::requested(stage, owner, &endpoint, &format!("com.amazonaws.vpce.{REGION}.{}", key.service));
        return stage.send(&body::request_by(key, &endpoints::key_of(owner, &endpoint), made));
    }
    let has_endpoint = stage.plays_names() || stage.plays_alarms() || stage.plays_cloud_map();
    stage.send(&body::request(key, owner, has_endpoint.then_some(&endpoint)));
}

/// A connection by its number.
fn nth_connection(stage: &Stage, nth: usize) -> Option<(ServiceKey, EndpointId)> {
    let state = stage.world.state();
    let all: Vec<(ServiceKey, EndpointId)> = state
        .services
        .iter()
        .flat_map(|(key, (_, connections))| connections.keys().map(|endpoint| (key.clone(), endpoint.clone())))
        .collect();
    all.get(nth % all.len().max(1)).cloned()
}

pub fn by_hand(stage: &Stage, nth: usize, what: Hand) {
    let Some((key, endpoint)) = nth_connection(stage, nth) else { return };
    let mut state = stage.world.change();
    let connections = &mut state.services.get_mut(&key).unwrap().1;
    let connection = connections.get_mut(&endpoint).unwrap();
    let owner = connection.owner.clone();
    let (sample, told) = match what {
        Hand::Deletes => {
            connections.remove(&endpoint);
            (None, "Delete")
        }
        Hand::Accepts if connection.state == ConnectionState::PendingAcceptance => {
            connection.state = ConnectionState::Available;
            (Some("accept_connections"), "Accept")
        }
        Hand::Rejects if connection.state != ConnectionState::Rejected => {
            connection.state = ConnectionState::Rejected;
            (Some("reject_connections"), "Reject")
        }
        Hand::Accepts | Hand::Rejects => return,
    };
    drop(state);
    stage.tell(|| format!("by hand: {told} of {endpoint} at {}", key.service));
    match what {
        Hand::Accepts => dns::endpoint::connected(stage, &owner, &endpoint),
        Hand::Deletes => {
            endpoints::deleted(stage, &owner, &endpoint);
        }
        Hand::Rejects => {}
    }
    stage.send(&body::notification(&key, told));
    if let Some(sample) = sample {
        stage.send(&body::service_changed(&key, sample));
    }
}

pub fn tag_connection(stage: &Stage, nth: usize, tag: Tag) {
    let Some((key, endpoint)) = nth_connection(stage, nth) else { return };
    let mut state = stage.world.change();
    let connection = state.services.get_mut(&key).unwrap().1.get_mut(&endpoint).unwrap();
    // Without an object there is nothing to tag.
    if connection.id.is_some() {
        set(&mut connection.tags, tag);
        drop(state);
        stage.tell(|| format!("by hand: {endpoint} is tagged {} {}", tag.0, tag.1.unwrap_or("no more")));
    }
}
