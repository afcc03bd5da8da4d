//! A hub with a service and what is behind it, and two consumers with endpoints at it.

use std::collections::BTreeSet;

use drawbridge::{
    controller::tags::Tagger,
    event::Subject,
    policy::Rules,
    reconcile::{Run, reconcile},
    world::World,
};
use serde_json::{Value, json};

use crate::case::fill;

pub const HUB: &str = "222222222222";
pub const CONSUMER: &str = "444444444444";
pub const OTHER: &str = "555555555555";
pub const SERVICE: &str = "vpce-svc-0a1b2c3d4e5f60718";
pub const ENDPOINT: &str = "vpce-0f1e2d3c4b5a69788";
pub const OTHERS_ENDPOINT: &str = "vpce-0f1e2d3c4b5a69799";
pub const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/net/a/50dc6c495c0c9188";

/// The controller on the world.
pub type Controller<'a> = Tagger<&'a World, &'a World, &'a World, &'a World, &'a World>;

pub fn controller(world: &World) -> Controller<'_> {
    Tagger::new(world, world, world, world, world)
}

pub fn rules_with(tags: &Value) -> Rules {
    let configuration = json!({
        "version": 1, "deployment": "hub", "organization": "o-a1b2c3d4e5", "hub-account": HUB, "mode": "enforce",
        "providers": { "accounts": [HUB], "regions": ["eu-west-1"] }, "consumers": { "accounts": [CONSUMER, OTHER] },
        "dns": { "accounts": [HUB] }, "tags": tags
    });
    let policy = r#"@id("members") permit (principal in Drawbridge::Organization::"o-a1b2c3d4e5", action, resource);"#;
    Rules::parse(&configuration.to_string(), policy).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Rules of every sort, for every kind.
pub fn rules() -> Rules {
    rules_with(&json!({
        "look-up-creators": true,
        "write": {
            "creator": { "from": "{creator.name}" },
            "owner": { "from": "{account.name}" },
            "unit": { "from": "{account.ou-path}", "overwrite": "always" },
            "cost": { "from": "{account.tag.cost}", "default": "none" },
            "consumer": { "from": "{consumer.name} in {consumer.ou-path}" },
            "service": { "from": "{service.id}" },
            "note": { "from": "by drawbridge", "overwrite": "never" }
        }
    }))
}

pub fn account(id: &str, name: &str, unit: &str, cost: &str) -> Value {
    let path = format!("o-a1b2c3d4e5/r-ab12/{unit}/{id}/");
    json!({ "id": id, "name": name, "state": "ACTIVE", "path": path, "tags": { "cost": cost } })
}

pub fn endpoint(account: &str, id: &str, interface: &str, tags: &Value) -> Value {
    json!({
        "account": account, "region": "eu-west-1", "id": id, "service_name": format!("com.amazonaws.vpce.eu-west-1.{SERVICE}"),
        "state": "available", "vpc": "vpc-0a1b2c3d4e5f60718", "interfaces": [interface], "created": "2026-11-01T10:00:00Z", "tags": tags
    })
}

/// The record of who made an endpoint.
pub fn made(account: &str, endpoint: &str, role: &str) -> Value {
    json!({
        "eventName": "CreateVpcEndpoint", "awsRegion": "eu-west-1", "recipientAccountId": account, "eventTime": "2026-11-01T10:00:00Z",
        "userIdentity": { "type": "AssumedRole", "sessionContext": { "sessionIssuer": { "userName": role } } },
        "responseElements": { "CreateVpcEndpointResponse": { "vpcEndpoint": { "vpcEndpointId": endpoint } } }
    })
}

pub fn ground() -> World {
    let world = World::at("2026-11-02T10:00:00Z".parse().unwrap());
    let connection = |endpoint: &str, owner: &str| json!({ "endpoint": endpoint, "owner": owner, "state": "available", "tags": { "drawbridge:policy": "members" } });
    fill(
        &world,
        &json!({
            "accounts": [account(HUB, "hub", "ou-ab12-11111111", "1"), account(CONSUMER, "pay", "ou-ab12-11111111", "2"), account(OTHER, "data", "ou-ab12-22222222", "3")],
            "units": { "ou-ab12-11111111": "Production", "ou-ab12-22222222": "Sandbox" },
            "services": [{
                "account": HUB, "region": "eu-west-1", "id": SERVICE, "tags": { "drawbridge:enabled": "true" }, "load_balancers": [BALANCER],
                "connections": [connection(ENDPOINT, CONSUMER), connection(OTHERS_ENDPOINT, OTHER)]
            }],
            "load_balancers": [{
                "account": HUB, "region": "eu-west-1", "arn": BALANCER,
                "listeners": ["arn:aws:elasticloadbalancing:eu-west-1:222222222222:listener/net/a/50dc6c495c0c9188/f2f7dc8efc522ab2"],
                "target_groups": ["arn:aws:elasticloadbalancing:eu-west-1:222222222222:targetgroup/a/73e2d6bc24d8a067"]
            }],
            "zones": [{ "account": HUB, "id": "Z0123456789ABCDEFGHIJ", "name": "pay.example.com", "vpcs": ["eu-west-1/vpc-0a1b2c3d4e5f60718"],
                "comment": "heritage=drawbridge,drawbridge/owner=hub,drawbridge/resource=name/x" }],
            "tagged": [{ "kind": "alarm", "account": HUB, "region": "eu-west-1", "id": "arn:aws:cloudwatch:eu-west-1:222222222222:alarm:a",
                "tags": { "drawbridge:owner": "hub" } }],
            "endpoints": [
                endpoint(CONSUMER, ENDPOINT, "eni-0a1b2c3d4e5f60711", &json!({})),
                endpoint(OTHER, OTHERS_ENDPOINT, "eni-0a1b2c3d4e5f60712", &json!({}))
            ],
            "history": [made(CONSUMER, ENDPOINT, "deployer")]
        }),
    );
    world
}

pub async fn sweep(controller: &Controller<'_>, world: &World, rules: &Rules) -> Run {
    reconcile(controller, &[Subject::Everything].into(), rules, &world, jiff::Timestamp::MAX).await
}

/// Whether a call changes something.
pub fn writes(call: &str) -> bool {
    ["ec2:CreateTags", "elasticloadbalancing:AddTags", "tag:TagResources"].contains(&call)
}

/// All tags there are, a line for each resource.
pub fn picture(world: &World) -> BTreeSet<String> {
    let state = world.state();
    let endpoints = state.endpoints.values().map(|endpoint| format!("{} {:?}", endpoint.key, endpoint.tags));
    let services = state.services.values().flat_map(|(service, connections)| {
        let connections = connections.values().map(|connection| format!("{:?} {:?}", connection.id, connection.tags));
        std::iter::once(format!("{} {:?}", service.key, service.tags)).chain(connections)
    });
    let others = state
        .resource_tags
        .iter()
        .map(|((account, region, resource), tags)| format!("{account}/{region}/{resource} {tags:?}"));
    endpoints.chain(services).chain(others).collect()
}
