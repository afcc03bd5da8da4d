//! What is to be done about one connection, given what is found about it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{
    Answer, Change, Step, about,
    finding::{Finding, Judge, Ruling, exemption},
    record::{self, needs_record},
    revocation::{self, Grace},
};
use crate::{
    event::told,
    model::{AccountId, Connection, ConnectionState, Scope, Tags},
    plan::{Decision, Outcome, Plan, reason},
};

/// Of how many decisions of one plan it is told what would change them. Each costs an evaluation for each thing that the
/// policies speak of; for the rest the command `explain` does it.
const EXPLAINED: usize = 20;

/// Plans for the connections of one service, one after the other.
pub struct Planner<'a, 'p> {
    judge: Judge<'a>,
    scope: Scope,
    plan: &'p mut Plan<Step>,
    /// How many decisions were explained.
    explained: usize,
    /// The accounts that have a connection which may be there.
    pub permitted: BTreeSet<AccountId>,
}

impl<'a, 'p> Planner<'a, 'p> {
    pub fn new(judge: Judge<'a>, scope: Scope, plan: &'p mut Plan<Step>) -> Self {
        Self { judge, scope, plan, explained: 0, permitted: BTreeSet::new() }
    }

    /// Plans for one connection, and tells whether it will be accepted.
    pub fn decide(&mut self, connection: &Connection, before: usize) -> bool {
        if connection.state.is_established() {
            if self.scope != Scope::Requests {
                self.review(connection, before);
            }
            return false;
        }
        self.answer(connection, before)
    }

    /// A request: it is accepted, rejected or held.
    fn answer(&mut self, connection: &Connection, before: usize) -> bool {
        let finding = self.judge.find(connection, before);
        match finding.ruling {
            Ruling::Exempt => self.hold(connection, before, Outcome::Ignore, finding),
            Ruling::Permitted => {
                self.permitted.insert(connection.owner.clone());
                self.step(connection, before, Outcome::Accept, finding);
                return true;
            }
            Ruling::Forbidden | Ruling::Refused | Ruling::Draining => {
                self.step(connection, before, Outcome::Reject, finding);
            }
            Ruling::NotPermitted if self.has_waited_too_long(connection) => {
                let detail = Some(format!("held for {}", finding.reason));
                let finding = Finding { reason: reason::HELD_TOO_LONG.into(), detail, ..finding };
                self.step(connection, before, Outcome::Reject, finding);
            }
            // Recorded once for each reason: then it is news, and the time of it counts.
            Ruling::NotPermitted if needs_record(connection, Outcome::Hold, &finding.reason) => {
                self.step(connection, before, Outcome::Hold, finding);
            }
            // What can't be told now is no news. But the answer to what is recorded as accepted didn't get through.
            Ruling::Unclear if record::says_accepted(connection) && connection.id.is_some() => {
                self.step(connection, before, Outcome::Hold, finding);
            }
            Ruling::NotPermitted | Ruling::Unclear => self.hold(connection, before, Outcome::Hold, finding),
        }
        false
    }

    /// An established connection: it is kept, cut off, or left as it is for now.
    fn review(&mut self, connection: &Connection, before: usize) {
        let finding = self.judge.find(connection, before);
        let revocation = &self.judge.rules.configuration.revocation;
        match finding.ruling {
            Ruling::Exempt => self.hold(connection, before, Outcome::Ignore, finding),
            Ruling::Permitted => self.keep(connection, before, finding),
            Ruling::Unclear => self.hold(connection, before, Outcome::Hold, finding),
            Ruling::Refused => self.step(connection, before, Outcome::Revoke, finding),
            Ruling::Draining | Ruling::Forbidden | Ruling::NotPermitted => {
                let case = revocation::case(finding.ruling, connection);
                if case.is_none_or(|case| revocation.of.contains(&case)) {
                    self.revoke(connection, before, finding);
                } else if Grace::of(connection).is_some() {
                    // It was to be cut off, and the configuration doesn't want that any more.
                    self.cancel(connection, before, Outcome::Hold, finding);
                } else {
                    self.hold(connection, before, Outcome::Hold, finding);
                }
            }
        }
    }

