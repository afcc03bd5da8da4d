//! Keeps the tags of endpoints, endpoint services and what belongs to them in step. The decision is [`crate::plan::tags`].

mod accounts;
mod locate;
mod makers;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use self::{accounts::Accounts, makers::Makers};
use crate::{
    event::Subject,
    model::{Resource, Tags},
    plan::{
        Limit, Plan,
        tags::{Key, Observed, Step, What, plan},
    },
    policy::{FunctionName, Rules},
    port::{
        Answers, Clock, Endpoints, EventHistory, HostedZones, LoadBalancers, Organization, PortError, PrivateLink,
        ResourceTags,
    },
    providers::Providers,
    reconcile::{Controller, Fate, Located, Observation, Permit},
};

/// How many calls of a key are under way at once: enough to hide the latency of AWS.
const CALLS_AT_ONCE: usize = 8;

/// The controller.
#[derive(Debug)]
pub struct Tagger<N, Z, R, O, C> {
    network: N,
    hosted_zones: Z,
    resources: R,
    organization: O,
    clock: C,
    accounts: Accounts,
    makers: Makers,
    providers: Providers,
}

impl<N, Z, R, O, C> Tagger<N, Z, R, O, C> {
    /// Puts the controller on its ports.
    pub fn new(network: N, hosted_zones: Z, resources: R, organization: O, clock: C) -> Self {
        let (accounts, makers, providers) = (Accounts::default(), Makers::default(), Providers::default());
        Self { network, hosted_zones, resources, organization, clock, accounts, makers, providers }
    }
}

impl crate::reconcile::Key for Key {
    type Slot = (crate::model::AccountId, crate::model::Region, What);

    /// Of two that differ in who made it, the one that knows it is the greater.
    fn slot(&self) -> Self::Slot {
        (self.account.clone(), self.region.clone(), self.what.clone())
    }
}

impl<N, Z, R, O, C> Controller for Tagger<N, Z, R, O, C>
where
    N: PrivateLink + Endpoints,
    Z: HostedZones,
    R: ResourceTags + LoadBalancers + EventHistory,
    O: Organization,
    C: Clock,
{
    type Key = Key;
    type Observed = Observed;
    type Step = Step;

    const FUNCTION: FunctionName = FunctionName::TagResources;

    fn limit(_: &Rules) -> Limit {
        Limit::NOTHING
    }

    async fn locate(&self, subject: &Subject, rules: &Rules) -> Located<Key> {
        self.find(subject, rules).await
    }

    async fn observe(&self, key: &Key, rules: &Rules) -> Result<Observation<Observed>, PortError> {
        self.read(key, rules).await
    }

    fn plan(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
        plan(key, observed, rules, now)
    }

    /// One call for all resources that get the same tags, as far as the services take them at once.
    async fn apply(&self, key: &Key, steps: &[Step], permit: &Permit) -> Vec<Fate> {
        let mut groups: BTreeMap<&Tags, BTreeSet<Resource>> = BTreeMap::new();
        for step in steps {
            groups.entry(&step.tags).or_default().insert(step.resource.clone());
        }
        let Key { account, region, .. } = key;
        let tag = |(tags, group): (&Tags, BTreeSet<Resource>)| {
            let tags = tags.clone();
            async move { self.resources.tag(account, region, &group, &tags, permit).await }
        };
        let answers: Vec<_> = stream::iter(groups).map(tag).buffered(CALLS_AT_ONCE).collect().await;
        let answers: Answers<Resource> = answers.into_iter().flatten().collect();
        steps.iter().map(|step| Fate::of(answers.get(&step.resource))).collect()
    }
}
