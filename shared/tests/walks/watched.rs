//! Alarms and dashboards at the end of a case.

use std::{collections::BTreeSet, fmt::Write};

use drawbridge::{
    model::{AlarmLimit, AlarmRule, MetricQuery, MetricRule, QuerySource},
    world::World,
};
use serde_json::Value;

pub fn watched(world: &World, story: &mut String) {
    for ((account, region, name), alarm) in &world.state().alarms {
        let (standing, tags) = (&alarm.standing, &alarm.tags);
        let silenced = if standing.acts { "" } else { " (actions off)" };
        writeln!(story, "alarm {account}/{region} {name}{silenced} {tags:?}").unwrap();
        writeln!(story, "  {}", standing.alarm.description).unwrap();
        match &standing.alarm.rule {
            AlarmRule::Metric(rule) => metric_rule(rule, story),
            AlarmRule::Composite { expression, suppressor } => {
                writeln!(story, "  {expression}").unwrap();
                if let Some(suppressor) = suppressor {
                    writeln!(
                        story,
                        "  silent with {}, {} s before, {} s after",
                        suppressor.alarm, suppressor.wait, suppressor.extension
                    )
                    .unwrap();
                }
            }
            AlarmRule::Other => writeln!(story, "  a rule of somebody else's").unwrap(),
        }
        tells("tells", &standing.alarm.alarm_actions, story);
        if standing.alarm.ok_actions != standing.alarm.alarm_actions {
            tells("tells of OK", &standing.alarm.ok_actions, story);
        }
    }
    for ((account, name), body) in &world.state().dashboards {
        writeln!(story, "dashboard {account} {name}").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        for widget in body["widgets"].as_array().unwrap() {
            let place = ["x", "y", "width", "height"].map(|member| widget[member].to_string()).join(" ");
            writeln!(story, "  {} {place} {}", widget["type"].as_str().unwrap(), widget["properties"]).unwrap();
        }
    }
}

fn metric_rule(rule: &MetricRule, story: &mut String) {
    for MetricQuery { id, source, account, returns } in &rule.queries {
        let of = account.as_ref().map(|account| format!(" of {account}")).unwrap_or_default();
        let judged = if *returns { "" } else { " (not judged)" };
        match source {
            QuerySource::Statistic { metric, statistic, period } => {
                let dimensions: Vec<String> =
                    metric.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
                let (namespace, name, dimensions) = (&metric.namespace, &metric.name, dimensions.join(", "));
                writeln!(story, "  {id}{judged}: {statistic} of {namespace} {name} [{dimensions}]{of} over {period} s")
                    .unwrap();
            }
            QuerySource::Expression { text, period } => {
                let over = period.map(|period| format!(" over {period} s")).unwrap_or_default();
                writeln!(story, "  {id}{judged}: {text}{of}{over}").unwrap();
            }
        }
    }
    let limit = match &rule.limit {
        AlarmLimit::Threshold(threshold) => threshold.to_string(),
        AlarmLimit::Band(id) => id.clone(),
    };
    let (comparison, missing) = (rule.comparison.as_str(), rule.missing.as_str());
    writeln!(story, "  {comparison} {limit}, {} of {}, missing: {missing}", rule.datapoints, rule.periods).unwrap();
}

fn tells(what: &str, topics: &BTreeSet<String>, story: &mut String) {
    if !topics.is_empty() {
        writeln!(story, "  {what} {}", topics.iter().cloned().collect::<Vec<_>>().join(" ")).unwrap();
    }
}
