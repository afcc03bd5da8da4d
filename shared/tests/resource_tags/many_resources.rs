//! Ten thousand resources of each sort are tagged in the fewest calls.

use std::collections::BTreeMap;

use drawbridge::world::World;
use serde_json::{Value, json};

use crate::{
    case::{fill, happen},
    ground::{CONSUMER, HUB, OTHER, account, controller, endpoint, rules_with, sweep, writes},
};

/// Results of one page, and resources of one call. Sources: API references of EC2 (`DescribeVpcEndpoints`, `CreateTags`), Elastic
/// Load Balancing (`DescribeTags`, `AddTags`), the Resource Groups Tagging API (`GetResources`, `TagResources`).
const OF_EC2: usize = 1_000;
const OF_LOAD_BALANCING: usize = 20;

fn world(things: &Value) -> World {
    let world = World::at("2026-11-02T10:00:00Z".parse().unwrap());
    fill(
        &world,
        &json!({
            "accounts": [account(HUB, "hub", "ou-ab12-11111111", "1"), account(CONSUMER, "pay", "ou-ab12-11111111", "2"), account(OTHER, "data", "ou-ab12-22222222", "3")],
            "units": { "ou-ab12-11111111": "Production", "ou-ab12-22222222": "Sandbox" }
        }),
    );
    happen(&world, things);
    world
}

/// The calls of a sweep, each with its number.
async fn calls(world: &World, tags: &Value) -> BTreeMap<&'static str, usize> {
    world.take_calls();
    let run = sweep(&controller(world), world, &rules_with(tags)).await;
    assert!(run.unfinished.is_empty() && run.failures.is_empty());
    let mut count = BTreeMap::new();
    for call in world.take_calls() {
        *count.entry(call).or_default() += 1;
    }
    count
}

fn written(calls: &BTreeMap<&'static str, usize>) -> BTreeMap<&'static str, usize> {
    calls.iter().filter(|(call, _)| writes(call)).map(|(call, count)| (*call, *count)).collect()
}

#[tokio::test]
async fn ten_thousand_endpoints_and_their_interfaces_are_written_in_the_fewest_calls() {
    let of = |account: &str, count: usize| {
        let of = account.to_owned();
        (0..count).map(move |number| {
            let digits = format!("{}{number:08x}", &of[..1]);
            let mut made = endpoint(&of, &format!("vpce-{digits}"), "eni-00000000", &json!({}));
            made["interfaces"] = json!([format!("eni-1{digits}"), format!("eni-2{digits}"), format!("eni-3{digits}")]);
            made
        })
    };
    let (mine, others) = (7_500, 2_500);
    let endpoints: Vec<Value> = of(CONSUMER, mine).chain(of(OTHER, others)).collect();
    let world = world(&json!({ "endpoints": endpoints }));
    let tags =
        json!({ "write": { "unit": { "from": "{account.ou-path}" }, "cost": { "from": "{account.tag.cost}" } } });
    let first = calls(&world, &tags).await;
    // Each account has tags of its own: four resources for each endpoint.
    let least = (4 * mine).div_ceil(OF_EC2) + (4 * others).div_ceil(OF_EC2);
    assert_eq!(written(&first), BTreeMap::from([("ec2:CreateTags", least)]));
    let reads = |call: &str, of_each: usize| {
        assert_eq!(first[call], (of_each * mine).div_ceil(OF_EC2) + (of_each * others).div_ceil(OF_EC2), "{call}");
    };
    reads("ec2:DescribeVpcEndpoints", 1);
    reads("ec2:DescribeNetworkInterfaces", 3);
    assert_eq!(written(&calls(&world, &tags).await), BTreeMap::new(), "nothing is written when nothing differs");
    // One account moves: its resources alone are written.
    happen(&world, &json!({ "accounts": [account(OTHER, "data", "ou-ab12-11111111", "3")] }));
    let moved = BTreeMap::from([("ec2:CreateTags", (4 * others).div_ceil(OF_EC2))]);
    assert_eq!(written(&calls(&world, &tags).await), moved);
}

#[tokio::test]
async fn load_balancers_zones_and_alarms_are_written_twenty_at_a_time() {
    let arn =
        |kind: &str, number: usize| format!("arn:aws:elasticloadbalancing:eu-west-1:{HUB}:{kind}/net/n{number}/a");
    let balancers = 300;
    let services: Vec<Value> = (0..balancers)
        .map(|number| {
            json!({ "account": HUB, "region": "eu-west-1", "id": format!("vpce-svc-{number:017x}"), "tags": { "drawbridge:enabled": "true" },
                    "load_balancers": [arn("loadbalancer", number)] })
        })
        .collect();
    let load_balancers: Vec<Value> = (0..balancers)
        .map(|number| {
            json!({ "account": HUB, "region": "eu-west-1", "arn": arn("loadbalancer", number), "listeners": [arn("listener", number)],
                    "target_groups": [arn("targetgroup", number), arn("targetgroup-b", number)] })
        })
        .collect();
    let (alarms, zones) = (450, 130);
    let alarms: Vec<Value> = (0..alarms)
        .map(|number| {
            json!({ "kind": "alarm", "account": HUB, "region": "eu-west-1", "tags": { "drawbridge:owner": "hub" },
                              "id": format!("arn:aws:cloudwatch:eu-west-1:{HUB}:alarm:{number}") })
        })
        .collect();
    let zones: Vec<Value> = (0..zones)
        .map(|number| json!({ "account": HUB, "id": format!("Z{number:013}"), "name": format!("n{number}.example.com"),
                              "vpcs": ["eu-west-1/vpc-0a1b2c3d4e5f60718"], "comment": "heritage=drawbridge,drawbridge/owner=hub,drawbridge/resource=name/x" }))
        .collect();
    let (count_of_alarms, count_of_zones) = (alarms.len(), zones.len());
    let world =
        world(&json!({ "services": services, "load_balancers": load_balancers, "tagged": alarms, "zones": zones }));
    let tags = json!({ "write": { "unit": { "from": "{account.ou-path}" } } });
    let first = calls(&world, &tags).await;
    let expected = BTreeMap::from([
        ("ec2:CreateTags", 1),
        ("elasticloadbalancing:AddTags", (4 * balancers).div_ceil(OF_LOAD_BALANCING)),
        ("tag:TagResources", count_of_alarms.div_ceil(20) + count_of_zones.div_ceil(20)),
    ]);
    assert_eq!(written(&first), expected);
    assert_eq!(first["elasticloadbalancing:DescribeTags"], (4 * balancers).div_ceil(OF_LOAD_BALANCING));
    assert_eq!(written(&calls(&world, &tags).await), BTreeMap::new());
}
