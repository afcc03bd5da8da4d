//! Step 6 of the walk: what was done, as log lines, metrics and events.
//!
//! Pure: these functions make values, the edge prints and publishes them. Names and texts from outside are values of JSON and
//! nothing else, so that none of them can forge a line.

mod metrics;
mod sweep;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

pub use self::metrics::metric_lines;
use crate::{
    event::Ignored,
    plan::{Decision, reason},
    policy::{FunctionName, Mode},
    port::{BusEvent, FailureKind, PortError},
    reconcile::{Fate, KeyReport, Run, Stopped},
};

/// The invocation that is reported on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The function.
    pub service: FunctionName,
    /// AWS's id of the invocation.
    pub request_id: String,
    /// Whether it is the first of this environment.
    pub cold_start: bool,
    /// When it ended.
    pub at: Timestamp,
}

/// All that an invocation has to tell beside its run.
#[derive(Debug, Default)]
pub struct Summary {
    /// How many messages there were.
    pub messages: usize,
    /// Messages that asked for nothing, counted by reason.
    pub ignored: BTreeMap<Ignored, usize>,
    /// Messages that could not be read, with the reason: they go back, and to the dead letters in the end.
    pub unparsable: Vec<String>,
    /// How many messages go back to the queue.
    pub messages_failed: usize,
    /// What is wrong with the documents that were last read, while earlier ones stay in force.
    pub rejected_documents: Option<String>,
    /// Why the documents could not be read again, while earlier ones stay in force.
    pub stale_documents: Option<String>,
    /// What is doubtful about the policy in force.
    pub policy_findings: Vec<String>,
    /// How many events could not be published, and why.
    pub not_published: Option<(usize, String)>,
    /// How many looks again could not be queued, and why: the sweep looks instead.
    pub not_queued: Option<(usize, String)>,
}

/// The severities of Lambda's JSON log format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Info,
    Warn,
    Error,
}

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// One line for each decision and each failure.
#[must_use]
pub fn log_lines(invocation: &Invocation, run: &Run, summary: &Summary) -> Vec<Value> {
    let line = |level, message: String| base(invocation, level, message);
    let mut lines = Vec::new();
    if run.mode == Mode::Off {
        lines
            .push(line(Level::Info, format!("mode off: {} message(s) dropped, nothing read", summary.messages)).into());
    }
    for report in &run.keys {
        for (decision, fate) in &report.entries {
            lines.push(decision_line(invocation, run, decision, fate));
        }
        for error in &report.gaps {
            lines.push(error_line(invocation, &report.key, error));
        }
        lines.extend(report.stopped.as_ref().map(|stopped| stopped_line(invocation, report, stopped)));
    }
    lines.extend(run.failures.iter().map(|error| error_line(invocation, "", error)));
    lines.extend(sweep::line(invocation, run));
    for (subject, why) in &run.passed_over {
        let mut passed_over = line(Level::Info, format!("nothing here is {subject}: {why}"));
        insert(&mut passed_over, "reason", why);
        lines.push(passed_over.into());
    }
    for (ignored, count) in &summary.ignored {
        let mut ignored_line = line(Level::Info, format!("{count} message(s) ask for nothing: {}", ignored.code()));
        insert(&mut ignored_line, "reason", ignored.code());
        lines.push(ignored_line.into());
    }
    lines
        .extend(summary.unparsable.iter().map(|why| line(Level::Error, format!("message not readable: {why}")).into()));
    lines.extend(summary.policy_findings.iter().map(|finding| line(Level::Warn, format!("policy: {finding}")).into()));
    let documents = [
        ("configuration rejected, the last good version stays in force", &summary.rejected_documents),
        ("configuration not readable, the last good version stays in force", &summary.stale_documents),
    ];
    for (message, why) in documents {
        lines.extend(why.as_ref().map(|why| line(Level::Error, format!("{message}: {why}")).into()));
    }
    if let Some((count, why)) = &summary.not_queued {
        lines.push(line(Level::Warn, format!("{count} look(s) again left to the sweep: {why}")).into());
    }
    if let Some((count, why)) = &summary.not_published {
        lines.push(line(Level::Error, format!("{count} event(s) not published: {why}")).into());
    }
    lines
}

/// One line for a failure of the function as a whole.
#[must_use]
pub fn failure_line(invocation: &Invocation, message: &str) -> Value {
    base(invocation, Level::Error, message.to_owned()).into()
}

fn decision_line(invocation: &Invocation, run: &Run, decision: &Decision, fate: &Fate) -> Value {
    let level = match (fate, decision.reason.as_ref()) {
        // What is gone in the meantime needs nobody: its owner deleted it, or another run has answered.
        (Fate::Failed(error), _) if is_harmless(error) => Level::Warn,
        (Fate::Failed(_) | Fate::Unanswered(_) | Fate::Incomplete(_), _) | (_, reason::POLICY_ERROR) => Level::Error,
        (
            _,
            reason::MEMBERSHIP_UNKNOWN
            | reason::LIMIT_REACHED
            | reason::OPEN_TO_EVERYBODY
            | reason::NO_METRIC
            | reason::PARTIAL_DATA,
        ) => Level::Warn,
        _ => Level::Info,
    };
    let mut line = base(invocation, level, sentence(decision, fate));
    insert(&mut line, "decision", decision.outcome.as_str());
    insert(&mut line, "reason", &decision.reason);
    insert(&mut line, "policy", &decision.policies.join(" "));
    insert(&mut line, "mode", run.mode.as_str());
    insert(&mut line, "result", result_word(fate));
    insert_fields(&mut line, decision);
    insert_explanation(&mut line, decision);
    if let Fate::Failed(error) | Fate::Incomplete(error) | Fate::Unanswered(Some(error)) = fate {
        add_error(&mut line, error);
    }
    line.into()
}

