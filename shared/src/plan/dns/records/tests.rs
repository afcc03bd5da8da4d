//! What becomes of the records of a zone.

mod adopting;
mod cases;
mod passing;
mod properties;
mod zone_of;

use std::collections::BTreeSet;

use super::*;
use crate::model::{DomainName, RecordChange, RecordData, RecordKey, RecordType};
use zone_of::{OTHER, OURS, apply, registration, zone};

const ONE: &str = "vpce-00000000000000001";
const TWO: &str = "vpce-00000000000000002";

/// A record by type and name, with one value.
fn record(name: &str, value: &str) -> RecordSet {
    let key: RecordKey = name.parse().unwrap();
    let data = RecordData::Values { ttl: 300, values: [value.to_owned()].into() };
    RecordSet { name: key.name, kind: key.kind, data, routing: None }
}

fn alias(name: &str, target: &str) -> RecordSet {
    let data = RecordData::Alias {
        zone: "Z7HUB22UULQXV".parse().unwrap(),
        target: DomainName::of_route53(target),
        evaluate_health: false,
    };
    RecordSet { data, ..record(name, "") }
}

fn wanted(key: &str, records: &[RecordSet]) -> Wanted {
    Wanted {
        key: key.to_owned(),
        resource: format!("endpoint/444444444444/eu-west-1/{key}"),
        records: records.to_vec(),
    }
}

fn now() -> Timestamp {
    "2026-11-23T08:46:00Z".parse().unwrap()
}

fn plan_all(current: &[RecordSet], wanted: &[Wanted]) -> RecordPlan {
    plan_by(DnsPolicy::Sync, current, wanted)
}

fn plan_by(policy: DnsPolicy, current: &[RecordSet], wanted: &[Wanted]) -> RecordPlan {
    plan(&zone(), current, wanted, &Which::All, &OURS.parse().unwrap(), policy, now())
}

fn plan_for(keys: &[&str], current: &[RecordSet], wanted: &[Wanted]) -> RecordPlan {
    let which = Which::Keys(keys.iter().map(|key| (*key).to_owned()).collect());
    plan(&zone(), current, wanted, &which, &OURS.parse().unwrap(), DnsPolicy::Sync, now())
}

fn told(groups: &[Group]) -> Vec<String> {
    groups.iter().map(Group::describe).collect()
}

fn reasons(plan: &RecordPlan) -> Vec<(String, &'static str)> {
    plan.held.iter().map(|held| (held.record.to_string(), held.reason)).collect()
}

/// Does everything, and makes sure that nothing is left to do.
#[track_caller]
fn settle(current: &[RecordSet], wanted: &[Wanted]) -> Vec<RecordSet> {
    let after = apply(current, &plan_all(current, wanted));
    let again = plan_all(&after, wanted);
    assert_eq!((told(&again.changes), told(&again.deletions)), (vec![], vec![]));
    after
}

#[test]
fn record_is_created_with_its_registration_and_both_go_together() {
    let wish = [wanted(ONE, &[alias("A:api.example.com", "a.vpce.amazonaws.com")])];
    let plan = plan_all(&[], &wish);
    let [group] = plan.changes.as_slice() else { panic!("{plan:?}") };
    let changes: Vec<String> = group.changes.iter().map(ToString::to_string).collect();
    assert_eq!(changes, ["create A:api.example.com", &format!("create TXT:{ONE}._drawbridge.example.com")]);
    assert_eq!(group.describe(), "create A:api.example.com");

    let after = settle(&[], &wish);
    let gone = plan_all(&after, &[]);
    assert_eq!(told(&gone.changes), [] as [&str; 0]);
    assert_eq!(told(&gone.deletions), ["delete A:api.example.com"]);
    assert_eq!(gone.deletions[0].changes.len(), 2);
    assert_eq!(apply(&after, &gone), []);
}

