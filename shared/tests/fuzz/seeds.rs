//! Where the targets begin: the samples of the project, and what once made a target fail.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// The seeds of a target, in order. `shared/fuzz/seed.py` writes the same for libFuzzer.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut seeds: Vec<Vec<u8>> = files(&root.join("tests/cases/fuzz").join(target)).iter().map(read).collect();
    match target {
        "event" => seeds.extend(files(&root.join("tests/cases/event")).iter().map(message)),
        "configuration" => {
            seeds.extend(documents(&root, "drawbridge.yaml"));
            seeds.extend(walks(&root).map(|case| case["configuration"].to_string().into_bytes()));
        }
        "policy" => {
            seeds.extend(documents(&root, "acceptance.cedar"));
            seeds.extend(files(&root.join("infra/policies")).iter().map(read));
            seeds.extend(walks(&root).filter_map(|case| Some(case["policy"].as_str()?.as_bytes().to_vec())));
        }
        other => panic!("no seeds for {other}"),
    }
    seeds.sort();
    seeds.dedup();
    seeds
}

/// The body of a message of the event parser's cases, as it lies in the queue.
fn message(path: &PathBuf) -> Vec<u8> {
    let case: Value = serde_json::from_slice(&read(path)).unwrap();
    case["body"].as_str().map_or_else(|| case["message"].to_string(), ToOwned::to_owned).into_bytes()
}

/// The documents of this name that the command is tested with.
fn documents(root: &Path, name: &str) -> Vec<Vec<u8>> {
    let folders = entries(&root.join("cli/tests/documents"));
    folders.iter().map(|folder| folder.join(name)).filter(|path| path.is_file()).map(|path| read(&path)).collect()
}

/// The cases of whole walks.
fn walks(root: &Path) -> impl Iterator<Item = Value> {
    let controllers = ["connections", "organization"].map(|controller| root.join("tests/cases").join(controller));
    let cases = controllers.into_iter().flat_map(|controller| entries(&controller));
    cases.map(|case| serde_json::from_slice(&read(&case.join("case.json"))).unwrap())
}

fn read(path: &PathBuf) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|path| path.is_file()).collect()
}

/// What is in a folder; nothing when there is no such folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut entries: Vec<_> = entries.collect();
    entries.sort();
    entries
}
