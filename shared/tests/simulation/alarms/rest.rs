//! What must be so of alarms and dashboards when nothing happens any more, and all sweeps are done.

use std::{collections::BTreeSet, rc::Rc};

use drawbridge::{
    model::{AccountId, Alarm, AlarmLimit, AlarmRule, Membership, MetricRule, QuerySource},
    world::{State, TaggedAlarm},
};

use super::{
    hand::is_needed,
    profile::Grade,
    reckoning::{Due, Dues, Sight, covered, is_ours, of_endpoints, of_services, services, standing, topics},
    terms::Alarms,
};
use crate::{
    cast::{HUB, REGION},
    stage::{Invariant, Stage},
    version::Version,
};

/// Accounts whose services are looked after.
const PROVIDERS: [&str; 2] = [HUB, "333333333333"];

pub fn check(stage: &Stage, version: &Version) {
    let Some(alarms) = version.alarms else { return };
    let rest = Rest { stage, alarms, state: stage.world.snapshot() };
    let dues: Dues = rest.dues();
    for ((home, name), due) in &dues {
        match standing(&rest.state, home.as_str(), name) {
            None => rest.wrong(|| format!("{name} isn't there in {home}")),
            // What stands there is somebody else's.
            Some(alarm) if !is_ours(&alarm.tags) => {}
            Some(alarm) => rest.alarm(home, name, due, alarm),
        }
    }
    rest.extras(&dues);
    rest.dashboards();
}

struct Rest<'a> {
    stage: &'a Stage,
    alarms: Alarms,
    state: Rc<State>,
}

impl Rest<'_> {
    fn wrong(&self, words: impl FnOnce() -> String) {
        self.stage.violate(Invariant::RestIsRight, words);
    }

    fn dues(&self) -> Dues {
        let mut dues = of_services(&self.state, &self.alarms, self.stage.now());
        for ((home, name), due) in of_endpoints(&self.state, &self.alarms, self.stage.now()) {
            let silent = due.grade != Grade::Info && self.is_told_of(&home, &name);
            dues.insert((home, name), Due { silent, ..due });
        }
        dues
    }

    /// Whether an alarm over those of a service tells in the place of this one.
    fn is_told_of(&self, home: &AccountId, name: &str) -> bool {
        if self.alarms.terms.services != "each" || !self.alarms.terms.composites {
            return false;
        }
        let tells = |alarm: &TaggedAlarm| {
            let standing = &alarm.standing;
            standing.acts
                && !standing.alarm.alarm_actions.is_empty()
                && standing.alarm.name.ends_with("/degraded")
                && covered(&standing.alarm).contains(name)
        };
        self.state.alarms.iter().any(|((owner, _, _), alarm)| owner == home && tells(alarm))
    }

    fn alarm(&self, home: &AccountId, name: &str, due: &Due, alarm: &TaggedAlarm) {
        let standing = &alarm.standing.alarm;
        if let Err(why) = is_as_due(standing, due) {
            self.wrong(|| format!("{name} in {home}: {why}; {standing:?}, and due is {due:?}"));
        }
        let told = if due.silent { BTreeSet::new() } else { topics(&self.alarms, due.grade) };
        if standing.alarm_actions != told || standing.ok_actions != told {
            let words = || format!("{name} in {home} tells {:?}, and should tell {told:?}", standing.alarm_actions);
            let silent = standing.alarm_actions.is_empty();
            self.stage.violate(if silent { Invariant::SomebodyIsTold } else { Invariant::RestIsRight }, words);
        }
        if !standing.description.contains("Made by Drawbridge (hub)") {
            self.wrong(|| format!("{name} in {home} says {:?}", standing.description));
        }
    }

    /// What is left of ours must be more than a limit lets go, or needed by somebody's.
    fn extras(&self, dues: &Dues) {
        let is_extra = |(home, name): (&AccountId, &String)| {
            self.is_looked_at(home, name) && !dues.contains_key(&(home.clone(), name.clone()))
        };
        let extras = self.state.alarms.iter().filter(|((home, _, name), _)| is_extra((home, name)));
        let extras: Vec<_> = extras.filter(|(_, alarm)| is_ours(&alarm.tags)).map(|(place, _)| place).collect();
        let dashboards = self.state.dashboards.keys().filter(|place| self.is_marked(place) && self.is_old(place));
        let count = extras.len() + dashboards.count();
        if count > self.alarms.terms.most {
            return;
        }
        if let Some((home, _, name)) = extras.iter().find(|(home, _, name)| !is_needed(&self.state, home, name)) {
            self.wrong(|| format!("{name} in {home} watches nothing, no limit keeps it, and it stands"));
        }
    }

    /// Whether the name is one of those that a sweep goes through.
    fn is_looked_at(&self, home: &AccountId, name: &str) -> bool {
        let mut parts = name.split('/');
        let (Some("drawbridge"), Some("hub"), Some(account), Some(kind)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        let (ground, terms) = (self.alarms.ground, self.alarms.terms);
        if ground.home(account) != home.as_str() {
            return false;
        }
        match kind {
            "service" => PROVIDERS.contains(&account) && terms.services != "none",
            // The hub has the alarms of a fleet, whether it has endpoints or not.
            "endpoint" | "endpoints" => {
                let has = ground.consumers().contains(&account) || (kind == "endpoints" && account == HUB);
                has && terms.endpoints != "none"
            }
            _ => false,
        }
    }

    fn is_marked(&self, place: &(AccountId, String)) -> bool {
        self.state.dashboards.get(place).is_some_and(|body| is_marked(body))
    }

    /// The names of the dashboards that there should be.
    fn due_dashboards(&self) -> BTreeSet<(AccountId, String)> {
        let drawn = services(&self.state, &self.alarms).filter(|_| self.alarms.terms.dashboards);
        drawn
            .map(|service| {
                let home = self.alarms.ground.home(service.key.account.as_str());
                let name = format!("drawbridge-hub-{REGION}-{}-{}", service.key.account, service.key.service);
                (home.parse().unwrap(), name)
            })
            .collect()
    }

    /// Whether the dashboard is of a service that has none any more.
    fn is_old(&self, (home, name): &(AccountId, String)) -> bool {
        let of_account = |account: &str| name.starts_with(&format!("drawbridge-hub-{REGION}-{account}-"));
        self.alarms.terms.services != "none"
            && PROVIDERS.iter().any(|account| of_account(account) && self.alarms.ground.home(account) == home.as_str())
            && !self.due_dashboards().contains(&(home.clone(), name.clone()))
    }

    fn dashboards(&self) {
        for place in self.due_dashboards() {
            let (home, name) = &place;
            let service =
                services(&self.state, &self.alarms).find(|service| name.ends_with(service.key.service.as_str()));
            let Some((_, connections)) = service.and_then(|service| self.state.services.get(&service.key)) else {
                continue;
            };
            let unknown =
                |account: &AccountId| matches!(self.state.accounts.get(account), Some(Membership::Unknown { .. }));
            // It is drawn when all accounts can be told.
            if connections.values().any(|connection| unknown(&connection.owner)) {
                continue;
            }
            let Some(body) = self.state.dashboards.get(&place) else {
                return self.wrong(|| format!("the dashboard {name} isn't there in {home}"));
            };
            if !is_marked(body) {
                continue;
            }
            let consumers = connections.values().filter(|one| one.state.is_established());
            let missing: Vec<&str> = consumers
                .map(|connection| connection.endpoint.as_str())
                .filter(|endpoint| !body.contains(&format!("\"{endpoint}\"")))
                .collect();
            let zones = service.into_iter().flat_map(|service| &service.availability_zones);
            let has_targets = body.contains("HealthyHostCount");
            let unseen: Vec<&String> =
                zones.filter(|zone| has_targets && !body.contains(&format!("\"{zone}\""))).collect();
            if !missing.is_empty() || !unseen.is_empty() || body.contains("singleValue") {
                self.wrong(|| format!("the dashboard {name} in {home} lacks {missing:?} {unseen:?}: {body}"));
            }
        }
    }
}

