//! The simulation's own reckoning: which alarms there should be, said again in few words and apart from the code under test.

use std::collections::{BTreeMap, BTreeSet};

use drawbridge::{
    model::{
        AccountId, Alarm, AlarmRule, Connection, Endpoint, EndpointKind, EndpointService, Metric, StandingAlarm, Tags,
    },
    world::State,
};
use jiff::Timestamp;

use super::{
    profile::{Grade, Of, Profile},
    terms::{Alarms, topic},
};
use crate::{
    cast::{HUB, REGION},
    reckoning::is_selected,
};

/// What an alarm is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Sight {
    /// A metric, which this account has if it isn't the alarm's.
    Metric { metric: Metric, owner: Option<AccountId> },
    /// All endpoints of a place.
    All,
    /// Other alarms, and the one that keeps it from telling.
    Over { covered: BTreeSet<String>, waits_for: Option<String> },
}

/// An alarm that there should be.
#[derive(Debug, Clone)]
pub struct Due {
    pub sight: Sight,
    pub profile: Option<&'static Profile>,
    pub threshold: f64,
    pub grade: Grade,
    /// Whether another one tells in its place.
    pub silent: bool,
}

/// Alarms by their home and name.
pub type Dues = BTreeMap<(AccountId, String), Due>;

fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

fn says_true(tags: &Tags, key: &str) -> bool {
    tags.get(key).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
}

pub fn is_available(state: &State, endpoint: &Endpoint) -> bool {
    let connection = state.services.values().find_map(|(_, connections)| connections.get(&endpoint.key.endpoint));
    connection.map_or(&endpoint.state, |connection| &connection.state).is_established()
}

/// The threshold by which a resource is judged; `None` when it is switched off there.
fn threshold(alarms: &Alarms, profile: &Profile, tags: &Tags) -> Option<f64> {
    let usual = alarms.threshold(profile);
    let Some(text) = tags.get(&format!("drawbridge:alarm:{}", profile.name)) else { return Some(usual) };
    if text.trim().eq_ignore_ascii_case("off") {
        return None;
    }
    let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    Some(number.unwrap_or(usual))
}

fn metric(profile: &Profile, dimensions: &[(&str, &str)]) -> Metric {
    let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Metric {
        namespace: profile.metric.0.to_owned(),
        name: profile.metric.1.to_owned(),
        dimensions: dimensions.collect(),
    }
}

/// Whether an endpoint gets alarms.
pub fn is_watched(state: &State, alarms: &Alarms, endpoint: &Endpoint) -> bool {
    let tags = &endpoint.tags;
    alarms.ground.consumers().contains(&endpoint.key.account.as_str())
        && endpoint.key.region.as_str() == REGION
        && [EndpointKind::Interface, EndpointKind::GatewayLoadBalancer].contains(&endpoint.kind)
        && is_available(state, endpoint)
        && (alarms.terms.every || tags.get("drawbridge:alarms").is_some_and(|value| value == "true"))
        && !says_true(tags, "drawbridge:ignore")
}

/// The alarms of endpoints, as if nobody told in their place.
pub fn of_endpoints(state: &State, alarms: &Alarms, now: Timestamp) -> Dues {
    let mut dues = Dues::new();
    let watched: Vec<&Endpoint> =
        state.endpoints.values().filter(|endpoint| is_watched(state, alarms, endpoint)).collect();
    let profiles: Vec<&Profile> = alarms.profiles().filter(|profile| profile.of == Of::Endpoint).collect();
    if alarms.terms.endpoints == "fleet" {
        let in_hub = alarms.ground.home("444444444444") == HUB;
        let mut owners: BTreeSet<&str> = watched.iter().map(|endpoint| endpoint.key.account.as_str()).collect();
        if in_hub {
            owners = BTreeSet::from([HUB]);
        }
        for owner in owners {
            for profile in profiles.iter().filter(|profile| profile.name != "idle") {
                let due = Due {
                    sight: Sight::All,
                    profile: Some(*profile),
                    threshold: alarms.threshold(profile),
                    grade: profile.grade,
                    silent: false,
                };
                dues.insert((account(owner), format!("drawbridge/hub/{owner}/endpoints/{}", profile.name)), due);
            }
        }
    }
    if alarms.terms.endpoints != "each" {
        return dues;
    }
    for endpoint in watched {
        let id = endpoint.key.endpoint.as_str();
        // Of an endpoint at a service in another Region there are no metrics.
        let (owner, far) = (&endpoint.key.account, format!("com.amazonaws.vpce.{REGION}."));
        if endpoint.service_name.starts_with("com.amazonaws.vpce.") && !endpoint.service_name.starts_with(&far) {
            continue;
        }
        let home = alarms.ground.home(owner.as_str());
        for profile in &profiles {
            let is_young = |made: Timestamp| now.duration_since(made).as_hours() < 7 * 24;
            let Some(threshold) = threshold(alarms, profile, &endpoint.tags) else { continue };
            if profile.name == "idle" && endpoint.created.is_some_and(is_young) {
                continue;
            }
            let dimensions = [
                ("Endpoint Type", endpoint.kind.as_str()),
                ("Service Name", &endpoint.service_name),
                ("VPC Endpoint Id", id),
                ("VPC Id", endpoint.vpc.as_str()),
            ];
            let due = due(alarms, profile, threshold, owner, &dimensions);
            dues.insert((account(home), format!("drawbridge/hub/{owner}/endpoint/{id}/{}", profile.name)), due);
        }
    }
    dues
}

