//! What must hold of every write of alarms and dashboards: it is held against all that the run may have read when it decided.

use std::{collections::BTreeSet, rc::Rc};

use drawbridge::{
    model::{AccountId, Alarm, AlarmRule, Metric, QuerySource},
    world::{AlarmPlace, State},
};

use super::{
    profile::DIMENSIONS,
    reckoning::{covered, is_ours, is_told_of, of_endpoints, of_services, services, standing, topics},
    rest::is_marked,
    terms::Alarms,
};
use crate::{
    cast::REGION,
    run::Run,
    stage::{Invariant, Stage},
};

/// Checks an alarm that is about to be written.
pub fn before_put(stage: &Stage, run: &Run, home: &AccountId, alarm: &Alarm) {
    let seen = stage.world.since(run.reads_since());
    let tried = run.tried.borrow();
    // One that people deleted in the meantime was there, and one that couldn't be made was tried.
    let is_fine =
        |name: &str| tried.contains(name) || seen.iter().any(|state| standing(state, home.as_str(), name).is_some());
    let waits_for = match &alarm.rule {
        AlarmRule::Composite { suppressor: Some(suppressor), .. } => Some(suppressor.alarm.as_str()),
        _ => None,
    };
    if let Some(missing) = covered(alarm).into_iter().chain(waits_for).find(|name| !is_fine(name)) {
        stage.violate(Invariant::CoversFollowTheirAlarms, || {
            format!("#{} writes {} before {missing}", run.id, alarm.name)
        });
    }
    drop(tried);
    run.tried.borrow_mut().insert(alarm.name.clone());
}

/// Checks what is about to be taken away.
pub fn before_delete(stage: &Stage, run: &Run, names: &BTreeSet<String>) {
    let mut withdrawn = run.withdrawn.borrow_mut();
    withdrawn.extend(names.iter().cloned());
    let Some(alarms) = run.version.get().and_then(|version| version.alarms) else { return };
    if withdrawn.len() > alarms.terms.most {
        stage.violate(Invariant::LimitsAreKept, || format!("#{} takes away {withdrawn:?}", run.id));
    }
}

/// Checks what a write has changed.
pub fn check_write(stage: &Stage, run: &Run, was: &State, is: &State) {
    let Some(alarms) = run.version.get().and_then(|version| version.alarms) else { return };
    let seen = stage.world.since(run.reads_since());
    // The last state is what the write has made.
    let seen = &seen[..seen.len().saturating_sub(1)];
    let check = Check { stage, run, alarms, seen };
    let places: BTreeSet<&AlarmPlace> = was.alarms.keys().chain(is.alarms.keys()).collect();
    for place in places.into_iter().filter(|place| was.alarms.get(place) != is.alarms.get(place)) {
        check.alarm(place, was, is);
    }
    let dashboards: BTreeSet<_> = was.dashboards.keys().chain(is.dashboards.keys()).collect();
    for place in dashboards.into_iter().filter(|place| was.dashboards.get(place) != is.dashboards.get(place)) {
        check.dashboard(place, is);
    }
}

struct Check<'a> {
    stage: &'a Stage,
    run: &'a Run,
    alarms: Alarms,
    seen: &'a [Rc<State>],
}

