//! Whose tags a subject is about.

use crate::{
    event::{ConnectionReference, CreationReference, EndpointReference, Subject},
    model::{AccountId, Consumer, Creation, EndpointId, Region, ResourceKind, ServiceKey, home_of_global_resources},
    plan::tags::{Key, What, is_wanted},
    policy::{Configuration, Rules},
    port::{Clock, PrivateLink},
    providers::{passed_over, places},
    reconcile::Located,
};

use super::Tagger;

impl<N: PrivateLink, Z, R, O, C: Clock> Tagger<N, Z, R, O, C> {
    /// The keys that a subject stands for; none of kinds that no rule is for.
    pub(super) async fn find(&self, subject: &Subject, rules: &Rules) -> Located<Key> {
        let configuration = &rules.configuration;
        let mut located = match subject {
            Subject::Everything => {
                self.accounts.forget_all().await;
                keys(everywhere(configuration))
            }
            Subject::Place { account, region } => place(account, region, configuration),
            Subject::ServiceReview(reference) => {
                let found = self.providers.find(&self.network, &self.clock, reference, configuration).await;
                found.map(|ServiceKey { account, region, service }| {
                    key(account.clone(), region.clone(), What::Service(service.clone()))
                })
            }
            Subject::Endpoint(EndpointReference { account, region, endpoint }) => {
                let found = What::Endpoint(endpoint.clone());
                if configuration.looks_after_endpoints_in(account, region) {
                    keys([key(account.clone(), region.clone(), found)])
                } else {
                    Located::passed_over(passed_over::ACCOUNT_NOT_CONFIGURED)
                }
            }
            Subject::Connection(ConnectionReference { account, region, endpoint, .. }) => {
                let connection = What::Connections(Consumer::Endpoint(endpoint.clone()));
                if places(configuration).contains(&(account.clone(), region.clone())) {
                    keys([key(account.clone(), region.clone(), connection)])
                } else {
                    Located::passed_over(passed_over::ACCOUNT_NOT_CONFIGURED)
                }
            }
            Subject::Creation(reference) => made(reference, configuration),
            Subject::Owner(account) => {
                self.accounts.forget(account).await;
                keys(of_account(account, configuration))
            }
            // A request gets its tags once it is accepted, zones and what is behind services with the sweep.
            Subject::Service(_) | Subject::Zone(_) | Subject::LoadBalancers { .. } | Subject::CloudMap { .. } => {
                Located::default()
            }
        };
        located.keys.retain(|key| is_wanted(&key.what, &configuration.tags));
        located
    }
}

fn key(account: AccountId, region: Region, what: What) -> Key {
    Key { account, region, what, creation: None }
}

fn keys(keys: impl IntoIterator<Item = Key>) -> Located<Key> {
    Located { keys: keys.into_iter().collect(), ..Located::default() }
}

fn everywhere(configuration: &Configuration) -> Vec<Key> {
    configuration.all_accounts().iter().flat_map(|account| in_account(account, configuration)).collect()
}

/// All that an account may have.
fn in_account(account: &AccountId, configuration: &Configuration) -> Vec<Key> {
    let at = |what: What| move |region: &Region| key(account.clone(), region.clone(), what.clone());
    let of = |places: Vec<(AccountId, Region)>| {
        let regions = places.into_iter().filter(|(owner, _)| owner == account).map(|(_, region)| region);
        regions.collect::<Vec<Region>>()
    };
    let consumer = of(configuration.consumer_places().into_iter().collect());
    let provider = of(places(configuration));
    let mut found: Vec<Key> = consumer.iter().map(at(What::Endpoints)).collect();
    found.extend(provider.iter().map(at(What::Services)));
    found.extend(consumer.iter().chain(&provider).map(at(What::Owned)));
    found.extend(zones(account, configuration));
    found
}

/// The hosted zones of an account, which are in no Region: they are tagged where AWS knows them.
fn zones(account: &AccountId, configuration: &Configuration) -> Option<Key> {
    let home = home_of_global_resources(configuration.providers.regions.first()?).parse().ok()?;
    configuration.dns.accounts.contains(account).then(|| key(account.clone(), home, What::Zones))
}

fn place(account: &AccountId, region: &Region, configuration: &Configuration) -> Located<Key> {
    let here = in_account(account, configuration).into_iter().filter(|key| key.region == *region);
    let located = keys(here);
    if located.keys.is_empty() {
        return Located::passed_over(passed_over::ACCOUNT_NOT_CONFIGURED);
    }
    located
}

/// What has to do with an account: all that it has, and its connections to others' services.
fn of_account(account: &AccountId, configuration: &Configuration) -> Vec<Key> {
    let connections = What::Connections(Consumer::Account(account.clone()));
    let at = |(provider, region)| key(provider, region, connections.clone());
    let connections = places(configuration).into_iter().map(at);
    in_account(account, configuration).into_iter().chain(connections).collect()
}

fn made(reference: &CreationReference, configuration: &Configuration) -> Located<Key> {
    let CreationReference { account, region, creation } = reference;
    let Creation { resource, .. } = creation;
    let here = (account.clone(), region.clone());
    let (what, is_ours) = match resource.kind {
        ResourceKind::Endpoint => (
            resource.id.parse::<EndpointId>().map(What::Endpoint),
            configuration.looks_after_endpoints_in(account, region),
        ),
        ResourceKind::EndpointService => {
            (resource.id.parse().map(What::Service), places(configuration).contains(&here))
        }
        // No event of their making comes here.
        _ => return Located::default(),
    };
    match what {
        Ok(what) if is_ours => {
            keys([Key { creation: Some(creation.clone()), ..key(account.clone(), region.clone(), what) }])
        }
        _ => Located::passed_over(passed_over::ACCOUNT_NOT_CONFIGURED),
    }
}