fn due(
    alarms: &Alarms,
    profile: &'static Profile,
    threshold: f64,
    owner: &AccountId,
    dimensions: &[(&str, &str)],
) -> Due {
    let is_elsewhere = alarms.ground.home(owner.as_str()) != owner.as_str();
    Due {
        sight: Sight::Metric { metric: metric(profile, dimensions), owner: is_elsewhere.then(|| owner.clone()) },
        profile: Some(profile),
        threshold,
        grade: profile.grade,
        silent: false,
    }
}

/// The services that get alarms.
pub fn services<'a>(state: &'a State, alarms: &Alarms) -> impl Iterator<Item = &'a EndpointService> {
    let wanted = alarms.terms.services == "each";
    state.services.values().map(|(service, _)| service).filter(move |service| wanted && is_selected(service))
}

/// The alarms of services.
pub fn of_services(state: &State, alarms: &Alarms, now: Timestamp) -> Dues {
    let mut dues = Dues::new();
    for service in services(state, alarms) {
        let own = of_service(state, alarms, service, now);
        let home = account(alarms.ground.home(service.key.account.as_str()));
        if alarms.terms.composites {
            dues.extend(over(state, alarms, service, &own).into_iter().map(|(name, due)| ((home.clone(), name), due)));
        }
        for (name, due) in own {
            let silent = alarms.terms.composites && is_covered(state, service, &home, &name, due.grade);
            dues.insert((home.clone(), name), Due { silent, ..due });
        }
    }
    dues
}

/// Whether an alarm over those of a service tells in the place of this one. Where somebody else's has its name, that has to do so.
fn is_covered(state: &State, service: &EndpointService, home: &AccountId, name: &str, grade: Grade) -> bool {
    let over = match grade {
        Grade::Critical => "down",
        Grade::Warning => "degraded",
        Grade::Info => return false,
    };
    let over = standing(state, home.as_str(), &format!("{}/{over}", prefix(service)));
    let tells = |alarm: &Alarm| !alarm.alarm_actions.is_empty() && covered(alarm).contains(name);
    over.is_none_or(|over| is_ours(&over.tags) || tells(&over.standing.alarm))
}

fn prefix(service: &EndpointService) -> String {
    format!("drawbridge/hub/{}/service/{}", service.key.account, service.key.service)
}

