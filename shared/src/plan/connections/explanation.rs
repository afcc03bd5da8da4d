//! The answer to "why?": one connection, what is found about it and on which facts, what was decided before, what comes next,
//! and what would change it.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Finding, Grace, Judge, Key, Observed, Ruling, in_order, is_open, plan, record, selected};
use crate::{
    model::{Connection, EndpointId, ServiceKey, printable, tag},
    plan::{Decision, Outcome, Plan, reason},
    policy::{Mode, Rules},
};

/// Why a connection is as it is, and what will become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The service.
    pub service: ServiceKey,
    /// The connection, as it is now.
    pub connection: Connection,
    /// What is found about it, as a sentence.
    pub finding: String,
    /// The stable code of the finding.
    pub reason: String,
    /// The policies that determine it.
    pub policies: Vec<String>,
    /// What comes next, as a sentence.
    pub next: String,
    /// What the finding rests on, with the time at which it was read.
    pub facts: BTreeMap<&'static str, String>,
    /// What was decided before, as it is recorded on the connection: tags of ours, and those of people to us.
    pub record: BTreeMap<String, String>,
    /// What would change it, each as a sentence.
    pub would_change: Vec<String>,
    /// When it was judged.
    pub at: Timestamp,
}

/// Explains the connection of an endpoint; `None` when the service has none of it.
#[must_use]
pub fn explain(
    key: &Key,
    observed: &Observed,
    endpoint: &EndpointId,
    rules: &Rules,
    now: Timestamp,
) -> Option<Explanation> {
    let connection = observed.connections.iter().find(|connection| connection.endpoint == *endpoint)?;
    let service = observed.service.as_ref()?;
    let judge = Judge { service, rules, owners: &observed.owners, now };
    let plan = plan(key, observed, rules, now);
    let before = before(connection, observed, &plan);
    let (finding, would_change) = match selected(observed, rules) {
        Ok(_) => {
            let finding = judge.find(connection, before);
            let exempt = finding.ruling == Ruling::Exempt;
            (finding, if exempt { Vec::new() } else { judge.remedies(connection, before, !is_open(connection)) })
        }
        Err(reason) => (Finding::new(Ruling::Exempt, reason), Vec::new()),
    };
    Some(Explanation {
        service: service.key.clone(),
        connection: connection.clone(),
        next: next(connection, &plan, finding.ruling, rules.configuration.mode),
        facts: judge.facts(connection, before),
        record: connection.tags.iter().filter(|(key, _)| key.starts_with(tag::PREFIX)).map(owned).collect(),
        would_change,
        at: now,
        finding: sentence(&finding),
        reason: finding.reason.into_owned(),
        policies: finding.policies,
    })
}

fn owned((key, value): (&String, &String)) -> (String, String) {
    (key.clone(), value.clone())
}

/// How many connections the account has before this one, those that will be accepted before it among them.
fn before(connection: &Connection, observed: &Observed, plan: &Plan<super::Step>) -> usize {
    let accepted = |other: &Connection| {
        plan.steps
            .iter()
            .any(|(_, decision)| decision.outcome == Outcome::Accept && is_about(decision, &other.endpoint))
    };
    in_order(observed)
        .into_iter()
        .take_while(|other| other.endpoint != connection.endpoint)
        .filter(|other| other.owner == connection.owner && (other.state.is_established() || accepted(other)))
        .count()
}

fn is_about(decision: &Decision, endpoint: &EndpointId) -> bool {
    decision.about.fields.get("vpc_endpoint_id").is_some_and(|id| id == endpoint.as_str())
}

/// The finding as one would tell it.
fn sentence(finding: &Finding) -> String {
    let by = finding.policies.join(", ");
    let told = match (finding.ruling, finding.reason.as_ref()) {
        (Ruling::Permitted, reason::APPROVED) => "It may connect: a person approved it".to_owned(),
        (Ruling::Permitted, _) => format!("It may connect: {by} permits it"),
        (Ruling::Forbidden, _) => format!("It may not connect: {by} forbids it"),
        (Ruling::Refused, _) => "It may not connect: a person refused it".to_owned(),
        (Ruling::Draining, _) => "It may not connect: all connections of the service are to be ended".to_owned(),
        (Ruling::NotPermitted, reason::NO_PERMIT) => {
            "Nothing permits it: the account is a member of the Organization, but no policy matches".to_owned()
        }
        (Ruling::NotPermitted, reason::LEFT_ORGANIZATION) => {
            "Nothing permits it any more: the account has left the Organization".to_owned()
        }
        (Ruling::NotPermitted, reason::OUTSIDE_ORGANIZATION) => {
            "Nothing permits it: the account is no member of the Organization, and no policy names it".to_owned()
        }
        (Ruling::NotPermitted, _) => "Nothing permits it".to_owned(),
        (Ruling::Unclear, _) => "It can't be told whether it may connect".to_owned(),
        (Ruling::Exempt, reason::NOT_SELECTED) => "Drawbridge doesn't look after the service".to_owned(),
        (Ruling::Exempt, reason::NOT_OWNED) => "It is another deployment's".to_owned(),
        (Ruling::Exempt, _) => format!("A person took it out of Drawbridge's hands by the tag {}", tag::IGNORE),
    };
    let detail = finding.detail.as_ref().map_or_else(String::new, |detail| format!(": {detail}"));
    format!("{told}{detail} ({}).", finding.reason)
}

