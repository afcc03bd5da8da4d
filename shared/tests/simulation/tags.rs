//! Tags: who and what a story of theirs has besides, and what must hold of it.
//!
//! A part of the stories plays with them, by a cast of its own; in the others `tag-resources` isn't deployed, so that they stay
//! the stories that they were.

pub mod cast;
pub mod endpoint;
pub mod happening;
pub mod invariant;
pub mod ledger;
pub mod mutant;
pub mod policy;
pub mod reckoning;
pub mod rest;
pub mod terms;
pub mod thing;

/// Whether the story of this seed is one with tags.
pub fn plays(seed: u64) -> bool {
    seed % 7 == 3 && !super::dns::plays(seed)
}
