//! Our alarms in CloudWatch's words.

use aws_sdk_cloudwatch::{
    operation::{
        put_composite_alarm::builders::PutCompositeAlarmFluentBuilder as PutCompositeAlarm,
        put_metric_alarm::builders::PutMetricAlarmFluentBuilder as PutMetricAlarm,
    },
    types::{self, ComparisonOperator, Dimension, MetricDataQuery, MetricStat, Statistic, Tag},
};

use crate::model::{Alarm, AlarmLimit, Metric, MetricQuery, MetricRule, QuerySource, Suppressor, Tags};

/// A call that writes an alarm of metrics: one metric in the plain form, anything else as queries.
pub fn metric_alarm(call: PutMetricAlarm, alarm: &Alarm, rule: &MetricRule, acts: bool, tags: &Tags) -> PutMetricAlarm {
    let call = call
        .alarm_name(&alarm.name)
        .alarm_description(&alarm.description)
        .actions_enabled(acts)
        .set_alarm_actions(Some(alarm.alarm_actions.iter().cloned().collect()))
        .set_ok_actions(Some(alarm.ok_actions.iter().cloned().collect()))
        .evaluation_periods(rule.periods)
        .datapoints_to_alarm(rule.datapoints)
        .comparison_operator(ComparisonOperator::from(rule.comparison.as_str()))
        .treat_missing_data(rule.missing.as_str())
        .set_tags(Some(tag_list(tags)));
    let call = match &rule.limit {
        AlarmLimit::Threshold(threshold) => call.threshold(threshold.as_f64()),
        AlarmLimit::Band(id) => call.threshold_metric_id(id),
    };
    match rule.queries.as_slice() {
        [MetricQuery { source: QuerySource::Statistic { metric, statistic, period }, account: None, .. }] => call
            .namespace(&metric.namespace)
            .metric_name(&metric.name)
            .set_dimensions(Some(dimensions(metric)))
            .statistic(Statistic::from(statistic.as_str()))
            .period(*period),
        queries => call.set_metrics(Some(queries.iter().map(query).collect())),
    }
}

/// A call that writes an alarm over others.
pub fn composite(
    call: PutCompositeAlarm,
    alarm: &Alarm,
    suppressor: Option<&Suppressor>,
    acts: bool,
    tags: &Tags,
) -> PutCompositeAlarm {
    call.alarm_name(&alarm.name)
        .alarm_description(&alarm.description)
        .actions_enabled(acts)
        .set_alarm_actions(Some(alarm.alarm_actions.iter().cloned().collect()))
        .set_ok_actions(Some(alarm.ok_actions.iter().cloned().collect()))
        .set_actions_suppressor(suppressor.map(|suppressor| suppressor.alarm.clone()))
        .set_actions_suppressor_wait_period(suppressor.map(|suppressor| suppressor.wait))
        .set_actions_suppressor_extension_period(suppressor.map(|suppressor| suppressor.extension))
        .set_tags(Some(tag_list(tags)))
}

fn query(query: &MetricQuery) -> MetricDataQuery {
    let MetricQuery { id, source, account, returns } = query;
    let built = MetricDataQuery::builder()
        .id(id)
        .return_data(*returns)
        .set_account_id(account.as_ref().map(ToString::to_string));
    match source {
        QuerySource::Statistic { metric, statistic, period } => {
            let named = types::Metric::builder().namespace(&metric.namespace).metric_name(&metric.name);
            let named = named.set_dimensions(Some(dimensions(metric))).build();
            built.metric_stat(MetricStat::builder().metric(named).stat(statistic).period(*period).build())
        }
        QuerySource::Expression { text, period } => built.expression(text).set_period(*period),
    }
    .build()
}

fn dimensions(metric: &Metric) -> Vec<Dimension> {
    let dimensions = metric.dimensions.iter();
    dimensions.map(|(name, value)| Dimension::builder().name(name).value(value).build()).collect()
}

fn tag_list(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
