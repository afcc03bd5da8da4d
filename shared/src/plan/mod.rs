//! Step 4 of the walk: what was observed and what is wanted give what is to be done. Pure, one file per controller.
//!
//! # Guarantees
//! A plan is a value. Equal input gives equal plans; no port, clock or randomness is within reach here. A plan leaves
//! nothing to decide: each step holds every argument of its call, and what is not done is in [`Plan::held`] with its reason.

pub mod alarms;
pub mod cloud_map;
pub mod connections;
pub mod dns;
pub mod organization;
pub mod tags;

use std::{borrow::Cow, collections::BTreeMap, fmt, time::Duration};

use crate::event::{Subject, told};
pub use crate::model::reason;

/// What to do about one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan<S> {
    /// What to do, in order, each with the decision behind it.
    pub steps: Vec<(S, Decision)>,
    /// What takes away something that is in use, though no person has ordered it: carried out after all else, and only
    /// within the limits of the run.
    pub removals: Vec<(S, Decision)>,
    /// What is left as it is, and why.
    pub held: Vec<Decision>,
    /// What is under way at AWS, and when it is worth another look: sooner than the next sweep.
    pub again: Option<(Subject, Duration)>,
}

impl<S> Default for Plan<S> {
    fn default() -> Self {
        Self { steps: Vec::new(), removals: Vec::new(), held: Vec::new(), again: None }
    }
}

impl<S> Plan<S> {
    /// Takes back the removals, since they are too many at once. A person is asked, once for each key.
    pub fn withhold(&mut self, limit: &Limit, why: &str) {
        self.held.extend(limit.withhold(self.removals.drain(..).map(|(_, decision)| decision), why));
    }
}

/// How much one run of a function may take away that is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The setting that says so, as the configuration spells it.
    pub setting: &'static str,
    /// Most removals of one run.
    pub most: u32,
    /// What a person can do instead of raising it.
    pub instead: &'static str,
    /// The `detail-type` of the event that asks a person.
    pub told: &'static str,
}

impl Limit {
    /// That of a function that takes nothing away.
    pub const NOTHING: Self =
        Self { setting: "nothing", most: 0, instead: "do it by hand", told: told::REVOCATION_WITHHELD };

    /// What becomes of removals that are too many at once.
    pub fn withhold(self, removals: impl Iterator<Item = Decision>, why: &str) -> impl Iterator<Item = Decision> {
        removals.enumerate().map(move |(index, decision)| Decision {
            outcome: Outcome::Hold,
            reason: Cow::Borrowed(reason::LIMIT_REACHED),
            detail: Some(format!(
                "{} for {}, but {why}; raise the limit, or {}",
                decision.outcome, decision.reason, self.instead
            )),
            announce: (index == 0).then_some(self.told),
            ..decision
        })
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
    /// What it rests on: names and values, with the time at which they were read.
    pub facts: BTreeMap<&'static str, String>,
    /// What would change it, each as a sentence. Told where it is news.
    pub remedies: Vec<String>,
    /// What it is about.
    pub about: About,
    /// The `detail-type` of the event that tells others of it, if it is worth one: the answer to a request is, the finding
    /// of a review that changes nothing isn't.
    pub announce: Option<&'static str>,
}

impl Decision {
    /// A decision for a reason; what explains it further is added to it.
    #[must_use]
    pub fn new(outcome: Outcome, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            outcome,
            reason: reason.into(),
            policies: Vec::new(),
            detail: None,
            facts: BTreeMap::new(),
            remedies: Vec::new(),
            about: About::default(),
            announce: None,
        }
    }
}

/// What a decision is about, in the words of logs and events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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
    /// An established connection is cut off.
    Revoke,
    /// An established connection stands by policy, which is recorded on it.
    Keep,
    /// Nothing is done until something changes.
    Hold,
    /// It is none of ours.
    Ignore,
    /// An account is let as far as a request.
    Allow,
    /// An account is not let as far as a request any more.
    Remove,
    /// Acceptance is switched on.
    Require,
    /// A topic is told of what happens at a service.
    Notify,
    /// Others are asked to look.
    Review,
    /// Records, an alarm, a dashboard, an instance or a target are written.
    Publish,
    /// Records, an alarm, a dashboard, an instance or a target are taken away.
    Withdraw,
    /// AWS is asked to look whose a domain is.
    Verify,
    /// An endpoint gets the private DNS name of its service.
    Enable,
    /// A zone answers in a VPC.
    Associate,
    /// A zone answers in a VPC no more.
    Disassociate,
    /// Tags are written.
    Tag,
}

impl Outcome {
    /// The word in logs, tags and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Revoke => "revoke",
            Self::Keep => "keep",
            Self::Hold => "hold",
            Self::Ignore => "ignore",
            Self::Allow => "allow",
            Self::Remove => "remove",
            Self::Require => "require",
            Self::Notify => "notify",
            Self::Review => "review",
            Self::Publish => "publish",
            Self::Withdraw => "withdraw",
            Self::Verify => "verify",
            Self::Enable => "enable",
            Self::Associate => "associate",
            Self::Disassociate => "disassociate",
            Self::Tag => "tag",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