fn of_service(state: &State, alarms: &Alarms, service: &EndpointService, now: Timestamp) -> BTreeMap<String, Due> {
    let mut dues = BTreeMap::new();
    let (owner, prefix) = (&service.key.account, prefix(service));
    let mut add = |of: Of, parts: &str, dimensions: &[(&str, &str)]| {
        for profile in alarms.profiles().filter(|profile| profile.of == of) {
            if let Some(threshold) = threshold(alarms, profile, &service.tags) {
                let due = due(alarms, profile, threshold, owner, dimensions);
                dues.insert(format!("{prefix}/{}{parts}", profile.name), due);
            }
        }
    };
    add(Of::Service, "", &[("Service Id", service.key.service.as_str())]);
    for arn in &service.load_balancers {
        let Some((_, balancer)) = arn.split_once(":loadbalancer/") else { continue };
        let Some(short) = balancer.strip_prefix("net/") else { continue };
        add(Of::Balancer, &format!("/{short}"), &[("LoadBalancer", balancer)]);
        for group in state.load_balancers.get(arn).into_iter().flat_map(|balancer| &balancer.target_groups) {
            let Some((_, short)) = group.split_once(":targetgroup/") else { continue };
            let group = format!("targetgroup/{short}");
            let dimensions = [("LoadBalancer", balancer), ("TargetGroup", group.as_str())];
            add(Of::Group, &format!("/{short}"), &dimensions);
            for zone in &service.availability_zones {
                let dimensions = [dimensions[0], dimensions[1], ("AvailabilityZone", zone.as_str())];
                add(Of::Zone, &format!("/{short}/{zone}"), &dimensions);
            }
        }
    }
    let connections = state.services.get(&service.key).map(|(_, connections)| connections);
    let is_old = |one: &Connection| {
        let accepted = one.tags.get("drawbridge:accepted-at").and_then(|at| at.parse::<Timestamp>().ok());
        accepted.or(one.created).is_none_or(|at| now.duration_since(at).as_hours() >= 24)
    };
    if !connections.is_some_and(|all| all.values().any(|one| one.state.is_established() && is_old(one))) {
        dues.remove(&format!("{prefix}/no-traffic"));
    }
    dues
}

/// The alarms over those of a service.
fn over(
    state: &State,
    alarms: &Alarms,
    service: &EndpointService,
    own: &BTreeMap<String, Due>,
) -> BTreeMap<String, Due> {
    let names = |grade: Grade| -> BTreeSet<String> {
        own.iter().filter(|(_, due)| due.grade == grade).map(|(name, _)| name.clone()).collect()
    };
    let (down, mut warnings) = (format!("{}/down", prefix(service)), names(Grade::Warning));
    if alarms.terms.endpoints == "each" {
        let home = alarms.ground.home(service.key.account.as_str());
        let connections = state.services[&service.key].1.values();
        for connection in connections.filter(|connection| connection.state.is_established()) {
            let owner = connection.owner.as_str();
            if !alarms.ground.consumers().contains(&owner) || alarms.ground.home(owner) != home {
                continue;
            }
            let profiles =
                alarms.profiles().filter(|profile| profile.of == Of::Endpoint && profile.grade != Grade::Info);
            let names = profiles
                .map(|profile| format!("drawbridge/hub/{owner}/endpoint/{}/{}", connection.endpoint, profile.name));
            warnings.extend(names.filter(|name| standing(state, home, name).is_some()));
        }
    }
    let critical = names(Grade::Critical);
    let waits_for = (!critical.is_empty()).then(|| down.clone());
    let due = |covered, waits_for, grade| Due {
        sight: Sight::Over { covered, waits_for },
        profile: None,
        threshold: 0.0,
        grade,
        silent: false,
    };
    let both = [
        (down, due(critical, None, Grade::Critical)),
        (format!("{}/degraded", prefix(service)), due(warnings, waits_for, Grade::Warning)),
    ];
    let covers = |due: &Due| matches!(&due.sight, Sight::Over { covered, .. } if !covered.is_empty());
    both.into_iter().filter(|(_, due)| covers(due)).collect()
}

/// An alarm that stands, with its tags.
pub fn standing<'a>(state: &'a State, home: &str, name: &str) -> Option<&'a drawbridge::world::TaggedAlarm> {
    state.alarms.get(&(account(home), REGION.parse().unwrap(), name.to_owned()))
}

pub fn is_ours(tags: &Tags) -> bool {
    tags.get("drawbridge:owner").is_some_and(|owner| owner == "hub")
}

/// Whom an alarm that tells somebody tells.
pub fn topics(alarms: &Alarms, grade: Grade) -> BTreeSet<String> {
    alarms.terms.told.iter().filter(|told| **told == grade).map(|told| topic(*told).to_owned()).collect()
}

/// The alarms that an expression names.
pub fn covered(alarm: &Alarm) -> BTreeSet<&str> {
    let AlarmRule::Composite { expression, .. } = &alarm.rule else { return BTreeSet::new() };
    expression.split('"').skip(1).step_by(2).collect()
}

/// Whether an alarm over others tells somebody of this one, at the same place.
pub fn is_told_of(state: &State, home: &AccountId, name: &str) -> bool {
    let tells = |standing: &StandingAlarm| {
        standing.acts && !standing.alarm.alarm_actions.is_empty() && covered(&standing.alarm).contains(name)
    };
    state.alarms.iter().any(|((owner, _, _), alarm)| owner == home && tells(&alarm.standing))
}
