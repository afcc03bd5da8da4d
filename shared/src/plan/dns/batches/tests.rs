//! Calls are as few as the limits allow, and none is over them.

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{
    model::{DomainName, RecordSet, RecordType, Zone, ZoneKey},
    plan::dns::records::{Wanted, Which, plan},
    policy::DnsPolicy,
};

fn text(name: &str, values: usize, characters: usize) -> RecordSet {
    let values = (0..values).map(|n| format!("{n:0>characters$}")).collect();
    let data = RecordData::Values { ttl: 300, values };
    RecordSet { name: DomainName::of_route53(name), kind: RecordType::Txt, data, routing: None }
}

fn group(name: &str, changes: Vec<RecordChange>) -> Group {
    Group::new([name.to_owned()].into(), changes)
}

/// The fewest calls that there can be.
fn least(groups: &[Group]) -> usize {
    let all: Vec<Cost> = groups.iter().map(|group| Cost::of_all(&group.changes)).collect();
    let elements: usize = all.iter().map(|cost| cost.elements).sum();
    let characters: usize = all.iter().map(|cost| cost.characters).sum();
    elements.div_ceil(ELEMENT_LIMIT).max(characters.div_ceil(CHARACTER_LIMIT))
}

#[test]
fn update_counts_twice_and_an_alias_as_one_element() {
    let record = text("a.example.com", 2, 10);
    let cost = |elements, characters| Cost { elements, characters };
    assert_eq!(Cost::of(&RecordChange::Create(record.clone())), cost(2, 20));
    assert_eq!(Cost::of(&RecordChange::Delete(record.clone())), cost(2, 20));
    assert_eq!(Cost::of(&RecordChange::Upsert(record.clone())), cost(4, 40));
    let data = RecordData::Alias {
        zone: "Z7HUB22UULQXV".parse().unwrap(),
        target: DomainName::of_route53("a.vpce.amazonaws.com"),
        evaluate_health: false,
    };
    assert_eq!(Cost::of(&RecordChange::Upsert(RecordSet { data, ..record })), cost(2, 0));
}

#[test]
fn nothing_takes_no_call() {
    assert_eq!(pack(Vec::new()), Packed::default());
}

#[test]
fn group_that_no_call_can_take_is_told_and_the_others_go() {
    let much = group("vpce-1", vec![RecordChange::Upsert(text("a.example.com", 501, 1))]);
    let little = group("vpce-2", vec![RecordChange::Create(text("b.example.com", 1, 1))]);
    let packed = pack(vec![much.clone(), little]);
    assert_eq!(packed.batches.len(), 1);
    assert_eq!(packed.oversized[0].group, much);
    let told = packed.oversized[0].to_string();
    assert_eq!(
        told,
        "the changes for vpce-1 belong together and take 1002 elements and 2786 characters, and a call takes 1000 and 32000"
    );
}

#[test]
fn call_is_filled_to_its_limits() {
    let full = |n: usize, values, characters| {
        group("k", vec![RecordChange::Create(text(&format!("n{n}.example.com"), values, characters))])
    };
    assert_eq!(pack((0..4).map(|n| full(n, 500, 3)).collect()).batches.len(), 2);
    assert_eq!(pack((0..4).map(|n| full(n, 10, 1_600)).collect()).batches.len(), 2);
    assert_eq!(pack((0..3).map(|n| full(n, 334, 4)).collect()).batches.len(), 2);
}

/// 2,500 endpoints with four names each, whose registrations take 320 characters: 100 of them fill a call.
fn ten_thousand() -> Vec<Wanted> {
    let target = RecordData::Alias {
        zone: "Z7HUB22UULQXV".parse().unwrap(),
        target: DomainName::of_route53("a.vpce.amazonaws.com"),
        evaluate_health: false,
    };
    let wanted = |n: usize| {
        let key = format!("vpce-{n:017x}");
        let record = |part: &str| RecordSet {
            name: DomainName::of_route53(&format!("{part}.n{n:0>8}.example.com")),
            kind: RecordType::A,
            data: target.clone(),
            routing: None,
        };
        let resource = format!("endpoint/444444444444/eu-west-1/{key}");
        let records = ["a", "b", "c", &"d".repeat(39)].map(record).to_vec();
        Wanted { key, resource, records }
    };
    (0..2_500).map(wanted).collect()
}

