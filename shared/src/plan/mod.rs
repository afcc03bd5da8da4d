//! Step 4 of the walk: what was observed and what is wanted give what is to be done. Pure, one file per controller.
//!
//! # Guarantees
//! A plan is a value. Equal input gives equal plans; no port, clock or randomness is within reach here. A plan leaves
//! nothing to decide: each step holds every argument of its call, and what is not done is in [`Plan::held`] with its reason.

pub mod connections;

use std::{borrow::Cow, collections::BTreeMap, fmt};

/// What to do about one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan<S> {
    /// What to do, in order, each with the decision behind it.
    pub steps: Vec<(S, Decision)>,
    /// What is left as it is, and why.
    pub held: Vec<Decision>,
}

impl<S> Default for Plan<S> {
    fn default() -> Self {
        Self { steps: Vec::new(), held: Vec::new() }
    }
}

/// One decision, with what explains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was decided.
    pub outcome: Outcome,
    /// A stable code; see [`reason`] for ours. Policies bring their own.
    pub reason: Cow<'static, str>,
    /// The policies that determined it, by id, sorted.
    pub policies: Vec<String>,
    /// More, for a person.
    pub detail: Option<String>,
    /// What it is about.
    pub about: About,
    /// The `detail-type` of the event that tells others of it, if it is worth one: the answer to a request is, the finding
    /// of a review that changes nothing isn't.
    pub announce: Option<&'static str>,
}

/// What a decision is about, in the words of logs and events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// How a person would name it.
    pub subject: String,
    /// Names and values: `service_id`, `vpc_endpoint_id`, `endpoint_owner` … A name that a log line has itself is its own.
    pub fields: BTreeMap<&'static str, String>,
    /// The ARN of the resource that is decided on.
    pub resource: String,
}

/// What can be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// A request is granted.
    Accept,
    /// A request is refused.
    Reject,
    /// An established connection stands by policy, which is recorded on it.
    Keep,
    /// Nothing is done until something changes.
    Hold,
    /// It is none of ours.
    Ignore,
}

impl Outcome {
    /// The word in logs, tags and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Keep => "keep",
            Self::Hold => "hold",
            Self::Ignore => "ignore",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Reason codes of our own. They are stable: users alarm and search on them.
pub mod reason {
    /// A policy without `@reason` permits it.
    pub const PERMITTED: &str = "PERMITTED";
    /// A policy without `@reason` forbids it.
    pub const FORBIDDEN: &str = "FORBIDDEN";
    /// The owner is a member, and no policy matches.
    pub const NO_PERMIT: &str = "NO_PERMIT";
    /// The owner is no member of the Organization, and no policy matches.
    pub const OUTSIDE_ORGANIZATION: &str = "OUTSIDE_ORGANIZATION";
    /// The owner is a member that AWS has suspended.
    pub const ACCOUNT_SUSPENDED: &str = "ACCOUNT_SUSPENDED";
    /// The owner is a member that is not active yet, or being closed.
    pub const ACCOUNT_NOT_ACTIVE: &str = "ACCOUNT_NOT_ACTIVE";
    /// Whether the owner is a member could not be told.
    pub const MEMBERSHIP_UNKNOWN: &str = "MEMBERSHIP_UNKNOWN";
    /// A policy failed when it was evaluated.
    pub const POLICY_ERROR: &str = "POLICY_ERROR";
    /// The endpoint service is not there (any more).
    pub const SERVICE_NOT_FOUND: &str = "SERVICE_NOT_FOUND";
    /// The endpoint service is not one that is looked after.
    pub const NOT_SELECTED: &str = "NOT_SELECTED";
    /// A person exempted it by `drawbridge:ignore`.
    pub const EXEMPT: &str = "EXEMPT";
    /// Another deployment has marked it as its own.
    pub const NOT_OWNED: &str = "NOT_OWNED";
}
