//! What must be so of names when nothing happens any more, and all sweeps are done.

mod names;
mod services;

use std::collections::BTreeSet;

use drawbridge::world::{HostedZone, State};

use super::{register::is_made_by_us, terms::Terms};
use crate::{
    stage::{Invariant, Stage},
    version::Version,
};

pub fn check(stage: &Stage, version: &Version) {
    let Some(terms) = version.names() else { return };
    let state = stage.world.snapshot();
    let mut rest = Rest { stage, terms, state: &state, due: BTreeSet::new() };
    rest.names();
    rest.services();
    rest.private_names();
    rest.authorizations();
    // What is left must be more than a limit lets go.
    let due = &rest.due;
    if !due.is_empty() && due.len() <= terms.most {
        rest.wrong(|| format!("{due:?} are to go, no limit forbids it, and they stand"));
    }
}

pub struct Rest<'a> {
    stage: &'a Stage,
    terms: &'static Terms,
    state: &'a State,
    /// What only a limit can have kept.
    due: BTreeSet<String>,
}

impl Rest<'_> {
    fn wrong(&self, words: impl FnOnce() -> String) {
        self.stage.violate(Invariant::RestIsRight, words);
    }

    /// What we opened is closed again.
    fn authorizations(&self) {
        let opened = self.stage.opened.borrow();
        let left = opened.iter().find(|(zone, vpc)| {
            let is_open = |found: &HostedZone| is_made_by_us(zone, found) && found.authorized.contains(vpc);
            self.state.zones.get(zone).is_some_and(is_open) && self.terms.may_write(zone.account.as_str())
        });
        if let Some((zone, vpc)) = left {
            self.wrong(|| format!("{vpc} may still be associated with zone {zone}"));
        }
    }
}
