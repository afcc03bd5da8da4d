//! What must not even be tried: what stood in the way all the time was there to be seen.

use drawbridge::{
    model::{AccountId, ConnectionState, DomainName, EndpointKey, ServiceKey, VpcReference, ZoneKey},
    world::State,
};

use crate::{
    dns::{
        cast::domain,
        reckoning::{hides, home, is_selected, is_taken, is_verified, offers, resolves, standing},
        seen::Seen,
    },
    reckoning,
    run::Run,
    stage::{Invariant, Stage},
};

fn wrong(stage: &Stage, run: &Run, of: Invariant, words: &str) {
    stage.violate(of, || format!("#{} tries {words}", run.id));
}

/// A zone is about to be made.
pub fn before_zone(stage: &Stage, run: &Run, account: &AccountId, name: &DomainName, vpc: &VpcReference) {
    let Some(terms) = run.version.get().and_then(|version| version.names()) else { return };
    let seen = Seen::of(stage, run);
    let stands_in_the_way = |state: &State| is_taken(state, vpc, name, None);
    if seen.read.iter().all(|state| stands_in_the_way(state)) {
        wrong(stage, run, Invariant::ConflictsAreForetold, &format!("to make a second zone {name} in {vpc}"));
    }
    if seen.read.iter().all(|state| !resolves(state, vpc)) {
        wrong(stage, run, Invariant::ConflictsAreForetold, &format!("to make the zone {name} in {vpc}, which is deaf"));
    }
    if seen.remembered.iter().all(|state| hides(state, terms, name)) {
        wrong(stage, run, Invariant::ConflictsAreForetold, &format!("to make the zone {name}, which hides names"));
    }
    if !terms.may_write(account.as_str()) {
        wrong(stage, run, Invariant::OnlyListedAccountsAreWritten, &format!("to make the zone {name} in {account}"));
    }
}

/// A VPC is about to be associated.
pub fn before_association(stage: &Stage, run: &Run, key: &ZoneKey, vpc: &VpcReference) {
    let seen = Seen::of(stage, run);
    let stands_in_the_way = |state: &State| {
        state.zones.get(key).is_some_and(|zone| {
            !zone.vpcs.contains(vpc) && (is_taken(state, vpc, &zone.zone.name, Some(zone)) || !resolves(state, vpc))
        })
    };
    if seen.read.iter().all(|state| stands_in_the_way(state)) {
        wrong(stage, run, Invariant::ConflictsAreForetold, &format!("to associate {vpc} with {key}"));
    }
}

/// A private name is about to be switched on.
pub fn before_private_name(stage: &Stage, run: &Run, key: &EndpointKey) {
    let Some(terms) = run.version.get().and_then(|version| version.names()) else { return };
    let seen = Seen::of(stage, run);
    let words = format!("to switch on the private name of {}", key.endpoint);
    let endpoints = || seen.read.iter().filter_map(|state| Some((state, state.endpoints.get(key)?)));
    if !endpoints().any(|(state, endpoint)| *standing(state, endpoint) == ConnectionState::Available) {
        wrong(stage, run, Invariant::PrivateNamesWait, &words);
    }
    if !endpoints().any(|(_, endpoint)| is_selected(terms, endpoint)) {
        wrong(stage, run, Invariant::OnlyTheWantedIsPublished, &words);
    }
    let is_offered = |(state, endpoint): (&std::rc::Rc<State>, &drawbridge::model::Endpoint)| {
        offers(state, &key.account)
            .get(&endpoint.service_name)
            .is_some_and(|(names, verified)| !names.is_empty() && *verified)
    };
    let is_free = |(state, endpoint): (&std::rc::Rc<State>, &drawbridge::model::Endpoint)| {
        let offered = offers(state, &key.account);
        let names = offered.get(&endpoint.service_name).map(|(names, _)| names.clone()).unwrap_or_default();
        let taken =
            |name: &DomainName| is_taken(state, &home(endpoint), &domain(name.as_str().trim_start_matches("*.")), None);
        resolves(state, &home(endpoint)) && !names.iter().any(taken)
    };
    if !endpoints().any(is_offered) || !endpoints().any(is_free) {
        wrong(stage, run, Invariant::ConflictsAreForetold, &words);
    }
}

/// AWS is about to be asked to look for a proof.
pub fn before_verification(stage: &Stage, run: &Run, key: &ServiceKey) {
    let Some(terms) = run.version.get().and_then(|version| version.names()) else { return };
    let seen = Seen::of(stage, run);
    let mut services = seen.read.iter().filter_map(|state| state.services.get(key)).map(|(service, _)| service);
    let fine = services
        .any(|service| reckoning::is_selected(service) && service.private_dns_name.is_some() && !is_verified(service));
    if !fine || !terms.verification {
        wrong(stage, run, Invariant::OnlyTheWantedIsPublished, &format!("to verify the name of {}", key.service));
    }
}
