//! The frozen files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// The folders of all versions.
pub fn versions() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/compatibility");
    entries(&folder).into_iter().filter(|path| path.is_dir()).collect()
}

/// The last part of a path.
pub fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The files of a folder with this ending, in order.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|path| path.extension().is_some_and(|extension| extension == ending)).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut entries: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

/// The text of a file.
pub fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The contents of a JSON file.
pub fn json(path: &Path) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Holds what is made today against what was made then.
pub fn compare(path: &Path, today: &Value) {
    if std::env::var_os("FREEZE").is_some() && !path.exists() {
        fs::write(path, serde_json::to_string_pretty(today).unwrap() + "\n").unwrap();
    }
    let then = json(path);
    assert!(then == *today, "{}: today it is\n{today:#}", path.display());
}