/// What comes next, as one would tell it.
fn next(connection: &Connection, plan: &Plan<super::Step>, ruling: Ruling, mode: Mode) -> String {
    if ruling == Ruling::Exempt {
        return "It is left as it is.".to_owned();
    }
    if !is_open(connection) {
        let new = match ruling {
            Ruling::Permitted => "would be accepted",
            Ruling::Forbidden | Ruling::Refused | Ruling::Draining => "would be rejected",
            Ruling::NotPermitted | Ruling::Unclear | Ruling::Exempt => "would be held",
        };
        return format!("It has ended, and its owner can only delete the endpoint; a new request {new}.");
    }
    let named = |decision: &&Decision| is_about(decision, &connection.endpoint);
    let step = plan.steps.iter().map(|(_, decision)| decision).find(named);
    let removal = plan.removals.iter().map(|(_, decision)| decision).find(named);
    let held = plan.held.iter().find(named);
    match (step.or(removal), held) {
        (Some(decision), _) if mode != Mode::Enforce => {
            format!("In mode enforce it would be {}; in mode {mode} nothing is done.", done(decision, connection))
        }
        (None, Some(_)) if mode != Mode::Enforce => format!("It is left as it is; in mode {mode} nothing is done."),
        (Some(decision), _) if removal.is_some() => {
            format!("It will be {}, unless more are due than a sweep may cut off.", done(decision, connection))
        }
        (Some(decision), _) => format!("It will be {}.", done(decision, connection)),
        (None, Some(Decision { detail: Some(detail), .. })) if connection.state.is_established() => {
            format!("It stays connected for now: {detail}.")
        }
        (None, Some(_)) if connection.state.is_established() => "It stays connected, and is reported.".to_owned(),
        (None, Some(_)) => "It waits, and is judged again with each sweep.".to_owned(),
        (None, None) => "It stays connected; nothing is to be done.".to_owned(),
    }
}

/// What was decided, as something that is done.
fn done(decision: &Decision, connection: &Connection) -> String {
    let detail = decision.detail.as_ref().map_or_else(String::new, |detail| format!(": {detail}"));
    match decision.outcome {
        Outcome::Accept => "accepted".to_owned(),
        Outcome::Reject => format!("rejected{detail}"),
        Outcome::Revoke => format!("cut off{detail}"),
        Outcome::Keep => "kept, and that is recorded".to_owned(),
        _ if connection.state.is_established() => format!("left connected for a while{detail}"),
        _ => "held until something changes, and that is recorded".to_owned(),
    }
}

impl Explanation {
    /// The same for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let connection = &self.connection;
        json!({
            "service": { "account": self.service.account, "region": self.service.region, "id": self.service.service },
            "endpoint": connection.endpoint,
            "owner": connection.owner,
            "state": connection.state.as_str(),
            "finding": self.finding,
            "reason": self.reason,
            "policies": self.policies,
            "next": self.next,
            "facts": self.facts,
            "record": self.record,
            "would_change": self.would_change,
            "at": record::time(self.at),
        })
    }

    /// What was decided before, in a sentence each.
    fn history(&self) -> Vec<String> {
        let value = |key: &str| self.record.get(key).map(String::as_str).filter(|value| !value.is_empty());
        let mut lines = Vec::new();
        if let Some(decision) = value(tag::DECISION) {
            let by = value(tag::POLICY).map_or_else(String::new, |policy| format!(" by {policy}"));
            let (reason, at) = (value(tag::REASON).unwrap_or("no reason"), value(tag::DECIDED_AT).unwrap_or("?"));
            lines.push(format!("{decision} for {reason}{by}, {at}"));
        }
        if let Some(Grace { end, reason }) = Grace::of(&self.connection) {
            lines.push(format!("to be cut off after {} for {reason}", record::time(end)));
        }
        lines.extend(value(tag::APPROVAL).map(|word| format!("{word} by a person")));
        if lines.is_empty() {
            lines.push("nothing".to_owned());
        }
        lines
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connection = &self.connection;
        writeln!(
            formatter,
            "{} of account {} at {} ({}, {}): {}\n\n{}\n{}",
            connection.endpoint,
            connection.owner,
            self.service.service,
            self.service.account,
            self.service.region,
            connection.state,
            printable(&self.finding),
            printable(&self.next)
        )?;
        let facts = self.facts.iter().map(|(name, value)| format!("{}: {value}", name.replace('_', " ")));
        let otherwise =
            if is_open(connection) { "It would be otherwise, if" } else { "A new request would be otherwise, if" };
        let parts = [("Facts", facts.collect()), ("Recorded", self.history()), (otherwise, self.would_change.clone())];
        for (title, lines) in parts.iter().filter(|(_, lines): &&(_, Vec<String>)| !lines.is_empty()) {
            writeln!(formatter, "\n{title}")?;
            lines.iter().try_for_each(|line| writeln!(formatter, "  {}", printable(line)))?;
        }
        writeln!(formatter, "\nJudged {}.", record::time(self.at))
    }
}
