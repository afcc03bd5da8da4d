//! A hub with a service and what is behind it, an endpoint of its own at that service, and a consumer with another.

use std::collections::BTreeSet;

use drawbridge::{
    controller::alarms::Alarms,
    event::{ConnectionReference, EndpointReference, ServiceReference, Subject},
    policy::Rules,
    reconcile::{Run, reconcile},
    world::World,
};
use serde_json::{Value, json};

use crate::case::fill;

pub const HUB: &str = "222222222222";
pub const CONSUMER: &str = "444444444444";
pub const SERVICE: &str = "vpce-svc-0a1b2c3d4e5f60718";
/// The consumer's endpoint, and the hub's own.
pub const ENDPOINT: &str = "vpce-0f1e2d3c4b5a69788";
pub const HUBS_ENDPOINT: &str = "vpce-0f1e2d3c4b5a69799";
pub const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/net/a/50dc6c495c0c9188";
pub const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-1:222222222222:targetgroup/a/73e2d6bc24d8a067";

/// The controller on the world.
pub type Controller<'a> = Alarms<&'a World, &'a World, &'a World, &'a World, &'a World>;

pub fn controller(world: &World) -> Controller<'_> {
    Alarms::new(world, world, world, world, world)
}

pub fn rules_of(accounts: &[&str], alarms: &Value) -> Rules {
    let mut alarms = alarms.clone();
    let topic = |name: &str| json!([format!("arn:aws:sns:{{region}}:222222222222:{name}")]);
    alarms["topics"] = json!({ "critical": topic("critical"), "warning": topic("warning"), "info": topic("info") });
    let configuration = json!({
        "version": 1, "deployment": "hub", "organization": "o-a1b2c3d4e5", "hub-account": HUB, "mode": "enforce",
        "providers": { "accounts": [HUB], "regions": ["eu-west-1"] }, "consumers": { "accounts": accounts },
        "alarms": alarms
    });
    let policy = r#"@id("members") permit (principal in Drawbridge::Organization::"o-a1b2c3d4e5", action, resource);"#;
    Rules::parse(&configuration.to_string(), policy).unwrap_or_else(|faults| panic!("{faults}"))
}

pub fn rules_with(alarms: &Value) -> Rules {
    rules_of(&[HUB, CONSUMER], alarms)
}

/// Each endpoint and service its own alarms.
pub fn rules() -> Rules {
    rules_with(&json!({ "endpoints": "each", "select": "every", "services": "each" }))
}

pub fn endpoint(account: &str, id: &str, tags: &Value) -> Value {
    json!({
        "account": account, "region": "eu-west-1", "id": id, "service_name": format!("com.amazonaws.vpce.eu-west-1.{SERVICE}"),
        "state": "available", "vpc": "vpc-0a1b2c3d4e5f60718", "created": "2026-10-01T10:00:00Z", "tags": tags
    })
}

pub fn account(id: &str, name: &str) -> Value {
    json!({ "id": id, "name": name, "state": "ACTIVE", "path": format!("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/{id}/"), "tags": {} })
}

/// The service with these connections.
pub fn service(connected: &[(&str, &str)], tags: &Value) -> Value {
    let connections: Vec<Value> = connected
        .iter()
        .map(|(endpoint, owner)| json!({ "endpoint": endpoint, "owner": owner, "state": "available", "tags": {} }))
        .collect();
    json!({
        "account": HUB, "region": "eu-west-1", "id": SERVICE, "tags": tags, "load_balancers": [BALANCER],
        "availability_zones": ["eu-west-1a", "eu-west-1b"], "connections": connections
    })
}

pub fn enabled() -> Value {
    json!({ "drawbridge:enabled": "true" })
}

pub fn balancer(groups: &[&str]) -> Value {
    json!({ "account": HUB, "region": "eu-west-1", "arn": BALANCER, "listeners": [], "target_groups": groups })
}

pub fn ground() -> World {
    let world = World::at("2026-11-02T10:00:00Z".parse().unwrap());
    fill(
        &world,
        &json!({
            "accounts": [account(HUB, "hub"), account(CONSUMER, "pay")],
            "services": [service(&[(ENDPOINT, CONSUMER), (HUBS_ENDPOINT, HUB)], &enabled())],
            "load_balancers": [balancer(&[GROUP])],
            "endpoints": [endpoint(CONSUMER, ENDPOINT, &json!({})), endpoint(HUB, HUBS_ENDPOINT, &json!({}))]
        }),
    );
    world
}

/// The subjects that messages name.
pub fn subjects() -> [(&'static str, Subject); 5] {
    let region = || "eu-west-1".parse().unwrap();
    let account: drawbridge::model::AccountId = HUB.parse().unwrap();
    let service = SERVICE.parse().unwrap();
    [
        (
            "an endpoint that was made, changed, tagged or deleted",
            Subject::Endpoint(EndpointReference {
                account: CONSUMER.parse().unwrap(),
                region: region(),
                endpoint: ENDPOINT.parse().unwrap(),
            }),
        ),
        (
            "a connection that was accepted, rejected or cut off",
            Subject::Connection(ConnectionReference {
                account: account.clone(),
                region: region(),
                service,
                endpoint: ENDPOINT.parse().unwrap(),
            }),
        ),
        (
            "an endpoint service that was changed or tagged",
            Subject::ServiceReview(ServiceReference {
                account: Some(account.clone()),
                region: region(),
                service: SERVICE.parse().unwrap(),
            }),
        ),
        ("load balancers of an account and Region", Subject::LoadBalancers { account, region: region() }),
        ("everything, by a sweep", Subject::Everything),
    ]
}

pub async fn run(controller: &Controller<'_>, world: &World, rules: &Rules, subject: Subject) -> Run {
    reconcile(controller, &[subject].into(), rules, &world, jiff::Timestamp::MAX).await
}

pub async fn sweep(controller: &Controller<'_>, world: &World, rules: &Rules) -> Run {
    run(controller, world, rules, Subject::Everything).await
}

/// Sweeps until nothing is written; more than a few are too many.
pub async fn settle(controller: &Controller<'_>, world: &World, rules: &Rules) -> usize {
    for sweeps in 0..6 {
        world.take_calls();
        sweep(controller, world, rules).await;
        if !world.take_calls().into_iter().any(writes) {
            return sweeps;
        }
    }
    panic!("it doesn't come to rest: {:#?}", picture(world));
}

/// Whether a call changes something.
pub fn writes(call: &str) -> bool {
    ["cloudwatch:Put", "cloudwatch:Delete"].iter().any(|begin| call.starts_with(begin))
}

/// All alarms and dashboards there are, a line for each.
pub fn picture(world: &World) -> BTreeSet<String> {
    let state = world.state();
    let alarms = state.alarms.iter().map(|(place, alarm)| format!("{place:?} {alarm:?}"));
    alarms.chain(state.dashboards.iter().map(|(place, body)| format!("{place:?} {body}"))).collect()
}
