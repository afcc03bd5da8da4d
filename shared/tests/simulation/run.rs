//! An invocation, as the simulation reckons it: what it may know, and what it has done.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
};

use drawbridge::{
    model::{AccountId, ServiceKey},
    policy::Mode,
};
use jiff::Timestamp;

use super::{trouble::STALE, version::Version};

#[derive(Debug)]
pub struct Run {
    pub id: u64,
    pub function: &'static str,
    pub begun: Timestamp,
    /// The version in force, from when it is known.
    pub version: Cell<Option<Version>>,
    /// Accounts that its messages name: nothing that is remembered of them may be used.
    pub looked_up_anew: RefCell<BTreeSet<AccountId>>,
    /// How many connections it cut off that no person has ordered to be.
    pub taken: Cell<usize>,
    /// The owners of the connections of each service that it cut off and that no person has ordered to be.
    pub cut_off: RefCell<BTreeMap<ServiceKey, Vec<AccountId>>>,
    /// How many principals of each service it removed.
    pub removed: RefCell<BTreeMap<ServiceKey, usize>>,
    /// A call that failed and may pass: its message has to come back.
    pub unfinished: RefCell<Option<String>>,
    /// Services whose connections could not be read, and may be later: the same, unless the service turns out to be none that
    /// is looked after.
    pub unread: RefCell<BTreeSet<ServiceKey>>,
    /// Reads in accounts of consumers that failed and were not made again since.
    pub unread_names: RefCell<BTreeSet<String>>,
    /// Whether a call was denied.
    pub denied: Cell<bool>,
    /// How many times something that was read turned out to be gone: once it may be remembered wrongly.
    pub gone: Cell<usize>,
    /// What it took away of names (zones emptied or deleted, associations, and records of public zones), or of alarms.
    pub withdrawn: RefCell<BTreeSet<String>>,
    /// The alarms that it tried to write.
    pub tried: RefCell<BTreeSet<String>>,
}

impl Run {
    pub fn new(id: u64, function: &'static str, begun: Timestamp) -> Self {
        Self {
            id,
            function,
            begun,
            version: Cell::default(),
            looked_up_anew: RefCell::default(),
            taken: Cell::default(),
            cut_off: RefCell::default(),
            removed: RefCell::default(),
            unfinished: RefCell::default(),
            unread: RefCell::default(),
            unread_names: RefCell::default(),
            denied: Cell::default(),
            gone: Cell::default(),
            withdrawn: RefCell::default(),
            tried: RefCell::default(),
        }
    }

    pub fn mode(&self) -> Option<Mode> {
        self.version.get().map(|version| version.mode_of(self.function))
    }

    /// Since when what it has read may have been so.
    pub fn reads_since(&self) -> Timestamp {
        self.begun.saturating_sub(STALE).unwrap_or(Timestamp::MIN)
    }

    /// Since when what it believes of anything that it remembers as long as accounts may have been so.
    pub fn memory_since(&self) -> Timestamp {
        let remembered = self.version.get().map(|version| version.terms().remember).unwrap_or_default();
        self.reads_since().saturating_sub(remembered).unwrap_or(Timestamp::MIN)
    }

    /// Since when what it believes of an account may have been so.
    pub fn facts_since(&self, account: &AccountId) -> Timestamp {
        let anew = self.looked_up_anew.borrow().contains(account);
        let version = self.version.get().filter(|_| !anew);
        let remembered = version.map(|version| version.terms().remember).unwrap_or_default();
        self.reads_since().saturating_sub(remembered).unwrap_or(Timestamp::MIN)
    }
}
