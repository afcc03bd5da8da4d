//! Every row of the table in `docs/dns.md`, and what is under way.

use std::collections::BTreeSet;

use super::*;
use crate::{
    model::{DomainVerification, Tags},
    plan::dns::tests::{HUB, POLICIES, SERVICE, name, now, record, registration, rules, tell},
};

const PROOF: &str = "_label.payments.example.com";
const VALUE: &str = "vpce:value";
const CREATE: &str = "create TXT:_label.payments.example.com";
const CREATE_REGISTRATION: &str = "create TXT:vpce-svc-0a1b2c3d4e5f60718._drawbridge.example.com";
const AGAIN: &str = "again review 222222222222/eu-west-1/vpce-svc-0a1b2c3d4e5f60718 in 30s";

const NOTHING: [&str; 0] = [];

fn key() -> ServiceKey {
    ServiceKey {
        account: HUB.parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        service: SERVICE.parse().unwrap(),
    }
}

fn service(state: &str) -> EndpointService {
    EndpointService {
        key: key(),
        name: format!("com.amazonaws.vpce.eu-west-1.{SERVICE}"),
        acceptance_required: true,
        load_balancers: [].into(),
        availability_zones: [].into(),
        private_dns_name: Some("payments.example.com".to_owned()),
        verification: Some(DomainVerification {
            state: VerificationState::parse(state),
            record_name: "_label".to_owned(),
            record_value: VALUE.to_owned(),
        }),
        tags: Tags::from([("drawbridge:enabled".to_owned(), "true".to_owned())]),
    }
}

fn zone(id: &str, name_of: &str) -> Zone {
    let key = ZoneKey { account: HUB.parse().unwrap(), zone: id.parse().unwrap() };
    Zone { key, name: name(name_of), private: false, comment: String::new(), records: 2 }
}

/// A service in this state, and its zone with these records.
fn observed(state: &str, records: Vec<RecordSet>) -> Observed {
    let zone = zone("Z1", "example.com");
    Observed {
        service: Some(service(state)),
        covering: vec![zone.key.clone()],
        zones: vec![Registered { zone, records }],
        begun: Begun::default(),
    }
}

/// The record as we write it.
fn right() -> RecordSet {
    let data = RecordData::Values { ttl: TTL, values: [txt::quote(VALUE)].into() };
    RecordSet { data, ..record(&format!("TXT:{PROOF}"), "") }
}

/// That the record is ours.
fn ours() -> RecordSet {
    registration("hub", &resource(&key()), &name("example.com"), &[&format!("TXT:{PROOF}")])
}

fn wrong() -> RecordSet {
    record(&format!("TXT:{PROOF}"), "\"somebody's\"")
}

fn decide(observed: &Observed) -> Vec<String> {
    tell(&plan(&key(), observed, &rules(""), now()))
}

fn seconds_ago(seconds: i64) -> Timestamp {
    now().checked_sub(jiff::SignedDuration::from_secs(seconds)).unwrap()
}

#[test]
fn name_that_is_not_verified_gets_its_record_and_then_a_look() {
    let publish = format!("publish NAME_NOT_VERIFIED: {CREATE}, {CREATE_REGISTRATION} in Z1");
    let pending = "pendingVerification";
    for (found, state, records, expected) in [
        ("nothing", pending, vec![], vec![publish.as_str(), AGAIN]),
        ("ours", pending, vec![right(), ours()], vec![&*format!("verify NAME_NOT_VERIFIED: look at {SERVICE}"), AGAIN]),
        (
            "somebody's that is right",
            pending,
            vec![right()],
            vec![&*format!("verify NAME_NOT_VERIFIED: look at {SERVICE}"), AGAIN],
        ),
        ("somebody's that is wrong", pending, vec![wrong()], vec!["hold CONFLICT"]),
        (
            "ours, and AWS has not found it",
            "failed",
            vec![right(), ours()],
            vec![&*format!("verify VERIFICATION_FAILED: look at {SERVICE}"), AGAIN],
        ),
        ("a state that AWS has added since", "resting", vec![], vec![publish.as_str(), AGAIN]),
        ("verified by us", "verified", vec![right(), ours()], NOTHING.to_vec()),
        ("verified by others", "verified", vec![right()], NOTHING.to_vec()),
        ("verified by others, the record gone", "verified", vec![], NOTHING.to_vec()),
        ("ours, gone", "verified", vec![ours()], vec![&*format!("publish PROOF_MISSING: {CREATE} in Z1"), AGAIN]),
        (
            "ours, altered",
            "verified",
            vec![ours(), wrong()],
            vec![&*format!("publish PROOF_MISSING: update TXT:{PROOF} in Z1"), AGAIN],
        ),
    ] {
        assert_eq!(decide(&observed(state, records)), expected, "{found}");
    }
}

