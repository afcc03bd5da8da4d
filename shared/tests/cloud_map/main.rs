//! What holds of `sync-cloud-map` whatever is there and whatever goes wrong: whole runs of the controller on the in-memory world.
#![cfg(feature = "world")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that stops is a test that fails")]

mod calls;
#[path = "../case/mod.rs"]
mod case;
mod foreign;
mod ground;
mod limits;
mod many;
mod single_fault;
