//! Step 1 of the walk: an event names subjects, and is then forgotten.
//!
//! An event is a hint. Nothing of it is believed but the names in it, and what these stand for is read afresh from AWS.
//! So a lost, doubled, late or forged event can make us look, never act wrongly.
//!
//! # Guarantees
//! [`parse`] is total: any JSON gives a [`Trigger`] or an [`Unparsable`], never a panic. A trigger names at most
//! [`SUBJECT_LIMIT`] subjects, whatever the message names.

mod arn;
mod cloudtrail;
mod ec2;
mod endpoint_calls;
mod envelope;
mod field;
mod ignored;
mod notification;
mod organizations;
pub mod own;
mod registry;
mod schedule;
mod service_calls;
mod tag_change;
pub mod told;
mod unparsable;
mod wrapped;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod properties;

use std::{collections::BTreeSet, fmt};

use serde_json::Value;

pub use self::{ignored::Ignored, unparsable::Unparsable};
use crate::model::{AccountId, Region, ServiceId};

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

/// Something an event can name. A controller turns it into the keys that it reconciles.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Everything there is: a sweep.
    Everything,
    /// All that lives in one account and Region: an event that names no more than its place.
    Place {
        /// The account.
        account: AccountId,
        /// The Region.
        region: Region,
    },
    /// An endpoint service and the requests at it.
    Service(ServiceReference),
    /// An endpoint service and all its connections, established ones too: a review.
    ServiceReview(ServiceReference),
    /// An account of the Organization, whose place or state may have changed.
    Owner(AccountId),
}

/// An endpoint service as an event names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceReference {
    /// The provider, where the event was recorded in the provider's account. A consumer's event doesn't know it.
    pub account: Option<AccountId>,
    /// The service's home Region.
    pub region: Region,
    /// The service.
    pub service: ServiceId,
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

impl Subject {
    /// Whether it stands for more than one thing, and can take all the time there is.
    #[must_use]
    pub fn is_wide(&self) -> bool {
        matches!(self, Self::Everything | Self::Place { .. })
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

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => formatter.write_str("everything"),
            Self::Place { account, region } => write!(formatter, "place {account}/{region}"),
            Self::Service(service) => write!(formatter, "service {service}"),
            Self::ServiceReview(service) => write!(formatter, "review {service}"),
            Self::Owner(account) => write!(formatter, "owner {account}"),
        }
    }
}

impl fmt::Display for ServiceReference {
    /// As [`ServiceKey`](crate::model::ServiceKey) is written; `?` for a provider that isn't known.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = self.account.as_ref().map_or("?", AccountId::as_str);
        write!(formatter, "{account}/{}/{}", self.region, self.service)
    }
}
