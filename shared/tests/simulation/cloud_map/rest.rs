//! What must be so of Cloud Map and targets when nothing happens any more, and all sweeps are done.

use std::{rc::Rc, time::Duration};

use drawbridge::{
    model::{AccountId, TargetState},
    world::{Discovery, SharedNamespace, State},
};

use super::{
    cast::{CONSUMERS, TAG},
    reckoning::{followed, instances, is_left, is_ours, may_follow, namespaces, tag, wishes},
    terms::Terms,
};
use crate::{
    reckoning::is_selected,
    stage::{Invariant, Stage},
    version::Version,
};

/// For how long what failed for good isn't tried again.
const FAILURE_STANDS: Duration = Duration::from_mins(15);

/// What goes wrong with operations and targets, ends.
pub fn mend(stage: &Stage) {
    let mut state = stage.world.change();
    state.failing_operations.clear();
    let targets = state.target_groups.values_mut().flat_map(|filled| filled.targets.values_mut());
    for (standing, _) in targets.filter(|(standing, _)| *standing == TargetState::Unhealthy) {
        *standing = TargetState::Healthy;
    }
}

pub fn check(stage: &Stage, version: &Version) {
    let Some(terms) = version.cloud_map() else { return };
    let mut rest = Rest { stage, terms, state: stage.world.snapshot(), due: Vec::new() };
    if terms.endpoints != "none" {
        for account in CONSUMERS {
            rest.account(&account.parse().unwrap());
        }
    }
    rest.targets();
    rest.zones();
    // What is left must be more than a limit lets go.
    let due = &rest.due;
    if !due.is_empty() && due.len() <= terms.most {
        rest.wrong(|| format!("{due:?} are to go, no limit forbids it, and they stand"));
    }
}

struct Rest<'a> {
    stage: &'a Stage,
    terms: &'static Terms,
    state: Rc<State>,
    /// What only a limit can have kept.
    due: Vec<String>,
}

impl Rest<'_> {
    fn wrong(&self, words: impl FnOnce() -> String) {
        self.stage.violate(Invariant::RestIsRight, words);
    }

    /// Whether an operation on this failed for good a short while ago.
    fn has_failed(&self, id: &str) -> bool {
        let since = self.stage.now() - FAILURE_STANDS;
        self.state
            .operations
            .iter()
            .map(|pending| &pending.operation)
            .any(|operation| operation.failure.is_some() && operation.updated > since && operation.targets.contains(id))
    }

    fn account(&mut self, account: &AccountId) {
        let state = Rc::clone(&self.state);
        match namespaces(&state, account).as_slice() {
            [] if self.terms.makes_namespaces() && !wishes(&state, account, self.terms).is_empty() => {
                let is_barred =
                    state.operations.iter().any(|pending| pending.scope.is_empty() && pending.account == *account);
                if !is_barred {
                    self.wrong(|| format!("{account} has no namespace"));
                }
            }
            [namespace] => self.namespace(account, namespace),
            _ => {}
        }
    }

    fn namespace(&mut self, account: &AccountId, namespace: &SharedNamespace) {
        let state = Rc::clone(&self.state);
        let services: Vec<&Discovery> =
            state.cloud_map_services.values().filter(|found| found.namespace == namespace.namespace.arn).collect();
        let wishes = wishes(&state, account, self.terms);
        for (endpoint, said) in &wishes {
            let Some(found) = services.iter().find(|found| found.service.name == said.0) else {
                if self.terms.makes_services() && namespace.namespace.owner == *account {
                    self.wrong(|| format!("{account} has no service {}", said.0));
                }
                continue;
            };
            for (id, due) in instances(&state, endpoint, *said, &found.service.records) {
                let standing = found.instances.get(&id);
                let is_foreign = standing.is_some_and(|attributes| !is_ours(attributes, account));
                if standing != Some(&due) && !is_foreign && !self.has_failed(&id) {
                    self.wrong(|| format!("{id} in {} is {standing:?}, and should be {due:?}", said.0));
                }
            }
        }
        for found in &services {
            for (id, attributes) in found.instances.iter().filter(|(_, attributes)| is_ours(attributes, account)) {
                let of = |endpoint: &str| attributes.get("endpoint-id").is_some_and(|id| id == endpoint);
                let is_due = wishes.iter().any(|(endpoint, said)| {
                    said.0 == found.service.name
                        && instances(&state, endpoint, *said, &found.service.records).contains_key(id)
                });
                let mut endpoints = state.endpoints.values().filter(|endpoint| endpoint.key.account == *account);
                let is_left = endpoints
                    .any(|endpoint| of(endpoint.key.endpoint.as_str()) && is_left(&state, endpoint, self.terms));
                if !is_due && !is_left && !self.has_failed(id) && attributes.contains_key("endpoint-id") {
                    self.due.push(format!("{id} in {}", found.service.name));
                }
            }
        }
    }

    fn targets(&mut self) {
        let state = Rc::clone(&self.state);
        for filled in state.target_groups.values().filter(|filled| self.terms.targets && may_follow(&state, filled)) {
            let group = &filled.group.arn;
            let Some(service) = tag(&state, group, TAG) else { continue };
            let (healthy, unclear) = followed(&state, service);
            let standing = || {
                let stands = filled.targets.iter().filter(|(_, (state, _))| *state != TargetState::Draining);
                stands.map(|(target, _)| target)
            };
            let missing: Vec<_> = healthy.iter().filter(|target| !standing().any(|found| found == *target)).collect();
            if !missing.is_empty() {
                self.wrong(|| format!("{missing:?} are no targets of {group}"));
            }
            if tag(&state, group, "drawbridge:owner") == Some("hub") && !healthy.is_empty() {
                let over = standing().filter(|target| !healthy.contains(target) && !unclear.contains(target));
                self.due.extend(over.map(|target| format!("{target} in {group}")));
            }
        }
    }

    fn zones(&self) {
        for (service, _) in self.state.services.values() {
            let balancers = service.load_balancers.iter().filter_map(|arn| self.state.balancer_zones.get(arn));
            let mut zones = balancers.flat_map(|balancer| &balancer.zones);
            let is_missing = zones.any(|zone| !service.availability_zones.contains(zone));
            if self.terms.zones && is_selected(service) && !service.availability_zones.is_empty() && is_missing {
                self.wrong(|| format!("{} isn't offered in all zones of its load balancers", service.key.service));
            }
        }
    }
}
