//! Tags of resources, the load balancers behind endpoint services, and who made what.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Answers, PortError};
use crate::{
    model::{AccountId, Creation, DeploymentId, Region, Resource, ResourceKind, Tags},
    reconcile::Permit,
};

/// Tags of resources, each in the account and Region that have it.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait ResourceTags {
    /// The tags of these resources, none of which is EC2's. One that is gone is missing in the answer; one that has no tags may
    /// be, too.
    ///
    /// # Errors
    /// When any of them can't be read.
    async fn tags_of(
        &self,
        account: &AccountId,
        region: &Region,
        resources: &BTreeSet<Resource>,
    ) -> Result<BTreeMap<Resource, Tags>, PortError>;

    /// The resources of these kinds that the deployment has marked as made by it, with their tags.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn list_owned(
        &self,
        account: &AccountId,
        region: &Region,
        owner: &DeploymentId,
        kinds: &[ResourceKind],
    ) -> Result<BTreeMap<Resource, Tags>, PortError>;

    /// Adds the tags to the resources, or replaces the values of these keys. Other tags stay.
    async fn tag(
        &self,
        account: &AccountId,
        region: &Region,
        resources: &BTreeSet<Resource>,
        tags: &Tags,
        permit: &Permit,
    ) -> Answers<Resource>;
}

/// Load balancers behind endpoint services.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait LoadBalancers {
    /// The ARNs of the listeners of a load balancer; none when it is gone.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn list_listeners(
        &self,
        account: &AccountId,
        region: &Region,
        load_balancer: &str,
    ) -> Result<BTreeSet<String>, PortError>;

    /// The ARNs of the target groups of a load balancer; none when it is gone.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn list_target_groups(
        &self,
        account: &AccountId,
        region: &Region,
        load_balancer: &str,
    ) -> Result<BTreeSet<String>, PortError>;
}

/// The event history of an account: who made what.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait EventHistory {
    /// What resources of this kind were made since then, the latest first, as far as the history was read.
    ///
    /// It reaches back 90 days and lags by minutes: what isn't in it may have been made all the same.
    ///
    /// # Errors
    /// When it can't be read.
    async fn list_creations(
        &self,
        account: &AccountId,
        region: &Region,
        kind: ResourceKind,
        since: Timestamp,
    ) -> Result<Vec<Creation>, PortError>;
}
