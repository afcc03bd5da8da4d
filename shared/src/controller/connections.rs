//! Answers the requests at endpoint services, cuts off who lost the right, and keeps allowed principals in step. The
//! decision is [`crate::plan::connections`].

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join;
use jiff::Timestamp;

use super::listings::Listings;
use crate::{
    event::Subject,
    membership::Memberships,
    model::{
        AccountId, ConnectionId, EndpointId, EndpointService, Principal, Scope, ServiceId, ServiceKey, Tags, TopicArn,
    },
    plan::{
        Limit, Plan,
        connections::{
            Answer, Change, Key, Observed, Step, is_judged, limit, manages_principals, ought_to_notify, plan, reads,
            reads_principals, to_be_asked_anew,
        },
    },
    policy::{FunctionName, Rules},
    port::{Answers, Clock, Organization, PortError, PrivateLink},
    providers::{Providers, passed_over, places},
    reconcile::{Controller, Fate, Located, Observation, Permit},
};

/// The controller.
#[derive(Debug)]
pub struct Connections<P, O, C> {
    private_link: P,
    organization: O,
    clock: C,
    memberships: Memberships,
    providers: Providers,
    topic: Option<TopicArn>,
    notifying: Listings<ServiceId>,
}

impl<P, O, C> Connections<P, O, C> {
    /// Puts the controller on its ports.
    pub fn new(private_link: P, organization: O, clock: C) -> Self {
        let (memberships, providers) = (Memberships::default(), Providers::default());
        Self { private_link, organization, clock, memberships, providers, topic: None, notifying: Listings::default() }
    }

    /// Has the topic told of connections at the services that are looked after.
    #[must_use]
    pub fn notifying(self, topic: Option<TopicArn>) -> Self {
        Self { topic, ..self }
    }
}

impl crate::reconcile::Key for Key {
    type Slot = ServiceKey;

    fn slot(&self) -> ServiceKey {
        self.service.clone()
    }
}

impl<P: PrivateLink, O: Organization, C: Clock> Controller for Connections<P, O, C> {
    type Key = Key;
    type Observed = Observed;
    type Step = Step;

    const FUNCTION: FunctionName = FunctionName::AcceptConnections;

    fn limit(rules: &Rules) -> Limit {
        limit(rules)
    }

    async fn locate(&self, subject: &Subject, rules: &Rules) -> Located<Key> {
        let configuration = &rules.configuration;
        let (located, scope) = match subject {
            Subject::Everything => {
                let places = places(configuration);
                self.notifying.forget_all().await;
                let (mut located, (_, gaps)) = join(
                    self.providers.list(&self.private_link, places, configuration),
                    self.memberships.look_up(
                        &self.organization,
                        &self.clock,
                        BTreeSet::from([configuration.hub_account.clone()]),
                        rules,
                    ),
                )
                .await;
                // Whether AWS Organizations answers us is found out before a request depends on it.
                located.failures.extend(gaps);
                (located, Scope::Sweep)
            }
            Subject::Place { account, region } => {
                let place = (account.clone(), region.clone());
                if !places(configuration).contains(&place) {
                    return Located::passed_over(passed_over::ACCOUNT_NOT_CONFIGURED);
                }
                self.notifying.forget(account, region).await;
                (self.providers.list(&self.private_link, vec![place], configuration).await, Scope::Sweep)
            }
            Subject::Service(reference) => {
                (self.providers.find(&self.private_link, &self.clock, reference, configuration).await, Scope::Requests)
            }
            Subject::ServiceReview(reference) => (
                self.providers.find(&self.private_link, &self.clock, reference, configuration).await,
                Scope::Everything,
            ),
            // Which service an endpoint is at isn't told, and a name connects nobody.
            Subject::Endpoint(_)
            | Subject::Zone(_)
            | Subject::Connection(_)
            | Subject::Creation(_)
            | Subject::LoadBalancers { .. }
            | Subject::CloudMap { .. } => {
                return Located::default();
            }
            // What has to be looked at is named beside it; it must not be judged by what is remembered of the account.
            Subject::Owner(account) => {
                self.memberships.forget(account).await;
                return Located::default();
            }
        };
        located.map(|service| Key { service, scope })
    }

