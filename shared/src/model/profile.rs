//! Route 53 Profiles: DNS settings that one account makes and many VPCs have.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::{AccountId, DomainName, EndpointId, InvalidIdentifier, ProfileId, Region, VpcReference, ZoneId, partition};

/// Where a Profile lives. In the configuration it is an ARN.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct ProfileKey {
    /// The account that owns it.
    pub account: AccountId,
    /// Its Region.
    pub region: Region,
    /// The Profile.
    pub profile: ProfileId,
}

const EXPECTED: &str = "the ARN of a Route 53 Profile such as \
                        arn:aws:route53profiles:eu-west-1:123456789012:profile/rp-0a1b2c3d4e5f6789";

impl ProfileKey {
    /// Its ARN.
    ///
    /// Source: service authorization reference of Route 53 Profiles, resource type `profile`.
    #[must_use]
    pub fn arn(&self) -> String {
        let Self { account, region, profile } = self;
        format!("arn:{}:route53profiles:{region}:{account}:profile/{profile}", partition(region.as_str()))
    }
}

impl FromStr for ProfileKey {
    type Err = InvalidIdentifier;

    fn from_str(arn: &str) -> Result<Self, InvalidIdentifier> {
        let read = || {
            let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':');
            let (_, service, region) = (parts.next()?, parts.next()?, parts.next()?);
            let (account, resource) = (parts.next()?, parts.next()?);
            let profile = resource.strip_prefix("profile/").filter(|_| service == "route53profiles")?;
            let (account, region) = (account.parse().ok()?, region.parse().ok()?);
            Some(Self { account, region, profile: profile.parse().ok()? })
        };
        // Its own partition and no other.
        let key = read().filter(|key: &Self| key.arn() == arn);
        key.ok_or_else(|| InvalidIdentifier { value: arn.chars().take(80).collect(), expected: EXPECTED })
    }
}

impl TryFrom<String> for ProfileKey {
    type Error = InvalidIdentifier;

    fn try_from(text: String) -> Result<Self, InvalidIdentifier> {
        text.parse()
    }
}

impl fmt::Display for ProfileKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}", self.account, self.region, self.profile)
    }
}

impl JsonSchema for ProfileKey {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ProfileKey".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = "^arn:aws(-[a-z]+)*:route53profiles:[a-z0-9-]+:[0-9]{12}:profile/rp-[0-9a-z]{1,61}$";
        json_schema!({ "type": "string", "pattern": pattern, "title": EXPECTED })
    }
}

/// How far an association of a Profile has come. Associations are made and ended asynchronously.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It works: `COMPLETE`, `UPDATING`.
    Stands,
    /// It is being made.
    Comes,
    /// It is being ended.
    Goes,
    /// It could not be made or ended.
    Failed,
}

impl Stage {
    /// Reads a status. One that isn't known is taken for one that something still happens in.
    ///
    /// Source: Route 53 Profiles API reference, `ProfileStatus`.
    #[must_use]
    pub fn parse(status: &str) -> Self {
        match status {
            "COMPLETE" | "UPDATING" => Self::Stands,
            "DELETING" | "DELETED" => Self::Goes,
            "FAILED" => Self::Failed,
            _ => Self::Comes,
        }
    }
}

/// Something in a Profile (`ListProfileResourceAssociations`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProfileContent {
    /// The ARN of what it is: a private zone, an endpoint, a forwarding rule.
    pub resource: String,
    /// What its maker called the association.
    pub name: String,
    /// How far it has come.
    pub stage: Stage,
}

impl ProfileContent {
    /// The private zone that it is, if it is one.
    ///
    /// By the ARN: what the API calls its type isn't documented for zones and endpoints.
    #[must_use]
    pub fn zone(&self) -> Option<ZoneId> {
        self.id("route53", "hostedzone/")?.parse().ok()
    }

    /// The endpoint that it is, if it is one.
    #[must_use]
    pub fn endpoint(&self) -> Option<EndpointId> {
        self.id("ec2", "vpc-endpoint/")?.parse().ok()
    }

    fn id(&self, service: &str, kind: &str) -> Option<&str> {
        let mut parts = self.resource.splitn(6, ':').skip(2);
        let is_it = parts.next() == Some(service);
        parts.nth(2)?.strip_prefix(kind).filter(|_| is_it)
    }
}

/// A VPC that has a Profile (`ListProfileAssociations`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProfileAttachment {
    /// The VPC's account.
    pub account: AccountId,
    /// The Profile.
    pub profile: ProfileId,
    /// The VPC.
    pub vpc: VpcReference,
    /// What its maker called the association.
    pub name: String,
    /// How far it has come.
    pub stage: Stage,
}

/// A rule by which the resolver of a VPC asks elsewhere (`ListResolverRules`, of type `FORWARD`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ForwardingRule {
    /// Its id.
    pub id: String,
    /// What it is asked for elsewhere: this name and what is below it.
    pub domain: DomainName,
    /// The VPC.
    pub vpc: VpcReference,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arn_is_read_as_it_is_written() {
        for arn in [
            "arn:aws:route53profiles:eu-west-1:222222222222:profile/rp-4987774726example",
            "arn:aws-us-gov:route53profiles:us-gov-west-1:222222222222:profile/rp-1",
        ] {
            assert_eq!(arn.parse::<ProfileKey>().unwrap().arn(), arn);
        }
        for wrong in [
            "rp-4987774726example",
            "arn:aws:route53:eu-west-1:222222222222:profile/rp-1",
            "arn:aws:route53profiles:eu-west-1:222222222222:profile-association/rpassoc-1",
            "arn:aws:route53profiles:us-gov-west-1:222222222222:profile/rp-1",
            "arn:aws:route53profiles:eu-west-1:2222:profile/rp-1",
        ] {
            assert!(wrong.parse::<ProfileKey>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn content_is_told_by_its_arn() {
        let content = |resource: &str| ProfileContent {
            resource: resource.to_owned(),
            name: String::new(),
            stage: Stage::Stands,
        };
        let zone = content("arn:aws:route53:::hostedzone/Z0123");
        assert_eq!((zone.zone().unwrap().as_str(), zone.endpoint()), ("Z0123", None));
        let endpoint = content("arn:aws:ec2:eu-west-1:222222222222:vpc-endpoint/vpce-0f1e2d3c4b5a69788");
        assert_eq!((endpoint.zone(), endpoint.endpoint().unwrap().as_str()), (None, "vpce-0f1e2d3c4b5a69788"));
        let rule = content("arn:aws:route53resolver:eu-west-1:222222222222:resolver-rule/rslvr-rr-1");
        assert_eq!((rule.zone(), rule.endpoint()), (None, None));
    }

    #[test]
    fn status_that_is_not_known_is_one_that_something_happens_in() {
        assert_eq!(Stage::parse("COMPLETE"), Stage::Stands);
        assert_eq!(Stage::parse("DELETING"), Stage::Goes);
        assert_eq!(Stage::parse("FAILED"), Stage::Failed);
        assert_eq!(Stage::parse("CREATING"), Stage::Comes);
        assert_eq!(Stage::parse("whatever"), Stage::Comes);
    }
}