pub fn is_marked(body: &str) -> bool {
    body.contains(r"Made by Drawbridge \\(hub\\)")
}

/// Whether an alarm judges what it should.
fn is_as_due(alarm: &Alarm, due: &Due) -> Result<(), &'static str> {
    let (rule, profile) = match (&alarm.rule, &due.sight, due.profile) {
        (AlarmRule::Composite { suppressor, .. }, Sight::Over { covered: wanted, waits_for }, _) => {
            let names: BTreeSet<String> = covered(alarm).into_iter().map(ToOwned::to_owned).collect();
            let waits = suppressor.as_ref().map(|suppressor| &suppressor.alarm);
            return if names == *wanted && waits == waits_for.as_ref() { Ok(()) } else { Err("covers others") };
        }
        (AlarmRule::Metric(rule), _, Some(profile)) => (rule, profile),
        _ => return Err("is of another kind"),
    };
    let MetricRule { queries, periods, datapoints, comparison, limit, missing } = rule;
    let judged = (*periods, *datapoints, *comparison, *missing);
    if judged != (profile.periods.1, profile.periods.1, profile.comparison, profile.missing) {
        return Err("judges otherwise");
    }
    let AlarmLimit::Threshold(threshold) = limit else { return Err("has no threshold") };
    if (threshold.as_f64() - due.threshold).abs() > f64::EPSILON {
        return Err("has another threshold");
    }
    // A drop is judged by the metric, filled, its rise, and that as a share.
    let asked = if profile.name == "endpoints-drop" { 4 } else { 1 };
    if queries.len() != asked || queries.iter().filter(|query| query.returns).count() != 1 {
        return Err("has other queries");
    }
    match (&queries[0].source, &due.sight) {
        (QuerySource::Statistic { metric, statistic, period }, Sight::Metric { metric: wanted, owner }) => {
            let is_it = metric == wanted && *statistic == profile.statistic && *period == profile.periods.0;
            if is_it && queries[0].account == *owner { Ok(()) } else { Err("watches another metric") }
        }
        (QuerySource::Expression { text, period }, Sight::All) => {
            let begins = format!("SELECT SUM({}) FROM SCHEMA(\"{}\", ", profile.metric.1, profile.metric.0);
            let is_it = text.starts_with(&begins) && text.contains("GROUP BY") && *period == Some(profile.periods.0);
            if is_it { Ok(()) } else { Err("asks for something else") }
        }
        _ => Err("watches something else"),
    }
}
