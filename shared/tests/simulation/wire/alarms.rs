//! CloudWatch: alarms, dashboards, metrics.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
};

use drawbridge::{
    model::{AccountId, Alarm, AlarmRule, Metric, Region, StandingAlarm, Tags},
    port::{Alarms, Answers, Dashboards, FailureKind, Metrics, PortError},
    reconcile::Permit,
};

use super::Ports;
use crate::alarms::invariant;

const DESCRIBE: &str = "cloudwatch:DescribeAlarms";

impl Ports {
    /// A write in an account of alarms, of these names.
    async fn write_alarms(
        &self,
        account: &AccountId,
        call: &'static str,
        names: &[String],
        answer: impl Future<Output = Answers<String>>,
    ) -> Answers<String> {
        self.way().await;
        let (stage, run) = (self.stage(), self.run());
        let about = names.join(" ");
        self.check_write(call, &about);
        let of_write = || stage.trouble.of_write(&stage.random, names);
        let course = self.refusal(Some(account)).unwrap_or_else(of_write);
        self.order(call, &course);
        let before = stage.world.snapshot();
        let answers = answer.await;
        // What people's alarms depend on can't be deleted, and is tried by every sweep.
        let is_refused =
            |answer: &Result<(), PortError>| answer.as_ref().is_err_and(|error| error.kind == FailureKind::Refused);
        if !answers.values().all(is_refused) {
            stage.writes.set(stage.writes.get() + 1);
        }
        stage.count(call);
        let told = answers.values().find_map(|answer| answer.as_ref().err());
        stage.tell(|| {
            let failed = told.map(|error| format!(" -> {}", error.message)).unwrap_or_default();
            format!("  #{} {call} in {account}: {about}{}{failed}", run.id, super::wrong(&course))
        });
        invariant::check_write(stage, &run, &before, &stage.world.snapshot());
        for answer in answers.values() {
            self.note_failure(call, answer.as_ref().err());
        }
        self.way().await;
        answers
    }

    async fn write_one_alarm(
        &self,
        account: &AccountId,
        call: &'static str,
        name: &str,
        answer: impl Future<Output = Result<(), PortError>>,
    ) -> Result<(), PortError> {
        let answer = async { Answers::from([(name.to_owned(), answer.await)]) };
        self.write_alarms(account, call, &[name.to_owned()], answer).await.remove(name).unwrap_or(Ok(()))
    }
}

impl Alarms for Ports {
    async fn list_alarms(
        &self,
        account: &AccountId,
        region: &Region,
        prefix: &str,
    ) -> Result<Vec<StandingAlarm>, PortError> {
        let world = &self.stage().world;
        let list = async || {
            let answer = world.list_alarms(account, region, prefix);
            self.read_as(Some(account), DESCRIBE, prefix, answer).await
        };
        self.paged(list, |standing| standing.alarm.name.clone()).await
    }

    async fn describe_alarms(
        &self,
        account: &AccountId,
        region: &Region,
        names: &BTreeSet<String>,
    ) -> Result<Vec<StandingAlarm>, PortError> {
        let world = &self.stage().world;
        let answer = world.describe_alarms(account, region, names);
        self.read_as(Some(account), DESCRIBE, &format!("{names:?}"), answer).await
    }

    async fn alarm_tags(
        &self,
        account: &AccountId,
        region: &Region,
        arns: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Tags>, PortError> {
        let world = &self.stage().world;
        let answer = world.alarm_tags(account, region, arns);
        self.read_as(Some(account), "cloudwatch:ListTagsForResource", account.as_str(), answer).await
    }

    async fn put_alarm(
        &self,
        account: &AccountId,
        region: &Region,
        alarm: &Alarm,
        acts: bool,
        tags: &Tags,
        permit: &Permit,
    ) -> Result<(), PortError> {
        let world = &self.stage().world;
        let is_composite = matches!(alarm.rule, AlarmRule::Composite { .. });
        let call = if is_composite { "cloudwatch:PutCompositeAlarm" } else { "cloudwatch:PutMetricAlarm" };
        invariant::before_put(self.stage(), &self.run(), account, alarm);
        let answer = world.put_alarm(account, region, alarm, acts, tags, permit);
        self.write_one_alarm(account, call, &alarm.name, answer).await
    }

    async fn delete_alarms(
        &self,
        account: &AccountId,
        region: &Region,
        names: &BTreeSet<String>,
        permit: &Permit,
    ) -> Answers<String> {
        let world = &self.stage().world;
        invariant::before_delete(self.stage(), &self.run(), names);
        let listed: Vec<String> = names.iter().cloned().collect();
        let answer = world.delete_alarms(account, region, names, permit);
        self.write_alarms(account, "cloudwatch:DeleteAlarms", &listed, answer).await
    }
}

impl Dashboards for Ports {
    async fn list_dashboards(
        &self,
        account: &AccountId,
        region: &Region,
        prefix: &str,
    ) -> Result<BTreeSet<String>, PortError> {
        let world = &self.stage().world;
        let answer = world.list_dashboards(account, region, prefix);
        self.read_as(Some(account), "cloudwatch:ListDashboards", prefix, answer).await
    }

    async fn dashboard(&self, account: &AccountId, region: &Region, name: &str) -> Result<Option<String>, PortError> {
        let world = &self.stage().world;
        let answer = world.dashboard(account, region, name);
        self.read_as(Some(account), "cloudwatch:GetDashboard", name, answer).await
    }

    async fn put_dashboard(
        &self,
        account: &AccountId,
        region: &Region,
        name: &str,
        body: &str,
        permit: &Permit,
    ) -> Result<(), PortError> {
        let world = &self.stage().world;
        let answer = world.put_dashboard(account, region, name, body, permit);
        self.write_one_alarm(account, "cloudwatch:PutDashboard", name, answer).await
    }

    async fn delete_dashboard(
        &self,
        account: &AccountId,
        region: &Region,
        name: &str,
        permit: &Permit,
    ) -> Result<(), PortError> {
        let world = &self.stage().world;
        invariant::before_delete(self.stage(), &self.run(), &BTreeSet::from([name.to_owned()]));
        let answer = world.delete_dashboard(account, region, name, permit);
        self.write_one_alarm(account, "cloudwatch:DeleteDashboards", name, answer).await
    }
}

impl Metrics for Ports {
    /// That it can't be read leaves it to a later sweep, and nothing comes back.
    async fn list_metrics(
        &self,
        account: &AccountId,
        region: &Region,
        namespace: &str,
        of: &AccountId,
    ) -> Result<BTreeSet<Metric>, PortError> {
        let world = &self.stage().world;
        let answer = world.list_metrics(account, region, namespace, of);
        self.for_news().read("cloudwatch:ListMetrics", namespace, answer).await
    }
}