#[test]
fn registration_follows_what_is_wanted_and_keeps_its_time() {
    let one = record("A:one.example.com", "192.0.2.1");
    let two = record("A:two.example.com", "192.0.2.2");
    let before = settle(&[], &[wanted(ONE, &[one])]);
    let later: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
    let owner = OURS.parse().unwrap();
    let wish = [wanted(ONE, std::slice::from_ref(&two))];
    let plan = plan(&zone(), &before, &wish, &Which::All, &owner, DnsPolicy::Sync, later);
    assert_eq!(told(&plan.changes), ["delete A:one.example.com, create A:two.example.com"]);
    let registration = registry::read(
        plan.changes[0].changes.iter().map(RecordChange::record).find(|record| record.kind == RecordType::Txt).unwrap(),
        &zone().name,
    );
    let registration = registration.unwrap().unwrap();
    assert_eq!(registration.since, now());
    assert_eq!(registration.records, [two.key()].into());
}

#[test]
fn deletion_names_the_record_exactly_as_it_was_read() {
    let before = settle(&[], &[wanted(ONE, &[record("A:api.example.com", "192.0.2.1")])]);
    let changed: Vec<RecordSet> = before
        .into_iter()
        .map(|found| if found.kind == RecordType::A { record("A:api.example.com", "192.0.2.99") } else { found })
        .collect();
    let plan = plan_all(&changed, &[]);
    let deleted: BTreeSet<&RecordSet> = plan.deletions[0].changes.iter().map(RecordChange::record).collect();
    assert_eq!(deleted, changed.iter().collect());
}

#[test]
fn thing_that_is_not_planned_for_keeps_what_it_has() {
    let before = settle(&[], &[wanted(ONE, &[record("A:api.example.com", "192.0.2.1")])]);
    let two = [wanted(TWO, &[record("A:two.example.com", "192.0.2.2")])];
    let plan = plan_for(&[TWO], &before, &two);
    assert_eq!(told(&plan.changes), ["create A:two.example.com"]);
    assert_eq!(told(&plan.deletions), [] as [&str; 0]);
    assert_eq!(plan_for(&[], &before, &two), RecordPlan::default());
    assert_eq!(told(&plan_for(&[ONE], &before, &[]).deletions), ["delete A:api.example.com"]);
}

#[test]
fn what_cannot_be_in_the_zone_is_held_and_the_rest_is_made() {
    let good = record("A:*.api.example.com", "192.0.2.1");
    let mut nothing = record("A:nothing.example.com", "");
    nothing.data = RecordData::Values { ttl: 300, values: BTreeSet::new() };
    let bad = [
        record("A:example.org", "192.0.2.1"),
        record("A:*.example.org", "192.0.2.1"),
        record("A:badexample.com", "192.0.2.1"),
        record("A:a.*.example.com", "192.0.2.1"),
        record("A:a\\040b.example.com", "192.0.2.1"),
        record("TXT:x._drawbridge.example.com", "\"x\""),
        record("NS:below.example.com", "ns.example.org"),
        RecordSet { routing: Some("blue".to_owned()), ..record("A:blue.example.com", "192.0.2.1") },
        RecordSet { data: RecordData::Other, ..record("A:other.example.com", "") },
        nothing,
    ];
    let wish = [wanted(ONE, &[&bad[..], &[good]].concat())];
    let plan = plan_all(&[], &wish);
    assert_eq!(told(&plan.changes), ["create A:*.api.example.com"]);
    let held: BTreeSet<String> = plan.held.iter().map(|held| held.record.to_string()).collect();
    assert_eq!(held, bad.iter().map(|record| record.key().to_string()).collect());
    assert!(plan.held.iter().all(|held| held.reason == crate::model::reason::NOT_POSSIBLE), "{:?}", plan.held);
}

#[test]
fn wish_that_contradicts_itself_is_held_and_takes_nothing_away() {
    let before = settle(&[], &[wanted(ONE, &[record("A:api.example.com", "192.0.2.1")])]);
    let two_answers =
        [wanted(ONE, &[record("A:api.example.com", "192.0.2.1"), record("A:api.example.com", "192.0.2.2")])];
    let beside = [wanted(ONE, &[record("A:api.example.com", "192.0.2.1"), record("CNAME:api.example.com", "a.b.")])];
    for (wish, held) in [(two_answers, 1), (beside, 2)] {
        let plan = plan_all(&before, &wish);
        assert_eq!((told(&plan.changes), told(&plan.deletions)), (vec![], vec![]));
        assert_eq!(plan.held.len(), held);
    }
}

