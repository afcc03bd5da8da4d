//! Whole walks on the in-memory world: each folder of `tests/cases/<controller>/` is a case.
//!
//! `case.json` says what there is, which messages come, and what happens between them; `expected.txt` what was logged, published, called and changed.
//! `UPDATE_GOLDEN=1` writes it anew, to be read before it is committed.
#![cfg(feature = "world")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that stops is a test that fails"
)]

#[path = "../case/mod.rs"]
mod case;
mod ending;
mod watched;

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use drawbridge::{
    controller::{
        alarms::Alarms, cloud_map::CloudMap, connections::Connections, dns::Dns, organization::Organization,
        tags::Tagger,
    },
    event::{self, Subject, Trigger},
    policy::{FunctionName, Rules},
    port::Clock,
    reconcile::{Controller, reconcile},
    report::{self, Invocation, Summary},
    world::World,
};
use serde_json::Value;

use self::{
    case::{fill, happen, list, text},
    ending::end,
    watched::watched,
};

#[tokio::test]
async fn walks_end_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases");
    let mut wrong = Vec::new();
    for controller in folders(&folder) {
        // These have tests of their own.
        if ["compatibility", "dashboards", "event", "fuzz", "simulation"]
            .iter()
            .any(|other| controller.ends_with(other))
        {
            continue;
        }
        let cases = folders(&controller);
        assert!(!cases.is_empty(), "{} has no case", controller.display());
        for case in cases {
            let story = walk(&controller, &read(&case.join("case.json"))).await;
            let golden = case.join("expected.txt");
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                fs::write(&golden, &story).unwrap();
            }
            let expected = fs::read_to_string(&golden).unwrap_or_else(|_| format!("{} is missing", golden.display()));
            if expected != story {
                wrong.push(format!("{}:\n{story}", case.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "not as expected:\n{}", wrong.join("\n"));
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Runs the case with the controller that its folder is named after.
async fn walk(controller: &Path, case: &Value) -> String {
    let world = World::at("2026-11-02T10:00:00Z".parse().unwrap());
    fill(&world, case);
    let mut story = match controller.file_name().and_then(OsStr::to_str) {
        Some("connections") => tell(&Connections::new(&world, &world, &world), &world, case).await,
        Some("dns") => tell(&Dns::new(&world, &world, &world, &world, &world), &world, case).await,
        Some("alarms") => tell(&Alarms::new(&world, &world, &world, &world, &world), &world, case).await,
        Some("cloud-map") => tell(&CloudMap::new(&world, &world, &world, &world, &rules(case)), &world, case).await,
        Some("tags") => tell(&Tagger::new(&world, &world, &world, &world, &world), &world, case).await,
        Some("organization") => tell(&Organization::new(&world, &world), &world, case).await,
        _ => panic!("{}: no controller of this name", controller.display()),
    };
    end(&world, &mut story);
    watched(&world, &mut story);
    story
}

fn rules(case: &Value) -> Rules {
    Rules::parse(&case["configuration"].to_string(), text(&case["policy"])).unwrap_or_else(|faults| panic!("{faults}"))
}

/// What a controller does about the messages: each batch is one invocation of the function.
async fn tell(controller: &impl Controller, world: &World, case: &Value) -> String {
    let rules = rules(case);
    let mut story = String::new();
    for batch in list(&case["batches"]) {
        if batch.is_object() {
            happen(world, batch);
            continue;
        }
        let (subjects, mut summary) = parse(batch);
        let run = reconcile(controller, &subjects, &rules, &world, jiff::Timestamp::MAX).await;
        summary.messages_failed = run.unfinished.len() + summary.unparsable.len();
        let invocation = Invocation {
            service: FunctionName::AcceptConnections,
            request_id: String::new(),
            cold_start: false,
            at: world.now(),
        };
        for line in report::log_lines(&invocation, &run, &summary) {
            writeln!(story, "log {} {}", line["level"].as_str().unwrap(), line["message"].as_str().unwrap()).unwrap();
        }
        for event in report::bus_events(&run) {
            writeln!(story, "event {}: {}", event.detail_type, event.detail).unwrap();
        }
        for (subject, why) in &run.passed_over {
            writeln!(story, "passed over {subject}: {why}").unwrap();
        }
        for (subject, after) in &run.again {
            writeln!(story, "again {subject} in {}s", after.as_secs()).unwrap();
        }
        for subject in &run.unfinished {
            writeln!(story, "handed back {subject}").unwrap();
        }
        writeln!(story, "calls {}", world.take_calls().join(" ")).unwrap();
    }
    story
}

fn parse(batch: &Value) -> (BTreeSet<Subject>, Summary) {
    let mut summary = Summary::default();
    let mut subjects = BTreeSet::new();
    for message in list(batch) {
        let body = message.as_str().map_or_else(|| message.to_string(), ToOwned::to_owned);
        summary.messages += 1;
        match event::parse_body(&body) {
            Ok(Trigger::Subjects(named)) => subjects.extend(named),
            Ok(Trigger::Ignored(why)) => *summary.ignored.entry(why).or_default() += 1,
            Err(why) => summary.unparsable.push(why.to_string()),
        }
    }
    (subjects, summary)
}
