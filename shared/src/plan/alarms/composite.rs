//! The two alarms over the others of a service: `down`, when something critical is wrong, and `degraded`, when something else is,
//! which stays silent while the service is down.
//!
//! `degraded` covers the alarms of the service's endpoints, too, as far as they stand at the same place: CloudWatch knows no
//! suppression across accounts and Regions.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Key, Observed, Wanted, Watched, about_service, home, name, rule};
use crate::{
    model::{
        AccountId, Alarm, AlarmRule, Connection, Endpoint, EndpointKey, QuerySource, ServiceKey, StandingAlarm,
        Suppressor, parse_service_name, tag,
    },
    plan::About,
    policy::{AlarmScope, Configuration, EndpointAlarms, Rules, ServiceAlarms, Severity},
};

/// Most alarms that one covers, and the longest expression.
///
/// Source: CloudWatch API reference, `AlarmRule` of `PutCompositeAlarm`.
const CHILDREN: usize = 100;
const EXPRESSION: usize = 10_240;

/// For how many seconds `down` is waited for before `degraded` tells anybody, and how long it stays silent afterwards: longer
/// than the evaluation of what `down` covers takes.
const WAIT: i32 = 300;
const EXTENSION: i32 = 300;

/// Most alarms of one kind over a service: they cover a thousand. Those of further endpoints tell for themselves.
const COMPOSITES: usize = 10;

const OR: &str = " OR ";

const DOWN: &str = "down";
const DEGRADED: &str = "degraded";

/// An alarm that may be covered.
#[derive(Debug)]
pub struct Child {
    name: String,
    severity: Severity,
    /// The alarm, if it is the service's own; one of an endpoint is written with its endpoint.
    pub own: Option<(Alarm, About)>,
}

impl Child {
    /// One of the service's own.
    pub fn own(alarm: Alarm, about: About, severity: Severity) -> Self {
        Self { name: alarm.name.clone(), severity, own: Some((alarm, about)) }
    }
}

/// Whether anybody has been connected to the service since then.
pub fn has_consumers(watched: &Watched, since: Timestamp) -> bool {
    let accepted = |connection: &Connection| {
        let recorded = connection.tags.get(tag::ACCEPTED_AT).and_then(|at| at.parse().ok());
        recorded.or(connection.created).is_none_or(|at: Timestamp| at <= since)
    };
    watched.connections.iter().any(|connection| connection.state.is_established() && accepted(connection))
}

/// The alarms of the service's endpoints that stand where its own do.
pub fn endpoints(watched: &Watched, observed: &Observed, rules: &Rules, key: &Key) -> Vec<Child> {
    let configuration = &rules.configuration;
    let names = covered(key, watched, configuration);
    let there = names.into_iter().filter(|name| observed.neighbours.contains_key(name));
    there.map(|name| Child { name, severity: Severity::Warning, own: None }).collect()
}

/// The names of the alarms that endpoints of the service may have at the same place: warnings, as what is critical for one
/// endpoint is for its owner to hear. As many as can be covered.
pub fn covered(key: &Key, watched: &Watched, configuration: &Configuration) -> BTreeSet<String> {
    let alarms = &configuration.alarms;
    if !alarms.composites || alarms.endpoints != EndpointAlarms::Each || alarms.services != ServiceAlarms::Each {
        return BTreeSet::new();
    }
    let place = home(&key.account, configuration);
    let is_here = |connection: &&Connection| {
        connection.state.is_established()
            && connection.region.as_ref().is_none_or(|region| *region == key.region)
            && configuration.looks_after_endpoints_in(&connection.owner, &key.region)
            && home(&connection.owner, configuration) == place
    };
    let connections = watched.connections.iter().filter(is_here);
    let names = connections.flat_map(|connection| {
        let (account, region) = (connection.owner.clone(), key.region.clone());
        let endpoint = EndpointKey { account, region, endpoint: connection.endpoint.clone() };
        let settings = alarms.settings(AlarmScope::Endpoint).filter(|setting| setting.severity == Severity::Warning);
        settings.map(move |setting| name::endpoint_alarm(&endpoint, setting.profile, configuration))
    });
    names.take(CHILDREN * COMPOSITES).collect()
}

