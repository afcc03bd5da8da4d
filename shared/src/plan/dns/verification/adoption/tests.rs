//! What is taken over of a record that people made for a service.

use super::*;
use crate::{
    model::{
        DomainName, DomainVerification, EndpointService, RecordData, RecordType, Tags, VerificationState, Zone,
        ZoneKey, txt,
    },
    plan::{
        Decision,
        dns::{adoption::Step, registry, verification::Registered},
    },
};

const SERVICE: &str = "vpce-svc-0a1b2c3d4e5f60718";
const PROOF: &str = "_6e86v84tqgqubxbwii1m.pay.example.com";
const VALUE: &str = "vpce:l6p0ERxlTt45jevFwOCp";

fn rules(dns: &str) -> Rules {
    let configuration = format!(
        "{{version: 1, deployment: hub, organization: o-a1b2c3d4e5, hub-account: '222222222222', mode: observe,
        providers: {{accounts: ['222222222222'], regions: [eu-west-1]}}, dns: {{accounts: ['222222222222']{dns}}}}}"
    );
    Rules::parse(&configuration, "@id(\"all\") permit (principal, action, resource);").unwrap()
}

fn key() -> ServiceKey {
    ServiceKey {
        account: "222222222222".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        service: SERVICE.parse().unwrap(),
    }
}

fn service(state: VerificationState) -> EndpointService {
    EndpointService {
        key: key(),
        name: format!("com.amazonaws.vpce.eu-west-1.{SERVICE}"),
        acceptance_required: true,
        load_balancers: [].into(),
        availability_zones: [].into(),
        private_dns_name: Some("pay.example.com".to_owned()),
        verification: Some(DomainVerification {
            state,
            record_name: "_6e86v84tqgqubxbwii1m".to_owned(),
            record_value: VALUE.to_owned(),
        }),
        tags: Tags::from([("drawbridge:enabled".to_owned(), "true".to_owned())]),
    }
}

fn record(ttl: u32, values: &[&str]) -> RecordSet {
    let values = values.iter().map(|value| txt::quote(value)).collect();
    RecordSet {
        name: DomainName::of_route53(PROOF),
        kind: RecordType::Txt,
        data: RecordData::Values { ttl, values },
        routing: None,
    }
}

fn zone(id: &str) -> Zone {
    Zone {
        key: ZoneKey { account: "222222222222".parse().unwrap(), zone: id.parse().unwrap() },
        name: "example.com".parse().unwrap(),
        private: false,
        comment: String::new(),
        records: 3,
    }
}

/// A service, and the zone that covers its name with these records at the name of the proof.
fn observed(service: EndpointService, records: Vec<RecordSet>) -> Observed {
    let zone = zone("Z1");
    Observed {
        service: Some(service),
        covering: vec![zone.key.clone()],
        zones: vec![Registered { zone, records }],
        ..Observed::default()
    }
}

fn now() -> Timestamp {
    "2026-11-23T13:00:00Z".parse().unwrap()
}

fn adopt_from(observed: &Observed) -> Adoption {
    adopt(&key(), observed, &rules(""), now())
}

fn reasons(decisions: &[Decision]) -> Vec<&str> {
    decisions.iter().map(|decision| decision.reason.as_ref()).collect()
}

#[test]
fn record_that_shows_what_aws_looks_for_is_registered_beside_it() {
    for state in [VerificationState::Verified, VerificationState::PendingVerification] {
        let observed = observed(service(state), vec![record(300, &[VALUE])]);
        let adoption = adopt_from(&observed);
        let [Step::Register { changes, records, vpcs, .. }] = adoption.steps.as_slice() else { panic!("{adoption:?}") };
        assert_eq!(*records, [format!("TXT:{PROOF}").parse().unwrap()].into());
        assert!(vpcs.is_empty() && adoption.held.is_empty());
        let [registration] = changes.as_slice() else { panic!("{changes:?}") };
        assert_eq!(registration.record().name, registry::place(SERVICE, &"example.com".parse().unwrap()));
        assert!(adoption.notes[0].contains("has a TTL of 300 instead of 1800"));
    }
}

#[test]
fn record_that_was_taken_over_is_ours_to_a_second_order_and_goes_with_the_service() {
    let proof = record(1_800, &[VALUE]);
    let mut observed = observed(service(VerificationState::Verified), vec![proof.clone()]);
    let adoption = adopt_from(&observed);
    let [Step::Register { changes, .. }] = adoption.steps.as_slice() else { panic!("{adoption:?}") };
    assert!(adoption.notes.is_empty());
    observed.zones[0].records.push(changes[0].record().clone());
    let again = adopt_from(&observed);
    assert_eq!((again.steps, again.ours), (vec![], [proof.key()].into()));
    let plan = super::super::plan(&key(), &observed, &rules(""), now());
    assert_eq!((plan.steps, plan.removals, plan.held), (vec![], vec![], vec![]));
    let gone = Observed { service: None, covering: Vec::new(), ..observed };
    let plan = super::super::plan(&key(), &gone, &rules(""), now());
    assert_eq!((plan.steps.len(), plan.removals.len()), (0, 1));
}

#[test]
fn record_that_is_missing_or_shows_something_else_is_not_taken_over() {
    let missing = adopt_from(&observed(service(VerificationState::PendingVerification), Vec::new()));
    assert_eq!((missing.steps.len(), missing.held.len()), (0, 0));
    assert!(missing.notes[0].contains("isn't there"));
    for values in [&["vpce:other"][..], &[VALUE, "v=spf1 -all"]] {
        let adoption =
            adopt_from(&observed(service(VerificationState::PendingVerification), vec![record(1_800, values)]));
        assert_eq!((adoption.steps, reasons(&adoption.held)), (vec![], vec!["CONFLICT"]));
    }
}

#[test]
fn service_that_is_not_looked_after_or_has_no_one_zone_is_told() {
    let pending = || service(VerificationState::PendingVerification);
    let there = || vec![record(1_800, &[VALUE])];
    let untagged = EndpointService { tags: Tags::new(), ..pending() };
    let nameless = EndpointService { private_dns_name: None, ..pending() };
    let uncovered = Observed { covering: Vec::new(), ..observed(pending(), there()) };
    let twice = Observed { covering: vec![zone("Z1").key, zone("Z2").key], ..observed(pending(), there()) };
    let gone = Observed { service: None, ..observed(pending(), there()) };
    for (observed, reason) in [
        (observed(untagged, there()), "NOT_SELECTED"),
        (observed(nameless, there()), "NO_PRIVATE_NAME"),
        (uncovered, "NO_ZONE"),
        (twice, "SEVERAL_ZONES"),
        (gone, "SERVICE_NOT_FOUND"),
    ] {
        let adoption = adopt_from(&observed);
        assert_eq!((adoption.steps, reasons(&adoption.held)), (vec![], vec![reason]));
        assert!(!adoption.held[0].remedies.is_empty());
    }
    let off = adopt(&key(), &observed(pending(), there()), &rules(", verification: none"), now());
    assert_eq!((off.steps, reasons(&off.held)), (vec![], vec!["NOT_SELECTED"]));
}
