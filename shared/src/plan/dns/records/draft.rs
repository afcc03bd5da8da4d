//! The plan in the making: first what becomes of each record, then what has to be registered, then what belongs together.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    Which,
    change::{Group, Held, RecordPlan, Standing},
    outcome::{Judge, Leftover, Outcome, taken},
    survey::Survey,
    wish::{Obstacle, Wish, against_record, against_registration},
};
use crate::{
    model::{DomainName, RecordChange, RecordData, RecordKey, RecordSet, RecordType, reason, txt},
    plan::dns::registry::{self, Registration},
    policy::DnsPolicy,
};

/// What is planned for.
pub struct Scope<'a> {
    which: &'a Which,
    /// The keys that nothing is done for, though they are asked about.
    refused: BTreeSet<&'a str>,
    /// What is wanted by somebody, whether it can be had or not: it is never deleted.
    spared: BTreeSet<RecordKey>,
}

impl Scope<'_> {
    /// Whether what is registered for a key is decided on.
    pub fn includes(&self, key: &str) -> bool {
        self.which.includes(key) && !self.refused.contains(key)
    }

    /// Whether a record is wanted by somebody.
    pub fn is_spared(&self, key: &RecordKey) -> bool {
        self.spared.contains(key)
    }
}

/// The plan in the making.
pub struct Draft<'a> {
    survey: &'a Survey<'a>,
    wishes: &'a BTreeMap<&'a str, Wish<'a>>,
    policy: DnsPolicy,
    /// Changes of records, each with the keys whose registrations change with it.
    changes: Vec<(RecordChange, BTreeSet<&'a str>)>,
    /// What will be registered for each key that is planned for.
    registered: BTreeMap<&'a str, BTreeSet<RecordKey>>,
    /// Keys whose registrations have to change together.
    together: Vec<(DomainName, BTreeSet<&'a str>)>,
    held: Vec<Held>,
    standing: Vec<Standing>,
}

impl<'a> Draft<'a> {
    /// Decides what becomes of each record.
    pub fn of(
        survey: &'a Survey<'a>,
        wishes: &'a BTreeMap<&'a str, Wish<'a>>,
        which: &'a Which,
        policy: DnsPolicy,
        refused: &'a BTreeMap<String, Obstacle>,
    ) -> Self {
        let mut draft = Self {
            survey,
            wishes,
            policy,
            changes: Vec::new(),
            registered: BTreeMap::new(),
            together: Vec::new(),
            held: Vec::new(),
            standing: Vec::new(),
        };
        let mut scope = Scope { which, refused: BTreeSet::new(), spared: BTreeSet::new() };
        let claims = draft.claims(&mut scope, refused);
        let judge = Judge { survey, scope: &scope, policy };
        for (name, claimants) in &claims {
            draft.judge(&judge, name, claimants);
        }
        draft.leave_or_delete(&judge);
        if *which == Which::All {
            draft.report_unreadable();
        }
        draft
    }
}
