//! The deterministic simulation: functions, queues and everybody's doings on the in-memory world, in an order that one number
//! decides. README.md beside this file says how it is made, how a story is read, and how a controller is added.
#![cfg(feature = "world")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that stops is a test that fails"
)]
#![expect(clippy::similar_names, reason = "the stage has a state")]

mod agenda;
mod alarms;
mod body;
mod cast;
mod cloud_map;
mod dns;
mod endpoints;
mod environment;
mod functions;
mod happening;
mod invariant;
mod mutant;
mod policy;
mod queue;
mod random;
mod reckoning;
mod rest;
mod run;
mod seeds;
mod stage;
mod story;
mod tags;
mod trouble;
mod version;
mod wire;

use std::time::Instant;

use self::{
    mutant::{MUTATIONS, Mutation},
    seeds::{Seeds, kept, play_all, report, shrunk},
    story::Script,
};

#[test]
fn whatever_happens_the_invariants_hold() {
    let seeds = Seeds::from_environment();
    if let Some(script) = seeds.replayed() {
        let outcome = script.play(Mutation::None, true);
        println!("{}", outcome.story.join("\n"));
        assert_eq!(outcome.violation, None);
        return;
    }
    let begun = Instant::now();
    let played = play_all(kept().into_iter().chain(seeds.range()), Mutation::None);
    println!("{}", played.tell(begun.elapsed().as_secs_f64()));
    if let Some((seed, _)) = played.failed {
        panic!("{}", report(&shrunk(Script::of(seed), Mutation::None)));
    }
}

#[test]
fn each_invariant_has_a_mutant_that_is_caught() {
    const STORIES: usize = 3_000;
    let mut missed = Vec::new();
    for (mutation, invariants) in MUTATIONS {
        let part = [
            dns::mutant::is_of_names(mutation),
            tags::mutant::is_of_tags(mutation),
            alarms::mutant::is_of_alarms(mutation),
            cloud_map::mutant::is_of_cloud_map(mutation),
        ];
        let plays =
            |seed: &u64| [dns::plays(*seed), tags::plays(*seed), alarms::plays(*seed), cloud_map::plays(*seed)] == part;
        let stories = (0..).filter(plays).take(STORIES);
        match play_all(stories, mutation).failed {
            Some((seed, violation)) if invariants.contains(&violation.of) => {
                println!("{mutation:?}: seed {seed}, {violation}");
            }
            other => missed.push(format!("{mutation:?}: {other:?}")),
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn seed_is_one_story() {
    for seed in 0..20 {
        let [one, other] = [(); 2].map(|()| Script::of(seed).play(Mutation::None, true).story);
        assert_eq!(one, other);
    }
}
