//! What must hold of every write: it is held against all that the run may have read and remembered when it decided.

use std::{collections::BTreeSet, rc::Rc};

use drawbridge::{
    model::{AccountId, Connection, ConnectionState, EndpointId, EndpointService, Membership, Principal, ServiceKey},
    world::State,
};
use jiff::Timestamp;

use super::{
    body, dns,
    policy::Policy,
    reckoning::{
        Opinion, before, is_draining, is_open, is_ordered, is_selected, is_to_be_cut_off, may_connect, opinion,
    },
    run::Run,
    stage::{Invariant, Stage, clock},
    version::Version,
};

/// The tags that are ours to write.
const OUR_TAGS: [&str; 9] = [
    "drawbridge:owner",
    "drawbridge:decision",
    "drawbridge:reason",
    "drawbridge:policy",
    "drawbridge:decided-at",
    "drawbridge:revoke-after",
    "drawbridge:revoke-reason",
    "drawbridge:accepted-at",
    "drawbridge:membership",
];

/// Ends of a grace are recorded in whole seconds.
const SECOND: std::time::Duration = std::time::Duration::from_secs(1);

/// Checks what a write has changed.
pub fn check_write(stage: &Stage, run: &Run, was: &State, is: &State) {
    let Some(version) = run.version.get() else { return };
    let check = Check { stage, run, version, seen: stage.world.since(run.reads_since()) };
    for (key, (service, connections)) in &was.services {
        let Some((service_now, connections_now)) = is.services.get(key) else { continue };
        for (endpoint, connection) in connections {
            if let Some(now) = connections_now.get(endpoint).filter(|now| *now != connection) {
                check.connection(key, connection, now);
            }
        }
        check.service(service, service_now);
        check.principals(service, was, is);
    }
}

/// What the world makes known of a write: each answer to a request is notified, whoever gave it.
pub fn echo(stage: &Stage, was: &State, is: &State) {
    for (key, (_, connections)) in &was.services {
        let Some((_, connections_now)) = is.services.get(key) else { continue };
        for (endpoint, connection) in connections {
            match connections_now.get(endpoint).map(|now| &now.state) {
                Some(state) if *state == connection.state => {}
                Some(ConnectionState::Rejected) => stage.send(&body::notification(key, "Reject")),
                Some(state) if state.is_established() => {
                    stage.send(&body::notification(key, "Accept"));
                    dns::endpoint::connected(stage, &connection.owner, endpoint);
                }
                _ => {}
            }
        }
    }
}

struct Check<'a> {
    stage: &'a Stage,
    run: &'a Run,
    version: Version,
    /// All that the run may have read of services and connections.
    seen: Vec<Rc<State>>,
}

