//! The wrappers that a message travels in: `EventBridge`'s event, SNS's notification, none at all.

use serde_json::Value;

use super::{Trigger, Unparsable, arn, field::Field, notification, registry};
use crate::model::{AccountId, Region};

/// How many wrappers are opened: an `EventBridge` event that a rule sent to a topic has two, a redriven one no more.
const WRAPPER_LIMIT: usize = 4;

const TOPIC: &str = "the ARN of an SNS topic such as arn:aws:sns:eu-west-1:333333333333:connections";

/// An event of `EventBridge`.
///
/// Source: `EventBridge` events reference, "Event structure". Account and Region are where it was sent, and a hint.
#[derive(Debug)]
pub(super) struct Envelope<'message> {
    message: Field<'message>,
    pub source: &'message str,
    pub detail_type: &'message str,
    pub version: &'message str,
}

impl<'message> Envelope<'message> {
    fn read(message: Field<'message>) -> Result<Self, Unparsable> {
        let text = |name, expected| message.required(name, expected)?.text(expected);
        let source = text("source", "the event's source such as aws.ec2")?;
        let detail_type = text("detail-type", "the event's kind such as \"AWS API Call via CloudTrail\"")?;
        let version = text("version", "the version of EventBridge's envelope, \"0\" today")?;
        Ok(Self { message, source, detail_type, version })
    }

    /// The account that sent the event.
    pub fn account(&self) -> Result<(Field<'message>, AccountId), Unparsable> {
        let field = self.message.required("account", "the account that sent the event")?;
        let account = field.identifier()?;
        Ok((field, account))
    }

    /// The Region that it was sent in.
    pub fn region(&self) -> Result<Region, Unparsable> {
        self.message.required("region", "the Region that the event was sent in")?.identifier()
    }

    /// The content.
    pub fn detail(&self) -> Result<Field<'message>, Unparsable> {
        const OBJECT: &str = "the event's content, an object";
        let detail = self.message.required("detail", OBJECT)?;
        if detail.value.is_object() { Ok(detail) } else { Err(detail.unexpected(OBJECT)) }
    }

    /// The first of the resources that the event is about.
    pub fn resource(&self, expected: &'static str) -> Result<Field<'message>, Unparsable> {
        let resources = self.message.required("resources", expected)?;
        let path = format!("{}[0]", resources.path);
        let first = resources.value.get(0).ok_or_else(|| Unparsable::missing(&path, expected))?;
        Ok(Field::new(path, first))
    }
}

/// Reads a message in whatever wrappers.
pub(super) fn read(message: &Value) -> Result<Trigger, Unparsable> {
    let message = Field::new("", message);
    match message.value {
        Value::String(text) => notification::read_raw(text),
        Value::Object(_) => match wrapped(message.clone(), 1) {
            Some(trigger) => trigger,
            None => notification::read_raw(&message.value.to_string()),
        },
        _ => Err(Unparsable::NotAnEvent),
    }
}

/// Reads a body in whatever wrappers.
pub(super) fn read_body(body: &str) -> Result<Trigger, Unparsable> {
    match serde_json::from_str::<Value>(body) {
        Ok(message) => read(&message),
        // Every wrapper is an object: half of one is no text to search for names.
        Err(error) if body.trim_start().starts_with('{') => {
            Err(Unparsable::NotJson { line: error.line(), column: error.column() })
        }
        Err(_) => notification::read_raw(body),
    }
}

/// Opens the wrapper of a message, if it is in one that is known.
fn wrapped(message: Field<'_>, opened: usize) -> Option<Result<Trigger, Unparsable>> {
    let has = |name| message.member(name).is_some();
    if has("detail-type") || (has("source") && has("detail")) {
        return Some(Envelope::read(message).and_then(|envelope| registry::read(&envelope)));
    }
    (has("TopicArn") || has("Message")).then(|| read_notification(&message, opened))
}

/// Reads SNS's notification.
///
/// Source: SNS developer guide, "HTTP/HTTPS notification JSON format", which SQS subscriptions share.
fn read_notification(message: &Field<'_>, opened: usize) -> Result<Trigger, Unparsable> {
    const NOTIFICATION: &str = "Notification; anything else is for the owner of the subscription to confirm";
    let kind = message.required("Type", NOTIFICATION)?;
    if kind.text(NOTIFICATION)? != "Notification" {
        return Err(kind.unexpected(NOTIFICATION));
    }
    let topic = arn::read(&message.required("TopicArn", TOPIC)?, "sns", TOPIC)?;
    let body = message.required("Message", "the notification's text")?;
    let text = body.text("the notification's text")?;
    if let Ok(inner @ Value::Object(_)) = serde_json::from_str(text) {
        if opened >= WRAPPER_LIMIT {
            return Err(Unparsable::TooManyWrappers { field: body.path, limit: WRAPPER_LIMIT });
        }
        if let Some(trigger) = wrapped(Field::new(body.path, &inner), opened + 1) {
            return trigger;
        }
    }
    Ok(notification::read(text, &topic.account, &topic.region))
}
