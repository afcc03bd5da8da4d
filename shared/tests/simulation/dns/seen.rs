//! What a run of `sync-dns` may have seen when it decided.

use std::{collections::BTreeSet, rc::Rc, time::Duration};

use drawbridge::{
    model::{AccountId, DomainName, Endpoint, Membership, RecordSet, Tags, VpcReference, ZoneKey},
    world::{HostedZone, State},
};

use super::{
    reckoning::{Offers, can_be_named, home, offers, selects, wants},
    register::Name,
    register::name_of,
    terms::Terms,
};
use crate::{run::Run, stage::Stage};

/// For how long a listing of zones, endpoints or VPCs is relied on.
pub const REMEMBERED: Duration = Duration::from_mins(1);

/// All that a run may have seen.
pub struct Seen {
    /// What it read itself: records, associations, what stands in VPCs.
    pub read: Vec<Rc<State>>,
    /// What it may remember: lists of zones, endpoints and VPCs.
    pub remembered: Vec<Rc<State>>,
}

impl Seen {
    pub fn of(stage: &Stage, run: &Run) -> Self {
        let since = run.reads_since();
        Self {
            read: stage.world.since(since),
            remembered: stage.world.since(since.saturating_sub(REMEMBERED).unwrap_or(jiff::Timestamp::MIN)),
        }
    }

    /// A zone, as it was read.
    pub fn zones<'a>(&'a self, key: &'a ZoneKey) -> impl Iterator<Item = &'a HostedZone> {
        self.read.iter().filter_map(|state| state.zones.get(key))
    }

    /// What services offered to an account, as they may have been asked at another time than the endpoints were listed.
    fn offers(&self, account: &AccountId) -> Vec<Offers> {
        let mut all = Vec::new();
        for state in &self.remembered {
            let offers = offers(state, account);
            if !all.contains(&offers) {
                all.push(offers);
            }
        }
        all
    }

    /// For each listing of an account that there may have been: its endpoints that names can lead to and want this one, each with
    /// the records that it wants.
    pub fn wanting(
        &self,
        terms: &Terms,
        account: &AccountId,
        name: &DomainName,
    ) -> Vec<Vec<(Endpoint, BTreeSet<RecordSet>)>> {
        let offers = self.offers(account);
        let mut listings = Vec::new();
        for (state, offers) in self.remembered.iter().flat_map(|state| offers.iter().map(move |offers| (state, offers)))
        {
            let of_account = state.endpoints.values().filter(|endpoint| endpoint.key.account == *account);
            let named = of_account.filter(|endpoint| can_be_named(state, endpoint));
            let wanting = named
                .filter_map(|endpoint| Some((endpoint.clone(), wants(endpoint, offers, terms.zonal).remove(name)?)));
            let wanting: Vec<_> = wanting.collect();
            if !listings.contains(&wanting) {
                listings.push(wanting);
            }
        }
        listings
    }

    /// Whether names may be thought to answer in a VPC of this account, and whether they may be thought not to, by what the
    /// configuration selects.
    pub fn selects(&self, stage: &Stage, run: &Run, terms: &Terms, vpc: &VpcReference) -> (bool, bool) {
        let mut networks: Vec<Option<(AccountId, Tags)>> = Vec::new();
        for state in &self.remembered {
            let network = state.vpcs.get(vpc).map(|network| (network.vpc.account.clone(), network.vpc.tags.clone()));
            if !networks.contains(&network) {
                networks.push(network);
            }
        }
        let (mut yes, mut no) = (false, false);
        for network in networks {
            let Some((account, tags)) = network else {
                no = true;
                continue;
            };
            for state in stage.world.since(run.facts_since(&account)) {
                let membership: Option<&Membership> = state.accounts.get(&account);
                let selected = selects(terms, &account, &tags, membership);
                yes |= selected == Some(true);
                no |= selected == Some(false);
            }
        }
        (yes, no)
    }
}

/// Whether a VPC is where one of these endpoints is.
pub fn is_home(wanting: &[(Endpoint, BTreeSet<RecordSet>)], vpc: &VpcReference) -> bool {
    wanting.iter().any(|(endpoint, _)| home(endpoint) == *vpc)
}

/// Whether none of these endpoints wants a record.
pub fn nobody_wants(wanting: &[(Endpoint, BTreeSet<RecordSet>)], name: &Name) -> bool {
    !wanting.iter().any(|(_, records)| records.iter().any(|record| name_of(record) == *name))
}
