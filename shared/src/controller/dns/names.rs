//! Reads what a name of one's own is decided by: the endpoints that want it, its zone, and the VPCs in which it is to answer.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use futures_util::{StreamExt, future::try_join3, stream};

use super::{
    Dns, PLACES_AT_ONCE,
    zones::{covering, zone_names},
};
use crate::{
    model::{
        AccountId, DomainName, Endpoint, EndpointKey, EndpointKind, ProfileKey, Region, VpcReference, Zone, ZoneId,
        ZoneOwner,
    },
    plan::dns::{
        Key,
        name::{NameKey, Observed, PrivateZone, ProfileView, Wish, can_be_named, wants_names_of_the_service, wishes},
        profile::names_in,
        registry,
        rival::Rival,
    },
    policy::Rules,
    port::{Clock, Endpoints, HostedZones, Organization, PortError, PrivateLink, Resolvers, Stretch},
    reconcile::Located,
};

/// An endpoint, and what it wants to be called.
#[derive(Debug)]
pub(super) struct Named {
    pub endpoint: Endpoint,
    pub wishes: BTreeMap<DomainName, Wish>,
    /// What is wrong with names that it wants.
    pub refused: Vec<String>,
}

impl Named {
    /// The names that it wants, as keys.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        let EndpointKey { account, region, .. } = &self.endpoint.key;
        let key = |name: &DomainName| NameKey { account: account.clone(), region: region.clone(), name: name.clone() };
        self.wishes.keys().map(key).map(Key::Name)
    }
}

impl<P: PrivateLink, Z: HostedZones + Resolvers, E: Endpoints, O: Organization, C: Clock> Dns<P, Z, E, O, C> {
    /// The interface endpoints of a place, each with the names that it wants.
    pub(super) async fn endpoints_of(
        &self,
        account: &AccountId,
        region: &Region,
        rules: &Rules,
    ) -> Result<Rc<Vec<Named>>, PortError> {
        let names = &rules.configuration.dns.names;
        let read = async {
            let mut found = Vec::new();
            for endpoint in self.endpoints.list_endpoints(account, region).await? {
                if endpoint.kind != EndpointKind::Interface {
                    continue;
                }
                let offer = if wants_names_of_the_service(&endpoint, names) {
                    self.endpoints.describe_offer(account, region, &endpoint.service_name).await?
                } else {
                    None
                };
                let (wishes, refused) = wishes(&endpoint, &offer.unwrap_or_default(), names);
                found.push(Named { endpoint, wishes, refused });
            }
            Ok(found)
        };
        self.endpoint_listings.of(account, region, self.clock.now(), read).await
    }

    /// The names that an endpoint wants; when it wants none or is gone, those whose zones may still be its own.
    pub(super) async fn names_of(&self, endpoint: &EndpointKey, rules: &Rules) -> Located<Key> {
        let (account, region) = (&endpoint.account, &endpoint.region);
        if !rules.configuration.dns.accounts.contains(account) {
            return Located::default();
        }
        self.endpoint_listings.forget(account, region).await;
        let mut located = self.zones_made_for(|key| key.account == *account && key.region == *region, rules).await;
        match self.endpoints_of(account, region, rules).await {
            Ok(endpoints) => {
                let wanting = endpoints.iter().filter(|named| named.endpoint.key == *endpoint);
                located.keys.extend(wanting.flat_map(Named::keys));
            }
            Err(error) => located.failures.push(error),
        }
        located
    }

    /// The names for which there are zones of ours.
    pub(super) async fn zones_made_for(&self, wanted: impl Fn(&NameKey) -> bool, rules: &Rules) -> Located<Key> {
        match self.zones.all(&self.hosted_zones, &self.clock, rules).await {
            Ok(zones) => {
                let names = zones.iter().filter_map(|zone| made_for(zone, rules)).filter(wanted);
                Located { keys: names.map(Key::Name).collect(), ..Located::default() }
            }
            Err(error) => Located { failures: vec![error], ..Located::default() },
        }
    }

    /// Reads a name. Its zone may be newer than what is remembered of zones: then it is in its own way, and is looked for anew.
    pub(super) async fn observe_name(
        &self,
        key: &NameKey,
        rules: &Rules,
    ) -> Result<(Observed, Vec<PortError>), PortError> {
        let (observed, gaps) = self.read_name(key, rules).await?;
        let owner = ZoneOwner::Account(key.account.clone());
        let of_the_account =
            |rival: &Rival| matches!(rival, Rival::Zone(zone) if zone.name == key.name && zone.owner == owner);
        if observed.zones.is_empty() && observed.rivals.values().flatten().any(of_the_account) {
            self.zones.forget().await;
            return self.read_name(key, rules).await;
        }
        Ok((observed, gaps))
    }

