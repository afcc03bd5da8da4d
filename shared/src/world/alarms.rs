//! CloudWatch in memory: alarms, dashboards, and which metrics there are.

use std::collections::{BTreeMap, BTreeSet};

use super::{State, World, alarm_quotas as quotas, fault::Refusal};
use crate::{
    model::{AccountId, Alarm, AlarmRule, Metric, Region, StandingAlarm, Tags, partition},
    port::{Alarms, Answers, Dashboards, FailureKind, Metrics, PortError},
    reconcile::Permit,
};

/// An alarm with its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedAlarm {
    /// The alarm.
    pub standing: StandingAlarm,
    /// Its tags.
    pub tags: Tags,
}

/// Where alarms are, and their names.
pub type AlarmPlace = (AccountId, Region, String);

/// Names of one call. Source: CloudWatch API reference, `DescribeAlarms`, `DeleteAlarms`.
const AT_ONCE: usize = 100;

const DESCRIBE: &str = "cloudwatch:DescribeAlarms";
const TAGS: &str = "cloudwatch:ListTagsForResource";
const PUT: &str = "cloudwatch:PutMetricAlarm";
const PUT_COMPOSITE: &str = "cloudwatch:PutCompositeAlarm";
const DELETE: &str = "cloudwatch:DeleteAlarms";

fn place(account: &AccountId, region: &Region) -> String {
    format!("{account}/{region}")
}

/// The alarms that an expression names.
pub(super) fn children(expression: &str) -> impl Iterator<Item = &str> {
    expression.split('"').skip(1).step_by(2)
}

/// Those of these alarms that another one covers or waits for: they can't be deleted, nor can what is named with them.
fn depended_on<'a>(state: &State, account: &AccountId, region: &Region, names: &'a [&String]) -> Vec<&'a str> {
    let composites = here(state, account, region).filter_map(|alarm| match &alarm.standing.alarm.rule {
        AlarmRule::Composite { expression, suppressor } => Some((expression, suppressor)),
        AlarmRule::Metric(_) | AlarmRule::Other => None,
    });
    let needed: BTreeSet<&str> = composites
        .flat_map(|(expression, suppressor)| {
            children(expression).chain(suppressor.as_ref().map(|suppressor| suppressor.alarm.as_str()))
        })
        .collect();
    names.iter().map(|name| name.as_str()).filter(|name| needed.contains(name)).collect()
}

pub(super) fn here<'a>(
    state: &'a State,
    account: &AccountId,
    region: &Region,
) -> impl Iterator<Item = &'a TaggedAlarm> {
    let alarms = state.alarms.range((account.clone(), region.clone(), String::new())..);
    alarms.take_while(move |((owner, home, _), _)| (owner, home) == (account, region)).map(|(_, alarm)| alarm)
}

/// Writes an alarm as AWS does: a new one gets the tags, one that stands keeps its own.
fn put(
    state: &mut State,
    account: &AccountId,
    region: &Region,
    alarm: &Alarm,
    acts: bool,
    tags: &Tags,
) -> Result<(), Refusal> {
    if let AlarmRule::Composite { expression, suppressor } = &alarm.rule {
        let names = children(expression).chain(suppressor.as_ref().map(|suppressor| suppressor.alarm.as_str()));
        for name in names {
            if !state.alarms.contains_key(&(account.clone(), region.clone(), name.to_owned())) {
                return Err(Refusal::new("ValidationError", &format!("alarm {name} doesn't exist")));
            }
        }
    }
    quotas::check_alarm(alarm)?;
    quotas::check_room(state, account, region, alarm)?;
    let partition = partition(region.as_str());
    let arn = format!("arn:{partition}:cloudwatch:{region}:{account}:alarm:{}", alarm.name);
    let key = (account.clone(), region.clone(), alarm.name.clone());
    let tags = state.alarms.get(&key).map_or(tags, |before| &before.tags).clone();
    let standing = StandingAlarm { alarm: alarm.clone(), arn, acts, is_partial: false, is_broken: false };
    state.alarms.insert(key, TaggedAlarm { standing, tags });
    Ok(())
}

/// Deletes all of these alarms, or none.
fn delete(state: &mut State, account: &AccountId, region: &Region, batch: &[&String]) -> Result<(), Refusal> {
    let key = |name: &String| (account.clone(), region.clone(), name.clone());
    let is_composite = |name: &&&String| {
        let alarm = state.alarms.get(&key(name));
        alarm.is_some_and(|alarm| matches!(alarm.standing.alarm.rule, AlarmRule::Composite { .. }))
    };
    if batch.iter().filter(is_composite).count() > 1 {
        return Err(Refusal::new("ValidationError", "at most one composite alarm"));
    }
    let needed = depended_on(state, account, region, batch);
    if !needed.is_empty() {
        let why = format!("Cannot delete {} as there are composite alarm(s) depending on it", needed.join(","));
        return Err(Refusal::new("ValidationError", &why));
    }
    for name in batch {
        state.alarms.remove(&key(name));
    }
    Ok(())
}

