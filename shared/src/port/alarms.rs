//! CloudWatch: alarms, dashboards, and which metrics there are.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answers, PortError};
use crate::{
    model::{AccountId, Alarm, Metric, Region, StandingAlarm, Tags},
    reconcile::Permit,
};

/// Alarms of an account and Region.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait Alarms {
    /// The alarms whose names begin with this, composite ones too.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn list_alarms(
        &self,
        account: &AccountId,
        region: &Region,
        prefix: &str,
    ) -> Result<Vec<StandingAlarm>, PortError>;

    /// The alarms of these names; those that aren't there are missing in the answer.
    ///
    /// # Errors
    /// When any of them can't be read.
    async fn describe_alarms(
        &self,
        account: &AccountId,
        region: &Region,
        names: &BTreeSet<String>,
    ) -> Result<Vec<StandingAlarm>, PortError>;

    /// The tags of alarms, by ARN. One that is gone is missing in the answer.
    ///
    /// # Errors
    /// When any of them can't be read.
    async fn alarm_tags(
        &self,
        account: &AccountId,
        region: &Region,
        arns: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Tags>, PortError>;

    /// Makes the alarm, or replaces all of it but its state and its tags. A new one gets the tags.
    ///
    /// # Errors
    /// When it isn't done, or not known to be.
    async fn put_alarm(
        &self,
        account: &AccountId,
        region: &Region,
        alarm: &Alarm,
        acts: bool,
        tags: &Tags,
        permit: &Permit,
    ) -> Result<(), PortError>;

    /// Deletes alarms: one composite one, or others. One that is gone already counts as deleted.
    async fn delete_alarms(
        &self,
        account: &AccountId,
        region: &Region,
        names: &BTreeSet<String>,
        permit: &Permit,
    ) -> Answers<String>;
}

/// Dashboards of an account. They are in no Region: calls go to the one that is named.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait Dashboards {
    /// The names of the dashboards that begin with this.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn list_dashboards(
        &self,
        account: &AccountId,
        region: &Region,
        prefix: &str,
    ) -> Result<BTreeSet<String>, PortError>;

    /// The body of a dashboard; `None` when it isn't there.
    ///
    /// # Errors
    /// When it can't be read.
    async fn dashboard(&self, account: &AccountId, region: &Region, name: &str) -> Result<Option<String>, PortError>;

    /// Makes the dashboard, or replaces it.
    ///
    /// # Errors
    /// When it isn't done, or not known to be.
    async fn put_dashboard(
        &self,
        account: &AccountId,
        region: &Region,
        name: &str,
        body: &str,
        permit: &Permit,
    ) -> Result<(), PortError>;

    /// Deletes a dashboard. One that is gone already counts as deleted.
    ///
    /// # Errors
    /// When it isn't done, or not known to be.
    async fn delete_dashboard(
        &self,
        account: &AccountId,
        region: &Region,
        name: &str,
        permit: &Permit,
    ) -> Result<(), PortError>;
}

/// Which metrics there are.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait Metrics {
    /// The metrics of a namespace that had data in the last three hours; those of another account where its metrics are seen
    /// from here.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn list_metrics(
        &self,
        account: &AccountId,
        region: &Region,
        namespace: &str,
        of: &AccountId,
    ) -> Result<BTreeSet<Metric>, PortError>;
}
