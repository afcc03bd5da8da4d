//! What must hold of every write to Cloud Map and of every change of targets: it is held against all that the run may have read
//! when it decided. What Cloud Map begins takes effect later, so it is looked at when it is asked for.

use std::{collections::BTreeSet, rc::Rc};

use drawbridge::{
    model::{AccountId, Attributes, ServiceKey, Target},
    world::State,
};

use super::{
    cast::TAG,
    reckoning::{DESCRIPTION, followed, instances, is_healthy, is_ours, tag, wishes},
    terms::Terms,
};
use crate::{
    reckoning::is_selected,
    run::Run,
    stage::{Invariant, Stage},
};

/// What a run may have read, and by which terms it went.
pub struct Check<'a> {
    stage: &'a Stage,
    run: &'a Run,
    terms: &'static Terms,
    seen: Vec<Rc<State>>,
}

impl<'a> Check<'a> {
    pub fn of(stage: &'a Stage, run: &'a Run) -> Option<Self> {
        let terms = run.version.get()?.cloud_map()?;
        Some(Self { stage, run, terms, seen: stage.world.since(run.reads_since()) })
    }

    fn wrong(&self, of: Invariant, words: impl FnOnce() -> String) {
        self.stage.violate(of, || format!("#{}: {}", self.run.id, words()));
    }

    fn takes_away(&self, what: String) {
        let mut withdrawn = self.run.withdrawn.borrow_mut();
        withdrawn.insert(what);
        if withdrawn.len() > self.terms.most {
            self.wrong(Invariant::LimitsAreKept, || {
                format!("takes away {withdrawn:?}, and {} may be", self.terms.most)
            });
        }
    }

    /// Whether all the time there was somebody else's of this id.
    fn is_foreign(&self, account: &AccountId, service: &str, id: &str) -> bool {
        self.seen.iter().all(|state| {
            let found = state.cloud_map_services.get(service).and_then(|found| found.instances.get(id));
            found.is_some_and(|attributes| !is_ours(attributes, account))
        })
    }

    /// Whether an endpoint wanted to be this instance.
    fn is_wanted(
        &self,
        state: &State,
        account: &AccountId,
        service: &str,
        is_it: impl Fn(&str, &Attributes) -> bool,
    ) -> bool {
        let found = self.seen.iter().find_map(|state| state.cloud_map_services.get(service));
        let Some(found) = found.map(|found| &found.service) else { return false };
        wishes(state, account, self.terms).into_iter().any(|(endpoint, said)| {
            let instances = instances(state, endpoint, said, &found.records);
            said.0 == found.name && instances.iter().any(|(id, attributes)| is_it(id, attributes))
        })
    }

    pub fn register(&self, account: &AccountId, service: &str, id: &str, attributes: &Attributes) {
        if self.is_foreign(account, service, id) {
            self.wrong(Invariant::OthersInstancesAreUntouched, || format!("{id} in {service} is replaced"));
        }
        if !is_ours(attributes, account) {
            self.wrong(Invariant::OurInstancesAreMarked, || format!("{id} in {service} with {attributes:?}"));
        }
        let is_it = |found: &str, wanted: &Attributes| {
            let of_us = |(key, _): &(&String, &String)| *key != "AWS_INIT_HEALTH_STATUS";
            found == id && attributes.iter().filter(of_us).eq(wanted.iter())
        };
        if !self.seen.iter().any(|state| self.is_wanted(state, account, service, is_it)) {
            self.wrong(Invariant::OnlyTheWantedIsRegistered, || format!("{id} in {service} with {attributes:?}"));
        }
    }

    pub fn deregister(&self, account: &AccountId, service: &str, id: &str) {
        self.takes_away(format!("{id} in {service}"));
        if self.is_foreign(account, service, id) {
            self.wrong(Invariant::OthersInstancesAreUntouched, || format!("{id} in {service} is taken away"));
        }
        if self.seen.iter().all(|state| self.is_wanted(state, account, service, |found, _| found == id)) {
            self.wrong(Invariant::OnlyTheUnwantedIsTakenAway, || format!("{id} in {service}"));
        }
    }

    /// A Cloud Map service or a namespace is deleted.
    pub fn delete(&self, arn: &str) {
        self.takes_away(arn.to_owned());
        let described = |state: &State| {
            let service = state.cloud_map_services.get(arn).map(|found| found.service.description.clone());
            service.or_else(|| state.namespaces.get(arn).map(|found| found.namespace.description.clone()))
        };
        let is_foreign = |state: &Rc<State>| described(state).is_some_and(|told| told.as_deref() != Some(DESCRIPTION));
        if self.seen.iter().all(is_foreign) {
            self.wrong(Invariant::OthersInstancesAreUntouched, || format!("{arn} is deleted"));
        }
    }

    fn wanted_targets(&self, group: &str) -> BTreeSet<Target> {
        let services: BTreeSet<&str> = self.seen.iter().filter_map(|state| tag(state, group, TAG)).collect();
        let of = |state| services.iter().flat_map(move |service| followed(state, service).0);
        self.seen.iter().flat_map(|state| of(state)).collect()
    }

    pub fn register_targets<'t>(&self, group: &str, targets: impl Iterator<Item = &'t Target>) {
        let wanted = self.wanted_targets(group);
        for target in targets.filter(|target| !wanted.contains(target)) {
            self.wrong(Invariant::OnlyTheWantedIsRegistered, || format!("{target} in {group}"));
        }
    }

    pub fn deregister_targets(&self, group: &str, targets: &BTreeSet<Target>) {
        for target in targets {
            self.takes_away(format!("{target} in {group}"));
        }
        if self.seen.iter().all(|state| tag(state, group, "drawbridge:owner") != Some("hub")) {
            self.wrong(Invariant::OthersInstancesAreUntouched, || format!("targets of {group} are taken away"));
        }
        let is_due = |state: &State, target: &Target| {
            tag(state, group, TAG).is_some_and(|service| followed(state, service).0.contains(target))
        };
        if let Some(target) = targets.iter().find(|target| self.seen.iter().all(|state| is_due(state, target))) {
            self.wrong(Invariant::OnlyTheUnwantedIsTakenAway, || format!("{target} in {group}"));
        }
        let wanted = self.wanted_targets(group);
        let answers = |state: &State, target: &Target| {
            state.target_groups.get(group).is_some_and(|filled| is_healthy(filled, target))
        };
        let answered = |target: &Target| self.seen.iter().all(|state| answers(state, target));
        let stays = |target: &Target| !targets.contains(target) && self.seen.iter().any(|state| answers(state, target));
        if wanted.is_empty() || (targets.iter().any(answered) && !wanted.iter().any(stays)) {
            self.wrong(Invariant::SomethingAnswers, || format!("{targets:?} of {group}, and {wanted:?} stay"));
        }
    }

    pub fn take_up_zones(&self, key: &ServiceKey) {
        let is_ours = |state: &Rc<State>| state.services.get(key).is_some_and(|(service, _)| is_selected(service));
        if !self.seen.iter().any(is_ours) {
            self.wrong(Invariant::ForeignThingsAreUntouched, || format!("the zones of {}", key.service));
        }
    }
}
