//! The simulation's own reckoning: whether a connection may be there, said again in few words and apart from the code under
//! test. Sources: the README, and the comments of the configuration's schema.

use drawbridge::{
    model::{Account, AccountId, AccountState, Connection, ConnectionState, EndpointService, Membership, Principal},
    world::State,
};

use super::{
    cast::ENABLED,
    policy::Word,
    version::{Terms, Version},
};

/// What is to be thought of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Opinion {
    /// It is none of ours.
    Foreign,
    /// It can't be told.
    Unclear,
    Permitted,
    Forbidden,
    NotPermitted,
    /// A person refuses it.
    Refused,
    /// A person wants it ended, after the grace.
    Drained,
}

/// Whether the service is looked after.
pub fn is_selected(service: &EndpointService) -> bool {
    service.tags.get(ENABLED.0).is_some_and(|value| value == ENABLED.1)
        && !is(service.tags.get("drawbridge:ignore"), "true")
}

/// Whether a connection is in our hands.
pub fn is_ours(connection: &Connection) -> bool {
    !is(connection.tags.get("drawbridge:ignore"), "true")
        && connection.tags.get("drawbridge:owner").is_none_or(|owner| owner == "hub")
}

pub fn is_draining(service: &EndpointService) -> bool {
    is(service.tags.get("drawbridge:drain"), "true")
}

fn is(value: Option<&String>, word: &str) -> bool {
    value.is_some_and(|value| value.trim().eq_ignore_ascii_case(word))
}

pub fn opinion(
    version: &Version,
    service: &EndpointService,
    connection: &Connection,
    membership: Option<&Membership>,
    before: usize,
) -> Opinion {
    let approval = connection.tags.get("drawbridge:approval");
    if !is_selected(service) || !is_ours(connection) {
        return Opinion::Foreign;
    }
    if is(approval, "refused") {
        return Opinion::Refused;
    }
    if is_draining(service) {
        return Opinion::Drained;
    }
    match may_connect(version, service, &connection.owner, membership, before) {
        Opinion::NotPermitted if is(approval, "approved") && !is_inactive(membership) => Opinion::Permitted,
        other => other,
    }
}

/// What the policy makes of an account.
pub fn may_connect(
    version: &Version,
    service: &EndpointService,
    owner: &AccountId,
    membership: Option<&Membership>,
    before: usize,
) -> Opinion {
    let member = match membership {
        Some(Membership::Unknown { .. }) => return Opinion::Unclear,
        Some(Membership::Member(account)) => Some(account),
        Some(Membership::Outside) | None => None,
    };
    match version.policy.says(service, owner, member, before) {
        Word::Forbid => Opinion::Forbidden,
        Word::Error => Opinion::Unclear,
        Word::Permit if !is_inactive(membership) => Opinion::Permitted,
        Word::Permit | Word::Nothing => Opinion::NotPermitted,
    }
}

fn is_inactive(membership: Option<&Membership>) -> bool {
    matches!(membership, Some(Membership::Member(Account { state, .. })) if *state != AccountState::Active)
}

/// Whether a connection of this opinion is one to cut off.
pub fn is_to_be_cut_off(opinion: Opinion, connection: &Connection, terms: &Terms) -> bool {
    match opinion {
        Opinion::Refused | Opinion::Drained => true,
        Opinion::Forbidden => terms.of.contains(&"forbidden"),
        Opinion::NotPermitted if was_permitted(connection) => terms.of.contains(&"lost"),
        Opinion::NotPermitted => terms.of.contains(&"never-permitted"),
        Opinion::Foreign | Opinion::Unclear | Opinion::Permitted => false,
    }
}

/// Whether the record says that it was let in once.
fn was_permitted(connection: &Connection) -> bool {
    let decision = connection.tags.get("drawbridge:decision").map(String::as_str);
    let accepted = connection.tags.get("drawbridge:accepted-at").is_some_and(|time| !time.is_empty());
    accepted || matches!(decision, Some("accept" | "keep" | "revoke"))
}

/// Whether a person has ordered it, so that no limit counts.
pub fn is_ordered(opinion: Opinion) -> bool {
    matches!(opinion, Opinion::Refused | Opinion::Drained)
}

/// How many connections of the same account may come before this one, at least and at most: of those that ask, some older
/// ones may be accepted in the same run.
pub fn before(connections: &[&Connection], connection: &Connection) -> (usize, usize) {
    let same =
        connections.iter().filter(|other| other.owner == connection.owner && other.endpoint != connection.endpoint);
    let rank = |of: &Connection| (!was_permitted(of), of.created, of.endpoint.clone());
    let is_older = |other: &Connection| rank(other) < rank(connection);
    let (mut least, mut more) = (0, 0);
    for other in same {
        let established = other.state.is_established();
        if established && (is_older(other) || !connection.state.is_established()) {
            least += 1;
        } else if other.state == ConnectionState::PendingAcceptance
            && !connection.state.is_established()
            && is_older(other)
        {
            more += 1;
        }
    }
    (least, least + more)
}

/// Whether everybody may use a service without being asked.
pub fn is_open(state: &State, service: &EndpointService) -> bool {
    let principals = state.principals.get(&service.key);
    !service.acceptance_required && principals.is_some_and(|principals| principals.contains(&Principal::Everybody))
}
