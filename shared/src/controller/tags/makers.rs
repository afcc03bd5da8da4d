//! Who made what, as far as the event history of a place was read: once as a whole, then only what came since.

use std::{cell::RefCell, collections::BTreeMap};

use jiff::{SignedDuration, Timestamp};

use crate::{
    model::{AccountId, Creation, Region, Resource, ResourceKind},
    plan::tags::Key,
};

/// How late the history may tell of something.
///
/// Source: `CloudTrail` user guide, "Viewing events with event history": about five minutes on average, which isn't guaranteed.
const LAG: SignedDuration = SignedDuration::from_hours(1);

/// The histories of all places.
#[derive(Debug, Default)]
pub struct Makers {
    read: RefCell<BTreeMap<(AccountId, Region, ResourceKind), History>>,
}

/// What was read of one history.
#[derive(Debug, Clone)]
struct History {
    from: Timestamp,
    to: Timestamp,
    made: BTreeMap<Resource, Creation>,
}

impl Makers {
    /// Since when a history has to be read to know it since this time.
    pub fn unread_since(&self, key: &Key, kind: ResourceKind, since: Timestamp) -> Timestamp {
        let read = self.read.borrow();
        let history = read.get(&place(key, kind)).filter(|history| since >= history.from);
        history.map_or(since, |history| since.max(history.to.checked_sub(LAG).unwrap_or(since)))
    }

    /// Notes what a history told since this time.
    pub fn note(&self, key: &Key, kind: ResourceKind, since: Timestamp, now: Timestamp, made: Vec<Creation>) {
        let new = || History { from: since, to: now, made: BTreeMap::new() };
        let mut read = self.read.borrow_mut();
        let history = read.entry(place(key, kind)).or_insert_with(new);
        (history.from, history.to) = (history.from.min(since), now);
        history.made.extend(made.into_iter().map(|made| (made.resource.clone(), made)));
    }

    /// What the history of a place has told of this kind.
    pub fn known(&self, key: &Key, kind: ResourceKind) -> BTreeMap<Resource, Creation> {
        self.read.borrow().get(&place(key, kind)).map(|history| history.made.clone()).unwrap_or_default()
    }
}

fn place(key: &Key, kind: ResourceKind) -> (AccountId, Region, ResourceKind) {
    (key.account.clone(), key.region.clone(), kind)
}
