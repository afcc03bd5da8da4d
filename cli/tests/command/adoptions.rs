//! `adopt` against the local AWS.

use serde_json::json;

use crate::{
    emulator,
    hand::{Hand, Made},
    provider::{HUB, Provider},
    session::{Transcript, at_terminal},
};

const OTHER: &str = "333333333333";

/// A provider whose account has an endpoint of its own that wants these names.
async fn ground(account: &'static str, name: &str, names: &str) -> (Provider, Hand, Made) {
    let provider = Provider::create_in(account, name).await;
    provider.configure(&format!("consumers: {{accounts: ['{account}']}}\ndns: {{accounts: ['{account}']}}"));
    let hand = Hand::of(account).await;
    let made = hand.endpoint(provider.service_name(), names).await;
    provider.permit("@id(\"guest\") permit (principal, action, resource);");
    provider.review().await;
    let made = hand.named(made).await;
    (provider, hand, made)
}

fn transcript(hand: &Hand, names: &[(&str, &'static str)]) -> Transcript {
    let mut transcript = Transcript::default();
    for (text, name) in names {
        transcript.name(text, name);
    }
    transcript.name(&hand.vpc(), "VPC");
    transcript
}

#[tokio::test]
async fn zone_that_people_made_is_shown_first_and_adopted_once() {
    let name = "adopted.corp.example";
    let (provider, hand, endpoint) = ground(HUB, "adopt-zone", &format!("{name} *.{name}")).await;
    let zone = hand.zone(name, "made by \"Anna\"", true).await;
    hand.alias(&zone, name, &endpoint).await;
    hand.alias(&zone, &format!("*.{name}"), &endpoint).await;
    hand.record(&zone, &format!("db.{name}"), "A", 60, "10.0.0.1").await;
    let before = hand.look(&zone).await;
    let mut transcript = transcript(&hand, &[(&endpoint.id, "ENDPOINT"), (&zone, "ZONE")]);
    let order = |more: &[&'static str]| [&["adopt", endpoint.id.as_str()][..], more].concat();
    transcript.run(&mut provider.command(), &order(&[]));
    transcript.run(&mut provider.command(), &order(&["--format", "json"]));
    assert_eq!(hand.look(&zone).await, before, "without a yes nothing is written");
    transcript.run(&mut provider.command(), &order(&["--yes"]));
    let (comment, records) = hand.look(&zone).await;
    assert!(comment.starts_with("heritage=drawbridge,drawbridge/owner=hub,"), "{comment}");
    assert_eq!(records.len(), before.1.len() + 2, "{records:?}");
    transcript.run(&mut provider.command(), &order(&["--yes", "--format", "json"]));
    assert_eq!(hand.look(&zone).await, (comment, records));
    transcript.check("adopt_zone");
}

#[tokio::test]
async fn zone_that_differs_or_is_marked_by_others_is_left_with_what_to_do() {
    let names = "differs.corp.example marked.corp.example none.corp.example";
    let (provider, hand, endpoint) = ground(HUB, "adopt-differs", names).await;
    let differs = hand.zone("differs.corp.example", "", true).await;
    hand.record(&differs, "differs.corp.example", "A", 60, "10.0.0.1").await;
    let mark = "heritage=drawbridge,drawbridge/owner=other,drawbridge/resource=zone/222222222222/eu-west-1/x";
    let marked = hand.zone("marked.corp.example", mark, true).await;
    hand.alias(&marked, "marked.corp.example", &endpoint).await;
    let ids = [(endpoint.id.as_str(), "ENDPOINT"), (&differs, "ZONE-1"), (&marked, "ZONE-2")];
    let mut transcript = transcript(&hand, &ids);
    transcript.run(&mut provider.command(), &["adopt", &endpoint.id, "--yes"]);
    transcript.check("adopt_differs");
    assert_eq!(hand.look(&marked).await.0, mark);
    assert_eq!(hand.look(&differs).await, (String::new(), vec!["differs.corp.example".to_owned()]));
}

#[tokio::test]
async fn proof_of_a_service_is_adopted_in_mode_observe_too() {
    let (provider, hand, _) = ground(HUB, "adopt-proof", "unused.corp.example").await;
    provider.configure("mode: observe\nconsumers: {accounts: []}\ndns: {accounts: ['222222222222']}");
    let zone = hand.zone("proof.example.net", "", false).await;
    let (name, value) = hand.private_name(provider.service(), "pay.proof.example.net").await;
    hand.record(&zone, &name, "TXT", 300, &format!("\"{value}\"")).await;
    let label = name.split('.').next().unwrap();
    let mut transcript = transcript(&hand, &[(provider.service(), "SERVICE"), (&zone, "ZONE"), (label, "LABEL")]);
    transcript.run(&mut provider.command(), &["adopt", provider.service(), "--yes"]);
    transcript.run(&mut provider.command(), &["adopt", provider.service(), "--yes"]);
    transcript.check("adopt_proof");
    let (_, records) = hand.look(&zone).await;
    assert_eq!(records, [format!("{}._drawbridge.proof.example.net", provider.service()), name]);
}

#[tokio::test]
async fn person_at_a_terminal_is_asked_and_only_a_yes_adopts() {
    let name = "asked.corp.example";
    let (provider, hand, endpoint) = ground(HUB, "adopt-terminal", name).await;
    let zone = hand.zone(name, "", true).await;
    hand.alias(&zone, name, &endpoint).await;
    let arguments = ["adopt", endpoint.id.as_str()];
    let (exit, said) = at_terminal(&provider.command(), &arguments, "\n");
    assert!(exit == 1 && said.contains("[y/N]") && said.contains("nothing was written"), "{exit}: {said}");
    assert_eq!(hand.look(&zone).await.1, [name]);
    let (exit, said) = at_terminal(&provider.command(), &arguments, "y\n");
    assert_eq!(exit, 0, "{said}");
    assert!(hand.look(&zone).await.0.starts_with("heritage=drawbridge"));
}

#[tokio::test]
async fn mark_that_may_not_be_written_leaves_the_zone_to_people_and_the_next_order_finishes_it() {
    let name = "denied.corp.example";
    let (provider, hand, endpoint) = ground(OTHER, "adopt-denied", name).await;
    let zone = hand.zone(name, "of people", true).await;
    hand.alias(&zone, name, &endpoint).await;
    let fault = json!({
        "service": "route53", "operation": "UpdateHostedZoneComment", "account": OTHER,
        "code": "AccessDenied", "message": "You are not authorized.", "http_status": 403, "count": 1,
    });
    emulator::control("POST", "faults", &fault);
    let mut transcript = transcript(&hand, &[(&endpoint.id, "ENDPOINT"), (&zone, "ZONE")]);
    transcript.run(&mut provider.command(), &["adopt", &endpoint.id, "--yes"]);
    assert_eq!(hand.look(&zone).await.0, "of people");
    transcript.run(&mut provider.command(), &["adopt", &endpoint.id, "--yes"]);
    assert!(hand.look(&zone).await.0.starts_with("heritage=drawbridge"));
    transcript.check("adopt_denied");
}

#[tokio::test]
async fn what_has_no_names_or_is_nowhere_is_told() {
    let (provider, hand, endpoint) = ground(HUB, "adopt-nothing", "").await;
    let mut transcript = transcript(&hand, &[(&endpoint.id, "ENDPOINT"), (provider.service(), "SERVICE")]);
    for id in
        [endpoint.id.as_str(), provider.service(), "vpce-00000000000000bad", "vpce-svc-00000000000000bad", "vpc-1"]
    {
        transcript.run(&mut provider.command(), &["adopt", id]);
    }
    transcript.check("adopt_nothing");
}
