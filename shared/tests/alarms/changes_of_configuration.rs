//! What one configuration made, the next one takes away, or changes.

use drawbridge::world::World;
use serde_json::json;

use crate::ground::{CONSUMER, HUB, controller, ground, picture, rules_of, settle};

/// What stands after these forms, one after the other.
async fn after(accounts: &[&str], place: &str, forms: &[(&str, &str)]) -> World {
    let world = ground();
    for (endpoints, services) in forms {
        let alarms = json!({ "endpoints": endpoints, "select": "every", "services": services, "in": place });
        settle(&controller(&world), &world, &rules_of(accounts, &alarms)).await;
    }
    world
}

#[tokio::test]
async fn form_leaves_nothing_of_the_one_before() {
    let forms = [("each", "each"), ("fleet", "each"), ("remove", "each"), ("each", "remove"), ("remove", "remove")];
    for place in ["member", "hub"] {
        for accounts in [&[HUB, CONSUMER][..], &[CONSUMER]] {
            for before in forms {
                for now in forms {
                    let alone = picture(&after(accounts, place, &[now]).await);
                    let found = picture(&after(accounts, place, &[before, now]).await);
                    assert_eq!(found, alone, "{place} {accounts:?}: {before:?}, then {now:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn composites_go_in_one_sweep_with_what_they_cover() {
    let world = after(&[HUB, CONSUMER], "hub", &[("each", "each")]).await;
    assert!(world.state().alarms.keys().any(|(_, _, name)| name.ends_with("/degraded")));
    let rules = rules_of(
        &[HUB, CONSUMER],
        &json!({ "endpoints": "each", "select": "every", "services": "remove", "in": "hub" }),
    );
    crate::ground::sweep(&controller(&world), &world, &rules).await;
    let left: Vec<String> = world.state().alarms.keys().map(|(_, _, name)| name.clone()).collect();
    assert!(!left.iter().any(|name| name.contains("/service/")), "{left:#?}");
}
