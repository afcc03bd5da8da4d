//! Names of one's own: their zones, the records in them, and the VPCs in which they answer.

use std::collections::{BTreeMap, BTreeSet};

use drawbridge::{
    model::{AccountId, DomainName, Endpoint, RecordSet, VpcReference, ZoneKey},
    world::HostedZone,
};

use super::Rest;
use crate::dns::{
    reckoning::{can_be_named, hides, home, is_ignored, is_proven, is_taken, offers, resolves, selects, wants},
    register::{is_its_own, is_made_by_us, is_place_of_registrations, marked, name_of, ours, read, registrations},
};

/// Who wants a name, and what.
type Wanting<'a> = Vec<(&'a Endpoint, BTreeSet<RecordSet>)>;

impl<'a> Rest<'a> {
    pub fn names(&mut self) {
        let accounts: Vec<AccountId> = self.terms.accounts.iter().map(|account| account.parse().unwrap()).collect();
        for account in accounts {
            let mut wanted = self.wanted(&account);
            let zones =
                self.state.zones.iter().filter(|(key, zone)| key.account == account && is_made_by_us(key, zone));
            let mut made: BTreeMap<DomainName, Vec<(&ZoneKey, &HostedZone)>> = BTreeMap::new();
            for (key, zone) in zones {
                made.entry(zone.zone.name.clone()).or_default().push((key, zone));
                wanted.entry(zone.zone.name.clone()).or_default();
            }
            for (name, wanting) in &wanted {
                // What is exempt stays as it is.
                if wanting.iter().any(|(endpoint, _)| is_ignored(&endpoint.tags)) {
                    continue;
                }
                match made.get(name).map(Vec::as_slice) {
                    None | Some([]) => self.without_zone(&account, name, wanting),
                    Some([(key, zone)]) => self.with_zone(key, zone, wanting),
                    Some(zones) => self.wrong(|| format!("{name} has {} zones of ours in {account}", zones.len())),
                }
            }
        }
    }

