//! Which alarms and dashboards there are: what the profiles of the configuration make of endpoints and endpoint services.
//!
//! # Guarantees
//! - What stands as it is wanted is not written.
//! - An alarm or dashboard without our mark is neither changed nor taken away, whatever its name.
//! - An alarm that covers others is written after them, and taken away before them.
//! - An alarm is silent only when one that covers it tells somebody in its place.
//! - What people switch off (`DisableAlarmActions`) stays off.

mod composite;
mod dashboard;
mod differences;
mod endpoint;
mod name;
mod rule;
mod service;
mod validity;
mod widget;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::Timestamp;

pub use self::composite::without;
pub use self::name::{dashboard_prefix, of_all, of_endpoint, of_endpoints, of_service, of_services};
use self::{differences::Differences, validity::doubts};
use super::{About, Decision, Outcome, Plan};
use crate::{
    model::{
        AccountId, Alarm, Connection, Endpoint, EndpointId, EndpointKey, EndpointService, Known, Metric, Region,
        ServiceId, ServiceKey, StandingAlarm, Tags,
    },
    policy::{AlarmPlace, Configuration, EndpointAlarms, Rules, ServiceAlarms},
};

/// Whose alarms are kept in step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The account of what is watched.
    pub account: AccountId,
    /// Its Region, which is the alarms', too.
    pub region: Region,
    /// What is watched.
    pub what: What,
}

/// What is watched in a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// An endpoint.
    Endpoint(EndpointId),
    /// An endpoint service, and what is behind it.
    Service(ServiceId),
    /// All endpoints; alarms whose endpoint is gone, too.
    Endpoints,
    /// All endpoint services; alarms and dashboards whose service is gone, too.
    Services,
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, region, what } = self;
        match what {
            What::Endpoint(endpoint) => write!(formatter, "alarms of {account}/{region}/{endpoint}"),
            What::Service(service) => write!(formatter, "alarms of {account}/{region}/{service}"),
            What::Endpoints => write!(formatter, "alarms of endpoints of {account}/{region}"),
            What::Services => write!(formatter, "alarms of endpoint services of {account}/{region}"),
        }
    }
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observed {
    /// The endpoints that the key stands for.
    pub endpoints: Vec<Endpoint>,
    /// The endpoint services that it stands for, whether looked after or not.
    pub services: Vec<Watched>,
    /// The alarms of the key, by name.
    pub alarms: BTreeMap<String, StandingAlarm>,
    /// Alarms of other keys that cover those of this one, or would be covered by them.
    pub neighbours: BTreeMap<String, StandingAlarm>,
    /// The dashboards of the key: their bodies by name.
    pub dashboards: BTreeMap<String, String>,
    /// What is known of the accounts that are connected to the services.
    pub accounts: BTreeMap<AccountId, Known>,
    /// The tags of the alarms that a plan would change or take away, by ARN. One that is missing is gone.
    pub marks: BTreeMap<String, Tags>,
    /// The metrics that had data of late; `None` when they were not looked for.
    pub metrics: Option<BTreeSet<Metric>>,
}

/// An endpoint service with what is watched of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The service.
    pub service: EndpointService,
    /// Its load balancers, each with the ARNs of its target groups.
    pub target_groups: BTreeMap<String, BTreeSet<String>>,
    /// Its connections.
    pub connections: Vec<Connection>,
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The account that it is in.
    pub home: AccountId,
    /// What is written.
    pub write: Write,
}

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// An alarm is made or replaced.
    PutAlarm {
        /// What it is to be like.
        alarm: Alarm,
        /// Whether it tells anybody.
        acts: bool,
        /// Its tags, if it is new.
        tags: Tags,
    },
    /// An alarm covers these no more, which are about to be deleted. It is read right before, as others may have changed it.
    Uncover {
        /// Its name.
        name: String,
        /// The names of those.
        going: BTreeSet<String>,
        /// Its tags.
        tags: Tags,
    },
    /// An alarm is deleted.
    DeleteAlarm {
        /// Its name.
        name: String,
        /// Whether it covers others.
        is_composite: bool,
    },
    /// A dashboard is made or replaced.
    PutDashboard {
        /// Its name.
        name: String,
        /// Its body.
        body: String,
    },
    /// A dashboard is deleted.
    DeleteDashboard {
        /// Its name.
        name: String,
    },
}

/// Most alarms that one walk writes: at the pace that CloudWatch takes them, what a run has time for. The rest follows in the
/// next, soon.
pub const WRITES_OF_A_WALK: usize = 45;

