//! The adapters against the local AWS, over HTTP: translation, pages, batches and errors as AWS sends them.
#![cfg(all(feature = "aws", feature = "world"))]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that stops is a test that fails"
)]

mod alarms;
#[path = "../emulator/mod.rs"]
mod emulator;
mod endpoints;
mod hub;
mod organization;
mod private_link;
mod tags;
mod zones;

use drawbridge::{
    aws::{Aws, Ec2, Route53},
    policy::Rules,
};
use serde_json::{Value, json};

const HUB: &str = "222222222222";
const CONSUMER: &str = "444444444444";

/// The rules of a deployment whose hub owns the services.
fn rules(hub: &str, providers: &str) -> Rules {
    let configuration = format!(
        "{{version: 1, deployment: hub, organization: o-a1b2c3d4e5, hub-account: '{hub}', mode: enforce,
           providers: {{accounts: [{providers}], regions: [eu-west-1]}}}}"
    );
    Rules::parse(&configuration, "@id(\"p\") permit (principal, action, resource);").unwrap()
}

async fn aws(account: &str) -> Aws {
    Aws::load(emulator::loader(account)).await
}

async fn private_link(hub: &str) -> Ec2 {
    aws(hub).await.private_link("test", &rules(hub, &format!("'{hub}'")).configuration)
}

async fn ec2(account: &str) -> aws_sdk_ec2::Client {
    aws_sdk_ec2::Client::new(&emulator::loader(account).load().await)
}

/// Orders a fault for the calls that an account makes.
fn fault(account: &str, service: &str, operation: &str, more: &Value) -> String {
    let mut fault = json!({ "service": service, "operation": operation, "account": account });
    fault.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let ordered = emulator::control("POST", "faults", &fault);
    ordered["id"].as_str().map_or_else(|| ordered["id"].to_string(), ToOwned::to_owned)
}

async fn hosted_zones(hub: &str) -> Route53 {
    aws(hub).await.hosted_zones("test", &rules(hub, &format!("'{hub}'")).configuration)
}

/// How often an account has made a call.
fn calls(account: &str, service: &str, operation: &str) -> usize {
    let path = format!("calls?account={account}&service={service}&operation={operation}");
    let calls = emulator::control("GET", &path, &Value::Null);
    calls["calls"].as_array().unwrap().len()
}
