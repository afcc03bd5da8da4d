//! Reads what a Route 53 Profile is decided by.

use std::collections::{BTreeMap, BTreeSet};

use super::{Dns, names::Named, zones::zone_names};
use crate::{
    model::{AccountId, ConnectionState, ProfileKey, VpcReference},
    plan::dns::{
        Key,
        private_name::is_wanted,
        profile::{Observed, names_in},
        rival::Rival,
    },
    policy::Rules,
    port::{Clock, Endpoints, HostedZones, Organization, PortError, PrivateLink, Resolvers},
    reconcile::Located,
};

/// The Profiles of the configuration that are wanted.
pub(super) fn located(wanted: impl Fn(&ProfileKey) -> bool, rules: &Rules) -> Located<Key> {
    let profiles = rules.configuration.dns.names.profiles.iter();
    Located { keys: profiles.filter(|key| wanted(key)).cloned().map(Key::Profile).collect(), ..Located::default() }
}

impl<P: PrivateLink, Z: HostedZones + Resolvers, E: Endpoints, O: Organization, C: Clock> Dns<P, Z, E, O, C> {
    pub(super) async fn observe_profile(
        &self,
        key: &ProfileKey,
        rules: &Rules,
    ) -> Result<(Observed, Vec<PortError>), PortError> {
        let shared = self.hosted_zones.is_profile_shared(key).await?;
        if shared.is_none() {
            return Ok((Observed::default(), Vec::new()));
        }
        let contents = self.contents_of(key).await?.to_vec();
        let zones = self.zones.all(&self.hosted_zones, &self.clock, rules).await?;
        let names = zone_names(&zones);
        let own = zones.iter().filter(|zone| zone.key.account == key.account);
        let mut observed = Observed {
            shared,
            zones: own.map(|zone| zone.key.zone.clone()).collect(),
            endpoints: self.endpoints_in(key, rules).await?,
            ..Observed::default()
        };
        let selected = self.selected_vpcs(&key.region, rules).await;
        let mut gaps = selected.gaps;
        (observed.vpcs, observed.unread) = (selected.vpcs, selected.unread);
        let consumers = rules.configuration.consumers.accounts.iter();
        for account in consumers.filter(|account| rules.configuration.looks_after_endpoints_in(account, &key.region)) {
            match self.attachments_of(account, &key.region).await {
                Ok(found) => observed.attachments.extend(found.iter().cloned()),
                Err(error) => {
                    observed.unread.insert(account.clone());
                    gaps.push(error);
                }
            }
        }
        observed.vpcs.retain(|_, account| !observed.unread.contains(account));
        let known = names_in(&contents, &names);
        let open = without_profile(&observed);
        for (vpc, account, read) in self.read_vpcs(open, rules).await {
            match read {
                Ok((rivals, resolves)) => {
                    if !resolves {
                        observed.deaf.insert(vpc.clone());
                    }
                    // Zones of the Profile itself, where they are associated with the VPC beside it, are no rivals.
                    let is_rival = |rival: &Rival| {
                        let itself = matches!(rival, Rival::Zone(zone) if known.contains_key(&zone.zone));
                        !itself && known.values().any(|name| *name == rival.name())
                    };
                    observed.rivals.insert(vpc, rivals.into_iter().filter(is_rival).collect());
                }
                Err(error) => {
                    observed.vpcs.remove(&vpc);
                    observed.unread.insert(account);
                    gaps.push(error);
                }
            }
        }
        observed.contents = contents;
        Ok((observed, gaps))
    }

    /// The endpoints whose private names are to be known to all VPCs of the Profile.
    async fn endpoints_in(
        &self,
        key: &ProfileKey,
        rules: &Rules,
    ) -> Result<BTreeSet<crate::model::EndpointKey>, PortError> {
        if !rules.configuration.dns.private_names.in_profiles {
            return Ok(BTreeSet::new());
        }
        let endpoints = self.endpoints_of(&key.account, &key.region, rules).await?;
        let works = |named: &&Named| {
            let endpoint = &named.endpoint;
            is_wanted(endpoint, rules) && endpoint.private_dns && endpoint.state == ConnectionState::Available
        };
        Ok(endpoints.iter().filter(works).map(|named| named.endpoint.key.clone()).collect())
    }
}

/// The VPCs that are to have the Profile and have none.
fn without_profile(observed: &Observed) -> BTreeMap<VpcReference, AccountId> {
    let has_one = |vpc: &VpcReference| observed.attachments.iter().any(|found| found.vpc == *vpc);
    observed.vpcs.iter().filter(|(vpc, _)| !has_one(vpc)).map(|(vpc, account)| (vpc.clone(), account.clone())).collect()
}
