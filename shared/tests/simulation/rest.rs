//! What must be so when nothing happens any more, and all sweeps are done.

use std::collections::{BTreeMap, BTreeSet};

use drawbridge::{
    model::{AccountId, Connection, ConnectionState, EndpointService, Principal, ServiceKey},
    world::State,
};

use super::{
    cast::{CONSUMERS, HUB, PARTNER},
    invariant::end_of_grace,
    policy::Policy,
    reckoning::{
        Opinion, before, is_draining, is_open, is_ordered, is_selected, is_to_be_cut_off, may_connect, opinion,
    },
    stage::{Invariant, Stage},
    version::Version,
};

pub fn check(stage: &Stage, version: &Version) {
    let state = stage.world.snapshot();
    let rest = Rest { stage, version, state: &state };
    let mut due: BTreeMap<&ServiceKey, Vec<&AccountId>> = BTreeMap::new();
    for (key, (service, connections)) in state.services.iter().filter(|(_, (service, _))| is_selected(service)) {
        let all: Vec<&Connection> = connections.values().collect();
        let left = all.iter().filter(|connection| rest.is_due(service, &all, connection));
        due.insert(key, left.map(|connection| &connection.owner).collect());
        rest.service(service);
        rest.principals(service, &all);
    }
    rest.limits(&due);
}

struct Rest<'a> {
    stage: &'a Stage,
    version: &'a Version,
    state: &'a State,
}

impl Rest<'_> {
    fn wrong(&self, words: impl FnOnce() -> String) {
        self.stage.violate(Invariant::RestIsRight, words);
    }

    /// Checks a connection; tells whether it is one that only a limit can have kept.
    fn is_due(&self, service: &EndpointService, all: &[&Connection], connection: &Connection) -> bool {
        let membership = self.state.accounts.get(&connection.owner);
        // What asks comes after all that stand: of the older ones that ask none will be accepted any more.
        let (before, _) = before(all, connection);
        let opinion = opinion(self.version, service, connection, membership, before);
        let name = || format!("{} of {} at {}", connection.endpoint, connection.owner, service.key.service);
        if connection.state == ConnectionState::PendingAcceptance {
            match opinion {
                Opinion::Permitted => self.wrong(|| format!("{} is permitted, and waits", name())),
                Opinion::Forbidden | Opinion::Refused | Opinion::Drained => {
                    self.wrong(|| format!("{} is {opinion:?}, and waits", name()));
                }
                Opinion::NotPermitted | Opinion::Unclear | Opinion::Foreign => {}
            }
            return false;
        }
        if !connection.state.is_established() {
            return false;
        }
        if opinion == Opinion::Permitted && end_of_grace(connection).is_some() {
            self.wrong(|| format!("{} is permitted, and to be cut off", name()));
        }
        let grace_has_no_place = connection.id.is_none() && !self.version.terms().grace.is_zero();
        let cut_off = is_to_be_cut_off(opinion, connection, self.version.terms());
        if !cut_off || (grace_has_no_place && opinion != Opinion::Refused) {
            return false;
        }
        if is_ordered(opinion) {
            self.wrong(|| format!("{} is {opinion:?}, and stands", name()));
        }
        true
    }

    fn service(&self, service: &EndpointService) {
        if self.version.terms().require_acceptance && is_open(self.state, service) {
            self.wrong(|| format!("{} is open to everybody", service.key.service));
        }
    }

    /// Checks the allowed principals of a service: those whom nothing permits can only have been kept by a limit.
    fn principals(&self, service: &EndpointService, all: &[&Connection]) {
        let manage = self.version.terms().manage;
        if manage == "none" || is_draining(service) {
            return;
        }
        let is_permitted = |connection: &&&Connection| {
            let (before, _) = before(all, connection);
            let membership = self.state.accounts.get(&connection.owner);
            let open = connection.state == ConnectionState::PendingAcceptance || connection.state.is_established();
            open && opinion(self.version, service, connection, membership, before) == Opinion::Permitted
        };
        let connected: BTreeSet<&AccountId> =
            all.iter().filter(is_permitted).map(|connection| &connection.owner).collect();
        let principals = self.state.principals.get(&service.key).cloned().unwrap_or_default();
        let mut due = 0;
        let named = if self.version.policy == Policy::MembersAndPartner { Some(PARTNER) } else { None };
        let known = CONSUMERS.into_iter().chain([HUB, "333333333333"]).map(|account| account.parse().unwrap());
        let allowed = principals.iter().filter_map(|principal| match principal {
            Principal::Account(account) => Some(account.clone()),
            _ => None,
        });
        let everybody: BTreeSet<AccountId> = known.chain(allowed).collect();
        for id in everybody {
            let allowed = principals.contains(&Principal::Account(id.clone()));
            let membership = self.state.accounts.get(&id);
            if id == service.key.account || (membership.is_none() && named != Some(id.as_str()) && !allowed) {
                continue;
            }
            let opinion = may_connect(self.version, service, &id, membership, 0);
            match if connected.contains(&id) { Opinion::Permitted } else { opinion } {
                Opinion::Permitted if !allowed => {
                    self.wrong(|| format!("{id} may connect to {}, and is no principal", service.key.service));
                }
                Opinion::Forbidden | Opinion::NotPermitted if allowed && manage == "exact" => due += 1,
                _ => {}
            }
        }
        let most = self.version.terms().most;
        if due > 0 && due <= most {
            self.wrong(|| format!("{due} principals of {} are to be removed, and stay", service.key.service));
        }
    }

    /// What is left must be more than a limit lets go.
    fn limits(&self, due: &BTreeMap<&ServiceKey, Vec<&AccountId>>) {
        let terms = self.version.terms();
        let is_withheld = |key: &ServiceKey, owners: &[&AccountId]| {
            let connections =
                self.state.services.get(key).into_iter().flat_map(|(_, connections)| connections.values());
            let established = connections.filter(|connection| connection.state.is_established()).count();
            let many = owners.iter().collect::<BTreeSet<_>>().len() > 1;
            many && owners.len() > established * terms.most_percent / 100
        };
        let left: usize =
            due.iter().filter(|(key, owners)| !is_withheld(key, owners)).map(|(_, owners)| owners.len()).sum();
        if left > 0 && left <= terms.most {
            self.wrong(|| format!("{left} of {due:?} are to be cut off, no limit forbids it, and they stand"));
        }
    }
}
