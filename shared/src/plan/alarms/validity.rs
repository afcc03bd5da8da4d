//! Alarms that could never go off: that watch a metric which CloudWatch doesn't have, or more than a query can judge.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;

use super::{Key, Observed, Wanted, held};
use crate::{
    model::{AlarmRule, Metric, QuerySource},
    plan::{About, Decision, reason},
    policy::{AlarmPlace, Rules},
};

/// How long after an endpoint was made its metrics are there, if anything went through it.
///
/// Source: CloudWatch user guide: a new metric can take up to 15 minutes to be listed.
const LISTED_AFTER: Duration = Duration::from_hours(1);

/// What the metrics of one resource have in common, by namespace: the dimension that names it.
const IDENTITY: [(&str, &str); 3] = [
    ("AWS/PrivateLinkEndpoints", "VPC Endpoint Id"),
    ("AWS/PrivateLinkServices", "Service Id"),
    (LOAD_BALANCERS, "LoadBalancer"),
];

const LOAD_BALANCERS: &str = "AWS/NetworkELB";

/// What is told of a service without traffic, too.
const WITHOUT_TRAFFIC: &str = "EndpointsCount";

/// What is doubtful about the alarms that stand as they are wanted.
pub fn doubts(key: &Key, observed: &Observed, wanted: &Wanted, rules: &Rules, now: Timestamp) -> Vec<Decision> {
    let mut doubts = Vec::new();
    let listed = observed.metrics.as_ref().map(Listed::new);
    let is_young = |made: Timestamp| Duration::try_from(now.duration_since(made)).is_ok_and(|age| age < LISTED_AFTER);
    let endpoints = observed.endpoints.iter();
    let new: BTreeSet<&str> = endpoints
        .filter(|endpoint| endpoint.created.is_some_and(is_young))
        .map(|endpoint| endpoint.key.endpoint.as_str())
        .collect();
    let is_new = |about: &About| about.fields.get("vpc_endpoint_id").is_some_and(|id| new.contains(id.as_str()));
    for (alarm, about) in &wanted.alarms {
        let Some(standing) = observed.alarms.get(&alarm.name) else { continue };
        if standing.is_partial {
            let why = "its query covers more than CloudWatch judges (10,000 metrics, 500 series): what is beyond is not watched. \
                       Write `endpoints: each`, or watch fewer accounts";
            doubts.push(held(about.clone(), reason::PARTIAL_DATA, why.to_owned()));
        }
        if standing.is_broken {
            let why = "CloudWatch can't judge it (EVALUATION_ERROR): it never goes off. The alarm's page says why";
            doubts.push(held(about.clone(), reason::NO_METRIC, why.to_owned()));
        }
        let AlarmRule::Metric(rule) = &alarm.rule else { continue };
        let Some(listed) = listed.as_ref().filter(|_| !is_new(about)) else { continue };
        let watched = rule.queries.iter().filter_map(|query| match &query.source {
            QuerySource::Statistic { metric, .. } => Some(metric),
            QuerySource::Expression { .. } => None,
        });
        for metric in watched.filter(|metric| listed.lacks(metric)) {
            let dimensions: Vec<String> =
                metric.dimensions.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
            let why = format!(
                "CloudWatch has other metrics of it, but not {} {} with exactly {}",
                metric.namespace,
                metric.name,
                dimensions.join(", ")
            );
            doubts.push(held(about.clone(), reason::NO_METRIC, why));
        }
    }
    doubts.extend(unlinked(key, observed, &new, rules));
    doubts
}

/// An account whose metrics the hub should see, and sees none: of one endpoint there may be no traffic, hardly of all.
fn unlinked(key: &Key, observed: &Observed, new: &BTreeSet<&str>, rules: &Rules) -> Option<Decision> {
    let configuration = &rules.configuration;
    let is_elsewhere = configuration.alarms.place == AlarmPlace::Hub && key.account != configuration.hub_account;
    let sees_none = observed.metrics.as_ref().is_some_and(BTreeSet::is_empty);
    let old = observed.endpoints.iter().filter(|endpoint| !new.contains(endpoint.key.endpoint.as_str())).count();
    let connected = old + observed.services.iter().map(|watched| watched.connections.len()).sum::<usize>();
    let why = format!(
        "the hub sees no metric of the account in {}, though {connected} endpoints are connected: is it linked \
         (template parameter ObservabilitySink)? Its alarms can't go off otherwise",
        key.region
    );
    let about = About { subject: key.to_string(), ..About::default() };
    (is_elsewhere && sees_none && connected > 0).then(|| held(about, reason::NO_METRIC, why))
}

/// The metrics that there are, by the resource that they are of.
struct Listed<'a> {
    metrics: &'a BTreeSet<Metric>,
    /// The names of metrics, by namespace and what names the resource.
    names: BTreeMap<(&'a str, &'a str), BTreeSet<&'a str>>,
}

impl<'a> Listed<'a> {
    fn new(metrics: &'a BTreeSet<Metric>) -> Self {
        let mut names: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
        for metric in metrics {
            if let Some(resource) = resource(metric).filter(|_| metric.name != WITHOUT_TRAFFIC) {
                names.entry((metric.namespace.as_str(), resource)).or_default().insert(metric.name.as_str());
            }
        }
        Self { metrics, names }
    }

    /// Whether there should be such a metric, and is none: the resource has others that come with it. Of one without traffic
    /// there are none at all.
    fn lacks(&self, metric: &Metric) -> bool {
        let names = resource(metric).and_then(|resource| self.names.get(&(metric.namespace.as_str(), resource)));
        // What PrivateLink tells of traffic, it tells in all its metrics. Load balancers have some that come with faults alone.
        let comes_with =
            |names: &BTreeSet<&str>| metric.namespace != LOAD_BALANCERS || names.contains(metric.name.as_str());
        !self.metrics.contains(metric) && names.is_some_and(comes_with)
    }
}

/// What names the resource that a metric is of.
fn resource(metric: &Metric) -> Option<&str> {
    let (_, identity) = IDENTITY.into_iter().find(|(namespace, _)| *namespace == metric.namespace)?;
    metric.dimensions.get(identity).map(String::as_str)
}
