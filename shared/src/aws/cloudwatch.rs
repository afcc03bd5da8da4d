//! CloudWatch: alarms, dashboards, and which metrics there are.

mod answer;
mod dashboards;
mod pace;
mod request;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use aws_sdk_cloudwatch::{
    Client,
    types::{AlarmType, RecentlyActive},
};
use futures_util::{StreamExt, stream};

use self::{
    answer::{read_composite, read_metric, read_metric_alarm},
    pace::Pace,
};
use super::{
    Access,
    batch::in_batches,
    error::port_error,
    pages::{Next, all_pages},
    place,
};
use crate::{
    model::{AccountId, Alarm, AlarmRule, Metric, Region, StandingAlarm, Tags},
    policy::{AlarmPlace, Configuration},
    port::{Alarms, Answers, FailureKind, Metrics, PortError},
    reconcile::Permit,
};

const DESCRIBE_ALARMS: &str = "cloudwatch:DescribeAlarms";
const LIST_TAGS: &str = "cloudwatch:ListTagsForResource";
const PUT_ALARM: &str = "cloudwatch:PutMetricAlarm";
const PUT_COMPOSITE: &str = "cloudwatch:PutCompositeAlarm";
const DELETE_ALARMS: &str = "cloudwatch:DeleteAlarms";
const LIST_METRICS: &str = "cloudwatch:ListMetrics";

/// Alarms of one page, and most that a call names.
///
/// Source: CloudWatch API reference, `DescribeAlarms`, `DeleteAlarms`.
const ALARMS_OF_A_PAGE: i32 = 100;
const NAMED_AT_ONCE: usize = 100;
/// Calls for one alarm each that are under way at once.
const AT_ONCE: usize = 8;

/// CloudWatch of all accounts, with a client for each account and Region.
#[derive(Debug)]
pub struct CloudWatch {
    access: Access,
    /// Whether the metrics of other accounts are seen from the hub.
    sees_others: bool,
    clients: RefCell<BTreeMap<(AccountId, Region), Client>>,
    pace: Pace,
}

impl CloudWatch {
    pub(super) fn new(access: Access, configuration: &Configuration) -> Self {
        let sees_others = configuration.alarms.place == AlarmPlace::Hub;
        Self { access, sees_others, clients: RefCell::default(), pace: Pace::default() }
    }

    async fn client(&self, account: &AccountId, region: &Region) -> Client {
        let key = (account.clone(), region.clone());
        if let Some(client) = self.clients.borrow().get(&key) {
            return client.clone();
        }
        let client = Client::new(&self.access.config(account, region).await);
        self.clients.borrow_mut().entry(key).or_insert(client).clone()
    }

    /// Alarms, as the call asks for them.
    async fn described(
        &self,
        account: &AccountId,
        region: &Region,
        prefix: Option<&str>,
        names: Option<&[String]>,
    ) -> Result<Vec<StandingAlarm>, PortError> {
        let client = &self.client(account, region).await;
        let here = &place(account, region);
        all_pages(DESCRIBE_ALARMS, here, None, async |token| {
            let call = client
                .describe_alarms()
                // Left out, it would answer with metric alarms alone.
                .alarm_types(AlarmType::MetricAlarm)
                .alarm_types(AlarmType::CompositeAlarm)
                .set_alarm_name_prefix(prefix.map(ToOwned::to_owned))
                .set_alarm_names(names.map(<[String]>::to_vec))
                .max_records(ALARMS_OF_A_PAGE)
                .set_next_token(token);
            let output = call.send().await.map_err(|error| port_error(DESCRIBE_ALARMS, here.clone(), &error))?;
            let simple = output.metric_alarms().iter().filter_map(read_metric_alarm);
            let composite = output.composite_alarms().iter().filter_map(read_composite);
            Ok((simple.chain(composite).collect(), Next::by_token(output.next_token())))
        })
        .await
    }
}

impl Alarms for CloudWatch {
    async fn list_alarms(
        &self,
        account: &AccountId,
        region: &Region,
        prefix: &str,
    ) -> Result<Vec<StandingAlarm>, PortError> {
        self.described(account, region, Some(prefix), None).await
    }

