//! What an earlier version has left behind means the same to this one: documents, records on connections, messages under way.
//!
//! Each folder of `tests/cases/compatibility` is a version, frozen when it was released; the README there says how. `FREEZE=1`
//! writes expectations that are not there yet, and never one that is.
#![cfg(feature = "world")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that stops is a test that fails")]

#[path = "../case/mod.rs"]
#[expect(dead_code, reason = "time doesn't pass here")]
mod case;
mod documents;
mod frozen;
mod messages;
mod records;

use self::frozen::{compare, versions};

#[test]
fn version_of_this_package_is_frozen() {
    let version = env!("CARGO_PKG_VERSION");
    let names: Vec<String> = versions().iter().map(|folder| frozen::name(folder)).collect();
    assert!(names.iter().any(|name| name == version), "{version} is none of {names:?}: see the README there");
}

#[test]
fn configurations_of_every_version_mean_what_they_meant() {
    for version in versions() {
        let configurations = frozen::files(&version.join("configurations"), "yaml");
        assert!(!configurations.is_empty(), "{}", version.display());
        for path in configurations {
            compare(&path.with_extension("json"), &documents::meaning(&frozen::text(&path)));
        }
    }
}

#[test]
fn policies_of_every_version_judge_as_they_judged() {
    for version in versions() {
        let policies = frozen::files(&version.join("policies"), "cedar");
        assert!(!policies.is_empty(), "{}", version.display());
        for path in policies {
            compare(&path.with_extension("json"), &documents::judgements(&frozen::text(&path)));
        }
    }
}

#[test]
fn messages_of_every_version_are_read_as_they_were_read() {
    for version in versions() {
        let (sent, read) = (version.join("messages.json"), version.join("messages_read.json"));
        let today = messages::read(&frozen::json(&sent));
        compare(&read, &messages::without_what_is_new(today, &frozen::json(&read)));
    }
}

#[tokio::test]
async fn sweep_over_records_of_every_version_does_what_it_did_and_then_nothing() {
    for version in versions() {
        compare(&version.join("records_swept.json"), &records::swept(&version).await);
    }
}
