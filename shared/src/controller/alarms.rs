//! Keeps alarms and dashboards in step with endpoints and endpoint services. The decision is [`crate::plan::alarms`].

mod checks;
mod locate;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tokio::sync::Mutex;

use self::checks::Checks;
use crate::{
    event::{Subject, told},
    membership::Memberships,
    model::{AccountId, Region, StandingAlarm, Tags},
    plan::{
        Limit, Plan,
        alarms::{Key, Observed, Step, What, Write, plan, without},
    },
    policy::{FunctionName, Rules},
    port::{self, Clock, Dashboards, Endpoints, LoadBalancers, Metrics, Organization, PortError, PrivateLink},
    providers::Providers,
    reconcile::{Controller, Fate, Located, Observation, Permit},
};

/// How many calls of a key are under way at once: enough to hide the latency of AWS.
const CALLS_AT_ONCE: usize = 8;

/// The controller.
#[derive(Debug)]
pub struct Alarms<N, L, W, O, C> {
    network: N,
    load_balancers: L,
    cloudwatch: W,
    organization: O,
    clock: C,
    memberships: Memberships,
    providers: Providers,
    checks: Checks,
    /// Held while an alarm over others is changed by the key of one of these.
    covering: Mutex<()>,
}

impl<N, L, W, O, C> Alarms<N, L, W, O, C> {
    /// Puts the controller on its ports.
    pub fn new(network: N, load_balancers: L, cloudwatch: W, organization: O, clock: C) -> Self {
        // Dashboards name accounts; of their tags they say nothing.
        let memberships = Memberships::reading_tags_when(|_| false);
        let (providers, checks) = (Providers::default(), Checks::default());
        let covering = Mutex::default();
        Self { network, load_balancers, cloudwatch, organization, clock, memberships, providers, checks, covering }
    }
}

impl crate::reconcile::Key for Key {
    type Slot = (AccountId, Region, What);

    fn slot(&self) -> Self::Slot {
        (self.account.clone(), self.region.clone(), self.what.clone())
    }
}

impl<N, L, W, O, C> Controller for Alarms<N, L, W, O, C>
where
    N: PrivateLink + Endpoints,
    L: LoadBalancers,
    W: port::Alarms + Dashboards + Metrics,
    O: Organization,
    C: Clock,
{
    type Key = Key;
    type Observed = Observed;
    type Step = Step;

    const FUNCTION: FunctionName = FunctionName::PublishAlarms;

    fn limit(rules: &Rules) -> Limit {
        Limit {
            setting: "alarms.most-removals",
            most: rules.configuration.alarms.most_removals,
            instead: "delete them by hand",
            told: told::ALARMS_WITHHELD,
        }
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

    /// One after the other, as CloudWatch takes few writes a second: an alarm that covers others comes after them, and goes
    /// before them. Those that cover none go together.
    async fn apply(&self, key: &Key, steps: &[Step], permit: &Permit) -> Vec<Fate> {
        let mut fates: BTreeMap<usize, Fate> = BTreeMap::new();
        let mut together: BTreeMap<&AccountId, BTreeMap<String, usize>> = BTreeMap::new();
        for (index, step) in steps.iter().enumerate() {
            match &step.write {
                Write::DeleteAlarm { name, is_composite: false } => {
                    together.entry(&step.home).or_default().insert(name.clone(), index);
                }
                write => drop(fates.insert(index, self.write(&step.home, &key.region, write, permit).await)),
            }
        }
        for (home, names) in together {
            let wanted = names.keys().cloned().collect();
            let answers = self.cloudwatch.delete_alarms(home, &key.region, &wanted, permit).await;
            fates.extend(names.into_iter().map(|(name, index)| (index, Fate::of(answers.get(&name)))));
        }
        fates.into_values().collect()
    }
}

impl<N, L, W: port::Alarms + Dashboards, O, C> Alarms<N, L, W, O, C> {
    /// Has an alarm cover these no more; one that is gone covers none.
    async fn uncover(
        &self,
        (home, region): (&AccountId, &Region),
        name: &str,
        going: &BTreeSet<String>,
        tags: &Tags,
        permit: &Permit,
    ) -> Result<(), PortError> {
        let standing = self.cloudwatch.describe_alarms(home, region, &BTreeSet::from([name.to_owned()])).await?;
        let going = going.iter().map(String::as_str).collect();
        for StandingAlarm { alarm, acts, .. } in standing {
            if let Some(alarm) = without(&alarm, &going) {
                self.cloudwatch.put_alarm(home, region, &alarm, acts, tags, permit).await?;
            }
        }
        Ok(())
    }

    async fn write(&self, home: &AccountId, region: &Region, write: &Write, permit: &Permit) -> Fate {
        let cloudwatch = &self.cloudwatch;
        let answer = match write {
            Write::PutAlarm { alarm, acts, tags } => {
                cloudwatch.put_alarm(home, region, alarm, *acts, tags, permit).await
            }
            Write::Uncover { name, going, tags } => {
                // Keys that run beside each other take different alarms out of the same one.
                let _alone = self.covering.lock().await;
                self.uncover((home, region), name, going, tags, permit).await
            }
            Write::DeleteAlarm { name, .. } => {
                let answers = cloudwatch.delete_alarms(home, region, &BTreeSet::from([name.clone()]), permit).await;
                return Fate::of(answers.get(name));
            }
            Write::PutDashboard { name, body } => cloudwatch.put_dashboard(home, region, name, body, permit).await,
            Write::DeleteDashboard { name } => cloudwatch.delete_dashboard(home, region, name, permit).await,
        };
        Fate::of(Some(&answer))
    }
}
