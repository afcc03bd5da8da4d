//! What is none of ours stays as it is, and modes that write nothing write nothing.

use serde_json::json;

use crate::{
    case::happen,
    ground::{
        CONSUMER, HUB, controller, endpoint, follows, ground, group, picture, rules, rules_as, settle, sweep, wait,
        wanted, writes,
    },
};

/// A namespace of the name, with services and instances that people made.
fn of_people() -> serde_json::Value {
    let service = |id: &str, name: &str, instances: serde_json::Value| {
        json!({
            "account": CONSUMER, "region": "eu-west-1", "id": id, "namespace": "ns-people", "name": name,
            "instances": instances
        })
    };
    let task = json!({ "AWS_INSTANCE_IPV4": "10.0.1.9" });
    let of_another = json!({
        "AWS_INSTANCE_IPV4": "10.0.1.9", "drawbridge.owner": "another", "account": CONSUMER, "region": "eu-west-1",
        "endpoint-id": "vpce-0123456789abcdef0"
    });
    let of_our_name = json!({ "AWS_INSTANCE_IPV4": "10.0.9.9" });
    json!({
        "namespaces": [{ "account": CONSUMER, "region": "eu-west-1", "id": "ns-people", "name": "shop" }],
        "cloud_map_services": [
            service("srv-1", "payments", json!({
                "task": task, "another": of_another, "vpce-0f1e2d3c4b5a69788-euw1-az1": of_our_name
            })),
            service("srv-2", "empty", json!({}))
        ],
        "target_groups": [group(&json!({ "10.0.1.66:8080": "healthy" }), &follows())]
    })
}

#[tokio::test]
async fn what_others_made_stays_as_it_is() {
    for settings in [json!({}), json!({ "endpoints": "remove" }), json!({ "make": "nothing" })] {
        let rules = rules_as("enforce", &settings);
        let world = ground();
        happen(&world, &of_people());
        let before = picture(&world);
        settle(&world, &rules).await;
        wait(&world);
        settle(&world, &rules).await;
        let after = picture(&world);
        let zones = |line: &&String| !line.starts_with('{');
        let lost: Vec<&String> = before.difference(&after).filter(zones).collect();
        assert!(lost.is_empty(), "{settings}: {lost:#?}");
    }
}

#[tokio::test]
async fn only_enforce_writes_and_off_asks_for_nothing() {
    for mode in ["off", "observe"] {
        let world = ground();
        let (before, rules) = (picture(&world), rules_as(mode, &json!({})));
        sweep(&controller(&world, &rules), &world, &rules).await;
        let calls = world.take_calls();
        assert!(!calls.iter().any(|call| writes(call)), "{mode}: {calls:?}");
        assert_eq!(calls.is_empty(), mode == "off");
        assert_eq!(picture(&world), before);
    }
}

#[tokio::test]
async fn two_accounts_share_a_service_and_leave_each_other_alone() {
    let world = ground();
    let shared = json!({
        "namespaces": [{ "account": HUB, "region": "eu-west-1", "id": "ns-shop", "name": "shop", "shared": [CONSUMER] }],
        "cloud_map_services": [{
            "account": HUB, "region": "eu-west-1", "id": "srv-pay", "namespace": "ns-shop", "name": "payments",
            "instances": {
                "vpce-0123456789abcdef0-euw1-az1": {
                    "AWS_INSTANCE_IPV4": "10.0.1.9", "drawbridge.owner": "hub", "account": "555555555555",
                    "region": "eu-west-1", "endpoint-id": "vpce-0123456789abcdef0"
                }
            }
        }]
    });
    happen(&world, &shared);
    settle(&world, &rules()).await;
    let instances = || {
        let lines = picture(&world).into_iter().filter(|line| line.starts_with("payments"));
        lines.map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let neighbour = "vpce-0123456789abcdef0-euw1-az1";
    assert_eq!(instances(), [neighbour, "vpce-0f1e2d3c4b5a69788-euw1-az1", "vpce-0f1e2d3c4b5a69788-euw1-az2"]);
    happen(&world, &json!({ "endpoints": [endpoint("rejected", &wanted())] }));
    world.change().services.clear();
    settle(&world, &rules()).await;
    assert_eq!(instances(), [neighbour]);
}
