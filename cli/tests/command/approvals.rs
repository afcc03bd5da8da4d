//! `approve` and `refuse` against the local AWS.

use drawbridge::model::{ConnectionState, tag};
use serde_json::{Value, json};

use crate::{
    emulator,
    provider::{MEMBER, Provider, STRANGER},
    session::at_terminal,
};

#[tokio::test]
async fn held_request_is_approved_once_and_then_accepted() {
    let provider = Provider::create("approve-held").await;
    let endpoint = provider.request(STRANGER).await;
    provider.review().await;
    let mut transcript = provider.transcript(&endpoint).await;
    transcript.run(&mut provider.command(), &["approve", endpoint.as_str()]);
    assert!(!provider.connection(&endpoint).await.tags.contains_key(tag::APPROVAL), "without a yes nothing is written");
    transcript.run(&mut provider.command(), &["approve", endpoint.as_str(), "--yes"]);
    assert_eq!(provider.connection(&endpoint).await.tags[tag::APPROVAL], "approved");
    transcript.run(&mut provider.command(), &["approve", endpoint.as_str(), "--yes"]);
    provider.review().await;
    transcript.run(&mut provider.command(), &["explain", endpoint.as_str()]);
    transcript.check("approve_held");
    assert!(provider.connection(&endpoint).await.state.is_established());
}

#[tokio::test]
async fn established_connection_is_refused_and_then_cut_off() {
    let provider = Provider::create("refuse-established").await;
    let endpoint = provider.request(MEMBER).await;
    provider.review().await;
    let mut transcript = provider.transcript(&endpoint).await;
    transcript.run(&mut provider.command(), &["refuse", endpoint.as_str(), "--yes", "--bus", "default"]);
    let asked = emulator::control("GET", "calls?service=events&operation=PutEvents", &Value::Null).to_string();
    let service = provider.service();
    assert!(asked.contains("Review Requested") && asked.contains(service), "{service} is not in {asked}");
    provider.review().await;
    transcript.run(&mut provider.command(), &["explain", endpoint.as_str()]);
    transcript.run(&mut provider.command(), &["refuse", endpoint.as_str(), "--yes"]);
    transcript.run(&mut provider.command(), &["approve", endpoint.as_str(), "--yes"]);
    transcript.check("refuse_established");
    assert_eq!(provider.connection(&endpoint).await.state, ConnectionState::Rejected);
}

#[tokio::test]
async fn bus_that_cannot_be_asked_is_told_and_the_word_stands() {
    let provider = Provider::create("approve-no-bus").await;
    let endpoint = provider.request(STRANGER).await;
    // Of a Region of its own, so that the fault is nobody else's.
    let fault = json!({
        "service": "events", "operation": "PutEvents", "region": "eu-central-1",
        "code": "AccessDeniedException", "message": "You are not authorized.", "http_status": 400, "count": -1,
    });
    emulator::control("POST", "faults", &fault);
    let mut transcript = provider.transcript(&endpoint).await;
    let mut command = provider.command();
    command.env("AWS_REGION", "eu-central-1").env("DRAWBRIDGE_BUS", "drawbridge");
    transcript.run(&mut command, &["approve", endpoint.as_str(), "--yes"]);
    transcript.check("approve_without_bus");
    assert_eq!(provider.connection(&endpoint).await.tags[tag::APPROVAL], "approved");
}

#[tokio::test]
async fn tag_that_may_not_be_written_ends_as_not_done() {
    let provider = Provider::create_in("333333333333", "approve-denied").await;
    let endpoint = provider.request(STRANGER).await;
    let fault = json!({
        "service": "ec2", "operation": "CreateTags", "account": "333333333333",
        "code": "UnauthorizedOperation", "message": "You are not authorized.", "http_status": 403, "count": 1,
    });
    let mut transcript = provider.transcript(&endpoint).await;
    emulator::control("POST", "faults", &fault);
    transcript.run(&mut provider.command(), &["refuse", endpoint.as_str(), "--yes"]);
    transcript.check("refuse_denied");
}

#[tokio::test]
async fn approval_in_mode_observe_is_said_to_wait_for_enforce() {
    let provider = Provider::create("approve-observe").await;
    provider.configure("mode: observe");
    let endpoint = provider.request(STRANGER).await;
    let mut transcript = provider.transcript(&endpoint).await;
    transcript.run(&mut provider.command(), &["approve", endpoint.as_str(), "--yes"]);
    transcript.check("approve_observe");
}

#[tokio::test]
async fn approval_of_what_a_policy_forbids_is_said_to_change_nothing() {
    let provider = Provider::create("approve-forbidden").await;
    provider.permit("@id(\"closed\") forbid (principal, action, resource);");
    let endpoint = provider.request(MEMBER).await;
    let mut transcript = provider.transcript(&endpoint).await;
    transcript.run(&mut provider.command(), &["approve", endpoint.as_str()]);
    transcript.check("approve_forbidden");
}

#[tokio::test]
async fn what_drawbridge_leaves_alone_is_not_approved() {
    let provider = Provider::create("approve-exempt").await;
    let endpoint = provider.request(STRANGER).await;
    let mut transcript = provider.transcript(&endpoint).await;
    provider.tag(Some(&endpoint), "drawbridge:owner", "another").await;
    transcript.run(&mut provider.command(), &["approve", endpoint.as_str(), "--yes"]);
    provider.tag(Some(&endpoint), "drawbridge:ignore", "true").await;
    transcript.run(&mut provider.command(), &["refuse", endpoint.as_str(), "--yes"]);
    provider.tag(None, "drawbridge:enabled", "no").await;
    transcript.run(&mut provider.command(), &["approve", endpoint.as_str(), "--yes"]);
    transcript.check("approve_exempt");
    assert!(!provider.connection(&endpoint).await.tags.contains_key(tag::APPROVAL));
}

#[tokio::test]
async fn person_at_a_terminal_is_asked_and_only_a_yes_writes() {
    let provider = Provider::create("approve-terminal").await;
    let endpoint = provider.request(STRANGER).await;
    let arguments = ["approve", endpoint.as_str()];
    let (exit, said) = at_terminal(&provider.command(), &arguments, "\n");
    assert!(exit == 1 && said.contains("[y/N]") && said.contains("nothing was written"), "{exit}: {said}");
    assert!(!provider.connection(&endpoint).await.tags.contains_key(tag::APPROVAL));
    let (exit, said) = at_terminal(&provider.command(), &arguments, "y\n");
    assert_eq!(exit, 0, "{said}");
    assert_eq!(provider.connection(&endpoint).await.tags[tag::APPROVAL], "approved");
}
