//! Ten thousand records in one zone, written and listed through the port.

use std::collections::BTreeMap;

use drawbridge::{
    model::{DomainName, RecordData, RecordSet, RecordType, ZoneKey},
    plan::dns::{
        batches::{Cost, pack},
        records::{Group, Wanted, Which, plan},
    },
    policy::DnsPolicy,
    port::{Clock, HostedZones, Stretch},
    reconcile::Permit,
    world::{HostedZone, World},
};

use crate::ground::nowhere;

/// Records of one page. Source: Route 53 API reference, `ListResourceRecordSets`, `MaxItems`.
const PAGE: usize = 300;
/// What a call takes. Source: Route 53 developer guide, quotas, maximums on `ChangeResourceRecordSets` requests.
const MOST_ELEMENTS: usize = 1_000;
const MOST_CHARACTERS: usize = 32_000;

const WRITE: &str = "route53:ChangeResourceRecordSets";
const LIST: &str = "route53:ListResourceRecordSets";

fn key() -> ZoneKey {
    ZoneKey { account: "222222222222".parse().unwrap(), zone: "Z01PRIVATE".parse().unwrap() }
}

fn name(text: &str) -> DomainName {
    DomainName::of_route53(text)
}

/// An empty zone.
fn world() -> World {
    let world = nowhere();
    world.change().zones.insert(key(), HostedZone::public(key(), name("example.com")));
    world
}

fn alias(of: &str, label: &str) -> RecordSet {
    let (zone, target) = ("Z7HUB22UULQXV".parse().unwrap(), name("vpce-1.vpce-svc-1.eu-west-1.vpce.amazonaws.com"));
    let data = RecordData::Alias { zone, target, evaluate_health: false };
    RecordSet { name: name(&format!("{label}.{of}.example.com")), kind: RecordType::A, data, routing: None }
}

/// Four records for each of so many endpoints.
fn wanted(endpoints: usize) -> Vec<Wanted> {
    let of = |number: usize| {
        let key = format!("vpce-{number:017x}");
        let records = ["a", "b", "c", "d"].map(|label| alias(&format!("n{number}"), label)).to_vec();
        Wanted { resource: format!("endpoint/444444444444/eu-west-1/{key}"), key, records }
    };
    (0..endpoints).map(of).collect()
}

/// Plans on what the port lists and carries it out; gives the calls, each with its number, and the fewest writes there can be.
async fn bring_in_line(world: &World, wanted: &[Wanted]) -> (BTreeMap<&'static str, usize>, usize) {
    let zone = world.state().zones[&key()].shown();
    world.take_calls();
    let current = world.list_records(&key(), Stretch::Everything).await.unwrap();
    let owner = "hub".parse().unwrap();
    let planned = plan(&zone, &current, wanted, &Which::All, &owner, DnsPolicy::Sync, world.now());
    let groups: Vec<Group> = planned.changes.into_iter().chain(planned.deletions).collect();
    let cost = groups.iter().map(|group| Cost::of_all(&group.changes));
    let (elements, characters) =
        cost.fold((0, 0), |(elements, characters), cost| (elements + cost.elements, characters + cost.characters));
    let packed = pack(groups);
    assert!(packed.oversized.is_empty());
    for batch in packed.batches {
        world.change_records(&key(), &batch.changes, &Permit::for_tests()).await.unwrap();
    }
    let mut count = BTreeMap::new();
    for call in world.take_calls() {
        *count.entry(call).or_default() += 1;
    }
    (count, elements.div_ceil(MOST_ELEMENTS).max(characters.div_ceil(MOST_CHARACTERS)))
}

#[tokio::test]
async fn ten_thousand_records_are_written_in_the_fewest_calls() {
    let (world, wanted) = (world(), wanted(2_500));
    let (first, least) = bring_in_line(&world, &wanted).await;
    assert_eq!((first[WRITE], first[LIST]), (least, 1));
    let there = world.state().zones[&key()].records().count();
    assert_eq!(there, 2 + 10_000 + 2_500);

    let (again, _) = bring_in_line(&world, &wanted).await;
    assert_eq!(again, BTreeMap::from([(LIST, there.div_ceil(PAGE))]), "nothing is written when nothing differs");

    let (gone, least) = bring_in_line(&world, &[]).await;
    assert_eq!((gone[WRITE], gone[LIST]), (least, there.div_ceil(PAGE)));
    assert_eq!(world.state().zones[&key()].records().count(), 2);
}

#[tokio::test]
async fn listing_of_so_many_records_takes_a_page_for_each_three_hundred() {
    for records in [2, 300, 301, 600, 10_000] {
        let world = world();
        for number in 2..records {
            world.change().zones.get_mut(&key()).unwrap().put(alias("all", &format!("n{number}")));
        }
        let world = &world;
        assert_eq!(world.list_records(&key(), Stretch::Everything).await.unwrap().len(), records);
        assert_eq!(world.take_calls().len(), records.div_ceil(PAGE), "{records}");
    }
}
