//! The twin is true: one table of calls and answers, held against the in-memory world and against the local AWS. So what the
//! simulation finds on the one holds on the other, where the end-to-end tests are.
#![cfg(feature = "world")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that stops is a test that fails")]
#![cfg_attr(feature = "aws", expect(clippy::expect_used, reason = "a test that stops is a test that fails"))]

mod alarms;
mod answer;
mod dns;
#[cfg(feature = "aws")]
#[path = "../emulator/mod.rs"]
#[expect(dead_code, reason = "other tests ask more of it")]
mod emulator;
mod ground;
#[cfg(feature = "aws")]
mod local_aws;
mod memory;
mod resolvers;
mod table;
mod tags;

use self::ground::Ground;

#[tokio::test]
async fn world_answers_as_the_table_says() {
    hold(async |_| memory::Memory::new()).await;
}

#[cfg(feature = "aws")]
#[tokio::test]
async fn local_aws_answers_as_the_table_says() {
    Box::pin(hold(async |name| Box::pin(local_aws::LocalAws::new(name)).await)).await;
}

/// Holds each case against ground of its own.
async fn hold<G: Ground>(new: impl AsyncFn(usize) -> G) {
    let mut wrong = Vec::new();
    let cases = table::CASES.iter().chain(dns::cases::CASES).chain(resolvers::CASES).chain(tags::CASES);
    let cases = cases.chain(alarms::CASES);
    for (index, (name, rows)) in cases.enumerate() {
        let ground = new(index).await;
        for (call, expected) in *rows {
            let answer = Box::pin(answer::of(&ground, call)).await;
            if answer != *expected {
                wrong.push(format!("{name}: {call:?} gives {answer:?}, expected {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
