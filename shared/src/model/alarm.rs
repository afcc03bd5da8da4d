//! Alarms and the metrics that they watch, in CloudWatch's own words.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use schemars::JsonSchema;
use serde::Deserialize;

use super::AccountId;

/// A metric: exactly these dimensions. One with fewer or more is another metric, or none.
///
/// Source: CloudWatch user guide, "Dimensions".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Metric {
    /// The namespace, such as `AWS/PrivateLinkEndpoints`.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// Names and values of the dimensions.
    pub dimensions: BTreeMap<String, String>,
}

/// An alarm, as it is wanted or stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Its name, unique in its account and Region.
    pub name: String,
    /// What it means, and what to do.
    pub description: String,
    /// The ARNs of what is told when it goes into `ALARM`.
    pub alarm_actions: BTreeSet<String>,
    /// The ARNs of what is told when it goes back to `OK`.
    pub ok_actions: BTreeSet<String>,
    /// When it goes into `ALARM`.
    pub rule: AlarmRule,
}

/// When an alarm goes into `ALARM`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlarmRule {
    /// By metrics.
    Metric(MetricRule),
    /// By the states of other alarms.
    Composite {
        /// The expression.
        expression: String,
        /// The alarm that keeps this one from telling anybody while it is in `ALARM`.
        suppressor: Option<Suppressor>,
    },
    /// In a way that we never write.
    Other,
}

/// What keeps a composite alarm from telling anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressor {
    /// The name of the alarm.
    pub alarm: String,
    /// For how many seconds the suppressor is waited for before anybody is told.
    pub wait: i32,
    /// For how many seconds nobody is told after the suppressor has gone back.
    pub extension: i32,
}

/// What is watched, and how it is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricRule {
    /// What is watched: one statistic, or expressions over some.
    pub queries: Vec<MetricQuery>,
    /// How many periods are judged.
    pub periods: i32,
    /// How many of them have to be beyond the limit.
    pub datapoints: i32,
    /// On which side of the limit.
    pub comparison: Comparison,
    /// The limit.
    pub limit: AlarmLimit,
    /// How a period without data is judged.
    pub missing: MissingData,
}

/// One of the queries of an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricQuery {
    /// Its name in other expressions.
    pub id: String,
    /// What it gives.
    pub source: QuerySource,
    /// The account that has the metric, if it is another than the alarm's.
    pub account: Option<AccountId>,
    /// Whether it is what the alarm judges.
    pub returns: bool,
}

/// What a query gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuerySource {
    /// A statistic of a metric over each period of so many seconds.
    Statistic {
        /// The metric.
        metric: Metric,
        /// The statistic, such as `Sum`.
        statistic: String,
        /// The period.
        period: i32,
    },
    /// Metric math over other queries, or Metrics Insights.
    Expression {
        /// The expression.
        text: String,
        /// The period in seconds, where nothing else says it.
        period: Option<i32>,
    },
}

/// The limit that an alarm judges by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlarmLimit {
    /// A number.
    Threshold(Threshold),
    /// The band that the query of this id gives.
    Band(String),
}

/// A number that a metric is compared with. Never NaN, so that it equals itself.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Threshold(f64);

impl Eq for Threshold {}

impl Threshold {
    /// One that no metric passes, and no alarm may have.
    pub const NEVER: Self = Self(f64::NEG_INFINITY);

    /// Reads a number as people write it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.trim().parse().ok().filter(|number: &f64| number.is_finite()).map(Self)
    }

    /// The number.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.0
    }
}

impl From<i32> for Threshold {
    fn from(number: i32) -> Self {
        Self(number.into())
    }
}

impl TryFrom<f64> for Threshold {
    type Error = f64;

    fn try_from(number: f64) -> Result<Self, f64> {
        if number.is_nan() { Err(number) } else { Ok(Self(number)) }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Ties the words of AWS to values.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Reads the word of AWS; `None` for one that we don't use.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }

            /// The word of AWS.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

words! {
    /// On which side of its limit a metric is beyond it.
    ///
    /// Source: CloudWatch API reference, `ComparisonOperator` of `PutMetricAlarm`.
    Comparison {
        /// Above a threshold.
        Above = "GreaterThanThreshold",
        /// At a threshold or above.
        AtLeast = "GreaterThanOrEqualToThreshold",
        /// Below a threshold.
        Below = "LessThanThreshold",
        /// At a threshold or below.
        AtMost = "LessThanOrEqualToThreshold",
        /// Outside of a band.
        OutsideBand = "LessThanLowerOrGreaterThanUpperThreshold",
    }
}

words! {
    /// How a period without data is judged.
    ///
    /// Source: CloudWatch API reference, `TreatMissingData` of `PutMetricAlarm`.
    MissingData {
        /// As within the limit.
        NotBreaching = "notBreaching",
        /// As beyond the limit.
        Breaching = "breaching",
        /// The state stays.
        Ignore = "ignore",
        /// The state becomes `INSUFFICIENT_DATA`.
        Missing = "missing",
    }
}

/// An alarm that stands in CloudWatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingAlarm {
    /// What it is like.
    pub alarm: Alarm,
    /// Its ARN.
    pub arn: String,
    /// Whether it tells anybody. People switch that off while they work on something.
    pub acts: bool,
    /// Whether CloudWatch says that its query covers more than can be judged (`EvaluationState` `PARTIAL_DATA`).
    pub is_partial: bool,
    /// Whether CloudWatch says that it can't be judged at all (`EvaluationState` `EVALUATION_ERROR`).
    pub is_broken: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threshold_is_read_as_people_write_it() {
        assert_eq!(Threshold::parse(" 12.50 ").map(|number| number.to_string()), Some("12.5".to_owned()));
        for wrong in ["", "NaN", "inf", "-inf", "ten", "1,5"] {
            assert_eq!(Threshold::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for word in [Comparison::Above, Comparison::AtLeast, Comparison::Below, Comparison::AtMost] {
            assert_eq!(Comparison::parse(word.as_str()), Some(word));
        }
        assert_eq!(MissingData::parse("notBreaching"), Some(MissingData::NotBreaching));
        assert_eq!(MissingData::parse("NotBreaching"), None);
    }
}
