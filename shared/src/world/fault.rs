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
    /// It fails with this code of AWS's, and nothing has happened.
    FailsWith(FailureKind, &'static str),
    /// It takes effect, and the answer is lost.
    AnswerLost,
    /// It answers 200 and refuses this item.
    Unsuccessful(String),
    /// It leaves this item out of the answer.
    Omits(String),
    /// A read answers as things were this long ago, within what the world remembers ([`World::remember`]).
    Stale(Duration),
}

/// What AWS refuses a call with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    kind: FailureKind,
    code: Option<&'static str>,
    pub(super) message: String,
}

impl Refusal {
    /// A call that is wrong, or comes at the wrong time.
    pub(super) fn new(code: &'static str, message: &str) -> Self {
        Self { kind: FailureKind::Refused, code: Some(code), message: message.to_owned() }
    }

    /// A call about what isn't there.
    pub(super) fn gone(code: &'static str, message: &str) -> Self {
        Self { kind: FailureKind::Gone, ..Self::new(code, message) }
    }

    /// A call without the permission.
    pub(super) fn denied(code: &'static str, message: &str) -> Self {
        Self { kind: FailureKind::Denied, ..Self::new(code, message) }
    }

    fn error(self, call: &'static str, place: &str) -> PortError {
        let Self { kind, code, message } = self;
        let message = code.map_or_else(|| message.clone(), |code| format!("{code}: {message}"));
        PortError { call, place: place.to_owned(), kind, code: code.map(ToOwned::to_owned), message }
    }
}

impl From<FailureKind> for Refusal {
    fn from(kind: FailureKind) -> Self {
        Self { kind, code: None, message: kind.to_string() }
    }
}

impl World {
    /// Orders a fault.
    pub fn order(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault);
    }

    /// Orders a fault of whichever call comes after so many others from now on.
    pub fn order_after(&self, others: usize, effect: Effect) {
        *self.ambush.borrow_mut() = Some((self.calls.borrow().len() + others, effect));
    }

    /// Counts a call and takes the fault that was ordered for it.
    pub(super) fn begin(&self, call: &'static str) -> Option<Effect> {
        let number = self.calls.borrow().len();
        self.calls.borrow_mut().push(call);
        if let Some((_, effect)) = self.ambush.borrow_mut().take_if(|(awaited, _)| *awaited == number) {
            return Some(effect);
        }
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
        answer: impl FnOnce(&State) -> Result<T, Refusal>,
    ) -> Result<T, PortError> {
        let answer = match self.begin(call) {
            Some(Effect::Fails(kind)) => return Err(error(call, place, kind)),
            Some(Effect::FailsWith(kind, code)) => return Err(coded(call, place, kind, code)),
            Some(Effect::AnswerLost) => return Err(error(call, place, FailureKind::Retry)),
            Some(Effect::Stale(age)) => answer(&self.as_of(age)),
            Some(Effect::Unsuccessful(_) | Effect::Omits(_)) | None => answer(&self.state()),
        };
        answer.map_err(|refusal| refusal.error(call, place))
    }

    /// A listing in pages of this size, each of them a read that may fail. `page` gives what lies from an index on, at most so
    /// many items.
    pub(super) fn read_pages<T>(
        &self,
        call: &'static str,
        place: &str,
        size: usize,
        page: impl Fn(&State, usize, usize) -> Result<Vec<T>, Refusal>,
    ) -> Result<Vec<T>, PortError> {
        let mut items = Vec::new();
        loop {
            let mut listed = self.read_if_there(call, place, |state| page(state, items.len(), size + 1))?;
            let more = listed.len() > size;
            listed.truncate(size);
            items.extend(listed);
            if !more {
                return Ok(items);
            }
        }
    }

    /// A write of one thing: what it answers, what AWS refuses it with, or the fault. What is refused has changed nothing.
    pub(super) fn write_one<T>(
        &self,
        call: &'static str,
        place: &str,
        apply: impl FnOnce(&mut State) -> Result<T, Refusal>,
    ) -> Result<T, PortError> {
        let effect = self.begin(call);
        match effect {
            Some(Effect::Fails(kind)) => return Err(error(call, place, kind)),
            Some(Effect::FailsWith(kind, code)) => return Err(coded(call, place, kind, code)),
            // The one thing is the item.
            Some(Effect::Unsuccessful(_) | Effect::Omits(_)) => return Err(error(call, place, FailureKind::Refused)),
            Some(Effect::AnswerLost | Effect::Stale(_)) | None => {}
        }
        let done = apply(&mut self.change()).map_err(|refusal| refusal.error(call, place))?;
        if effect == Some(Effect::AnswerLost) { Err(error(call, place, FailureKind::Retry)) } else { Ok(done) }
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
                    Some(Effect::FailsWith(kind, code)) => Err(coded(call, place, *kind, code)),
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

pub(super) fn coded(call: &'static str, place: &str, kind: FailureKind, code: &'static str) -> PortError {
    let message = format!("{code}: ordered to fail");
    PortError { code: Some(code.to_owned()), message, ..error(call, place, kind) }
}

#[cfg(test)]
mod tests;
