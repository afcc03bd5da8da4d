//! Cloud Map and target groups: who and what a story of theirs has besides, and what must hold of it.
//!
//! A part of the stories plays with them, by a cast of its own; in the others `sync-cloud-map` isn't deployed, so that they stay
//! the stories that they were.

pub mod cast;
pub mod happening;
pub mod invariant;
pub mod mutant;
pub mod reckoning;
pub mod rest;
pub mod terms;

/// Whether the story of this seed is one with Cloud Map.
pub fn plays(seed: u64) -> bool {
    seed % 13 == 5 && !super::dns::plays(seed) && !super::tags::plays(seed) && !super::alarms::plays(seed)
}
