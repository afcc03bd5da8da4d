//! Accepts and rejects the requests at endpoint services. The decision is [`crate::plan::connections`].

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use futures_util::{StreamExt, future::join, stream};
use jiff::Timestamp;

use super::membership::{Memory, Remembering};
use crate::{
    event::{ServiceReference, Subject},
    model::{AccountId, ConnectionId, EndpointId, Membership, Region, ServiceId, ServiceKey, Tags},
    plan::{
        Plan,
        connections::{Answer, Key, Observed, Scope, Step, is_judged, plan},
    },
    policy::Rules,
    port::{Answers, Clock, Organization, PortError, PrivateLink},
    reconcile::{Controller, Fate, Located, Observation, Permit},
};

/// How many accounts are asked for at once. The bucket of `DescribeAccount` holds 30 and refills with 20 a second, and is
/// shared with every other tool of the Organization.
///
/// Source: AWS Organizations quotas, throttling limits.
const LOOKUPS_AT_ONCE: usize = 8;

/// The controller.
#[derive(Debug)]
pub struct Connections<P, O, C> {
    private_link: P,
    organization: O,
    clock: C,
    members: Memory,
    /// Where services were found, by Region and id, so that an event that doesn't know the provider costs no search twice.
    providers: RefCell<BTreeMap<(Region, ServiceId), AccountId>>,
}

impl<P, O, C> Connections<P, O, C> {
    /// Puts the controller on its ports.
    pub fn new(private_link: P, organization: O, clock: C) -> Self {
        let providers = RefCell::default();
        Self { private_link, organization, clock, members: Memory::default(), providers }
    }
}

impl crate::reconcile::Key for Key {
    fn covers(&self, other: &Self) -> bool {
        self.service == other.service && self.scope >= other.scope
    }
}

impl<P: PrivateLink, O: Organization, C: Clock> Controller for Connections<P, O, C> {
    type Key = Key;
    type Observed = Observed;
    type Step = Step;

    async fn locate(&self, subject: &Subject, rules: &Rules) -> Located<Key> {
        match subject {
            Subject::Everything => self.list(&places(rules), Scope::Everything, rules).await,
            Subject::Place { account, region } => {
                let place = (account.clone(), region.clone());
                let known = places(rules).contains(&place);
                self.list(if known { std::slice::from_ref(&place) } else { &[] }, Scope::Everything, rules).await
            }
            Subject::Service(reference) => self.find(reference, Scope::Requests, rules).await,
            Subject::ServiceReview(reference) => self.find(reference, Scope::Everything, rules).await,
        }
    }

    async fn observe(&self, key: &Key, rules: &Rules) -> Result<Observation<Observed>, PortError> {
        let (service, connections) = join(
            self.private_link.describe_service(&key.service),
            self.private_link.list_connections(&key.service, key.scope),
        )
        .await;
        let service = service?;
        // Nothing is asked about the consumers of a service that is none of ours.
        let looked_after = service.as_ref().is_some_and(|service| rules.configuration.looks_after(&service.tags));
        let connections = if looked_after { connections? } else { Vec::new() };
        let judged = connections.iter().filter(|connection| is_judged(connection, rules));
        let owners: BTreeSet<AccountId> = judged.map(|connection| connection.owner.clone()).collect();
        let (owners, gaps) = self.look_up(owners, rules).await;
        Ok(Observation { facts: Observed { service, connections, owners }, gaps })
    }

    fn plan(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
        plan(key, observed, rules, now)
    }

    async fn apply(&self, key: &Key, steps: &[Step], permit: &Permit) -> Vec<Fate> {
        let (accepts, rejects) = (endpoints(steps, Answer::Accept), endpoints(steps, Answer::Reject));
        let answer = async {
            let mut answers = Answers::new();
            if !accepts.is_empty() {
                answers.extend(self.private_link.accept(&key.service, &accepts, permit).await);
            }
            if !rejects.is_empty() {
                answers.extend(self.private_link.reject(&key.service, &rejects, permit).await);
            }
            answers
        };
        // The record says what was decided. That holds whether or not the answer gets through, so both go at once.
        let (answers, records) = join(answer, self.record(&key.service, steps, permit)).await;
        steps.iter().map(|step| fate(step, &answers, &records)).collect()
    }
}

impl<P: PrivateLink, O: Organization, C: Clock> Connections<P, O, C> {
    /// The selected services of these places.
    async fn list(&self, places: &[(AccountId, Region)], scope: Scope, rules: &Rules) -> Located<Key> {
        let mut located = Located::default();
        for (account, region) in places {
            match self.private_link.list_services(account, region).await {
                Ok(services) => located.keys.extend(
                    services
                        .into_iter()
                        .filter(|service| rules.configuration.looks_after(&service.tags))
                        .map(|service| Key { service: service.key, scope }),
                ),
                Err(error) => located.failures.push(error),
            }
        }
        located
    }

