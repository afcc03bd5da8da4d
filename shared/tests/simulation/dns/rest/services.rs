//! Private DNS names of services: verified, and switched on at the endpoints that want them.

use drawbridge::{
    model::{ConnectionState, DomainName, EndpointService, RecordSet},
    world::HostedZone,
};

use super::Rest;
use crate::{
    dns::{
        cast::domain,
        reckoning::{
            covering, home, is_provable, is_selected, is_taken, is_verified, offers, proof, resolves, standing,
        },
        register::{name_of, ours, registrations},
    },
    reckoning,
};

impl Rest<'_> {
    pub fn services(&mut self) {
        for (service, _) in self.state.services.values() {
            if reckoning::is_selected(service) && self.terms.verification {
                self.service(service);
            }
        }
        if self.terms.deletes() {
            self.left_proofs();
        }
    }

    fn service(&self, service: &EndpointService) {
        let Some((name, proof)) = proof(service) else { return };
        let zones = covering(self.state, self.terms, &name);
        let [zone] = zones.as_slice() else { return };
        let id = &service.key.service;
        let found: Vec<&RecordSet> = zone.records().filter(|record| record.name == proof.name).collect();
        let is_ours = |record: &RecordSet| ours(zone).contains(&name_of(record));
        let blocked = found.iter().any(|record| **record != proof && !is_ours(record))
            || Self::is_registered_by_others(zone, id.as_str());
        if blocked {
            return;
        }
        let stays = found.iter().any(|record| is_ours(record)) && !self.terms.updates();
        let registered = registrations(zone)
            .iter()
            .any(|registration| registration.owner == "hub" && registration.records.contains(&name_of(&proof)));
        if !found.contains(&&proof) && !stays && (registered || !is_verified(service)) {
            self.wrong(|| format!("the proof of {id} is not in zone {}: {found:?}", zone.zone.key));
        }
        if found.contains(&&proof) && is_provable(self.state, service) && !is_verified(service) {
            self.wrong(|| format!("the name of {id} is proven, and not verified"));
        }
    }

    /// Whether somebody else has something where the service is registered.
    fn is_registered_by_others(zone: &HostedZone, id: &str) -> bool {
        let place = domain(&format!("{id}._drawbridge.{}", zone.zone.name));
        let ours = |record: &RecordSet| {
            crate::dns::register::read(record, &zone.zone.name).is_some_and(|registration| registration.owner == "hub")
        };
        zone.records().any(|record| record.name == place && !ours(record))
    }

    /// Proofs of ours for what is gone, or has another name.
    fn left_proofs(&mut self) {
        let zones = self
            .state
            .zones
            .iter()
            .filter(|(key, zone)| !zone.zone.private && self.terms.may_write(key.account.as_str()));
        for (key, zone) in zones {
            let registered = registrations(zone).into_iter().filter(|registration| registration.owner == "hub");
            for registration in registered {
                let service = self
                    .state
                    .services
                    .values()
                    .map(|(service, _)| service)
                    .find(|service| registration.resource == format!("service/{}", service.key));
                let out_of_hands =
                    service.is_some_and(|service| !reckoning::is_selected(service) || !self.terms.verification);
                let wanted = service.and_then(proof).map(|(_, proof)| name_of(&proof));
                let is_left = |name: &&_| {
                    Some(*name) != wanted.as_ref() && zone.records().any(|record| name_of(record) == **name)
                };
                let left: Vec<_> = registration.records.iter().filter(is_left).collect();
                if !left.is_empty() && !out_of_hands {
                    self.due.insert(format!("{left:?} of zone {key}"));
                }
            }
        }
    }

    pub fn private_names(&self) {
        let selected = self.state.endpoints.values().filter(|endpoint| is_selected(self.terms, endpoint));
        for endpoint in selected.filter(|endpoint| !endpoint.private_dns) {
            let offered = offers(self.state, &endpoint.key.account);
            let Some((names, true)) = offered.get(&endpoint.service_name) else { continue };
            let vpc = home(endpoint);
            let taken =
                |name: &DomainName| is_taken(self.state, &vpc, &domain(name.as_str().trim_start_matches("*.")), None);
            let possible = !names.is_empty()
                && *standing(self.state, endpoint) == ConnectionState::Available
                && resolves(self.state, &vpc)
                && !names.iter().any(taken);
            if possible {
                self.wrong(|| format!("the private name of {} is not switched on", endpoint.key.endpoint));
            }
        }
    }
}
