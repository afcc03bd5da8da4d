//! Calls of the table, and their answers in words: the same words wherever they come from.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
};

use drawbridge::{
    model::{AccountId, Connection, ConnectionId, Consumer, EndpointId, Membership, Principal, Scope, Tags},
    port::{Answers, Bus, BusEvent, Organization, PortError, PrivateLink, Wanted},
    reconcile::Permit,
};

use super::{
    alarms::{self, Alarming},
    dns::{self, Dns},
    ground::{Doing, Ground, MISSING_CONNECTION},
    resolvers::{self, Resolver},
    tags::{self, Tagging},
};

/// A call.
#[derive(Debug, Clone, Copy)]
pub enum Call {
    /// Not a call: somebody does something.
    Do(Doing),
    Describe(&'static str),
    /// Those of the hub in a Region.
    ListServices(&'static str),
    List(&'static str, Scope),
    Accept(&'static str, &'static [&'static str]),
    Reject(&'static str, &'static [&'static str]),
    Tag(&'static str, &'static [&'static str], &'static str, &'static str),
    ConnectedBy(&'static str),
    ConnectedThrough(&'static str),
    Principals(&'static str),
    Allow(&'static str, &'static [&'static str]),
    Disallow(&'static str, &'static [&'static str]),
    RequireAcceptance(&'static str),
    Member(&'static str),
    /// All members, as far as they are among these.
    Members(&'static [&'static str]),
    TagsOfAccount(&'static str),
    Publish(usize),
    /// About names, zones and endpoints.
    Dns(Dns),
    /// About Profiles and forwarding rules.
    Resolver(Resolver),
    /// About tags.
    Tagging(Tagging),
    /// About alarms and dashboards.
    Alarming(Alarming),
}

/// What the call is answered with.
pub async fn of<G: Ground>(ground: &G, call: &Call) -> String {
    let permit = &Permit::for_tests();
    let private_link = ground.private_link();
    let endpoints = |names: &[&str]| names.iter().map(|name| ground.endpoint(name)).collect::<BTreeSet<_>>();
    match *call {
        Call::Do(doing) => {
            ground.act(doing).await;
            "done".to_owned()
        }
        Call::Describe(service) => match private_link.describe_service(&ground.service(service)).await {
            Ok(Some(found)) => if found.acceptance_required { "acceptance required" } else { "open" }.to_owned(),
            Ok(None) => "none".to_owned(),
            Err(error) => failure(&error),
        },
        Call::ListServices(region) => {
            let service = ground.service("service");
            match private_link.list_services(&service.account, &region.parse().unwrap()).await {
                Ok(listed) => listed.iter().filter(|listed| listed.key == service).map(|_| "service").collect(),
                Err(error) => failure(&error),
            }
        }
        Call::List(service, scope) => {
            let listed = private_link.list_connections(&ground.service(service), scope).await.unwrap();
            joined(listed.iter().map(|connection| (ground.name(&connection.endpoint), told(connection))))
        }
        Call::Accept(service, names) => {
            let answers = private_link.accept(&ground.service(service), &endpoints(names), permit).await;
            told_of(answers, |endpoint: &EndpointId| ground.name(endpoint))
        }
        Call::Reject(service, names) => {
            let answers = private_link.reject(&ground.service(service), &endpoints(names), permit).await;
            told_of(answers, |endpoint: &EndpointId| ground.name(endpoint))
        }
        Call::Tag(service, names, key, value) => {
            let ids = connections(ground, names).await;
            let tags = Tags::from([(key.to_owned(), value.to_owned())]);
            let asked = ids.keys().cloned().collect();
            let answers = private_link.tag_connections(&ground.service(service), &asked, &tags, permit).await;
            told_of(answers, |id: &ConnectionId| ids[id].clone())
        }
        Call::Dns(call) => dns::of(ground, call).await,
        Call::Resolver(call) => resolvers::of(ground, call).await,
        Call::Tagging(call) => tags::of(ground, call).await,
        Call::Alarming(call) => alarms::of(ground, call).await,
        _ => of_others(ground, call, permit).await,
    }
}

/// The same of calls that name accounts, and of those that name nothing.
async fn of_others<G: Ground>(ground: &G, call: &Call, permit: &Permit) -> String {
    let (private_link, organization) = (ground.private_link(), ground.organization());
    let accounts = |ids: &[&str]| ids.iter().map(|id| id.parse().unwrap()).collect::<BTreeSet<AccountId>>();
    let itself = |account: &AccountId| account.to_string();
    match *call {
        Call::ConnectedBy(account) => connected(ground, Consumer::Account(account.parse().unwrap())).await,
        Call::ConnectedThrough(name) => connected(ground, Consumer::Endpoint(ground.endpoint(name))).await,
        Call::Principals(service) => match private_link.list_principals(&ground.service(service)).await {
            Ok(principals) => principals.iter().map(principal).collect::<Vec<_>>().join(" "),
            Err(error) => failure(&error),
        },
        Call::Allow(service, ids) => {
            told_of(private_link.allow(&ground.service(service), &accounts(ids), permit).await, itself)
        }
        Call::Disallow(service, ids) => {
            told_of(private_link.disallow(&ground.service(service), &accounts(ids), permit).await, itself)
        }
        Call::RequireAcceptance(service) => {
            result(&private_link.require_acceptance(&ground.service(service), permit).await)
        }
        Call::Member(account) => match organization.membership(&account.parse().unwrap()).await {
            Ok(membership) => standing(&membership),
            Err(error) => failure(&error),
        },
        Call::Members(among) => {
            let listed = organization.list_members(Wanted::All).await.unwrap();
            let among = accounts(among);
            let wanted = listed.iter().filter(|(account, _)| among.contains(account));
            joined(wanted.map(|(account, membership)| (account.to_string(), standing(membership))))
        }
        Call::TagsOfAccount(account) => match organization.tags(&account.parse().unwrap()).await {
            Ok(tags) => tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" "),
            Err(error) => failure(&error),
        },
        Call::Publish(count) => {
            let event = BusEvent {
                detail_type: "Connection Held",
                resources: Vec::new(),
                detail: serde_json::json!({ "decision": "hold" }),
            };
            match ground.bus().publish(&vec![event; count], permit).await {
                Ok(()) => "ok".to_owned(),
                Err((failed, error)) => format!("{failed} {}", failure(&error)),
            }
        }
        _ => unreachable!("answered before"),
    }
}

async fn connected<G: Ground>(ground: &G, consumer: Consumer) -> String {
    let service = ground.service("service");
    let found = ground.private_link().services_connected_by(&consumer, &service.account, &service.region).await;
    found.unwrap().iter().filter(|found| **found == service.service).map(|_| "service").collect()
}

/// The connections of these endpoints, also of those that were deleted since they were first asked for.
async fn connections<G: Ground>(ground: &G, names: &[&str]) -> BTreeMap<ConnectionId, String> {
    let listed = ground.private_link().list_connections(&ground.service("service"), Scope::Everything).await.unwrap();
    let id = |name: &str| {
        let endpoint = ground.endpoint(name);
        let found = listed.iter().find(|connection| connection.endpoint == endpoint);
        found.and_then(|connection| connection.id.clone()).unwrap_or_else(|| MISSING_CONNECTION.parse().unwrap())
    };
    names.iter().map(|name| (id(name), (*name).to_owned())).collect()
}

fn told(connection: &Connection) -> String {
    // AWS may show an accepted connection as pending for a while.
    let state = if connection.state.is_established() { "established" } else { connection.state.as_str() };
    let tags = connection.tags.iter().map(|(key, value)| format!("{key}={value}"));
    std::iter::once(state.to_owned()).chain(tags).collect::<Vec<_>>().join(" ")
}

fn told_of<T: Ord>(answers: Answers<T>, name: impl Fn(&T) -> String) -> String {
    joined(answers.into_iter().map(|(item, answer)| (name(&item), result(&answer))))
}

/// In the order of the names: that of the ids differs from run to run.
fn joined(told: impl Iterator<Item = (String, String)>) -> String {
    let sorted: BTreeMap<String, String> = told.collect();
    sorted.iter().map(|(name, told)| format!("{name} {told}")).collect::<Vec<_>>().join(", ")
}

fn result(answer: &Result<(), PortError>) -> String {
    answer.as_ref().map_or_else(failure, |()| "ok".to_owned())
}

fn failure(error: &PortError) -> String {
    error.kind.to_string()
}

fn standing(membership: &Membership) -> String {
    match membership {
        Membership::Member(account) => account.state.to_string(),
        Membership::Outside => "outside".to_owned(),
        Membership::Unknown { why } => why.clone(),
    }
}

fn principal(principal: &Principal) -> String {
    let text: &dyn Display = match principal {
        Principal::Everybody => &"*",
        Principal::Account(account) => account,
        Principal::Other(text) => text,
    };
    text.to_string()
}
