//! Values of tags: text with fields in braces, each of which stands for a fact.

use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::model::ResourceKind;

/// What the value of a tag is made of, such as `{account.name} ({account.id})`. There is no code in it: a field is in the list
/// or it is none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template(Vec<Part>);

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text, as it is.
    Text(String),
    /// A fact.
    Field(Field),
}

/// A fact that a template can name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Of the account that owns the resource.
    Account(AccountField),
    /// Of the account that owns the endpoint of a connection.
    Consumer(AccountField),
    /// Of who made the resource. A network interface was made by whoever made its endpoint.
    Creator(CreatorField),
    /// The id of the endpoint.
    EndpointId,
    /// The name of the service that the endpoint leads to.
    EndpointServiceName,
    /// The VPC that the endpoint is in.
    EndpointVpc,
    /// A tag of the endpoint.
    EndpointTag(String),
    /// The id of the endpoint service; of all, where several share a load balancer.
    ServiceId,
    /// The name of the endpoint service; of all, where several share a load balancer.
    ServiceName,
    /// A tag of the endpoint service.
    ServiceTag(String),
    /// The policies that a connection was decided by, as `accept-connections` recorded them.
    DecisionPolicy,
    /// The reason of that decision.
    DecisionReason,
    /// The Region of the resource.
    Region,
    /// The name of this deployment.
    Deployment,
}

/// A fact about an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountField {
    /// Its id.
    Id,
    /// Its name.
    Name,
    /// The names of the organizational units that it is in, from the top down, such as `Workloads/Production`; `Root` in none.
    OuPath,
    /// The id of the unit that it is in, or of the root.
    OuId,
    /// A tag that it has in AWS Organizations.
    Tag(String),
}

/// A fact about who made something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CreatorField {
    /// The name of the user, of the role, of the service; `root` for the root user.
    Name,
    /// The type of identity, such as `AssumedRole`.
    Kind,
    /// The name of the session.
    Session,
    /// The account of the identity.
    Account,
    /// The service that made the call on its behalf.
    InvokedBy,
    /// When it was made, RFC 3339 in UTC.
    Time,
}

/// Those that know who made them.
const MADE: &[ResourceKind] = &[
    ResourceKind::Endpoint,
    ResourceKind::NetworkInterface,
    ResourceKind::EndpointService,
    ResourceKind::LoadBalancer,
    ResourceKind::Listener,
    ResourceKind::TargetGroup,
    ResourceKind::HostedZone,
];
/// Those that belong to an endpoint.
const OF_ENDPOINTS: &[ResourceKind] = &[ResourceKind::Endpoint, ResourceKind::NetworkInterface];
/// Those that belong to an endpoint service.
const OF_SERVICES: &[ResourceKind] = &[
    ResourceKind::EndpointService,
    ResourceKind::Connection,
    ResourceKind::LoadBalancer,
    ResourceKind::Listener,
    ResourceKind::TargetGroup,
];

impl Field {
    /// Whether resources of this kind have it.
    #[must_use]
    pub fn is_known_of(&self, kind: ResourceKind) -> bool {
        match self {
            Self::Account(_) | Self::Region | Self::Deployment => true,
            Self::Consumer(_) | Self::DecisionPolicy | Self::DecisionReason => kind == ResourceKind::Connection,
            Self::Creator(_) => MADE.contains(&kind),
            Self::EndpointId => OF_ENDPOINTS.contains(&kind) || kind == ResourceKind::Connection,
            Self::EndpointServiceName | Self::EndpointVpc | Self::EndpointTag(_) => OF_ENDPOINTS.contains(&kind),
            Self::ServiceId | Self::ServiceName | Self::ServiceTag(_) => OF_SERVICES.contains(&kind),
        }
    }

    /// What it says of an account, of whichever.
    #[must_use]
    pub fn of_account(&self) -> Option<&AccountField> {
        match self {
            Self::Account(field) | Self::Consumer(field) => Some(field),
            _ => None,
        }
    }

    fn parse(name: &str) -> Option<Self> {
        let plain = PLAIN.iter().find(|(spelled, _)| *spelled == name).map(|(_, field)| field.clone());
        plain.or_else(|| {
            let (of, key) = name.split_once(".tag.")?;
            if key.is_empty() {
                return None;
            }
            match of {
                "account" => Some(Self::Account(AccountField::Tag(key.to_owned()))),
                "consumer" => Some(Self::Consumer(AccountField::Tag(key.to_owned()))),
                "endpoint" => Some(Self::EndpointTag(key.to_owned())),
                "service" => Some(Self::ServiceTag(key.to_owned())),
                _ => None,
            }
        })
    }
}

