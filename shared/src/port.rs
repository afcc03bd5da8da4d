//! The I/O edge in the domain's words. `aws` implements these on AWS, `world` in memory.
//!
//! Reads can't write, and every write takes a [`Permit`], which only the driver makes and only in mode `enforce`.
//!
//! # Contract of every implementation
//! - A listing is read to its last page or is an error; an error is never an empty list.
//! - A batch answers for every item that it was given.
//! - Nothing is decided here.

mod alarms;
mod cloud_map;
mod dns;
mod endpoints;
mod failure;
mod resolvers;
mod tags;

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    time::Duration,
};

use futures_util::future::{Either, select};
use jiff::Timestamp;

pub use self::{
    alarms::{Alarms, Dashboards, Metrics},
    cloud_map::{CloudMap, NewService, Targets},
    dns::{HostedZones, Stretch},
    endpoints::Endpoints,
    failure::{Cause, FailureKind, PortError},
    resolvers::Resolvers,
    tags::{EventHistory, LoadBalancers, ResourceTags},
};
use crate::{
    model::{
        AccountId, Connection, ConnectionId, Consumer, EndpointId, EndpointService, Membership, ParentId, Principals,
        Region, Scope, ServiceId, ServiceKey, TagPolicy, Tags, TopicArn,
    },
    reconcile::Permit,
};

/// Endpoint services and their connections, seen from the provider's account.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait PrivateLink {
    /// All endpoint services of one account and Region.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn list_services(&self, account: &AccountId, region: &Region) -> Result<Vec<EndpointService>, PortError>;

    /// One endpoint service; `None` when it is not there.
    ///
    /// # Errors
    /// When it can't be read.
    async fn describe_service(&self, key: &ServiceKey) -> Result<Option<EndpointService>, PortError>;

    /// The connections of a service that are within the scope.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn list_connections(&self, key: &ServiceKey, scope: Scope) -> Result<Vec<Connection>, PortError>;

    /// The services of one account and Region that have a connection of this consumer, in whatever state.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn services_connected_by(
        &self,
        consumer: &Consumer,
        account: &AccountId,
        region: &Region,
    ) -> Result<BTreeSet<ServiceId>, PortError> {
        let connections = self.connections_of(consumer, account, region).await?;
        Ok(connections.into_iter().map(|(service, _)| service).collect())
    }

    /// The connections of this consumer in one account and Region, in whatever state, each with its service.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn connections_of(
        &self,
        consumer: &Consumer,
        account: &AccountId,
        region: &Region,
    ) -> Result<Vec<(ServiceId, Connection)>, PortError>;

    /// Who may request a connection to the service.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn list_principals(&self, key: &ServiceKey) -> Result<Principals, PortError>;

    /// Accepts requests.
    async fn accept(&self, key: &ServiceKey, endpoints: &BTreeSet<EndpointId>, permit: &Permit) -> Answers<EndpointId>;

    /// Rejects requests, or cuts off established connections.
    async fn reject(&self, key: &ServiceKey, endpoints: &BTreeSet<EndpointId>, permit: &Permit) -> Answers<EndpointId>;

    /// Adds the tags to the connections, or replaces the values of these keys. Other tags stay.
    async fn tag_connections(
        &self,
        key: &ServiceKey,
        connections: &BTreeSet<ConnectionId>,
        tags: &Tags,
        permit: &Permit,
    ) -> Answers<ConnectionId>;

    /// Lets accounts request connections to the service. One that may already stays as it is.
    async fn allow(&self, key: &ServiceKey, accounts: &BTreeSet<AccountId>, permit: &Permit) -> Answers<AccountId>;

    /// Lets accounts request connections to the service no more. Connections that they have stay.
    async fn disallow(&self, key: &ServiceKey, accounts: &BTreeSet<AccountId>, permit: &Permit) -> Answers<AccountId>;

    /// Has AWS look whether the record is there that shows whose the private DNS name of the service is.
    ///
    /// # Errors
    /// When it isn't begun, or not known to be.
    async fn start_verification(&self, key: &ServiceKey, permit: &Permit) -> Result<(), PortError>;

    /// Has requests wait for an answer from now on. Connections that there are stay.
    ///
    /// # Errors
    /// When it isn't done, or not known to be.
    async fn require_acceptance(&self, key: &ServiceKey, permit: &Permit) -> Result<(), PortError>;

    /// The services of one account and Region that tell the topic of requests.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn list_notifying(
        &self,
        account: &AccountId,
        region: &Region,
        topic: &TopicArn,
    ) -> Result<BTreeSet<ServiceId>, PortError>;

    /// Has the service tell the topic of requests from now on.
    ///
    /// # Errors
    /// When it isn't done, or not known to be.
    async fn notify(&self, key: &ServiceKey, topic: &TopicArn, permit: &Permit) -> Result<(), PortError>;
}

