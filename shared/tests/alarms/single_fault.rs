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
        CONSUMER, ENDPOINT, GROUP, HUB, HUBS_ENDPOINT, balancer, controller, enabled, endpoint, ground, picture, rules,
        rules_with, service, settle, sweep, writes,
    },
};

/// What happens, under which rules; everything is at rest before.
fn story() -> Vec<(&'static str, Value, Rules)> {
    let second = GROUP.replace("/a/", "/b/");
    let both = [(ENDPOINT, CONSUMER), (HUBS_ENDPOINT, HUB)];
    let with = |endpoints: &str, services: &str| {
        rules_with(&json!({ "endpoints": endpoints, "select": "every", "services": services }))
    };
    let tags = json!({ "drawbridge:alarm:packets-dropped": "3", "drawbridge:alarm:idle": "off" });
    let threshold = json!({ "drawbridge:enabled": "true", "drawbridge:alarm:resets-sent": "7" });
    vec![
        ("first alarms", json!({}), rules()),
        ("nothing left", json!({}), rules()),
        (
            "thresholds by tags",
            json!({ "endpoints": [endpoint(CONSUMER, ENDPOINT, &tags)], "services": [service(&both, &threshold)] }),
            rules(),
        ),
        ("another target group", json!({ "load_balancers": [balancer(&[GROUP, &second])] }), rules()),
        ("target group gone", json!({ "load_balancers": [balancer(&[GROUP])] }), rules()),
        (
            "endpoint gone",
            json!({ "endpoints_gone": [HUBS_ENDPOINT], "services": [service(&both[..1], &enabled())] }),
            rules(),
        ),
        ("fleet", json!({}), with("fleet", "each")),
        (
            "service not selected any more",
            json!({ "services": [service(&both[..1], &json!({}))] }),
            with("fleet", "each"),
        ),
        ("removed", json!({ "services": [service(&both[..1], &enabled())] }), with("remove", "remove")),
    ]
}

/// What goes wrong, and with which call of the run.
type Trouble = (usize, Effect);

/// The calls of the run after the last part, and what there is when all is at rest.
async fn play(parts: &[(&str, Value, Rules)], trouble: Option<Trouble>) -> (Vec<&'static str>, Vec<String>) {
    let world: World = ground();
    let ((_, last, rules), before) = parts.split_last().unwrap();
    // The parts before are made good at once: one world for each would be played again and again.
    for (_, happening, rules) in before {
        happen(&world, happening);
        settle(&controller(&world), &world, rules).await;
    }
    happen(&world, last);
    world.take_calls();
    if let Some((index, effect)) = trouble {
        world.order_after(index, effect);
    }
    sweep(&controller(&world), &world, rules).await;
    let calls = world.take_calls();
    settle(&controller(&world), &world, rules).await;
    (calls, picture(&world).into_iter().collect())
}

#[tokio::test]
async fn any_single_fault_is_repaired_by_the_next_runs() {
    let story = story();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for (last, (title, ..)) in story.iter().enumerate() {
        let parts = &story[last.saturating_sub(1)..=last];
        let (calls, rest) = unconstrained(play(parts, None)).await;
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
                    wrong.push(format!("{title}: call {index} {call} {effect:?}: {repaired:#?}"));
                }
            }
        }
    }
    assert!(tried > 400, "only {tried} faults were tried");
    assert!(wrong.is_empty(), "{} of {tried} are not repaired:\n{}", wrong.len(), wrong.join("\n"));
}
