//! Reads what is there to be taken over, for a person who orders it.

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use super::{Dns, PLACES_AT_ONCE};
use crate::{
    model::{EndpointKey, ServiceKey, Zone},
    plan::{
        Decision, Outcome,
        dns::{
            adoption::Adoption,
            name::{self, NameKey, PrivateZone},
            verification,
        },
        reason,
    },
    policy::Rules,
    port::{Clock, Endpoints, HostedZones, Organization, PortError, PrivateLink, Resolvers},
};

impl<P: PrivateLink, Z: HostedZones + Resolvers, E: Endpoints, O: Organization, C: Clock> Dns<P, Z, E, O, C> {
    /// What would become ours for the private DNS name of a service.
    ///
    /// # Errors
    /// When it can't be told, since something can't be read.
    pub async fn adoption_of_service(
        &self,
        key: &ServiceKey,
        rules: &Rules,
        now: Timestamp,
    ) -> Result<Adoption, PortError> {
        let observed = self.observe_verification(key, rules).await?;
        Ok(verification::adopt(key, &observed, rules, now))
    }

    /// What would become ours for each name that an endpoint wants, and what could not be read.
    ///
    /// # Errors
    /// When it can't be told, since something can't be read.
    pub async fn adoption_of_endpoint(
        &self,
        key: &EndpointKey,
        rules: &Rules,
        now: Timestamp,
    ) -> Result<(Vec<Adoption>, Vec<PortError>), PortError> {
        let (mut adoptions, mut gaps) = (Vec::new(), Vec::new());
        let listed = self.endpoints_of(&key.account, &key.region, rules).await?;
        let found = listed.iter().find(|named| named.endpoint.key == *key);
        let tag_key = &rules.configuration.dns.names.tag_key;
        for why in found.into_iter().flat_map(|named| &named.refused) {
            adoptions.push(refused(key, reason::NOT_POSSIBLE, format!("mend the tag {tag_key}: {why}")));
        }
        let names: Vec<_> = found.into_iter().flat_map(|named| named.wishes.keys()).collect();
        if names.is_empty() && adoptions.is_empty() {
            let remedy = format!("list its names in the tag {tag_key}; only an interface endpoint can have any");
            adoptions.push(refused(key, reason::NOT_WANTED, remedy));
        }
        for name in names {
            let name = NameKey { account: key.account.clone(), region: key.region.clone(), name: name.clone() };
            let (observed, unread) = self.observe_name(&name, rules).await?;
            let others = self.zones_of_others(&name, &observed.zones, rules).await?;
            adoptions.push(name::adopt(&name, &key.endpoint, &observed, &others, rules, now));
            gaps.extend(unread);
        }
        Ok((adoptions, gaps))
    }

    /// The private zones of a name in its account but for these.
    async fn zones_of_others(
        &self,
        key: &NameKey,
        ours: &[PrivateZone],
        rules: &Rules,
    ) -> Result<Vec<PrivateZone>, PortError> {
        let all = self.zones.all(&self.hosted_zones, &self.clock, rules).await?;
        let is_another = |zone: &&Zone| {
            let is_ours = ours.iter().any(|ours| ours.zone.key == zone.key);
            zone.private && zone.name == key.name && zone.key.account == key.account && !is_ours
        };
        let others = all.iter().filter(is_another).map(|zone| self.read_zone(zone.clone()));
        let read: Vec<Result<PrivateZone, PortError>> = stream::iter(others).buffered(PLACES_AT_ONCE).collect().await;
        read.into_iter().collect()
    }
}

/// What an endpoint can't have.
fn refused(key: &EndpointKey, why: &'static str, remedy: String) -> Adoption {
    let held = Decision { remedies: vec![remedy], ..Decision::new(Outcome::Hold, why) };
    Adoption { subject: key.endpoint.to_string(), held: vec![held], ..Adoption::default() }
}
