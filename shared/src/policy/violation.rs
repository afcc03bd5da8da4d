//! What a violation of the JSON Schema means to the person who wrote the document.

use jsonschema::{
    JsonType, ValidationError,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::Value;

use super::yaml::escape;

/// The members that a violation is about, as JSON pointers, each with a sentence.
pub fn describe(error: &ValidationError<'_>, schema: &Value) -> Vec<(String, String)> {
    let pointer = error.instance_path().to_string();
    let name = pointer.trim_start_matches('/').replace('/', ".");
    let about = |text: String| vec![(pointer.clone(), if name.is_empty() { text } else { format!("{name}: {text}") })];
    let found = shorten(error.instance());
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|key| {
                (
                    format!("{pointer}/{}", escape(key)),
                    format!("{key:?} is not known here: remove it or mend its spelling"),
                )
            })
            .collect(),
        ValidationErrorKind::Required { property } => about(format!("{property} is missing")),
        ValidationErrorKind::Enum { options } => about(format!("{found} is none of {}", join(options))),
        // What may be left out is this, or nothing: what is wrong with it is told.
        ValidationErrorKind::AnyOf { context } => {
            let is_there = |errors: &&Vec<ValidationError<'static>>| !errors.iter().any(asks_for_nothing);
            context.iter().filter(is_there).flatten().flat_map(|error| describe(error, schema)).collect()
        }
        ValidationErrorKind::OneOfNotValid { .. } => {
            about(format!("{found} is none of {}", join(&constants(error, schema))))
        }
        ValidationErrorKind::Pattern { .. } => about(format!("{found} is not {}", expected(error, schema))),
        ValidationErrorKind::Type { .. } if error.instance().is_number() => {
            about(format!("{found} has to be {}: put it in quotes", expected(error, schema)))
        }
        ValidationErrorKind::Type { .. } => about(format!("{found} has to be {}", expected(error, schema))),
        ValidationErrorKind::MinItems { limit } => about(format!("needs at least {limit}")),
        _ => about(error.masked_with(found).to_string()),
    }
}

/// Whether this is the violation of a schema that only nothing is valid under.
fn asks_for_nothing(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), ValidationErrorKind::Type { kind: TypeKind::Single(JsonType::Null) })
}

/// What the schema says a member is: the title beside the violated keyword, or its type.
fn expected(error: &ValidationError<'_>, schema: &Value) -> String {
    let text = |member: &str| violated(error, schema)?.get(member)?.as_str();
    match (text("type"), text("title")) {
        (Some("object"), _) => "a mapping".to_owned(),
        (Some("array"), _) => "a list".to_owned(),
        (_, Some(title)) => title.to_owned(),
        (Some(kind), None) => format!("of type {kind}"),
        (None, None) => "something else".to_owned(),
    }
}

/// The words of an enumeration whose members are documented one by one.
fn constants(error: &ValidationError<'_>, schema: &Value) -> Value {
    let members = violated(error, schema).and_then(|node| node.get("oneOf")).and_then(Value::as_array);
    members.into_iter().flatten().filter_map(|member| member.get("const")).cloned().collect()
}

/// The part of the schema that holds the violated keyword.
fn violated<'a>(error: &ValidationError<'_>, schema: &'a Value) -> Option<&'a Value> {
    let keyword = error.schema_path().to_string();
    schema.pointer(keyword.get(..keyword.rfind('/')?)?)
}

fn join(options: &Value) -> String {
    options.as_array().map(|options| options.iter().map(shorten).collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

fn shorten(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{:?}", text.chars().take(60).collect::<String>()),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
        Value::Null => "nothing".to_owned(),
        plain => plain.to_string(),
    }
}
