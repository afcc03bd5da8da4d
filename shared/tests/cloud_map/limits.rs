//! What one run may take away.

use serde_json::json;

use crate::{
    case::happen,
    ground::{controller, follows, ground, group, orders, picture, rules_as, settle, sweep},
};

#[tokio::test]
async fn run_that_would_take_away_more_than_it_may_takes_away_nothing_and_asks() {
    let before: Vec<String> = (1..=12).map(|number| format!("10.0.1.{number}")).collect();
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let world = ground();
    let rules = rules_as("enforce", &json!({}));
    let mut tags = follows();
    tags["drawbridge:owner"] = json!("hub");
    let filled = json!({
        "cloud_map_services": [orders(&before)], "target_groups": [group(&json!({}), &tags)]
    });
    happen(&world, &filled);
    settle(&world, &rules).await;
    let targets = || picture(&world).iter().filter(|line| line.ends_with(" healthy")).count();
    assert_eq!(targets(), 12);
    happen(&world, &json!({ "cloud_map_services": [orders(&before[..1])] }));
    let run = sweep(&controller(&world, &rules), &world, &rules).await;
    assert_eq!(targets(), 12, "11 are too many");
    let told = run.keys.iter().flat_map(|key| &key.entries).filter_map(|(decision, _)| decision.announce);
    assert_eq!(told.collect::<Vec<_>>(), ["Deregistration Withheld"]);
    happen(&world, &json!({ "cloud_map_services": [orders(&before[..2])] }));
    settle(&world, &rules).await;
    assert_eq!(targets(), 2, "10 are not");
}
