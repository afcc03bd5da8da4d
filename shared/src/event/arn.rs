//! Amazon Resource Names, as far as they tell where something lives.

use super::{Unparsable, field::Field};
use crate::model::{AccountId, Region};

/// Where the resource of an ARN lives, and what it is.
#[derive(Debug)]
pub(super) struct Arn<'message> {
    pub region: Region,
    pub account: AccountId,
    /// The rest: `vpc-endpoint-service/vpce-svc-…`, or a topic's name.
    pub resource: &'message str,
}

/// Reads `arn:<partition>:<service>:<Region>:<account>:<resource>`.
///
/// Source: IAM user guide, "Identify AWS resources with ARNs". The partition may be any: Regions tell it as well.
pub(super) fn read<'message>(
    field: &Field<'message>,
    service: &str,
    expected: &'static str,
) -> Result<Arn<'message>, Unparsable> {
    split(field.text(expected)?, service).ok_or_else(|| field.unexpected(expected))
}

fn split<'text>(text: &'text str, service: &str) -> Option<Arn<'text>> {
    let mut parts = text.splitn(6, ':');
    let (scheme, partition, of) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, resource) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
    (scheme == "arn" && partition.starts_with("aws") && of == service && !resource.is_empty()).then_some(Arn {
        region,
        account,
        resource,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arn_tells_where_its_resource_lives() {
        let arn = split("arn:aws-us-gov:sns:us-gov-west-1:333333333333:connections", "sns").unwrap();
        let told = (arn.region.as_str(), arn.account.as_str(), arn.resource);
        assert_eq!(told, ("us-gov-west-1", "333333333333", "connections"));
    }

    #[test]
    fn arn_without_a_place_or_of_another_service_is_refused() {
        for text in [
            "",
            "arn",
            "arn:aws:sns:eu-west-1:333333333333",
            "arn:aws:sns:eu-west-1:333333333333:",
            "arn:aws:sns::333333333333:connections",
            "arn:aws:sns:eu-west-1::connections",
            "arn:aws:sqs:eu-west-1:333333333333:connections",
            "urn:aws:sns:eu-west-1:333333333333:connections",
        ] {
            assert!(split(text, "sns").is_none(), "{text}");
        }
    }
}
