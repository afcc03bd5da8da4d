//! `explain` against the local AWS.

use std::process::Command;

use serde_json::json;

use crate::{
    emulator,
    provider::{HUB, MEMBER, Provider, SANDBOX, STRANGER},
    session::python,
};

const NOBODY: &str = "vpce-00000000000000bad";

#[tokio::test]
async fn accepted_connection_is_explained_by_the_policy_that_permits_it() {
    let provider = Provider::create("explain-accepted").await;
    let endpoint = provider.request(MEMBER).await;
    let mut transcript = provider.transcript(&endpoint).await;
    transcript.run(&mut provider.command(), &["explain", endpoint.as_str()]);
    provider.review().await;
    transcript.run(&mut provider.command(), &["explain", endpoint.as_str()]);
    transcript.run(&mut provider.command(), &["explain", endpoint.as_str(), "--format", "json"]);
    transcript.check("explain_accepted");
}

#[tokio::test]
async fn held_request_is_explained_with_what_would_let_it_in() {
    let provider = Provider::create("explain-held").await;
    let endpoint = provider.request(STRANGER).await;
    provider.review().await;
    let mut transcript = provider.transcript(&endpoint).await;
    transcript.run(&mut provider.command(), &["explain", endpoint.as_str()]);
    transcript.check("explain_held");
}

#[tokio::test]
async fn rejected_request_is_explained_by_the_policy_that_forbids_it() {
    let provider = Provider::create("explain-rejected").await;
    provider.permit(&forbid(SANDBOX));
    let endpoint = provider.request(SANDBOX).await;
    provider.review().await;
    let mut transcript = provider.transcript(&endpoint).await;
    transcript.run(&mut provider.command(), &["explain", endpoint.as_str()]);
    transcript.check("explain_rejected");
}

#[tokio::test]
async fn revoked_connection_is_explained_from_its_grace_to_its_end() {
    let provider = Provider::create("explain-revoked").await;
    let endpoint = provider.request(MEMBER).await;
    provider.review().await;
    provider.permit(&forbid(MEMBER));
    let mut transcript = provider.transcript(&endpoint).await;
    transcript.run(&mut provider.command(), &["explain", endpoint.as_str()]);
    provider.review().await;
    transcript.run(&mut provider.command(), &["explain", endpoint.as_str()]);
    provider.tag(Some(&endpoint), "drawbridge:revoke-after", "2026-01-01T00:00:00Z").await;
    // A review of one service leaves what is due after a grace to the sweep.
    provider.configure("revocation: {grace: 0s}");
    provider.review().await;
    transcript.run(&mut provider.command(), &["explain", endpoint.as_str()]);
    transcript.check("explain_revoked");
}

#[tokio::test]
async fn connection_of_a_service_that_is_not_looked_after_is_explained_as_such() {
    let provider = Provider::create("explain-not-selected").await;
    let endpoint = provider.request(MEMBER).await;
    provider.tag(None, "drawbridge:enabled", "no").await;
    let mut transcript = provider.transcript(&endpoint).await;
    transcript.run(&mut provider.command(), &["explain", endpoint.as_str()]);
    transcript.check("explain_not_selected");
}

#[tokio::test]
async fn endpoint_that_nobody_has_is_not_found() {
    let provider = Provider::create("explain-nobody").await;
    let endpoint = provider.request(MEMBER).await;
    let mut transcript = provider.transcript(&endpoint).await;
    transcript.run(&mut provider.command(), &["explain", NOBODY]);
    transcript.check("explain_not_found");
}

#[tokio::test]
async fn place_that_cannot_be_searched_is_told_and_hides_no_other() {
    let provider = Provider::create("explain-unread").await;
    let endpoint = provider.request(MEMBER).await;
    provider.configure("providers: {accounts: ['222222222222'], regions: [eu-west-1, eu-central-1]}");
    let fault = json!({
        "service": "ec2", "operation": "DescribeVpcEndpointConnections", "region": "eu-central-1",
        "code": "UnauthorizedOperation", "message": "You are not authorized.", "http_status": 403, "count": -1,
    });
    emulator::control("POST", "faults", &fault);
    let mut transcript = provider.transcript(&endpoint).await;
    transcript.run(&mut provider.command(), &["explain", endpoint.as_str()]);
    transcript.run(&mut provider.command(), &["explain", NOBODY]);
    transcript.check("explain_unread");
}

#[tokio::test]
async fn unknown_membership_ends_as_not_told() {
    // This account may not read the Organization.
    let provider = Provider::create_in("333333333333", "explain-unknown").await;
    let endpoint = provider.request(MEMBER).await;
    let mut transcript = provider.transcript(&endpoint).await;
    transcript.run(&mut provider.command(), &["explain", endpoint.as_str()]);
    transcript.check("explain_unknown");
}

#[tokio::test]
async fn without_credentials_it_ends_as_not_told() {
    let provider = Provider::create("explain-credentials").await;
    let mut command = provider.command();
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let output = command.args(["explain", NOBODY]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("no credentials") && said.contains("AWS_PROFILE"), "{said}");
}

#[tokio::test]
async fn credentials_of_another_account_than_the_hub_are_refused() {
    let provider = Provider::create("explain-wrong-account").await;
    let endpoint = provider.request(MEMBER).await;
    let mut transcript = provider.transcript(&endpoint).await;
    transcript.run(provider.command().env("AWS_ACCESS_KEY_ID", "333333333333"), &["explain", endpoint.as_str()]);
    transcript.check("explain_wrong_account");
}

#[tokio::test]
async fn role_that_the_option_names_is_assumed_in_accounts_other_than_the_hub() {
    let provider = Provider::create_in("333333333333", "explain-role").await;
    let endpoint = provider.request(MEMBER).await;
    let mut transcript = provider.transcript(&endpoint).await;
    provider.configure("hub-account: '222222222222'");
    create_role("333333333333", "operator", HUB);
    for role in [&["--role", "operator"][..], &[]] {
        let arguments = [&["explain", endpoint.as_str()][..], role].concat();
        transcript.run(provider.command().env("AWS_ACCESS_KEY_ID", HUB), &arguments);
    }
    transcript.check("explain_role");
}

/// A role that may do everything, and that an account may assume.
fn create_role(account: &str, name: &str, trusted: &str) {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{trusted}:root") }, "Action": "sts:AssumeRole",
    }] });
    let everything =
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
    let (trust, everything) = (trust.to_string(), everything.to_string());
    let create = ["create-role", "--role-name", name, "--assume-role-policy-document", trust.as_str()];
    let permit =
        ["put-role-policy", "--role-name", name, "--policy-name", "all", "--policy-document", everything.as_str()];
    for arguments in [&create[..], &permit[..]] {
        let mut aws = Command::new(python());
        aws.args(["-m", "awscli", "iam"]).args(arguments).env("AWS_ENDPOINT_URL", emulator::url());
        aws.env("AWS_ACCESS_KEY_ID", account)
            .env("AWS_SECRET_ACCESS_KEY", "any")
            .env("AWS_DEFAULT_REGION", "us-east-1");
        let output = aws.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

fn forbid(account: &str) -> String {
    format!(
        "@id(\"not-this-one\")\n@reason(\"TEST\")\nforbid (principal == Drawbridge::Account::\"{account}\", action, resource);\n"
    )
}
