//! Whatever goes wrong with any one call, the next run mends it. Every call of every run of a story is tried.

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
        CONSUMER, ENDPOINT, OTHER, OTHERS_ENDPOINT, account, controller, endpoint, ground, made, picture, rules, sweep,
        writes,
    },
};

/// What happens, with a sweep after each.
fn story() -> Vec<(&'static str, Value)> {
    let of_a_person = json!({ "unit": "mine", "owner": "me", "note": "hands off", "Name": "x" });
    vec![
        ("first tags", json!({})),
        ("nothing left", json!({})),
        (
            "account moved and paid for by others",
            json!({ "accounts": [account(CONSUMER, "pay", "ou-ab12-22222222", "7")] }),
        ),
        ("unit renamed", json!({ "units": { "ou-ab12-22222222": "Play" } })),
        ("history written", json!({ "history": [made(OTHER, OTHERS_ENDPOINT, "terraform")] })),
        (
            "tags of a person",
            json!({ "endpoints": [endpoint(CONSUMER, ENDPOINT, "eni-0a1b2c3d4e5f60711", &of_a_person)] }),
        ),
        (
            "new interface",
            json!({ "endpoints": [endpoint(OTHER, OTHERS_ENDPOINT, "eni-0a1b2c3d4e5f60713", &json!({}))] }),
        ),
        ("tag policy", json!({ "tag_policies": { OTHER: { "tags": { "unit": { "tag_value": ["Production"] } } } } })),
        ("endpoint gone", json!({ "endpoints_gone": [ENDPOINT] })),
    ]
}

/// What goes wrong, and with which call of the run.
type Trouble = (usize, Effect);

/// The calls of the run after the last part, what there is after the next run, and what the run after that wrote.
async fn play(
    parts: &[(&str, Value)],
    remembers: bool,
    rules: &Rules,
    trouble: Option<Trouble>,
) -> (Vec<&'static str>, Vec<String>, usize) {
    let world = ground();
    let lasting = controller(&world);
    let run = async |world: &World| {
        if remembers {
            sweep(&lasting, world, rules).await;
        } else {
            sweep(&controller(world), world, rules).await;
        }
    };
    let ((_, last), before) = parts.split_last().unwrap();
    for (_, happening) in before {
        happen(&world, happening);
        run(&world).await;
    }
    happen(&world, last);
    world.take_calls();
    if let Some((index, effect)) = trouble {
        world.order_after(index, effect);
    }
    run(&world).await;
    let calls = world.take_calls();
    run(&world).await;
    let repaired = picture(&world).into_iter().collect();
    world.take_calls();
    run(&world).await;
    (calls, repaired, world.take_calls().into_iter().filter(|call| writes(call)).count())
}

#[tokio::test]
async fn any_single_fault_is_repaired_by_the_next_run() {
    let (story, rules) = (story(), rules());
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for remembers in [false, true] {
        for (last, (title, _)) in story.iter().enumerate() {
            let parts = &story[..=last];
            let (calls, rest, writes_at_rest) = unconstrained(play(parts, remembers, &rules, None)).await;
            assert_eq!(writes_at_rest, 0, "{title}");
            for (index, call) in calls.iter().enumerate() {
                let mut effects =
                    [FailureKind::Retry, FailureKind::Denied, FailureKind::Gone].map(Effect::Fails).to_vec();
                if writes(call) {
                    effects.push(Effect::AnswerLost);
                }
                for effect in effects {
                    let trouble = Some((index, effect.clone()));
                    let (disturbed, repaired, written) = unconstrained(play(parts, remembers, &rules, trouble)).await;
                    assert_eq!(disturbed[index], *call, "{title}: call {index} is another one");
                    tried += 1;
                    if repaired != rest || written > 0 {
                        wrong.push(format!("{title}: call {index} {call} {effect:?} writes {written}: {repaired:#?}"));
                    }
                }
            }
        }
    }
    assert!(tried > 700, "only {tried} faults were tried");
    assert!(wrong.is_empty(), "{} of {tried} are not repaired:\n{}", wrong.len(), wrong.join("\n"));
}
