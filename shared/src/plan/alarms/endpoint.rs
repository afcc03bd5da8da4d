//! Alarms of endpoints: of each, or one for all of a place.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;

use super::{
    Key, Observed, Wanted, about_endpoint,
    composite::told_by,
    held, home, name,
    rule::{self, OwnThreshold, own_threshold},
};
use crate::{
    model::{Endpoint, EndpointKind, Metric, MissingData, Region, Tags, Threshold, parse_service_name, tag},
    plan::{About, reason},
    policy::{AlarmPlace, AlarmProfile, AlarmScope, Rules, Setting},
};

/// The dimensions of an endpoint's metrics. All have to be given; the names have blanks in them.
///
/// Source: `PrivateLink` user guide, "CloudWatch metrics for AWS `PrivateLink`".
pub const DIMENSIONS: [&str; 4] = ["Endpoint Type", "Service Name", "VPC Endpoint Id", "VPC Id"];

/// Whether an endpoint gets alarms: one of a type that has metrics, connected, selected, and its owner's own.
fn is_watched(endpoint: &Endpoint, rules: &Rules) -> bool {
    let has_metrics = matches!(endpoint.kind, EndpointKind::Interface | EndpointKind::GatewayLoadBalancer);
    has_metrics
        && endpoint.state.is_established()
        && !endpoint.requester_managed
        && rules.configuration.alarms.selects(&endpoint.tags)
}

/// Whether the service is in another Region: of such endpoints CloudWatch has no metrics.
fn is_across_regions(endpoint: &Endpoint) -> bool {
    let named = |region: &str| region.parse::<Region>().ok();
    let of_aws = || endpoint.service_name.split('.').find_map(named);
    let home = parse_service_name(&endpoint.service_name).map(|(region, _)| region).or_else(of_aws);
    home.is_some_and(|home| home != endpoint.key.region)
}

/// A metric of an endpoint.
pub fn metric(setting: &Setting, endpoint: &Endpoint) -> Metric {
    let values =
        [endpoint.kind.as_str(), &endpoint.service_name, endpoint.key.endpoint.as_str(), endpoint.vpc.as_str()];
    let dimensions: Vec<(&str, &str)> = DIMENSIONS.into_iter().zip(values).collect();
    rule::metric(setting, &dimensions)
}

/// Each endpoint its own alarms.
pub fn want_each(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp, wanted: &mut Wanted) {
    // Not by one that somebody has switched off.
    let told = told_by(observed.neighbours.values().filter(|over| over.acts));
    for endpoint in observed.endpoints.iter().filter(|endpoint| is_watched(endpoint, rules)) {
        if is_across_regions(endpoint) {
            let why = "its service is in another Region, and CloudWatch has no metrics of such endpoints";
            let about = about_endpoint(&endpoint.key, endpoint.key.endpoint.as_str());
            wanted.held.push(held(about, reason::NO_METRICS, why.to_owned()));
            continue;
        }
        hold_unknown_profiles(&endpoint.tags, &about_endpoint(&endpoint.key, endpoint.key.endpoint.as_str()), wanted);
        for setting in rules.configuration.alarms.settings(AlarmScope::Endpoint) {
            want_one(key, endpoint, setting, (rules, now), &told, wanted);
        }
    }
}

fn want_one(
    key: &Key,
    endpoint: &Endpoint,
    setting: Setting,
    (rules, now): (&Rules, Timestamp),
    told: &BTreeSet<&str>,
    wanted: &mut Wanted,
) {
    let configuration = &rules.configuration;
    let name = name::endpoint_alarm(&endpoint.key, setting.profile, configuration);
    let about = about_endpoint(&endpoint.key, &name);
    let Some(setting) = with_own_threshold(setting, &endpoint.tags, &about, wanted) else { return };
    // What waits for silence would find it at once in the time before the endpoint was made.
    let awaits_silence = setting.missing == MissingData::Breaching;
    let is_young =
        |made: Timestamp| Duration::try_from(now.duration_since(made)).is_ok_and(|age| age < setting.lasts());
    if awaits_silence && endpoint.created.is_some_and(is_young) {
        return;
    }
    let home = home(&key.account, configuration);
    let elsewhere = (home != &key.account).then_some(&key.account);
    let of = format!("Endpoint {} of account {}", endpoint.key.endpoint, endpoint.key.account);
    let rule = rule::of_metric(&setting, metric(&setting, endpoint), elsewhere);
    let alarm = rule::alarm(name, &of, &setting, rule, (home, &key.region), rules);
    let alarm = if told.contains(alarm.name.as_str()) { rule::silent(alarm) } else { alarm };
    wanted.alarms.push((alarm, about));
}

