//! Who may ask for a connection at all: the allowed principals of one service, in step with the policy.
//!
//! AWS takes accounts, users and roles as principals, no Organization and no unit: so the policy is asked for each account
//! that it could permit. What isn't a whole account is left to people.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Observed, Step, about, finding::inactive, manages_principals, record, revocation::limit, standing};
use crate::{
    event::told,
    model::{AccountId, AccountState, EndpointService, Known, Membership, Principal, Principals, Scope},
    plan::{Decision, Limit, Outcome, Plan, reason},
    policy::{self, Determining, ManagePrincipals, Rules, Verdict},
};

/// Whose principals are decided on.
pub struct Question<'a> {
    pub service: &'a EndpointService,
    pub observed: &'a Observed,
    /// The accounts that have a connection which may be there, whatever it is permitted by.
    pub permitted: &'a BTreeSet<AccountId>,
    pub rules: &'a Rules,
    pub now: Timestamp,
}

/// Plans for the allowed principals of a service.
pub fn plan(question: &Question<'_>, scope: Scope, plan: &mut Plan<Step>) {
    let Question { service, observed, rules, .. } = question;
    let Some(principals) = &observed.principals else { return };
    if principals.contains(&Principal::Everybody) && !service.acceptance_required {
        close(service, rules, plan);
    } else if !service.acceptance_required {
        let detail = Some("AWS connects every allowed principal without asking".to_owned());
        let decision =
            Decision { about: about(&service.key), detail, ..Decision::new(Outcome::Hold, reason::NOBODY_ASKED) };
        plan.held.push(decision);
    }
    if let Some(members) = observed.members.as_ref().filter(|_| manages_principals(service, rules)) {
        question.keep_in_step(principals, members, scope, plan);
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

impl Question<'_> {
    /// Adds the accounts that the policy permits, and removes those that it doesn't.
    fn keep_in_step(
        &self,
        principals: &Principals,
        members: &BTreeMap<AccountId, Known>,
        scope: Scope,
        plan: &mut Plan<Step>,
    ) {
        let allowed: BTreeSet<&AccountId> = principals.iter().filter_map(Principal::account).collect();
        let mentioned = &self.rules.acceptance.mentions().accounts;
        let candidates: BTreeSet<&AccountId> = members.keys().chain(mentioned).chain(allowed.iter().copied()).collect();
        let mut removals = Vec::new();
        // The provider's own account needs no permission.
        for owner in candidates.into_iter().filter(|owner| **owner != self.service.key.account) {
            let Some((permitted, why)) = self.judge(owner, members.get(owner)) else { continue };
            let decision = |why: Why, outcome| why.decision(self.service, owner, members.get(owner), outcome);
            match (permitted, allowed.contains(owner)) {
                (true, false) => plan.steps.push((Step::Allow(owner.clone()), decision(why, Outcome::Allow))),
                (false, true) if self.removes() && scope == Scope::Sweep => {
                    removals.push((Step::Remove(owner.clone()), decision(why, Outcome::Remove)));
                }
                _ => {}
            }
        }
        let (due, limit) = (removals.len(), limit(self.rules));
        if u32::try_from(due).is_ok_and(|due| due <= limit.most) {
            plan.steps.extend(removals);
        } else {
            let Limit { setting, most, .. } = limit;
            let why = format!("{due} principals would be removed at once, and {setting} allows {most}");
            plan.held.extend(limit.withhold(removals.into_iter().map(|(_, decision)| decision), &why));
        }
    }

    /// Whether what the policy doesn't permit is removed. Where it depends on the endpoint it can't be asked without one.
    fn removes(&self) -> bool {
        self.rules.configuration.principals.manage == ManagePrincipals::Exact
            && !self.rules.acceptance.mentions().endpoint()
    }

    /// Whether an account may request a connection; `None` when it can't be told.
    fn judge(&self, owner: &AccountId, known: Option<&Known>) -> Option<(bool, Why)> {
        let by = |by: Determining, otherwise: &str| {
            let reason = by.reason.unwrap_or_else(|| otherwise.to_owned());
            Why { reason, policies: by.policies }
        };
        let without = |reason: &str| Why { reason: reason.to_owned(), policies: Vec::new() };
        if self.permitted.contains(owner) {
            return Some((true, without(reason::CONNECTED)));
        }
        let member = match &known?.membership {
            Membership::Member(member) => Some(member),
            Membership::Outside => None,
            Membership::Unknown { .. } => return None,
        };
        let inactive_now = member.filter(|member| member.state != AccountState::Active);
        let (service, now) = (self.service, self.now);
        let question = policy::Question { service, owner, member, connection: None, connections: 0, now };
        match self.rules.acceptance.judge(&question) {
            Verdict::Forbidden(policies) => Some((false, by(policies, reason::FORBIDDEN))),
            Verdict::Failed { .. } => None,
            Verdict::Permitted(_) | Verdict::NoMatch if let Some(member) = inactive_now => {
                Some((false, without(inactive(member.state))))
            }
            Verdict::Permitted(policies) => Some((true, by(policies, reason::PERMITTED))),
            Verdict::NoMatch if member.is_some() => Some((false, without(reason::NO_PERMIT))),
            Verdict::NoMatch => Some((false, without(reason::OUTSIDE_ORGANIZATION))),
        }
    }
}

/// Why an account may request a connection, or may not.
struct Why {
    reason: String,
    policies: Vec<String>,
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
