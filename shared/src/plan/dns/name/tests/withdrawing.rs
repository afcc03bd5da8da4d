//! There is a zone of ours, and nobody wants it any more.

use super::*;
use crate::{event::told, model::RecordKey};

const DROP: &str = "- withdraw NOT_WANTED: Z1 leaves [], delete TXT:vpc-0000000a._drawbridge.pay.corp.example, \
                    delete TXT:vpce-0f1e2d3c4b5a69788._drawbridge.pay.corp.example, delete A:pay.corp.example";

fn abandoned(zone: PrivateZone) -> Observed {
    in_zone(without_endpoint(wanted()), zone)
}

/// The changes of a line, sorted.
fn sorted(line: &str) -> Vec<String> {
    let mut parts: Vec<String> = line.split(", ").map(ToOwned::to_owned).collect();
    parts.sort();
    parts
}

#[test]
fn zone_and_records_go_with_the_last_endpoint() {
    let decided = decide(&abandoned(kept()));
    assert_eq!(decided.iter().map(|line| sorted(line)).collect::<Vec<_>>(), [sorted(DROP)]);
    let plan = plan(&key(), &abandoned(kept()), &rules(""), now());
    assert_eq!(plan.removals[0].1.announce, Some(told::RECORDS_WITHDRAWN));
    let mut rejected = in_zone(wanted(), kept());
    rejected.endpoints[0].state = ConnectionState::Rejected;
    assert_eq!(decide(&rejected), decided);
}

#[test]
fn policy_that_does_not_delete_leaves_the_zone() {
    for policy in ["upsert-only", "create-only"] {
        assert_eq!(decide_by(&format!("policy: {policy}"), &abandoned(kept())), ["hold POLICY_LEAVES"], "{policy}");
    }
}

#[test]
fn zone_leaves_all_vpcs_but_one_before_it_is_emptied() {
    let spread = also_in(also_in(kept(), "b", true), "c", true);
    let [line] = &decide(&abandoned(spread))[..] else { panic!("one step") };
    assert!(line.starts_with("- withdraw NOT_WANTED: Z1 leaves [vpc-0000000b vpc-0000000c], "), "{line}");
    assert_eq!(line.matches("delete TXT:vpc-").count(), 3, "{line}");
}

#[test]
fn zone_that_was_emptied_and_not_deleted_goes_with_its_last_vpc() {
    let mut emptied = kept();
    emptied.records.retain(|found| found.name == key().name && *found != alias("pay.corp.example", REGIONAL));
    assert_eq!(emptied.records.len(), 2);
    assert_eq!(decide(&abandoned(emptied)), ["- withdraw NOT_WANTED: Z1 leaves [], "]);
}

#[test]
fn zone_in_which_people_made_something_stays_without_our_records() {
    let ours: BTreeSet<RecordKey> = kept().records[2..].iter().map(RecordSet::key).collect();
    let with = |record: RecordSet| {
        let mut zone = kept();
        zone.records.push(record);
        zone
    };
    let routed = RecordSet { routing: Some("blue".to_owned()), ..record("A:api.pay.corp.example", "192.0.2.1") };
    let others = format!("endpoint/{HUB}/eu-west-1/{SECOND}");
    for (case, zone, told) in [
        ("a record", with(record("A:www.pay.corp.example", "192.0.2.1")), "people made A:www.pay.corp.example in it"),
        ("a record with routing", with(routed), "people made A:api.pay.corp.example in it"),
        (
            "name servers below",
            with(record("NS:below.pay.corp.example", "ns.example")),
            "people made NS:below.pay.corp.example",
        ),
        ("another type at the name", with(record("TXT:pay.corp.example", "\"x\"")), "people made TXT:pay.corp.example"),
        ("another deployment", with(registration("other", &others, &key().name, &[])), "people made TXT:vpce-"),
        ("an association", also_in(kept(), "b", false), "people associated it with eu-west-1/vpc-0000000b"),
    ] {
        let plan = plan(&key(), &abandoned(zone), &rules(""), now());
        assert_eq!(plan.held[0].reason, reason::NOT_OWNED, "{case}");
        assert!(plan.held[0].remedies[0].contains(told), "{case}: {:?}", plan.held[0].remedies);
        let [(crate::plan::dns::Change::Records(_, changes), _)] = &plan.removals[..] else {
            panic!("{case}: {plan:?}")
        };
        assert!(changes.iter().all(RecordChange::is_deletion), "{case}");
        assert_eq!(changes.iter().map(|change| change.record().key()).collect::<BTreeSet<_>>(), ours, "{case}");
    }
}

#[test]
fn record_of_ours_that_people_replaced_by_one_with_routing_is_theirs() {
    let mut zone = kept();
    zone.records.retain(|found| *found != alias("pay.corp.example", REGIONAL));
    zone.records.push(RecordSet { routing: Some("blue".to_owned()), ..alias("pay.corp.example", REGIONAL) });
    let told = decide(&abandoned(zone)).join(" ");
    assert!(!told.contains("delete A:pay.corp.example") && told.contains("hold NOT_OWNED"), "{told}");
}

#[test]
fn record_that_another_deployment_has_registered_too_is_not_deleted() {
    let mut zone = kept();
    let others = format!("endpoint/{HUB}/eu-west-1/{SECOND}");
    zone.records.push(registration("other", &others, &key().name, &["A:pay.corp.example"]));
    let told = decide(&abandoned(zone)).join(" ");
    assert!(!told.contains("delete A:pay.corp.example"), "{told}");
    assert!(told.contains(&format!("delete TXT:{ENDPOINT}._drawbridge")) && told.contains("hold NOT_OWNED"), "{told}");
}

#[test]
fn zone_without_any_mark_that_answers_in_several_vpcs_is_somebodys() {
    let mut unmarked = also_in(kept(), "b", false);
    unmarked.records.truncate(2);
    assert_eq!(decide(&abandoned(unmarked)), ["hold NOT_OWNED"]);
}

#[test]
fn zone_of_many_vpcs_is_emptied_in_as_many_calls_as_it_takes() {
    let mut zone = kept();
    for number in 0..299 {
        let id = format!("{number:08x}");
        zone.associated.insert(vpc(&id));
        zone.records.push(mark(&id, CONSUMER));
    }
    let plan = plan(&key(), &abandoned(zone.clone()), &rules(""), now());
    let [(crate::plan::dns::Change::DropZone { vpcs, batches, .. }, _)] = &plan.removals[..] else {
        panic!("{plan:?}")
    };
    assert_eq!(vpcs.len(), 299);
    assert!(batches.len() > 1, "the marks are more than a call takes");
    assert_eq!(batches.concat().len(), zone.records.len() - 2);
}