/// The members of the Organization.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait Organization {
    /// What AWS Organizations knows of an account.
    ///
    /// # Errors
    /// When it doesn't answer, or refuses to.
    async fn membership(&self, account: &AccountId) -> Result<Membership, PortError>;

    /// Members, as far as is wanted. Their tags are not read.
    ///
    /// # Errors
    /// When a page can't be read.
    async fn list_members(&self, wanted: Wanted<'_>) -> Result<BTreeMap<AccountId, Membership>, PortError>;

    /// The tags of a member in AWS Organizations.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn tags(&self, account: &AccountId) -> Result<Tags, PortError>;

    /// The name of an organizational unit.
    ///
    /// # Errors
    /// When it can't be read, or is gone.
    async fn unit_name(&self, unit: &ParentId) -> Result<String, PortError>;

    /// The tag policy that is in force for an account; one that says nothing, where there is none.
    ///
    /// # Errors
    /// When it can't be read or understood: what is compliant is not known then.
    async fn tag_policy(&self, account: &AccountId) -> Result<TagPolicy, PortError>;
}

/// How far members are listed.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// To the end.
    All,
    /// Until these are found, and no further than this many pages: what is missing may be behind them.
    These(&'a BTreeSet<AccountId>, usize),
}

impl Wanted<'_> {
    /// Whether another page is wanted after this many, of which these members are known.
    #[must_use]
    pub fn goes_on(self, pages: usize, listed: &BTreeMap<AccountId, Membership>) -> bool {
        match self {
            Self::All => true,
            Self::These(accounts, most) => pages < most && !accounts.iter().all(|account| listed.contains_key(account)),
        }
    }
}

/// Most events of one publication.
///
/// Source: `EventBridge` API reference, entries of `PutEvents`.
pub const PUBLISHED_AT_ONCE: usize = 10;

/// The hub's event bus.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait Bus {
    /// Publishes at most [`PUBLISHED_AT_ONCE`] events of ours.
    ///
    /// # Errors
    /// The number of those that were not taken, and why.
    async fn publish(&self, events: &[BusEvent], permit: &Permit) -> Result<(), (usize, PortError)>;
}

/// Longest delay of a message.
///
/// Source: SQS API reference, `DelaySeconds` of `SendMessage`.
pub const LONGEST_DELAY: Duration = Duration::from_mins(15);

/// The queue that wakes the function.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait Queue {
    /// Sends a message of ours that arrives after this time, which is at most [`LONGEST_DELAY`].
    ///
    /// # Errors
    /// When it isn't sent, or not known to be.
    async fn send(&self, message: &serde_json::Value, after: Duration, permit: &Permit) -> Result<(), PortError>;
}

/// An event of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusEvent {
    /// The `detail-type`.
    pub detail_type: &'static str,
    /// ARNs of what it is about.
    pub resources: Vec<String>,
    /// The `detail`.
    pub detail: serde_json::Value,
}

/// Where the configuration and the policy come from.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait Documents {
    /// Both documents as they are now. Each stands alone: one that can't be read doesn't hide the other.
    async fn poll(&mut self) -> DocumentTexts;
}

/// The texts of both documents, as far as they could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentTexts {
    /// `drawbridge.yaml`.
    pub configuration: Result<String, PortError>,
    /// `acceptance.cedar`.
    pub acceptance: Result<String, PortError>,
}

/// The time, which passes for everybody alike: for deadlines as for decisions.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait Clock {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Comes back at this time or later.
    async fn wait_until(&self, time: Timestamp);
}

/// What the work gives, if it is done by then. It is begun in any case.
pub async fn done_by<T>(clock: &impl Clock, deadline: Timestamp, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), pin!(clock.wait_until(deadline))).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

/// A time so much earlier.
#[must_use]
pub fn earlier(time: Timestamp, by: Duration) -> Timestamp {
    time.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// A time so much later.
#[must_use]
pub fn later(time: Timestamp, by: Duration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// An answer for every item of a batch.
pub type Answers<T> = BTreeMap<T, Result<(), PortError>>;
