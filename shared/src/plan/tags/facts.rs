//! What is known of a resource, as the fields of templates ask for it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{HISTORY, Key, Observed, value::Value};
use crate::{
    model::{Account, AccountId, Connection, Creation, Endpoint, EndpointService, Membership, Resource, Tags, tag},
    policy::{AccountField, CreatorField, Field, Part, Template},
};

/// A resource, and what it belongs to.
#[derive(Debug)]
pub struct View<'a> {
    /// The resource.
    pub resource: Resource,
    /// Its tags.
    pub tags: &'a Tags,
    /// The endpoint that it is, or is a part of.
    pub endpoint: Option<&'a Endpoint>,
    /// The endpoint services that it is, is behind, or leads to.
    pub services: Vec<&'a EndpointService>,
    /// The connection that it is.
    pub connection: Option<&'a Connection>,
    /// Who made it, if that is known.
    pub creation: Option<&'a Creation>,
}

impl<'a> View<'a> {
    pub fn new(resource: Resource, tags: &'a Tags) -> Self {
        Self { resource, tags, endpoint: None, services: Vec::new(), connection: None, creation: None }
    }

    /// When it was made, if AWS tells.
    pub fn made(&self) -> Option<Timestamp> {
        self.endpoint.and_then(|endpoint| endpoint.created)
    }
}

/// What there is to make values of.
#[derive(Debug)]
pub struct Facts<'a> {
    pub key: &'a Key,
    pub observed: &'a Observed,
    /// The name of this deployment.
    pub deployment: &'a str,
    pub now: Timestamp,
}

impl Facts<'_> {
    /// What the template gives for a resource.
    pub fn value(&self, template: &Template, view: &View<'_>) -> Value {
        let mut text = String::new();
        // What can't be told may turn out to be missing, and the other way round: the first part that isn't text decides,
        // but for the unknown, which leaves all open.
        let mut missing = None;
        for part in template.parts() {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Field(field) => match self.field(field, view) {
                    Value::Text(part) => text.push_str(&part),
                    Value::Unknown => return Value::Unknown,
                    other => missing = missing.or(Some(other)),
                },
            }
        }
        missing.unwrap_or(Value::Text(text))
    }

    fn field(&self, field: &Field, view: &View<'_>) -> Value {
        let endpoint = |fact: fn(&Endpoint) -> String| known(view.endpoint.map(fact));
        let endpoint_id = || Some(view.connection?.endpoint.to_string());
        match field {
            Field::Account(field) => self.account(&self.key.account, field),
            Field::Consumer(field) => {
                view.connection.map_or(Value::Absent, |connection| self.account(&connection.owner, field))
            }
            Field::Creator(field) => self.creator(*field, view),
            Field::EndpointId => {
                known(view.endpoint.map(|endpoint| endpoint.key.endpoint.to_string()).or_else(endpoint_id))
            }
            Field::EndpointServiceName => endpoint(|endpoint| endpoint.service_name.clone()),
            Field::EndpointVpc => endpoint(|endpoint| endpoint.vpc.to_string()),
            Field::EndpointTag(key) => known(view.endpoint.and_then(|endpoint| endpoint.tags.get(key).cloned())),
            Field::ServiceId => all(view.services.iter().map(|service| service.key.service.as_str())),
            Field::ServiceName => all(view.services.iter().map(|service| service.name.as_str())),
            Field::ServiceTag(key) => one(view.services.iter().map(|service| service.tags.get(key))),
            Field::DecisionPolicy => known(view.connection.and_then(|found| found.tags.get(tag::POLICY).cloned())),
            Field::DecisionReason => known(view.connection.and_then(|found| found.tags.get(tag::REASON).cloned())),
            Field::Region => Value::Text(self.key.region.to_string()),
            Field::Deployment => Value::Text(self.deployment.to_owned()),
        }
    }

    fn account(&self, id: &AccountId, field: &AccountField) -> Value {
        if *field == AccountField::Id {
            return Value::Text(id.to_string());
        }
        let account = match self.observed.accounts.get(id).map(|known| &known.membership) {
            Some(Membership::Member(account)) => account,
            Some(Membership::Outside) => return Value::Absent,
            Some(Membership::Unknown { .. }) | None => return Value::Unknown,
        };
        match field {
            AccountField::Id => Value::Text(id.to_string()),
            AccountField::Name => known(account.name.clone()),
            AccountField::OuId => known(account.path.parents.last().map(ToString::to_string)),
            AccountField::OuPath => self.unit_path(account),
            AccountField::Tag(key) => known(account.tags.get(key).cloned()),
        }
    }

    fn unit_path(&self, account: &Account) -> Value {
        let units = account.path.parents.iter().filter(|parent| parent.is_organizational_unit());
        let names: Option<Vec<&str>> = units.map(|unit| self.observed.units.get(unit).map(String::as_str)).collect();
        match names.as_deref() {
            Some([]) => Value::Text("Root".to_owned()),
            Some(names) => Value::Text(names.join("/")),
            None => Value::Unknown,
        }
    }

    /// Who made it. Beyond what the history holds nobody knows any more.
    fn creator(&self, field: CreatorField, view: &View<'_>) -> Value {
        let Some(Creation { creator, at, .. }) = view.creation else {
            let forgotten = view.made().is_some_and(|made| self.now.duration_since(made) > HISTORY);
            return if forgotten { Value::Absent } else { Value::Unknown };
        };
        known(match field {
            CreatorField::Name => Some(creator.name.clone()),
            CreatorField::Kind => Some(creator.kind.clone()),
            CreatorField::Session => creator.session.clone(),
            CreatorField::Account => creator.account.as_ref().map(ToString::to_string),
            CreatorField::InvokedBy => creator.invoked_by.clone(),
            CreatorField::Time => Some(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        })
    }
}

fn known(text: Option<String>) -> Value {
    text.filter(|text| !text.trim().is_empty()).map_or(Value::Absent, Value::Text)
}

/// All of several, in order.
fn all<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    let texts: BTreeSet<&str> = texts.collect();
    known(Some(texts.into_iter().collect::<Vec<_>>().join(" ")))
}

/// What all of several have in common.
fn one<'a>(texts: impl Iterator<Item = Option<&'a String>>) -> Value {
    let texts: BTreeSet<Option<&String>> = texts.collect();
    match texts.iter().collect::<Vec<_>>().as_slice() {
        [] => Value::Absent,
        [text] => known(text.cloned()),
        _ => Value::Several,
    }
}
