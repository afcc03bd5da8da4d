//! Keeps Cloud Map in step with endpoints, targets with Cloud Map, and endpoint services with the zones of their load balancers.
//! The decision is [`crate::plan::cloud_map`].

mod locate;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use crate::{
    event::{Subject, told},
    model::{AccountId, Region, Tags, Target, tag},
    plan::{
        Limit, Plan,
        cloud_map::{Key, Observed, Step, plan},
    },
    policy::{FunctionName, Rules},
    port::{self, Answers, Clock, Endpoints, PortError, PrivateLink, Targets},
    reconcile::{Controller, Fate, Located, Observation, Permit},
};

/// How many calls of a key are under way at once: enough to hide the latency of AWS.
const CALLS_AT_ONCE: usize = 8;

/// The controller.
#[derive(Debug)]
pub struct CloudMap<N, M, L, C> {
    network: N,
    cloud_map: M,
    load_balancing: L,
    clock: C,
    mark: Tags,
}

impl<N, M, L, C> CloudMap<N, M, L, C> {
    /// Puts the controller on its ports.
    pub fn new(network: N, cloud_map: M, load_balancing: L, clock: C, rules: &Rules) -> Self {
        let mark = Tags::from([(tag::OWNER.to_owned(), rules.configuration.deployment.to_string())]);
        Self { network, cloud_map, load_balancing, clock, mark }
    }
}

impl crate::reconcile::Key for Key {
    type Slot = Self;

    fn slot(&self) -> Self {
        self.clone()
    }
}

impl<N, M, L, C> Controller for CloudMap<N, M, L, C>
where
    N: PrivateLink + Endpoints,
    M: port::CloudMap,
    L: Targets,
    C: Clock,
{
    type Key = Key;
    type Observed = Observed;
    type Step = Step;

    const FUNCTION: FunctionName = FunctionName::SyncCloudMap;

    fn limit(rules: &Rules) -> Limit {
        Limit {
            setting: "cloud-map.most-removals",
            most: rules.configuration.cloud_map.most_removals,
            instead: "deregister them by hand",
            told: told::DEREGISTRATION_WITHHELD,
        }
    }

    async fn locate(&self, subject: &Subject, rules: &Rules) -> Located<Key> {
        locate::find(subject, &rules.configuration)
    }

    async fn observe(&self, key: &Key, rules: &Rules) -> Result<Observation<Observed>, PortError> {
        self.read(key, rules).await
    }

    fn plan(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
        plan(key, observed, rules, now)
    }

    /// The targets of a group go together, all else by itself.
    async fn apply(&self, key: &Key, steps: &[Step], permit: &Permit) -> Vec<Fate> {
        let (mut coming, mut going): (BTreeMap<&str, BTreeMap<Target, bool>>, BTreeMap<&str, BTreeSet<Target>>) =
            (BTreeMap::new(), BTreeMap::new());
        for step in steps {
            match step {
                Step::RegisterTarget { group, target, is_outside } => {
                    coming.entry(group).or_default().insert(*target, *is_outside);
                }
                Step::DeregisterTarget { group, target } => drop(going.entry(group).or_default().insert(*target)),
                _ => {}
            }
        }
        let place = (&key.account, &key.region);
        let mut answers: BTreeMap<&str, Answers<Target>> = BTreeMap::new();
        for (group, targets) in &coming {
            answers.insert(group, self.load_balancing.register_targets(place, group, targets, permit).await);
        }
        for (group, targets) in &going {
            let answered = self.load_balancing.deregister_targets(place, group, targets, permit).await;
            answers.entry(group).or_default().extend(answered);
        }
        let answers = &answers;
        let written = steps.iter().map(|step| async move {
            match step {
                Step::RegisterTarget { group, target, .. } | Step::DeregisterTarget { group, target } => {
                    Fate::of(answers.get(group.as_str()).and_then(|answers| answers.get(target)))
                }
                step => Fate::of(Some(&self.write(place, step, permit).await)),
            }
        });
        stream::iter(written).buffered(CALLS_AT_ONCE).collect().await
    }
}

impl<N: PrivateLink, M: port::CloudMap, L: Targets, C> CloudMap<N, M, L, C> {
    async fn write(&self, place: (&AccountId, &Region), step: &Step, permit: &Permit) -> Result<(), PortError> {
        let (cloud_map, (account, region)) = (&self.cloud_map, place);
        match step {
            Step::CreateNamespace { name, vpc, description } => {
                cloud_map.create_namespace(place, name, vpc.as_ref(), description, &self.mark, permit).await
            }
            Step::CreateService { namespace, service } => {
                cloud_map.create_cloud_map_service(place, namespace, service, &self.mark, permit).await
            }
            Step::Register { service, id, attributes } => {
                cloud_map.register_instance(place, service, id, attributes, permit).await
            }
            Step::Deregister { service, id } => cloud_map.deregister_instance(place, service, id, permit).await,
            Step::DeleteService { service } => {
                cloud_map.delete_cloud_map_service(account, region, service, permit).await
            }
            Step::DeleteNamespace { namespace } => cloud_map.delete_namespace(account, region, namespace, permit).await,
            Step::Mark { group } => self.load_balancing.mark_target_group(place, group, &self.mark, permit).await,
            Step::TakeUpZones { service } => self.load_balancing.take_up_zones(service, permit).await,
            // Written with the others of its group.
            Step::RegisterTarget { .. } | Step::DeregisterTarget { .. } => Ok(()),
        }
    }
}
