//! Alarms and dashboards: who and what a story of theirs has besides, and what must hold of it.
//!
//! A part of the stories plays with them, by a cast of its own; in the others `publish-alarms` isn't deployed, so that they stay
//! the stories that they were.

pub mod cast;
pub mod hand;
pub mod happening;
pub mod invariant;
pub mod mutant;
pub mod profile;
pub mod reckoning;
pub mod rest;
pub mod terms;

/// Whether the story of this seed is one with alarms.
pub fn plays(seed: u64) -> bool {
    seed % 11 == 4 && !super::dns::plays(seed) && !super::tags::plays(seed)
}
