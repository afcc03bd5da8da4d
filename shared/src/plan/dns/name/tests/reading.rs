//! What tags and comments say.

use super::*;
use crate::model::{EndpointKind, Offer};

/// The names that a tag asks for, given these of the service; and how many of its words are none.
fn wished(tag: &str, of_the_service: &[&str]) -> (Vec<(String, Wish)>, usize) {
    let mut endpoint = endpoint(ENDPOINT);
    endpoint.tags.insert("drawbridge:dns-name".to_owned(), tag.to_owned());
    let offer = Offer { private_names: of_the_service.iter().map(|text| name(text)).collect(), verified: true };
    let (wanted, refused) = wishes(&endpoint, &offer, &rules("").configuration.dns.names);
    (wanted.into_iter().map(|(name, wish)| (name.to_string(), wish)).collect(), refused.len())
}

#[test]
fn tag_lists_names_and_an_asterisk_stands_for_all_below() {
    let below = Wish { wildcard: true, ..Wish::default() };
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

#[test]
fn name_that_only_its_service_claims_is_unproven_until_aws_has_verified_it() {
    let mut tagged = endpoint(ENDPOINT);
    tagged.tags.insert("drawbridge:dns-name".to_owned(), "service own.example".to_owned());
    let names = rules("").configuration.dns.names;
    for verified in [false, true] {
        let offer = Offer { private_names: vec![name("api.example"), name("own.example")], verified };
        let (wanted, _) = wishes(&tagged, &offer, &names);
        assert_eq!(wanted[&name("api.example")].is_unproven, !verified);
        assert!(!wanted[&name("own.example")].is_unproven, "the endpoint's owner says so, too");
    }
}

#[test]
fn name_outside_the_domains_that_are_allowed_is_refused_but_for_those_of_the_service() {
    let mut tagged = endpoint(ENDPOINT);
    let tag = "service pay.corp.example corp.example *.corp.example notcorp.example github.com";
    tagged.tags.insert("drawbridge:dns-name".to_owned(), tag.to_owned());
    let offer = Offer { private_names: vec![name("s3.eu-west-1.amazonaws.com")], verified: true };
    let names = rules("names: {domains: [corp.example]}").configuration.dns.names;
    let (wanted, refused) = wishes(&tagged, &offer, &names);
    let wanted: Vec<String> = wanted.keys().map(ToString::to_string).collect();
    assert_eq!(wanted, ["corp.example", "pay.corp.example", "s3.eu-west-1.amazonaws.com"]);
    let none = |name: &str| format!("{name} is in none of dns.names.domains");
    assert_eq!(refused, [none("notcorp.example"), none("github.com")]);
}
