//! Calls about tags and what is behind services, and their answers in words: the same words wherever they come from.

use std::collections::{BTreeMap, BTreeSet};

use drawbridge::{
    model::{AccountId, EndpointKey, Region, Resource, ResourceKind, Tags},
    port::{Answers, Endpoints, LoadBalancers, Organization, PortError, PrivateLink, ResourceTags},
    reconcile::Permit,
};

use super::{
    answer::Call,
    dns::failure,
    ground::{
        CONSUMER,
        Doing::{Deletes, Requests},
        Ground, HUB,
    },
    table::Row,
};

/// A call.
#[derive(Debug, Clone, Copy)]
pub enum Tagging {
    /// Tags endpoints of the consumer.
    Endpoints(&'static [&'static str], &'static str, &'static str),
    /// The tags of an endpoint.
    OfEndpoint(&'static str),
    /// Tags the service.
    Service(&'static str, &'static str),
    OfService,
    /// Tags the load balancer of the service, and one that isn't there.
    Balancers(&'static str, &'static str),
    /// The tags of both.
    OfBalancers,
    /// How many listeners and target groups the load balancer has.
    Parts,
    /// The same of one that isn't there.
    PartsOfNothing,
    /// The name of a unit that isn't there.
    Unit,
    /// Whether the consumer's tag policy, of which there is none, lets a value be.
    Policy,
}

/// A load balancer that isn't there.
const MISSING_BALANCER: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/net/missing/00000000000000ba";

/// What the call is answered with.
pub async fn of<G: Ground>(ground: &G, call: Tagging) -> String {
    let hub: AccountId = HUB.parse().unwrap();
    let region: Region = "eu-west-1".parse().unwrap();
    match call {
        Tagging::Endpoints(names, key, value) => {
            let ids: BTreeMap<Resource, &str> = names
                .iter()
                .map(|name| (Resource::new(ResourceKind::Endpoint, ground.endpoint(name).as_str()), *name))
                .collect();
            let answers = tag(ground, CONSUMER, ids.keys().cloned().collect(), key, value).await;
            let told = answers.iter().map(|(resource, answer)| format!("{} {}", ids[resource], told(answer)));
            told.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")
        }
        Tagging::OfEndpoint(name) => {
            let (account, endpoint) = (CONSUMER.parse().unwrap(), ground.endpoint(name));
            let key = EndpointKey { account, region, endpoint };
            match ground.endpoints(CONSUMER).describe_endpoint(&key).await {
                Ok(found) => found.map_or("none".to_owned(), |found| pairs(&found.tags)),
                Err(error) => failure(&error),
            }
        }
        Tagging::Service(key, value) => {
            let service = Resource::new(ResourceKind::EndpointService, ground.service("service").service.as_str());
            let answers = tag(ground, HUB, [service].into(), key, value).await;
            answers.values().map(told).collect::<Vec<_>>().join(", ")
        }
        Tagging::OfService => match ground.private_link().describe_service(&ground.service("service")).await {
            Ok(found) => found.map_or("none".to_owned(), |found| pairs(&found.tags)),
            Err(error) => failure(&error),
        },
        Tagging::Balancers(key, value) => {
            let answers = tag(ground, HUB, balancers(ground).await, key, value).await;
            answers.values().map(told).collect::<Vec<_>>().join(", ")
        }
        Tagging::OfBalancers => {
            let wanted = balancers(ground).await;
            match ground.tagging(HUB).tags_of(&hub, &region, &wanted).await {
                Ok(found) => found.values().map(pairs).collect::<Vec<_>>().join(", "),
                Err(error) => failure(&error),
            }
        }
        Tagging::Parts => parts(ground, &balancer(ground).await).await,
        Tagging::PartsOfNothing => parts(ground, MISSING_BALANCER).await,
        Tagging::Unit => match ground.organization().unit_name(&"ou-ab12-00000bad".parse().unwrap()).await {
            Ok(name) => name,
            Err(error) => failure(&error),
        },
        Tagging::Policy => match ground.organization().tag_policy(&CONSUMER.parse().unwrap()).await {
            Ok(policy) => policy.violation("cost", "any").unwrap_or_else(|| "compliant".to_owned()),
            Err(error) => failure(&error),
        },
    }
}

