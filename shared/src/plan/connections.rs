//! Who is connected: the decisions about the connections of one endpoint service, and about who may ask for one.
//!
//! # Invariants
//! - A request is accepted only when its owner is known to be an active member, or known to be no member, and a policy or a
//!   person permits it. Unknown holds.
//! - An established connection is cut off only when its owner is known, a policy forbids it or nothing permits it any more,
//!   its grace has ended, and the limits of the run allow it; or when a person has ordered it.
//! - A service that is not selected, and a connection that is exempt or another deployment's, is never touched.

mod allowed;
mod explanation;
mod finding;
mod record;
mod revocation;

use std::{collections::BTreeMap, fmt};

use jiff::{SignedDuration, Timestamp};

pub use self::explanation::{Explanation, explain};
use self::{
    finding::{Finding, Judge, Ruling, exemption},
    record::needs_record,
    revocation::Grace,
};
use super::{About, Decision, Outcome, Plan, reason};
use crate::{
    event::told,
    model::{
        Account, AccountId, Connection, ConnectionId, ConnectionState, EndpointId, EndpointService, Known, Principals,
        Scope, ServiceKey, Tags, tag,
    },
    policy::{ManagePrincipals, Rules},
};

/// For how long after a request its being held is announced.
const NEWS: SignedDuration = SignedDuration::from_hours(1);

/// What is judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The service.
    pub service: ServiceKey,
    /// Which of its connections.
    pub scope: Scope,
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.service.fmt(formatter)
    }
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observed {
    /// The service, if it is there.
    pub service: Option<EndpointService>,
    /// Its connections: those of the scope, and all when a policy counts them.
    pub connections: Vec<Connection>,
    /// What is known of the owners of these connections. An owner who is missing here is unknown.
    pub owners: BTreeMap<AccountId, Known>,
    /// Its allowed principals, where they matter.
    pub principals: Option<Principals>,
    /// All members of the Organization, where they matter.
    pub members: Option<BTreeMap<AccountId, Known>>,
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// To a connection.
    Connection(Change),
    /// An account becomes an allowed principal.
    Allow(AccountId),
    /// An account is an allowed principal no more.
    Remove(AccountId),
    /// Requests have to be accepted from now on.
    RequireAcceptance,
}

/// What is written to one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The consumer's endpoint.
    pub endpoint: EndpointId,
    /// The answer to it; `None` when it is only recorded.
    pub answer: Option<Answer>,
    /// The provider's object, which takes the record; without one nothing can be recorded.
    pub connection: Option<ConnectionId>,
    /// Why, as tags on the connection.
    pub record: Tags,
}

/// The answer to a request, and to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Connect it.
    Accept,
    /// Refuse it.
    Reject,
    /// Cut it off. What is recorded on the connection says why it may be: it is written over only when that is done.
    Revoke,
}

/// Whether a connection is one to decide about: within the scope, a request or established, and in nobody else's hands.
#[must_use]
pub fn is_judged(connection: &Connection, scope: Scope, rules: &Rules) -> bool {
    is_open(connection)
        && (scope == Scope::Everything || !connection.state.is_established())
        && exemption(connection, &rules.configuration.deployment).is_none()
}

/// Which connections have to be read to judge those of the scope.
#[must_use]
pub fn reads(scope: Scope, rules: &Rules) -> Scope {
    if rules.acceptance.mentions().connections { Scope::Everything } else { scope }
}

/// Whether the allowed principals of a service matter: to keep them in step, or because nobody else guards it.
#[must_use]
pub fn reads_principals(service: &EndpointService, scope: Scope, rules: &Rules) -> bool {
    scope == Scope::Everything && (manages_principals(service, rules) || !service.acceptance_required)
}

/// Whether the members of the Organization matter, all of them.
#[must_use]
pub fn manages_principals(service: &EndpointService, rules: &Rules) -> bool {
    rules.configuration.principals.manage != ManagePrincipals::None && !tag::is_draining(&service.tags)
}

fn is_open(connection: &Connection) -> bool {
    connection.state == ConnectionState::PendingAcceptance || connection.state.is_established()
}

/// Decides about the connections of one service, and about its allowed principals.
#[must_use]
pub fn plan(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
    let mut plan = Plan::default();
    let service = match selected(observed, rules) {
        Ok(service) => service,
        Err(reason) => {
            plan.held.push(Decision { about: about(&key.service), ..Decision::new(Outcome::Ignore, reason) });
            return plan;
        }
    };
    let mut planner =
        Planner { judge: Judge { service, rules, owners: &observed.owners, now }, scope: key.scope, plan: &mut plan };
    let mut before: BTreeMap<&AccountId, usize> = BTreeMap::new();
    for connection in in_order(observed) {
        let count = before.entry(&connection.owner).or_default();
        if planner.decide(connection, *count) || connection.state.is_established() {
            *count += 1;
        }
    }
    let established = observed.connections.iter().filter(|connection| connection.state.is_established());
    revocation::limit(&mut plan, established.count(), rules);
    if key.scope == Scope::Everything {
        allowed::plan(service, observed, rules, now, &mut plan);
    }
    plan
}