    async fn observe(&self, key: &Key, rules: &Rules) -> Result<Observation<Observed>, PortError> {
        let (service, connections) = join(
            self.private_link.describe_service(&key.service),
            self.private_link.list_connections(&key.service, reads(key.scope, rules)),
        )
        .await;
        let mut observation =
            Observation { facts: Observed { service: service?, ..Observed::default() }, gaps: Vec::new() };
        // Nothing is asked about the consumers of a service that is none of ours.
        let looked_after = |service: &&EndpointService| rules.configuration.looks_after(&service.tags);
        let Some(service) = observation.facts.service.as_ref().filter(looked_after).cloned() else {
            return Ok(observation);
        };
        observation.facts.connections = connections?;
        let judged = observation.facts.connections.iter().filter(|connection| is_judged(connection, key.scope, rules));
        let owners: BTreeSet<AccountId> = judged.map(|connection| connection.owner.clone()).collect();
        let (owners, gaps) = self.memberships.look_up(&self.organization, &self.clock, owners, rules).await;
        observation.facts.owners = owners;
        observation.gaps = gaps;
        if reads_principals(&service, key.scope, rules) {
            self.observe_principals(&service, rules, &mut observation).await;
        }
        self.observe_notification(&service, key.scope, &mut observation).await;
        let old = to_be_asked_anew(key, &observation.facts, rules, self.clock.now());
        if !old.is_empty() {
            self.ask_anew(old, rules, &mut observation).await;
        }
        Ok(observation)
    }

    fn plan(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
        plan(key, observed, rules, now)
    }

    async fn apply(&self, key: &Key, steps: &[Step], permit: &Permit) -> Vec<Fate> {
        let service = &key.service;
        let (revocations, changes): (Vec<&Change>, Vec<&Change>) =
            steps.iter().filter_map(change).partition(|change| change.answer == Some(Answer::Revoke));
        let (accepts, rejects) = (endpoints(&changes, Answer::Accept), endpoints(&changes, Answer::Reject));
        let answer = async {
            let mut answers = Answers::new();
            if !accepts.is_empty() {
                answers.extend(self.private_link.accept(service, &accepts, permit).await);
            }
            if !rejects.is_empty() {
                answers.extend(self.private_link.reject(service, &rejects, permit).await);
            }
            answers
        };
        // The record says what was decided. That holds whether or not the answer gets through, so both go at once; a
        // decision that changes before it does is recorded anew.
        let (mut answers, mut records) = join(answer, self.write_records(service, &changes, permit)).await;
        if !revocations.is_empty() {
            let revoked = self.private_link.reject(service, &endpoints(&revocations, Answer::Revoke), permit).await;
            let done = |change: &&&Change| revoked.get(&change.endpoint).is_some_and(Result::is_ok);
            let done: Vec<&Change> = revocations.iter().filter(done).copied().collect();
            records.extend(self.write_records(service, &done, permit).await);
            answers.extend(revoked);
        }
        let principals = self.write_principals(service, steps, permit).await;
        let mut fates = Vec::new();
        for step in steps {
            fates.push(match step {
                Step::Connection(change) => fate(change, &answers, &records),
                Step::Allow(account) | Step::Remove(account) => Fate::of(principals.get(account)),
                Step::RequireAcceptance => Fate::of(Some(&self.private_link.require_acceptance(service, permit).await)),
                Step::Notify(topic) => Fate::of(Some(&self.private_link.notify(service, topic, permit).await)),
            });
        }
        fates
    }
}

impl<P: PrivateLink, O: Organization, C: Clock> Connections<P, O, C> {
    /// Reads who may request, and who could. Without it the connections are judged all the same.
    async fn observe_principals(
        &self,
        service: &EndpointService,
        rules: &Rules,
        observation: &mut Observation<Observed>,
    ) {
        match self.private_link.list_principals(&service.key).await {
            Ok(principals) => observation.facts.principals = Some(principals),
            Err(error) => observation.gaps.push(error),
        }
        if manages_principals(service, rules) {
            let mut members = match self.memberships.all(&self.organization, &self.clock, rules).await {
                Ok(members) => members,
                Err(error) => return observation.gaps.push(error),
            };
            // Who isn't listed may be a member all the same, of a minute ago.
            let named = observation.facts.principals.iter().flatten().filter_map(Principal::account);
            let named = named.chain(&rules.acceptance.mentions().accounts);
            let others = named.filter(|account| !members.contains_key(account)).cloned().collect();
            let (others, gaps) = self.memberships.look_up(&self.organization, &self.clock, others, rules).await;
            members.extend(others);
            observation.gaps.extend(gaps);
            observation.facts.members = Some(members);
        }
    }

