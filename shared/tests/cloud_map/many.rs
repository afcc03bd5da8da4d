//! A place with as much as it can have.

use serde_json::{Value, json};

use crate::{
    case::happen,
    ground::{CONSUMER, ground, orders, picture, rules, settle},
};

#[tokio::test]
async fn hundreds_of_endpoints_and_targets_are_read_in_pages_and_come_to_rest() {
    let world = ground();
    let endpoints: Vec<Value> = (0..450)
        .map(|number| {
            json!({
                "account": CONSUMER, "region": "eu-west-1", "id": format!("vpce-{number:017x}"), "state": "available",
                "vpc": "vpc-0a1b2c3d4e5f60718", "tags": { "drawbridge:cloud-map": "payments" },
                "service_name": "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0",
                "interfaces": [format!("eni-{number:017x}")]
            })
        })
        .collect();
    let addresses: Vec<Value> = (0..450)
        .map(|number| {
            let ipv4 = format!("10.1.{}.{}", number / 200, number % 200 + 1);
            json!({ "interface": format!("eni-{number:017x}"), "zone_id": "euw1-az1", "ipv4": ipv4 })
        })
        .collect();
    let tasks: Vec<String> = (0..300).map(|number| format!("10.0.{}.{}", 1 + number / 200, number % 200 + 1)).collect();
    let tasks: Vec<&str> = tasks.iter().map(String::as_str).collect();
    happen(&world, &json!({ "endpoints": endpoints, "addresses": addresses, "cloud_map_services": [orders(&tasks)] }));
    settle(&world, &rules()).await;
    let picture = picture(&world);
    let count =
        |begin: &str, end: &str| picture.iter().filter(|line| line.starts_with(begin) && line.ends_with(end)).count();
    // The endpoint of the ground has two.
    assert_eq!((count("payments vpce-", ""), count("10.0.", " healthy")), (452, 300));
}
