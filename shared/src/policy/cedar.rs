//! Our words in Cedar's: the request, its entities, and the places of Cedar's diagnostics.

use cedar_policy::{Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression};
use jiff::Timestamp;
use miette::Diagnostic;

use super::{ACCEPTANCE_DOCUMENT, Fault, Faults, Mentions, acceptance::Question, fault::place};
use crate::model::{Account, OrganizationPath, Tags};

type Attributes = Vec<(String, RestrictedExpression)>;

/// The request and the entities that answer a question, in the terms of the shipped schema.
///
/// Times are given only when a policy reads them: each costs Cedar as much as all the rest of a question.
pub fn ask(question: &Question<'_>, mentions: &Mentions) -> Result<(Request, Entities), String> {
    let owner = question.owner.as_str();
    let principal = uid("Account", owner)?;
    let action = uid("Action", "Connect")?;
    let resource = uid("EndpointService", question.service.key.service.as_str())?;
    let mut entities = vec![service(question, resource.clone())?];
    let parent = match question.member {
        Some(member) => ancestors(&member.path, &mut entities)?,
        None => None,
    };
    let tags = question.member.map(|member| member.tags.clone()).unwrap_or_default();
    entities.push(entity(principal.clone(), account(owner, question.member, mentions), parent, &tags)?);
    let entities = Entities::from_entities(entities, None).map_err(|error| error.to_string())?;
    let context = Context::from_pairs(context(question, mentions)).map_err(|error| error.to_string())?;
    let request = Request::new(principal, action, resource, context, None).map_err(|error| error.to_string())?;
    Ok((request, entities))
}

/// Adds Organization, root and units, each under the one before, and gives the last, which holds the account.
fn ancestors(path: &OrganizationPath, entities: &mut Vec<Entity>) -> Result<Option<EntityUid>, String> {
    let mut above = uid("Organization", path.organization.as_str())?;
    entities.push(entity(above.clone(), Attributes::new(), None, &Tags::new())?);
    for parent in &path.parents {
        let kind = if parent.is_organizational_unit() { "OrganizationalUnit" } else { "Root" };
        let here = uid(kind, parent.as_str())?;
        entities.push(entity(here.clone(), Attributes::new(), Some(above), &Tags::new())?);
        above = here;
    }
    Ok(Some(above))
}

fn account(id: &str, member: Option<&Account>, mentions: &Mentions) -> Attributes {
    let mut attributes = vec![text("id", id)];
    if let Some(member) = member {
        attributes.push(text("state", member.state.as_str()));
        attributes.extend(member.name.as_deref().map(|name| text("name", name)));
        attributes.extend(member.email_domain.as_deref().map(|domain| text("emailDomain", domain)));
        let joined = member.joined.filter(|_| mentions.reads("joined"));
        attributes.extend(joined.map(|joined| time("joined", joined)));
    }
    attributes
}

fn service(question: &Question<'_>, resource: EntityUid) -> Result<Entity, String> {
    let service = question.service;
    let mut attributes = vec![
        text("id", service.key.service.as_str()),
        text("name", &service.name),
        text("region", service.key.region.as_str()),
        text("account", service.key.account.as_str()),
    ];
    attributes.extend(service.private_dns_name.as_deref().map(|name| text("privateDnsName", name)));
    entity(resource, attributes, None, &service.tags)
}

fn context(question: &Question<'_>, mentions: &Mentions) -> Attributes {
    let home = &question.service.key.region;
    let region = question.connection.and_then(|connection| connection.region.as_ref()).unwrap_or(home);
    let established = question.connection.is_some_and(|connection| connection.state.is_established());
    let connections = i64::try_from(question.connections).unwrap_or(i64::MAX);
    let mut context = vec![
        text("endpointRegion", region.as_str()),
        ("crossRegion".to_owned(), RestrictedExpression::new_bool(region != home)),
        ("established".to_owned(), RestrictedExpression::new_bool(established)),
        ("connections".to_owned(), RestrictedExpression::new_long(connections)),
    ];
    if let Some(connection) = question.connection {
        context.push(text("endpoint", connection.endpoint.as_str()));
        context.extend(connection.ip_address_type.as_deref().map(|kind| text("ipAddressType", kind)));
        let requested = connection.created.filter(|_| mentions.reads("requested"));
        context.extend(requested.map(|created| time("requested", created)));
        if let Some(created) = connection.created.filter(|_| mentions.reads("age")) {
            let age = question.now.duration_since(created).as_millis();
            context.push(("age".to_owned(), RestrictedExpression::new_duration(format!("{age}ms"))));
        }
    }
    if mentions.reads("now") {
        context.push(time("now", question.now));
    }
    context
}

fn entity(id: EntityUid, attributes: Attributes, parent: Option<EntityUid>, tags: &Tags) -> Result<Entity, String> {
    let tags = tags.iter().map(|(key, value)| text(key, value));
    Entity::new_with_tags(id, attributes, parent, tags).map_err(|error| error.to_string())
}

fn uid(kind: &str, id: &str) -> Result<EntityUid, String> {
    let kind: EntityTypeName = format!("Drawbridge::{kind}").parse().map_err(|error| format!("{error}"))?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

fn text(name: &str, value: &str) -> (String, RestrictedExpression) {
    (name.to_owned(), RestrictedExpression::new_string(value.to_owned()))
}

fn time(name: &str, value: Timestamp) -> (String, RestrictedExpression) {
    // Cedar takes milliseconds at the most.
    (name.to_owned(), RestrictedExpression::new_datetime(value.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()))
}

/// The faults that Cedar found, each at its first label.
pub fn faults<'a, D: Diagnostic + 'a>(source: &str, diagnostics: impl Iterator<Item = &'a D>) -> Faults {
    // Equal ones fall together: a policy's variants can report one place twice.
    diagnostics.map(|diagnostic| fault(source, diagnostic)).collect()
}

fn fault(source: &str, diagnostic: &impl Diagnostic) -> Fault {
    let label = diagnostic.labels().and_then(|mut labels| labels.next());
    let place = place(source, label.as_ref().map_or(0, miette::LabeledSpan::offset));
    let mut message = diagnostic.to_string();
    if let Some(detail) = label.as_ref().and_then(miette::LabeledSpan::label) {
        message = format!("{message}: {detail}");
    }
    if let Some(help) = diagnostic.help() {
        message = format!("{message} ({help})");
    }
    Fault::new(ACCEPTANCE_DOCUMENT, place, &message)
}
