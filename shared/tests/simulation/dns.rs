//! Names: who and what a story of theirs has besides, and what must hold of it.
//!
//! A part of the stories plays with them, by a cast of its own; in the others `sync-dns` isn't deployed, so that they stay the
//! stories that they were.

pub mod cast;
pub mod endpoint;
pub mod happening;
pub mod invariant;
pub mod mutant;
pub mod people;
pub mod reckoning;
pub mod register;
pub mod rest;
mod seen;
pub mod terms;

/// Whether the story of this seed is one with names.
pub fn plays(seed: u64) -> bool {
    seed.is_multiple_of(5)
}