impl Check<'_> {
    fn connection(&self, key: &ServiceKey, was: &Connection, is: &Connection) {
        let accepted = was.state == ConnectionState::PendingAcceptance && is.state.is_established();
        // Only what is given may rest on what is remembered.
        let since = if accepted { self.run.facts_since(&was.owner) } else { self.run.reads_since() };
        let opinions = self.opinions(key, &was.endpoint, since);
        let words = |what: &str| {
            format!(
                "{} of {} is {what} by #{}; it could think {:?}",
                was.endpoint,
                was.owner,
                self.run.id,
                thoughts(&opinions)
            )
        };
        if opinions.iter().all(|(opinion, _)| *opinion == Opinion::Foreign) {
            self.stage.violate(Invariant::ForeignThingsAreUntouched, || words("touched"));
        }
        if accepted {
            if !opinions.iter().any(|(opinion, _)| *opinion == Opinion::Permitted) {
                self.stage.violate(Invariant::OnlyThePermittedAreAccepted, || words("accepted"));
            }
        } else if is.state == ConnectionState::Rejected && was.state != is.state {
            let as_request = opinions.iter().any(|(opinion, seen)| self.rejects(*opinion, seen));
            if was.state == ConnectionState::PendingAcceptance && !as_request {
                self.stage.violate(Invariant::OnlyTheForbiddenAreRejected, || words("rejected"));
            } else if was.state.is_established() && !as_request {
                self.cut_off(key, &opinions, words);
            }
        }
        self.tags(was, is);
    }

    /// Whether a request like this may be rejected.
    fn rejects(&self, opinion: Opinion, seen: &Connection) -> bool {
        let held = seen.tags.get("drawbridge:decision").is_some_and(|decision| decision == "hold");
        let since = seen.tags.get("drawbridge:decided-at").filter(|_| held);
        let since = since.and_then(|since| since.parse::<Timestamp>().ok());
        let waited = |after| since.is_some_and(|since| since + after <= self.stage.now() + SECOND);
        seen.state == ConnectionState::PendingAcceptance
            && match opinion {
                Opinion::Forbidden | Opinion::Refused | Opinion::Drained => true,
                Opinion::NotPermitted => self.version.terms().reject_after.is_some_and(waited),
                Opinion::Permitted | Opinion::Unclear | Opinion::Foreign => false,
            }
    }

    fn cut_off(&self, key: &ServiceKey, opinions: &[(Opinion, Connection)], words: impl Fn(&str) -> String) {
        let terms = self.version.terms();
        let due: Vec<&(Opinion, Connection)> = opinions
            .iter()
            .filter(|(opinion, seen)| seen.state.is_established() && is_to_be_cut_off(*opinion, seen, terms))
            .collect();
        if due.is_empty() {
            return self.stage.violate(Invariant::ThePermittedAreNotCutOff, || words("cut off"));
        }
        let has_ended = |(opinion, seen): &&&(Opinion, Connection)| {
            let ended = end_of_grace(seen).is_some_and(|end| end <= self.stage.now());
            *opinion == Opinion::Refused || ended || terms.grace.is_zero()
        };
        let ended: Vec<_> = due.iter().filter(has_ended).collect();
        if ended.is_empty() {
            return self.stage.violate(Invariant::GraceIsGranted, || words("cut off before its grace has ended"));
        }
        if !ended.iter().any(|(opinion, _)| is_ordered(*opinion)) {
            self.count(key, &opinions[0].1.owner);
        }
    }

    /// Counts what is cut off, and checks the limits: of the run, and of the service unless it is all one account's.
    fn count(&self, key: &ServiceKey, owner: &AccountId) {
        let terms = self.version.terms();
        let mut cut_off = self.run.cut_off.borrow_mut();
        let owners = cut_off.entry(key.clone()).or_default();
        owners.push(owner.clone());
        let established = self.established(key);
        if owners.len() > established * terms.most_percent / 100 && owners.iter().collect::<BTreeSet<_>>().len() > 1 {
            self.stage.violate(Invariant::LimitsAreKept, || {
                format!("#{} cuts off {} of {established} connections of {}", self.run.id, owners.len(), key.service)
            });
        }
        let taken = self.run.taken.get() + 1;
        self.run.taken.set(taken);
        self.limit(taken, "connections");
    }

    fn limit(&self, taken: usize, what: &str) {
        let most = self.version.terms().most;
        if taken > most {
            let words = || format!("#{} takes away {taken} {what}, {most} may be", self.run.id);
            self.stage.violate(Invariant::LimitsAreKept, words);
        }
    }

    /// How many connections of a service could have been seen as established.
    fn established(&self, key: &ServiceKey) -> usize {
        let of = |state: &Rc<State>| -> Vec<EndpointId> {
            let connections = state.services.get(key).into_iter().flat_map(|(_, connections)| connections.values());
            let established = connections.filter(|connection| connection.state.is_established());
            established.map(|connection| connection.endpoint.clone()).collect()
        };
        self.seen.iter().flat_map(of).collect::<BTreeSet<_>>().len()
    }

    fn tags(&self, was: &Connection, is: &Connection) {
        let keys: BTreeSet<&String> = was.tags.keys().chain(is.tags.keys()).collect();
        for key in keys.into_iter().filter(|key| was.tags.get(*key) != is.tags.get(*key)) {
            if !OUR_TAGS.contains(&key.as_str()) {
                self.stage.violate(Invariant::ForeignThingsAreUntouched, || {
                    format!("#{} writes the tag {key} of {}", self.run.id, was.endpoint)
                });
            }
        }
        let Some(end) = end_of_grace(is).filter(|end| end_of_grace(was) != Some(*end)) else { return };
        let seen = |state: &Rc<State>| {
            state
                .services
                .values()
                .filter_map(|(_, connections)| connections.get(&was.endpoint))
                .any(|seen| end_of_grace(seen) == Some(end))
        };
        let least = (self.run.begun + self.version.terms().grace) - SECOND;
        if end < least && !self.seen.iter().any(seen) {
            self.stage.violate(Invariant::GraceIsGranted, || {
                format!(
                    "#{} gives {} a grace until {}, and it lasts until {}",
                    self.run.id,
                    was.endpoint,
                    clock(end),
                    clock(least)
                )
            });
        }
    }

    fn service(&self, was: &EndpointService, is: &EndpointService) {
        if was.tags != is.tags || (was.acceptance_required && !is.acceptance_required) {
            self.stage
                .violate(Invariant::ForeignThingsAreUntouched, || format!("#{} changes {}", self.run.id, was.key));
        }
        let wanted = |state: &Rc<State>| {
            state.services.get(&was.key).is_some_and(|(seen, _)| is_selected(seen) && is_open(state, seen))
        };
        if was.acceptance_required != is.acceptance_required
            && !(self.version.terms().require_acceptance && self.seen_apart(&wanted))
        {
            self.stage.violate(Invariant::ForeignThingsAreUntouched, || {
                format!("#{} switches acceptance on at {}, which isn't open", self.run.id, was.key)
            });
        }
    }

    /// Principals and configuration of a service are read one after the other: each may be of another moment.
    fn seen_apart(&self, wanted: &impl Fn(&Rc<State>) -> bool) -> bool {
        self.seen.iter().any(|one| {
            self.seen.iter().any(|other| {
                let mut mixed = State::clone(one);
                mixed.principals.clone_from(&other.principals);
                wanted(&Rc::new(mixed))
            })
        })
    }

    fn principals(&self, service: &EndpointService, was: &State, is: &State) {
        let key = &service.key;
        let (was, is) = (was.principals.get(key), is.principals.get(key));
        if was == is {
            return;
        }
        let all = |principals: Option<&BTreeSet<Principal>>| principals.cloned().unwrap_or_default();
        let (was, is) = (all(was), all(is));
        let manage = self.version.terms().manage;
        for principal in is.difference(&was) {
            let permitted = |account: &AccountId| {
                self.may_request(key, account, self.run.facts_since(account)).contains(&Opinion::Permitted)
                    || self.is_connected(key, account)
            };
            let fine = matches!(principal, Principal::Account(account) if manage != "none" && permitted(account));
            if !fine {
                self.wrong_principal("adds", principal, key);
            }
        }
        for principal in was.difference(&is) {
            let opposed = |account: &AccountId| {
                let opinions = self.may_request(key, account, self.run.reads_since());
                opinions.contains(&Opinion::NotPermitted) || opinions.contains(&Opinion::Forbidden)
            };
            let fine = matches!(principal, Principal::Account(account) if manage == "exact" && opposed(account));
            if !fine {
                self.wrong_principal("removes", principal, key);
            }
            let mut removed = self.run.removed.borrow_mut();
            let count = removed.entry(key.clone()).or_default();
            *count += 1;
            self.limit(*count, "principals");
        }
    }

    fn wrong_principal(&self, what: &str, principal: &Principal, key: &ServiceKey) {
        self.stage.violate(Invariant::PrincipalsFollowPolicy, || {
            format!(
                "#{} {what} {principal:?} at {}, and {} is managed",
                self.run.id,
                key.service,
                self.version.terms().manage
            )
        });
    }

    /// All that the run could think of a connection, each with the connection as it may have read it. A service and its
    /// connections are read one after the other: each may be of another moment.
    fn opinions(&self, key: &ServiceKey, endpoint: &EndpointId, since: Timestamp) -> Vec<(Opinion, Connection)> {
        let (mut services, mut seen): (Vec<&EndpointService>, Vec<&Connection>) = (Vec::new(), Vec::new());
        let (mut least, mut most) = (usize::MAX, 0);
        for state in &self.seen {
            let Some((service, connections)) = state.services.get(key) else { continue };
            if !services.contains(&service) {
                services.push(service);
            }
            let Some(connection) = connections.get(endpoint) else { continue };
            let all: Vec<&Connection> = connections.values().collect();
            let (low, high) = before(&all, connection);
            (least, most) = (least.min(low), most.max(high));
            if !seen.contains(&connection) {
                seen.push(connection);
            }
        }
        let Some(first) = seen.first() else { return Vec::new() };
        let memberships = self.memberships(&first.owner, since);
        let mut opinions = Vec::new();
        for (service, connection) in services.iter().flat_map(|service| seen.iter().map(move |seen| (*service, *seen)))
        {
            for membership in &memberships {
                for before in least..=most {
                    let thought = opinion(&self.version, service, connection, membership.as_ref(), before);
                    let thought = (thought, connection.clone());
                    if !opinions.contains(&thought) {
                        opinions.push(thought);
                    }
                }
            }
        }
        opinions
    }

    /// Whether the run could think that an account may request a connection.
    fn may_request(&self, key: &ServiceKey, account: &AccountId, since: Timestamp) -> BTreeSet<Opinion> {
        let memberships = self.memberships(account, since);
        let services = self.seen.iter().filter_map(|state| state.services.get(key)).map(|(service, _)| service);
        let looked_after = services.filter(|service| is_selected(service) && !is_draining(service));
        looked_after
            .flat_map(|service| {
                memberships
                    .iter()
                    .map(|membership| may_connect(&self.version, service, account, membership.as_ref(), 0))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// Whether an account could be seen to have a connection that is permitted.
    fn is_connected(&self, key: &ServiceKey, account: &AccountId) -> bool {
        let connections =
            self.seen.iter().filter_map(|state| state.services.get(key)).flat_map(|(_, all)| all.values());
        let theirs = connections.filter(|connection| connection.owner == *account);
        let endpoints: BTreeSet<&EndpointId> = theirs.map(|connection| &connection.endpoint).collect();
        let since = self.run.facts_since(account);
        endpoints.into_iter().any(|endpoint| {
            self.opinions(key, endpoint, since).iter().any(|(opinion, _)| *opinion == Opinion::Permitted)
        })
    }

    /// All that the run may believe of an account. Its tags are asked for apart, and may be of another moment.
    fn memberships(&self, account: &AccountId, since: Timestamp) -> Vec<Option<Membership>> {
        let mut memberships: Vec<Option<Membership>> = Vec::new();
        for state in self.stage.world.since(since) {
            let membership = state.accounts.get(account).cloned();
            if !memberships.contains(&membership) {
                memberships.push(membership);
            }
        }
        if self.version.policy == Policy::Production {
            let members = || {
                memberships.iter().flatten().filter_map(|membership| match membership {
                    Membership::Member(member) => Some(member),
                    Membership::Outside | Membership::Unknown { .. } => None,
                })
            };
            let mixed: Vec<Option<Membership>> = members()
                .flat_map(|one| {
                    members().map(|other| {
                        let mut mixed = one.clone();
                        mixed.tags.clone_from(&other.tags);
                        Some(Membership::Member(mixed))
                    })
                })
                .collect();
            memberships.extend(mixed);
        }
        memberships
    }
}

fn thoughts(opinions: &[(Opinion, Connection)]) -> BTreeSet<Opinion> {
    opinions.iter().map(|(opinion, _)| *opinion).collect()
}

/// The end of the grace that is recorded on a connection.
pub fn end_of_grace(connection: &Connection) -> Option<Timestamp> {
    connection.tags.get("drawbridge:revoke-after")?.trim().parse().ok()
}
