//! A connection: one endpoint of a consumer at one endpoint service of a provider.

use std::fmt;

use jiff::Timestamp;

use super::{AccountId, ConnectionId, EndpointId, Region, Tags};

/// A connection as its provider sees it (`DescribeVpcEndpointConnections`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The consumer's endpoint.
    pub endpoint: EndpointId,
    /// The account that owns the endpoint, as AWS states it: never taken from an event.
    pub owner: AccountId,
    /// Where the connection stands.
    pub state: ConnectionState,
    /// The provider's object for this connection; absent in replies of old services.
    pub id: Option<ConnectionId>,
    /// When the endpoint was made.
    pub created: Option<Timestamp>,
    /// The Region of the endpoint; absent when it is the service's own.
    pub region: Option<Region>,
    /// `ipv4`, `ipv6` or `dualstack`.
    pub ip_address_type: Option<String>,
    /// The provider's tags on the connection.
    pub tags: Tags,
}

/// The state of a connection.
///
/// AWS sends these in lowerCamel (`pendingAcceptance`) and in places in `PascalCase`: they are read ignoring case.
/// Source: EC2 API reference, `VpcEndpoint.State`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConnectionState {
    /// A request that waits for the provider's answer.
    PendingAcceptance,
    /// Accepted, being set up.
    Pending,
    /// Accepted and in use.
    Available,
    /// Refused or cut off; the endpoint stays until its owner deletes it.
    Rejected,
    /// Being deleted by its owner.
    Deleting,
    /// Gone.
    Deleted,
    /// Could not be set up.
    Failed,
    /// Not answered in time.
    Expired,
    /// Set up in some of its subnets only.
    Partial,
    /// A word that AWS has added since; nothing is done on it.
    Other(String),
}

const NAMES: [(&str, ConnectionState); 9] = [
    ("pendingAcceptance", ConnectionState::PendingAcceptance),
    ("pending", ConnectionState::Pending),
    ("available", ConnectionState::Available),
    ("rejected", ConnectionState::Rejected),
    ("deleting", ConnectionState::Deleting),
    ("deleted", ConnectionState::Deleted),
    ("failed", ConnectionState::Failed),
    ("expired", ConnectionState::Expired),
    ("partial", ConnectionState::Partial),
];

impl ConnectionState {
    /// Reads the word that AWS sent, ignoring case.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        NAMES
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(word))
            .map_or_else(|| Self::Other(word.to_owned()), |(_, state)| state)
    }

    /// The word that AWS uses.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(word) => word,
            known => NAMES.iter().find(|(_, state)| state == known).map_or("", |(name, _)| name),
        }
    }

    /// Whether traffic can flow, or will without a further answer of the provider.
    #[must_use]
    pub fn is_established(&self) -> bool {
        matches!(self, Self::Pending | Self::Available | Self::Partial)
    }
}

impl fmt::Display for ConnectionState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The consumer's side of connections.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Consumer {
    /// All endpoints of all accounts.
    Anybody,
    /// All endpoints of an account.
    Account(AccountId),
    /// One endpoint.
    Endpoint(EndpointId),
}

/// Which connections of a service are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Those that wait for an answer.
    Requests,
    /// All of them: a review.
    Everything,
    /// All of them, among all others that there are: what is due after a grace is carried out, since only here it is seen how
    /// much is.
    Sweep,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_is_read_as_aws_sends_it_and_as_the_model_spells_it() {
        assert_eq!(ConnectionState::parse("pendingAcceptance"), ConnectionState::PendingAcceptance);
        assert_eq!(ConnectionState::parse("PendingAcceptance"), ConnectionState::PendingAcceptance);
        assert_eq!(ConnectionState::parse("available"), ConnectionState::Available);
    }

    #[test]
    fn unknown_state_is_kept_and_is_neither_request_nor_established() {
        let state = ConnectionState::parse("quarantined");
        assert_eq!(state, ConnectionState::Other("quarantined".into()));
        assert!(!state.is_established());
    }

    #[test]
    fn every_state_is_written_as_it_is_read() {
        for (name, state) in NAMES {
            assert_eq!(state.as_str(), name);
            assert_eq!(ConnectionState::parse(name), state);
        }
    }
}
