//! Cloud Map: namespaces, the services in them, the instances of these.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::Timestamp;

use super::AccountId;

/// A namespace, of the account that asks or shared with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Namespace {
    /// Its ARN, by which it can be named from every account that sees it.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// How what is in it is found.
    pub kind: NamespaceKind,
    /// The account that has it.
    pub owner: AccountId,
    /// What its maker wrote about it.
    pub description: Option<String>,
}

/// How what is in a namespace is found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum NamespaceKind {
    /// By API calls alone.
    Http,
    /// By DNS in VPCs, too.
    PrivateDns,
    /// By DNS from everywhere, too.
    PublicDns,
    /// A word that AWS has added since.
    Other(String),
}

impl NamespaceKind {
    /// Reads the word that AWS sent.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        let known = [Self::Http, Self::PrivateDns, Self::PublicDns];
        known.into_iter().find(|kind| kind.as_str() == word).unwrap_or_else(|| Self::Other(word.to_owned()))
    }

    /// The word that AWS uses.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Http => "HTTP",
            Self::PrivateDns => "DNS_PRIVATE",
            Self::PublicDns => "DNS_PUBLIC",
            Self::Other(word) => word,
        }
    }
}

/// A service of Cloud Map: a name in a namespace, under which instances are found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CloudMapService {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The account that made it.
    pub owner: AccountId,
    /// What its maker wrote about it.
    pub description: Option<String>,
    /// The types of the records that Cloud Map writes for its instances: `A`, `AAAA`, `SRV`, `CNAME`. None in an HTTP namespace.
    pub records: BTreeSet<String>,
    /// Whether somebody says how its instances are, or Route 53 looks. If not, none of them counts as unhealthy.
    pub is_checked: bool,
}

/// What is told of an instance, by key.
///
/// Source: Cloud Map API reference, `Attributes` of `RegisterInstance`.
pub type Attributes = BTreeMap<String, String>;

/// An address of the fourth version.
pub const IPV4: &str = "AWS_INSTANCE_IPV4";
/// An address of the sixth version.
pub const IPV6: &str = "AWS_INSTANCE_IPV6";
/// A port.
pub const PORT: &str = "AWS_INSTANCE_PORT";
/// A name in DNS.
pub const CNAME: &str = "AWS_INSTANCE_CNAME";

/// Most instances of a service.
///
/// Source: Cloud Map developer guide, quotas.
pub const MOST_INSTANCES: usize = 1_000;

/// How an instance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InstanceHealth {
    /// It answers.
    Healthy,
    /// It doesn't.
    Unhealthy,
    /// It isn't known, or not yet.
    Unknown,
}

/// A change that Cloud Map makes in its own time: one that isn't finished, or that failed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    /// Its id.
    pub id: String,
    /// Ids of what it is about: an instance, a service, a namespace.
    pub targets: BTreeSet<String>,
    /// Why it failed; `None` as long as it is under way.
    pub failure: Option<OperationFailure>,
    /// When it last got on.
    pub updated: Timestamp,
}

/// Why an operation failed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OperationFailure {
    /// The code of AWS, such as `CANNOT_CREATE_HOSTED_ZONE`.
    pub code: String,
    /// What AWS said.
    pub message: String,
}

impl fmt::Display for OperationFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

impl OperationFailure {
    /// Whether the same may work if it is tried again at once.
    ///
    /// Source: Cloud Map API reference, `ErrorCode` of `Operation`.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        ["INTERNAL_FAILURE", "THROTTLED_REQUEST", "REQUEST_EXPIRED", "EXPIRED_TOKEN"].contains(&self.code.as_str())
    }
}
