//! The two alarms over the others of a service: `down`, when something critical is wrong, and `degraded`, when something else is,
//! which stays silent while the service is down.
//!
//! `degraded` covers the alarms of the service's endpoints, too, as far as they stand at the same place: CloudWatch knows no
//! suppression across accounts and Regions.

use std::collections::{BTreeMap, BTreeSet};

use super::{Key, Observed, Wanted, Watched, about_service, home, name, rule};
use crate::{
    model::{
        AccountId, Alarm, AlarmRule, Connection, ConnectionState, Endpoint, EndpointKey, ServiceKey, StandingAlarm,
        Suppressor, parse_service_name,
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

/// Whether anybody is connected to the service.
pub fn has_consumers(watched: &Watched) -> bool {
    watched.connections.iter().any(|connection| connection.state == ConnectionState::Available)
}

/// The alarms of the service's endpoints that stand where its own do.
pub fn endpoints(watched: &Watched, observed: &Observed, rules: &Rules, key: &Key) -> Vec<Child> {
    let configuration = &rules.configuration;
    let severity_of = |name: &str| {
        let profile = name.rsplit('/').next()?;
        let mut settings = configuration.alarms.settings(AlarmScope::Endpoint);
        settings.find(|setting| setting.profile.as_str() == profile).map(|setting| setting.severity)
    };
    let names = covered(key, watched, configuration);
    let there = names.into_iter().filter(|name| observed.neighbours.contains_key(name));
    // However bad it is for one endpoint: the service isn't down.
    let child = |name: String| {
        let severity = severity_of(&name)?.max(Severity::Warning);
        Some(Child { name, severity, own: None })
    };
    there.filter_map(child).collect()
}

/// The names of the alarms that endpoints of the service may have at the same place.
pub fn covered(key: &Key, watched: &Watched, configuration: &Configuration) -> BTreeSet<String> {
    let alarms = &configuration.alarms;
    if !alarms.composites || alarms.endpoints != EndpointAlarms::Each || alarms.services != ServiceAlarms::Each {
        return BTreeSet::new();
    }
    let place = home(&key.account, configuration);
    let is_here = |connection: &&Connection| {
        connection.state == ConnectionState::Available
            && connection.region.as_ref().is_none_or(|region| *region == key.region)
            && configuration.looks_after_endpoints_in(&connection.owner, &key.region)
            && home(&connection.owner, configuration) == place
    };
    let connections = watched.connections.iter().filter(is_here);
    let names = connections.flat_map(|connection| {
        let (account, region) = (connection.owner.clone(), key.region.clone());
        let endpoint = EndpointKey { account, region, endpoint: connection.endpoint.clone() };
        let settings = alarms.settings(AlarmScope::Endpoint).filter(|setting| setting.severity <= Severity::Warning);
        settings.map(move |setting| name::endpoint_alarm(&endpoint, setting.profile, configuration))
    });
    names.collect()
}

/// The names of the alarms that may cover those of these endpoints.
pub fn covering(key: &Key, endpoints: &[Endpoint], configuration: &Configuration) -> BTreeSet<String> {
    let alarms = &configuration.alarms;
    if !alarms.composites || alarms.endpoints != EndpointAlarms::Each || alarms.services != ServiceAlarms::Each {
        return BTreeSet::new();
    }
    let place = home(&key.account, configuration);
    let providers = configuration.providers.accounts.iter().filter(|account| home(account, configuration) == place);
    let providers: Vec<&AccountId> = providers.collect();
    let services: BTreeSet<_> =
        endpoints.iter().filter_map(|endpoint| parse_service_name(&endpoint.service_name)).collect();
    let here = services.into_iter().filter(|(region, _)| *region == key.region);
    here.flat_map(|(region, service)| {
        providers.iter().map(move |account| {
            let key = ServiceKey { account: (*account).clone(), region: region.clone(), service: service.clone() };
            name::service_alarm(&key, DEGRADED, &[], configuration)
        })
    })
    .collect()
}

/// The names of the alarms that these cover, and so tell of in their place: those that stand in quotation marks.
pub fn told_by(neighbours: &BTreeMap<String, StandingAlarm>) -> BTreeSet<&str> {
    let tells = |standing: &&StandingAlarm| standing.acts && !standing.alarm.alarm_actions.is_empty();
    let expressions = neighbours.values().filter(tells).filter_map(|standing| match &standing.alarm.rule {
        AlarmRule::Composite { expression, .. } => Some(expression),
        AlarmRule::Metric(_) | AlarmRule::Other => None,
    });
    expressions.flat_map(|expression| expression.split('"').skip(1).step_by(2)).collect()
}

fn alarm_is(name: &str) -> String {
    format!("ALARM(\"{name}\")")
}

/// Wants the alarms over the children, and has those be silent that they tell of.
pub fn want(key: &Key, watched: &Watched, children: &mut [Child], rules: &Rules, wanted: &mut Wanted) {
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
        for (number, expression) in expressions(&covered).into_iter().enumerate() {
            let what_it_is = if number == 0 { what.to_owned() } else { format!("{what}-{}", number + 1) };
            let name = name::service_alarm(service, &what_it_is, &[], configuration);
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
    for child in children.iter_mut().filter(|child| child.severity != Severity::Info) {
        child.own = child.own.take().map(|(alarm, about)| (rule::silent(alarm), about));
    }
}

const MEANING_DOWN: &str = "Consumers can't use it, or soon can't. The alarms below this one say what is broken.";
const MEANING_DEGRADED: &str = "It works, but not as it should. The alarms below this one say what is wrong.";

/// Expressions that are true when any of these is in `ALARM`: as many as it takes.
fn expressions(names: &[String]) -> Vec<String> {
    const OR: &str = " OR ";
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
