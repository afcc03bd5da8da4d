//! Reads VPCs: which are selected, which Profiles they have, and what answers in them.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use futures_util::{StreamExt, future::try_join4, stream};

use super::{Dns, PLACES_AT_ONCE, zones::zone_names};
use crate::{
    model::{
        AccountId, ForwardingRule, Membership, ProfileAttachment, ProfileContent, ProfileKey, Region, Stage, Vpc,
        VpcReference,
    },
    plan::dns::{profile::names_in, rival::Rival},
    policy::Rules,
    port::{Clock, Endpoints, HostedZones, Organization, PortError, PrivateLink, Resolvers},
};

/// The VPCs of a Region in which names are to answer.
#[derive(Debug, Default)]
pub(super) struct Selected {
    /// Each with its account.
    pub vpcs: BTreeMap<VpcReference, AccountId>,
    /// Accounts whose VPCs could not be read.
    pub unread: BTreeSet<AccountId>,
    /// Why.
    pub gaps: Vec<PortError>,
}

/// What was read about a VPC: what answers there, and whether it resolves private names at all.
pub(super) type Read = Result<(Vec<Rival>, bool), PortError>;

impl<P: PrivateLink, Z: HostedZones + Resolvers, E: Endpoints, O: Organization, C: Clock> Dns<P, Z, E, O, C> {
    async fn vpcs_of(&self, account: &AccountId, region: &Region) -> Result<Rc<Vec<Vpc>>, PortError> {
        let read = self.endpoints.list_vpcs(account, region);
        self.vpc_listings.of(account, region, self.clock.now(), read).await
    }

    /// The Profiles that VPCs of a place have.
    pub(super) async fn attachments_of(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Rc<Vec<ProfileAttachment>>, PortError> {
        let read = self.hosted_zones.list_attachments(account, region);
        self.attachments.of(account, region, self.clock.now(), read).await
    }

    async fn forwarding_of(&self, account: &AccountId, region: &Region) -> Result<Rc<Vec<ForwardingRule>>, PortError> {
        let read = self.hosted_zones.list_forwarding(account, region);
        self.forwarding.of(account, region, self.clock.now(), read).await
    }

    /// The VPCs of the Region that the configuration selects.
    pub(super) async fn selected_vpcs(&self, region: &Region, rules: &Rules) -> Selected {
        let mut selected = Selected::default();
        let selection = &rules.configuration.dns.names.vpcs;
        if selection.is_empty() {
            return selected;
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
            selected.gaps.extend(failed);
            known
        };
        for account in concerned {
            let place = match parents.get(&account).map(|known| &known.membership) {
                Some(Membership::Unknown { .. }) => {
                    selected.unread.insert(account);
                    continue;
                }
                Some(Membership::Member(member)) => member.path.parents.clone(),
                Some(Membership::Outside) | None => Vec::new(),
            };
            match self.vpcs_of(&account, region).await {
                Ok(vpcs) => {
                    let chosen = vpcs.iter().filter(|vpc| selection.selects(&account, &place, &vpc.tags));
                    selected.vpcs.extend(chosen.map(|vpc| (vpc.reference.clone(), account.clone())));
                }
                Err(error) => {
                    selected.unread.insert(account);
                    selected.gaps.push(error);
                }
            }
        }
        selected
    }

    /// What stands in the way of names in each of these VPCs, and whether they resolve private names at all.
    pub(super) async fn read_vpcs(
        &self,
        vpcs: BTreeMap<VpcReference, AccountId>,
        rules: &Rules,
    ) -> Vec<(VpcReference, AccountId, Read)> {
        let read = |(vpc, account): (VpcReference, AccountId)| async move {
            let read = self.read_vpc(&account, &vpc, rules).await;
            (vpc, account, read)
        };
        stream::iter(vpcs).map(read).buffered(PLACES_AT_ONCE).collect().await
    }

    /// What stands in the way of names in a VPC, and whether it resolves private names at all. Of the zones that a Profile
    /// brings those of `dns.accounts` are known by name.
    pub(super) async fn read_vpc(&self, account: &AccountId, vpc: &VpcReference, rules: &Rules) -> Read {
        let (zones, resolves, forwarding, attachments) = try_join4(
            self.hosted_zones.zones_of_vpc(account, vpc),
            self.endpoints.resolves_private_names(account, vpc),
            self.forwarding_of(account, &vpc.region),
            self.attachments_of(account, &vpc.region),
        )
        .await?;
        let mut rivals: Vec<Rival> = zones.into_iter().map(Rival::Zone).collect();
        rivals.extend(forwarding.iter().filter(|rule| rule.vpc == *vpc).cloned().map(Rival::Rule));
        for attachment in attachments.iter().filter(|found| found.vpc == *vpc) {
            let profile = &attachment.profile;
            let contents = self.hosted_zones.profile_contents(account, &vpc.region, profile).await?;
            let names = zone_names(&self.zones.all(&self.hosted_zones, &self.clock, rules).await?);
            rivals.extend(names_in(&contents, &names).into_iter().map(|(zone, name)| Rival::InProfile {
                name: name.clone(),
                zone,
                profile: profile.clone(),
            }));
        }
        Ok((rivals, resolves.unwrap_or_default()))
    }

    /// What is in a Profile of ours.
    pub(super) async fn contents_of(&self, key: &ProfileKey) -> Result<Rc<Vec<ProfileContent>>, PortError> {
        let read = self.hosted_zones.profile_contents(&key.account, &key.region, &key.profile);
        self.profile_contents.of(&key.account, &key.region, self.clock.now(), read).await
    }

    /// The VPCs of these accounts that have the Profile, and work with it.
    pub(super) async fn vpcs_with(
        &self,
        key: &ProfileKey,
        accounts: &BTreeSet<AccountId>,
    ) -> (BTreeSet<VpcReference>, BTreeMap<AccountId, PortError>) {
        let (mut with, mut failed) = (BTreeSet::new(), BTreeMap::new());
        for account in accounts {
            match self.attachments_of(account, &key.region).await {
                Ok(found) => {
                    let works =
                        found.iter().filter(|found| found.profile == key.profile && found.stage == Stage::Stands);
                    with.extend(works.map(|found| found.vpc.clone()));
                }
                Err(error) => {
                    failed.insert(account.clone(), error);
                }
            }
        }
        (with, failed)
    }
}