    /// The service that a reference stands for, in whichever provider's account it lives.
    async fn find(&self, reference: &ServiceReference, scope: Scope, rules: &Rules) -> Located<Key> {
        let ServiceReference { account, region, service } = reference;
        let providers = &rules.configuration.providers;
        let mut located = Located::default();
        if !providers.regions.contains(region) {
            return located;
        }
        let key = |account: &AccountId| ServiceKey {
            account: account.clone(),
            region: region.clone(),
            service: service.clone(),
        };
        let remembered = self.providers.borrow().get(&(region.clone(), service.clone())).cloned();
        let certain = match (account, providers.accounts.first()) {
            (Some(account), _) => providers.accounts.contains(account).then(|| account.clone()),
            (None, Some(only)) if providers.accounts.len() == 1 => Some(only.clone()),
            (None, _) => remembered.filter(|account| providers.accounts.contains(account)),
        };
        if let Some(account) = certain {
            located.keys.insert(Key { service: key(&account), scope });
            return located;
        }
        if account.is_some() {
            return located;
        }
        for account in &providers.accounts {
            match self.private_link.describe_service(&key(account)).await {
                Ok(None) => {}
                Err(error) => located.failures.push(error),
                Ok(Some(found)) => {
                    self.providers.borrow_mut().insert((region.clone(), service.clone()), account.clone());
                    // It was found: what went wrong elsewhere on the way doesn't matter any more.
                    return Located { keys: BTreeSet::from([Key { service: found.key, scope }]), failures: Vec::new() };
                }
            }
        }
        located
    }

    async fn look_up(
        &self,
        owners: BTreeSet<AccountId>,
        rules: &Rules,
    ) -> (BTreeMap<AccountId, Membership>, Vec<PortError>) {
        let keep = rules.configuration.membership.remember.as_duration();
        let organization = Remembering::new(&self.organization, &self.clock, &self.members, keep);
        let answers: Vec<_> = stream::iter(owners)
            .map(|owner| {
                let organization = &organization;
                async move { (organization.membership(&owner).await, owner) }
            })
            .buffered(LOOKUPS_AT_ONCE)
            .collect()
            .await;
        let mut gaps = Vec::new();
        let members = answers.into_iter().map(|(answer, owner)| {
            let membership = answer.unwrap_or_else(|error| {
                let why = error.to_string();
                gaps.push(error);
                Membership::Unknown { why }
            });
            (owner, check_organization(membership, rules))
        });
        (members.collect(), gaps)
    }

    /// Writes the records, one call for all connections with the same one.
    async fn record(&self, key: &ServiceKey, steps: &[Step], permit: &Permit) -> Answers<EndpointId> {
        let mut groups: BTreeMap<&Tags, BTreeMap<&ConnectionId, &EndpointId>> = BTreeMap::new();
        for step in steps {
            if let Some(connection) = &step.connection {
                groups.entry(&step.record).or_default().insert(connection, &step.endpoint);
            }
        }
        let mut answers = Answers::new();
        for (record, group) in groups {
            let connections = group.keys().copied().cloned().collect();
            let tagged = self.private_link.tag_connections(key, &connections, record, permit).await;
            answers.extend(tagged.into_iter().filter_map(|(connection, answer)| {
                group.get(&connection).map(|endpoint| ((*endpoint).clone(), answer))
            }));
        }
        answers
    }
}

/// Every account and Region that may hold services.
fn places(rules: &Rules) -> Vec<(AccountId, Region)> {
    let providers = &rules.configuration.providers;
    let regions =
        |account: &AccountId| providers.regions.iter().map(|region| (account.clone(), region.clone())).collect();
    providers.accounts.iter().flat_map(|account| -> Vec<_> { regions(account) }).collect()
}

/// The endpoints that are given this answer.
fn endpoints(steps: &[Step], answer: Answer) -> BTreeSet<EndpointId> {
    steps.iter().filter(|step| step.answer == Some(answer)).map(|step| step.endpoint.clone()).collect()
}

/// A member of another Organization than the configured one is no member: the delegation is wrong, not the account.
fn check_organization(membership: Membership, rules: &Rules) -> Membership {
    match membership {
        Membership::Member(account) if account.path.organization != rules.configuration.organization => {
            let (found, expected) = (&account.path.organization, &rules.configuration.organization);
            Membership::Unknown {
                why: format!("AWS Organizations answered for {found}, the configuration names {expected}"),
            }
        }
        other => other,
    }
}

fn fate(step: &Step, answers: &Answers<EndpointId>, records: &Answers<EndpointId>) -> Fate {
    let record = records.get(&step.endpoint).cloned().unwrap_or(Ok(()));
    match (step.answer, answers.get(&step.endpoint)) {
        (None, _) => record.map_or_else(Fate::Failed, |()| Fate::Done),
        (Some(_), Some(Ok(()))) => record.map_or_else(Fate::Incomplete, |()| Fate::Done),
        (Some(_), Some(Err(error))) => Fate::Failed(error.clone()),
        (Some(_), None) => Fate::Unanswered,
    }
}
