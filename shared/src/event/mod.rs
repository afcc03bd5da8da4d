//! Step 1 of the walk: an event names subjects, and is then forgotten.
//!
//! An event is a hint. Nothing of it is believed but the names in it, and what these stand for is read afresh from AWS.
//! So a lost, doubled, late or forged event can make us look, never act wrongly. The one exception is who made something
//! ([`creations`]), which nothing else knows; it becomes a tag and decides nothing.
//!
//! # Guarantees
//! [`parse`] is total: any JSON gives a [`Trigger`] or an [`Unparsable`], never a panic. A trigger names at most
//! [`SUBJECT_LIMIT`] subjects, whatever the message names.

mod again;
mod arn;
mod cloud_map;
mod cloudtrail;
mod creation;
mod decided;
mod ec2;
mod endpoint_calls;
mod envelope;
mod field;
mod ignored;
mod load_balancing;
mod notification;
mod organizations;
pub mod own;
mod profiles;
mod registry;
mod route53;
mod schedule;
mod service_calls;
mod subject;
mod tag_change;
pub mod told;
mod unparsable;
mod vpc_calls;
mod wrapped;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod properties;

use std::collections::BTreeSet;

use serde_json::Value;

pub use self::{
    creation::creations,
    ignored::Ignored,
    subject::{ConnectionReference, CreationReference, EndpointReference, ServiceReference, Subject, ZoneReference},
    unparsable::Unparsable,
};

/// Most subjects that one message may name. Beyond it the message is read as naming the place they are in, which is one
/// listing instead of a thousand look-ups, and keeps a message of a megabyte from filling the memory.
pub const SUBJECT_LIMIT: usize = 1_000;

/// What a message asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// To look at these.
    Subjects(BTreeSet<Subject>),
    /// Nothing, and why.
    Ignored(Ignored),
}

/// Reads a message: an `EventBridge` event, an SNS notification around one or of `PrivateLink` itself, or the bare JSON
/// of such a notification.
///
/// # Errors
/// [`Unparsable`] when the message is none of these, or lacks or garbles what it must name. An event of a kind that
/// isn't known here is no error but [`Trigger::Ignored`].
pub fn parse(message: &Value) -> Result<Trigger, Unparsable> {
    envelope::read(message)
}

/// Reads the body of an SQS message: JSON as [`parse`] does, or the text of an SNS notification that was delivered raw.
///
/// # Errors
/// As [`parse`]; also when the body begins as an object of JSON does and is none.
pub fn parse_body(body: &str) -> Result<Trigger, Unparsable> {
    envelope::read_body(body)
}

impl Trigger {
    fn everything() -> Self {
        Self::Subjects(BTreeSet::from([Subject::Everything]))
    }

    /// These subjects, or what they are all in when they are more than [`SUBJECT_LIMIT`].
    fn naming(subjects: BTreeSet<Subject>, all_of_them: Subject) -> Self {
        if subjects.len() > SUBJECT_LIMIT {
            return Self::Subjects(BTreeSet::from([all_of_them]));
        }
        Self::Subjects(subjects)
    }
}

impl From<Subject> for Trigger {
    fn from(subject: Subject) -> Self {
        Self::Subjects(BTreeSet::from([subject]))
    }
}

impl From<Ignored> for Trigger {
    fn from(reason: Ignored) -> Self {
        Self::Ignored(reason)
    }
}