impl Check<'_> {
    fn wrong(&self, of: Invariant, words: impl FnOnce() -> String) {
        self.stage.violate(of, || format!("#{}: {}", self.run.id, words()));
    }

    fn alarm(&self, place: &AlarmPlace, was: &State, is: &State) {
        let (home, _, name) = place;
        let is_foreign = |state: &Rc<State>| state.alarms.get(place).is_some_and(|alarm| !is_ours(&alarm.tags));
        if self.seen.iter().all(is_foreign) {
            self.wrong(Invariant::OthersAlarmsAreUntouched, || format!("{name} in {home}"));
        }
        let Some(now) = is.alarms.get(place) else { return self.deleted(home, name) };
        let is_off = |state: &Rc<State>| state.alarms.get(place).is_some_and(|alarm| !alarm.standing.acts);
        if now.standing.acts && self.seen.iter().all(is_off) {
            self.wrong(Invariant::WhatIsSwitchedOffStaysOff, || format!("{name} in {home}"));
        }
        if !was.alarms.contains_key(place) && !is_ours(&now.tags) {
            self.wrong(Invariant::OurAlarmsAreMarked, || format!("{name} in {home} is tagged {:?}", now.tags));
        }
        self.metrics(&now.standing.alarm);
        if name.contains("/endpoint/") {
            self.of_endpoint(home, &now.standing.alarm);
        }
    }

    /// Alarms of an endpoint are made only of one that is selected, and silent only when another tells in their place.
    fn of_endpoint(&self, home: &AccountId, alarm: &Alarm) {
        let name = &alarm.name;
        let key = (home.clone(), name.clone());
        let now = self.stage.now();
        let due = self.seen.iter().find_map(|state| of_endpoints(state, &self.alarms, now).remove(&key));
        let Some(due) = due else {
            return self.wrong(Invariant::OnlyTheSelectedIsWatched, || format!("{name} in {home}"));
        };
        let is_silent = alarm.alarm_actions.is_empty() && !topics(&self.alarms, due.grade).is_empty();
        if is_silent && !self.seen.iter().any(|state| is_told_of(state, home, name)) {
            self.wrong(Invariant::SomebodyIsTold, || format!("{name} in {home} becomes silent"));
        }
    }

    /// A metric with other dimensions than AWS gives it is none.
    fn metrics(&self, alarm: &Alarm) {
        let AlarmRule::Metric(rule) = &alarm.rule else { return };
        for query in &rule.queries {
            let QuerySource::Statistic { metric, .. } = &query.source else { continue };
            let Metric { namespace, dimensions, .. } = metric;
            let names: Vec<&str> = dimensions.keys().map(String::as_str).collect();
            if !DIMENSIONS.iter().any(|(of, dimensions)| of == namespace && *dimensions == names) {
                self.wrong(Invariant::MetricsHaveAllDimensions, || format!("{}: {metric:?}", alarm.name));
            }
        }
    }

    /// What was wanted all the time is not taken away.
    fn deleted(&self, home: &AccountId, name: &str) {
        let key = (home.clone(), name.to_owned());
        let begun = self.run.begun;
        let is_due = |state: &Rc<State>| {
            of_endpoints(state, &self.alarms, begun).contains_key(&key)
                || of_services(state, &self.alarms, begun).contains_key(&key)
        };
        if self.seen.iter().all(is_due) {
            self.wrong(Invariant::OnlyTheUnwantedIsTakenAway, || format!("{name} in {home}"));
        }
    }

    fn dashboard(&self, place: &(AccountId, String), is: &State) {
        let (home, name) = place;
        let is_foreign = |state: &Rc<State>| state.dashboards.get(place).is_some_and(|body| !is_marked(body));
        if self.seen.iter().all(is_foreign) {
            self.wrong(Invariant::OthersAlarmsAreUntouched, || format!("the dashboard {name} in {home}"));
        }
        let is_wanted = |state: &Rc<State>| {
            let mut drawn = services(state, &self.alarms).filter(|_| self.alarms.terms.dashboards);
            drawn.any(|service| {
                *name == format!("drawbridge-hub-{REGION}-{}-{}", service.key.account, service.key.service)
            })
        };
        let is_there = is.dashboards.contains_key(place);
        if is_there && !self.seen.iter().any(is_wanted) {
            self.wrong(Invariant::OnlyTheSelectedIsWatched, || format!("the dashboard {name} in {home}"));
        } else if !is_there && self.seen.iter().all(is_wanted) {
            self.wrong(Invariant::OnlyTheUnwantedIsTakenAway, || format!("the dashboard {name} in {home}"));
        }
    }
}
