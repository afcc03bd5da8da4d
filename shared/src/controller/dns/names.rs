//! Reads what a name of one's own is decided by: the endpoints that want it, its zone, and the VPCs in which it is to answer.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    time::Duration,
};

use futures_util::{StreamExt, future::try_join3, stream};
use jiff::Timestamp;
use tokio::sync::Mutex;

use super::{Dns, PLACES_AT_ONCE, zones::covering};
use crate::{
    model::{
        AccountId, DomainName, Endpoint, EndpointKey, Membership, Region, Vpc, VpcReference, VpcZone, Zone, ZoneOwner,
    },
    plan::dns::{
        Key,
        name::{NameKey, Observed, PrivateZone, Wish, can_be_named, wants_names_of_the_service, wishes},
        registry,
    },
    policy::Rules,
    port::{Clock, Endpoints, HostedZones, Organization, PortError, PrivateLink, Stretch},
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

/// For how long a listing of a place is relied on: a sweep asks for it with every name.
const REMEMBERED: Duration = Duration::from_mins(1);

/// What a place was found to have, and when.
type Listing<T> = (Timestamp, Rc<Vec<T>>);

/// What places were found to have, for a short while.
#[derive(Debug)]
pub(super) struct Listings<T> {
    listed: Mutex<BTreeMap<(AccountId, Region), Listing<T>>>,
}

impl<T> Default for Listings<T> {
    fn default() -> Self {
        Self { listed: Mutex::default() }
    }
}

impl<T> Listings<T> {
    /// Forgets all places.
    pub async fn forget_all(&self) {
        self.listed.lock().await.clear();
    }

    /// Forgets a place.
    pub async fn forget(&self, account: &AccountId, region: &Region) {
        self.listed.lock().await.remove(&(account.clone(), region.clone()));
    }

    /// What a place has: remembered, or read.
    ///
    /// # Errors
    /// When it can't be read.
    async fn of(
        &self,
        account: &AccountId,
        region: &Region,
        now: Timestamp,
        read: impl Future<Output = Result<Vec<T>, PortError>>,
    ) -> Result<Rc<Vec<T>>, PortError> {
        // Held while it is read: others wait for this listing instead of making their own.
        let mut listed = self.listed.lock().await;
        let place = (account.clone(), region.clone());
        let is_fresh = |at: Timestamp| Duration::try_from(now.duration_since(at)).is_ok_and(|age| age < REMEMBERED);
        if let Some((_, found)) = listed.get(&place).filter(|(at, _)| is_fresh(*at)) {
            return Ok(Rc::clone(found));
        }
        let found = Rc::new(read.await?);
        listed.insert(place, (now, Rc::clone(&found)));
        Ok(found)
    }
}

impl<P: PrivateLink, Z: HostedZones, E: Endpoints, O: Organization, C: Clock> Dns<P, Z, E, O, C> {
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
                let offer = if wants_names_of_the_service(&endpoint, names) {
                    self.endpoints.describe_offer(account, region, &endpoint.service_name).await?
                } else {
                    None
                };
                let (wishes, refused) = wishes(&endpoint, &offer.unwrap_or_default().private_names, names);
                found.push(Named { endpoint, wishes, refused });
            }
            Ok(found)
        };
        self.endpoint_listings.of(account, region, self.clock.now(), read).await
    }

    async fn vpcs_of(&self, account: &AccountId, region: &Region) -> Result<Rc<Vec<Vpc>>, PortError> {
        let read = self.endpoints.list_vpcs(account, region);
        self.vpc_listings.of(account, region, self.clock.now(), read).await
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
        let of_the_account =
            |zone: &VpcZone| zone.name == key.name && zone.owner == ZoneOwner::Account(key.account.clone());
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
        if nameable.is_empty() {
            return Ok((observed, gaps));
        }
        self.read_selected_vpcs(key, rules, &mut observed, &mut gaps).await;
        let mut homes: BTreeMap<VpcReference, AccountId> = nameable
            .iter()
            .map(|endpoint| {
                (VpcReference { region: key.region.clone(), vpc: endpoint.vpc.clone() }, key.account.clone())
            })
            .collect();
        homes.extend(observed.vpcs.clone());
        homes.retain(|vpc, _| !observed.zones.iter().any(|zone| zone.associated.contains(vpc)));
        for (vpc, account, read) in self.read_vpcs(homes).await {
            match read {
                Ok((zones, resolves)) => {
                    observed.rivals.insert(vpc.clone(), zones);
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
        if observed.zones.is_empty() {
            self.read_hidden(key, &all, &mut observed).await?;
        }
        Ok((observed, gaps))
    }

    async fn read_zone(&self, zone: Zone) -> Result<PrivateZone, PortError> {
        let (records, associated, authorized) = try_join3(
            self.hosted_zones.list_records(&zone.key, Stretch::Everything),
            self.hosted_zones.associated_vpcs(&zone.key),
            self.hosted_zones.authorized_vpcs(&zone.key),
        )
        .await?;
        Ok(PrivateZone { zone, records, associated, authorized })
    }

    /// The VPCs of the Region that the configuration selects.
    async fn read_selected_vpcs(
        &self,
        key: &NameKey,
        rules: &Rules,
        observed: &mut Observed,
        gaps: &mut Vec<PortError>,
    ) {
        let selection = &rules.configuration.dns.names.vpcs;
        if selection.is_empty() {
            return;
        }
        let consumers = &rules.configuration.consumers.accounts;
        let concerned = consumers.iter().filter(|account| {
            selection.accounts.is_empty()
                || !selection.organizational_units.is_empty()
                || selection.accounts.contains(*account)
        });
        let concerned: BTreeSet<AccountId> = concerned.cloned().collect();
        let parents = if selection.organizational_units.is_empty() {
            BTreeMap::new()
        } else {
            let (known, failed) =
                self.memberships.look_up(&self.organization, &self.clock, concerned.clone(), rules).await;
            gaps.extend(failed);
            known
        };
        for account in concerned {
            let place = match parents.get(&account).map(|known| &known.membership) {
                Some(Membership::Unknown { .. }) => {
                    observed.unread.insert(account);
                    continue;
                }
                Some(Membership::Member(member)) => member.path.parents.clone(),
                Some(Membership::Outside) | None => Vec::new(),
            };
            match self.vpcs_of(&account, &key.region).await {
                Ok(vpcs) => {
                    let selected = vpcs.iter().filter(|vpc| selection.selects(&account, &place, &vpc.tags));
                    observed.vpcs.extend(selected.map(|vpc| (vpc.reference.clone(), account.clone())));
                }
                Err(error) => {
                    observed.unread.insert(account);
                    gaps.push(error);
                }
            }
        }
    }

    /// What stands in the way of the name in each of these VPCs: their zones, and whether they resolve private names at all.
    async fn read_vpcs(
        &self,
        vpcs: BTreeMap<VpcReference, AccountId>,
    ) -> Vec<(VpcReference, AccountId, Result<(Vec<VpcZone>, bool), PortError>)> {
        let read = |(vpc, account): (VpcReference, AccountId)| async move {
            let zones = self.hosted_zones.zones_of_vpc(&account, &vpc);
            let resolves = self.endpoints.resolves_private_names(&account, &vpc);
            let read = futures_util::future::try_join(zones, resolves).await;
            (vpc, account, read.map(|(zones, resolves)| (zones, resolves.unwrap_or_default())))
        };
        stream::iter(vpcs).map(read).buffered(PLACES_AT_ONCE).collect().await
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
