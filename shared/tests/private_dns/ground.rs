//! A hub and a consumer with one of each kind of name, and sweeps over them.

use std::time::Duration;

use drawbridge::{
    controller::dns::Dns,
    event::Subject,
    policy::Rules,
    reconcile::{Run, reconcile},
    world::World,
};
use serde_json::{Value, json};

use crate::case::fill;

pub const HUB: &str = "222222222222";
pub const CONSUMER: &str = "444444444444";
pub const SERVICE: &str = "vpce-svc-0a1b2c3d4e5f60718";
pub const NAMED: &str = "vpce-0f1e2d3c4b5a69788";

/// Long enough for whatever is under way at AWS to come to its end.
pub const ROUND: Duration = Duration::from_secs(90);

/// The controller on the world.
pub type Controller<'a> = Dns<&'a World, &'a World, &'a World, &'a World, &'a World>;

pub fn controller(world: &World) -> Controller<'_> {
    Dns::new(world, world, world, world, world)
}

pub fn rules_with(dns: &Value) -> Rules {
    rules_for(&[HUB.to_owned(), CONSUMER.to_owned()], dns)
}

/// Rules of another mode.
pub fn rules_as(mode: &str, dns: &Value) -> Rules {
    parse(mode, &[HUB.to_owned(), CONSUMER.to_owned()], dns)
}

/// Rules that look after these accounts' endpoints and VPCs.
pub fn rules_for(consumers: &[String], dns: &Value) -> Rules {
    parse("enforce", consumers, dns)
}

fn parse(mode: &str, consumers: &[String], dns: &Value) -> Rules {
    let configuration = json!({
        "version": 1, "deployment": "hub", "organization": "o-a1b2c3d4e5", "hub-account": HUB, "mode": mode,
        "providers": {"accounts": [HUB], "regions": ["eu-west-1"]},
        "consumers": {"accounts": consumers},
        "dns": dns,
    });
    let policy = r#"@id("members") permit (principal in Drawbridge::Organization::"o-a1b2c3d4e5", action, resource);"#;
    Rules::parse(&configuration.to_string(), policy).unwrap_or_else(|faults| panic!("{faults}"))
}

pub fn rules() -> Rules {
    rules_with(&json!({
        "accounts": [HUB],
        "private-names": {"select": "tagged"},
        "names": {"vpcs": {"tag": {"key": "dns", "value": "yes"}}},
    }))
}

/// An empty world at the time at which all begins.
pub fn nowhere() -> World {
    World::at("2026-11-02T10:00:00Z".parse().unwrap())
}

/// A service whose name isn't verified, an endpoint that wants its name, and one that wants names of its own.
pub fn ground() -> World {
    let world = nowhere();
    fill(
        &world,
        &json!({
            "accounts": [member(HUB), member(CONSUMER)],
            "services": [service("payments.example.com")],
            "zones": [
                {"account": HUB, "id": "Z01PUBLIC", "name": "example.com", "records": [
                    {"name": "www.example.com", "type": "A", "values": ["192.0.2.1"]},
                ]},
                {"account": HUB, "id": "Z02PRIVATE", "name": "corp.example", "vpcs": ["eu-west-1/vpc-0a000000000000001"],
                 "records": [{"name": "mail.corp.example", "type": "A", "values": ["192.0.2.2"]}]},
            ],
            "vpcs": [
                vpc("vpc-0a000000000000001", HUB, false), vpc("vpc-0b000000000000002", CONSUMER, true),
                vpc("vpc-0d000000000000004", HUB, true),
            ],
            "endpoints": [endpoint("pay.corp.example *.pay.corp.example", "ipv4"), consumer_endpoint()],
        }),
    );
    world
}

fn member(account: &str) -> Value {
    json!({"id": account, "state": "ACTIVE", "path": format!("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/{account}/")})
}

pub fn service(name: &str) -> Value {
    json!({
        "account": HUB, "region": "eu-west-1", "id": SERVICE, "tags": {"drawbridge:enabled": "true"},
        "private_dns_name": name, "verification": "pendingVerification", "principals": ["*"],
    })
}

pub fn vpc(id: &str, account: &str, selected: bool) -> Value {
    let tags = if selected { json!({"dns": "yes"}) } else { json!({}) };
    json!({"id": format!("eu-west-1/{id}"), "account": account, "tags": tags})
}

/// The endpoint that wants names of its own.
pub fn endpoint(names: &str, addresses: &str) -> Value {
    let stem = format!("{NAMED}-9ghl7t3a");
    let entry = |label: String| json!({"name": format!("{label}.{SERVICE}.eu-west-1.vpce.amazonaws.com"), "zone": "Z38GZ743OKFT7T"});
    json!({
        "account": HUB, "region": "eu-west-1", "id": NAMED, "vpc": "vpc-0a000000000000001", "state": "available",
        "service_name": format!("com.amazonaws.vpce.eu-west-1.{SERVICE}"), "tags": {"drawbridge:dns-name": names},
        "ip_address_type": addresses, "dns_entries": [entry(format!("{stem}-eu-west-1a")), entry(stem)],
    })
}

/// The endpoint that wants the name of its service.
fn consumer_endpoint() -> Value {
    json!({
        "account": CONSUMER, "region": "eu-west-1", "id": "vpce-0b1b2b3b4b5b6b7b8", "vpc": "vpc-0b000000000000002",
        "service_name": format!("com.amazonaws.vpce.eu-west-1.{SERVICE}"), "state": "available",
        "tags": {"drawbridge:private-dns": "true"}, "ip_address_type": "ipv4", "dns_entries": [],
    })
}

/// A run over everything, after which a round passes.
pub async fn sweep(controller: &Controller<'_>, world: &World, rules: &Rules) -> Run {
    let run = reconcile(controller, &[Subject::Everything].into(), rules, &world, jiff::Timestamp::MAX).await;
    world.advance(ROUND);
    run
}

/// Whether a call changes something at AWS.
pub fn writes(call: &str) -> bool {
    let (_, action) = call.split_once(':').unwrap();
    !["Describe", "List", "Get"].iter().any(|verb| action.starts_with(verb))
}