#[test]
fn ten_thousand_records_take_as_few_calls_as_the_limits_allow() {
    let zone = Zone {
        key: ZoneKey { account: "222222222222".parse().unwrap(), zone: "Z0123456789ABCDEFGHIJ".parse().unwrap() },
        name: DomainName::of_route53("example.com"),
        private: true,
        comment: String::new(),
        records: 2,
    };
    let now = "2026-11-23T08:46:00Z".parse().unwrap();
    let owner = "ours".parse().unwrap();
    let wanted = ten_thousand();
    let made = plan(&zone, &[], &wanted, &Which::All, &owner, DnsPolicy::Sync, now).changes;
    assert_eq!(made.len(), 2_500);
    assert_eq!(Cost::of_all(&made[0].changes), Cost { elements: 5, characters: 320 });
    let packed = pack(made.clone());
    assert_eq!((packed.batches.len(), packed.oversized.len()), (least(&made), 0));
    assert_eq!(packed.batches.len(), 25);

    let written: Vec<RecordSet> =
        packed.batches.iter().flat_map(|batch| &batch.changes).map(|change| change.record().clone()).collect();
    assert_eq!(written.len(), 12_500);
    let again = plan(&zone, &written, &wanted, &Which::All, &owner, DnsPolicy::Sync, now);
    assert_eq!((again.changes.len(), again.deletions.len(), again.standing.len()), (0, 0, 10_000));
    let gone = plan(&zone, &written, &[], &Which::All, &owner, DnsPolicy::Sync, now).deletions;
    assert_eq!(pack(gone.clone()).batches.len(), least(&gone));
}

prop_compose! {
    fn any_groups()(groups in vec(vec((0..60_usize, 1..200_usize, any::<bool>()), 1..6), 0..60)) -> Vec<Group> {
        let change = |name: String, (values, characters, update): (usize, usize, bool)| {
            let record = text(&name, values, characters);
            if update { RecordChange::Upsert(record) } else { RecordChange::Create(record) }
        };
        groups.into_iter().enumerate().map(|(n, changes)| {
            let named = changes.into_iter().enumerate().map(|(m, of)| change(format!("m{m}.n{n}.example.com"), of));
            group(&n.to_string(), named.collect())
        }).collect()
    }
}

proptest! {
    #[test]
    fn every_group_is_in_one_call_that_is_within_the_limits_and_sorted(groups in any_groups()) {
        let packed = pack(groups.clone());
        for batch in &packed.batches {
            prop_assert!(Cost::of_all(&batch.changes).fits());
            prop_assert!(batch.changes.is_sorted_by_key(|change| change.record().name.clone()));
        }
        for group in &groups {
            let oversized = packed.oversized.iter().filter(|oversized| oversized.group == *group).count();
            let holders: Vec<&Batch> =
                packed.batches.iter().filter(|batch| !batch.keys.is_disjoint(&group.keys)).collect();
            prop_assert_eq!(oversized + holders.len(), 1);
            prop_assert!(holders.iter().all(|batch| group.changes.iter().all(|change| batch.changes.contains(change))));
        }
        let changes = packed.batches.iter().map(|batch| batch.changes.len()).sum::<usize>()
            + packed.oversized.iter().map(|oversized| oversized.group.changes.len()).sum::<usize>();
        prop_assert_eq!(changes, groups.iter().map(|group| group.changes.len()).sum::<usize>());
    }

    #[test]
    fn no_two_calls_could_be_one(groups in any_groups()) {
        let costs: Vec<Cost> = pack(groups).batches.iter().map(|batch| Cost::of_all(&batch.changes)).collect();
        for (index, one) in costs.iter().enumerate() {
            for other in &costs[index + 1..] {
                prop_assert!(!one.plus(*other).fits());
            }
        }
    }
}
