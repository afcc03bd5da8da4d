//! Alarms of endpoint services, their Network Load Balancers and target groups, and their dashboards.

use jiff::Timestamp;

use super::{
    Key, Observed, Wanted, Watched, about_service,
    composite::{self, Child},
    dashboard,
    endpoint::{hold_unknown_profiles, with_own_threshold},
    home, name, rule,
};
use crate::{
    model::{AlarmRule, Metric, MissingData},
    policy::{AlarmScope, Judgement, Rules, Setting},
};

/// What an ARN of Elastic Load Balancing has after the kind of resource: what CloudWatch calls it by.
///
/// Source: Network Load Balancer user guide, "CloudWatch metrics": dimensions `LoadBalancer` and `TargetGroup`.
pub fn suffix<'a>(arn: &'a str, kind: &str) -> Option<&'a str> {
    arn.splitn(6, ':').nth(5)?.strip_prefix(kind)
}

/// What CloudWatch calls a Network Load Balancer, such as `net/orders/0123456789abcdef`; `None` for one of another kind.
pub fn network_load_balancer(arn: &str) -> Option<&str> {
    suffix(arn, "loadbalancer/").filter(|name| name.starts_with("net/"))
}

/// What CloudWatch calls a target group, such as `targetgroup/orders/73e2d6bc24d8a067`.
pub fn target_group(arn: &str) -> Option<&str> {
    suffix(arn, "").filter(|name| name.starts_with("targetgroup/"))
}

/// Wants what the services of a key that are looked after get.
pub fn want(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp, wanted: &mut Wanted) {
    let configuration = &rules.configuration;
    let looked_after = |watched: &&Watched| configuration.looks_after(&watched.service.tags);
    for watched in observed.services.iter().filter(looked_after) {
        let about = about_service(&watched.service.key, watched.service.key.service.as_str());
        hold_unknown_profiles(&watched.service.tags, &about, wanted);
        let mut children = of_service(key, watched, (rules, now), wanted);
        if configuration.alarms.composites {
            children.extend(composite::endpoints(watched, observed, rules, key));
            composite::want(key, watched, &mut children, observed, rules, wanted);
        }
        wanted.alarms.extend(children.into_iter().filter_map(|child| child.own));
        if configuration.alarms.dashboards {
            dashboard::want(key, watched, observed, rules, wanted);
        }
    }
    // An alarm can only cover what is there.
    wanted.alarms.sort_by_key(|(alarm, _)| matches!(alarm.rule, AlarmRule::Composite { .. }));
}

/// The alarms of one service, and of what is behind it.
fn of_service(key: &Key, watched: &Watched, (rules, now): (&Rules, Timestamp), wanted: &mut Wanted) -> Vec<Child> {
    let service = &watched.service.key;
    let mut children = Vec::new();
    let mut want = |setting: Setting, metric: Option<Metric>, of: &str, parts: &[&str], wanted: &mut Wanted| {
        let name = name::service_alarm(service, setting.profile.as_str(), parts, &rules.configuration);
        let about = about_service(service, &name);
        let Some(setting) = with_own_threshold(setting, &watched.service.tags, &about, wanted) else { return };
        let home = home(&key.account, &rules.configuration);
        let elsewhere = (home != &key.account).then_some(&key.account);
        let rule = match metric {
            Some(metric) => rule::of_metric(&setting, metric, elsewhere),
            None => rule::of_query(&setting, by_endpoint(&setting, watched)),
        };
        let alarm = rule::alarm(name, of, &setting, rule, (home, &key.region), rules);
        children.push(Child::own(alarm, about, setting.severity));
    };
    let alarms = &rules.configuration.alarms;
    let itself = format!("Endpoint service {} of account {}", service.service, service.account);
    for setting in alarms.settings(AlarmScope::Service) {
        // Nobody misses the traffic of a service that nobody has been connected to for as long as it takes to miss it.
        let since = now.checked_sub(setting.lasts()).unwrap_or(Timestamp::MIN);
        if setting.missing == MissingData::Breaching && !composite::has_consumers(watched, since) {
            continue;
        }
        let each = setting.definition.judgement == Judgement::EachEndpoint;
        let metric = (!each).then(|| rule::metric(&setting, &[("Service Id", service.service.as_str())]));
        want(setting, metric, &itself, &[], wanted);
    }
    for (balancer, groups) in &watched.target_groups {
        let Some(balancer) = network_load_balancer(balancer) else { continue };
        let short = balancer.trim_start_matches("net/");
        for setting in alarms.settings(AlarmScope::LoadBalancer) {
            let metric = rule::metric(&setting, &[("LoadBalancer", balancer)]);
            want(setting, Some(metric), &format!("Load balancer {short} of {}", service.service), &[short], wanted);
        }
        for group in groups.iter().filter_map(|group| target_group(group)) {
            let parts = [group.trim_start_matches("targetgroup/")];
            let of = format!("Target group {} of {}", parts[0], service.service);
            let dimensions = [("LoadBalancer", balancer), ("TargetGroup", group)];
            for setting in alarms.settings(AlarmScope::TargetGroup) {
                want(setting, Some(rule::metric(&setting, &dimensions)), &of, &parts, wanted);
            }
            for zone in &watched.service.availability_zones {
                let [balancer, group] = dimensions;
                let dimensions = [("AvailabilityZone", zone.as_str()), balancer, group];
                let (of, parts) = (format!("{of} in {zone}"), [parts[0], zone]);
                for setting in alarms.settings(AlarmScope::Zone) {
                    want(setting, Some(rule::metric(&setting, &dimensions)), &of, &parts, wanted);
                }
            }
        }
    }
    children
}

/// What is told of each endpoint of a service, the worst first.
fn by_endpoint(setting: &Setting, watched: &Watched) -> String {
    let (namespace, metric) = setting.definition.metric;
    let statistic = setting.definition.statistic.to_uppercase();
    format!(
        "SELECT {statistic}({metric}) FROM SCHEMA(\"{namespace}\", \"Service Id\", \"VPC Endpoint Id\") \
         WHERE \"Service Id\" = '{}' GROUP BY \"VPC Endpoint Id\" ORDER BY {statistic}() DESC",
        watched.service.key.service
    )
}
