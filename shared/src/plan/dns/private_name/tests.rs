//! What stands in the way of a private name, and when it is switched on.

use super::*;
use crate::{
    model::{EndpointKind, ForwardingRule, Tags, VpcZone, ZoneOwner},
    plan::dns::tests::{ENDPOINT, endpoint as available, name, rules, tell},
};

const SELECTED: &str = "private-names: {select: tagged}";
const ENABLE: &str = "enable NAME_WANTED: switch on vpce-0f1e2d3c4b5a69788";

fn endpoint() -> Endpoint {
    let mut endpoint = available(ENDPOINT);
    endpoint.tags.insert("drawbridge:private-dns".to_owned(), "true".to_owned());
    endpoint
}

/// Nothing stands in the way.
fn observed(endpoint: Endpoint) -> Observed {
    let offer = Offer { private_names: vec![name("payments.example.com")], verified: true };
    Observed { endpoint: Some(endpoint), offer: Some(offer), resolves: true, ..Observed::default() }
}

fn decide(observed: &Observed) -> Vec<String> {
    tell(&plan(&endpoint().key, observed, &rules(SELECTED)))
}

fn zone(name_of: &str) -> Rival {
    let owner = ZoneOwner::Account("222222222222".parse().unwrap());
    Rival::Zone(VpcZone { name: name(name_of), zone: "Z1".parse().unwrap(), owner })
}

fn rule(domain: &str) -> ForwardingRule {
    let endpoint = endpoint();
    let vpc = VpcReference { region: endpoint.key.region, vpc: endpoint.vpc };
    ForwardingRule { id: "rslvr-rr-1".to_owned(), domain: name(domain), vpc }
}

#[test]
fn name_is_switched_on_when_nothing_stands_in_the_way() {
    let plan = plan(&endpoint().key, &observed(endpoint()), &rules(SELECTED));
    assert_eq!(tell(&plan), [ENABLE]);
    let (_, decision) = &plan.steps[0];
    assert_eq!(decision.announce, Some(told::NAME_ENABLED));
    assert_eq!(decision.about.fields["vpc_id"], endpoint().vpc.as_str());
    assert_eq!(decision.about.subject, format!("endpoint {ENDPOINT}"));
}

#[test]
fn what_stands_in_the_way_is_told_instead_of_tried() {
    let free = || observed(endpoint());
    let offer = |private_names: Vec<crate::model::DomainName>, verified| Some(Offer { private_names, verified });
    let wildcard = || offer(vec![name("*.example.com")], true);
    for (case, observed, expected, remedy) in [
        ("not offered", Observed { offer: None, ..free() }, "hold NO_PRIVATE_NAME", "has to be offered"),
        ("no name", Observed { offer: offer(vec![], true), ..free() }, "hold NO_PRIVATE_NAME", "provider has to give"),
        (
            "not verified",
            Observed { offer: offer(vec![name("payments.example.com")], false), ..free() },
            "hold NAME_NOT_VERIFIED",
            "provider has to verify",
        ),
        ("no DNS", Observed { resolves: false, ..free() }, "hold DNS_SUPPORT_OFF", "enableDnsSupport"),
        (
            "the name is taken",
            Observed { rivals: vec![zone("else.example.com"), zone("payments.example.com")], ..free() },
            "hold CONFLICT",
            "payments.example.com: Z1 of account 222222222222 answers for the name",
        ),
        (
            "a forwarding rule wins",
            Observed { rivals: vec![Rival::Rule(rule("payments.example.com"))], ..free() },
            "hold CONFLICT",
            "payments.example.com: the forwarding rule rslvr-rr-1",
        ),
        (
            "its turn is later",
            Observed { waits: Some(Duration::from_secs(20)), ..free() },
            "hold UNDER_WAY",
            "its turn is in 20 s",
        ),
        (
            "the wildcard's domain is taken",
            Observed { rivals: vec![zone("example.com")], offer: wildcard(), ..free() },
            "hold CONFLICT",
            "example.com: Z1 of account 222222222222 answers for the name",
        ),
    ] {
        let plan = plan(&endpoint().key, &observed, &rules(SELECTED));
        assert_eq!(tell(&Plan { again: None, ..plan.clone() }), [expected], "{case}");
        assert_eq!(plan.again.map(|(_, wait)| wait), observed.waits, "{case}");
        assert!(plan.held[0].remedies[0].contains(remedy), "{case}: {:?}", plan.held[0].remedies);
    }
    let above_and_below = vec![zone("example.com"), zone("api.payments.example.com")];
    assert_eq!(decide(&Observed { rivals: above_and_below, ..free() }), [ENABLE]);
}

