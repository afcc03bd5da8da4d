//! What a change of a hosted zone concerns. People and their tools write into zones all the time: only what may be decided
//! otherwise is looked at.

use super::{Dns, names::made_for};
use crate::{
    event::ZoneReference,
    model::Zone,
    plan::dns::Key,
    policy::Rules,
    port::{Clock, Endpoints, HostedZones, Organization, PrivateLink, Resolvers},
    reconcile::Located,
};

impl<P: PrivateLink, Z: HostedZones + Resolvers, E: Endpoints, O: Organization, C: Clock> Dns<P, Z, E, O, C> {
    /// The services and names that a zone has to do with; it is looked up anew.
    pub(super) async fn concerned_by(&self, reference: &ZoneReference, rules: &Rules) -> Located<Key> {
        self.zones.forget().await;
        let zones = match self.zones.all(&self.hosted_zones, &self.clock, rules).await {
            Ok(zones) => zones,
            Err(error) => return Located { failures: vec![error], ..Located::default() },
        };
        match zones.iter().find(|zone| zone.key.zone == reference.zone) {
            Some(zone) if zone.private => self.named_as(zone, rules).await,
            Some(zone) => self.services_registered_in(|key| *key == zone.key, rules).await,
            None => self.left_by(reference, rules).await,
        }
    }

    /// Of a private zone: the name that it was made for, or those in whose way it may be.
    async fn named_as(&self, zone: &Zone, rules: &Rules) -> Located<Key> {
        match made_for(zone, rules) {
            Some(name) => Located { keys: [Key::Name(name)].into(), ..Located::default() },
            None => self.zones_made_for(|key| key.name == zone.name, rules).await,
        }
    }

    /// Of a zone that is gone, or was never ours to list: it may have been any name's own, or in the way of any.
    async fn left_by(&self, reference: &ZoneReference, rules: &Rules) -> Located<Key> {
        let mut located = self.zones_made_for(|_| true, rules).await;
        if let Some(account) = &reference.account {
            let mut places = rules.configuration.consumer_places();
            places.retain(|(owner, _)| owner == account);
            for (account, region) in &places {
                self.endpoint_listings.forget(account, region).await;
            }
            located.extend(self.endpoints(places, rules).await);
        }
        located
    }
}
