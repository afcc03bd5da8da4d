//! Reads what the verification of a service's private DNS name is decided by.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use super::{
    Dns,
    read_zones::{is_fewer_calls, is_one_call},
    service_of,
    zones::covering,
};
use crate::{
    model::{ChangeId, DomainName, EndpointService, RecordSet, ServiceKey, Zone, ZoneKey},
    plan::dns::{
        Key,
        registry::{self, Registration},
        verification::{Begun, Observed, Registered, domain, is_verified, proof},
    },
    policy::Rules,
    port::{Clock, Endpoints, FailureKind, HostedZones, Organization, PortError, PrivateLink, Resolvers, Stretch},
    reconcile::Located,
};

/// How many zones are read at once.
const ZONES_AT_ONCE: usize = 8;

/// What is remembered of verifications. Nothing depends on it: without it AWS is asked once more than it has to be.
#[derive(Debug, Default)]
pub(super) struct Verifications {
    under_way: RefCell<BTreeMap<ServiceKey, UnderWay>>,
    /// The zones in which services were found registered last.
    registered: RefCell<BTreeMap<ServiceKey, BTreeSet<ZoneKey>>>,
}

#[derive(Debug, Clone, Default)]
struct UnderWay {
    change: Option<(ZoneKey, ChangeId)>,
    look: Option<Timestamp>,
}

impl Verifications {
    /// Records were changed for a service.
    pub fn changed(&self, service: &ServiceKey, zone: &ZoneKey, change: ChangeId) {
        self.under_way.borrow_mut().entry(service.clone()).or_default().change = Some((zone.clone(), change));
    }

    /// AWS is asked to look.
    pub fn looking(&self, service: &ServiceKey, now: Timestamp) {
        self.under_way.borrow_mut().entry(service.clone()).or_default().look = Some(now);
    }

    /// It came to its end.
    fn forget(&self, service: &ServiceKey) {
        self.under_way.borrow_mut().remove(service);
    }

    fn of(&self, service: &ServiceKey) -> UnderWay {
        self.under_way.borrow().get(service).cloned().unwrap_or_default()
    }
}

impl<P: PrivateLink, Z: HostedZones + Resolvers, E: Endpoints, O: Organization, C: Clock> Dns<P, Z, E, O, C> {
    /// The services that are registered in these public zones.
    pub(super) async fn services_registered_in(
        &self,
        wanted: impl Fn(&ZoneKey) -> bool,
        rules: &Rules,
    ) -> Located<Key> {
        let zones = match self.zones.all(&self.hosted_zones, &self.clock, rules).await {
            Ok(zones) => zones,
            Err(error) => return Located { failures: vec![error], ..Located::default() },
        };
        let read = |zone: &Zone| {
            let zone = zone.clone();
            async move {
                let services = self.registered_in(&zone, rules).await;
                (zone, services)
            }
        };
        let public = zones.iter().filter(|zone| !zone.private && wanted(&zone.key));
        let read: Vec<_> = stream::iter(public).map(read).buffered(ZONES_AT_ONCE).collect().await;
        let mut located = Located::default();
        for (zone, services) in read {
            match services {
                Ok(services) => {
                    for service in services {
                        self.verifications
                            .registered
                            .borrow_mut()
                            .entry(service.clone())
                            .or_default()
                            .insert(zone.key.clone());
                        located.keys.insert(Key::Service(service));
                    }
                }
                Err(error) => located.failures.push(error),
            }
        }
        located
    }

    /// The services that are registered in a zone; the zone is read as a whole where that takes fewer calls for all of them.
    async fn registered_in(&self, zone: &Zone, rules: &Rules) -> Result<Vec<ServiceKey>, PortError> {
        let registry = registry::subtree(&zone.name);
        let stretch = if is_one_call(zone) { Stretch::Everything } else { Stretch::Within(&registry) };
        let mut records = self.hosted_zones.list_records(&zone.key, stretch).await?;
        let services = ours(&records, zone, rules);
        if stretch != Stretch::Everything && is_fewer_calls(zone, services.len()) {
            records = self.hosted_zones.list_records(&zone.key, Stretch::Everything).await?;
        } else if stretch != Stretch::Everything {
            return Ok(services);
        }
        self.read_zones.keep(&zone.key, &records);
        Ok(ours(&records, zone, rules))
    }

