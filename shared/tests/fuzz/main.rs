//! The fuzz targets on all seeds and on variations of them that one number decides: bounded, on the stable toolchain.
//!
//! The targets are those of `shared/fuzz`, where libFuzzer goes on for as long as one likes (`make fuzz`). `VARIATIONS` sets the
//! number of variations for each target.
#![cfg(feature = "world")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that stops is a test that fails"
)]

#[path = "../simulation/random.rs"]
mod random;
mod seeds;
#[path = "../../fuzz/targets.rs"]
mod targets;
mod variation;

use std::panic::{AssertUnwindSafe, catch_unwind};

use self::{random::Random, targets::TARGETS, variation::varied};

/// Variations of each target in `make test`.
const VARIATIONS: u64 = 3_000;

/// What a target doesn't hold for: the text, and what it said.
fn failure(target: &str, text: &[u8]) -> Option<String> {
    let checked = catch_unwind(AssertUnwindSafe(|| targets::run(target, text)));
    checked.err().map(|said| {
        let said = said.downcast_ref::<String>().cloned();
        format!("{target}: {}\n{}", said.unwrap_or_default(), String::from_utf8_lossy(text).escape_debug())
    })
}

#[test]
fn targets_hold_for_every_seed() {
    for (target, _) in TARGETS {
        let seeds = seeds::of(target);
        assert!(seeds.len() >= 10, "{target} has {} seeds", seeds.len());
        let failures: Vec<String> = seeds.iter().filter_map(|seed| failure(target, seed)).collect();
        assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    }
}

#[test]
fn targets_hold_for_variations_of_seeds() {
    let count = std::env::var_os("VARIATIONS").and_then(|count| count.into_string().ok());
    let count = count.map_or(VARIATIONS, |count| count.parse().unwrap());
    for (target, _) in TARGETS {
        let seeds = seeds::of(target);
        let random = Random::new(0);
        for _ in 0..count {
            if let Some(failure) = failure(target, &varied(&seeds, &random)) {
                panic!(
                    "{failure}\n\nA file with this text (escapes read) in tests/cases/fuzz/{target} is tried always."
                );
            }
        }
    }
}

#[test]
fn text_that_is_nested_deeply_is_refused_and_not_run_out_of_stack_on() {
    for (target, _) in TARGETS {
        for opening in
            ["[", "{", "(", "{a: ", "- ", "!", "{\"a\":", "if ", "permit(principal,action,resource) when { !"]
        {
            let text = opening.repeat(20_000);
            assert_eq!(failure(target, text.as_bytes()), None, "{opening}");
        }
    }
}

#[test]
fn broken_target_is_found_out() {
    assert!(failure("policy", b"permit (").is_none());
    assert!(failure("there is none of this name", b"").is_some());
}
