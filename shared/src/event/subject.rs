//! What an event can name.

use std::fmt;

use crate::model::{AccountId, Creation, EndpointId, Region, ServiceId, ZoneId};

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
    /// What is behind the endpoint services of one account and Region.
    LoadBalancers {
        /// The account.
        account: AccountId,
        /// The Region.
        region: Region,
    },
    /// What Cloud Map has in one account and Region, whoever follows it.
    CloudMap {
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
    /// An endpoint and the names that lead to it.
    Endpoint(EndpointReference),
    /// A hosted zone, its records and the VPCs that it is associated with.
    Zone(ZoneReference),
    /// A connection, the provider's object.
    Connection(ConnectionReference),
    /// The making of a resource, and by whom.
    Creation(CreationReference),
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

/// An endpoint as an event names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndpointReference {
    /// The consumer.
    pub account: AccountId,
    /// The Region that the endpoint is in; its service may live in another.
    pub region: Region,
    /// The endpoint.
    pub endpoint: EndpointId,
}

/// A connection as an event names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionReference {
    /// The provider.
    pub account: AccountId,
    /// The service's home Region.
    pub region: Region,
    /// The service.
    pub service: ServiceId,
    /// The consumer's endpoint.
    pub endpoint: EndpointId,
}

/// The making of a resource, where the record of it was made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CreationReference {
    /// The account that has the resource.
    pub account: AccountId,
    /// The Region of the call.
    pub region: Region,
    /// What was made, by whom.
    pub creation: Creation,
}

/// A hosted zone as an event names it. Zones are in no Region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ZoneReference {
    /// The zone's owner, where only the owner can make the call. A VPC is associated by its own account, whose event
    /// doesn't know whose the zone is.
    pub account: Option<AccountId>,
    /// The zone.
    pub zone: ZoneId,
}

impl Subject {
    /// Whether it stands for more than one thing, and can take all the time there is.
    #[must_use]
    pub fn is_wide(&self) -> bool {
        matches!(self, Self::Everything | Self::Place { .. } | Self::LoadBalancers { .. } | Self::CloudMap { .. })
    }

    /// Where something lives, when no more than that is known of it.
    pub(super) fn place(account: &AccountId, region: &Region) -> Self {
        Self::Place { account: account.clone(), region: region.clone() }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => formatter.write_str("everything"),
            Self::Place { account, region } => write!(formatter, "place {account}/{region}"),
            Self::LoadBalancers { account, region } => write!(formatter, "load balancers of {account}/{region}"),
            Self::CloudMap { account, region } => write!(formatter, "cloud map of {account}/{region}"),
            Self::Service(service) => write!(formatter, "service {service}"),
            Self::ServiceReview(service) => write!(formatter, "review {service}"),
            Self::Owner(account) => write!(formatter, "owner {account}"),
            Self::Endpoint(endpoint) => write!(formatter, "endpoint {endpoint}"),
            Self::Zone(zone) => write!(formatter, "zone {zone}"),
            Self::Connection(connection) => write!(formatter, "connection {connection}"),
            Self::Creation(creation) => write!(formatter, "creation of {creation}"),
        }
    }
}

impl fmt::Display for ServiceReference {
    /// As [`ServiceKey`](crate::model::ServiceKey) is written; `?` for a provider that isn't known.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}", known(self.account.as_ref()), self.region, self.service)
    }
}

impl fmt::Display for EndpointReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}", self.account, self.region, self.endpoint)
    }
}

impl fmt::Display for ConnectionReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}/{}", self.account, self.region, self.service, self.endpoint)
    }
}

impl fmt::Display for CreationReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Creation { resource, creator, at } = &self.creation;
        write!(formatter, "{}/{}/{resource} by {} {:?} at {at}", self.account, self.region, creator.kind, creator.name)
    }
}

impl fmt::Display for ZoneReference {
    /// `?` for an owner that isn't known.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", known(self.account.as_ref()), self.zone)
    }
}

fn known(account: Option<&AccountId>) -> &str {
    account.map_or("?", AccountId::as_str)
}
