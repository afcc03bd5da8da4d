//! Who made something, as `CloudTrail` has recorded it.

use jiff::Timestamp;

use super::{AccountId, Resource};

/// Who called: what the record of a call says of its user identity.
///
/// Source: `CloudTrail` user guide, "`CloudTrail` userIdentity element".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Creator {
    /// The type of identity, such as `AssumedRole`.
    pub kind: String,
    /// What a person would call it: the name of the user, of the role, of the service, or `root`.
    pub name: String,
    /// The name of the session, where it is one of a role or of a federated user.
    pub session: Option<String>,
    /// The account of the identity, which need not be that of what was made.
    pub account: Option<AccountId>,
    /// The service that made the call for it, such as `cloudformation.amazonaws.com`.
    pub invoked_by: Option<String>,
}

/// The making of a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Creation {
    /// What was made.
    pub resource: Resource,
    /// By whom.
    pub creator: Creator,
    /// When.
    pub at: Timestamp,
}
