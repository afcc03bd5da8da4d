//! What is none of ours stays as it is, and modes that write nothing write nothing.

use std::collections::BTreeSet;

use drawbridge::{
    model::{Alarm, AlarmRule, StandingAlarm, Tags},
    policy::Mode,
    world::{TaggedAlarm, World},
};
use serde_json::json;

use crate::ground::{
    CONSUMER, ENDPOINT, HUB, SERVICE, controller, ground, picture, rules, rules_with, settle, sweep, writes,
};

/// Puts an alarm there, made by another.
pub fn place(world: &World, home: &str, name: &str, rule: AlarmRule, owner: Option<&str>) {
    let alarm = Alarm {
        name: name.to_owned(),
        description: "of people".to_owned(),
        alarm_actions: BTreeSet::new(),
        ok_actions: BTreeSet::new(),
        rule,
    };
    let arn = format!("arn:aws:cloudwatch:eu-west-1:{home}:alarm:{name}");
    let tags: Tags = owner.map(|owner| ("drawbridge:owner".to_owned(), owner.to_owned())).into_iter().collect();
    let standing = StandingAlarm { alarm, arn, acts: true, is_partial: false, is_broken: false };
    let place = (home.parse().unwrap(), "eu-west-1".parse().unwrap(), name.to_owned());
    world.change().alarms.insert(place, TaggedAlarm { standing, tags });
}

/// Names that are ours to give, of things that are there and of things that aren't.
fn names() -> Vec<(&'static str, String)> {
    let gone = "vpce-0123456789abcdef0";
    vec![
        (CONSUMER, format!("drawbridge/hub/{CONSUMER}/endpoint/{ENDPOINT}/packets-dropped")),
        (CONSUMER, format!("drawbridge/hub/{CONSUMER}/endpoint/{gone}/packets-dropped")),
        (CONSUMER, format!("drawbridge/hub/{CONSUMER}/endpoints/packets-dropped")),
        (HUB, format!("drawbridge/hub/{HUB}/service/{SERVICE}/resets-sent")),
        (HUB, format!("drawbridge/hub/{HUB}/service/{SERVICE}/down")),
        (HUB, format!("drawbridge/hub/{HUB}/service/{SERVICE}/degraded")),
        (HUB, format!("drawbridge/hub/{HUB}/service/vpce-svc-0123456789abcdef0/down")),
        (HUB, "drawbridge/hub-of-others/x".to_owned()),
        (HUB, "orders".to_owned()),
    ]
}

#[tokio::test]
async fn alarms_and_dashboards_of_others_stay_as_they_are() {
    for owner in [None, Some("another"), Some("hub2"), Some("")] {
        for (endpoints, services) in [("each", "each"), ("fleet", "each"), ("remove", "remove")] {
            let world = ground();
            for (home, name) in names() {
                place(&world, home, &name, AlarmRule::Other, owner);
            }
            for name in [SERVICE, "vpce-svc-0123456789abcdef0"] {
                let key = (HUB.parse().unwrap(), format!("drawbridge-hub-eu-west-1-{HUB}-{name}"));
                world.change().dashboards.insert(key, r#"{"widgets": []}"#.to_owned());
            }
            let before = picture(&world);
            let rules = rules_with(&json!({ "endpoints": endpoints, "select": "every", "services": services }));
            settle(&controller(&world), &world, &rules).await;
            let after = picture(&world);
            assert!(before.is_subset(&after), "{owner:?}: {:#?}", before.difference(&after));
            assert_eq!(after.len() > before.len(), services == "each", "ours are made all the same");
        }
    }
}

#[tokio::test]
async fn what_people_covered_stays_and_keeps_nothing_else() {
    let world = ground();
    let controller = controller(&world);
    settle(&controller, &world, &rules()).await;
    let covered = format!("drawbridge/hub/{CONSUMER}/endpoint/{ENDPOINT}/packets-dropped");
    let rule = AlarmRule::Composite { expression: format!("ALARM(\"{covered}\")"), suppressor: None };
    place(&world, CONSUMER, "people", rule, None);
    let removing = rules_with(&json!({ "endpoints": "remove", "services": "remove" }));
    for _ in 0..3 {
        sweep(&controller, &world, &removing).await;
    }
    let left: Vec<String> = world.state().alarms.keys().map(|(_, _, name)| name.clone()).collect();
    assert_eq!(left, [covered, "people".to_owned()]);
    assert!(world.state().dashboards.is_empty());
}

#[tokio::test]
async fn modes_that_write_nothing_write_nothing() {
    for mode in [Mode::Off, Mode::Observe] {
        let world = ground();
        let mut rules = rules();
        rules.configuration.mode = mode;
        sweep(&controller(&world), &world, &rules).await;
        assert_eq!(picture(&world), BTreeSet::new(), "{mode}");
        let calls = world.take_calls();
        assert!(!calls.iter().any(|call| writes(call)), "{mode}: {calls:?}");
        assert_eq!(calls.is_empty(), mode == Mode::Off);
    }
}