#[test]
fn endpoint_that_is_not_connected_waits_and_is_looked_at_again_while_it_is_being_connected() {
    let again = format!("again endpoint 222222222222/eu-west-1/{ENDPOINT} in 30s");
    for (state, looks_again) in [
        ("pendingAcceptance", false),
        ("pending", true),
        ("partial", true),
        ("rejected", false),
        ("deleting", false),
        ("failed", false),
        ("expired", false),
        ("resting", false),
    ] {
        let waiting = Endpoint { state: ConnectionState::parse(state), ..endpoint() };
        assert!(!is_open(&waiting, &rules(SELECTED)), "{state}");
        let expected: &[&str] = if looks_again { &["hold NOT_CONNECTED", &again] } else { &["hold NOT_CONNECTED"] };
        assert_eq!(decide(&observed(waiting)), expected, "{state}");
    }
}

#[test]
fn endpoint_that_is_not_opted_in_or_has_its_name_is_left() {
    let nothing: [&str; 0] = [];
    assert_eq!(decide(&Observed::default()), nothing, "gone");
    for (case, left) in [
        ("on already", Endpoint { private_dns: true, ..endpoint() }),
        ("not tagged", Endpoint { tags: Tags::new(), ..endpoint() }),
        ("of another kind", Endpoint { kind: EndpointKind::Gateway, ..endpoint() }),
        ("a service's of AWS", Endpoint { requester_managed: true, ..endpoint() }),
    ] {
        assert_eq!(decide(&observed(left.clone())), nothing, "{case}");
        assert!(!is_open(&left, &rules(SELECTED)) && !is_left(&left, &rules(SELECTED), &[]), "{case}");
        assert!(is_left(&left, &rules(SELECTED), &["why".to_owned()]), "{case}: something is wrong with its tag");
    }
    assert!(is_open(&endpoint(), &rules(SELECTED)) && is_left(&endpoint(), &rules(SELECTED), &[]));
}

#[test]
fn selection_is_none_or_the_tagged_or_every_one_that_is_not_ignored() {
    let mut ignored = endpoint();
    ignored.tags.insert("drawbridge:ignore".to_owned(), "true".to_owned());
    let untagged = available(ENDPOINT);
    let wanted = |select: &str| {
        let rules = rules(&format!("private-names: {{select: {select}}}"));
        [endpoint(), untagged.clone(), ignored.clone()].map(|endpoint| is_wanted(&endpoint, &rules))
    };
    assert_eq!(wanted("none"), [false, false, false]);
    assert_eq!(wanted("tagged"), [true, false, false]);
    assert_eq!(wanted("every"), [true, true, false]);
}

#[test]
fn word_of_the_tag_that_is_no_name_is_told_beside_what_is_done() {
    let mut strange = endpoint();
    strange.tags.insert("drawbridge:dns-name".to_owned(), "Pay.Corp!  pay.corp.example".to_owned());
    let plan = plan(&endpoint().key, &observed(strange.clone()), &rules(SELECTED));
    assert_eq!(tell(&plan), [ENABLE, "hold NOT_POSSIBLE"]);
    assert!(plan.held[0].remedies[0].starts_with("mend the tag drawbridge:dns-name: \"Pay.Corp!\""), "{:?}", plan.held);
    let on = Endpoint { private_dns: true, ..strange };
    assert_eq!(decide(&observed(on)), ["hold NOT_POSSIBLE"]);
}
