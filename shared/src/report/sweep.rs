//! The report of a sweep: how much it looked at and changed, and which places it could not reach, why, and what helps.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Invocation, Level, base, metrics::errors_of};
use crate::{
    port::{Cause, FailureKind},
    reconcile::{Fate, Run},
};

/// Most places that are named for one cause, so that the line stays within what a log event holds.
const NAMED: usize = 100;

/// The report, if it was a sweep.
pub(super) fn line(invocation: &Invocation, run: &Run) -> Option<Value> {
    if !run.is_sweep {
        return None;
    }
    let with = |is_meant: fn(&Fate) -> bool| {
        run.keys.iter().flat_map(|report| &report.entries).filter(|(_, fate)| is_meant(fate)).count()
    };
    let unfinished = run.keys.iter().filter(|report| report.stopped.is_some()).count();
    let (done, proposed) = (with(|fate| *fate == Fate::Done), with(|fate| *fate == Fate::Proposed));
    let failed = with(|fate| matches!(fate, Fate::Failed(_) | Fate::Incomplete(_) | Fate::Unanswered(_)));
    let (keys, places) = (run.keys.len(), count_unreached(run));
    let unreached = unreached(run).into_iter().map(|(cause, places)| {
        let named: Vec<&String> = places.iter().take(NAMED).collect();
        json!({ "cause": cause.as_str(), "remedy": cause.remedy(), "count": places.len(), "places": named })
    });
    let unreached: Vec<Value> = unreached.collect();
    let level = if unreached.is_empty() && unfinished == 0 { Level::Info } else { Level::Warn };
    let message = format!(
        "sweep: {keys} looked at, {done} change(s) made, {proposed} proposed, {failed} failed, {places} place(s) not reached"
    );
    let mut line = base(invocation, level, message);
    let sweep = json!({
        "keys": keys, "unfinished": unfinished, "changes": done, "proposed": proposed, "failed": failed,
        "unreached": unreached,
    });
    line.insert("sweep".to_owned(), sweep);
    Some(line.into())
}

/// How many places could not be reached, or not for all that was wanted there.
pub(super) fn count_unreached(run: &Run) -> u64 {
    let places: BTreeSet<String> = unreached(run).into_values().flatten().collect();
    u64::try_from(places.len()).unwrap_or(u64::MAX)
}

/// The places that could not be reached, by cause.
fn unreached(run: &Run) -> BTreeMap<Cause, BTreeSet<String>> {
    let mut unreached: BTreeMap<Cause, BTreeSet<String>> = BTreeMap::new();
    // What is gone or has changed meanwhile was reached.
    let is_meant = |kind| !matches!(kind, FailureKind::Gone | FailureKind::Overtaken);
    for error in errors_of(run).filter(|error| is_meant(error.kind)) {
        unreached.entry(error.cause()).or_default().insert(place(&error.place));
    }
    unreached
}

/// Account and Region of what a call was about, or what stands for them.
fn place(about: &str) -> String {
    about.split('/').take(2).collect::<Vec<_>>().join("/")
}
