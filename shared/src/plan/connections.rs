//! Who is connected: the decision about each connection of one endpoint service.
//!
//! # Invariants
//! - A request is accepted only when its owner is known to be an active member and a policy permits it, or is known to be
//!   no member and a policy permits it. Unknown holds.
//! - A service that is not selected, and a connection that is exempt or another deployment's, is never touched.

use std::{collections::BTreeMap, fmt};

use jiff::{SignedDuration, Timestamp};

use super::{About, Decision, Outcome, Plan, reason};
use crate::{
    model::{
        Account, AccountId, AccountState, Connection, ConnectionId, ConnectionState, DeploymentId, EndpointId,
        EndpointService, Membership, Scope, ServiceKey, Tags, tag,
    },
    policy::{Determining, Question, Rules, Verdict},
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The service, if it is there.
    pub service: Option<EndpointService>,
    /// Its connections within the scope.
    pub connections: Vec<Connection>,
    /// What is known of the owners of these connections. An owner who is missing here is unknown.
    pub owners: BTreeMap<AccountId, Membership>,
}

/// What is written to one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The consumer's endpoint.
    pub endpoint: EndpointId,
    /// The answer to its request; `None` when the connection is established and only recorded.
    pub answer: Option<Answer>,
    /// The provider's object, which takes the record; without one nothing can be recorded.
    pub connection: Option<ConnectionId>,
    /// Why, as tags on the connection.
    pub record: Tags,
}

/// The answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Connect it.
    Accept,
    /// Refuse it.
    Reject,
}

/// Whether a connection is one to decide about: a request or established, and in nobody else's hands.
#[must_use]
pub fn is_judged(connection: &Connection, rules: &Rules) -> bool {
    is_open(connection) && exemption(connection, &rules.configuration.deployment).is_none()
}

fn is_open(connection: &Connection) -> bool {
    connection.state == ConnectionState::PendingAcceptance || connection.state.is_established()
}

/// Decides about every observed connection.
#[must_use]
pub fn plan(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
    let mut plan = Plan::default();
    let service = match selected(observed, rules) {
        Ok(service) => service,
        Err(reason) => {
            plan.held.push(Decision {
                outcome: Outcome::Ignore,
                reason: reason.into(),
                policies: Vec::new(),
                detail: None,
                about: about(&key.service),
                announce: None,
            });
            return plan;
        }
    };
    let judge = Judge { service, rules, owners: &observed.owners, scope: key.scope, now };
    let mut connections: Vec<&Connection> =
        observed.connections.iter().filter(|connection| is_open(connection)).collect();
    connections.sort_by(|one, other| one.endpoint.cmp(&other.endpoint));
    for connection in connections {
        judge.judge(connection, &mut plan);
    }
    plan
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

struct Judge<'a> {
    service: &'a EndpointService,
    rules: &'a Rules,
    owners: &'a BTreeMap<AccountId, Membership>,
    scope: Scope,
    now: Timestamp,
}

/// Outcome, reason, policies and detail of one decision.
struct Finding {
    outcome: Outcome,
    reason: String,
    policies: Vec<String>,
    detail: Option<String>,
}

