//! Who may ask for a connection at all: the allowed principals of one service, in step with the policy.
//!
//! AWS takes accounts, users and roles as principals, no Organization and no unit: so the policy is asked for each account
//! that it could permit. What isn't a whole account is left to people.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Observed, Step, about, manages_principals, record, standing};
use crate::{
    event::told,
    model::{AccountId, AccountState, EndpointService, Known, Membership, Principal, Principals},
    plan::{Decision, Outcome, Plan, reason},
    policy::{Determining, ManagePrincipals, Question, Rules, Verdict},
};

/// Plans for the allowed principals of a service.
pub fn plan(service: &EndpointService, observed: &Observed, rules: &Rules, now: Timestamp, plan: &mut Plan<Step>) {
    let Some(principals) = &observed.principals else { return };
    if principals.contains(&Principal::Everybody) && !service.acceptance_required {
        close(service, rules, plan);
    }
    if let Some(members) = observed.members.as_ref().filter(|_| manages_principals(service, rules)) {
        let changes = keep_in_step(service, principals, members, rules, now);
        plan.steps.extend(changes.steps);
        plan.removals.extend(changes.removals);
    }
}

/// A service that everybody may use without being asked.
fn close(service: &EndpointService, rules: &Rules, plan: &mut Plan<Step>) {
    let detail = Some("everybody is an allowed principal, and acceptance is off".to_owned());
    let decision = |outcome, announce| Decision {
        about: about(&service.key),
        detail,
        announce: Some(announce),
        ..Decision::new(outcome, reason::OPEN_TO_EVERYBODY)
    };
    if rules.configuration.principals.require_acceptance {
        plan.steps.push((Step::RequireAcceptance, decision(Outcome::Require, told::ACCEPTANCE_REQUIRED)));
    } else {
        plan.held.push(decision(Outcome::Hold, told::SERVICE_OPEN));
    }
}

/// Adds the accounts that the policy permits, and removes those that it doesn't.
fn keep_in_step(
    service: &EndpointService,
    principals: &Principals,
    members: &BTreeMap<AccountId, Known>,
    rules: &Rules,
    now: Timestamp,
) -> Plan<Step> {
    let mut plan = Plan::default();
    let exact = rules.configuration.principals.manage == ManagePrincipals::Exact;
    let allowed: BTreeSet<&AccountId> = principals.iter().filter_map(account).collect();
    let mentioned = &rules.acceptance.mentions().accounts;
    let candidates: BTreeSet<&AccountId> = members.keys().chain(mentioned).chain(allowed.iter().copied()).collect();
    // The provider's own account needs no permission.
    for owner in candidates.into_iter().filter(|owner| **owner != service.key.account) {
        let known = members.get(owner);
        let Some((permitted, why)) = judge(service, owner, known, rules, now) else { continue };
        match (permitted, allowed.contains(owner)) {
            (true, false) => {
                plan.steps.push((Step::Allow(owner.clone()), why.decision(service, owner, known, Outcome::Allow)));
            }
            (false, true) if exact => {
                plan.removals.push((Step::Remove(owner.clone()), why.decision(service, owner, known, Outcome::Remove)));
            }
            _ => {}
        }
    }
    plan
}

fn account(principal: &Principal) -> Option<&AccountId> {
    match principal {
        Principal::Account(account) => Some(account),
        Principal::Everybody | Principal::Other(_) => None,
    }
}

/// Why an account may request a connection, or may not.
struct Why {
    reason: String,
    policies: Vec<String>,
}

/// Whether an account may request a connection; `None` when it can't be told.
fn judge(
    service: &EndpointService,
    owner: &AccountId,
    known: Option<&Known>,
    rules: &Rules,
    now: Timestamp,
) -> Option<(bool, Why)> {
    // All members are known: one who is not among them is none.
    let member = match known.map(|known| &known.membership) {
        Some(Membership::Member(member)) => Some(member),
        Some(Membership::Outside) | None => None,
        Some(Membership::Unknown { .. }) => return None,
    };
    let active = member.is_none_or(|member| member.state == AccountState::Active);
    let question = Question { service, owner, member, connection: None, connections: 0, now };
    let by = |by: Determining, otherwise: &str| {
        let reason = by.reason.unwrap_or_else(|| otherwise.to_owned());
        Why { reason, policies: by.policies }
    };
    let without = |reason: &str| Why { reason: reason.to_owned(), policies: Vec::new() };
    match rules.acceptance.judge(&question) {
        Verdict::Permitted(policies) if active => Some((true, by(policies, reason::PERMITTED))),
        Verdict::Permitted(_) => Some((false, without(reason::ACCOUNT_NOT_ACTIVE))),
        Verdict::Forbidden(policies) => Some((false, by(policies, reason::FORBIDDEN))),
        Verdict::NoMatch if member.is_some() => Some((false, without(reason::NO_PERMIT))),
        Verdict::NoMatch => Some((false, without(reason::OUTSIDE_ORGANIZATION))),
        Verdict::Failed { .. } => None,
    }
}

impl Why {
    fn decision(
        self,
        service: &EndpointService,
        owner: &AccountId,
        known: Option<&Known>,
        outcome: Outcome,
    ) -> Decision {
        let mut about = about(&service.key);
        about.subject = format!("account {owner} as principal of {}", service.key.service);
        about.fields.insert("principal", owner.to_string());
        let mut facts = BTreeMap::new();
        if let Some(Known { membership: Membership::Member(account), at }) = known {
            facts.insert("account", standing(account));
            facts.insert("account_read_at", record::time(*at));
        }
        let announce = if outcome == Outcome::Allow { told::PRINCIPAL_ALLOWED } else { told::PRINCIPAL_REMOVED };
        let policies = self.policies;
        Decision { about, policies, facts, announce: Some(announce), ..Decision::new(outcome, self.reason) }
    }
}
