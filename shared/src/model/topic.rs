//! SNS topics.

use std::{fmt, str::FromStr};

use super::{AccountId, InvalidIdentifier, Region, partition};

/// A topic, by its ARN.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TopicArn {
    /// The account that owns it.
    pub account: AccountId,
    /// Its Region.
    pub region: Region,
    /// Its name.
    pub name: String,
}

const EXPECTED: &str = "the ARN of an SNS topic such as arn:aws:sns:eu-west-1:123456789012:drawbridge-connections";

/// Longest name of a topic.
///
/// Source: SNS API reference, `CreateTopic`.
const LONGEST_NAME: usize = 256;

impl fmt::Display for TopicArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, region, name } = self;
        write!(formatter, "arn:{}:sns:{region}:{account}:{name}", partition(region.as_str()))
    }
}

impl FromStr for TopicArn {
    type Err = InvalidIdentifier;

    fn from_str(arn: &str) -> Result<Self, InvalidIdentifier> {
        let read = || {
            let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':');
            let (_, _, region) = (parts.next()?, parts.next()?, parts.next()?);
            let (account, name) = (parts.next()?.parse().ok()?, parts.next()?);
            let is_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
            let fits = !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(is_name);
            fits.then_some(Self { account, region: region.parse().ok()?, name: name.to_owned() })
        };
        // Its own partition and service, and no other.
        let topic = read().filter(|topic: &Self| topic.to_string() == arn);
        topic.ok_or_else(|| InvalidIdentifier { value: arn.chars().take(80).collect(), expected: EXPECTED })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arn_is_read_as_it_is_written_and_no_other() {
        for arn in
            ["arn:aws:sns:eu-west-1:222222222222:drawbridge-connections", "arn:aws-cn:sns:cn-north-1:222222222222:a"]
        {
            assert_eq!(arn.parse::<TopicArn>().unwrap().to_string(), arn);
        }
        for other in [
            "",
            "drawbridge-connections",
            "arn:aws:sqs:eu-west-1:222222222222:queue",
            "arn:aws-cn:sns:eu-west-1:222222222222:topic",
            "arn:aws:sns:eu-west-1:222222222222:",
            "arn:aws:sns:eu-west-1:222222222222:topic:0a1b2c3d",
            "arn:aws:sns:eu-west-1:2:topic",
        ] {
            other.parse::<TopicArn>().unwrap_err();
        }
    }
}