/// The names of the alarms that may cover those of these endpoints.
pub fn covering(
    key: &Key,
    endpoints: &[Endpoint],
    alarms: &BTreeMap<String, StandingAlarm>,
    configuration: &Configuration,
) -> BTreeSet<String> {
    if configuration.alarms.services == ServiceAlarms::None {
        return BTreeSet::new();
    }
    let place = home(&key.account, configuration);
    let providers = configuration.providers.accounts.iter().filter(|account| home(account, configuration) == place);
    let providers: Vec<&AccountId> = providers.collect();
    let names = endpoints.iter().map(|endpoint| endpoint.service_name.as_str());
    let names = names.chain(alarms.values().filter_map(|standing| service_name(&standing.alarm)));
    let services: BTreeSet<_> = names.filter_map(parse_service_name).collect();
    let here = services.into_iter().filter(|(region, _)| *region == key.region);
    here.flat_map(|(region, service)| {
        providers.iter().map(move |account| ServiceKey {
            account: (*account).clone(),
            region: region.clone(),
            service: service.clone(),
        })
    })
    .flat_map(|key| {
        (0..COMPOSITES).map(move |number| name::service_alarm(&key, &numbered(DEGRADED, number), &[], configuration))
    })
    .collect::<BTreeSet<String>>()
}

/// The second and later ones of a kind are numbered.
fn numbered(what: &str, number: usize) -> String {
    if number == 0 { what.to_owned() } else { format!("{what}-{}", number + 1) }
}

/// The names of the alarms that this one covers or waits for; `None` for one that covers none.
pub fn covered_by(alarm: &Alarm) -> Option<Vec<&str>> {
    let AlarmRule::Composite { expression, suppressor } = &alarm.rule else { return None };
    let names = expression.split('"').skip(1).step_by(2);
    Some(names.chain(suppressor.as_ref().map(|suppressor| suppressor.alarm.as_str())).collect())
}

/// The name of the service that the endpoint of an alarm leads to.
fn service_name(alarm: &Alarm) -> Option<&str> {
    let AlarmRule::Metric(rule) = &alarm.rule else { return None };
    rule.queries.iter().find_map(|query| match &query.source {
        QuerySource::Statistic { metric, .. } => metric.dimensions.get("Service Name").map(String::as_str),
        QuerySource::Expression { .. } => None,
    })
}

/// The same alarm that covers these no more; `None` when it covers none of them.
#[must_use]
pub fn without(alarm: &Alarm, going: &BTreeSet<&str>) -> Option<Alarm> {
    let AlarmRule::Composite { expression, suppressor } = &alarm.rule else { return None };
    let parts: Vec<&str> = expression.split(OR).collect();
    let is_going = |part: &&str| part.split('"').nth(1).is_some_and(|name| going.contains(name));
    let staying: Vec<&str> = parts.iter().copied().filter(|part| !is_going(part)).collect();
    if staying.len() == parts.len() {
        return None;
    }
    // An alarm over nothing has no expression: its service takes it away.
    let expression = if staying.is_empty() { "FALSE".to_owned() } else { staying.join(OR) };
    let rule = AlarmRule::Composite { expression, suppressor: suppressor.clone() };
    Some(Alarm { rule, ..alarm.clone() })
}

/// The names of the alarms that these cover, and so tell of in their place: those that stand in quotation marks.
pub fn told_by<'a>(alarms: impl Iterator<Item = &'a StandingAlarm>) -> BTreeSet<&'a str> {
    let tells = |standing: &&StandingAlarm| !standing.alarm.alarm_actions.is_empty();
    let expressions = alarms.filter(tells).filter_map(|standing| match &standing.alarm.rule {
        AlarmRule::Composite { expression, .. } => Some(expression),
        AlarmRule::Metric(_) | AlarmRule::Other => None,
    });
    expressions.flat_map(|expression| expression.split('"').skip(1).step_by(2)).collect()
}

fn alarm_is(name: &str) -> String {
    format!("ALARM(\"{name}\")")
}

