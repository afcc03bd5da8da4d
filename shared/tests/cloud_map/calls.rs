//! How many calls a run takes. The figures are written to `docs/cloud-map.md`.

use std::{collections::BTreeMap, fmt::Write};

use drawbridge::{
    event::{EndpointReference, Subject},
    world::World,
};
use tokio::task::unconstrained;

use crate::ground::{CONSUMER, ENDPOINT, HUB, controller, ground, rules, run, settle, writes};

/// The subjects that messages name.
fn subjects() -> [(&'static str, Subject); 4] {
    let region = || "eu-west-1".parse().unwrap();
    [
        (
            "an endpoint that was accepted, made, changed, tagged or deleted",
            Subject::Endpoint(EndpointReference {
                account: CONSUMER.parse().unwrap(),
                region: region(),
                endpoint: ENDPOINT.parse().unwrap(),
            }),
        ),
        (
            "an instance that came or went, a task, a target group that was tagged",
            Subject::CloudMap { account: HUB.parse().unwrap(), region: region() },
        ),
        (
            "load balancers of an account and Region",
            Subject::LoadBalancers { account: HUB.parse().unwrap(), region: region() },
        ),
        ("everything, by a sweep", Subject::Everything),
    ]
}

/// The calls of a function that remembers nothing.
async fn count(world: &World, subject: Subject) -> String {
    let rules = rules();
    world.take_calls();
    let run = run(&controller(world, &rules), world, &rules, subject).await;
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

#[tokio::test]
async fn run_makes_the_stated_calls_and_no_write_when_there_is_nothing_to_do() {
    let mut section = "| looked at | calls |\n| --- | --- |\n".to_owned();
    for (title, subject) in subjects() {
        let first = unconstrained(count(&ground(), subject.clone())).await;
        let world = ground();
        unconstrained(settle(&world, &rules())).await;
        let rest = unconstrained(count(&world, subject)).await;
        assert!(!rest.split('`').any(writes), "{title}: {rest}");
        for (when, calls) in [("nothing stands yet", first), ("all as it should be", rest)] {
            writeln!(section, "| {title}; {when} | {calls} |").unwrap();
        }
    }
    check_section(&section);
}

/// Holds the section of the document to what was counted, or writes it.
fn check_section(section: &str) {
    const BEGIN: &str = "<!-- Calls: written by a test -->\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cloud-map.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (there, after) = rest.split_once("<!-- end of Calls -->").unwrap();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, format!("{before}{BEGIN}{section}<!-- end of Calls -->{after}")).unwrap();
    } else {
        assert_eq!(there, section, "run `UPDATE_GOLDEN=1 make core` and commit");
    }
}
