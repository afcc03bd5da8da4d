//! What is taken over of a zone that people made, and what isn't.

use std::collections::BTreeMap;

use super::*;
use crate::{
    model::{
        AccountId, ConnectionState, DnsEntry, DomainName, EndpointKey, EndpointKind, RecordData, RecordKey, Tags,
        VpcReference, VpcZone, ZoneKey, ZoneOwner,
    },
    plan::{
        Decision,
        dns::{name::Wish, registry::Registration, rival::Rival},
    },
    policy::Rules,
};

const NAME: &str = "pay.corp.example";
const ONE: &str = "vpce-00000000000000001";
const TWO: &str = "vpce-00000000000000002";
const REGIONAL: &str = "vpce-00000000000000001-abc.vpce-svc-00000000000000001.eu-west-1.vpce.amazonaws.com";
const HOME: &str = "vpc-00000000000000001";
const SELECTED: &str = "vpc-00000000000000002";
const UNSELECTED: &str = "vpc-00000000000000003";
const THEIRS: &str = "made by Anna";

fn rules(accounts: &str) -> Rules {
    let configuration = format!(
        "{{version: 1, deployment: hub, organization: o-a1b2c3d4e5, hub-account: '222222222222', mode: observe,
        providers: {{accounts: ['222222222222'], regions: [eu-west-1]}}, dns: {{accounts: [{accounts}]}}}}"
    );
    Rules::parse(&configuration, "@id(\"all\") permit (principal, action, resource);").unwrap()
}

fn key() -> NameKey {
    NameKey { account: account(), region: "eu-west-1".parse().unwrap(), name: NAME.parse().unwrap() }
}

fn account() -> AccountId {
    "222222222222".parse().unwrap()
}

fn vpc(id: &str) -> VpcReference {
    VpcReference { region: "eu-west-1".parse().unwrap(), vpc: id.parse().unwrap() }
}

fn endpoint(id: &str) -> Endpoint {
    let entry = DnsEntry { name: DomainName::of_route53(REGIONAL), zone: "Z38GZ743OKFT7T".parse().unwrap() };
    Endpoint {
        key: EndpointKey { account: account(), region: "eu-west-1".parse().unwrap(), endpoint: id.parse().unwrap() },
        service_name: "com.amazonaws.vpce.eu-west-1.vpce-svc-00000000000000001".to_owned(),
        kind: EndpointKind::Interface,
        state: ConnectionState::Available,
        vpc: HOME.parse().unwrap(),
        private_dns: false,
        dns_entries: vec![entry],
        ip_address_type: None,
        tags: Tags::new(),
        requester_managed: false,
        interfaces: [].into(),
        created: None,
    }
}

/// An endpoint that wants the name and all names below it; one VPC of another account is selected.
fn observed() -> Observed {
    Observed {
        endpoints: vec![endpoint(ONE)],
        wishes: [(ONE.parse().unwrap(), Wish { apex: true, wildcard: true, is_unproven: false })].into(),
        vpcs: [(vpc(SELECTED), "444444444444".parse().unwrap())].into(),
        ..Observed::default()
    }
}

fn alias(name: &str) -> RecordSet {
    let data = RecordData::Alias {
        zone: "Z38GZ743OKFT7T".parse().unwrap(),
        target: DomainName::of_route53(REGIONAL),
        evaluate_health: false,
    };
    RecordSet { name: DomainName::of_route53(name), kind: RecordType::A, data, routing: None }
}

fn address(name: &str) -> RecordSet {
    let data = RecordData::Values { ttl: 60, values: ["10.0.0.1".to_owned()].into() };
    RecordSet { data, ..alias(name) }
}

/// A zone of the name that answers in these VPCs, beside the endpoint's.
fn zone(id: &str, comment: &str, records: Vec<RecordSet>, vpcs: &[&str]) -> PrivateZone {
    let zone = Zone {
        key: ZoneKey { account: account(), zone: id.parse().unwrap() },
        name: NAME.parse().unwrap(),
        private: true,
        comment: comment.to_owned(),
        records: 0,
    };
    let associated = vpcs.iter().map(|id| vpc(id)).collect();
    PrivateZone { zone, records, associated, authorized: BTreeSet::new() }
}