    async fn read_name(&self, key: &NameKey, rules: &Rules) -> Result<(Observed, Vec<PortError>), PortError> {
        let named = self.endpoints_of(&key.account, &key.region, rules).await?;
        let wanting = || named.iter().filter_map(|named| Some((&named.endpoint, named.wishes.get(&key.name)?)));
        let endpoints: Vec<Endpoint> = wanting().map(|(endpoint, _)| endpoint.clone()).collect();
        let wishes = wanting().map(|(endpoint, wish)| (endpoint.key.endpoint.clone(), *wish)).collect();
        let all = self.zones.all(&self.hosted_zones, &self.clock, rules).await?;
        let ours = all.iter().filter(|zone| made_for(zone, rules).as_ref() == Some(key));
        let read: Vec<Result<PrivateZone, PortError>> =
            stream::iter(ours).map(|zone| self.read_zone(zone.clone())).buffered(PLACES_AT_ONCE).collect().await;
        let zones: Vec<PrivateZone> = read.into_iter().collect::<Result<_, _>>()?;
        let mut observed = Observed { endpoints, wishes, zones, ..Observed::default() };
        let mut gaps = Vec::new();
        let nameable: Vec<Endpoint> =
            observed.endpoints.iter().filter(|endpoint| can_be_named(endpoint)).cloned().collect();
        if !nameable.is_empty() {
            let selected = self.selected_vpcs(&key.region, rules).await;
            gaps.extend(selected.gaps);
            (observed.vpcs, observed.unread) = (selected.vpcs, selected.unread);
        }
        if let Some(profile) = rules.configuration.dns.names.profile(&key.account, &key.region) {
            gaps.extend(self.read_profile(key, profile, &zone_names(&all), &mut observed).await?);
        }
        if nameable.is_empty() {
            return Ok((observed, gaps));
        }
        gaps.extend(self.read_obstacles(&nameable, rules, &mut observed).await);
        if observed.zones.is_empty() {
            self.read_hidden(key, &all, &mut observed).await?;
        }
        Ok((observed, gaps))
    }

    /// Reads what stands in the way in the VPCs in which the name is to answer and doesn't yet, those of its endpoints among
    /// them.
    async fn read_obstacles(&self, endpoints: &[Endpoint], rules: &Rules, observed: &mut Observed) -> Vec<PortError> {
        let mut gaps = Vec::new();
        let mut open: BTreeMap<VpcReference, AccountId> = endpoints
            .iter()
            .map(|endpoint| {
                let EndpointKey { account, region, .. } = &endpoint.key;
                (VpcReference { region: region.clone(), vpc: endpoint.vpc.clone() }, account.clone())
            })
            .collect();
        open.extend(observed.vpcs.clone());
        open.retain(|vpc, _| !observed.zones.iter().any(|zone| zone.associated.contains(vpc)));
        for (vpc, account, read) in self.read_vpcs(open, rules).await {
            match read {
                Ok((rivals, resolves)) => {
                    // Zones in the Profile that brings the name itself are told apart.
                    let of_another = |rival: &Rival| {
                        let own = observed.profile.as_ref().map(|profile| &profile.key.profile);
                        !matches!(rival, Rival::InProfile { profile, .. } if Some(profile) == own)
                    };
                    observed.rivals.insert(vpc.clone(), rivals.into_iter().filter(of_another).collect());
                    if !resolves {
                        observed.deaf.insert(vpc);
                    }
                }
                Err(error) => {
                    // Not this time: nothing is known of it, so nothing is done in it.
                    observed.vpcs.remove(&vpc);
                    observed.unread.insert(account);
                    gaps.push(error);
                }
            }
        }
        gaps
    }

    /// Reads the Profile that brings the name to VPCs. Then the zone itself answers in no other VPC than the endpoint's; one
    /// in which it does keeps it until the Profile has taken over.
    async fn read_profile(
        &self,
        key: &NameKey,
        profile: &ProfileKey,
        names: &BTreeMap<ZoneId, DomainName>,
        observed: &mut Observed,
    ) -> Result<Vec<PortError>, PortError> {
        let contents = self.contents_of(profile).await?.to_vec();
        let own = |zone: &ZoneId| observed.zones.iter().any(|own| own.zone.key.zone == *zone);
        let others = names_in(&contents, names).into_iter().filter(|(zone, name)| **name == key.name && !own(zone));
        let others = others.map(|(zone, _)| zone).collect();
        let accounts: BTreeSet<AccountId> = observed.vpcs.values().cloned().collect();
        let (vpcs, failed) = self.vpcs_with(profile, &accounts).await;
        let view = ProfileView { key: profile.clone(), contents, others, vpcs };
        let stays = |vpc: &VpcReference| {
            observed.zones.iter().any(|zone| zone.associated.contains(vpc) && !view.brings(&zone.zone.key.zone, vpc))
        };
        observed.vpcs.retain(|vpc, _| stays(vpc));
        observed.unread.extend(failed.keys().cloned());
        observed.profile = Some(view);
        Ok(failed.into_values().collect())
    }

    pub(super) async fn read_zone(&self, zone: Zone) -> Result<PrivateZone, PortError> {
        let (records, associated, authorized) = try_join3(
            self.hosted_zones.list_records(&zone.key, Stretch::Everything),
            self.hosted_zones.associated_vpcs(&zone.key),
            self.hosted_zones.authorized_vpcs(&zone.key),
        )
        .await?;
        Ok(PrivateZone { zone, records, associated, authorized })
    }

    /// The public names below the name, which its zone would hide.
    async fn read_hidden(&self, key: &NameKey, zones: &[Zone], observed: &mut Observed) -> Result<(), PortError> {
        for zone in covering(zones, &key.name) {
            let records = self.hosted_zones.list_records(&zone.key, Stretch::Within(&key.name)).await?;
            let below = records
                .into_iter()
                .map(|record| record.name)
                .filter(|name| *name != key.name && !name.is_within(&registry::subtree(&zone.name)));
            observed.hidden.extend(below);
        }
        Ok(())
    }
}

/// The name that a private zone was made for by us.
pub(super) fn made_for(zone: &Zone, rules: &Rules) -> Option<NameKey> {
    let (owner, resource) = registry::read_zone_comment(&zone.comment)?;
    let key = NameKey::of_resource(&resource)?;
    let ours = zone.private
        && owner == rules.configuration.deployment
        && key.account == zone.key.account
        && key.name == zone.name;
    ours.then_some(key)
}
