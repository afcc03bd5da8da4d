//! Endpoints with network interfaces: how they come, who made them, and how they go.

use std::time::Duration;

use drawbridge::model::{
    AccountId, ConnectionState, Endpoint, EndpointId, EndpointKey, EndpointKind, InterfaceId, Resource, ResourceKind,
    Tags,
};
use jiff::Timestamp;

use super::{
    ledger::{self, CREATORS},
    terms::CONSUMERS,
};
use crate::{body, endpoints::key_of, stage::Stage};

/// Longer ago than the history of an account reaches.
const LONG_AGO: Duration = Duration::from_hours(91 * 24);

/// Makes an endpoint; tells by whom it was made, and when.
fn make(stage: &Stage, key: &EndpointKey, service_name: &str, long_ago: bool) -> (&'static str, Timestamp) {
    let (random, id) = (&stage.random, key.endpoint.as_str());
    let made = Endpoint {
        key: key.clone(),
        service_name: service_name.to_owned(),
        kind: if random.chance(100) { EndpointKind::GatewayLoadBalancer } else { EndpointKind::Interface },
        state: ConnectionState::Available,
        vpc: "vpc-000000000000000a1".parse().unwrap(),
        private_dns: false,
        dns_entries: Vec::new(),
        ip_address_type: None,
        tags: tags(stage),
        requester_managed: false,
        interfaces: (0..random.index(3)).map(|index| interface(id, index)).collect(),
        created: Some(if long_ago { stage.now() - LONG_AGO } else { stage.now() }),
    };
    stage.tell(|| format!("{} makes {id} for {service_name}, tagged {:?}", key.account, made.tags));
    stage.world.change().endpoints.insert(key.clone(), made);
    let by = *random.pick(&CREATORS);
    let resource = Resource::new(ResourceKind::Endpoint, id);
    let at = ledger::make(stage, resource.clone(), by);
    if !long_ago {
        let from = stage.now() + Duration::from_millis(random.below(900_000));
        ledger::record(stage, &key.account, resource, at, from);
    }
    (by, at)
}

fn interface(endpoint: &str, index: usize) -> InterfaceId {
    format!("eni-{index}{}", &endpoint[endpoint.len() - 16..]).parse().unwrap()
}

fn tags(stage: &Stage) -> Tags {
    let some = [("team", "orders"), ("creator", "the team"), ("platform", "own"), ("ManagedBy", "terraform")];
    let some = some.into_iter().filter(|_| stage.random.chance(150));
    some.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// The endpoint of a request: by whom it was made, and when.
pub fn requested(stage: &Stage, owner: &AccountId, id: &EndpointId, service_name: &str) -> (&'static str, Timestamp) {
    make(stage, &key_of(owner, id), service_name, false)
}

/// An endpoint for a service of AWS.
pub fn of_aws(stage: &Stage, account: usize, long_ago: bool) {
    let owner: AccountId = CONSUMERS[account % CONSUMERS.len()].parse().unwrap();
    let id: EndpointId = format!("vpce-{:017x}", stage.agenda.number()).parse().unwrap();
    let key = key_of(&owner, &id);
    let (by, at) = make(stage, &key, "com.amazonaws.eu-west-1.queue", long_ago);
    if !long_ago {
        stage.send(&body::endpoint_made(&key, by, at));
    }
}
