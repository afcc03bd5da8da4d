//! What holds of `publish-alarms` whatever is there and whatever goes wrong: whole runs of the controller on the in-memory world.
#![cfg(feature = "world")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that stops is a test that fails"
)]

mod calls;
#[path = "../case/mod.rs"]
mod case;
mod changes_of_configuration;
mod convergence;
mod document;
mod foreign;
mod ground;
mod many_endpoints;
mod order;
mod quotas;
mod single_fault;