    /// Reads a service, the zones that its record belongs into, and those in which it is registered.
    pub(super) async fn observe_verification(&self, key: &ServiceKey, rules: &Rules) -> Result<Observed, PortError> {
        let service = self.private_link.describe_service(key).await?;
        let dns = &rules.configuration.dns;
        let ours = |service: &EndpointService| rules.configuration.looks_after(&service.tags);
        if dns.accounts.is_empty() || service.as_ref().is_some_and(|service| !ours(service)) {
            return Ok(Observed { service, ..Observed::default() });
        }
        let zones = self.zones.all(&self.hosted_zones, &self.clock, rules).await?;
        let name = service.as_ref().and_then(domain);
        let covering: Vec<&Zone> = name.as_ref().map_or_else(Vec::new, |name| covering(&zones, name));
        let registered = self.verifications.registered.borrow().get(key).cloned().unwrap_or_default();
        // Of a service that is gone nobody knows in which zone it was.
        let concerned = zones.iter().filter(|zone| {
            let covers = covering.iter().any(|covering| covering.key == zone.key);
            !zone.private && (covers || registered.contains(&zone.key) || name.is_none())
        });
        let proof = service.as_ref().and_then(proof).map(|record| record.name);
        let read = |zone: &Zone| self.read_registered(key, zone.clone(), proof.clone());
        let read: Vec<Result<Registered, PortError>> =
            stream::iter(concerned).map(read).buffered(ZONES_AT_ONCE).collect().await;
        let covering = covering.into_iter().map(|zone| zone.key.clone()).collect();
        let begun = self.begun(key).await?;
        if service.as_ref().is_none_or(is_verified) {
            self.verifications.forget(key);
        }
        Ok(Observed { service, covering, zones: read.into_iter().collect::<Result<_, _>>()?, begun })
    }

    /// What was begun and isn't seen finished.
    async fn begun(&self, key: &ServiceKey) -> Result<Begun, PortError> {
        let UnderWay { change, look } = self.verifications.of(key);
        let Some((zone, id)) = change else { return Ok(Begun { change: false, look }) };
        let in_sync = match self.hosted_zones.is_in_sync(&zone.account, &id).await {
            // Forgotten with its zone, or since it is long ago: there is nothing to wait for.
            Err(error) if error.kind == FailureKind::Gone => true,
            answer => answer?,
        };
        if in_sync && let Some(under_way) = self.verifications.under_way.borrow_mut().get_mut(key) {
            under_way.change = None;
        }
        Ok(Begun { change: !in_sync, look })
    }

    /// The registration of a service in a zone, with the records that it names, and those at the name of its proof.
    async fn read_registered(
        &self,
        key: &ServiceKey,
        zone: Zone,
        proof: Option<DomainName>,
    ) -> Result<Registered, PortError> {
        let registration = registry::place(key.service.as_str(), &zone.name);
        let mut records = self.records_at(&zone.key, &registration).await?;
        let read = |record: &RecordSet| registry::read(record, &zone.name)?.ok();
        let registered = records.iter().filter_map(read).flat_map(|Registration { records, .. }| records);
        let mut names: BTreeSet<DomainName> = registered.map(|record| record.name).collect();
        names.extend(proof.filter(|name| name.is_within(&zone.name)));
        for name in names {
            records.extend(self.records_at(&zone.key, &name).await?);
        }
        Ok(Registered { zone, records })
    }

    async fn records_at(&self, zone: &ZoneKey, name: &DomainName) -> Result<Vec<RecordSet>, PortError> {
        match self.read_zones.at(zone, name) {
            Some(records) => Ok(records),
            None => self.hosted_zones.list_records(zone, Stretch::At(name)).await,
        }
    }
}

/// The services that records of ours in a zone are for.
fn ours(records: &[RecordSet], zone: &Zone, rules: &Rules) -> Vec<ServiceKey> {
    let read = |record: &RecordSet| registry::read(record, &zone.name)?.ok();
    let ours = |registration: &Registration| registration.owner == rules.configuration.deployment;
    records.iter().filter_map(read).filter(ours).filter_map(|registration| service_of(&registration.resource)).collect()
}
