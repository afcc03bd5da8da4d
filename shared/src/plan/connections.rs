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
mod planner;
mod record;
mod revocation;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::{SignedDuration, Timestamp};

pub use self::explanation::{Explanation, explain};
pub use self::revocation::limit;
use self::{
    finding::{Finding, Judge, Ruling, exemption},
    planner::Planner,
    revocation::Grace,
};
use super::{About, Decision, Outcome, Plan, reason};
use crate::{
    model::{
        Account, AccountId, Connection, ConnectionId, ConnectionState, EndpointId, EndpointService, Known, Principals,
        Scope, ServiceKey, Tags, TopicArn, tag,
    },
    policy::{ManagePrincipals, Rules},
};

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
    /// The topic that ought to be told of the connections and isn't.
    pub missing_topic: Option<TopicArn>,
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
    /// The topic is told of connections from now on.
    Notify(TopicArn),
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
        && (scope != Scope::Requests || !connection.state.is_established())
        && exemption(connection, &rules.configuration.deployment).is_none()
}

/// Which connections have to be read to judge those of the scope.
#[must_use]
pub fn reads(scope: Scope, rules: &Rules) -> Scope {
    if rules.acceptance.mentions().connections() { scope.max(Scope::Everything) } else { scope }
}

/// How old an answer about an account may be on which somebody is turned away: no older than a run may need to come to it.
const FRESH: SignedDuration = SignedDuration::from_secs(10);

/// The accounts of which something is remembered that is too old for what would be done on it: nobody is rejected, cut off, put
/// on a grace or taken off one, or removed from the principals, on a remembered answer.
#[must_use]
pub fn to_be_asked_anew(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> BTreeSet<AccountId> {
    let is_old = |known: &Known| now.duration_since(known.at) > FRESH;
    let known = || observed.owners.iter().chain(observed.members.iter().flatten());
    if !known().any(|(_, known)| is_old(known)) {
        return BTreeSet::new();
    }
    let plan = plan(key, observed, rules, now);
    let changed = plan.steps.iter().chain(&plan.removals).filter(|(_, decision)| {
        !matches!(decision.outcome, Outcome::Accept | Outcome::Allow) && decision.announce.is_some()
    });
    let withheld = plan.held.iter().filter(|decision| decision.reason == reason::LIMIT_REACHED);
    let accounts = changed.map(|(_, decision)| decision).chain(withheld).filter_map(|decision| {
        let fields = &decision.about.fields;
        fields.get("endpoint_owner").or_else(|| fields.get("principal"))?.parse::<AccountId>().ok()
    });
    let asked = accounts.collect::<BTreeSet<_>>();
    known()
        .filter(|(account, known)| is_old(known) && asked.contains(account))
        .map(|(account, _)| account.clone())
        .collect()
}

/// Whether the allowed principals of a service matter: to keep them in step, or because nobody else guards it.
#[must_use]
pub fn reads_principals(service: &EndpointService, scope: Scope, rules: &Rules) -> bool {
    scope != Scope::Requests && (manages_principals(service, rules) || !service.acceptance_required)
}

/// Whether the topic can and has to be told of the service's connections: that is looked at with each sweep, and where the topic
/// is, as no other Region's services are sure to reach it.
#[must_use]
pub fn ought_to_notify(service: &EndpointService, scope: Scope, topic: &TopicArn) -> bool {
    scope == Scope::Sweep && topic.region == service.key.region && service.can_notify()
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
    let mut planner = Planner::new(Judge { service, rules, owners: &observed.owners, now }, key.scope, &mut plan);
    let mut before: BTreeMap<&AccountId, usize> = BTreeMap::new();
    for connection in &observed.connections {
        planner.record_what_was_cut_off(connection);
    }
    for connection in in_order(observed) {
        let count = before.entry(&connection.owner).or_default();
        if planner.decide(connection, *count) || connection.state.is_established() {
            *count += 1;
        }
    }
    let permitted = planner.permitted;
    let established = observed.connections.iter().filter(|connection| connection.state.is_established());
    revocation::withhold_too_great_a_part(&mut plan, established.count(), rules);
    if key.scope != Scope::Requests {
        allowed::plan(
            &allowed::Question { service, observed, permitted: &permitted, rules, now },
            key.scope,
            &mut plan,
        );
    }
    if let Some(topic) = &observed.missing_topic {
        let decision = Decision {
            about: about(&key.service),
            detail: Some(format!("to {topic}")),
            ..Decision::new(Outcome::Notify, reason::NOT_NOTIFIED)
        };
        plan.steps.push((Step::Notify(topic.clone()), decision));
    }
    plan
}

/// What is open, in the order in which it is judged: those that we let stand, those that stand, those that ask, and each older
/// before younger. So the number of connections that an account has before this one stays the same from review to review.
fn in_order(observed: &Observed) -> Vec<&Connection> {
    let mut connections: Vec<&Connection> =
        observed.connections.iter().filter(|connection| is_open(connection)).collect();
    let rank = |connection: &Connection| (!connection.state.is_established(), !record::says_permitted(connection));
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

/// Where an account stands, in words.
fn standing(account: &Account) -> String {
    format!("{} in {}", account.state, account.path)
}

#[cfg(test)]
mod tests;
