//! A consumer with an endpoint that is to be found, and a provider whose target group follows a Cloud Map service.

use std::{collections::BTreeSet, time::Duration};

use drawbridge::{
    controller::cloud_map::CloudMap,
    event::Subject,
    policy::Rules,
    reconcile::{Run, reconcile},
    world::{FIRST_CHECKS, World},
};
use serde_json::{Value, json};

use crate::case::fill;

pub const HUB: &str = "222222222222";
pub const CONSUMER: &str = "444444444444";
pub const SERVICE: &str = "vpce-svc-0a1b2c3d4e5f60718";
pub const ENDPOINT: &str = "vpce-0f1e2d3c4b5a69788";
pub const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/net/a/50dc6c495c0c9188";
pub const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-1:222222222222:targetgroup/a/73e2d6bc24d8a067";
pub const ORDERS: &str = "arn:aws:servicediscovery:eu-west-1:222222222222:service/srv-orders";
const VPC: &str = "vpc-0a1b2c3d4e5f60718";

/// The controller on the world.
pub type Controller<'a> = CloudMap<&'a World, &'a World, &'a World, &'a World>;

pub fn controller<'a>(world: &'a World, rules: &Rules) -> Controller<'a> {
    CloudMap::new(world, world, world, world, rules)
}

pub fn rules_as(mode: &str, settings: &Value) -> Rules {
    let mut cloud_map = json!({
        "endpoints": "register", "namespace": "shop", "make": "http-namespace", "targets": "tagged", "take-up-zones": true
    });
    cloud_map.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let configuration = json!({
        "version": 1, "deployment": "hub", "organization": "o-a1b2c3d4e5", "hub-account": HUB, "mode": mode,
        "providers": { "accounts": [HUB], "regions": ["eu-west-1"] }, "consumers": { "accounts": [CONSUMER] },
        "cloud-map": cloud_map
    });
    let policy = r#"@id("members") permit (principal in Drawbridge::Organization::"o-a1b2c3d4e5", action, resource);"#;
    Rules::parse(&configuration.to_string(), policy).unwrap_or_else(|faults| panic!("{faults}"))
}

pub fn rules() -> Rules {
    rules_as("enforce", &json!({}))
}

pub fn endpoint(state: &str, tags: &Value) -> Value {
    json!({
        "account": CONSUMER, "region": "eu-west-1", "id": ENDPOINT, "state": state, "vpc": VPC, "tags": tags,
        "service_name": format!("com.amazonaws.vpce.eu-west-1.{SERVICE}"),
        "interfaces": ["eni-00000001", "eni-00000002"]
    })
}

pub fn wanted() -> Value {
    json!({ "drawbridge:cloud-map": "payments:443/tcp" })
}

fn instance(address: &str) -> Value {
    json!({ "AWS_INSTANCE_IPV4": address, "AWS_INSTANCE_PORT": "8080" })
}

/// The Cloud Map service of the provider, with instances at these addresses.
pub fn orders(addresses: &[&str]) -> Value {
    let instances: serde_json::Map<String, Value> =
        addresses.iter().map(|address| (format!("task-{address}"), instance(address))).collect();
    json!({
        "account": HUB, "region": "eu-west-1", "id": "srv-orders", "namespace": "ns-inner", "name": "orders",
        "instances": instances
    })
}

/// The target group that follows it.
pub fn group(targets: &Value, tags: &Value) -> Value {
    json!({
        "account": HUB, "region": "eu-west-1", "arn": GROUP, "vpc": VPC, "load_balancers": [BALANCER],
        "targets": targets, "tags": tags
    })
}

pub fn follows() -> Value {
    json!({ "drawbridge:cloud-map": ORDERS })
}

pub fn ground() -> World {
    let world = World::at("2026-11-02T10:00:00Z".parse().unwrap());
    let subnet = |zone: &str, block: &str| json!({ "vpc": VPC, "zone": zone, "zone_id": zone, "block": block });
    let address =
        |interface: &str, zone: &str, ipv4: &str| json!({ "interface": interface, "zone_id": zone, "ipv4": ipv4 });
    fill(
        &world,
        &json!({
            "services": [{
                "account": HUB, "region": "eu-west-1", "id": SERVICE, "tags": { "drawbridge:enabled": "true" },
                "load_balancers": [BALANCER], "availability_zones": ["eu-west-1a"],
                "connections": [{ "endpoint": ENDPOINT, "owner": CONSUMER, "state": "available", "tags": {} }]
            }],
            "endpoints": [endpoint("available", &wanted())],
            "addresses": [address("eni-00000001", "euw1-az1", "10.0.1.7"), address("eni-00000002", "euw1-az2", "10.0.2.7")],
            "namespaces": [{ "account": HUB, "region": "eu-west-1", "id": "ns-inner", "name": "inner" }],
            "cloud_map_services": [orders(&["10.0.1.1", "10.0.2.2"])],
            "target_groups": [group(&json!({}), &follows())],
            "balancer_zones": [{ "arn": BALANCER, "zones": ["eu-west-1a", "eu-west-1b"] }],
            "subnets": [subnet("eu-west-1a", "10.0.1.0/24"), subnet("eu-west-1b", "10.0.2.0/24")]
        }),
    );
    world
}

pub async fn run(controller: &Controller<'_>, world: &World, rules: &Rules, subject: Subject) -> Run {
    reconcile(controller, &[subject].into(), rules, &world, jiff::Timestamp::MAX).await
}

pub async fn sweep(controller: &Controller<'_>, world: &World, rules: &Rules) -> Run {
    run(controller, world, rules, Subject::Everything).await
}

/// Sweeps, with time between them, until nothing is written; more than a few are too many.
pub async fn settle(world: &World, rules: &Rules) -> usize {
    for sweeps in 0..8 {
        world.take_calls();
        sweep(&controller(world, rules), world, rules).await;
        if !world.take_calls().into_iter().any(writes) {
            return sweeps;
        }
        world.advance(FIRST_CHECKS);
    }
    panic!("it doesn't come to rest: {:#?}", picture(world));
}

/// Long enough for a failed operation to be tried again, and for targets to drain.
pub fn wait(world: &World) {
    world.advance(Duration::from_mins(16));
}

/// Whether a call changes something.
pub fn writes(call: &str) -> bool {
    let name = call.split(':').next_back().unwrap_or(call);
    ["Create", "Delete", "Register", "Deregister", "Add", "Modify"].iter().any(|begin| name.starts_with(begin))
}

/// What there is, a line for each; ids that AWS gives out left aside.
pub fn picture(world: &World) -> BTreeSet<String> {
    let state = world.state();
    let namespaces = state.namespaces.values().map(|found| format!("namespace {}", found.namespace.name));
    let services = state.cloud_map_services.values().map(|found| format!("service {}", found.service.name));
    let instances = state.cloud_map_services.values().flat_map(|found| {
        let name = found.service.name.clone();
        found.instances.iter().map(move |(id, attributes)| format!("{name} {id} {attributes:?}"))
    });
    let targets = state
        .target_groups
        .values()
        .flat_map(|filled| filled.targets.iter().map(|(target, (state, _))| format!("{target} {}", state.as_str())));
    let zones = state.services.values().map(|(service, _)| format!("{:?}", service.availability_zones));
    let tags = state.resource_tags.iter().filter(|((.., resource), _)| &*resource.id == GROUP);
    let tags = tags.map(|((.., resource), tags)| format!("{resource} {tags:?}"));
    namespaces.chain(services).chain(instances).chain(targets).chain(zones).chain(tags).collect()
}
