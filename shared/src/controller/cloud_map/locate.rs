//! What a subject has kept in step.

use std::collections::BTreeSet;

use crate::{
    event::{EndpointReference, Subject},
    model::{AccountId, Region},
    plan::cloud_map::{Key, What},
    policy::{Configuration, ManagedTargets, RegisterEndpoints},
    providers::{passed_over, places},
    reconcile::Located,
};

/// The keys that a subject stands for; none of what nothing is configured for.
pub(super) fn find(subject: &Subject, configuration: &Configuration) -> Located<Key> {
    match subject {
        Subject::Everything => located(everything(configuration), |_| true),
        Subject::Place { account, region } => {
            unless_empty(located(everything(configuration), |key| is_at(key, account, region)))
        }
        Subject::LoadBalancers { account, region } => unless_empty(located(everything(configuration), |key| {
            is_at(key, account, region) && key.what != What::Instances
        })),
        // Whoever follows an instance may live in another account, to which it is shared.
        Subject::CloudMap { account, region } => {
            unless_empty(located(everything(configuration), |key| match key.what {
                What::Instances => is_at(key, account, region),
                What::Targets => key.region == *region,
                What::Zones => false,
            }))
        }
        Subject::Endpoint(EndpointReference { account, region, .. }) => {
            unless_empty(located(instances(configuration), |key| is_at(key, account, region)))
        }
        // A request changes nothing before it is answered; whose an account is decides nothing here.
        Subject::Service(_)
        | Subject::ServiceReview(_)
        | Subject::Owner(_)
        | Subject::Zone(_)
        | Subject::Connection(_)
        | Subject::Creation(_) => Located::default(),
    }
}

fn is_at(key: &Key, account: &AccountId, region: &Region) -> bool {
    (&key.account, &key.region) == (account, region)
}

fn everything(configuration: &Configuration) -> Vec<Key> {
    let mapping = &configuration.cloud_map;
    let of_providers = |what: What, is_wanted: bool| {
        let places = places(configuration).into_iter().filter(move |_| is_wanted);
        places.map(move |(account, region)| Key { account, region, what })
    };
    let mut keys = instances(configuration);
    keys.extend(of_providers(What::Targets, mapping.targets != ManagedTargets::None));
    keys.extend(of_providers(What::Zones, mapping.take_up_zones));
    keys
}

fn instances(configuration: &Configuration) -> Vec<Key> {
    let is_wanted = configuration.cloud_map.endpoints != RegisterEndpoints::None;
    let places = configuration.consumer_places().into_iter().filter(|_| is_wanted);
    places.map(|(account, region)| Key { account, region, what: What::Instances }).collect()
}

fn located(keys: Vec<Key>, is_meant: impl Fn(&Key) -> bool) -> Located<Key> {
    Located { keys: keys.into_iter().filter(is_meant).collect::<BTreeSet<_>>(), ..Located::default() }
}

/// What nothing is configured for is passed over.
fn unless_empty(located: Located<Key>) -> Located<Key> {
    if located.keys.is_empty() { Located::passed_over(passed_over::NO_CLOUD_MAP) } else { located }
}