/// Every field but the tags, which bring their key along.
const PLAIN: [(&str, Field); 23] = [
    ("account.id", Field::Account(AccountField::Id)),
    ("account.name", Field::Account(AccountField::Name)),
    ("account.ou-path", Field::Account(AccountField::OuPath)),
    ("account.ou-id", Field::Account(AccountField::OuId)),
    ("consumer.id", Field::Consumer(AccountField::Id)),
    ("consumer.name", Field::Consumer(AccountField::Name)),
    ("consumer.ou-path", Field::Consumer(AccountField::OuPath)),
    ("consumer.ou-id", Field::Consumer(AccountField::OuId)),
    ("creator.name", Field::Creator(CreatorField::Name)),
    ("creator.kind", Field::Creator(CreatorField::Kind)),
    ("creator.session", Field::Creator(CreatorField::Session)),
    ("creator.account", Field::Creator(CreatorField::Account)),
    ("creator.invoked-by", Field::Creator(CreatorField::InvokedBy)),
    ("creator.time", Field::Creator(CreatorField::Time)),
    ("endpoint.id", Field::EndpointId),
    ("endpoint.service-name", Field::EndpointServiceName),
    ("endpoint.vpc-id", Field::EndpointVpc),
    ("service.id", Field::ServiceId),
    ("service.name", Field::ServiceName),
    ("decision.policy", Field::DecisionPolicy),
    ("decision.reason", Field::DecisionReason),
    ("region", Field::Region),
    ("deployment", Field::Deployment),
];

const TEMPLATE: &str = "text with fields in braces, such as \"{account.name}\": docs/tags.md lists the fields";

impl Template {
    /// Its parts, in order.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The fields in it.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.0.iter().filter_map(|part| if let Part::Field(field) = part { Some(field) } else { None })
    }

    /// Whether a value can be made of it for resources of this kind.
    #[must_use]
    pub fn is_known_of(&self, kind: ResourceKind) -> bool {
        self.fields().all(|field| field.is_known_of(kind))
    }

    /// Whether it says who made something: that is written once.
    #[must_use]
    pub fn speaks_of_creator(&self) -> bool {
        self.fields().any(|field| matches!(field, Field::Creator(_)))
    }

    /// The text, if there is no field in it.
    #[must_use]
    pub fn constant(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }
}

impl FromStr for Template {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse(text).ok_or_else(|| format!("{text:?} is not {TEMPLATE}"))
    }
}

fn parse(text: &str) -> Option<Template> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (before, after) = rest.split_at(rest.find(['{', '}']).unwrap_or(rest.len()));
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        rest = after;
        if !rest.is_empty() {
            let (name, after) = rest.strip_prefix('{')?.split_once('}')?;
            parts.push(Part::Field(Field::parse(name)?));
            rest = after;
        }
    }
    (!parts.is_empty()).then_some(Template(parts))
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// Whether a text is the name of a field, for which somebody may have forgotten the braces.
#[must_use]
pub fn is_name_of_field(text: &str) -> bool {
    Field::parse(text).is_some()
}

impl JsonSchema for Template {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Template".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let plain: Vec<String> = PLAIN.iter().map(|(name, _)| name.replace('.', r"\.")).collect();
        let tags = r"(account|consumer|endpoint|service)\.tag\.[^{}]+";
        let pattern = format!(r"^([^{{}}]|\{{({}|{tags})\}})+$", plain.join("|"));
        json_schema!({ "type": "string", "pattern": pattern, "title": TEMPLATE })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn template_is_text_and_fields() {
        let template: Template = "{account.name} ({account.id})".parse().unwrap();
        let field = |field| Part::Field(Field::Account(field));
        let expected = [
            field(AccountField::Name),
            Part::Text(" (".to_owned()),
            field(AccountField::Id),
            Part::Text(")".to_owned()),
        ];
        assert_eq!(template.parts(), expected);
        assert_eq!("network".parse::<Template>().unwrap().constant(), Some("network"));
        let tag: Template = "{account.tag.Cost centre.new}".parse().unwrap();
        assert_eq!(tag.parts(), [field(AccountField::Tag("Cost centre.new".to_owned()))]);
    }

    #[test]
    fn what_is_no_field_is_refused() {
        for text in
            ["", "{}", "{account}", "{account.tag.}", "{creator.tag.x}", "{a", "a}", "{{account.id}}", "{ account.id }"]
        {
            assert!(text.parse::<Template>().is_err(), "{text}");
        }
    }

    #[test]
    fn field_is_known_of_the_kinds_that_have_it() {
        let kinds = |text: &str| {
            let template: Template = text.parse().unwrap();
            ResourceKind::ALL.into_iter().filter(|kind| template.is_known_of(*kind)).collect::<Vec<_>>()
        };
        assert_eq!(kinds("{account.id} {region}"), ResourceKind::ALL);
        assert_eq!(kinds("{consumer.name}"), [ResourceKind::Connection]);
        assert_eq!(kinds("{endpoint.id} {service.id}"), [ResourceKind::Connection]);
        assert_eq!(kinds("{endpoint.vpc-id} {creator.name}"), OF_ENDPOINTS);
        assert_eq!(kinds("{endpoint.vpc-id} {service.id}"), []);
    }

    proptest! {
        #[test]
        fn schema_and_parser_agree(text in r"([a-z {}]|\{(account|consumer|creator|endpoint|service|decision)\.(id|name|ou-path|time|policy|tag\.[a-z .]{0,3})\}|\{(region|deployment)\}){0,4}") {
            let schema = serde_json::to_value(schemars::schema_for!(Template)).unwrap();
            prop_assert_eq!(jsonschema::is_valid(&schema, &text.as_str().into()), text.parse::<Template>().is_ok());
        }
    }
}
