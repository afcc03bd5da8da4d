//! What CloudWatch takes of alarms and dashboards, and how many.
//!
//! Sources: CloudWatch API reference, `PutMetricAlarm`, `PutCompositeAlarm`, "Dashboard body structure and syntax"; CloudWatch user
//! guide, "CloudWatch service quotas".

use serde_json::Value;

use super::{
    State,
    alarms::{children, here},
    fault::Refusal,
};
use crate::model::{AccountId, Alarm, AlarmRule, MetricRule, QuerySource, Region};

/// Characters of a name and of a description, and whom one state tells.
const NAME: usize = 255;
const DESCRIPTION: usize = 1_024;
const ACTIONS: usize = 5;
/// What one alarm over others may cover, and the length of its expression.
const CHILDREN: usize = 100;
const EXPRESSION: usize = 10_240;
/// Alarms of an account and Region, and those of them with a query of Metrics Insights.
const ALARMS: usize = 5_000;
const QUERIES: usize = 200;
/// Widgets of a dashboard, and metrics of a widget and of all of them.
const WIDGETS: usize = 500;
const METRICS_OF_WIDGET: usize = 500;
const METRICS: usize = 2_500;

fn invalid(message: &str) -> Refusal {
    Refusal::new("ValidationError", message)
}

/// Refuses an alarm of a form that CloudWatch doesn't take.
pub(super) fn check_alarm(alarm: &Alarm) -> Result<(), Refusal> {
    let length = alarm.name.chars().count();
    if !(1..=NAME).contains(&length) || alarm.name.chars().any(char::is_control) {
        return Err(invalid("AlarmName"));
    }
    if alarm.description.chars().count() > DESCRIPTION {
        return Err(invalid("AlarmDescription"));
    }
    if alarm.alarm_actions.len() > ACTIONS || alarm.ok_actions.len() > ACTIONS {
        return Err(invalid("too many actions"));
    }
    if let AlarmRule::Composite { expression, .. } = &alarm.rule
        && (children(expression).count() > CHILDREN || expression.len() > EXPRESSION)
    {
        return Err(invalid("AlarmRule covers too much"));
    }
    Ok(())
}

/// Refuses one more alarm than an account may have.
pub(super) fn check_room(state: &State, account: &AccountId, region: &Region, alarm: &Alarm) -> Result<(), Refusal> {
    let is_new = !state.alarms.contains_key(&(account.clone(), region.clone(), alarm.name.clone()));
    let most = ALARMS + state.more_alarms;
    // Where there are no more in all accounts together, none has more.
    if is_new && state.alarms.len() >= most && here(state, account, region).count() >= most {
        return Err(Refusal::new("LimitExceeded", "the maximum number of alarms has been reached"));
    }
    let queries = || {
        let others = here(state, account, region).map(|other| &other.standing.alarm);
        others.filter(|other| other.name != alarm.name && has_query(&other.rule)).count()
    };
    if has_query(&alarm.rule) && queries() >= QUERIES {
        return Err(Refusal::new("LimitExceeded", "the maximum number of Metrics Insights alarms has been reached"));
    }
    Ok(())
}

fn has_query(rule: &AlarmRule) -> bool {
    let AlarmRule::Metric(MetricRule { queries, .. }) = rule else { return false };
    queries
        .iter()
        .any(|query| matches!(&query.source, QuerySource::Expression { text, .. } if text.starts_with("SELECT")))
}

/// Refuses a dashboard that is none, or has too much on it.
pub(super) fn check_dashboard(body: &str) -> Result<(), Refusal> {
    let wrong = |message: &str| Refusal::new("InvalidParameterInput", message);
    let body: Value = serde_json::from_str(body).map_err(|error| wrong(&error.to_string()))?;
    let widgets = body.get("widgets").and_then(Value::as_array).ok_or_else(|| wrong("it has no widgets"))?;
    let count = |widget: &Value| widget.pointer("/properties/metrics").and_then(Value::as_array).map_or(0, Vec::len);
    let counts: Vec<usize> = widgets.iter().map(count).collect();
    if widgets.len() > WIDGETS
        || counts.iter().any(|metrics| *metrics > METRICS_OF_WIDGET)
        || counts.iter().sum::<usize>() > METRICS
    {
        return Err(wrong("it has too many widgets or metrics"));
    }
    Ok(())
}