/// Tells of tags that set the threshold of no profile.
pub fn hold_unknown_profiles(tags: &Tags, about: &About, wanted: &mut Wanted) {
    let is_known = |name: &&str| AlarmProfile::ALL.iter().any(|profile| profile.as_str() == *name);
    let unknown: Vec<&str> =
        tags.keys().filter_map(|key| key.strip_prefix(tag::ALARM)).filter(|name| !is_known(name)).collect();
    if !unknown.is_empty() {
        let why = format!("no profile is called {}: the tag {}… sets nothing", unknown.join(", "), tag::ALARM);
        wanted.held.push(held(about.clone(), reason::INVALID_TAG, why));
    }
}

/// The setting with the threshold that a tag of the resource says; `None` when the tag switches it off.
pub fn with_own_threshold(setting: Setting, tags: &Tags, about: &About, wanted: &mut Wanted) -> Option<Setting> {
    match own_threshold(setting.profile, tags) {
        OwnThreshold::Usual => Some(setting),
        OwnThreshold::Off => None,
        OwnThreshold::Is(threshold) => Some(Setting { threshold, ..setting }),
        OwnThreshold::Unreadable => {
            let key = setting.profile.tag_key();
            let number = setting.definition.accepts(Threshold::NEVER).err().unwrap_or("a number");
            let why = format!("the tag {key} is neither `off` nor {number}: the usual threshold is judged by");
            wanted.held.push(held(about.clone(), reason::INVALID_TAG, why));
            Some(setting)
        }
    }
}

/// One alarm a profile for all endpoints of the place; in the hub for all that it sees.
pub fn want_fleet(key: &Key, observed: &Observed, rules: &Rules, wanted: &mut Wanted) {
    let configuration = &rules.configuration;
    let sees_others = configuration.alarms.place == AlarmPlace::Hub;
    let has_any = observed.endpoints.iter().any(|endpoint| is_watched(endpoint, rules));
    if !(has_any || sees_others && key.account == configuration.hub_account) {
        return;
    }
    let settings = configuration.alarms.settings(AlarmScope::Endpoint).filter(Setting::fits_a_fleet);
    for setting in settings {
        let (namespace, metric) = setting.definition.metric;
        let statistic = setting.definition.statistic.to_uppercase();
        let dimensions = DIMENSIONS.map(|name| format!("\"{name}\"")).join(", ");
        // With the schema: else what is told of each subnet would be counted, too. The worst come first, since only so many
        // series are judged.
        let query = format!(
            "SELECT {statistic}({metric}) FROM SCHEMA(\"{namespace}\", {dimensions}) \
             GROUP BY \"Service Name\", \"VPC Endpoint Id\" ORDER BY {statistic}() DESC"
        );
        let name = name::fleet_alarm(&key.account, setting.profile, configuration);
        let of = if sees_others {
            format!("Endpoints in {} of all linked accounts", key.region)
        } else {
            format!("Endpoints in {} of account {}", key.region, key.account)
        };
        let rule = rule::of_query(&setting, query);
        let about = about_place(key, &name);
        let alarm = rule::alarm(name, &of, &setting, rule, (home(&key.account, configuration), &key.region), rules);
        wanted.alarms.push((alarm, about));
    }
}

fn about_place(key: &Key, name: &str) -> About {
    let fields = [("name", name.to_owned()), ("account", key.account.to_string()), ("region", key.region.to_string())];
    About { subject: name.to_owned(), fields: fields.into(), resource: String::new() }
}
