//! What goes wrong with calls: to order, and met by the calls of that name.

use std::{collections::BTreeSet, time::Duration};

use super::{State, World};
use crate::port::{Answers, FailureKind, PortError};

/// Something to go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The call, as IAM names it.
    pub call: String,
    /// What goes wrong.
    pub effect: Effect,
    /// How many times.
    pub times: usize,
}

/// How a call goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It fails, and nothing has happened.
    Fails(FailureKind),
    /// It takes effect, and the answer is lost.
    AnswerLost,
    /// It answers 200 and refuses this item.
    Unsuccessful(String),
    /// It leaves this item out of the answer.
    Omits(String),
    /// A read answers as things were this long ago, within what the world remembers ([`World::remember`]).
    Stale(Duration),
}

impl World {
    /// Orders a fault.
    pub fn order(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault);
    }

    /// Counts a call and takes the fault that was ordered for it.
    pub(super) fn begin(&self, call: &'static str) -> Option<Effect> {
        self.calls.borrow_mut().push(call);
        let mut faults = self.faults.borrow_mut();
        let index = faults.iter().position(|fault| fault.call == call && fault.times > 0)?;
        let fault = faults.get_mut(index)?;
        fault.times -= 1;
        Some(fault.effect.clone())
    }

    /// A read: its answer, or the fault.
    pub(super) fn read<T>(
        &self,
        call: &'static str,
        place: &str,
        answer: impl FnOnce(&State) -> T,
    ) -> Result<T, PortError> {
        self.read_if_there(call, place, |state| Ok(answer(state)))
    }

    /// A read of something that has to be there: its answer, what AWS refuses it with, or the fault.
    pub(super) fn read_if_there<T>(
        &self,
        call: &'static str,
        place: &str,
        answer: impl FnOnce(&State) -> Result<T, FailureKind>,
    ) -> Result<T, PortError> {
        let answer = match self.begin(call) {
            Some(Effect::Fails(kind)) => Err(kind),
            Some(Effect::AnswerLost) => Err(FailureKind::Retry),
            Some(Effect::Stale(age)) => answer(&self.as_of(age)),
            Some(Effect::Unsuccessful(_) | Effect::Omits(_)) | None => answer(&self.state()),
        };
        answer.map_err(|kind| error(call, place, kind))
    }

    /// A write of a batch: what `apply` answers for each item, or the fault.
    pub(super) fn write<T: Ord + Clone + ToString>(
        &self,
        call: &'static str,
        place: &str,
        items: &BTreeSet<T>,
        apply: impl Fn(&mut State, &T) -> Result<(), FailureKind>,
    ) -> Answers<T> {
        let effect = self.begin(call);
        let is = |item: &T, named: &String| item.to_string() == *named;
        let mut state = self.change();
        let mut answer = |item: &T| apply(&mut state, item).map_err(|kind| error(call, place, kind));
        items
            .iter()
            .filter_map(|item| {
                let answer = match &effect {
                    Some(Effect::Fails(kind)) => Err(error(call, place, *kind)),
                    Some(Effect::AnswerLost) => answer(item).and(Err(error(call, place, FailureKind::Retry))),
                    Some(Effect::Unsuccessful(named)) if is(item, named) => {
                        Err(error(call, place, FailureKind::Refused))
                    }
                    Some(Effect::Omits(named)) if is(item, named) => return None,
                    _ => answer(item),
                };
                Some((item.clone(), answer))
            })
            .collect()
    }
}

pub(super) fn error(call: &'static str, place: &str, kind: FailureKind) -> PortError {
    PortError { call, place: place.to_owned(), kind, code: None, message: format!("ordered to fail: {kind}") }
}