#[test]
fn failure_is_told_to_others_and_a_first_look_is_not() {
    for (state, announce) in [("failed", Some(told::VERIFICATION_FAILED)), ("pendingVerification", None)] {
        let plan = plan(&key(), &observed(state, vec![right(), ours()]), &rules(""), now());
        assert_eq!(plan.steps[0].1.announce, announce, "{state}");
    }
}

#[test]
fn name_without_one_zone_is_held_with_the_record_to_make() {
    let two = ["Z1", "Z2"].map(|id| Registered { zone: zone(id, "example.com"), records: Vec::new() });
    let covering: Vec<ZoneKey> = two.iter().map(|registered| registered.zone.key.clone()).collect();
    for (zones, covering, reason) in
        [(vec![], vec![], reason::NO_ZONE), (two.to_vec(), covering, reason::SEVERAL_ZONES)]
    {
        let observed = Observed { covering, zones, ..observed("pendingVerification", vec![]) };
        let plan = plan(&key(), &observed, &rules(""), now());
        assert_eq!(tell(&plan), [format!("hold {reason}")]);
        let remedies = plan.held[0].remedies.join(" ");
        assert!(
            remedies.contains(PROOF) && remedies.contains("\"vpce:value\"") && remedies.contains("dns.accounts"),
            "{remedies}"
        );
        let verified = Observed { service: Some(service("verified")), ..observed };
        assert_eq!(decide(&verified), NOTHING);
    }
}

#[test]
fn record_goes_with_the_service_or_its_name_and_stays_when_the_service_is_left_out() {
    let withdraw =
        format!("- withdraw NOT_WANTED: delete TXT:{PROOF}, delete TXT:{SERVICE}._drawbridge.example.com in Z1");
    let there = observed("verified", vec![right(), ours()]);
    let gone = Observed { service: None, covering: Vec::new(), ..there.clone() };
    assert_eq!(decide(&gone), std::slice::from_ref(&withdraw));
    let nameless = EndpointService { private_dns_name: None, ..service("verified") };
    assert_eq!(decide(&Observed { service: Some(nameless), covering: Vec::new(), ..there.clone() }), [withdraw]);

    let mut renamed = service("pendingVerification");
    renamed.private_dns_name = Some("bills.example.com".to_owned());
    let told = decide(&Observed { service: Some(renamed), ..there.clone() });
    let changes = told[0].strip_prefix("publish NAME_NOT_VERIFIED: ").unwrap().strip_suffix(" in Z1").unwrap();
    let expected = [
        format!("delete TXT:{PROOF}"),
        format!("update TXT:{SERVICE}._drawbridge.example.com"),
        "create TXT:_label.bills.example.com".to_owned(),
    ];
    let changes: BTreeSet<String> = changes.split(", ").map(ToOwned::to_owned).collect();
    assert_eq!(changes, expected.into());

    let left = EndpointService { tags: Tags::new(), ..service("pendingVerification") };
    assert_eq!(decide(&Observed { service: Some(left), ..there.clone() }), NOTHING);
    let off = rules("verification: none");
    assert_eq!(tell(&plan(&key(), &Observed { service: Some(service("failed")), ..there }, &off, now())), NOTHING);
}

#[test]
fn policy_says_what_may_be_done_to_our_own_record() {
    let gone = Observed { service: None, covering: Vec::new(), ..observed("verified", vec![right(), ours()]) };
    let altered = observed("verified", vec![wrong(), ours()]);
    let missing = observed("pendingVerification", vec![]);
    let first = |observed: &Observed, policy: &str| {
        let told = tell(&plan(&key(), observed, &rules(&format!("policy: {policy}")), now()));
        told[0].split(':').next().unwrap().to_owned()
    };
    for (observed, expected) in [
        (missing, ["publish NAME_NOT_VERIFIED"; 3]),
        (altered, ["publish PROOF_MISSING", "publish PROOF_MISSING", "hold POLICY_LEAVES"]),
        (gone, ["- withdraw NOT_WANTED", "hold POLICY_LEAVES", "hold POLICY_LEAVES"]),
    ] {
        assert_eq!(POLICIES.map(|policy| first(&observed, policy)), expected);
    }
}