    async fn describe_alarms(
        &self,
        account: &AccountId,
        region: &Region,
        names: &BTreeSet<String>,
    ) -> Result<Vec<StandingAlarm>, PortError> {
        let names: Vec<String> = names.iter().cloned().collect();
        let described = stream::iter(names.chunks(NAMED_AT_ONCE))
            .map(|names| self.described(account, region, None, Some(names)))
            .buffered(AT_ONCE);
        let described: Vec<_> = described.collect().await;
        Ok(described.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    async fn alarm_tags(
        &self,
        account: &AccountId,
        region: &Region,
        arns: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Tags>, PortError> {
        let client = &self.client(account, region).await;
        let read = |arn: String| async move {
            let output = client.list_tags_for_resource().resource_arn(&arn).send().await;
            match output.map_err(|error| port_error(LIST_TAGS, place(account, region), &error)) {
                Ok(output) => {
                    let tags = output.tags().iter();
                    let tags = tags.map(|tag| {
                        (tag.key().unwrap_or_default().to_owned(), tag.value().unwrap_or_default().to_owned())
                    });
                    Ok(Some((arn, tags.collect::<Tags>())))
                }
                Err(error) if error.kind == FailureKind::Gone => Ok(None),
                Err(error) => Err(error),
            }
        };
        let read: Vec<_> = stream::iter(arns.iter().cloned()).map(read).buffered(AT_ONCE).collect().await;
        let read = read.into_iter().collect::<Result<Vec<_>, PortError>>()?;
        Ok(read.into_iter().flatten().collect())
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
        let client = self.client(account, region).await;
        self.pace.turn(account, region).await;
        let here = place(account, region);
        match &alarm.rule {
            AlarmRule::Metric(rule) => {
                let call = request::metric_alarm(client.put_metric_alarm(), alarm, rule, acts, tags);
                call.send().await.map(drop).map_err(|error| port_error(PUT_ALARM, here, &error))
            }
            AlarmRule::Composite { expression, suppressor } => {
                let call = client.put_composite_alarm().alarm_rule(expression);
                let call = request::composite(call, alarm, suppressor.as_ref(), acts, tags);
                call.send().await.map(drop).map_err(|error| port_error(PUT_COMPOSITE, here, &error))
            }
            AlarmRule::Other => {
                let message = format!("{} has a rule that is none of ours", alarm.name);
                Err(PortError { call: PUT_ALARM, place: here, kind: FailureKind::Refused, code: None, message })
            }
        }
    }

    async fn delete_alarms(
        &self,
        account: &AccountId,
        region: &Region,
        names: &BTreeSet<String>,
        _: &Permit,
    ) -> Answers<String> {
        let client = &self.client(account, region).await;
        in_batches(names, NAMED_AT_ONCE, |batch| async move {
            self.pace.turn(account, region).await;
            let output = client.delete_alarms().set_alarm_names(Some(batch.clone())).send().await;
            match output.map_err(|error| port_error(DELETE_ALARMS, place(account, region), &error)) {
                Ok(_) => {}
                // One of them is gone: the others have been deleted all the same, and if not, a call for each of them is next.
                Err(error) if error.kind == FailureKind::Gone && batch.len() == 1 => {}
                Err(error) => return Err(error),
            }
            Ok(batch.into_iter().map(|name| (name, Ok(()))).collect())
        })
        .await
    }
}

impl Metrics for CloudWatch {
    async fn list_metrics(
        &self,
        account: &AccountId,
        region: &Region,
        namespace: &str,
        of: &AccountId,
    ) -> Result<BTreeSet<Metric>, PortError> {
        let client = &self.client(account, region).await;
        let here = &place(account, region);
        let linked = (self.sees_others && of != account).then(|| of.to_string());
        let listed = all_pages(LIST_METRICS, here, None, async |token| {
            let call = client
                .list_metrics()
                .namespace(namespace)
                .recently_active(RecentlyActive::Pt3H)
                .set_include_linked_accounts(linked.as_ref().map(|_| true))
                .set_owning_account(linked.clone())
                .set_next_token(token);
            let output = call.send().await.map_err(|error| port_error(LIST_METRICS, here.clone(), &error))?;
            let metrics = output.metrics().iter().filter_map(read_metric).collect();
            Ok((metrics, Next::by_token(output.next_token())))
        });
        Ok(listed.await?.into_iter().collect())
    }
}
