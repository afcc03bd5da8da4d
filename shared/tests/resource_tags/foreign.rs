//! What is none of ours stays as it is, and modes that write nothing write nothing.

use std::collections::BTreeSet;

use drawbridge::policy::Mode;
use serde_json::{Value, json};

use crate::{
    case::happen,
    ground::{CONSUMER, HUB, controller, endpoint, ground, picture, rules, sweep, writes},
};

/// Things beside those that are looked after.
fn of_others() -> Value {
    let far = "666666666666";
    let mut ignored =
        endpoint(CONSUMER, "vpce-0a000000000000001", "eni-0a1b2c3d4e5f60721", &json!({ "drawbridge:ignore": "true" }));
    ignored["interfaces"] = json!(["eni-0a1b2c3d4e5f60721"]);
    let elsewhere = "arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/net/other/50dc6c495c0c9199";
    json!({
        "endpoints": [endpoint(far, "vpce-0a000000000000002", "eni-0a1b2c3d4e5f60722", &json!({ "owner": "far" })), ignored,
            { "account": CONSUMER, "region": "us-east-1", "id": "vpce-0a000000000000003", "service_name": "x", "state": "available", "vpc": "vpc-0a1b2c3d4e5f60718" }],
        "services": [{ "account": HUB, "region": "eu-west-1", "id": "vpce-svc-0b000000000000001", "tags": {}, "load_balancers": [elsewhere],
            "connections": [{ "endpoint": "vpce-0a000000000000002", "owner": far, "state": "available", "tags": {} }] }],
        "load_balancers": [{ "account": HUB, "region": "eu-west-1", "arn": elsewhere, "listeners": [], "target_groups": [] }],
        "tagged": [
            { "kind": "alarm", "account": HUB, "region": "eu-west-1", "id": "arn:aws:cloudwatch:eu-west-1:222222222222:alarm:b", "tags": { "drawbridge:owner": "other" } },
            { "kind": "alarm", "account": HUB, "region": "eu-west-1", "id": "arn:aws:cloudwatch:eu-west-1:222222222222:alarm:c", "tags": {} }
        ]
    })
}

#[tokio::test]
async fn what_is_not_looked_after_keeps_its_tags() {
    let world = ground();
    let before = picture(&world);
    happen(&world, &of_others());
    let of_others: BTreeSet<String> = picture(&world).difference(&before).cloned().collect();
    assert_eq!(of_others.len(), 8, "{of_others:#?}");
    sweep(&controller(&world), &world, &rules()).await;
    let after = picture(&world);
    assert!(of_others.is_subset(&after), "{:#?}", of_others.difference(&after));
    assert!(!after.is_superset(&before), "nothing was written at all");
}

#[tokio::test]
async fn modes_that_write_nothing_write_nothing() {
    for mode in [Mode::Off, Mode::Observe] {
        let world = ground();
        let mut rules = rules();
        rules.configuration.mode = mode;
        let before = picture(&world);
        sweep(&controller(&world), &world, &rules).await;
        assert_eq!(picture(&world), before, "{mode}");
        let calls = world.take_calls();
        assert!(!calls.iter().any(|call| writes(call)), "{mode}: {calls:?}");
        assert_eq!(calls.is_empty(), mode == Mode::Off);
    }
}