    fn keep(&mut self, connection: &Connection, before: usize, finding: Finding) {
        self.permitted.insert(connection.owner.clone());
        if Grace::of(connection).is_some() {
            self.cancel(connection, before, Outcome::Keep, finding);
        } else if needs_record(connection, Outcome::Keep, &finding.reason) {
            // That it stands by policy is worth a write once, not at every review.
            self.step(connection, before, Outcome::Keep, finding);
        }
    }

    /// Begins the grace, waits for its end, or cuts off.
    fn revoke(&mut self, connection: &Connection, before: usize, finding: Finding) {
        let now = self.judge.now;
        let grace = self.judge.rules.configuration.revocation.grace;
        let waits = |end: Timestamp| Some(format!("cut off after {} unless it regains the right", record::time(end)));
        match Grace::of(connection) {
            Some(Grace { end, .. }) if end <= now || grace.as_duration().is_zero() => {
                let ended = if end <= now {
                    format!("its grace ended {}", record::time(end))
                } else {
                    "the configuration grants no grace any more".to_owned()
                };
                let ordered = finding.ruling == Ruling::Draining;
                if self.scope == Scope::Sweep || ordered || grace.as_duration().is_zero() {
                    self.step(connection, before, Outcome::Revoke, Finding { detail: Some(ended), ..finding });
                } else {
                    // Only a sweep sees how much is due, and keeps the limits.
                    let detail = Some(format!("{ended}, cut off with the next sweep unless too many are due"));
                    self.hold(connection, before, Outcome::Hold, Finding { detail, ..finding });
                }
            }
            Some(Grace { end, reason }) => {
                let changed = reason != finding.reason;
                let finding = Finding { detail: waits(end), ..finding };
                if changed {
                    self.schedule(connection, before, end, None, finding);
                } else {
                    self.hold(connection, before, Outcome::Hold, finding);
                }
            }
            None if grace.as_duration().is_zero() => self.step(connection, before, Outcome::Revoke, finding),
            None if connection.id.is_none() => {
                let detail =
                    Some(format!("{} is nowhere to be recorded: a grace of 0s would cut it off", finding.reason));
                let finding = Finding { reason: reason::NO_RECORD.into(), detail, ..finding };
                self.hold(connection, before, Outcome::Hold, finding);
            }
            None => {
                let end = now.saturating_add(grace.as_duration()).unwrap_or(Timestamp::MAX);
                let finding = Finding { detail: waits(end), ..finding };
                self.schedule(connection, before, end, Some(told::REVOCATION_SCHEDULED), finding);
            }
        }
    }

    fn schedule(
        &mut self,
        connection: &Connection,
        before: usize,
        end: Timestamp,
        announce: Option<&'static str>,
        finding: Finding,
    ) {
        let record = self.judge.grace(end, &finding.reason);
        let decision = self.decision(connection, before, Outcome::Hold, finding);
        let remedies = announce.map(|_| self.remedies(connection, before, false)).unwrap_or_default();
        self.plan.steps.push((only_recorded(connection, record), Decision { remedies, announce, ..decision }));
    }

    fn cancel(&mut self, connection: &Connection, before: usize, outcome: Outcome, finding: Finding) {
        let record = self.judge.no_grace();
        let end = Grace::of(connection).map(|Grace { end, .. }| record::time(end)).unwrap_or_default();
        let finding = Finding { detail: Some(format!("no longer to be cut off after {end}")), ..finding };
        let decision = self.decision(connection, before, outcome, finding);
        let announce = Some(told::REVOCATION_CANCELLED);
        self.plan.steps.push((only_recorded(connection, record), Decision { announce, ..decision }));
    }

