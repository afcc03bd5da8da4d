//! Calls about names, zones and endpoints, and their answers in words: the same words wherever they come from.
//!
//! Names are relative to the domain that a case has for itself: `api` is below it, and `@` is the domain.

pub mod cases;
mod words;

use std::{cell::RefCell, collections::BTreeMap};

use drawbridge::{
    model::{ChangeId, Endpoint, EndpointKey, VpcReference, VpcZone, Zone, ZoneId, ZoneKey, ZoneOwner},
    port::{Endpoints, HostedZones, PortError, PrivateLink, Stretch},
    reconcile::Permit,
};

use self::words::{change, line};
pub use self::words::{full, short};
use super::ground::{CONSUMER, Ground, HUB};

/// A call. Accounts are named `hub` and `consumer`; zones are the hub's, by the names that they were made under.
#[derive(Debug, Clone, Copy)]
pub enum Dns {
    /// A private zone of this name, in one of the hub's VPCs.
    CreateZone(&'static str, &'static str, &'static str),
    ReplaceComment(&'static str, &'static str),
    DeleteZone(&'static str),
    /// The hub's zones of the case.
    Zones,
    ZonesNamed(&'static str),
    Records(&'static str, Part),
    Change(&'static str, &'static [Edit]),
    /// Whether the last change has reached all name servers.
    InSync,
    Authorize(&'static str, &'static str),
    Withdraw(&'static str, &'static str),
    Authorized(&'static str),
    Associate(&'static str, &'static str, &'static str),
    Disassociate(&'static str, &'static str, &'static str),
    Associated(&'static str),
    ZonesOfVpc(&'static str, &'static str),
    StartVerification(&'static str),
    Verification,
    Endpoint(&'static str),
    Endpoints(&'static str),
    /// What the service offers to an account.
    Offer(&'static str),
    OfferOfNothing,
    EnablePrivateName(&'static str),
    Vpcs(&'static str),
    Resolves(&'static str, &'static str),
}

/// Which records are listed.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    All,
    Within(&'static str),
    At(&'static str),
}

/// A change of a record.
#[derive(Debug, Clone, Copy)]
pub enum Edit {
    Create(Record),
    Upsert(Record),
    Delete(Record),
}

/// Name, type, TTL, values. The type `ALIAS` is an `A` record that answers as another name of the same zone.
pub type Record = (&'static str, &'static str, u32, &'static [&'static str]);

/// What the calls of a case have made.
#[derive(Debug, Default)]
pub struct Made {
    zones: RefCell<BTreeMap<String, ZoneKey>>,
    change: RefCell<Option<ChangeId>>,
}

impl Made {
    pub fn remember(&self, zone: &str, key: ZoneKey) {
        self.zones.borrow_mut().insert(zone.to_owned(), key);
    }

    /// What a zone was made under.
    pub fn label(&self, zone: &ZoneId) -> Option<String> {
        self.zones.borrow().iter().find(|(_, key)| key.zone == *zone).map(|(label, _)| label.clone())
    }

    /// A zone; one that nothing has for a name that was never given.
    pub fn zone(&self, name: &str) -> ZoneKey {
        let missing = || ZoneKey { account: HUB.parse().unwrap(), zone: "Z0000000000BAD".parse().unwrap() };
        self.zones.borrow().get(name).cloned().unwrap_or_else(missing)
    }
}

/// What the call is answered with.
pub async fn of<G: Ground>(ground: &G, call: Dns) -> String {
    let permit = &Permit::for_tests();
    let zones = ground.hosted_zones(HUB);
    let zone = |name: &str| ground.made().zone(name);
    match call {
        Dns::CreateZone(label, name, vpc) => {
            let (account, vpc) = (HUB.parse().unwrap(), ground.vpc(vpc));
            let made = zones.create_zone(&account, &full(ground, name), "of the test", &vpc, permit).await;
            result(&made.map(|key| ground.made().remember(label, key)))
        }
        Dns::ReplaceComment(name, comment) => result(&zones.replace_comment(&zone(name), comment, permit).await),
        Dns::DeleteZone(name) => result(&zones.delete_zone(&zone(name), permit).await),
        Dns::Zones => told(ground, zones.list_zones(&HUB.parse().unwrap()).await),
        Dns::ZonesNamed(name) => told(ground, zones.zones_named(&HUB.parse().unwrap(), &full(ground, name)).await),
        Dns::Records(name, part) => {
            let name_of_part = match part {
                Part::All => full(ground, "@"),
                Part::Within(name) | Part::At(name) => full(ground, name),
            };
            let stretch = match part {
                Part::All => Stretch::Everything,
                Part::Within(_) => Stretch::Within(&name_of_part),
                Part::At(_) => Stretch::At(&name_of_part),
            };
            match zones.list_records(&zone(name), stretch).await {
                Ok(records) => records.iter().filter_map(|record| line(ground, record)).collect::<Vec<_>>().join(", "),
                Err(error) => failure(&error),
            }
        }
        Dns::Change(name, edits) => {
            let changes: Vec<_> = edits.iter().map(|edit| change(ground, &zone(name), edit)).collect();
            let answer = zones.change_records(&zone(name), &changes, permit).await;
            result(&answer.map(|change| *ground.made().change.borrow_mut() = Some(change)))
        }
        Dns::InSync => {
            let change = ground.made().change.borrow().clone();
            let change = change.unwrap_or_else(|| "C0000000000BAD".parse().unwrap());
            match zones.is_in_sync(&HUB.parse().unwrap(), &change).await {
                Ok(in_sync) => in_sync.to_string(),
                Err(error) => failure(&error),
            }
        }
        _ => of_vpcs(ground, call, permit).await,
    }
}

/// The same of calls that bring zones and VPCs together.
async fn of_vpcs<G: Ground>(ground: &G, call: Dns, permit: &Permit) -> String {
    let zones = ground.hosted_zones(HUB);
    let zone = |name: &str| ground.made().zone(name);
    match call {
        Dns::Authorize(name, vpc) => result(&zones.authorize(&zone(name), &ground.vpc(vpc), permit).await),
        Dns::Withdraw(name, vpc) => result(&zones.withdraw(&zone(name), &ground.vpc(vpc), permit).await),
        Dns::Authorized(name) => vpcs(ground, zones.authorized_vpcs(&zone(name)).await),
        Dns::Associated(name) => vpcs(ground, zones.associated_vpcs(&zone(name)).await),
        Dns::Associate(name, account, vpc) => {
            let (account, vpc) = (id(account), ground.vpc(vpc));
            let zones = ground.hosted_zones(account);
            result(&zones.associate(&zone(name), &account.parse().unwrap(), &vpc, permit).await)
        }
        Dns::Disassociate(name, account, vpc) => {
            let (account, vpc) = (id(account), ground.vpc(vpc));
            let zones = ground.hosted_zones(account);
            result(&zones.disassociate(&zone(name), &account.parse().unwrap(), &vpc, permit).await)
        }
        Dns::ZonesOfVpc(account, vpc) => {
            let (account, vpc) = (id(account), ground.vpc(vpc));
            let listed = ground.hosted_zones(account).zones_of_vpc(&account.parse().unwrap(), &vpc).await;
            sorted(listed, |zone: VpcZone| {
                let owner = match &zone.owner {
                    ZoneOwner::Account(account) => account.to_string(),
                    ZoneOwner::Service(service) => service.clone(),
                };
                Some(format!("{} {owner}", short(ground, &zone.name)?))
            })
        }
        _ => of_endpoints(ground, call, permit).await,
    }
}

/// The same of calls about endpoints and what they are for.
async fn of_endpoints<G: Ground>(ground: &G, call: Dns, permit: &Permit) -> String {
    let consumer = ground.endpoints(CONSUMER);
    let region = "eu-west-1".parse().unwrap();
    let key = |name: &str| EndpointKey {
        account: CONSUMER.parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        endpoint: ground.endpoint(name),
    };
    match call {
        Dns::StartVerification(service) => {
            result(&ground.private_link().start_verification(&ground.service(service), permit).await)
        }
        Dns::Verification => {
            let service = ground.private_link().describe_service(&ground.service("service")).await.unwrap().unwrap();
            service.verification.map_or("none".to_owned(), |verification| verification.state.as_str().to_owned())
        }
        Dns::Endpoint(name) => match consumer.describe_endpoint(&key(name)).await {
            Ok(found) => found.map_or("none".to_owned(), |endpoint| standing(ground, &endpoint)),
            Err(error) => failure(&error),
        },
        Dns::Endpoints(account) => {
            let listed = ground.endpoints(id(account)).list_endpoints(&id(account).parse().unwrap(), &region).await;
            sorted(listed, |endpoint: Endpoint| {
                let name = ground.name(&endpoint.key.endpoint);
                (name != "missing").then(|| format!("{name} {}", standing(ground, &endpoint)))
            })
        }
        Dns::Offer(account) => offer(ground, account, &ground.service_name()).await,
        Dns::OfferOfNothing => {
            offer(ground, "consumer", "com.amazonaws.vpce.eu-west-1.vpce-svc-00000000000000bad").await
        }
        Dns::EnablePrivateName(name) => result(&consumer.enable_private_dns(&key(name), permit).await),
        Dns::Vpcs(account) => {
            let listed = ground.endpoints(id(account)).list_vpcs(&id(account).parse().unwrap(), &region).await;
            sorted(listed, |vpc| ground.vpc_name(&vpc.reference))
        }
        Dns::Resolves(account, vpc) => {
            let endpoints = ground.endpoints(id(account));
            match endpoints.resolves_private_names(&id(account).parse().unwrap(), &ground.vpc(vpc)).await {
                Ok(resolves) => resolves.map_or("none".to_owned(), |resolves| resolves.to_string()),
                Err(error) => failure(&error),
            }
        }
        _ => unreachable!("answered before"),
    }
}

async fn offer<G: Ground>(ground: &G, account: &str, service_name: &str) -> String {
    let account = id(account);
    let region = "eu-west-1".parse().unwrap();
    match ground.endpoints(account).describe_offer(&account.parse().unwrap(), &region, service_name).await {
        Ok(None) => "none".to_owned(),
        Ok(Some(offer)) => {
            let names: Vec<_> = offer.private_names.iter().filter_map(|name| short(ground, name)).collect();
            format!("[{}] {}", names.join(" "), if offer.verified { "verified" } else { "unverified" })
        }
        Err(error) => failure(&error),
    }
}

/// How an endpoint stands, and the private names that lead to it.
fn standing<G: Ground>(ground: &G, endpoint: &Endpoint) -> String {
    // AWS may show an accepted connection as pending for a while.
    let state = if endpoint.state.is_established() { "established" } else { endpoint.state.as_str() };
    let names = endpoint.dns_entries.iter().filter_map(|entry| short(ground, &entry.name));
    let word = endpoint.private_dns.then(|| "private".to_owned());
    std::iter::once(state.to_owned()).chain(word).chain(names).collect::<Vec<_>>().join(" ")
}

pub fn id(account: &str) -> &'static str {
    match account {
        "hub" => HUB,
        "consumer" => CONSUMER,
        _ => unreachable!("{account} is no account"),
    }
}

fn told<G: Ground>(ground: &G, listed: Result<Vec<Zone>, PortError>) -> String {
    sorted(listed, |zone: Zone| {
        let kind = if zone.private { "private" } else { "public" };
        Some(format!("{} {kind} {} {:?}", short(ground, &zone.name)?, zone.records, zone.comment))
    })
}

fn vpcs<G: Ground>(ground: &G, listed: Result<impl IntoIterator<Item = VpcReference>, PortError>) -> String {
    sorted(listed, |vpc| ground.vpc_name(&vpc))
}

/// In the order of the words: that of the ids differs from run to run.
pub fn sorted<T>(listed: Result<impl IntoIterator<Item = T>, PortError>, word: impl Fn(T) -> Option<String>) -> String {
    match listed {
        Ok(listed) => {
            let mut words: Vec<_> = listed.into_iter().filter_map(word).collect();
            words.sort();
            words.join(", ")
        }
        Err(error) => failure(&error),
    }
}

pub fn result(answer: &Result<(), PortError>) -> String {
    answer.as_ref().map_or_else(failure, |()| "ok".to_owned())
}

/// The kind, and the code that decisions are made by.
pub fn failure(error: &PortError) -> String {
    format!("{} {}", error.kind, error.code.as_deref().unwrap_or("without a code"))
}
