//! The command as its users meet it: what it says on which stream, and how it ends.
//!
//! `UPDATE_GOLDEN=1` writes `tests/expected` anew.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that stops is a test that fails"
)]

mod adoptions;
mod approvals;
mod documents;
#[path = "../../../shared/tests/emulator/mod.rs"]
mod emulator;
mod explanations;
mod hand;
mod provider;
mod session;
