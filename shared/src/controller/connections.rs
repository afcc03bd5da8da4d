//! Accepts and rejects the requests at endpoint services. The decision is [`crate::plan::connections`].

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join;
use jiff::Timestamp;

use crate::{
    event::Subject,
    membership::Memberships,
    model::{AccountId, ConnectionId, EndpointId, Scope, ServiceKey, Tags},
    plan::{
        Plan,
        connections::{Answer, Key, Observed, Step, is_judged, plan},
    },
    policy::Rules,
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
}

impl<P, O, C> Connections<P, O, C> {
    /// Puts the controller on its ports.
    pub fn new(private_link: P, organization: O, clock: C) -> Self {
        let (memberships, providers) = (Memberships::default(), Providers::default());
        Self { private_link, organization, clock, memberships, providers }
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

    async fn locate(&self, subject: &Subject, rules: &Rules) -> Located<Key> {
        let configuration = &rules.configuration;
        let (located, scope) = match subject {
            Subject::Everything => {
                let places = places(configuration);
                (self.providers.list(&self.private_link, places, configuration).await, Scope::Everything)
            }
            Subject::Place { account, region } => {
                let place = (account.clone(), region.clone());
                if !places(configuration).contains(&place) {
                    return Located::passed_over(passed_over::ACCOUNT_NOT_CONFIGURED);
                }
                (self.providers.list(&self.private_link, vec![place], configuration).await, Scope::Everything)
            }
            Subject::Service(reference) => {
                (self.providers.find(&self.private_link, &self.clock, reference, configuration).await, Scope::Requests)
            }
            Subject::ServiceReview(reference) => (
                self.providers.find(&self.private_link, &self.clock, reference, configuration).await,
                Scope::Everything,
            ),
        };
        located.map(|service| Key { service, scope })
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
        let (owners, gaps) =
            self.memberships.look_up(&self.organization, &self.clock, owners, &rules.configuration).await;
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
        // The record says what was decided. That holds whether or not the answer gets through, so both go at once; a
        // decision that changes before it does is recorded anew.
        let (answers, records) = join(answer, self.write_records(&key.service, steps, permit)).await;
        steps.iter().map(|step| fate(step, &answers, &records)).collect()
    }
}

impl<P: PrivateLink, O: Organization, C: Clock> Connections<P, O, C> {
    /// Writes the records, one call for all connections with the same one.
    async fn write_records(&self, key: &ServiceKey, steps: &[Step], permit: &Permit) -> Answers<EndpointId> {
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

/// The endpoints that are given this answer.
fn endpoints(steps: &[Step], answer: Answer) -> BTreeSet<EndpointId> {
    steps.iter().filter(|step| step.answer == Some(answer)).map(|step| step.endpoint.clone()).collect()
}

/// What became of a step: of its answer first, then of the record that goes with it.
fn fate(step: &Step, answers: &Answers<EndpointId>, records: &Answers<EndpointId>) -> Fate {
    if step.answer.is_some() {
        match Fate::of(answers.get(&step.endpoint)) {
            Fate::Done => {}
            other => return other,
        }
    }
    match (&step.connection, records.get(&step.endpoint)) {
        // Without the provider's object there is nothing to record on.
        (None, _) => Fate::Done,
        (Some(_), Some(Err(error))) if step.answer.is_some() => Fate::Incomplete(error.clone()),
        (Some(_), record) => Fate::of(record),
    }
}
