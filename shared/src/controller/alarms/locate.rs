//! Whose alarms a subject is about.

use std::collections::BTreeSet;

use super::Alarms;
use crate::{
    event::{ConnectionReference, EndpointReference, ServiceReference, Subject},
    model::{AccountId, Region, ServiceKey},
    plan::alarms::{Key, What},
    policy::{AlarmPlace, Configuration, EndpointAlarms, Rules, ServiceAlarms},
    port::{Clock, PrivateLink},
    providers::{passed_over, places},
    reconcile::Located,
};

impl<N: PrivateLink, L, W, O, C: Clock> Alarms<N, L, W, O, C> {
    /// The keys that a subject stands for; none of what gets no alarms.
    pub(super) async fn find(&self, subject: &Subject, rules: &Rules) -> Located<Key> {
        let configuration = &rules.configuration;
        match subject {
            Subject::Everything => {
                self.memberships.forget_all().await;
                let all = |_: &AccountId, _: &Region| true;
                let endpoints = endpoints_of(configuration, all).chain(former_fleet(configuration, all));
                keys(endpoints.chain(services_of(configuration, all)))
            }
            Subject::Place { account, region } => {
                let here = |other: &AccountId, elsewhere: &Region| (other, elsewhere) == (account, region);
                let endpoints = endpoints_of(configuration, here).chain(former_fleet(configuration, here));
                unless_empty(keys(endpoints.chain(services_of(configuration, here))))
            }
            Subject::LoadBalancers { account, region } => {
                let here = |other: &AccountId, elsewhere: &Region| (other, elsewhere) == (account, region);
                unless_empty(keys(services_of(configuration, here)))
            }
            Subject::Endpoint(EndpointReference { account, region, endpoint }) => {
                let here = |other: &AccountId, elsewhere: &Region| (other, elsewhere) == (account, region);
                let mut found = keys(endpoints_of(configuration, here));
                if configuration.alarms.endpoints == EndpointAlarms::Each && !found.keys.is_empty() {
                    let what = What::Endpoint(endpoint.clone());
                    found = Located::at(Key { account: account.clone(), region: region.clone(), what });
                }
                unless_empty(found)
            }
            Subject::Connection(ConnectionReference { account, region, service, .. }) => {
                let (account, region, service) = (Some(account.clone()), region.clone(), service.clone());
                self.service(&ServiceReference { account, region, service }, configuration).await
            }
            Subject::ServiceReview(reference) => self.service(reference, configuration).await,
            // A request changes nothing that is watched before it is answered, and names and records aren't.
            Subject::Service(_) | Subject::Zone(_) | Subject::CloudMap { .. } | Subject::Creation(_) => {
                Located::default()
            }
            // The names of accounts on dashboards follow with the sweep.
            Subject::Owner(account) => {
                self.memberships.forget(account).await;
                Located::default()
            }
        }
    }

    async fn service(&self, reference: &ServiceReference, configuration: &Configuration) -> Located<Key> {
        if configuration.alarms.services == ServiceAlarms::None {
            return Located::default();
        }
        let found = self.providers.find(&self.network, &self.clock, reference, configuration).await;
        found.map(|ServiceKey { account, region, service }| Key { account, region, what: What::Service(service) })
    }
}

/// Where endpoints get alarms, of these places. A fleet that the hub sees has one key for each Region.
fn endpoints_of(
    configuration: &Configuration,
    is_meant: impl Fn(&AccountId, &Region) -> bool,
) -> impl Iterator<Item = Key> {
    let alarms = &configuration.alarms;
    let is_one = alarms.endpoints == EndpointAlarms::Fleet && alarms.place == AlarmPlace::Hub;
    let hub = &configuration.hub_account;
    let places = configuration.consumer_places().into_iter().filter(|_| alarms.endpoints != EndpointAlarms::None);
    let places: Vec<(AccountId, Region)> = places.filter(|(account, region)| is_meant(account, region)).collect();
    places.into_iter().map(move |(account, region)| {
        let account = if is_one { hub.clone() } else { account };
        Key { account, region, what: What::Endpoints }
    })
}

/// Where the alarms of a fleet stand that was seen from the hub and isn't wanted any more: the hub's, of these places.
fn former_fleet(
    configuration: &Configuration,
    is_meant: impl Fn(&AccountId, &Region) -> bool,
) -> impl Iterator<Item = Key> {
    let alarms = &configuration.alarms;
    let may_be_left =
        alarms.place == AlarmPlace::Hub && matches!(alarms.endpoints, EndpointAlarms::Remove | EndpointAlarms::Each);
    let hub = &configuration.hub_account;
    let regions: BTreeSet<Region> =
        configuration.consumer_places().into_iter().map(|(_, region)| region).filter(|_| may_be_left).collect();
    let regions: Vec<Region> = regions.into_iter().filter(|region| is_meant(hub, region)).collect();
    regions.into_iter().map(|region| Key { account: hub.clone(), region, what: What::Endpoints })
}

/// Where services get alarms, of these places.
fn services_of(
    configuration: &Configuration,
    is_meant: impl Fn(&AccountId, &Region) -> bool,
) -> impl Iterator<Item = Key> {
    let wanted = configuration.alarms.services != ServiceAlarms::None;
    let places = places(configuration).into_iter().filter(move |_| wanted);
    places.filter(move |(account, region)| is_meant(account, region)).map(|(account, region)| Key {
        account,
        region,
        what: What::Services,
    })
}

fn keys(keys: impl IntoIterator<Item = Key>) -> Located<Key> {
    Located { keys: keys.into_iter().collect(), ..Located::default() }
}

/// What nothing is configured for is passed over.
fn unless_empty(located: Located<Key>) -> Located<Key> {
    if located.keys.is_empty() { Located::passed_over(passed_over::NO_ALARMS) } else { located }
}
