//! What tags and comments say.

use super::*;
use crate::model::EndpointKind;

/// The names that a tag asks for, given these of the service; and how many of its words are none.
fn wished(tag: &str, of_the_service: &[&str]) -> (Vec<(String, Wish)>, usize) {
    let mut endpoint = endpoint(ENDPOINT);
    endpoint.tags.insert("drawbridge:dns-name".to_owned(), tag.to_owned());
    let names: Vec<DomainName> = of_the_service.iter().map(|text| name(text)).collect();
    let (wanted, refused) = wishes(&endpoint, &names, &rules("").configuration.dns.names);
    (wanted.into_iter().map(|(name, wish)| (name.to_string(), wish)).collect(), refused.len())
}

#[test]
fn tag_lists_names_and_an_asterisk_stands_for_all_below() {
    let below = Wish { apex: false, wildcard: true };
    let named = |name: &str, wish| (name.to_owned(), wish);
    assert_eq!(wished("", &[]), (vec![], 0));
    assert_eq!(wished(" pay.example ", &["a.example"]), (vec![named("pay.example", APEX)], 0));
    assert_eq!(wished("*.pay.example", &[]), (vec![named("pay.example", below)], 0));
    assert_eq!(wished("pay.example\t*.pay.example pay.example", &[]), (vec![named("pay.example", BOTH)], 0));
    assert_eq!(wished("b.example a.example", &[]), (vec![named("a.example", APEX), named("b.example", APEX)], 0));
    assert_eq!(wished("Pay.example a..b pay.example.", &[]), (vec![], 3));
}

#[test]
fn word_stands_for_the_names_of_the_service() {
    let (wanted, refused) = wished("service own.example", &["api.example", "*.api.example", "b.example"]);
    let expected = [("api.example", BOTH), ("b.example", APEX), ("own.example", APEX)];
    assert_eq!(wanted, expected.map(|(name, wish)| (name.to_owned(), wish)));
    assert_eq!(refused, 0);
    let mut tagged = endpoint(ENDPOINT);
    let names = rules("").configuration.dns.names;
    assert!(!wants_names_of_the_service(&tagged, &names));
    tagged.tags.insert("drawbridge:dns-name".to_owned(), "services own.example".to_owned());
    assert!(!wants_names_of_the_service(&tagged, &names));
    tagged.tags.insert("drawbridge:dns-name".to_owned(), "own.example service".to_owned());
    assert!(wants_names_of_the_service(&tagged, &names));
}

#[test]
fn only_interface_endpoints_that_are_or_may_be_connected_can_be_named() {
    for (state, can) in [
        ("pendingAcceptance", true),
        ("pending", true),
        ("available", true),
        ("partial", true),
        ("rejected", false),
        ("deleting", false),
        ("deleted", false),
        ("failed", false),
        ("expired", false),
        ("resting", false),
    ] {
        let found = Endpoint { state: ConnectionState::parse(state), ..endpoint(ENDPOINT) };
        assert_eq!(can_be_named(&found), can, "{state}");
        assert!(!can_be_named(&Endpoint { kind: EndpointKind::GatewayLoadBalancer, ..found }), "{state}");
    }
}

#[test]
fn key_is_read_from_the_comment_as_it_was_written() {
    assert_eq!(NameKey::of_resource(&key().resource()), Some(key()));
    for other in [
        "zone/",
        "endpoint/222222222222/eu-west-1/pay.corp.example",
        "zone/222222222222/eu-west-1",
        "zone/22/eu-west-1/a.example",
        "zone/222222222222/nowhere!/a.example",
        "zone/222222222222/eu-west-1/Not A Name",
    ] {
        assert_eq!(NameKey::of_resource(other), None, "{other}");
    }
}
