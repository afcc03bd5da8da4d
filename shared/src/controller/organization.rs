//! Has the services reviewed that a changed account is connected to. The decision is [`crate::plan::organization`].

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::json;

use crate::{
    event::{Subject, own},
    model::{Consumer, ServiceId},
    plan::{
        Limit, Plan,
        organization::{Key, Place, Step, plan},
    },
    policy::{FunctionName, Rules},
    port::{Bus, BusEvent, PUBLISHED_AT_ONCE, PortError, PrivateLink},
    providers::{passed_over, places},
    reconcile::{Controller, Fate, Located, Observation, Permit},
};

/// Most services that one event names, so that it stays within what a message may hold and a run can do.
const SERVICES_OF_AN_EVENT: usize = 100;

/// The controller.
#[derive(Debug)]
pub struct Organization<P, B> {
    private_link: P,
    bus: B,
}

impl<P, B> Organization<P, B> {
    /// Puts the controller on its ports.
    pub fn new(private_link: P, bus: B) -> Self {
        Self { private_link, bus }
    }
}

impl crate::reconcile::Key for Key {
    type Slot = Self;

    fn slot(&self) -> Self {
        self.clone()
    }
}

impl<P: PrivateLink, B: Bus> Controller for Organization<P, B> {
    type Key = Key;
    type Observed = BTreeSet<ServiceId>;
    type Step = Step;

    const FUNCTION: FunctionName = FunctionName::WatchOrganization;

    fn limit(_: &Rules) -> Limit {
        Limit::NOTHING
    }

    async fn locate(&self, subject: &Subject, rules: &Rules) -> Located<Key> {
        match subject {
            Subject::Owner(owner) => {
                let key = |(account, region)| Key::Account(Place { owner: owner.clone(), account, region });
                Located { keys: places(&rules.configuration).into_iter().map(key).collect(), ..Located::default() }
            }
            Subject::Everything => Located::at(Key::Organization),
            _ => Located::passed_over(passed_over::NO_ACCOUNT),
        }
    }

    async fn observe(&self, key: &Key, _: &Rules) -> Result<Observation<BTreeSet<ServiceId>>, PortError> {
        let facts = match key {
            Key::Account(Place { owner, account, region }) => {
                self.private_link.services_connected_by(&Consumer::Account(owner.clone()), account, region).await?
            }
            Key::Organization => BTreeSet::new(),
        };
        Ok(Observation { facts, gaps: Vec::new() })
    }

    fn plan(key: &Key, observed: &BTreeSet<ServiceId>, _: &Rules, _: Timestamp) -> Plan<Step> {
        plan(key, observed)
    }

    async fn apply(&self, _: &Key, steps: &[Step], permit: &Permit) -> Vec<Fate> {
        let mut fates = Vec::new();
        for step in steps {
            let mut fate = Fate::Done;
            for events in events(step).chunks(PUBLISHED_AT_ONCE) {
                if let Err((_, error)) = self.bus.publish(events, permit).await {
                    fate = Fate::of(Some(&Err(error)));
                }
            }
            fates.push(fate);
        }
        fates
    }
}

/// The events that ask.
fn events(step: &Step) -> Vec<BusEvent> {
    let event = |detail_type, detail| BusEvent { detail_type, resources: Vec::new(), detail };
    match step {
        Step::Sweep => vec![event(own::SWEEP_REQUESTED, json!({}))],
        Step::Review(Place { owner, account, region }, services) => {
            let services: Vec<&ServiceId> = services.iter().collect();
            // What is remembered of the account is to be forgotten.
            let ask = |services: &[&ServiceId]| json!({ "account": account, "region": region, "services": services, "owners": [owner] });
            services.chunks(SERVICES_OF_AN_EVENT).map(|services| event(own::REVIEW_REQUESTED, ask(services))).collect()
        }
    }
}
