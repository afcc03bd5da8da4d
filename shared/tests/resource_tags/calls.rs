//! How many calls a run takes. The figures are written to `docs/tags.md`.

use std::{collections::BTreeMap, fmt::Write};

use drawbridge::{
    event::{self, ConnectionReference, EndpointReference, ServiceReference, Subject, Trigger},
    policy::Rules,
    reconcile::reconcile,
    world::World,
};
use serde_json::{Value, json};
use tokio::task::unconstrained;

use crate::ground::{CONSUMER, ENDPOINT, HUB, SERVICE, controller, ground, made, rules, sweep, writes};

const INTRODUCTION: &str = "\
What a function that remembers nothing asks AWS for, with rules of every sort for every kind; the table is written by the test that
counts (`UPDATE_GOLDEN=1 make core`). A listing is one call for each page. Accounts, their tags, their units and their tag
policies are asked for once in `membership.remember`, and anew before anything is written that rests on what is remembered.

| looked at | calls |
| --- | --- |
";

async fn count(world: &World, rules: &Rules, subjects: Vec<Subject>) -> String {
    world.take_calls();
    let subjects = subjects.into_iter().collect();
    let run = reconcile(&controller(world), &subjects, rules, &world, jiff::Timestamp::MAX).await;
    assert!(run.failures.is_empty() && run.unfinished.is_empty(), "{run:?}");
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for call in world.take_calls() {
        *count.entry(call).or_default() += 1;
    }
    let (writing, reading): (Vec<_>, Vec<_>) = count.into_iter().partition(|(call, _)| writes(call));
    let told = reading.into_iter().chain(writing).map(|(call, count)| match count {
        1 => format!("`{call}`"),
        count => format!("{count} `{call}`"),
    });
    told.collect::<Vec<_>>().join(", ")
}

fn creation() -> Vec<Subject> {
    let mut detail = made(CONSUMER, ENDPOINT, "deployer");
    let more = json!({
        "eventVersion": "1.11", "eventSource": "ec2.amazonaws.com",
        "requestParameters": { "CreateVpcEndpointRequest": { "VpcEndpointType": "Interface", "ServiceName": format!("com.amazonaws.vpce.eu-west-1.{SERVICE}") } }
    });
    detail.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let event: Value = json!({ "version": "0", "source": "aws.ec2", "detail-type": "AWS API Call via CloudTrail", "account": CONSUMER, "detail": detail });
    let Ok(Trigger::Subjects(subjects)) = event::parse(&event) else { panic!("{event}") };
    subjects.into_iter().collect()
}

async fn rows() -> Vec<(&'static str, String)> {
    let rules = rules();
    let region = || "eu-west-1".parse().unwrap();
    let endpoint = Subject::Endpoint(EndpointReference {
        account: CONSUMER.parse().unwrap(),
        region: region(),
        endpoint: ENDPOINT.parse().unwrap(),
    });
    let service = Subject::ServiceReview(ServiceReference {
        account: Some(HUB.parse().unwrap()),
        region: region(),
        service: SERVICE.parse().unwrap(),
    });
    let connection = Subject::Connection(ConnectionReference {
        account: HUB.parse().unwrap(),
        region: region(),
        service: SERVICE.parse().unwrap(),
        endpoint: ENDPOINT.parse().unwrap(),
    });
    let new = ground();
    let mut rows = vec![("an endpoint that was just made", count(&new, &rules, creation()).await)];
    let world = ground();
    sweep(&controller(&world), &world, &rules).await;
    for (title, subject) in [
        ("an endpoint whose tags changed, all as it should be", endpoint),
        ("a connection that was accepted, all as it should be", connection),
        ("an endpoint service that was changed, all as it should be", service),
        (
            "an account of the Organization that was changed, all as it should be",
            Subject::Owner(CONSUMER.parse().unwrap()),
        ),
        ("a sweep over three accounts, all as it should be", Subject::Everything),
    ] {
        let calls = count(&world, &rules, vec![subject]).await;
        assert!(!["CreateTags", "AddTags", "TagResources"].iter().any(|call| calls.contains(call)), "{title}: {calls}");
        rows.push((title, calls));
    }
    rows
}

#[tokio::test]
async fn run_makes_the_stated_calls_and_no_write_when_there_is_nothing_to_do() {
    let mut section = INTRODUCTION.to_owned();
    for (title, calls) in unconstrained(rows()).await {
        writeln!(section, "| {title} | {calls} |").unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/tags.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once("## Calls\n\n").unwrap();
    let (there, after) = rest.split_once("\n## ").unwrap();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, format!("{before}## Calls\n\n{section}\n## {after}")).unwrap();
    } else {
        assert_eq!(there, section, "run `UPDATE_GOLDEN=1 make core` and commit");
    }
}