/// Whether nothing is amiss: somebody else was faster.
fn is_harmless(error: &PortError) -> bool {
    matches!(error.kind, FailureKind::Gone | FailureKind::Overtaken)
}

/// The decision as a person would say it.
fn sentence(decision: &Decision, fate: &Fate) -> String {
    let verb = match fate {
        Fate::Done | Fate::Standing => decision.outcome.as_str().to_owned(),
        Fate::Incomplete(_) => format!("{}, but incomplete", decision.outcome),
        Fate::Proposed => format!("would {}", decision.outcome),
        Fate::Failed(_) => format!("failed to {}", decision.outcome),
        Fate::Unanswered(_) => format!("began to {}, without an answer", decision.outcome),
    };
    let by = if decision.policies.is_empty() { String::new() } else { format!(" by {}", decision.policies.join(", ")) };
    let detail = decision.detail.as_ref().map_or_else(String::new, |detail| format!(" ({detail})"));
    let error = match fate {
        Fate::Failed(error) | Fate::Incomplete(error) | Fate::Unanswered(Some(error)) => format!(": {error}"),
        _ => String::new(),
    };
    format!("{verb}: {}: {}{by}{detail}{error}", decision.about.subject, decision.reason)
}

fn result_word(fate: &Fate) -> &'static str {
    match fate {
        Fate::Done => "done",
        Fate::Incomplete(_) => "incomplete",
        Fate::Proposed => "proposed",
        Fate::Failed(_) => "failed",
        Fate::Unanswered(_) => "unanswered",
        Fate::Standing => "standing",
    }
}

fn stopped_line(invocation: &Invocation, report: &KeyReport, stopped: &Stopped) -> Value {
    match stopped {
        Stopped::Observe(error) => error_line(invocation, &report.key, error),
        Stopped::OutOfTime => {
            let mut line = base(invocation, Level::Warn, format!("{}: {stopped}, handed back", report.key));
            insert(&mut line, "key", &report.key);
            line.into()
        }
    }
}

fn error_line(invocation: &Invocation, key: &str, error: &PortError) -> Value {
    let mut line = base(invocation, Level::Error, error.to_string());
    insert(&mut line, "key", key);
    add_error(&mut line, error);
    line.into()
}

fn add_error(line: &mut Map<String, Value>, error: &PortError) {
    insert(line, "error", &error.message);
    insert(line, "error_kind", error.kind.as_str());
    insert(line, "error_code", error.code.as_deref().unwrap_or(""));
    insert(line, "call", error.call);
    if error.kind == FailureKind::Denied {
        insert(line, "cause", error.cause().as_str());
        insert(line, "remedy", error.cause().remedy());
    }
}

/// A time as log lines have it: Lambda's level filter wants RFC 3339.
#[must_use]
pub fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn base(invocation: &Invocation, level: Level, message: String) -> Map<String, Value> {
    let mut line = Map::new();
    insert(&mut line, "level", level.as_str());
    insert(&mut line, "timestamp", &time(invocation.at));
    insert(&mut line, "service", invocation.service.as_str());
    insert(&mut line, "function_request_id", &invocation.request_id);
    line.insert("cold_start".to_owned(), invocation.cold_start.into());
    line.insert("message".to_owned(), message.into());
    line
}

/// What the decision is about; a name that is taken stays as it is.
fn insert_fields(line: &mut Map<String, Value>, decision: &Decision) {
    for (name, value) in &decision.about.fields {
        line.entry(*name).or_insert_with(|| value.as_str().into());
    }
}

/// What explains a decision further: what it rests on, and what would change it.
fn insert_explanation(line: &mut Map<String, Value>, decision: &Decision) {
    insert(line, "detail", decision.detail.as_deref().unwrap_or(""));
    if !decision.facts.is_empty() {
        line.insert("facts".to_owned(), json!(decision.facts));
    }
    if !decision.remedies.is_empty() {
        line.insert("would_change".to_owned(), json!(decision.remedies));
    }
}

/// Empty values are left out.
fn insert(line: &mut Map<String, Value>, name: &str, value: &str) {
    if !value.is_empty() {
        line.insert(name.to_owned(), value.into());
    }
}

/// The events that tell others what was decided. Nothing is told that was not done, and nothing at all in mode `observe`.
#[must_use]
pub fn bus_events(run: &Run) -> Vec<BusEvent> {
    if run.permit().is_none() {
        return Vec::new();
    }
    // What was done comes first: it has no other time to be told.
    let entries = || run.keys.iter().flat_map(|report| &report.entries);
    let done = entries().filter(|(_, fate)| matches!(fate, Fate::Done | Fate::Incomplete(_)));
    let standing = entries().filter(|(_, fate)| *fate == Fate::Standing);
    done.chain(standing)
        .filter_map(|(decision, _)| decision.announce.map(|detail_type| bus_event(detail_type, decision, run)))
        .collect()
}

fn bus_event(detail_type: &'static str, decision: &Decision, run: &Run) -> BusEvent {
    let mut detail = Map::new();
    insert(&mut detail, "decision", decision.outcome.as_str());
    insert(&mut detail, "reason", &decision.reason);
    detail.insert("policies".to_owned(), json!(decision.policies));
    insert(&mut detail, "mode", run.mode.as_str());
    insert_fields(&mut detail, decision);
    insert_explanation(&mut detail, decision);
    BusEvent {
        detail_type,
        resources: Some(decision.about.resource.clone()).filter(|arn| !arn.is_empty()).into_iter().collect(),
        detail: detail.into(),
    }
}

#[cfg(test)]
mod tests;
