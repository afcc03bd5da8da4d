//! Metrics of an invocation, in the embedded metric format.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Invocation, Summary, insert, is_harmless, sweep};
use crate::{
    model::ConnectionState,
    plan::{Decision, Outcome, reason},
    port::PortError,
    reconcile::{Fate, Run, Stopped},
};

/// Namespace of the metrics.
const NAMESPACE: &str = "Drawbridge";

/// Most values that one metric may have in a line.
///
/// Source: CloudWatch embedded metric format specification.
const VALUES_LIMIT: usize = 100;

/// Metrics in the embedded metric format: bare JSON lines for standard output.
///
/// Dimensions are few on purpose, since each combination is a billed metric: never an id.
#[must_use]
pub fn metric_lines(invocation: &Invocation, run: &Run, summary: &Summary) -> Vec<Value> {
    let mut lines = vec![function_line(invocation, run, summary)];
    let mut decisions: BTreeMap<(Outcome, &str), usize> = BTreeMap::new();
    for (decision, _) in run.keys.iter().flat_map(|report| &report.entries) {
        *decisions.entry((decision.outcome, &decision.reason)).or_default() += 1;
    }
    for ((outcome, reason), count) in decisions {
        let mut line = metric_line(invocation, &["Function", "Decision", "Reason"], &[("Decisions", "Count")]);
        insert(&mut line, "Decision", outcome.as_str());
        insert(&mut line, "Reason", reason);
        line.insert("Decisions".to_owned(), count.into());
        lines.push(line.into());
    }
    lines
}

fn function_line(invocation: &Invocation, run: &Run, summary: &Summary) -> Value {
    let entries = || run.keys.iter().flat_map(|report| &report.entries);
    let failed = entries().filter(|(_, fate)| match fate {
        Fate::Failed(error) => !is_harmless(error),
        fate => matches!(fate, Fate::Unanswered(_) | Fate::Incomplete(_)),
    });
    let stopped = run.keys.iter().filter(|report| matches!(report.stopped, Some(Stopped::Observe(_))));
    let gaps: usize = run.keys.iter().map(|report| report.gaps.len()).sum();
    let because = |reason: &str| entries().filter(|(decision, _)| decision.reason == reason).count();
    let lost = because(reason::PROOF_MISSING) + because(reason::VERIFICATION_FAILED);
    let counts = [
        ("Decisions", entries().count()),
        ("CallsFailed", failed.count() + stopped.count() + gaps + run.failures.len()),
        ("MembershipUnknown", because(reason::MEMBERSHIP_UNKNOWN)),
        ("RevocationsWithheld", because(reason::LIMIT_REACHED)),
        ("MessagesFailed", summary.messages_failed),
        ("MessagesIgnored", summary.ignored.values().sum()),
        ("SubjectsPassedOver", run.passed_over.len()),
        ("PolicyFindings", summary.policy_findings.len()),
        ("ConfigurationRejected", usize::from(summary.rejected_documents.is_some())),
        ("ConfigurationStale", usize::from(summary.stale_documents.is_some())),
        ("CallsThrottled", errors_of(run).filter(|error| error.is_throttled()).count()),
        ("VerificationsLost", lost),
        ("EventsNotPublished", summary.not_published.as_ref().map_or(0, |(count, _)| *count)),
    ];
    let mut metrics: Vec<(&str, &str)> = counts.iter().map(|(name, _)| (*name, "Count")).collect();
    let took = run.keys.iter().filter_map(|report| report.took).take(VALUES_LIMIT);
    let latencies: Vec<u64> = took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)).collect();
    let lists = [
        ("Latency", "Milliseconds", latencies),
        ("AnswerSeconds", "Seconds", answered(invocation, run)),
        ("HeldSeconds", "Seconds", oldest_held(invocation, run)),
        ("SweepSeconds", "Seconds", run.swept.iter().map(Duration::as_secs).collect()),
        ("PlacesUnreached", "Count", run.is_sweep.then(|| sweep::count_unreached(run)).into_iter().collect()),
    ];
    let there = || lists.iter().filter(|(_, _, values)| !values.is_empty());
    metrics.extend(there().map(|(name, unit, _)| (*name, *unit)));
    let mut line = metric_line(invocation, &["Function"], &metrics);
    line.extend(counts.into_iter().map(|(name, count)| (name.to_owned(), count.into())));
    line.extend(there().map(|(name, _, values)| ((*name).to_owned(), json!(values))));
    line.into()
}

/// How long the requests waited that this run has answered, in seconds: as many as a line may have.
fn answered(invocation: &Invocation, run: &Run) -> Vec<u64> {
    let is_answer = |decision: &Decision, fate: &Fate| {
        matches!(decision.outcome, Outcome::Accept | Outcome::Reject)
            && matches!(fate, Fate::Done | Fate::Incomplete(_))
    };
    requests(invocation, run, is_answer).take(VALUES_LIMIT).collect()
}

/// How long the oldest of the requests has waited that this run holds, in seconds; none when it holds none.
fn oldest_held(invocation: &Invocation, run: &Run) -> Vec<u64> {
    requests(invocation, run, |decision, _| decision.outcome == Outcome::Hold).max().into_iter().collect()
}

/// The ages of requests that were decided so.
fn requests<'a>(
    invocation: &Invocation,
    run: &'a Run,
    is_meant: impl Fn(&Decision, &Fate) -> bool + 'a,
) -> impl Iterator<Item = u64> + 'a {
    let (at, pending) = (invocation.at, ConnectionState::PendingAcceptance);
    let entries = run.keys.iter().flat_map(|report| &report.entries);
    let decided = entries.filter(move |(decision, fate)| {
        decision.about.fields.get("state").is_some_and(|state| state == pending.as_str()) && is_meant(decision, fate)
    });
    let requested = decided.filter_map(|(decision, _)| decision.facts.get("requested_at")?.parse::<Timestamp>().ok());
    requested.map(move |since| u64::try_from(at.duration_since(since).as_secs()).unwrap_or_default())
}

/// The calls of a run that failed, each once.
pub(super) fn errors_of(run: &Run) -> impl Iterator<Item = &PortError> {
    run.keys
        .iter()
        .flat_map(|report| {
            let stopped = match &report.stopped {
                Some(Stopped::Observe(error)) => Some(error),
                Some(Stopped::OutOfTime) | None => None,
            };
            let fates = report.entries.iter().filter_map(|(_, fate)| match fate {
                Fate::Failed(error) | Fate::Incomplete(error) | Fate::Unanswered(Some(error)) => Some(error),
                Fate::Done | Fate::Proposed | Fate::Standing | Fate::Unanswered(None) => None,
            });
            fates.chain(&report.gaps).chain(stopped)
        })
        .chain(&run.failures)
}

fn metric_line(invocation: &Invocation, dimensions: &[&str], metrics: &[(&str, &str)]) -> Map<String, Value> {
    let metrics: Vec<Value> = metrics.iter().map(|(name, unit)| json!({ "Name": name, "Unit": unit })).collect();
    let directive = json!({ "Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": metrics });
    let mut line = Map::new();
    line.insert(
        "_aws".to_owned(),
        json!({ "Timestamp": invocation.at.as_millisecond(), "CloudWatchMetrics": [directive] }),
    );
    insert(&mut line, "Function", invocation.service.as_str());
    line
}