/// The zone that people made just as it would be made here.
fn theirs() -> PrivateZone {
    zone("Z1", THEIRS, vec![alias(NAME), alias(&format!("*.{NAME}"))], &[HOME, SELECTED])
}

fn registration(owner: &str, key: &str, records: &[&str]) -> RecordSet {
    let registration = Registration {
        key: key.to_owned(),
        owner: owner.parse().unwrap(),
        resource: format!("endpoint/222222222222/eu-west-1/{key}"),
        since: now(),
        records: records.iter().map(|record| record.parse().unwrap()).collect(),
    };
    registry::record(&registration, &NAME.parse().unwrap())
}

fn now() -> Timestamp {
    "2026-11-23T13:00:00Z".parse().unwrap()
}

fn adopt_from(observed: &Observed, others: &[PrivateZone]) -> Adoption {
    adopt(&key(), &ONE.parse().unwrap(), observed, others, &rules("'222222222222'"), now())
}

fn comment() -> String {
    format!("heritage=drawbridge,drawbridge/owner=hub,drawbridge/resource=zone/222222222222/eu-west-1/{NAME}")
}

/// The zone after these steps.
fn after(mut zone: PrivateZone, steps: &[Step]) -> PrivateZone {
    for step in steps {
        match step {
            Step::Mark { comment, .. } => zone.zone.comment.clone_from(comment),
            Step::Register { changes, .. } => {
                for change in changes {
                    zone.records.retain(|record| record.key() != change.record().key());
                    zone.records.push(change.record().clone());
                }
            }
        }
    }
    zone
}

fn reasons(decisions: &[Decision]) -> Vec<&str> {
    decisions.iter().map(|decision| decision.reason.as_ref()).collect()
}

#[test]
fn zone_that_is_as_it_would_be_made_is_registered_and_then_marked() {
    let adoption = adopt_from(&observed(), &[theirs()]);
    let [Step::Register { records, vpcs, changes, .. }, Step::Mark { zone, comment: new }] = adoption.steps.as_slice()
    else {
        panic!("{adoption:?}")
    };
    let expected: [RecordKey; 2] = [format!("A:*.{NAME}").parse().unwrap(), format!("A:{NAME}").parse().unwrap()];
    assert_eq!(*records, expected.into());
    let expected = [format!("222222222222/eu-west-1/{HOME}"), format!("444444444444/eu-west-1/{SELECTED}")];
    assert_eq!(*vpcs, expected.into());
    assert!(changes.iter().all(|change| matches!(change, RecordChange::Create(_))), "nothing of theirs is changed");
    assert_eq!((zone.comment.as_str(), new), (THEIRS, &comment()));
    assert_eq!((adoption.held, adoption.notes), (vec![], Vec::<String>::new()));
}

#[test]
fn zone_that_was_taken_over_leaves_nothing_to_do_to_the_function_and_to_a_second_order() {
    let adopted = after(theirs(), &adopt_from(&observed(), &[theirs()]).steps);
    let observed = Observed { zones: vec![adopted], ..observed() };
    let plan = super::super::plan(&key(), &observed, &rules("'222222222222'"), now());
    assert_eq!((plan.steps, plan.removals, plan.held), (vec![], vec![], vec![]));
    let again = adopt_from(&observed, &[]);
    assert_eq!((again.steps, again.held, again.ours.len()), (vec![], vec![], 2));
    let unwanted = Observed { endpoints: Vec::new(), wishes: BTreeMap::new(), ..observed };
    let plan = super::super::plan(&key(), &unwanted, &rules("'222222222222'"), now());
    assert_eq!(plan.held, []);
    assert!(matches!(plan.removals.as_slice(), [(crate::plan::dns::Change::DropZone { .. }, _)]), "{plan:?}");
}