/// What is open, in the order in which it is judged: those that stand before those that ask, and older before younger. So the
/// number of connections that an account has before this one is the same at each review.
fn in_order(observed: &Observed) -> Vec<&Connection> {
    let mut connections: Vec<&Connection> =
        observed.connections.iter().filter(|connection| is_open(connection)).collect();
    let rank = |connection: &Connection| !connection.state.is_established();
    connections.sort_by(|one, other| {
        (rank(one), one.created, &one.endpoint).cmp(&(rank(other), other.created, &other.endpoint))
    });
    connections
}

/// The service, if it is there and looked after; else the reason to leave it alone.
fn selected<'a>(observed: &'a Observed, rules: &Rules) -> Result<&'a EndpointService, &'static str> {
    match &observed.service {
        None => Err(reason::SERVICE_NOT_FOUND),
        Some(service) if tag::is_ignored(&service.tags) => Err(reason::EXEMPT),
        Some(service) if !rules.configuration.looks_after(&service.tags) => Err(reason::NOT_SELECTED),
        Some(service) => Ok(service),
    }
}

fn about(key: &ServiceKey) -> About {
    let fields = BTreeMap::from([
        ("account", key.account.to_string()),
        ("region", key.region.to_string()),
        ("service_id", key.service.to_string()),
    ]);
    About { subject: key.service.to_string(), fields, resource: key.arn() }
}

struct Planner<'a, 'p> {
    judge: Judge<'a>,
    scope: Scope,
    plan: &'p mut Plan<Step>,
}

impl Planner<'_, '_> {
    /// Plans for one connection, and tells whether it will be accepted.
    fn decide(&mut self, connection: &Connection, before: usize) -> bool {
        if connection.state.is_established() {
            if self.scope == Scope::Everything {
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
            // It can be recorded as accepted when the answer itself didn't get through.
            Ruling::NotPermitted | Ruling::Unclear if needs_record(connection, Outcome::Hold) => {
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
        if Grace::of(connection).is_some() {
            self.cancel(connection, before, Outcome::Keep, finding);
        } else if needs_record(connection, Outcome::Keep) {
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
            Some(Grace { end, .. }) if end <= now => self.step(connection, before, Outcome::Revoke, finding),
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
        let remedies = announce.map(|_| self.judge.remedies(connection, before)).unwrap_or_default();
        self.plan.steps.push((only_recorded(connection, record), Decision { announce, remedies, ..decision }));
    }

    fn cancel(&mut self, connection: &Connection, before: usize, outcome: Outcome, finding: Finding) {
        let record = self.judge.no_grace();
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
        let step = (Step::Connection(change), self.decision(connection, before, outcome, finding));
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

    fn decision(&self, connection: &Connection, before: usize, outcome: Outcome, finding: Finding) -> Decision {
        let mut about = about(&self.judge.service.key);
        about.subject = format!("{} of account {}", connection.endpoint, connection.owner);
        about.fields.insert("vpc_endpoint_id", connection.endpoint.to_string());
        about.fields.insert("endpoint_owner", connection.owner.to_string());
        about.fields.insert("state", connection.state.to_string());
        let announce = match outcome {
            Outcome::Accept => Some(told::CONNECTION_ACCEPTED),
            Outcome::Reject => Some(told::CONNECTION_REJECTED),
            Outcome::Revoke => Some(told::CONNECTION_REVOKED),
            Outcome::Hold if self.scope == Scope::Requests && self.is_recent(connection) => Some(told::CONNECTION_HELD),
            _ => None,
        };
        // They cost an evaluation each: only where somebody is told.
        let refused = matches!(outcome, Outcome::Hold | Outcome::Reject | Outcome::Revoke) && announce.is_some();
        let remedies = if refused { self.judge.remedies(connection, before) } else { Vec::new() };
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

    /// A request of this age is news; an old one that is held again with every event of its service isn't.
    fn is_recent(&self, connection: &Connection) -> bool {
        self.age(connection).is_none_or(|age| age < NEWS)
    }

    fn has_waited_too_long(&self, connection: &Connection) -> bool {
        let longest = self.judge.rules.configuration.requests.reject_after;
        let longest = longest.and_then(|period| SignedDuration::try_from(period.as_duration()).ok());
        longest.is_some_and(|longest| self.age(connection).is_some_and(|age| age >= longest))
    }

    fn age(&self, connection: &Connection) -> Option<SignedDuration> {
        connection.created.map(|created| self.judge.now.duration_since(created))
    }
}

fn only_recorded(connection: &Connection, record: Tags) -> Step {
    let (endpoint, connection) = (connection.endpoint.clone(), connection.id.clone());
    Step::Connection(Change { endpoint, answer: None, connection, record })
}

/// Where an account stands, in words.
fn standing(account: &Account) -> String {
    format!("{} in {}", account.state, account.path)
}

#[cfg(test)]
mod tests;
