//! Lengths of time, as a person writes them.

use std::{str::FromStr, time::Duration};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// A length of time such as `90s`, `15m`, `12h` or `7d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Period(Duration);

impl Period {
    /// As a duration.
    #[must_use]
    pub fn as_duration(self) -> Duration {
        self.0
    }
}

const PERIOD: &str = "a length of time such as 90s, 15m, 12h or 7d (at most 4 digits)";

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let unit = text.chars().last()?;
            let seconds = match unit {
                's' => 1,
                'm' => 60,
                'h' => 60 * 60,
                'd' => 24 * 60 * 60,
                _ => return None,
            };
            let digits = text.strip_suffix(unit).filter(|digits| (1..=4).contains(&digits.len()))?;
            digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
            Some(Self(Duration::from_secs(digits.parse::<u64>().ok()? * seconds)))
        };
        parse().ok_or_else(|| format!("{text:?} is not {PERIOD}"))
    }
}

impl TryFrom<String> for Period {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl JsonSchema for Period {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Period".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{1,4}[smhd]$", "title": PERIOD })
    }
}

impl From<Duration> for Period {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn period_counts_its_unit() {
        for (text, seconds) in [("1s", 1), ("15m", 900), ("2h", 7_200), ("12h", 43_200), ("7d", 604_800)] {
            assert_eq!(text.parse::<Period>().unwrap().as_duration(), Duration::from_secs(seconds), "{text}");
        }
    }

    #[test]
    fn period_is_digits_and_a_unit() {
        assert_eq!("90s".parse::<Period>().unwrap().as_duration(), Duration::from_secs(90));
        assert_eq!("2d".parse::<Period>().unwrap().as_duration(), Duration::from_hours(48));
        for text in ["", "m", "5", "5 m", "-5m", "12345s", "5M", "ä"] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }
}