#[test]
fn order_that_broke_off_before_the_mark_is_finished_by_the_next() {
    let steps = adopt_from(&observed(), &[theirs()]).steps;
    let half = after(theirs(), &steps[..1]);
    let rest = adopt_from(&observed(), std::slice::from_ref(&half));
    assert_eq!(rest.steps, [Step::Mark { zone: half.zone, comment: comment() }]);
}

#[test]
fn zone_that_differs_in_what_is_wanted_is_left_as_a_whole() {
    for (record, reason) in [
        (address(NAME), "CONFLICT"),
        (RecordSet { kind: RecordType::Cname, ..address(&format!("*.{NAME}")) }, "CONFLICT"),
        (RecordSet { routing: Some("blue".to_owned()), ..alias(NAME) }, "CONFLICT"),
        (registration("other", TWO, &[&format!("A:{NAME}")]), "NOT_OWNED"),
        (registration("other", TWO, &[]), "NOT_OWNED"),
        (RecordSet { data: address(NAME).data, ..registration("hub", ONE, &[]) }, "NOT_OWNED"),
        (RecordSet { kind: RecordType::Cname, ..registration("hub", "vpc-00000001", &[]) }, "NOT_OWNED"),
        (registration("hub", TWO, &[&format!("A:{NAME}")]), "CONFLICT"),
    ] {
        let mut zone = theirs();
        zone.records.retain(|kept| kept.key() != record.key() && kept.name != record.name);
        zone.records.push(record.clone());
        let adoption = adopt_from(&observed(), &[zone]);
        assert_eq!(adoption.steps, [], "{record:?}");
        assert_eq!(reasons(&adoption.held), [reason], "{record:?}");
        assert!(adoption.held.iter().all(|held| !held.remedies.is_empty()));
    }
}

#[test]
fn mark_of_another_deployment_or_of_another_name_is_never_replaced() {
    let of = |owner: &str, resource: &str| registry::zone_comment(&owner.parse().unwrap(), resource);
    for (comment, reason) in [
        (of("other", &key().resource()), "NOT_OWNED"),
        (of("hub", "zone/222222222222/eu-central-1/pay.corp.example"), "CONFLICT"),
        ("heritage=drawbridge, whatever".to_owned(), "NOT_OWNED"),
    ] {
        let zone = PrivateZone { zone: Zone { comment: comment.clone(), ..theirs().zone }, ..theirs() };
        let adoption = adopt_from(&observed(), &[zone]);
        assert_eq!((adoption.steps, reasons(&adoption.held)), (vec![], vec![reason]), "{comment}");
    }
}

#[test]
fn association_and_record_that_nobody_wants_stay_and_keep_nothing_else_from_being_taken_over() {
    let mut zone = theirs();
    zone.associated.insert(vpc(UNSELECTED));
    zone.records.extend([address(&format!("db.{NAME}")), address(&format!("dc.{NAME}"))]);
    let adoption = adopt_from(&observed(), &[zone]);
    assert_eq!((adoption.steps.len(), adoption.held.len()), (2, 0));
    let [Step::Register { vpcs, .. }, _] = adoption.steps.as_slice() else { panic!("{adoption:?}") };
    assert!(!vpcs.iter().any(|vpc| vpc.ends_with(UNSELECTED)));
    let [association, records] = adoption.notes.as_slice() else { panic!("{adoption:?}") };
    assert!(association.contains(UNSELECTED) && records.starts_with(&format!("A:db.{NAME} and 1 more stays")));
}

#[test]
fn record_that_is_missing_or_evaluates_health_is_no_hindrance_and_is_told() {
    let mut evaluating = alias(NAME);
    if let RecordData::Alias { evaluate_health, .. } = &mut evaluating.data {
        *evaluate_health = true;
    }
    let adoption = adopt_from(&observed(), &[zone("Z1", "", vec![evaluating], &[HOME])]);
    assert_eq!((adoption.steps.len(), adoption.held.len()), (2, 0));
    let [health, missing] = adoption.notes.as_slice() else { panic!("{adoption:?}") };
    assert!(health.starts_with(&format!("A:{NAME} evaluates the health")), "{health}");
    assert!(missing.starts_with(&format!("A:*.{NAME} isn't there")), "{missing}");
}

