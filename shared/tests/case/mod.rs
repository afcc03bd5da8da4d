//! What a case says there is: the world that `case.json` describes.

use std::time::Duration;

use drawbridge::{
    model::{Account, AccountState, Connection, ConnectionState, EndpointService, Membership, ServiceKey, Tags},
    port::FailureKind,
    world::{Effect, Fault, World},
};
use serde_json::Value;

/// Fills the world with what there is: services with their connections, accounts, faults.
pub fn fill(world: &World, case: &Value) {
    let mut state = world.change();
    for service in list(&case["services"]) {
        let key = ServiceKey {
            account: text(&service["account"]).parse().unwrap(),
            region: text(&service["region"]).parse().unwrap(),
            service: text(&service["id"]).parse().unwrap(),
        };
        let configuration = EndpointService {
            key: key.clone(),
            name: format!("com.amazonaws.vpce.{}.{}", key.region, key.service),
            acceptance_required: service["acceptance_required"].as_bool().unwrap_or(true),
            private_dns_name: None,
            tags: tags(&service["tags"]),
        };
        let principals = list(&service["principals"]).iter().map(|principal| text(principal).parse().unwrap());
        state.principals.insert(key.clone(), principals.collect());
        let connections = list(&service["connections"]).iter().map(connection);
        let connections = connections.map(|connection| (connection.endpoint.clone(), connection)).collect();
        state.services.insert(key, (configuration, connections));
    }
    drop(state);
    admit(world, list(&case["accounts"]));
    for fault in list(&case["faults"]) {
        world.order(Fault { call: text(&fault["call"]).to_owned(), effect: effect(fault), times: 1 });
    }
}

/// What happens between two batches: time passes, accounts come, change and leave.
pub fn happen(world: &World, change: &Value) {
    world.advance(Duration::from_secs(change["seconds"].as_u64().unwrap_or_default()));
    for account in list(&change["gone"]) {
        world.change().accounts.remove(&text(account).parse().unwrap());
    }
    admit(world, list(&change["accounts"]));
}

fn admit(world: &World, accounts: &[Value]) {
    for account in accounts {
        let id: drawbridge::model::AccountId = text(&account["id"]).parse().unwrap();
        let membership = Membership::Member(Account {
            id: id.clone(),
            state: AccountState::parse(text(&account["state"])).unwrap(),
            path: text(&account["path"]).parse().unwrap(),
            name: None,
            email_domain: None,
            joined: None,
            tags: tags(&account["tags"]),
        });
        world.change().accounts.insert(id, membership);
    }
}

fn connection(value: &Value) -> Connection {
    let endpoint = text(&value["endpoint"]);
    Connection {
        endpoint: endpoint.parse().unwrap(),
        owner: text(&value["owner"]).parse().unwrap(),
        state: ConnectionState::parse(text(&value["state"])),
        id: Some(endpoint.replace("vpce-", "vpce-svc-con-").parse().unwrap()),
        created: value["created"].as_str().map(|created| created.parse().unwrap()),
        region: None,
        ip_address_type: None,
        tags: tags(&value["tags"]),
    }
}

fn effect(fault: &Value) -> Effect {
    let item = || text(&fault["item"]).to_owned();
    match text(&fault["effect"]) {
        "throttled" => Effect::Fails(FailureKind::Retry),
        "denied" => Effect::Fails(FailureKind::Denied),
        "gone" => Effect::Fails(FailureKind::Gone),
        "answer lost" => Effect::AnswerLost,
        "unsuccessful" => Effect::Unsuccessful(item()),
        "omitted" => Effect::Omits(item()),
        other => panic!("no such effect: {other}"),
    }
}

fn tags(value: &Value) -> Tags {
    let pairs = value.as_object().into_iter().flatten();
    pairs.map(|(key, value)| (key.clone(), text(value).to_owned())).collect()
}

/// A list; nothing where there is none.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}"))
}
