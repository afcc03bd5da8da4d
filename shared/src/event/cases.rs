//! Cases of `tests/cases/event`, one message and what it must be read as in each file. A case is added by adding a
//! file.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value, json};

use super::{Ignored, Trigger, Unparsable, parse, parse_body};

/// What a message came in as.
#[derive(Debug, Clone)]
pub(super) enum Message {
    Json(Value),
    Body(String),
}

impl Message {
    pub fn parse(&self) -> Result<Trigger, Unparsable> {
        match self {
            Self::Json(message) => parse(message),
            Self::Body(body) => parse_body(body),
        }
    }

    pub fn body(&self) -> String {
        match self {
            Self::Json(message) => message.to_string(),
            Self::Body(body) => body.clone(),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Case {
    pub message: Message,
    expect: Value,
}

/// Every case, by name.
pub(super) fn all() -> BTreeMap<String, Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/event");
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), read(&path))).collect()
}

fn read(path: &Path) -> Case {
    let text = fs::read_to_string(path).unwrap();
    let case: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let names: Vec<&str> = case.keys().map(String::as_str).collect();
    let message = match names.as_slice() {
        ["expect", "message", "note"] => Message::Json(case["message"].clone()),
        ["body", "expect", "note"] => Message::Body(case["body"].as_str().unwrap().to_owned()),
        other => panic!("{path:?}: expected note, expect and one of message and body, found {other:?}"),
    };
    Case { message, expect: case["expect"].clone() }
}

fn render(result: &Result<Trigger, Unparsable>) -> Value {
    match result {
        Ok(Trigger::Subjects(subjects)) => {
            json!({ "subjects": subjects.iter().map(ToString::to_string).collect::<Vec<_>>() })
        }
        Ok(Trigger::Ignored(reason)) => json!({ "ignored": reason.code() }),
        Err(reason) => json!({ "unparsable": reason.to_string() }),
    }
}

#[test]
fn message_is_read_as_its_case_expects() {
    let mut wrong = Vec::new();
    for (name, case) in all() {
        let found = render(&case.message.parse());
        if found != case.expect {
            wrong.push(format!("{name}\n  expected {}\n  found    {found}", case.expect));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn message_is_read_alike_as_json_and_as_the_body_it_travels_in() {
    for (name, case) in all() {
        assert_eq!(parse_body(&case.message.body()), case.message.parse(), "{name}");
    }
}

#[test]
fn every_reason_to_ignore_has_a_case() {
    let expected: Vec<Value> = all().into_values().map(|case| case.expect).collect();
    for reason in Ignored::ALL {
        assert!(expected.contains(&json!({ "ignored": reason.code() })), "{reason:?}");
    }
}