#[test]
fn zone_that_does_not_answer_in_the_endpoint_s_vpc_is_none_to_take_over() {
    let elsewhere = zone("Z2", THEIRS, vec![alias(NAME)], &[SELECTED]);
    let adoption = adopt_from(&observed(), std::slice::from_ref(&elsewhere));
    assert_eq!((adoption.steps.len(), adoption.held.len()), (0, 0));
    let [elsewhere_too, none] = adoption.notes.as_slice() else { panic!("{adoption:?}") };
    assert!(elsewhere_too.contains("Z2") && none.starts_with("no private zone"), "{none}");
    let beside = adopt_from(&observed(), &[elsewhere, theirs()]);
    assert_eq!((beside.steps.len(), beside.notes.len()), (2, 1));
    assert!(beside.steps.iter().all(|step| step.zone().key == theirs().zone.key));
}

#[test]
fn zone_of_another_account_is_not_taken_over() {
    let rival = VpcZone {
        name: NAME.parse().unwrap(),
        zone: "Z9".parse().unwrap(),
        owner: ZoneOwner::Account("444444444444".parse().unwrap()),
    };
    let observed = Observed { rivals: [(vpc(HOME), vec![Rival::Zone(rival)])].into(), ..observed() };
    assert_eq!(reasons(&adopt_from(&observed, &[]).held), ["CONFLICT"]);
}

#[test]
fn what_may_not_be_written_or_named_is_not_taken_over() {
    let one = ONE.parse().unwrap();
    let elsewhere = adopt(&key(), &one, &observed(), &[theirs()], &rules("'444444444444'"), now());
    assert_eq!((elsewhere.steps, reasons(&elsewhere.held)), (vec![], vec!["NO_ZONE"]));
    let rejected = Endpoint { state: ConnectionState::Rejected, ..endpoint(ONE) };
    let nameless = Endpoint { dns_entries: Vec::new(), ..endpoint(ONE) };
    for (endpoints, reason) in [
        (vec![rejected], "NOT_CONNECTED"),
        (vec![nameless], "NOT_CONNECTED"),
        (vec![endpoint(TWO)], "NOT_CONNECTED"),
        (vec![endpoint(ONE), endpoint(TWO)], "CONFLICT"),
    ] {
        let adoption = adopt_from(&Observed { endpoints, ..observed() }, &[theirs()]);
        assert_eq!((adoption.steps, reasons(&adoption.held)), (vec![], vec![reason]));
    }
    let several = Observed { zones: vec![theirs(), zone("Z2", &comment(), Vec::new(), &[HOME])], ..observed() };
    assert_eq!(reasons(&adopt_from(&several, &[]).held), ["SEVERAL_ZONES"]);
}

#[test]
fn name_that_no_comment_has_room_for_is_not_taken_over() {
    let label = "a".repeat(60);
    let name: DomainName = format!("{label}.{label}.{label}.example").parse().unwrap();
    let zone = PrivateZone { zone: Zone { name: name.clone(), ..theirs().zone }, records: Vec::new(), ..theirs() };
    let key = NameKey { name, ..key() };
    let adoption = adopt(&key, &ONE.parse().unwrap(), &observed(), &[zone], &rules("'222222222222'"), now());
    assert_eq!((adoption.steps, reasons(&adoption.held)), (vec![], vec!["NOT_POSSIBLE"]));
}

#[test]
fn zone_of_ours_takes_in_what_people_made_in_it_later_whatever_else_differs() {
    let ours = after(zone("Z1", &comment(), Vec::new(), &[HOME]), &[]);
    let mut with = ours.clone();
    with.records.extend([alias(&format!("*.{NAME}")), address(NAME)]);
    let adoption = adopt_from(&Observed { zones: vec![with], ..observed() }, &[]);
    let [Step::Register { records, .. }] = adoption.steps.as_slice() else { panic!("{adoption:?}") };
    assert_eq!(*records, [format!("A:*.{NAME}").parse().unwrap()].into());
    assert_eq!(reasons(&adoption.held), ["CONFLICT"]);
}
