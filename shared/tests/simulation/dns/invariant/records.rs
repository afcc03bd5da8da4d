//! What must hold of changed records.

use std::collections::{BTreeMap, BTreeSet};

use drawbridge::{
    model::{RecordSet, RecordType, ZoneKey},
    world::{HostedZone, State},
};

use super::Check;
use crate::{
    dns::{
        reckoning::{covering, is_verified, proof},
        register::{Name, Registration, is_made_by_us, is_place_of_registrations, name_of, ours, read, registrations},
        seen::nobody_wants,
    },
    reckoning,
    stage::Invariant,
};

type Records<'a> = BTreeMap<(Name, Option<&'a String>), &'a RecordSet>;

fn by_name(zone: &HostedZone) -> Records<'_> {
    zone.records().map(|record| ((name_of(record), record.routing.as_ref()), record)).collect()
}

impl Check<'_> {
    pub fn records(&self, key: &ZoneKey, was: &HostedZone, is: &HostedZone) {
        if was.records().eq(is.records()) {
            return;
        }
        let (before, after) = (by_name(was), by_name(is));
        if !self.terms.may_write(key.account.as_str()) {
            self.wrong(Invariant::OnlyListedAccountsAreWritten, || format!("changes records of zone {key}"));
        }
        if was.zone.private && !self.is_ours(key) {
            self.wrong(Invariant::OthersNamesAreUntouched, || format!("changes records of zone {key}"));
        }
        let is_published = |(name, record): (&(Name, _), &&RecordSet)| {
            before.get(name) != Some(record) && !is_place_of_registrations(record, &is.zone.name)
        };
        // Where something is published in the same call, a name passes from one endpoint to another, and no limit counts.
        let withdraws = !after.iter().any(is_published);
        for (name, record) in &before {
            match after.get(name) {
                None => self.removed(key, is, record, withdraws),
                Some(now) if now != record => {
                    self.touched(key, record);
                    self.modified(key, record);
                    self.written(key, was, is, now);
                }
                Some(_) => {}
            }
        }
        for (_, record) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
            self.written(key, was, is, record);
        }
        self.registered(key, was, is);
    }

    /// Whatever is changed was ours.
    fn touched(&self, key: &ZoneKey, record: &RecordSet) {
        let is_ours = self.seen.zones(key).any(|zone| match read(record, &zone.zone.name) {
            Some(registration) => registration.owner == "hub",
            None => ours(zone).contains(&name_of(record)),
        });
        if !is_ours {
            self.wrong(Invariant::OthersNamesAreUntouched, || format!("changes {} of zone {key}", record.key()));
        }
    }

    fn modified(&self, key: &ZoneKey, record: &RecordSet) {
        let registers = self.seen.zones(key).any(|zone| is_place_of_registrations(record, &zone.zone.name));
        if !self.terms.updates() && !registers {
            self.wrong(Invariant::DnsPolicyIsObeyed, || format!("updates {} of zone {key}", record.key()));
        }
    }

    fn removed(&self, key: &ZoneKey, is: &HostedZone, record: &RecordSet, withdraws: bool) {
        let words = || format!("deletes {} of zone {key}", record.key());
        self.touched(key, record);
        if !self.terms.deletes() {
            self.wrong(Invariant::DnsPolicyIsObeyed, words);
        }
        if let Some(registration) = read(record, &is.zone.name) {
            let vpc = registration.resource.strip_prefix("vpc/").and_then(|rest| rest.rsplit_once('/'));
            let answers = vpc.is_some_and(|(_, vpc)| is.vpcs.iter().any(|associated| associated.vpc.as_str() == vpc));
            if answers && !self.is_abandoned(key, &is.zone.name) {
                self.wrong(Invariant::RecordsAreRegistered, words);
            }
            return;
        }
        let wanted = if is.zone.private {
            !self
                .seen
                .wanting(self.terms, &key.account, &is.zone.name)
                .iter()
                .any(|wanting| nobody_wants(wanting, &name_of(record)))
        } else {
            self.is_proof_all_the_time(key, record)
        };
        if wanted {
            self.wrong(Invariant::OnlyTheUnwantedIsTakenAway, words);
        }
        // Of a zone of ours all that goes is one name.
        let what = if is.zone.private { format!("zone {key}") } else { format!("{} of {key}", record.key()) };
        if withdraws {
            self.withdraw(what);
        }
    }

    /// What is created, or updated to this.
    fn written(&self, key: &ZoneKey, was: &HostedZone, is: &HostedZone, record: &RecordSet) {
        let words = || format!("writes {} into zone {key}: {:?}", record.key(), record.data);
        if is_place_of_registrations(record, &is.zone.name) {
            if read(record, &is.zone.name).is_none_or(|registration| registration.owner != "hub") {
                self.wrong(Invariant::RecordsAreRegistered, words);
            }
            return;
        }
        if !ours(is).contains(&name_of(record)) {
            self.wrong(Invariant::RecordsAreRegistered, words);
        }
        let wanted = if was.zone.private {
            let wanting = self.seen.wanting(self.terms, &key.account, &is.zone.name);
            wanting.iter().flatten().any(|(_, records)| records.contains(record))
        } else {
            self.is_proof(record)
        };
        if !wanted {
            self.wrong(Invariant::OnlyTheWantedIsPublished, words);
        }
    }

    /// Registrations say what is there.
    fn registered(&self, key: &ZoneKey, was: &HostedZone, is: &HostedZone) {
        let names = |registrations: Vec<Registration>| -> BTreeSet<Name> {
            let ours = registrations.into_iter().filter(|registration| registration.owner == "hub");
            ours.flat_map(|registration| registration.records).collect()
        };
        let (before, after) = (names(registrations(was)), names(registrations(is)));
        let stood = |zone: &HostedZone, name: &Name| zone.records().any(|record| name_of(record) == *name);
        for name in after.difference(&before) {
            if !stood(is, name) && !self.seen.zones(key).any(|zone| stood(zone, name)) {
                self.wrong(Invariant::RecordsAreRegistered, || format!("registers {name:?} in zone {key} without it"));
            }
        }
        // What ceases to be registered is gone, or was somebody else's by then.
        for name in before.difference(&after) {
            let was_ours_alone = self.seen.zones(key).all(|zone| ours(zone).contains(name) && stood(zone, name));
            if stood(is, name) && was_ours_alone && is_made_by_us_or_public(key, is) {
                self.wrong(Invariant::RecordsAreRegistered, || format!("leaves {name:?} of zone {key} unregistered"));
            }
        }
    }

    /// Whether a record may be thought to be the proof of a service that is looked after.
    fn is_proof(&self, record: &RecordSet) -> bool {
        self.terms.verification
            && self.seen.read.iter().any(|state| {
                let services = state.services.values().map(|(service, _)| service);
                let looked_after = services.filter(|service| reckoning::is_selected(service));
                looked_after.filter_map(proof).any(|(_, proof)| proof == *record)
            })
    }

    /// Whether a record was the proof of a service that is there, all the time. It may go where the name isn't verified, and
    /// another zone alone is the one that it belongs into.
    fn is_proof_all_the_time(&self, key: &ZoneKey, record: &RecordSet) -> bool {
        let may_go = |state: &State| {
            let services = state.services.values().map(|(service, _)| service);
            let mut named = services.filter_map(|service| Some((service, proof(service)?)));
            named.find(|(_, (_, proof))| name_of(proof) == name_of(record)).is_none_or(|(service, (name, _))| {
                let zones = covering(state, self.terms, &name);
                !is_verified(service) && zones.len() == 1 && zones.iter().all(|zone| zone.zone.key != *key)
            })
        };
        record.kind == RecordType::Txt && !self.seen.remembered.iter().any(|state| may_go(state))
    }
}

fn is_made_by_us_or_public(key: &ZoneKey, zone: &HostedZone) -> bool {
    !zone.zone.private || is_made_by_us(key, zone)
}