#[test]
fn nothing_is_begun_again_while_it_is_under_way() {
    let there = observed("pendingVerification", vec![right(), ours()]);
    let look = format!("verify NAME_NOT_VERIFIED: look at {SERVICE}");
    for (change, looked, expected) in [
        (true, None, "hold UNDER_WAY"),
        (false, Some(0), "hold UNDER_WAY"),
        (false, Some(599), "hold UNDER_WAY"),
        (false, Some(600), &*look),
        (true, Some(600), "hold UNDER_WAY"),
        (false, None, &*look),
    ] {
        let begun = Begun { change, look: looked.map(seconds_ago) };
        assert_eq!(decide(&Observed { begun, ..there.clone() })[0], expected, "{change} {looked:?}");
    }
    let failed = observed("failed", vec![right(), ours()]);
    let begun = Begun { change: false, look: Some(seconds_ago(5)) };
    assert!(
        decide(&Observed { begun, ..failed })[0].starts_with("verify VERIFICATION_FAILED"),
        "AWS has looked already"
    );
}

#[test]
fn it_looks_again_twice_as_late_each_time_and_then_leaves_it_to_the_sweep() {
    for (age, again) in [(0, Some(30)), (29, Some(30)), (31, Some(31)), (120, Some(120)), (899, Some(899)), (900, None)]
    {
        let mut there = observed("pendingVerification", vec![right()]);
        let mut registered = registry::read(&ours(), &name("example.com")).unwrap().unwrap();
        registered.since = seconds_ago(age);
        there.zones[0].records.push(registry::record(&registered, &name("example.com")));
        let plan = plan(&key(), &there, &rules(""), now());
        assert_eq!(plan.again.map(|(_, after)| after.as_secs()), again, "{age}");
    }
}

#[test]
fn name_that_was_looked_for_is_told_once_it_is_verified() {
    let verified = observed("verified", vec![right(), ours()]);
    let plan =
        plan(&key(), &Observed { begun: Begun { change: false, look: Some(now()) }, ..verified }, &rules(""), now());
    assert_eq!(tell(&plan), ["keep NAME_VERIFIED"]);
    assert_eq!(plan.held[0].announce, Some(told::NAME_VERIFIED));
}

#[test]
fn registration_of_others_makes_nothing_ours() {
    let zone_name = name("example.com");
    let listed = [&*format!("TXT:{PROOF}")];
    let by_others = registration("other", &resource(&key()), &zone_name, &listed);
    assert_eq!(decide(&observed("verified", vec![by_others])), NOTHING);
    // A service of another account is another service, whatever its id: this one has lost its record.
    let elsewhere = registration("hub", &format!("service/444444444444/eu-west-1/{SERVICE}"), &zone_name, &listed);
    let emptied = format!("publish PROOF_MISSING: delete TXT:{SERVICE}._drawbridge.example.com in Z1");
    assert_eq!(decide(&observed("verified", vec![elsewhere]))[0], emptied);
}

#[test]
fn proof_stands_where_aws_looks_for_it() {
    let of = |name: Option<&str>, label: &str, value: &str| {
        let mut service = service("pendingVerification");
        service.private_dns_name = name.map(ToOwned::to_owned);
        let verification = service.verification.as_mut().unwrap();
        (verification.record_name, verification.record_value) = (label.to_owned(), value.to_owned());
        proof(&service).map(|record| record.key().to_string())
    };
    let at = |name: &str| Some(format!("TXT:_label.{name}"));
    assert_eq!(of(Some("payments.example.com"), "_label", VALUE), at("payments.example.com"));
    assert_eq!(of(Some("*.payments.example.com"), "_label", VALUE), at("payments.example.com"));
    assert_eq!(of(Some("payments.example.com"), "_label.payments.example.com.", VALUE), at("payments.example.com"));
    assert_eq!(of(Some("Payments.Example.Com."), "_label", VALUE), at("payments.example.com"));
    assert_eq!(of(Some("payments.example.com"), "_label", ""), None);
    assert_eq!(of(Some(""), "_label", VALUE), None);
    assert_eq!(of(None, "_label", VALUE), None);
    assert_eq!(proof(&EndpointService { verification: None, ..service("verified") }), None);
}

#[test]
fn service_is_told_by_its_name_or_its_id() {
    let gone = Observed { service: None, covering: Vec::new(), ..observed("verified", vec![right(), ours()]) };
    let about = |observed: &Observed| {
        let plan = plan(&key(), observed, &rules(""), now());
        plan.steps.into_iter().chain(plan.removals).next().unwrap().1.about
    };
    let told = about(&observed("pendingVerification", vec![]));
    assert_eq!(told.subject, format!("payments.example.com of {SERVICE}"));
    assert_eq!(
        (&*told.fields["private_dns_name"], &*told.fields["verification_state"]),
        ("payments.example.com", "pendingVerification")
    );
    assert_eq!(told.resource, format!("arn:aws:ec2:eu-west-1:{HUB}:vpc-endpoint-service/{SERVICE}"));
    assert_eq!(about(&gone).subject, format!("service {SERVICE}"));
}