/// Most alarms that one walk takes away: the tags of each are read before.
pub const REMOVALS_OF_A_WALK: usize = 200;

/// What is wanted of one key.
#[derive(Debug, Default)]
struct Wanted {
    /// Alarms, each with what is told of it. Those that cover others come last.
    alarms: Vec<(Alarm, About)>,
    /// Dashboards by name: the body, and what is told of it. `None` for one that can't be drawn now and stays as it is.
    dashboards: BTreeMap<String, Option<(String, About)>>,
    /// What is told beside.
    held: Vec<Decision>,
}

/// Decides which alarms and dashboards are written.
#[must_use]
pub fn plan(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
    let wanted = wanted(key, observed, rules, now);
    let doubts = doubts(key, observed, &wanted, rules, now);
    let mut plan = Differences { key, observed, rules, assume_ours: false }.plan(wanted);
    plan.held.extend(doubts);
    plan
}

/// The ARNs of the alarms that a plan would change or take away if all were ours: their tags have to be read first.
#[must_use]
pub fn touched(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> BTreeSet<String> {
    let plan = Differences { key, observed, rules, assume_ours: true }.plan(wanted(key, observed, rules, now));
    let steps = plan.steps.iter().chain(&plan.removals).map(|(step, _)| &step.write);
    let names = steps.filter_map(|write| match write {
        Write::PutAlarm { alarm, .. } => Some(&alarm.name),
        Write::DeleteAlarm { name, .. } | Write::Uncover { name, .. } => Some(name),
        Write::PutDashboard { .. } | Write::DeleteDashboard { .. } => None,
    });
    let standing = |name: &String| observed.alarms.get(name).or_else(|| observed.neighbours.get(name));
    names.filter_map(|name| Some(standing(name)?.arn.clone())).collect()
}

fn wanted(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Wanted {
    let mut wanted = Wanted::default();
    let alarms = &rules.configuration.alarms;
    match &key.what {
        What::Endpoint(_) | What::Endpoints if alarms.endpoints == EndpointAlarms::Fleet => {
            endpoint::want_fleet(key, observed, rules, &mut wanted);
        }
        What::Endpoint(_) | What::Endpoints if alarms.endpoints == EndpointAlarms::Each => {
            endpoint::want_each(key, observed, rules, now, &mut wanted);
        }
        What::Service(_) | What::Services if alarms.services == ServiceAlarms::Each => {
            service::want(key, observed, rules, now, &mut wanted);
        }
        _ => {}
    }
    wanted
}

/// The account that alarms and dashboards stand in, of what this account has.
#[must_use]
pub fn home<'a>(account: &'a AccountId, configuration: &'a Configuration) -> &'a AccountId {
    match configuration.alarms.place {
        AlarmPlace::Member => account,
        AlarmPlace::Hub => &configuration.hub_account,
    }
}

/// The names of the alarms which may cover those of these endpoints, or these of endpoints that are gone, if their services are
/// looked after: of whichever provider's account it is whose alarms stand at the same place.
#[must_use]
pub fn covering(
    key: &Key,
    endpoints: &[Endpoint],
    alarms: &BTreeMap<String, StandingAlarm>,
    configuration: &Configuration,
) -> BTreeSet<String> {
    composite::covering(key, endpoints, alarms, configuration)
}

/// The names of the alarms of endpoints that the service's own would cover, if they are there.
#[must_use]
pub fn covered(key: &Key, watched: &Watched, configuration: &Configuration) -> BTreeSet<String> {
    composite::covered(key, watched, configuration)
}

/// What is told of something that an endpoint has.
fn about_endpoint(key: &EndpointKey, name: &str) -> About {
    let fields = [
        ("name", name.to_owned()),
        ("account", key.account.to_string()),
        ("region", key.region.to_string()),
        ("vpc_endpoint_id", key.endpoint.to_string()),
    ];
    About { subject: name.to_owned(), fields: fields.into(), resource: key.arn() }
}

/// What is told of something that a service has.
fn about_service(key: &ServiceKey, name: &str) -> About {
    let fields = [
        ("name", name.to_owned()),
        ("account", key.account.to_string()),
        ("region", key.region.to_string()),
        ("service_id", key.service.to_string()),
    ];
    About { subject: name.to_owned(), fields: fields.into(), resource: key.arn() }
}

fn held(about: About, reason: &'static str, why: String) -> Decision {
    Decision { about, detail: Some(why), ..Decision::new(Outcome::Hold, reason) }
}
