//! Whatever goes wrong with any one call, the next run mends it. Every call of every run of the story is tried.

use std::collections::BTreeSet;

use drawbridge::{
    policy::Rules,
    port::FailureKind,
    world::{Effect, World},
};
// Calls come in the same order each time only if tokio doesn't interrupt a task that has had its share.
use tokio::task::unconstrained;

use crate::{
    case::happen,
    ground::{controller, ground, rules, sweep, writes},
    picture::picture,
    story::{Part, story},
};

/// Most runs that the undisturbed story takes to come to rest after something happened.
const ENOUGH: usize = 5;

/// How long the function lives.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Life {
    /// One run: it remembers nothing.
    Run,
    /// The whole story.
    Story,
}

/// What goes wrong, and with which call of the run.
type Trouble = (usize, Effect);

/// What came of the story up to a part of it, with the trouble in the run after that part.
struct Play {
    /// The calls of the run with the trouble.
    calls: Vec<&'static str>,
    /// The picture after each later run.
    pictures: Vec<BTreeSet<String>>,
    /// What the last run wrote.
    last_writes: Vec<&'static str>,
}

async fn play(parts: &[Part], life: Life, rules: &Rules, trouble: Option<Trouble>, runs_after: usize) -> Play {
    let world = ground();
    let lasting = controller(&world);
    let run = async |world: &World| match life {
        Life::Story => sweep(&lasting, world, rules).await,
        Life::Run => sweep(&controller(world), world, rules).await,
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
    let (mut pictures, mut last_writes) = (Vec::new(), Vec::new());
    for _ in 0..runs_after {
        run(&world).await;
        pictures.push(picture(&world));
        last_writes = world.take_calls().into_iter().filter(|call| writes(call)).collect();
    }
    Play { calls, pictures, last_writes }
}

/// What can go wrong with a call.
fn troubles(call: &str) -> Vec<Effect> {
    let mut effects = [FailureKind::Retry, FailureKind::Denied, FailureKind::Gone].map(Effect::Fails).to_vec();
    if writes(call) {
        effects.push(Effect::AnswerLost);
    }
    if writes(call) && call.starts_with("route53:") {
        effects.push(Effect::FailsWith(FailureKind::Retry, "PriorRequestNotComplete"));
    }
    if call == "route53:ChangeResourceRecordSets" {
        effects.push(Effect::FailsWith(FailureKind::Refused, "InvalidChangeBatch"));
    }
    effects
}

async fn every_fault_is_repaired(life: Life) {
    let (story, rules) = (story(), rules());
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for (last, (title, _)) in story.iter().enumerate() {
        let parts = &story[..=last];
        let undisturbed = play(parts, life, &rules, None, ENOUGH).await;
        assert!(undisturbed.last_writes.is_empty(), "{title}: {:?}", undisturbed.last_writes);
        let rest = undisturbed.pictures.last().unwrap();
        let runs = undisturbed.pictures.iter().position(|picture| picture == rest).unwrap();
        for (index, call) in undisturbed.calls.iter().enumerate() {
            for effect in troubles(call) {
                // One run more than without the trouble, and another that has nothing to do.
                let disturbed = play(parts, life, &rules, Some((index, effect.clone())), runs + 3).await;
                assert_eq!(disturbed.calls[index], *call, "{title}: call {index} is another one");
                tried += 1;
                let repaired = &disturbed.pictures[runs + 1];
                if repaired != rest || !disturbed.last_writes.is_empty() {
                    let missing: Vec<_> = rest.difference(repaired).collect();
                    let too_much: Vec<_> = repaired.difference(rest).collect();
                    wrong.push(format!(
                        "{title}: call {index} {call} {effect:?}: missing {missing:#?}, too much {too_much:#?}, writes {:?}",
                        disturbed.last_writes
                    ));
                }
            }
        }
    }
    assert!(tried > 500, "only {tried} faults were tried");
    assert!(wrong.is_empty(), "{} of {tried} are not repaired:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn any_single_fault_is_repaired_by_the_next_run() {
    unconstrained(every_fault_is_repaired(Life::Run)).await;
}

#[tokio::test]
async fn any_single_fault_is_repaired_by_a_function_that_remembers_it() {
    unconstrained(every_fault_is_repaired(Life::Story)).await;
}
