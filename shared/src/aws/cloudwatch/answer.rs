//! CloudWatch's answers in our words. What an alarm has that we never write makes it another than ours: it is read as
//! [`AlarmRule::Other`].

use aws_sdk_cloudwatch::types::{self, CompositeAlarm, EvaluationState, MetricAlarm, MetricDataQuery};

use crate::model::{
    Alarm, AlarmLimit, AlarmRule, Comparison, Metric, MetricQuery, MetricRule, MissingData, QuerySource, StandingAlarm,
    Suppressor, Threshold,
};

/// An alarm of metrics; `None` for one without a name, which AWS doesn't send.
pub fn read_metric_alarm(alarm: &MetricAlarm) -> Option<StandingAlarm> {
    let has_more = alarm.insufficient_data_actions.as_ref().is_some_and(|actions| !actions.is_empty())
        || alarm.extended_statistic.is_some()
        || alarm.unit.is_some()
        || alarm.evaluate_low_sample_count_percentile.is_some()
        || alarm.evaluation_criteria.is_some()
        || alarm.warm_up_configuration.is_some()
        || alarm.evaluation_interval.is_some()
        || alarm.action_configuration.is_some()
        // A sliding window is the usual one.
        || alarm.evaluation_window.as_ref().is_some_and(|window| !window.is_sliding_window());
    let rule = read_rule(alarm).filter(|_| !has_more);
    let is_partial = alarm.evaluation_state == Some(EvaluationState::PartialData);
    let is_broken = alarm.evaluation_state == Some(EvaluationState::EvaluationError);
    Some(StandingAlarm {
        alarm: Alarm {
            name: alarm.alarm_name()?.to_owned(),
            description: alarm.alarm_description().unwrap_or_default().to_owned(),
            alarm_actions: alarm.alarm_actions().iter().cloned().collect(),
            ok_actions: alarm.ok_actions().iter().cloned().collect(),
            rule: rule.map_or(AlarmRule::Other, AlarmRule::Metric),
        },
        arn: alarm.alarm_arn()?.to_owned(),
        acts: alarm.actions_enabled().unwrap_or(true),
        is_partial,
        is_broken,
    })
}

/// An alarm over others.
pub fn read_composite(alarm: &CompositeAlarm) -> Option<StandingAlarm> {
    let suppressor = alarm.actions_suppressor().filter(|name| !name.is_empty()).map(|name| Suppressor {
        // AWS takes a name or an ARN, and answers with what it was given.
        alarm: name.to_owned(),
        wait: alarm.actions_suppressor_wait_period().unwrap_or_default(),
        extension: alarm.actions_suppressor_extension_period().unwrap_or_default(),
    });
    let has_more = !alarm.insufficient_data_actions().is_empty();
    let expression = alarm.alarm_rule().unwrap_or_default().to_owned();
    let rule = if has_more { AlarmRule::Other } else { AlarmRule::Composite { expression, suppressor } };
    Some(StandingAlarm {
        alarm: Alarm {
            name: alarm.alarm_name()?.to_owned(),
            description: alarm.alarm_description().unwrap_or_default().to_owned(),
            alarm_actions: alarm.alarm_actions().iter().cloned().collect(),
            ok_actions: alarm.ok_actions().iter().cloned().collect(),
            rule,
        },
        arn: alarm.alarm_arn()?.to_owned(),
        acts: alarm.actions_enabled().unwrap_or(true),
        is_partial: false,
        is_broken: false,
    })
}

fn read_rule(alarm: &MetricAlarm) -> Option<MetricRule> {
    let periods = alarm.evaluation_periods()?;
    let queries = match alarm.metric_name().filter(|name| !name.is_empty()) {
        Some(name) => vec![read_plain(alarm, name)?],
        None => alarm.metrics().iter().map(|query| read_query(query, alarm.metrics().len())).collect::<Option<_>>()?,
    };
    let band = alarm.threshold_metric_id().filter(|id| !id.is_empty());
    let limit = match band {
        Some(id) => AlarmLimit::Band(id.to_owned()),
        None => AlarmLimit::Threshold(Threshold::try_from(alarm.threshold()?).ok()?),
    };
    Some(MetricRule {
        queries,
        periods,
        datapoints: alarm.datapoints_to_alarm().unwrap_or(periods),
        comparison: Comparison::parse(alarm.comparison_operator()?.as_str())?,
        limit,
        missing: MissingData::parse(alarm.treat_missing_data().unwrap_or("missing"))?,
    })
}

/// The one metric of an alarm in the plain form.
fn read_plain(alarm: &MetricAlarm, name: &str) -> Option<MetricQuery> {
    let metric = Metric {
        namespace: alarm.namespace()?.to_owned(),
        name: name.to_owned(),
        dimensions: alarm.dimensions().iter().filter_map(read_dimension).collect(),
    };
    let statistic = alarm.statistic()?.as_str().to_owned();
    let source = QuerySource::Statistic { metric, statistic, period: alarm.period()? };
    Some(MetricQuery { id: "m1".to_owned(), source, account: None, returns: true })
}

fn read_query(query: &MetricDataQuery, of: usize) -> Option<MetricQuery> {
    let source = match (query.metric_stat(), query.expression()) {
        (Some(stat), None) if stat.unit().is_none() => QuerySource::Statistic {
            metric: read_metric(stat.metric()?)?,
            statistic: stat.stat()?.to_owned(),
            period: stat.period()?,
        },
        // Math has the period of what it is over.
        (None, Some(text)) => {
            QuerySource::Expression { text: text.to_owned(), period: query.period().filter(|_| of == 1) }
        }
        _ => return None,
    };
    let account = query.account_id().filter(|account| !account.is_empty()).map(str::parse).transpose().ok()?;
    Some(MetricQuery { id: query.id()?.to_owned(), source, account, returns: query.return_data().unwrap_or(true) })
}

/// A metric; `None` for one without namespace or name, which AWS doesn't send.
pub fn read_metric(metric: &types::Metric) -> Option<Metric> {
    Some(Metric {
        namespace: metric.namespace()?.to_owned(),
        name: metric.metric_name()?.to_owned(),
        dimensions: metric.dimensions().iter().filter_map(read_dimension).collect(),
    })
}

fn read_dimension(dimension: &types::Dimension) -> Option<(String, String)> {
    Some((dimension.name()?.to_owned(), dimension.value()?.to_owned()))
}
