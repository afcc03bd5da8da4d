//! How many calls a run takes. The figures are written to `docs/alarms.md`.

use std::{collections::BTreeMap, fmt::Write};

use drawbridge::{policy::Rules, world::World};
use serde_json::json;
use tokio::task::unconstrained;

use crate::{
    document::check_section,
    ground::{controller, ground, rules, rules_with, run, settle, subjects, writes},
};

/// The calls of a function that remembers nothing.
async fn count(world: &World, rules: &Rules, subject: drawbridge::event::Subject) -> String {
    world.take_calls();
    let run = run(&controller(world), world, rules, subject).await;
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
    let fleet = rules_with(&json!({ "endpoints": "fleet", "select": "every", "services": "each" }));
    let mut section = "| form | looked at | calls |\n| --- | --- | --- |\n".to_owned();
    for (form, rules) in [("each", rules()), ("fleet", fleet)] {
        for (title, subject) in subjects() {
            let told = unconstrained(async {
                let new = ground();
                let first = count(&new, &rules, subject.clone()).await;
                let world = ground();
                settle(&controller(&world), &world, &rules).await;
                let rest = count(&world, &rules, subject).await;
                assert!(!rest.contains("cloudwatch:Put") && !rest.contains("cloudwatch:Delete"), "{title}: {rest}");
                [("nothing stands yet", first), ("all as it should be", rest)]
            });
            for (when, calls) in told.await {
                writeln!(section, "| `{form}` | {title}; {when} | {calls} |").unwrap();
            }
        }
    }
    check_section("Calls", &section);
}
