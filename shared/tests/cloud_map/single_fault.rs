//! Whatever goes wrong with any one call, the next runs mend it. Every call of every run of a story is tried.

use drawbridge::{
    policy::Rules,
    port::FailureKind,
    world::{Effect, World},
};
use serde_json::{Value, json};
// Calls come in the same order each time only if tokio doesn't interrupt a task that has had its share.
use tokio::task::unconstrained;

use crate::{
    case::happen,
    ground::{
        BALANCER, ENDPOINT, controller, endpoint, ground, orders, picture, rules, rules_as, settle, sweep, wait,
        wanted, writes,
    },
};

/// What happens, under which rules; everything is at rest before.
fn story() -> Vec<(&'static str, Value, Rules)> {
    let remove = rules_as("enforce", &json!({ "endpoints": "remove" }));
    let other_port = json!({ "drawbridge:cloud-map": "payments:8443/tls" });
    let renamed = json!({ "drawbridge:cloud-map": "ledger" });
    let zones = json!(["eu-west-1a", "eu-west-1b", "eu-west-1c"]);
    vec![
        ("nothing registered yet", json!({}), rules()),
        ("another port", json!({ "endpoints": [endpoint("available", &other_port)] }), rules()),
        ("another name", json!({ "endpoints": [endpoint("available", &renamed)] }), rules()),
        ("task replaced", json!({ "cloud_map_services": [orders(&["10.0.1.1", "10.0.2.3"])] }), rules()),
        ("all tasks replaced", json!({ "cloud_map_services": [orders(&["10.0.1.8", "10.0.2.8"])] }), rules()),
        ("another zone", json!({ "balancer_zones": [{ "arn": BALANCER, "zones": zones }] }), rules()),
        ("no task", json!({ "cloud_map_services": [orders(&[])] }), rules()),
        ("endpoint gone", json!({ "endpoints_gone": [ENDPOINT] }), rules()),
        ("endpoint again", json!({ "endpoints": [endpoint("available", &wanted())] }), rules()),
        ("removed", json!({}), remove),
    ]
}

/// What goes wrong, and with which call of the run.
type Trouble = (usize, Effect);

/// The calls of the run after the last part, and what there is when all is at rest.
async fn play(parts: &[(&str, Value, Rules)], trouble: Option<Trouble>) -> (Vec<&'static str>, Vec<String>) {
    let world: World = ground();
    let ((_, last, rules), before) = parts.split_last().unwrap();
    for (_, happening, rules) in before {
        happen(&world, happening);
        settle(&world, rules).await;
        wait(&world);
    }
    happen(&world, last);
    world.take_calls();
    if let Some((index, effect)) = trouble {
        world.order_after(index, effect);
    }
    sweep(&controller(&world, rules), &world, rules).await;
    let calls = world.take_calls();
    wait(&world);
    settle(&world, rules).await;
    wait(&world);
    (calls, picture(&world).into_iter().collect())
}

#[tokio::test]
async fn any_single_fault_is_repaired_by_the_next_runs() {
    let story = story();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for (last, (title, ..)) in story.iter().enumerate() {
        let parts = &story[..=last];
        let (calls, rest) = unconstrained(play(parts, None)).await;
        assert!(calls.iter().any(|call| writes(call)) || *title == "no task", "{title} changes nothing");
        for (index, call) in calls.iter().enumerate() {
            let mut effects =
                [FailureKind::Retry, FailureKind::Denied, FailureKind::Refused].map(Effect::Fails).to_vec();
            if writes(call) {
                effects.push(Effect::AnswerLost);
            }
            for effect in effects {
                let (disturbed, repaired) = unconstrained(play(parts, Some((index, effect.clone())))).await;
                assert_eq!(disturbed[index], *call, "{title}: call {index} is another one");
                tried += 1;
                if repaired != rest {
                    wrong.push(format!("{title}: call {index} {call} {effect:?}: {repaired:#?} not {rest:#?}"));
                }
            }
        }
    }
    assert!(tried > 300, "only {tried} faults were tried");
    assert!(wrong.is_empty(), "{} of {tried} are not repaired:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn story_ends_as_it_should() {
    let world = ground();
    for (_, happening, rules) in story() {
        happen(&world, &happening);
        settle(&world, &rules).await;
        wait(&world);
    }
    let left: Vec<String> = picture(&world).into_iter().filter(|line| !line.contains("targetgroup")).collect();
    let zones = r#"{"eu-west-1a", "eu-west-1b", "eu-west-1c"}"#;
    // The tasks are gone, and their targets stay: nothing is taken away on an empty read.
    assert_eq!(left, ["10.0.1.8:8080 healthy", "10.0.2.8:8080 healthy", "namespace inner", "service orders", zones]);
}
