//! Why a message can't be read: where, what was found there, what was expected.

use serde_json::Value;

/// Longest path that is quoted, in characters. Those of AWS's longest calls have about 110.
const PATH_LIMIT: usize = 160;

/// Longest value that is quoted, in characters: a message is written by others and may be a megabyte.
const VALUE_LIMIT: usize = 80;

/// A message that says nothing that can be relied on. It belongs among the dead letters, before a person's eyes.
///
/// Texts are bounded and never repeat the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unparsable {
    /// Begins as an object does, but is none, or is nested deeper than `serde_json` reads.
    #[error(
        "the message is broken or too deep JSON from line {line}, column {column}: it may have been cut off on its way"
    )]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// None of the wrappers that are known, and no name of an endpoint service in it.
    #[error(
        "the message is no EventBridge event (detail-type, source, detail), no SNS notification (TopicArn, Message) \
         and names no endpoint service: whatever sends it should not send it to this queue"
    )]
    NotAnEvent,
    /// An SNS notification without its envelope, from which the Region can't be told.
    #[error("the message names {service} but no Region: switch off raw message delivery of the SNS subscription")]
    NoRegion {
        /// The first service that was named.
        service: String,
    },
    /// A wrapper in a wrapper in a wrapper.
    #[error("{field} wraps yet another message: expected at most {limit} wrappers")]
    TooManyWrappers {
        /// Where.
        field: String,
        /// How many are opened.
        limit: usize,
    },
    /// A field that must be there isn't.
    #[error("{field} is missing: expected {expected}")]
    Missing {
        /// Where.
        field: String,
        /// What should be there.
        expected: &'static str,
    },
    /// A field is not what it should be.
    #[error("{field} is {found}: expected {expected}")]
    Unexpected {
        /// Where.
        field: String,
        /// What is there, quoted or described.
        found: String,
        /// What should be there.
        expected: &'static str,
    },
    /// Two fields contradict each other: the message is put together from several, or forged.
    #[error("{field} is {found} where {other_field} is {other}: expected the same; it is a mix of several, or forged")]
    Contradiction {
        /// One place.
        field: String,
        /// What is there.
        found: String,
        /// The other place.
        other_field: String,
        /// What is there.
        other: String,
    },
}

impl Unparsable {
    pub(super) fn missing(path: &str, expected: &'static str) -> Self {
        Self::Missing { field: shorten(path, PATH_LIMIT), expected }
    }

    pub(super) fn unexpected(path: &str, found: &Value, expected: &'static str) -> Self {
        Self::Unexpected { field: shorten(path, PATH_LIMIT), found: describe(found), expected }
    }

    pub(super) fn contradiction(path: &str, found: &str, other_path: &str, other: &str) -> Self {
        Self::Contradiction {
            field: shorten(path, PATH_LIMIT),
            found: shorten(found, VALUE_LIMIT),
            other_field: shorten(other_path, PATH_LIMIT),
            other: shorten(other, VALUE_LIMIT),
        }
    }
}

/// Cuts a text of the message; control characters are escaped, so that it can't forge lines of a log.
fn shorten(text: &str, limit: usize) -> String {
    let mut escaped = text.chars().flat_map(char::escape_debug);
    let mut kept: String = escaped.by_ref().take(limit).collect();
    if escaped.next().is_some() {
        kept.push('…');
    }
    kept
}

fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("\"{}\"", shorten(text, VALUE_LIMIT)),
        Value::Array(list) if list.is_empty() => "an empty list".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reason_quotes_no_more_than_a_piece_of_the_message() {
        let path = "P".repeat(100_000);
        let reason = Unparsable::unexpected(&path, &json!("V".repeat(1_000_000)), "less").to_string();
        assert_eq!(reason.matches('P').count(), PATH_LIMIT);
        assert_eq!(reason.matches('V').count(), VALUE_LIMIT);
    }

    #[test]
    fn reason_is_one_line_whatever_the_message_holds() {
        let reason = Unparsable::unexpected("a\nb", &json!("c\r\nERROR forged \u{1b}[31m"), "d").to_string();
        assert!(!reason.contains(char::is_control), "{reason}");
    }
}
