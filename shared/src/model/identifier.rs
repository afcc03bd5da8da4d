//! Identifiers of AWS, each a type of its own, checked where it enters.
//!
//! The formats are those of the service models; hexadecimal ids of EC2 have 8 or 17 digits today and are accepted from 8 to 17.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A text that is not the identifier it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not {expected}")]
pub struct InvalidIdentifier {
    /// What was found, cut to a length that is safe to print.
    pub value: String,
    /// What was expected, with an example.
    pub expected: &'static str,
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $pattern:literal, $valid:expr) => {
        identifier!($(#[$doc])* $name, $expected, $pattern, $valid, dropping "");
    };
    ($(#[$doc:meta])* $name:ident, $expected:literal, $pattern:literal, $valid:expr, dropping $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The identifier as AWS writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidIdentifier;

            fn from_str(text: &str) -> Result<Self, InvalidIdentifier> {
                let valid: fn(&str) -> bool = $valid;
                let id = text.strip_prefix($prefix).unwrap_or(text);
                if valid(id) {
                    Ok(Self(id.into()))
                } else {
                    Err(InvalidIdentifier { value: text.chars().take(80).collect(), expected: $expected })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidIdentifier;

            fn try_from(text: String) -> Result<Self, InvalidIdentifier> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern, "title": $expected })
            }
        }
    };
}