    /// Reads whether the topic is told of the connections, one listing for all services of a place.
    async fn observe_notification(
        &self,
        service: &EndpointService,
        scope: Scope,
        observation: &mut Observation<Observed>,
    ) {
        let Some(topic) = self.topic.as_ref().filter(|topic| ought_to_notify(service, scope, topic)) else { return };
        let ServiceKey { account, region, service } = &service.key;
        let list = async {
            let services = self.private_link.list_notifying(account, region, topic).await?;
            Ok(services.into_iter().collect())
        };
        match self.notifying.of(account, region, self.clock.now(), list).await {
            Ok(notifying) if notifying.contains(service) => {}
            Ok(_) => observation.facts.missing_topic = Some(topic.clone()),
            Err(error) => observation.gaps.push(error),
        }
    }

    /// Asks anew about accounts of which only something old is known.
    async fn ask_anew(&self, accounts: BTreeSet<AccountId>, rules: &Rules, observation: &mut Observation<Observed>) {
        let (known, gaps) = self.memberships.look_up_anew(&self.organization, &self.clock, accounts, rules).await;
        observation.gaps.extend(gaps);
        for (account, known) in known {
            if let Some(members) = &mut observation.facts.members {
                members.insert(account.clone(), known.clone());
            }
            if let Some(owner) = observation.facts.owners.get_mut(&account) {
                *owner = known;
            }
        }
    }

    /// Lets accounts request connections, or no more.
    async fn write_principals(&self, key: &ServiceKey, steps: &[Step], permit: &Permit) -> Answers<AccountId> {
        let allowed =
            steps.iter().filter_map(|step| if let Step::Allow(account) = step { Some(account) } else { None });
        let removed =
            steps.iter().filter_map(|step| if let Step::Remove(account) = step { Some(account) } else { None });
        let allowed: BTreeSet<AccountId> = allowed.cloned().collect();
        let removed: BTreeSet<AccountId> = removed.cloned().collect();
        let mut answers = Answers::new();
        if !allowed.is_empty() {
            answers.extend(self.private_link.allow(key, &allowed, permit).await);
        }
        if !removed.is_empty() {
            answers.extend(self.private_link.disallow(key, &removed, permit).await);
        }
        answers
    }

    /// Writes the records, one call for all connections with the same one.
    async fn write_records(&self, key: &ServiceKey, changes: &[&Change], permit: &Permit) -> Answers<EndpointId> {
        let mut groups: BTreeMap<&Tags, BTreeMap<&ConnectionId, &EndpointId>> = BTreeMap::new();
        for change in changes {
            if let Some(connection) = &change.connection {
                groups.entry(&change.record).or_default().insert(connection, &change.endpoint);
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

fn change(step: &Step) -> Option<&Change> {
    if let Step::Connection(change) = step { Some(change) } else { None }
}

/// The endpoints that are given this answer.
fn endpoints(changes: &[&Change], answer: Answer) -> BTreeSet<EndpointId> {
    changes.iter().filter(|change| change.answer == Some(answer)).map(|change| change.endpoint.clone()).collect()
}

/// What became of a change: of its answer first, then of the record that goes with it.
fn fate(change: &Change, answers: &Answers<EndpointId>, records: &Answers<EndpointId>) -> Fate {
    if let Some(given) = change.answer {
        let answer = Fate::of(answers.get(&change.endpoint));
        // Revocations are recorded when they are done.
        let was_recorded = given != Answer::Revoke && change.connection.is_some();
        match (answer, Fate::of(records.get(&change.endpoint))) {
            (Fate::Done, _) => {}
            // That the answer can't be given is no reason to leave the record as it is: what may pass comes back.
            (Fate::Failed(_), record @ Fate::Unanswered(_)) if was_recorded => return record,
            (other, _) => return other,
        }
    }
    match (&change.connection, records.get(&change.endpoint)) {
        // Without the provider's object there is nothing to record on.
        (None, _) => Fate::Done,
        (Some(_), Some(Err(error))) if change.answer.is_some() => Fate::Incomplete(error.clone()),
        (Some(_), record) => Fate::of(record),
    }
}
