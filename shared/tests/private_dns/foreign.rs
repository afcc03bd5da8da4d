//! What others have made is there after every run, whatever they made, whatever is configured and whatever goes wrong.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::AssertUnwindSafe,
};

use drawbridge::{
    model::{DomainName, RecordData, RecordKey, RecordSet, RecordType, VpcReference, ZoneKey, txt},
    plan::dns::registry,
    port::FailureKind,
    world::{Effect, HostedZone, State, World},
};
use futures_util::FutureExt;
use serde_json::json;
use tokio::task::unconstrained;

use crate::{
    case::happen,
    ground::{CONSUMER, HUB, NAMED, SERVICE, controller, endpoint, ground, rules_with, service, sweep, vpc},
    random::Random,
};

const WORLDS: u64 = 250;
const ROUNDS: usize = 7;
/// VPCs that people associate and authorize, and that no endpoint is in.
const PEOPLES: [&str; 2] = ["vpc-0e000000000000005", "vpc-0f000000000000006"];

fn one(random: &Random, of: &[&'static str]) -> &'static str {
    of[random.index(of.len())]
}

/// What isn't ours, told by the definition and not by what decides.
#[derive(Debug, Default)]
struct Foreign {
    records: BTreeSet<(ZoneKey, RecordSet)>,
    zones: BTreeMap<ZoneKey, (String, BTreeSet<VpcReference>, BTreeSet<VpcReference>)>,
}

impl Foreign {
    fn of(state: &State) -> Self {
        let mut foreign = Self::default();
        for (key, zone) in &state.zones {
            let made_by_us = is_made_by_us(zone);
            let ours = registered(zone);
            let is_own = |record: &RecordSet| {
                record.name == zone.zone.name && matches!(record.kind, RecordType::Ns | RecordType::Soa)
            };
            let records =
                zone.records().filter(|record| !(is_ours(record, zone, &ours) || made_by_us && is_own(record)));
            foreign.records.extend(records.map(|record| (key.clone(), record.clone())));
            if !made_by_us {
                let shown = (zone.zone.comment.clone(), zone.vpcs.clone(), zone.authorized.clone());
                foreign.zones.insert(key.clone(), shown);
            }
        }
        foreign
    }

    fn check(&self, state: &State) {
        for (key, record) in &self.records {
            let there = state.zones.get(key).is_some_and(|zone| zone.records().any(|found| found == record));
            assert!(there, "{record:?} of {key} is gone");
        }
        for (key, (comment, vpcs, authorized)) in &self.zones {
            let zone = state.zones.get(key).unwrap_or_else(|| panic!("{key} is gone"));
            assert_eq!((&zone.zone.comment, &zone.vpcs, &zone.authorized), (comment, vpcs, authorized), "{key}");
        }
    }
}

fn is_made_by_us(zone: &HostedZone) -> bool {
    zone.zone.private && zone.zone.comment.starts_with("heritage=drawbridge,drawbridge/owner=hub,")
}

/// The records that our registrations name and no other deployment's do.
fn registered(zone: &HostedZone) -> BTreeSet<RecordKey> {
    let read = |record: &RecordSet| registry::read(record, &zone.zone.name)?.ok();
    let (ours, others): (Vec<_>, Vec<_>) =
        zone.records().filter_map(read).partition(|registration| registration.owner.as_str() == "hub");
    let others: BTreeSet<RecordKey> = others.into_iter().flat_map(|registration| registration.records).collect();
    ours.into_iter().flat_map(|registration| registration.records).filter(|key| !others.contains(key)).collect()
}

fn is_ours(record: &RecordSet, zone: &HostedZone, registered: &BTreeSet<RecordKey>) -> bool {
    let registers = matches!(registry::read(record, &zone.zone.name), Some(Ok(read)) if read.owner.as_str() == "hub");
    registers || record.is_simple() && registered.contains(&record.key())
}

/// A record that people or another deployment may make in a zone.
fn any_record(random: &Random, zone: &DomainName) -> RecordSet {
    let names = [
        zone.clone(),
        zone.child("www"),
        zone.child("*"),
        zone.child("_6e86v84tqgqubxbwii1m.payments"),
        zone.child("_6e86v84tqgqubxbwii1m.bills"),
        registry::place("vpce-0f000000000000099", zone),
        registry::place(SERVICE, zone),
        registry::subtree(zone),
    ];
    let name = random.pick(&names).clone();
    let text = format!(
        "heritage=drawbridge,drawbridge/owner=other,drawbridge/resource=endpoint/{HUB}/eu-west-1/{},\
         drawbridge/since=2026-11-02T10:00:00Z,drawbridge/records=A:{zone}",
        name.labels().next().unwrap(),
    );
    let values = |value: &str| RecordData::Values { ttl: 60, values: [value.to_owned()].into() };
    let (kind, data) = match random.below(5) {
        0 => (RecordType::A, values("192.0.2.9")),
        1 => (RecordType::Txt, values("\"vpce:l6p0ERxlTt45jevFwOCp\"")),
        2 => (RecordType::Txt, values(&txt::quote(&text))),
        3 => (RecordType::Aaaa, values("2001:db8::9")),
        _ => (RecordType::A, RecordData::Other),
    };
    let routing = (data == RecordData::Other || random.chance(100)).then(|| "blue".to_owned());
    RecordSet { name, kind, data, routing }
}

/// People write in a zone, make one of a name that is wanted, associate one of ours, or authorize a VPC for it.
/// Gives the association that they made.
fn by_hand(world: &World, random: &Random) -> Option<(ZoneKey, VpcReference, bool)> {
    let keys: Vec<ZoneKey> = world.state().zones.keys().cloned().collect();
    let key = random.pick(&keys).clone();
    let people = VpcReference { region: "eu-west-1".parse().unwrap(), vpc: random.pick(&PEOPLES).parse().unwrap() };
    let mut state = world.change();
    let zone = state.zones.get_mut(&key).unwrap();
    match random.below(5) {
        0 | 1 => {
            let record = any_record(random, &zone.zone.name);
            let taken = zone.records().any(|found| found.key() == record.key());
            if !taken {
                zone.put(record);
            }
            None
        }
        2 => {
            let name =
                DomainName::of_route53(one(random, &["two.corp.example", "pay.corp.example", "payments.example.com"]));
            let owner = one(random, &["other", ""]);
            let new = ZoneKey {
                account: one(random, &[HUB, CONSUMER]).parse().unwrap(),
                zone: "Z09PEOPLES".parse().unwrap(),
            };
            let resource = format!("zone/{HUB}/eu-west-1/elsewhere.example");
            let mut made = HostedZone::private(new.clone(), name, people);
            made.zone.comment = if owner == "other" {
                registry::zone_comment(&"other".parse().unwrap(), &resource)
            } else {
                String::new()
            };
            state.zones.entry(new).or_insert(made);
            None
        }
        // Whom our own marks name is associated by us, whoever did it.
        _ if !zone.zone.private || is_marked(zone, &people) => None,
        3 => {
            zone.vpcs.insert(people.clone());
            Some((key, people, true))
        }
        _ => {
            zone.authorized.insert(people.clone());
            Some((key, people, false))
        }
    }
}

fn is_marked(zone: &HostedZone, vpc: &VpcReference) -> bool {
    zone.records().any(|record| record.name == registry::place(vpc.vpc.as_str(), &zone.zone.name))
}

/// Something happens that changes what is wanted.
fn wanted_otherwise(world: &World, random: &Random) {
    let names = [
        "pay.corp.example",
        "pay.corp.example *.pay.corp.example",
        "two.corp.example",
        "",
        "pay.corp.example two.corp.example",
    ];
    let happening = match random.below(6) {
        0 | 1 => json!({"endpoints": [endpoint(one(random, &names), one(random, &["ipv4", "dualstack", "ipv6"]))]}),
        2 => json!({"endpoints_gone": [NAMED]}),
        3 => {
            json!({"services": [service(one(random, &["payments.example.com", "bills.example.com", "*.payments.example.com"]))]})
        }
        4 => json!({"services_gone": [SERVICE]}),
        _ => {
            json!({"vpcs": [vpc("vpc-0b000000000000002", CONSUMER, random.chance(500)), vpc("vpc-0d000000000000004", HUB, random.chance(500))]})
        }
    };
    happen(world, &happening);
}

async fn play(seed: u64) {
    let random = Random::new(seed);
    let world = ground();
    happen(&world, &json!({"vpcs": PEOPLES.map(|id| vpc(id, CONSUMER, false))}));
    let rules = rules_with(&json!({
        "accounts": if random.chance(300) { vec![HUB, CONSUMER] } else { vec![HUB] },
        "policy": one(&random, &["sync", "sync", "sync", "upsert-only", "create-only"]),
        "private-names": {"select": "tagged"},
        "names": {"zonal": random.chance(300), "vpcs": {"tag": {"key": "dns", "value": "yes"}}},
    }));
    let lasting = controller(&world);
    let mut made: BTreeSet<(ZoneKey, VpcReference, bool)> = BTreeSet::new();
    for _ in 0..ROUNDS {
        wanted_otherwise(&world, &random);
        for _ in 0..random.below(4) {
            made.extend(by_hand(&world, &random));
        }
        if random.chance(500) {
            let effects = [Effect::Fails(FailureKind::Retry), Effect::Fails(FailureKind::Denied), Effect::AnswerLost];
            world.order_after(random.index(40), random.pick(&effects).clone());
        }
        let before = Foreign::of(&world.state());
        if random.chance(500) {
            sweep(&lasting, &world, &rules).await;
        } else {
            sweep(&controller(&world), &world, &rules).await;
        }
        before.check(&world.state());
        for (key, vpc, associated) in &made {
            let state = world.state();
            let zone = state.zones.get(key);
            let kept = zone.is_some_and(|zone| if *associated { &zone.vpcs } else { &zone.authorized }.contains(vpc));
            // A permission that nobody made use of goes with the zone; an association keeps the zone.
            assert!(kept || !associated && zone.is_none(), "{key} {vpc} is gone");
        }
        world.take_calls();
    }
}

#[tokio::test]
async fn what_others_made_survives_everything() {
    for seed in 0..WORLDS {
        let outcome = AssertUnwindSafe(unconstrained(play(seed))).catch_unwind().await;
        assert!(outcome.is_ok(), "in the world of seed {seed}");
    }
}
