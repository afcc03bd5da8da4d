//! Where endpoint services are: in which provider's account and Region.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use crate::{
    event::ServiceReference,
    model::{AccountId, EndpointService, Region, ServiceId, ServiceKey},
    policy::Configuration,
    port::{Clock, PrivateLink},
    reconcile::Located,
};

/// How many places are listed at once.
const PLACES_AT_ONCE: usize = 8;

/// For how long a service that no provider has is not searched for again. Consumers' events name the services of anybody.
const MISS_IS_REMEMBERED: Duration = Duration::from_mins(1);

/// Most services whose place is remembered; beyond it the memory starts anew.
const REMEMBERED: usize = 10_000;

/// Why a subject stands for nothing here.
pub mod passed_over {
    /// The configuration doesn't name the Region.
    pub const REGION_NOT_CONFIGURED: &str = "REGION_NOT_CONFIGURED";
    /// The configuration doesn't name the account as a provider.
    pub const ACCOUNT_NOT_CONFIGURED: &str = "ACCOUNT_NOT_CONFIGURED";
    /// The configuration has no alarms made for it.
    pub const NO_ALARMS: &str = "NO_ALARMS";
    /// The configuration has nothing done about Cloud Map there.
    pub const NO_CLOUD_MAP: &str = "NO_CLOUD_MAP";
    /// It names no account of the Organization.
    pub const NO_ACCOUNT: &str = "NO_ACCOUNT";
    /// No provider has this service.
    pub const NOT_FOUND_ANYWHERE: &str = "NOT_FOUND_ANYWHERE";
}

/// Finds endpoint services, and remembers where they were.
#[derive(Debug, Default)]
pub struct Providers {
    searched: RefCell<BTreeMap<(Region, ServiceId), Search>>,
}

/// What a search ended with.
#[derive(Debug, Clone)]
struct Search {
    at: Timestamp,
    /// Whose the service is.
    found: Option<AccountId>,
}

impl Providers {
    /// The services of these places that are looked after.
    pub async fn list(
        &self,
        private_link: &impl PrivateLink,
        places: Vec<(AccountId, Region)>,
        configuration: &Configuration,
    ) -> Located<ServiceKey> {
        let list =
            |(account, region): (AccountId, Region)| async move { private_link.list_services(&account, &region).await };
        let listed: Vec<_> = stream::iter(places).map(list).buffer_unordered(PLACES_AT_ONCE).collect().await;
        let mut located = Located::default();
        let looked_after = |service: &EndpointService| configuration.looks_after(&service.tags);
        for services in listed {
            match services {
                Ok(services) => {
                    let keys = services.into_iter().filter(looked_after).map(|service| service.key);
                    located.keys.extend(keys);
                }
                Err(error) => located.failures.push(error),
            }
        }
        located
    }

    /// The service that a reference stands for, in whichever provider's account it lives.
    pub async fn find(
        &self,
        private_link: &impl PrivateLink,
        clock: &impl Clock,
        reference: &ServiceReference,
        configuration: &Configuration,
    ) -> Located<ServiceKey> {
        let providers = &configuration.providers;
        if !providers.regions.contains(&reference.region) {
            return Located::passed_over(passed_over::REGION_NOT_CONFIGURED);
        }
        match (&reference.account, providers.accounts.first()) {
            (Some(account), _) if providers.accounts.contains(account) => Located::at(key(reference, account)),
            (Some(_), _) => Located::passed_over(passed_over::ACCOUNT_NOT_CONFIGURED),
            (None, Some(only)) if providers.accounts.len() == 1 => Located::at(key(reference, only)),
            (None, _) => self.search(private_link, clock, reference, configuration).await,
        }
    }

    async fn search(
        &self,
        private_link: &impl PrivateLink,
        clock: &impl Clock,
        reference: &ServiceReference,
        configuration: &Configuration,
    ) -> Located<ServiceKey> {
        let accounts = &configuration.providers.accounts;
        match self.recall(reference, clock.now()) {
            Some(Search { found: Some(account), .. }) if accounts.contains(&account) => {
                return Located::at(key(reference, &account));
            }
            Some(Search { found: None, .. }) => return Located::passed_over(passed_over::NOT_FOUND_ANYWHERE),
            _ => {}
        }
        let ask = |account| async move { private_link.describe_service(&key(reference, account)).await };
        let mut answers = stream::iter(accounts).map(ask).buffer_unordered(PLACES_AT_ONCE);
        let mut failures = Vec::new();
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(None) => {}
                Err(error) => failures.push(error),
                Ok(Some(service)) => {
                    self.note(reference, clock.now(), Some(service.key.account.clone()));
                    // It was found: what went wrong elsewhere on the way doesn't matter any more.
                    return Located::at(service.key);
                }
            }
        }
        if failures.is_empty() {
            self.note(reference, clock.now(), None);
            return Located::passed_over(passed_over::NOT_FOUND_ANYWHERE);
        }
        Located { keys: BTreeSet::new(), failures, passed_over: None }
    }

    fn recall(&self, reference: &ServiceReference, now: Timestamp) -> Option<Search> {
        let searched = self.searched.borrow();
        let search = searched.get(&(reference.region.clone(), reference.service.clone()))?;
        let age = Duration::try_from(now.duration_since(search.at)).ok()?;
        (search.found.is_some() || age < MISS_IS_REMEMBERED).then(|| search.clone())
    }

    fn note(&self, reference: &ServiceReference, at: Timestamp, found: Option<AccountId>) {
        let mut searched = self.searched.borrow_mut();
        if searched.len() >= REMEMBERED {
            searched.clear();
        }
        searched.insert((reference.region.clone(), reference.service.clone()), Search { at, found });
    }
}

/// Every account and Region that may hold services.
#[must_use]
pub fn places(configuration: &Configuration) -> Vec<(AccountId, Region)> {
    let providers = &configuration.providers;
    let in_account = |account: &AccountId| -> Vec<_> {
        providers.regions.iter().map(|region| (account.clone(), region.clone())).collect()
    };
    providers.accounts.iter().flat_map(in_account).collect()
}

fn key(reference: &ServiceReference, account: &AccountId) -> ServiceKey {
    ServiceKey { account: account.clone(), region: reference.region.clone(), service: reference.service.clone() }
}