impl Judge<'_> {
    fn judge(&self, connection: &Connection, plan: &mut Plan<Step>) {
        let finding = match exemption(connection, &self.rules.configuration.deployment) {
            Some(reason) => Finding { outcome: Outcome::Ignore, ..hold(reason, None) },
            None => self.find(connection),
        };
        let answer = match finding.outcome {
            Outcome::Accept => Some(Answer::Accept),
            Outcome::Reject => Some(Answer::Reject),
            Outcome::Keep | Outcome::Hold | Outcome::Ignore => None,
        };
        if answer.is_none() && !needs_record(connection, finding.outcome) {
            if finding.outcome != Outcome::Keep {
                plan.held.push(self.decision(connection, finding));
            }
            return;
        }
        let step = Step {
            endpoint: connection.endpoint.clone(),
            answer,
            connection: connection.id.clone(),
            record: self.record(&finding),
        };
        plan.steps.push((step, self.decision(connection, finding)));
    }

    fn find(&self, connection: &Connection) -> Finding {
        let request = connection.state == ConnectionState::PendingAcceptance;
        let member = match self.owners.get(&connection.owner) {
            Some(Membership::Member(account)) if account.state == AccountState::Active => Some(account),
            Some(Membership::Member(account)) => return not_active(account),
            Some(Membership::Outside) => None,
            Some(Membership::Unknown { why }) => return hold(reason::MEMBERSHIP_UNKNOWN, Some(why.clone())),
            None => return hold(reason::MEMBERSHIP_UNKNOWN, Some("the account was not looked up".to_owned())),
        };
        let question = Question { service: self.service, connection, member, now: self.now };
        match self.rules.acceptance.judge(&question) {
            Verdict::Permitted(by) => {
                determined(if request { Outcome::Accept } else { Outcome::Keep }, by, reason::PERMITTED)
            }
            Verdict::Forbidden(by) => {
                determined(if request { Outcome::Reject } else { Outcome::Hold }, by, reason::FORBIDDEN)
            }
            Verdict::NoMatch if member.is_some() => hold(reason::NO_PERMIT, None),
            Verdict::NoMatch => hold(reason::OUTSIDE_ORGANIZATION, None),
            Verdict::Failed { why } => hold(reason::POLICY_ERROR, Some(why)),
        }
    }

    fn decision(&self, connection: &Connection, finding: Finding) -> Decision {
        let mut about = about(&self.service.key);
        about.subject = format!("{} of account {}", connection.endpoint, connection.owner);
        about.fields.insert("vpc_endpoint_id", connection.endpoint.to_string());
        about.fields.insert("endpoint_owner", connection.owner.to_string());
        about.fields.insert("state", connection.state.to_string());
        let announce = match finding.outcome {
            Outcome::Accept => Some("Connection Accepted"),
            Outcome::Reject => Some("Connection Rejected"),
            Outcome::Hold if self.scope == Scope::Requests && self.is_recent(connection) => Some("Connection Held"),
            Outcome::Hold | Outcome::Keep | Outcome::Ignore => None,
        };
        Decision {
            outcome: finding.outcome,
            reason: finding.reason.into(),
            policies: finding.policies,
            detail: finding.detail,
            about,
            announce,
        }
    }

    /// A request of this age is news; an old one that is held again with every event of its service isn't.
    fn is_recent(&self, connection: &Connection) -> bool {
        connection.created.is_none_or(|created| self.now.duration_since(created) < NEWS)
    }

    fn record(&self, finding: &Finding) -> Tags {
        let text = |value: &str| value.to_owned();
        Tags::from([
            (text(tag::OWNER), text(self.rules.configuration.deployment.as_str())),
            (text(tag::DECISION), text(finding.outcome.as_str())),
            (text(tag::REASON), finding.reason.clone()),
            (text(tag::POLICY), join_whole(&finding.policies, tag::VALUE_LIMIT)),
            (text(tag::DECIDED_AT), self.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ])
    }
}

/// Why a connection is none of ours, if it is none.
fn exemption(connection: &Connection, deployment: &DeploymentId) -> Option<&'static str> {
    if tag::is_ignored(&connection.tags) {
        return Some(reason::EXEMPT);
    }
    let owner = connection.tags.get(tag::OWNER)?;
    (owner != deployment.as_str()).then_some(reason::NOT_OWNED)
}

/// Whether the record on a connection says something else than what is now decided.
///
/// That it stands by policy is worth a write once, not at every review. That it is held is written only to take back what was
/// recorded before: a request can be recorded as accepted when the answer itself didn't get through.
fn needs_record(connection: &Connection, outcome: Outcome) -> bool {
    let recorded = connection.tags.get(tag::DECISION).map(String::as_str);
    let says = |outcome: Outcome| recorded == Some(outcome.as_str());
    connection.id.is_some()
        && match outcome {
            Outcome::Keep => !says(Outcome::Keep) && !says(Outcome::Accept),
            Outcome::Hold => recorded.is_some() && !says(Outcome::Hold),
            Outcome::Accept | Outcome::Reject | Outcome::Ignore => false,
        }
}

fn not_active(account: &Account) -> Finding {
    let reason = match account.state {
        AccountState::Suspended => reason::ACCOUNT_SUSPENDED,
        _ => reason::ACCOUNT_NOT_ACTIVE,
    };
    hold(reason, Some(format!("the account is {}", account.state)))
}

fn hold(reason: &str, detail: Option<String>) -> Finding {
    Finding { outcome: Outcome::Hold, reason: reason.to_owned(), policies: Vec::new(), detail }
}

fn determined(outcome: Outcome, by: Determining, otherwise: &str) -> Finding {
    let reason = by.reason.unwrap_or_else(|| otherwise.to_owned());
    Finding { outcome, reason, policies: by.policies, detail: None }
}

/// As many of the ids as fit, separated by blanks.
fn join_whole(ids: &[String], limit: usize) -> String {
    let mut joined = String::new();
    for id in ids {
        let blank = usize::from(!joined.is_empty());
        if joined.len() + blank + id.len() > limit {
            break;
        }
        if blank == 1 {
            joined.push(' ');
        }
        joined.push_str(id);
    }
    joined
}

#[cfg(test)]
mod tests;
