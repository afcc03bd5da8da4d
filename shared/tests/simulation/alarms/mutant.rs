//! `publish-alarms`, broken on purpose.

use drawbridge::{
    controller::alarms::Alarms,
    model::{Alarm, AlarmRule, QuerySource, StandingAlarm, Tags},
    plan::{
        Decision, Outcome, Plan,
        alarms::{Key, Observed, Step, Write, home},
        reason,
    },
    policy::{Rules, SelectEndpoints},
};
use jiff::Timestamp;

use crate::{
    mutant::{Breakable, Mutation},
    wire::Ports,
};

impl Mutation {
    fn observed_alarms(self, observed: &Observed) -> Observed {
        let mut observed = observed.clone();
        match self {
            Self::TakesOthersAlarms => {
                let ours = Tags::from([("drawbridge:owner".to_owned(), "hub".to_owned())]);
                let arns = observed.alarms.values().map(|standing| (standing.arn.clone(), ours.clone()));
                observed.marks.extend(arns);
            }
            Self::TakesOthersDashboards => {
                let marked = r#"{"widgets": [{"properties": {"markdown": "Made by Drawbridge \\(hub\\)"}}]}"#;
                let foreign = observed.dashboards.values_mut().filter(|body| !super::rest::is_marked(body));
                foreign.for_each(|body| marked.clone_into(body));
            }
            Self::WatchesTheUnselected => {
                observed.endpoints.iter_mut().for_each(|endpoint| drop(endpoint.tags.remove("drawbridge:ignore")));
            }
            _ => {}
        }
        observed
    }
}

/// The alarms that a plan writes.
fn put(plan: &mut Plan<Step>) -> impl Iterator<Item = (&mut Alarm, &mut bool, &mut Tags)> {
    plan.steps.iter_mut().filter_map(|(step, _)| match &mut step.write {
        Write::PutAlarm { alarm, acts, tags } => Some((alarm, acts, tags)),
        _ => None,
    })
}

/// An alarm of ours that stands.
fn standing(observed: &Observed) -> Option<&StandingAlarm> {
    let is_ours = |standing: &&StandingAlarm| {
        standing.alarm.description.contains("Made by Drawbridge") && matches!(standing.alarm.rule, AlarmRule::Metric(_))
    };
    observed.alarms.values().find(is_ours)
}

fn plan(mutation: Mutation, key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
    let observed = mutation.observed_alarms(observed);
    let mut plan = drawbridge::plan::alarms::plan(key, &observed, rules, now);
    let home = home(&key.account, &rules.configuration).clone();
    match mutation {
        Mutation::TakesAlarmsAway => {
            if let Some(standing) = standing(&observed) {
                let write = Write::DeleteAlarm { name: standing.alarm.name.clone(), is_composite: false };
                plan.removals.push((Step { home, write }, Decision::new(Outcome::Withdraw, reason::NOT_WANTED)));
            }
        }
        Mutation::AlarmsAgain => {
            if let Some(StandingAlarm { alarm, acts, .. }) = standing(&observed).cloned() {
                let write = Write::PutAlarm { alarm, acts, tags: Tags::new() };
                plan.steps.push((Step { home, write }, Decision::new(Outcome::Publish, reason::OUT_OF_STEP)));
            }
        }
        Mutation::KnowsNoLimitOfAlarms => plan.steps.append(&mut plan.removals),
        Mutation::WritesCoversFirst => plan.steps.reverse(),
        Mutation::SilencesTheUncovered => put(&mut plan).for_each(|(alarm, ..)| {
            alarm.alarm_actions.clear();
            alarm.ok_actions.clear();
        }),
        Mutation::SwitchesActionsOn => put(&mut plan).for_each(|(_, acts, _)| *acts = true),
        Mutation::ForgetsTheOwner => put(&mut plan).for_each(|(.., tags)| tags.clear()),
        Mutation::AlarmsNobody => plan.steps.retain(|(step, _)| !matches!(step.write, Write::PutAlarm { .. })),
        Mutation::KeepsAlarms => plan.removals.clear(),
        Mutation::DropsADimension => put(&mut plan).for_each(|(alarm, ..)| {
            let AlarmRule::Metric(rule) = &mut alarm.rule else { return };
            if let QuerySource::Statistic { metric, .. } = &mut rule.queries[0].source {
                metric.dimensions.pop_last();
            }
        }),
        _ => {}
    }
    plan
}

impl Breakable for Alarms<Ports, Ports, Ports, Ports, Ports> {
    fn broken_rules(mutation: Mutation, rules: &Rules) -> Rules {
        let mut rules = rules.clone();
        if mutation == Mutation::WatchesTheUnselected {
            rules.configuration.alarms.select = SelectEndpoints::Every;
        }
        rules
    }

    fn broken_plan(mutation: Mutation, key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
        plan(mutation, key, observed, rules, now)
    }
}

/// The broken functions of alarms.
pub const MUTATIONS: [Mutation; 13] = [
    Mutation::TakesOthersAlarms,
    Mutation::TakesOthersDashboards,
    Mutation::WatchesTheUnselected,
    Mutation::TakesAlarmsAway,
    Mutation::KnowsNoLimitOfAlarms,
    Mutation::WritesCoversFirst,
    Mutation::SilencesTheUncovered,
    Mutation::SwitchesActionsOn,
    Mutation::ForgetsTheOwner,
    Mutation::AlarmsNobody,
    Mutation::KeepsAlarms,
    Mutation::DropsADimension,
    Mutation::AlarmsAgain,
];

/// Whether a mutation is one of alarms.
pub fn is_of_alarms(mutation: Mutation) -> bool {
    MUTATIONS.contains(&mutation)
}
