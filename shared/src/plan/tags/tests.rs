use serde_json::{Value, json};

use super::*;
use crate::{
    model::{Account, AccountState, Creator, EndpointKind, Membership, ServiceKey},
    plan::{Decision, Outcome},
};

mod fields;
mod properties;
mod rules;

pub const HUB: &str = "222222222222";
pub const CONSUMER: &str = "444444444444";
pub const ENDPOINT: &str = "vpce-0f1e2d3c4b5a69788";
pub const INTERFACE: &str = "eni-0a1b2c3d4e5f60718";
pub const SERVICE: &str = "vpce-svc-0a1b2c3d4e5f60718";
pub const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/net/a/50dc6c495c0c9188";

pub fn now() -> Timestamp {
    "2026-11-02T10:00:00Z".parse().unwrap()
}

/// Rules that write these tags, with this about tags beside.
pub fn rules_with(write: &Value, more: &Value) -> Rules {
    let mut tags = json!({ "write": write });
    tags.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let configuration = json!({
        "version": 1, "deployment": "hub", "organization": "o-a1b2c3d4e5", "hub-account": HUB,
        "providers": { "accounts": [HUB], "regions": ["eu-west-1"] }, "services": { "select": "every" },
        "consumers": { "accounts": [HUB, CONSUMER] }, "tags": tags
    });
    Rules::parse(&configuration.to_string(), r#"@id("none") forbid (principal, action, resource);"#).unwrap()
}

pub fn rules(write: &Value) -> Rules {
    rules_with(write, &json!({}))
}

pub fn tags(value: &Value) -> Tags {
    let pairs = value.as_object().unwrap().iter();
    pairs.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect()
}

pub fn key(what: What) -> Key {
    let account = if matches!(what, What::Endpoint(_) | What::Endpoints) { CONSUMER } else { HUB };
    Key { account: account.parse().unwrap(), region: "eu-west-1".parse().unwrap(), what, creation: None }
}

/// An endpoint of the consumer with one interface.
pub fn endpoint(endpoint_tags: &Value) -> Endpoint {
    Endpoint {
        key: crate::model::EndpointKey {
            account: CONSUMER.parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            endpoint: ENDPOINT.parse().unwrap(),
        },
        service_name: format!("com.amazonaws.vpce.eu-west-1.{SERVICE}"),
        kind: EndpointKind::Interface,
        state: ConnectionState::Available,
        vpc: "vpc-0a1b2c3d4e5f60718".parse().unwrap(),
        private_dns: false,
        dns_entries: Vec::new(),
        ip_address_type: None,
        tags: tags(endpoint_tags),
        requester_managed: false,
        interfaces: [INTERFACE.parse().unwrap()].into(),
        created: Some("2026-11-01T10:00:00Z".parse().unwrap()),
    }
}

pub fn service(id: &str, service_tags: &Value) -> EndpointService {
    EndpointService {
        key: ServiceKey {
            account: HUB.parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            service: id.parse().unwrap(),
        },
        name: format!("com.amazonaws.vpce.eu-west-1.{id}"),
        load_balancers: [BALANCER.to_owned()].into(),
        availability_zones: [].into(),
        acceptance_required: true,
        private_dns_name: None,
        verification: None,
        tags: tags(service_tags),
    }
}

pub fn connection(connection_tags: &Value) -> Connection {
    Connection {
        endpoint: ENDPOINT.parse().unwrap(),
        owner: CONSUMER.parse().unwrap(),
        state: ConnectionState::Available,
        id: Some("vpce-svc-con-0a1b2c3d4e5f60718".parse().unwrap()),
        created: None,
        region: None,
        ip_address_type: None,
        tags: tags(connection_tags),
    }
}

pub fn member(id: &str, name: &str, path: &str, account_tags: &Value) -> (AccountId, Known) {
    let id: AccountId = id.parse().unwrap();
    let account = Account {
        id: id.clone(),
        state: AccountState::Active,
        path: path.parse().unwrap(),
        name: Some(name.to_owned()),
        email_domain: None,
        joined: None,
        tags: tags(account_tags),
    };
    (id, Known { membership: Membership::Member(account), at: now() })
}

pub fn creation(kind: ResourceKind, id: &str, name: &str) -> (Resource, Creation) {
    let resource = Resource::new(kind, id);
    let creator = Creator {
        kind: "AssumedRole".to_owned(),
        name: name.to_owned(),
        session: Some("ci-7".to_owned()),
        account: Some(CONSUMER.parse().unwrap()),
        invoked_by: None,
    };
    (resource.clone(), Creation { resource, creator, at: "2026-11-01T10:00:00Z".parse().unwrap() })
}

/// The consumer's endpoint, as it is read with everything about it.
pub fn observed(endpoint_tags: &Value) -> Observed {
    let path = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/";
    let units = [("ou-ab12-11111111", "Workloads"), ("ou-ab12-22222222", "Production")];
    Observed {
        endpoints: vec![endpoint(endpoint_tags)],
        interfaces: [(INTERFACE.parse().unwrap(), Tags::new())].into(),
        accounts: [member(CONSUMER, "payments", path, &json!({ "cost-centre": "4711" }))].into(),
        units: units.map(|(unit, name)| (unit.parse().unwrap(), name.to_owned())).into(),
        ..Observed::default()
    }
}

/// What is written, by resource; what the rules make of tags is in each.
pub fn written(plan: &Plan<Step>) -> BTreeMap<String, Tags> {
    plan.steps.iter().map(|(step, _)| (step.resource.to_string(), step.tags.clone())).collect()
}

/// What is written on one resource, as text.
pub fn on(plan: &Plan<Step>, resource: &str) -> String {
    let tags = written(plan).remove(resource).unwrap_or_default();
    tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ")
}

/// What is held: reason, subject, and why.
pub fn held(plan: &Plan<Step>) -> Vec<String> {
    let text = |decision: &Decision| {
        assert_eq!(decision.outcome, Outcome::Hold);
        format!("{}: {}: {}", decision.reason, decision.about.subject, decision.detail.as_deref().unwrap_or_default())
    };
    plan.held.iter().map(text).collect()
}

pub fn plan_of(what: What, observed: &Observed, rules: &Rules) -> Plan<Step> {
    plan(&key(what), observed, rules, now())
}

pub fn of_endpoint(observed: &Observed, rules: &Rules) -> Plan<Step> {
    plan_of(What::Endpoint(ENDPOINT.parse().unwrap()), observed, rules)
}