async fn tag<G: Ground>(
    ground: &G,
    account: &str,
    resources: BTreeSet<Resource>,
    key: &str,
    value: &str,
) -> Answers<Resource> {
    let tags = Tags::from([(key.to_owned(), value.to_owned())]);
    let (account_id, region) = (account.parse().unwrap(), "eu-west-1".parse().unwrap());
    ground.tagging(account).tag(&account_id, &region, &resources, &tags, &Permit::for_tests()).await
}

async fn balancer<G: Ground>(ground: &G) -> String {
    let service = ground.private_link().describe_service(&ground.service("service")).await.unwrap().unwrap();
    service.load_balancers.into_iter().next().unwrap()
}

async fn balancers<G: Ground>(ground: &G) -> BTreeSet<Resource> {
    [balancer(ground).await, MISSING_BALANCER.to_owned()]
        .map(|arn| Resource::new(ResourceKind::LoadBalancer, arn))
        .into()
}

async fn parts<G: Ground>(ground: &G, balancer: &str) -> String {
    let (account, region) = (HUB.parse().unwrap(), "eu-west-1".parse().unwrap());
    let tagging = ground.tagging(HUB);
    let listeners = tagging.list_listeners(&account, &region, balancer).await;
    let groups = tagging.list_target_groups(&account, &region, balancer).await;
    let count = |listed: Result<BTreeSet<String>, PortError>| {
        listed.map_or_else(|error| failure(&error), |listed| listed.len().to_string())
    };
    format!("{} {}", count(listeners), count(groups))
}

fn told(answer: &Result<(), PortError>) -> String {
    answer.as_ref().map_or_else(|error| error.kind.to_string(), |()| "ok".to_owned())
}

fn pairs(tags: &Tags) -> String {
    let pairs: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    if pairs.is_empty() { "no tags".to_owned() } else { pairs.join(" ") }
}

const fn call(call: Tagging, answer: &'static str) -> Row {
    (Call::Tagging(call), answer)
}

/// Calls about tags, and the answer that each has to get.
///
/// Sources: API references of EC2, Elastic Load Balancing and AWS Organizations.
pub const CASES: &[(&str, &[Row])] = &[
    (
        "tags are added, values of the same key replaced, and others stay",
        &[
            (Call::Do(Requests("a")), "done"),
            call(Tagging::Endpoints(&["a"], "cost", "1"), "a ok"),
            call(Tagging::Endpoints(&["a"], "unit", "x"), "a ok"),
            call(Tagging::Endpoints(&["a"], "cost", "2"), "a ok"),
            call(Tagging::OfEndpoint("a"), "cost=2 unit=x"),
            call(Tagging::Service("product", "payments"), "ok"),
            call(Tagging::OfService, "product=payments"),
        ],
    ),
    (
        "resource that is gone hinders no other of the same call",
        &[
            (Call::Do(Requests("a")), "done"),
            (Call::Do(Requests("b")), "done"),
            (Call::Do(Deletes("b")), "done"),
            call(Tagging::Endpoints(&["a", "missing"], "cost", "1"), "a ok, missing gone"),
            call(Tagging::OfEndpoint("a"), "cost=1"),
            call(Tagging::Endpoints(&["missing"], "cost", "1"), "missing gone"),
        ],
    ),
    (
        "load balancer that is gone has neither parts nor tags, and hinders no other",
        &[
            call(Tagging::OfBalancers, "no tags"),
            call(Tagging::Balancers("cost", "1"), "ok, gone"),
            call(Tagging::OfBalancers, "cost=1"),
            call(Tagging::Parts, "0 0"),
            call(Tagging::PartsOfNothing, "0 0"),
        ],
    ),
    (
        "unit that isn't there has no name, and without a tag policy everything is compliant",
        &[call(Tagging::Unit, "gone OrganizationalUnitNotFoundException"), call(Tagging::Policy, "compliant")],
    ),
];
