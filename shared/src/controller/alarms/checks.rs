//! When it was last looked whether alarms watch metrics that there are: a listing of all metrics is long, and what it finds
//! changes with the configuration alone.

use std::{cell::RefCell, collections::BTreeMap};

use jiff::{SignedDuration, Timestamp};

use crate::plan::alarms::Key;

/// Time between two looks.
const BETWEEN: SignedDuration = SignedDuration::from_hours(6);

/// The last look at each key.
#[derive(Debug, Default)]
pub struct Checks {
    last: RefCell<BTreeMap<Key, Timestamp>>,
}

impl Checks {
    /// Whether it is time to look again.
    pub fn is_due(&self, key: &Key, now: Timestamp) -> bool {
        let last = self.last.borrow();
        // A clock that went back counts as a long time.
        last.get(key).is_none_or(|last| now < *last || now.duration_since(*last) >= BETWEEN)
    }

    /// It was looked.
    pub fn done(&self, key: &Key, now: Timestamp) {
        self.last.borrow_mut().insert(key.clone(), now);
    }
}