identifier!(
    /// An AWS account.
    AccountId, "an account id such as \"123456789012\" (12 digits, in quotes)", "^[0-9]{12}$",
    |text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
);
identifier!(
    /// An AWS Region.
    Region, "a Region such as eu-west-1", "^[a-z]{2,8}(-[a-z]{1,16}){1,3}-[0-9]{1,2}$", is_region
);
identifier!(
    /// An endpoint service, the provider's side of PrivateLink.
    ServiceId, "an endpoint service id such as vpce-svc-0a1b2c3d4e5f60718", "^vpce-svc-[0-9a-f]{8,17}$",
    |text| is_hexadecimal_after(text, "vpce-svc-")
);
identifier!(
    /// A VPC endpoint, the consumer's side of PrivateLink.
    EndpointId, "an endpoint id such as vpce-0f1e2d3c4b5a69788", "^vpce-[0-9a-f]{8,17}$",
    |text| is_hexadecimal_after(text, "vpce-")
);
identifier!(
    /// A network interface.
    InterfaceId, "a network interface id such as eni-0a1b2c3d4e5f60718", "^eni-[0-9a-f]{8,17}$",
    |text| is_hexadecimal_after(text, "eni-")
);
identifier!(
    /// A connection of an endpoint to a service: the provider's object, which carries the provider's tags.
    ConnectionId, "a connection id such as vpce-svc-con-0a1b2c3d4e5f60718", "^vpce-[0-9a-z-]{1,59}$",
    |text| text.strip_prefix("vpce-").is_some_and(|rest| {
        (1..=59).contains(&rest.len())
            && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    })
);
identifier!(
    /// A VPC.
    VpcId, "a VPC id such as vpc-0a1b2c3d4e5f60718", "^vpc-[0-9a-f]{8,17}$", |text| is_hexadecimal_after(text, "vpc-")
);
identifier!(
    /// A hosted zone of Route 53. Its API answers with `/hostedzone/` before the id and takes either, and so do we.
    ZoneId, "a hosted zone id such as Z0123456789ABCDEFGHIJ", "^(/hostedzone/)?Z[A-Z0-9]{1,31}$",
    |text| text.strip_prefix('Z').is_some_and(|rest| is_uppercase_alphanumeric(rest, 1, 31)),
    dropping "/hostedzone/"
);
identifier!(
    /// A Route 53 Profile.
    ProfileId, "a Route 53 Profile such as rp-0a1b2c3d4e5f6789", "^rp-[0-9a-z]{1,61}$",
    |text| text.strip_prefix("rp-").is_some_and(|rest| is_lowercase_alphanumeric(rest, 1, 61))
);
identifier!(
    /// A change of records that is on its way to the name servers. Route 53 answers with `/change/` before the id.
    ChangeId, "a change id such as C2682N5HXP0BZ4", "^(/change/)?C[A-Z0-9]{1,31}$",
    |text| text.strip_prefix('C').is_some_and(|rest| is_uppercase_alphanumeric(rest, 1, 31)),
    dropping "/change/"
);
identifier!(
    /// An Organization of AWS Organizations.
    OrganizationId, "an Organization id such as o-a1b2c3d4e5", "^o-[a-z0-9]{10,32}$",
    |text| text.strip_prefix("o-").is_some_and(|rest| is_lowercase_alphanumeric(rest, 10, 32))
);
identifier!(
    /// The root or an organizational unit: what an account can be placed under.
    ParentId, "a root or organizational unit such as r-ab12 or ou-ab12-11111111", "^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$",
    |text| match (text.strip_prefix("r-"), text.strip_prefix("ou-").and_then(|rest| rest.split_once('-'))) {
        (Some(root), _) => is_lowercase_alphanumeric(root, 4, 32),
        (_, Some((root, unit))) => is_lowercase_alphanumeric(root, 4, 32) && is_lowercase_alphanumeric(unit, 8, 32),
        _ => false,
    }
);
identifier!(
    /// The name of this deployment, which marks what it owns.
    DeploymentId, "a deployment name: 1 to 64 of a-z, 0-9 and -", "^[a-z0-9-]{1,64}$",
    |text| (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
);

impl ParentId {
    /// Whether this is an organizational unit; else it is the root.
    #[must_use]
    pub fn is_organizational_unit(&self) -> bool {
        self.as_str().starts_with("ou-")
    }
}

/// Splits the name of an endpoint service, `com.amazonaws.vpce.<Region>.<id>`, into Region and id.
///
/// Names of AWS's own services (`com.amazonaws.eu-west-1.s3`) have no such id and give `None`.
#[must_use]
pub fn parse_service_name(name: &str) -> Option<(Region, ServiceId)> {
    let (region, id) = name.strip_prefix("com.amazonaws.vpce.")?.split_once('.')?;
    Some((region.parse().ok()?, id.parse().ok()?))
}

/// The partition of AWS that a Region is in, as ARNs begin.
#[must_use]
pub fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn is_hexadecimal_after(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|digits| {
        (8..=17).contains(&digits.len()) && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

fn is_lowercase_alphanumeric(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn is_uppercase_alphanumeric(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [area, directions @ .., number] = parts.as_slice() else { return false };
    let letters = |part: &str, least, most| {
        (least..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    letters(area, 2, 8)
        && (1..=3).contains(&directions.len())
        && directions.iter().all(|part| letters(part, 1, 16))
        && (1..=2).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn schema_accepts<T: JsonSchema>(text: &str) -> bool {
        jsonschema::is_valid(&serde_json::to_value(schemars::schema_for!(T)).unwrap(), &text.into())
    }

    #[test]
    fn identifiers_of_aws_are_read() {
        assert_eq!("123456789012".parse::<AccountId>().unwrap().as_str(), "123456789012");
        assert!("vpce-svc-0a1b2c3d4e5f60718".parse::<ServiceId>().is_ok());
        assert!("vpce-0f1e2d3c".parse::<EndpointId>().is_ok());
        assert!("us-gov-west-1".parse::<Region>().is_ok());
        assert!("ou-ab12-11111111".parse::<ParentId>().unwrap().is_organizational_unit());
        assert!(!"r-ab12".parse::<ParentId>().unwrap().is_organizational_unit());
    }

    #[test]
    fn endpoint_id_is_not_read_from_other_kinds_of_id() {
        for text in ["vpce-svc-0a1b2c3d4e5f60718", "vpce-nfn-04bcb952bc8af759b", "vpce-", "vpc-0f1e2d3c", ""] {
            assert!(text.parse::<EndpointId>().is_err(), "{text}");
        }
    }

    #[test]
    fn zone_id_is_read_with_and_without_its_path() {
        let id: ZoneId = "Z0123456789ABCDEFGHIJ".parse().unwrap();
        assert_eq!("/hostedzone/Z0123456789ABCDEFGHIJ".parse::<ZoneId>().unwrap(), id);
        assert_eq!(id.as_str(), "Z0123456789ABCDEFGHIJ");
        for text in ["", "Z", "z0123", "hostedzone/Z0123", "/hostedzone//hostedzone/Z0123", "/change/C0123"] {
            assert!(text.parse::<ZoneId>().is_err(), "{text}");
        }
    }

    #[test]
    fn invalid_identifier_says_what_was_expected() {
        let error = "42".parse::<AccountId>().unwrap_err();
        assert_eq!(error.to_string(), r#""42" is not an account id such as "123456789012" (12 digits, in quotes)"#);
    }

    #[test]
    fn service_name_gives_region_and_id() {
        let (region, id) = parse_service_name("com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718").unwrap();
        assert_eq!((region.as_str(), id.as_str()), ("eu-west-1", "vpce-svc-0a1b2c3d4e5f60718"));
        assert_eq!(parse_service_name("com.amazonaws.eu-west-1.s3"), None);
    }

    proptest! {
        #[test]
        fn schema_and_parser_agree(text in "(vpce-|vpce-svc-|vpc-|eni-|ou-|r-|o-|)[0-9a-g-]{0,40}|(/hostedzone/|/change/|)[CYZ]?[0-9A-Za]{0,33}|[a-z]{1,3}-[a-z]{3,5}-[0-9]{1,3}|[0-9]{10,14}") {
            prop_assert_eq!(schema_accepts::<AccountId>(&text), text.parse::<AccountId>().is_ok());
            prop_assert_eq!(schema_accepts::<Region>(&text), text.parse::<Region>().is_ok());
            prop_assert_eq!(schema_accepts::<ServiceId>(&text), text.parse::<ServiceId>().is_ok());
            prop_assert_eq!(schema_accepts::<EndpointId>(&text), text.parse::<EndpointId>().is_ok());
            prop_assert_eq!(schema_accepts::<InterfaceId>(&text), text.parse::<InterfaceId>().is_ok());
            prop_assert_eq!(schema_accepts::<ConnectionId>(&text), text.parse::<ConnectionId>().is_ok());
            prop_assert_eq!(schema_accepts::<VpcId>(&text), text.parse::<VpcId>().is_ok());
            prop_assert_eq!(schema_accepts::<ZoneId>(&text), text.parse::<ZoneId>().is_ok());
            prop_assert_eq!(schema_accepts::<ChangeId>(&text), text.parse::<ChangeId>().is_ok());
            prop_assert_eq!(schema_accepts::<OrganizationId>(&text), text.parse::<OrganizationId>().is_ok());
            prop_assert_eq!(schema_accepts::<ParentId>(&text), text.parse::<ParentId>().is_ok());
            prop_assert_eq!(schema_accepts::<DeploymentId>(&text), text.parse::<DeploymentId>().is_ok());
        }
    }
}