impl Alarms for &World {
    async fn list_alarms(
        &self,
        account: &AccountId,
        region: &Region,
        prefix: &str,
    ) -> Result<Vec<StandingAlarm>, PortError> {
        self.read_pages(DESCRIBE, &place(account, region), AT_ONCE, |state, from, most| {
            let named = state.alarms.range((account.clone(), region.clone(), prefix.to_owned())..);
            let named = named
                .take_while(|((owner, home, name), _)| (owner, home) == (account, region) && name.starts_with(prefix));
            Ok(named.skip(from).take(most).map(|(_, alarm)| alarm.standing.clone()).collect())
        })
    }

    async fn describe_alarms(
        &self,
        account: &AccountId,
        region: &Region,
        names: &BTreeSet<String>,
    ) -> Result<Vec<StandingAlarm>, PortError> {
        let names: Vec<&String> = names.iter().collect();
        let mut found = Vec::new();
        for batch in names.chunks(AT_ONCE) {
            found.extend(self.read(DESCRIBE, &place(account, region), |state| {
                let found = here(state, account, region).filter(|alarm| batch.contains(&&alarm.standing.alarm.name));
                found.map(|alarm| alarm.standing.clone()).collect::<Vec<_>>()
            })?);
        }
        Ok(found)
    }

    async fn alarm_tags(
        &self,
        account: &AccountId,
        region: &Region,
        arns: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Tags>, PortError> {
        let mut found = BTreeMap::new();
        for arn in arns {
            let tags = self.read(TAGS, &place(account, region), |state| {
                here(state, account, region).find(|alarm| alarm.standing.arn == *arn).map(|alarm| alarm.tags.clone())
            })?;
            found.extend(tags.map(|tags| (arn.clone(), tags)));
        }
        Ok(found)
    }

    async fn put_alarm(
        &self,
        account: &AccountId,
        region: &Region,
        alarm: &Alarm,
        acts: bool,
        tags: &Tags,
        _: &Permit,
    ) -> Result<(), PortError> {
        let call = if matches!(alarm.rule, AlarmRule::Composite { .. }) { PUT_COMPOSITE } else { PUT };
        self.write_one(call, &place(account, region), |state| put(state, account, region, alarm, acts, tags))
    }

    async fn delete_alarms(
        &self,
        account: &AccountId,
        region: &Region,
        names: &BTreeSet<String>,
        _: &Permit,
    ) -> Answers<String> {
        let mut answers = Answers::new();
        let names: Vec<&String> = names.iter().collect();
        let mut due: Vec<&[&String]> = names.chunks(AT_ONCE).rev().collect();
        while let Some(batch) = due.pop() {
            let answer = self.write_one(DELETE, &place(account, region), |state| delete(state, account, region, batch));
            // What is refused together is tried again by halves.
            if matches!(&answer, Err(error) if error.kind == FailureKind::Refused) && batch.len() > 1 {
                let (one, other) = batch.split_at(batch.len() / 2);
                due.extend([other, one]);
            } else {
                answers.extend(batch.iter().map(|name| ((*name).clone(), answer.clone())));
            }
        }
        answers
    }
}

impl Dashboards for &World {
    async fn list_dashboards(
        &self,
        account: &AccountId,
        region: &Region,
        prefix: &str,
    ) -> Result<BTreeSet<String>, PortError> {
        self.read("cloudwatch:ListDashboards", &place(account, region), |state| {
            let here = state.dashboards.keys().filter(|(owner, name)| owner == account && name.starts_with(prefix));
            here.map(|(_, name)| name.clone()).collect()
        })
    }

    async fn dashboard(&self, account: &AccountId, region: &Region, name: &str) -> Result<Option<String>, PortError> {
        self.read("cloudwatch:GetDashboard", &place(account, region), |state| {
            state.dashboards.get(&(account.clone(), name.to_owned())).cloned()
        })
    }

    async fn put_dashboard(
        &self,
        account: &AccountId,
        region: &Region,
        name: &str,
        body: &str,
        _: &Permit,
    ) -> Result<(), PortError> {
        self.write_one("cloudwatch:PutDashboard", &place(account, region), |state| {
            quotas::check_dashboard(body)?;
            state.dashboards.insert((account.clone(), name.to_owned()), body.to_owned());
            Ok(())
        })
    }

    async fn delete_dashboard(
        &self,
        account: &AccountId,
        region: &Region,
        name: &str,
        _: &Permit,
    ) -> Result<(), PortError> {
        self.write_one("cloudwatch:DeleteDashboards", &place(account, region), |state| {
            state.dashboards.remove(&(account.clone(), name.to_owned()));
            Ok(())
        })
    }
}

impl Metrics for &World {
    async fn list_metrics(
        &self,
        account: &AccountId,
        region: &Region,
        namespace: &str,
        of: &AccountId,
    ) -> Result<BTreeSet<Metric>, PortError> {
        self.read("cloudwatch:ListMetrics", &place(account, region), |state| {
            let here = state
                .metrics
                .iter()
                .filter(|(owner, home, metric)| (owner, home) == (of, region) && metric.namespace == namespace);
            here.map(|(_, _, metric)| metric.clone()).collect()
        })
    }
}
