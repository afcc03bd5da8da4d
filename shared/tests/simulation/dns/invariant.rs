//! What must hold of every write about names: it is held against all that the run may have read and remembered when it decided.

mod attempts;
mod records;
mod vpcs;

use std::collections::BTreeMap;

use drawbridge::{
    model::{AccountId, DomainName, Endpoint, ZoneKey},
    world::{HostedZone, State},
};
use jiff::Timestamp;

pub use self::attempts::{before_association, before_private_name, before_verification, before_zone};
use super::{
    reckoning::home,
    register::{comment, is_made_by_us, marked},
    seen::{Seen, is_home},
    terms::Terms,
};
use crate::{
    run::Run,
    stage::{Invariant, Stage},
};

/// Checks what a write has changed. `vpcs_read` tells when the VPCs of accounts were read last.
pub fn check_write(stage: &Stage, run: &Run, vpcs_read: &BTreeMap<AccountId, Timestamp>, was: &State, is: &State) {
    let Some(terms) = run.version.get().and_then(|version| version.names()) else { return };
    let check = Check { stage, run, terms, vpcs_read, seen: Seen::of(stage, run) };
    for (key, zone) in &was.zones {
        match is.zones.get(key) {
            None => check.deleted(key, zone),
            Some(now) => {
                check.records(key, zone, now);
                check.vpcs(key, zone, now);
            }
        }
    }
    for (key, zone) in is.zones.iter().filter(|(key, _)| !was.zones.contains_key(key)) {
        check.made(key, zone);
    }
    for (key, endpoint) in &was.endpoints {
        if let Some(now) = is.endpoints.get(key).filter(|now| *now != endpoint) {
            check.endpoint(endpoint, now);
        }
    }
}

pub struct Check<'a> {
    stage: &'a Stage,
    run: &'a Run,
    terms: &'static Terms,
    vpcs_read: &'a BTreeMap<AccountId, Timestamp>,
    seen: Seen,
}

impl Check<'_> {
    fn wrong(&self, of: Invariant, words: impl FnOnce() -> String) {
        self.stage.violate(of, || format!("#{} {}", self.run.id, words()));
    }

    /// Counts what is taken away, and checks the limit of the run.
    fn withdraw(&self, what: String) {
        let mut withdrawn = self.run.withdrawn.borrow_mut();
        withdrawn.insert(what);
        if withdrawn.len() > self.terms.most {
            self.wrong(Invariant::LimitsAreKept, || {
                format!("takes away {withdrawn:?}, and {} may be", self.terms.most)
            });
        }
    }

    /// Whether a zone may be thought to be one of ours.
    fn is_ours(&self, key: &ZoneKey) -> bool {
        let zones = self.seen.remembered.iter().filter_map(|state| state.zones.get(key));
        zones.into_iter().any(|zone| is_made_by_us(key, zone))
    }

    /// Whether nobody may be thought to want the name of a zone.
    fn is_abandoned(&self, key: &ZoneKey, name: &DomainName) -> bool {
        self.seen.wanting(self.terms, &key.account, name).iter().any(Vec::is_empty)
    }

    fn made(&self, key: &ZoneKey, zone: &HostedZone) {
        let name = &zone.zone.name;
        if !self.terms.may_write(key.account.as_str()) {
            self.wrong(Invariant::OnlyListedAccountsAreWritten, || format!("makes the zone {name} {key}"));
        }
        let wanting = self.seen.wanting(self.terms, &key.account, name);
        let is_wanted = zone.vpcs.iter().all(|vpc| wanting.iter().any(|wanting| is_home(wanting, vpc)));
        let marked = zone.zone.comment == comment(key.account.as_str(), name) && zone.zone.private;
        if !is_wanted || !marked {
            self.wrong(Invariant::OnlyTheWantedIsPublished, || {
                format!("makes the zone {name} {key} ({})", zone.zone.comment)
            });
        }
    }

    fn deleted(&self, key: &ZoneKey, zone: &HostedZone) {
        let words = || format!("deletes the zone {} {key}", zone.zone.name);
        if !self.terms.may_write(key.account.as_str()) {
            self.wrong(Invariant::OnlyListedAccountsAreWritten, words);
        }
        if !self.terms.deletes() {
            self.wrong(Invariant::DnsPolicyIsObeyed, words);
        }
        // Its records and its VPCs are read one after the other: each may be of another moment.
        let emptied = self.seen.zones(key).any(|one| {
            let marked = marked(one);
            let unfinished = |vpcs: usize| marked.is_empty() && vpcs == 1;
            self.seen.zones(key).any(|other| other.vpcs.is_subset(&marked) || unfinished(other.vpcs.len()))
        });
        if !self.is_ours(key) || !emptied {
            self.wrong(Invariant::OthersNamesAreUntouched, words);
        }
        if !self.is_abandoned(key, &zone.zone.name) {
            self.wrong(Invariant::OnlyTheUnwantedIsTakenAway, words);
        }
        self.withdraw(format!("zone {key}"));
    }

    fn endpoint(&self, was: &Endpoint, is: &Endpoint) {
        let id = &was.key.endpoint;
        if !self.terms.consumers.contains(&was.key.account.as_str()) {
            self.wrong(Invariant::OnlyListedAccountsAreWritten, || format!("changes {id} in {}", home(was)));
        }
        if was.private_dns && !is.private_dns {
            self.wrong(Invariant::PrivateNamesWait, || format!("switches the private name of {id} off"));
        }
        if was.tags != is.tags || was.vpc != is.vpc || was.state != is.state {
            self.wrong(Invariant::OthersNamesAreUntouched, || format!("changes {id}"));
        }
    }
}
