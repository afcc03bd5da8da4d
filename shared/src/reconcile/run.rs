//! What came of a run, key by key and decision by decision.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::Permit;
use crate::{event::Subject, plan::Decision, policy::Mode, port::PortError};

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    /// The mode it ran in.
    pub mode: Mode,
    /// The right to write, in mode `enforce`: what is done may be told to others. It ends with the run.
    pub(super) permit: Option<Permit>,
    /// The keys, in order.
    pub keys: Vec<KeyReport>,
    /// Reads that failed while subjects were located.
    pub failures: Vec<PortError>,
    /// Subjects that stand for nothing here, and why.
    pub passed_over: BTreeMap<Subject, &'static str>,
    /// The subjects that have to come back.
    pub unfinished: BTreeSet<Subject>,
    /// What is under way at AWS, and when it is worth another look.
    pub again: BTreeMap<Subject, Duration>,
    /// Whether it was a sweep of everything.
    pub is_sweep: bool,
    /// How long a sweep of everything took, if there was one and it left nothing unfinished.
    pub swept: Option<Duration>,
}

impl Run {
    pub(crate) fn new(mode: Mode) -> Self {
        Self {
            mode,
            permit: (mode == Mode::Enforce).then_some(Permit(())),
            keys: Vec::new(),
            failures: Vec::new(),
            passed_over: BTreeMap::new(),
            unfinished: BTreeSet::new(),
            again: BTreeMap::new(),
            is_sweep: false,
            swept: None,
        }
    }

    /// The right to write, in mode `enforce`.
    pub(crate) fn permit(&self) -> Option<&Permit> {
        self.permit.as_ref()
    }
}

/// What came of one key.
#[derive(Debug)]
pub struct KeyReport {
    /// The key.
    pub key: String,
    /// The decisions, and what became of them.
    pub entries: Vec<(Decision, Fate)>,
    /// Reads that failed and left an unknown.
    pub gaps: Vec<PortError>,
    /// What stopped it.
    pub stopped: Option<Stopped>,
    /// From the first read to the last write; `None` when it was not begun.
    pub took: Option<Duration>,
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Carried out.
    Done,
    /// Carried out, but what goes with it failed: the record of it, for example.
    Incomplete(PortError),
    /// Would be carried out in mode `enforce`.
    Proposed,
    /// Tried; it failed.
    Failed(PortError),
    /// Begun, and not answered for: it may or may not have taken effect.
    Unanswered(Option<PortError>),
    /// There was nothing to do.
    Standing,
}

impl Fate {
    /// The fate of a write by the port's answer for its item. A failure that may pass leaves open whether it took effect.
    #[must_use]
    pub fn of(answer: Option<&Result<(), PortError>>) -> Self {
        match answer {
            Some(Ok(())) => Self::Done,
            Some(Err(error)) if error.may_pass() => Self::Unanswered(Some(error.clone())),
            Some(Err(error)) => Self::Failed(error.clone()),
            None => Self::Unanswered(None),
        }
    }
}

/// Why a key was not finished.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// It could not be observed.
    #[error("not observed")]
    Observe(#[source] PortError),
    /// The function's time ran out; writes that were under way may have taken effect.
    #[error("out of time")]
    OutOfTime,
}

impl KeyReport {
    /// Whether trying again later may change something. What is denied or refused is told and is for a person to mend; the
    /// next sweep looks at it again.
    pub(super) fn has_to_come_back(&self) -> bool {
        let stopped = match &self.stopped {
            Some(Stopped::Observe(error)) => error.may_pass(),
            Some(Stopped::OutOfTime) => true,
            None => false,
        };
        stopped
            || self.gaps.iter().any(PortError::may_pass)
            || self.entries.iter().any(|(_, fate)| match fate {
                Fate::Failed(error) | Fate::Incomplete(error) => error.may_pass(),
                Fate::Unanswered(_) => true,
                Fate::Done | Fate::Proposed | Fate::Standing => false,
            })
    }
}