/// Wants the alarms over the children, and has those be silent that they tell of.
pub fn want(
    key: &Key,
    watched: &Watched,
    children: &mut [Child],
    observed: &Observed,
    rules: &Rules,
    wanted: &mut Wanted,
) {
    let service = &watched.service.key;
    let configuration = &rules.configuration;
    let home = home(&key.account, configuration);
    let names = |severity: Severity| -> Vec<String> {
        let mut names: Vec<_> =
            children.iter().filter(|child| child.severity == severity).map(|child| child.name.clone()).collect();
        // The service's own come first: they stay where they are as endpoints come and go.
        names.sort_by_key(|name| (!name.contains("/service/"), name.clone()));
        names
    };
    let (critical, warning) = (names(Severity::Critical), names(Severity::Warning));
    let down = name::service_alarm(service, DOWN, &[], configuration);
    let mut over = |what: &str, severity: Severity, covered: Vec<String>, suppressor: Option<&String>| {
        for (number, expression) in expressions(&covered).into_iter().take(COMPOSITES).enumerate() {
            let name = name::service_alarm(service, &numbered(what, number), &[], configuration);
            let meaning = if suppressor.is_some() || what == DEGRADED { MEANING_DEGRADED } else { MEANING_DOWN };
            let of = format!("Endpoint service {} of account {}: {meaning}", service.service, service.account);
            let topics = configuration.alarms.topics.of(severity, home, &key.region);
            let suppressor =
                suppressor.map(|down| Suppressor { alarm: down.clone(), wait: WAIT, extension: EXTENSION });
            let alarm = Alarm {
                description: rule::describe(&of, what, configuration),
                alarm_actions: topics.clone(),
                ok_actions: topics,
                rule: AlarmRule::Composite { expression, suppressor },
                name: name.clone(),
            };
            wanted.alarms.push((alarm, about_service(service, &name)));
        }
    };
    let is_critical = !critical.is_empty();
    over(DOWN, Severity::Critical, critical, None);
    over(DEGRADED, Severity::Warning, warning, is_critical.then_some(&down));
    // When all of them stand and one isn't covered, that failed: it tells for itself.
    let told = told_by(observed.alarms.values());
    let mut own = children.iter().filter(|child| child.own.is_some());
    let is_new = own.any(|child| !observed.alarms.contains_key(&child.name));
    let is_told = |child: &Child| is_new || told.contains(child.name.as_str());
    for child in children.iter_mut().filter(|child| child.severity != Severity::Info && is_told(child)) {
        child.own = child.own.take().map(|(alarm, about)| (rule::silent(alarm), about));
    }
}

const MEANING_DOWN: &str = "Consumers can't use it, or soon can't. The alarms below this one say what is broken.";
const MEANING_DEGRADED: &str = "It works, but not as it should. The alarms below this one say what is wrong.";

/// Expressions that are true when any of these is in `ALARM`: as many as it takes.
fn expressions(names: &[String]) -> Vec<String> {
    let mut expressions: Vec<String> = Vec::new();
    let mut covered = 0;
    for part in names.iter().map(|name| alarm_is(name)) {
        match expressions.last_mut() {
            Some(last) if covered < CHILDREN && last.len() + OR.len() + part.len() <= EXPRESSION => {
                last.push_str(OR);
                last.push_str(&part);
                covered += 1;
            }
            _ => {
                expressions.push(part);
                covered = 1;
            }
        }
    }
    expressions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_are_split_at_what_one_may_cover() {
        let names = |count: usize, length: usize| -> Vec<String> {
            (0..count).map(|number| format!("{number:0length$}")).collect()
        };
        let sizes = |names: &[String]| -> Vec<usize> {
            expressions(names).iter().map(|expression| expression.matches("ALARM(").count()).collect()
        };
        assert_eq!(sizes(&names(0, 9)), [0; 0]);
        assert_eq!(sizes(&names(100, 9)), [100]);
        assert_eq!(sizes(&names(201, 9)), [100, 100, 1]);
        let long = expressions(&names(100, 200));
        assert!(long.len() == 3 && long.iter().all(|expression| expression.len() <= EXPRESSION), "{}", long.len());
    }
}
