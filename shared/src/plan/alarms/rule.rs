//! From a profile to the rule of an alarm.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    model::{
        AccountId, Alarm, AlarmLimit, AlarmRule, Comparison, Metric, MetricQuery, MetricRule, QuerySource, Region,
        Tags, Threshold,
    },
    policy::{AlarmProfile, Configuration, Judgement, Rules, Setting},
};

/// Longest description. Source: CloudWatch API reference, `AlarmDescription` of `PutMetricAlarm`.
const DESCRIPTION: usize = 1_024;

/// Fewest endpoints before a drop of which it is told.
const FEWEST: u32 = 4;

/// What the value of a tag on an endpoint or service makes of a profile's threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnThreshold {
    /// There is no tag.
    Usual,
    /// No alarm.
    Off,
    /// This one.
    Is(Threshold),
    /// It can't be read.
    Unreadable,
}

/// Reads the tag that sets a profile's threshold on one resource.
pub fn own_threshold(profile: AlarmProfile, tags: &Tags) -> OwnThreshold {
    let Some(value) = tags.get(&profile.tag_key()) else { return OwnThreshold::Usual };
    if value.trim().eq_ignore_ascii_case("off") {
        return OwnThreshold::Off;
    }
    let number = Threshold::parse(value).filter(|number| profile.definition().accepts(*number).is_ok());
    number.map_or(OwnThreshold::Unreadable, OwnThreshold::Is)
}

/// A metric of the profile with these dimensions.
pub fn metric(setting: &Setting, dimensions: &[(&str, &str)]) -> Metric {
    let (namespace, name) = setting.definition.metric;
    let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Metric {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        dimensions: dimensions.collect::<BTreeMap<_, _>>(),
    }
}

/// The rule that judges this metric; `account` has it, if it is not the alarm's own.
pub fn of_metric(setting: &Setting, metric: Metric, account: Option<&AccountId>) -> AlarmRule {
    let definition = &setting.definition;
    let period = seconds(setting);
    let statistic = definition.statistic.to_owned();
    let measured = |returns| MetricQuery {
        id: "m1".to_owned(),
        source: QuerySource::Statistic { metric, statistic, period },
        account: account.cloned(),
        returns,
    };
    let over_it = |id: &str, text: String| MetricQuery {
        id: id.to_owned(),
        source: QuerySource::Expression { text, period: None },
        account: None,
        returns: true,
    };
    match definition.judgement {
        Judgement::Statistic | Judgement::EachEndpoint => judge(setting, vec![measured(true)], None),
        // What it was is what it is less what it rose by. Of none nothing is told: that is filled in. One of three is no news.
        Judgement::Drop => {
            let hidden = |query: MetricQuery| MetricQuery { returns: false, ..query };
            let filled = hidden(over_it("f1", "FILL(m1, 0)".to_owned()));
            let rise = hidden(over_it("d1", "DIFF(f1)".to_owned()));
            let drop = over_it("e1", format!("IF(f1 - d1 >= {FEWEST}, -100 * d1 / (f1 - d1), 0)"));
            judge(setting, vec![measured(false), filled, rise, drop], None)
        }
        Judgement::Anomaly => {
            let band = over_it("ad1", format!("ANOMALY_DETECTION_BAND(m1, {})", setting.threshold));
            judge(setting, vec![measured(true), band], Some("ad1"))
        }
    }
}

/// The rule that judges a query of Metrics Insights: one series for each value of what it is grouped by.
pub fn of_query(setting: &Setting, text: String) -> AlarmRule {
    let source = QuerySource::Expression { text, period: Some(seconds(setting)) };
    judge(setting, vec![MetricQuery { id: "q1".to_owned(), source, account: None, returns: true }], None)
}

fn judge(setting: &Setting, queries: Vec<MetricQuery>, band: Option<&str>) -> AlarmRule {
    AlarmRule::Metric(MetricRule {
        queries,
        periods: setting.periods,
        datapoints: setting.periods,
        comparison: if band.is_some() { Comparison::OutsideBand } else { setting.definition.comparison },
        limit: band.map_or(AlarmLimit::Threshold(setting.threshold), |band| AlarmLimit::Band(band.to_owned())),
        missing: setting.missing,
    })
}

fn seconds(setting: &Setting) -> i32 {
    i32::try_from(setting.definition.period.as_secs()).unwrap_or(i32::MAX)
}

/// An alarm of a profile, that tells the topics of its severity.
pub fn alarm(
    name: String,
    of: &str,
    setting: &Setting,
    rule: AlarmRule,
    (home, region): (&AccountId, &Region),
    rules: &Rules,
) -> Alarm {
    let topics = rules.configuration.alarms.topics.of(setting.severity, home, region);
    let text = format!("{of}: {} {}", setting.definition.meaning, rings(setting));
    let description = describe(&text, setting.profile.as_str(), &rules.configuration);
    Alarm { name, description, alarm_actions: topics.clone(), ok_actions: topics, rule }
}

/// When it goes into `ALARM`, in words.
fn rings(setting: &Setting) -> String {
    let Setting { definition, threshold, periods, .. } = setting;
    let seconds = definition.period.as_secs().saturating_mul(u64::try_from(*periods).unwrap_or_default());
    let lasts = match seconds {
        days if days % 86_400 == 0 => format!("{} d", days / 86_400),
        hours if hours % 3_600 == 0 => format!("{} h", hours / 3_600),
        seconds => format!("{} min", seconds / 60),
    };
    let side = match definition.comparison {
        Comparison::Above => "above",
        Comparison::AtLeast => "at least",
        Comparison::Below => "below",
        Comparison::AtMost => "at most",
        Comparison::OutsideBand => "outside of the usual, in standard deviations:",
    };
    let each = definition.period.as_secs() / 60;
    format!("Rings at {} {} of {each} min {side} {threshold} for {lasts}.", definition.statistic, definition.metric.1)
}

/// The same without anybody told.
pub fn silent(alarm: Alarm) -> Alarm {
    Alarm { alarm_actions: BTreeSet::new(), ok_actions: BTreeSet::new(), ..alarm }
}

/// What it means, where more is said of it, and whose it is.
pub fn describe(text: &str, section: &str, configuration: &Configuration) -> String {
    let runbook = configuration.alarms.runbook.as_ref().map(|runbook| format!(" {runbook}#{section}"));
    let whose = format!("{} Made by Drawbridge ({}).", runbook.unwrap_or_default(), configuration.deployment);
    let room = DESCRIPTION.saturating_sub(whose.len());
    let cut = text.char_indices().map(|(at, letter)| at + letter.len_utf8()).take_while(|end| *end <= room).last();
    format!("{}{whose}", text.get(..cut.unwrap_or_default()).unwrap_or_default())
}