#[test]
fn more_than_a_registration_holds_is_held_and_others_go_on() {
    let long = "a".repeat(60);
    let many: Vec<RecordSet> = (0..60).map(|n| record(&format!("A:{n:02}.{long}.example.com"), "192.0.2.1")).collect();
    let plan = plan_all(&[], &[wanted(ONE, &many), wanted(TWO, &[record("A:two.example.com", "192.0.2.2")])]);
    assert_eq!(told(&plan.changes), ["create A:two.example.com"]);
    assert_eq!(plan.held.len(), 60);
    assert!(plan.held[0].why.contains("and a TXT record holds 4000"), "{}", plan.held[0].why);
}

#[test]
fn place_of_a_registration_that_is_taken_stops_its_key_alone() {
    let wish = [
        wanted(ONE, &[record("A:one.example.com", "192.0.2.1")]),
        wanted(TWO, &[record("A:two.example.com", "192.0.2.2")]),
    ];
    let place = format!("{ONE}._drawbridge.example.com");
    let by_other = registration(OTHER, ONE, &["A:elsewhere.example.com"]);
    for taken in [record(&format!("TXT:{place}"), "\"hello\""), record(&format!("CNAME:{place}"), "a.b."), by_other] {
        let plan = plan_all(&[taken], &wish);
        assert_eq!(told(&plan.changes), ["create A:two.example.com"]);
        let held = plan.held.iter().find(|held| held.key.as_deref() == Some(ONE)).unwrap();
        assert_eq!((held.record.to_string().as_str(), held.reason), ("A:one.example.com", "NOT_OWNED"));
    }
}

#[test]
fn what_stands_among_the_registrations_and_is_none_is_reported_by_the_sweep() {
    let strange = [record(&format!("TXT:{ONE}._drawbridge.example.com"), "\"hello\"")];
    let plan = plan_all(&strange, &[]);
    assert_eq!(reasons(&plan), [(strange[0].key().to_string(), "NOT_OWNED")]);
    assert_eq!((told(&plan.changes), told(&plan.deletions)), (vec![], vec![]));
    assert_eq!(plan_for(&[TWO], &strange, &[]), RecordPlan::default());
}

#[test]
fn names_are_the_same_however_route_53_writes_them() {
    let wish = [wanted(ONE, &[alias("A:*.api.example.com", "*.a.vpce.amazonaws.com")])];
    let listed: Vec<RecordSet> = settle(&[], &wish)
        .into_iter()
        .map(|record| RecordSet {
            name: DomainName::of_route53(&format!("{}.", record.name.as_str().to_uppercase().replace('*', "\\052"))),
            data: match record.data {
                RecordData::Alias { zone, target, evaluate_health } => {
                    let target = DomainName::of_route53(&format!("{}.", target.as_str().replace('*', "\\052")));
                    RecordData::Alias { zone, target, evaluate_health }
                }
                data => data,
            },
            ..record
        })
        .collect();
    let plan = plan_all(&listed, &wish);
    assert_eq!((told(&plan.changes), told(&plan.deletions), plan.standing.len()), (vec![], vec![], 1));
}

#[test]
fn record_that_was_replaced_by_routing_is_not_ours_any_more() {
    let before = settle(&[], &[wanted(ONE, &[record("A:api.example.com", "192.0.2.1")])]);
    let replaced: Vec<RecordSet> = before
        .into_iter()
        .map(|found| RecordSet { routing: (found.kind == RecordType::A).then(|| "blue".to_owned()), ..found })
        .collect();
    let plan = plan_all(&replaced, &[]);
    let [group] = plan.changes.as_slice() else { panic!("{plan:?}") };
    assert_eq!(group.describe(), format!("delete TXT:{ONE}._drawbridge.example.com"));
    assert_eq!(plan.deletions, []);
}