    fn wanted(&self, account: &AccountId) -> BTreeMap<DomainName, Wanting<'a>> {
        let offers = offers(self.state, account);
        let mut wanted: BTreeMap<DomainName, Wanting<'a>> = BTreeMap::new();
        let endpoints = self.state.endpoints.values().filter(|endpoint| endpoint.key.account == *account);
        for endpoint in endpoints.filter(|endpoint| can_be_named(self.state, endpoint)) {
            for (name, records) in wants(endpoint, &offers, self.terms.zonal) {
                wanted.entry(name).or_default().push((endpoint, records));
            }
        }
        wanted
    }

    fn without_zone(&self, account: &AccountId, name: &DomainName, wanting: &Wanting<'_>) {
        let [(endpoint, records)] = wanting.as_slice() else { return };
        let home = home(endpoint);
        let possible = self.terms.consumers.contains(&account.as_str())
            && !records.is_empty()
            && resolves(self.state, &home)
            && !is_taken(self.state, &home, name, None)
            && is_proven(endpoint, &offers(self.state, account), name)
            && !hides(self.state, self.terms, name);
        if possible {
            self.wrong(|| format!("{} wants {name}, and there is no zone", endpoint.key.endpoint));
        }
    }

    fn with_zone(&mut self, key: &ZoneKey, zone: &HostedZone, wanting: &Wanting<'_>) {
        if wanting.is_empty() {
            return self.abandoned(key, zone);
        }
        let registered: BTreeSet<String> = registrations(zone)
            .into_iter()
            .filter(|registration| registration.owner == "hub")
            .map(|registration| registration.resource)
            .collect();
        let is_registered = |endpoint: &Endpoint| registered.contains(&format!("endpoint/{}", endpoint.key));
        let holder = match wanting.as_slice() {
            [only] => Some(only),
            several => several.iter().find(|(endpoint, _)| is_registered(endpoint)),
        };
        let Some((endpoint, records)) = holder else { return };
        if !records.is_empty() {
            self.records(key, zone, endpoint, records);
        }
        self.vpcs(key, zone, endpoint);
    }

    /// A zone that nobody wants is gone, unless people have something in it.
    fn abandoned(&mut self, key: &ZoneKey, zone: &HostedZone) {
        if !self.terms.deletes() {
            return;
        }
        let ours = ours(zone);
        let is_ours = |record: &&RecordSet| match read(record, &zone.zone.name) {
            Some(registration) => registration.owner == "hub",
            None => ours.contains(&name_of(record)),
        };
        let written: Vec<&RecordSet> = zone.records().filter(|record| !is_its_own(record, zone)).collect();
        let marked = marked(zone);
        let unfinished = marked.is_empty() && zone.vpcs.len() == 1;
        let is_empty = written.iter().all(is_ours) && (zone.vpcs.is_subset(&marked) || unfinished);
        if is_empty || written.iter().any(is_ours) {
            self.due.insert(format!("zone {} {key}", zone.zone.name));
        }
    }

    fn records(&mut self, key: &ZoneKey, zone: &HostedZone, endpoint: &Endpoint, wanted: &BTreeSet<RecordSet>) {
        let ours = ours(zone);
        let words = |record: &RecordSet| format!("{} of {} in zone {key}", record.key(), endpoint.key.endpoint);
        // Where somebody else has something in the place, it stands there.
        let place = format!("{}._drawbridge.{}", endpoint.key.endpoint, zone.zone.name);
        let is_foreign = |found: &RecordSet| {
            !ours.contains(&name_of(found))
                && !is_its_own(found, zone)
                && !is_place_of_registrations(found, &zone.zone.name)
        };
        let others: BTreeSet<_> = registrations(zone)
            .into_iter()
            .filter(|registration| registration.owner != "hub")
            .flat_map(|registration| registration.records)
            .collect();
        for record in wanted {
            let found = zone.records().find(|found| name_of(found) == name_of(record));
            let blocked = zone.records().any(|found| found.name == record.name && is_foreign(found))
                || others.contains(&name_of(record));
            let stays = found.is_some() && !self.terms.updates();
            if found != Some(record) && !blocked && !stays {
                self.wrong(|| format!("{} is not as it should be: {found:?}", words(record)));
            }
            if found.is_some_and(|found| found != record && found.name.as_str() == place) {
                self.wrong(|| format!("{} is taken for a registration", words(record)));
            }
        }
        if self.terms.deletes() {
            let left = ours.iter().filter(|name| !wanted.iter().any(|record| name_of(record) == **name));
            let standing = left.filter(|name| zone.records().any(|record| name_of(record) == **name));
            let standing: Vec<_> = standing.collect();
            if !standing.is_empty() {
                self.due.insert(format!("{standing:?} of zone {key}"));
            }
        }
    }

    fn vpcs(&mut self, key: &ZoneKey, zone: &HostedZone, endpoint: &Endpoint) {
        let (home, name) = (home(endpoint), &zone.zone.name);
        let selected = |vpc: &VpcReference| match self.state.vpcs.get(vpc).map(|network| &network.vpc) {
            Some(found) => selects(self.terms, &found.account, &found.tags, self.state.accounts.get(&found.account)),
            None => Some(false),
        };
        for vpc in self.state.vpcs.keys() {
            let wanted = *vpc == home || selected(vpc) == Some(true);
            let possible = resolves(self.state, vpc) && !is_taken(self.state, vpc, name, Some(zone));
            if wanted && possible && !zone.vpcs.contains(vpc) {
                self.wrong(|| format!("{name} doesn't answer in {vpc}, of zone {key}"));
            }
        }
        if !self.terms.deletes() {
            return;
        }
        let superfluous = |vpc: &&VpcReference| **vpc != home && selected(vpc) == Some(false);
        let marked = marked(zone);
        let left: Vec<String> = marked.iter().filter(superfluous).map(|vpc| format!("{vpc} of zone {key}")).collect();
        self.due.extend(left);
    }
}