    fn step(&mut self, connection: &Connection, before: usize, outcome: Outcome, finding: Finding) {
        let answer = match outcome {
            Outcome::Accept => Some(Answer::Accept),
            Outcome::Reject => Some(Answer::Reject),
            Outcome::Revoke => Some(Answer::Revoke),
            _ => None,
        };
        let change = Change {
            endpoint: connection.endpoint.clone(),
            answer,
            connection: connection.id.clone(),
            record: self.judge.record(connection, outcome, &finding),
        };
        // What a person has ordered needs no limit: it is limited to what the person named.
        let ordered = matches!(finding.ruling, Ruling::Refused | Ruling::Draining);
        let news = outcome == Outcome::Hold && finding.ruling == Ruling::NotPermitted;
        let mut decision = self.decision(connection, before, outcome, finding);
        if news {
            decision.announce = Some(told::CONNECTION_HELD);
            decision.remedies = self.remedies(connection, before, false);
        }
        let step = (Step::Connection(change), decision);
        if outcome == Outcome::Revoke && !ordered {
            self.plan.removals.push(step);
        } else {
            self.plan.steps.push(step);
        }
    }

    fn hold(&mut self, connection: &Connection, before: usize, outcome: Outcome, finding: Finding) {
        let decision = self.decision(connection, before, outcome, finding);
        self.plan.held.push(decision);
    }

    fn remedies(&mut self, connection: &Connection, before: usize, ends: bool) -> Vec<String> {
        self.explained += 1;
        if self.explained > EXPLAINED { Vec::new() } else { self.judge.remedies(connection, before, ends) }
    }

    fn decision(&mut self, connection: &Connection, before: usize, outcome: Outcome, finding: Finding) -> Decision {
        let mut about = about(&self.judge.service.key);
        about.subject = format!("{} of account {}", connection.endpoint, connection.owner);
        about.fields.insert("vpc_endpoint_id", connection.endpoint.to_string());
        about.fields.insert("endpoint_owner", connection.owner.to_string());
        about.fields.insert("state", connection.state.to_string());
        let announce = match outcome {
            Outcome::Accept => Some(told::CONNECTION_ACCEPTED),
            Outcome::Reject => Some(told::CONNECTION_REJECTED),
            Outcome::Revoke => Some(told::CONNECTION_REVOKED),
            _ => None,
        };
        // Only where somebody is told.
        let refused = matches!(outcome, Outcome::Reject | Outcome::Revoke);
        let remedies = if refused { self.remedies(connection, before, true) } else { Vec::new() };
        Decision {
            policies: finding.policies,
            detail: finding.detail,
            facts: self.judge.facts(connection, before),
            remedies,
            about,
            announce,
            ..Decision::new(outcome, finding.reason)
        }
    }

    /// Whether the request has been held for want of a permit for longer than the configuration lets it wait.
    fn has_waited_too_long(&self, connection: &Connection) -> bool {
        let longest = self.judge.rules.configuration.requests.reject_after;
        let longest = longest.and_then(|period| SignedDuration::try_from(period.as_duration()).ok());
        let held = record::held_since(connection).map(|since| self.judge.now.duration_since(since));
        longest.is_some_and(|longest| held.is_some_and(|held| held >= longest))
    }

    /// A connection that we cut off and whose answer got lost: it is recorded and told when that is seen.
    pub fn record_what_was_cut_off(&mut self, connection: &Connection) {
        let exempt = exemption(connection, &self.judge.rules.configuration.deployment).is_some();
        let ended = connection.state == ConnectionState::Rejected && connection.id.is_some() && !exempt;
        let due = Grace::of(connection).filter(|grace| ended && grace.end <= self.judge.now);
        if let Some(Grace { end, reason }) = due.filter(|_| record::says_let_in(connection)) {
            let detail =
                Some(format!("its grace ended {}; the answer to its being cut off got lost", record::time(end)));
            let finding = Finding { detail, reason: reason.into(), ..Finding::new(Ruling::NotPermitted, "") };
            let record = self.judge.record(connection, Outcome::Revoke, &finding);
            let decision = self.decision(connection, 0, Outcome::Revoke, finding);
            self.plan.steps.push((only_recorded(connection, record), decision));
        }
    }
}

fn only_recorded(connection: &Connection, record: Tags) -> Step {
    let (endpoint, connection) = (connection.endpoint.clone(), connection.id.clone());
    Step::Connection(Change { endpoint, answer: None, connection, record })
}
