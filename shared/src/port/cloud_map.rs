//! Cloud Map, and the targets of load balancers that follow it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Answers, PortError};
use crate::{
    model::{
        AccountId, Attributes, BalancerZones, CloudMapService, InstanceHealth, Namespace, Operation, Region,
        ServiceKey, Subnet, Tags, Target, TargetGroup, TargetState, VpcId,
    },
    reconcile::Permit,
};

/// Namespaces of Cloud Map, their services and the instances of these, as an account sees them: its own, and those that others
/// share with it. All are named by ARN.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait CloudMap {
    /// The namespaces of this name, own and shared.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn namespaces_named(
        &self,
        account: &AccountId,
        region: &Region,
        name: &str,
    ) -> Result<Vec<Namespace>, PortError>;

    /// The services of a namespace.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn services_in(
        &self,
        account: &AccountId,
        region: &Region,
        namespace: &str,
    ) -> Result<Vec<CloudMapService>, PortError>;

    /// One service; `None` when it is not there or can't be seen.
    ///
    /// # Errors
    /// When it can't be read.
    async fn cloud_map_service(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
    ) -> Result<Option<CloudMapService>, PortError>;

    /// The instances of a service, by id; none when it is gone.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn instances(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
    ) -> Result<BTreeMap<String, Attributes>, PortError>;

    /// How the instances of a service are, by id. One that is missing is too new to tell.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn health(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
    ) -> Result<BTreeMap<String, InstanceHealth>, PortError>;

    /// The account's own operations that are under way, or failed since then: those on a service's instances, or, where no
    /// service is named, on namespaces.
    ///
    /// # Errors
    /// When any of them can't be read.
    async fn operations(
        &self,
        account: &AccountId,
        region: &Region,
        service: Option<&str>,
        since: Timestamp,
    ) -> Result<Vec<Operation>, PortError>;

    /// Begins to make a namespace: by API alone, or a private zone in this VPC.
    ///
    /// # Errors
    /// When it isn't begun, or not known to be.
    async fn create_namespace(
        &self,
        place: (&AccountId, &Region),
        name: &str,
        vpc: Option<&VpcId>,
        description: &str,
        tags: &Tags,
        permit: &Permit,
    ) -> Result<(), PortError>;

    /// Begins to delete a namespace.
    ///
    /// # Errors
    /// When it isn't begun, or not known to be.
    async fn delete_namespace(
        &self,
        account: &AccountId,
        region: &Region,
        namespace: &str,
        permit: &Permit,
    ) -> Result<(), PortError>;

    /// Makes a service in a namespace: by API alone, or with `CNAME` records of this time to live, in seconds.
    ///
    /// # Errors
    /// When it isn't made, or not known to be.
    async fn create_cloud_map_service(
        &self,
        place: (&AccountId, &Region),
        namespace: &str,
        service: &NewService,
        tags: &Tags,
        permit: &Permit,
    ) -> Result<(), PortError>;

    /// Deletes a service that has no instances. One that is gone is no error.
    ///
    /// # Errors
    /// When it isn't deleted, or not known to be.
    async fn delete_cloud_map_service(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
        permit: &Permit,
    ) -> Result<(), PortError>;

    /// Begins to register an instance, or to replace what is told of it. One that is under way already is no error.
    ///
    /// # Errors
    /// When it isn't begun, or not known to be.
    async fn register_instance(
        &self,
        place: (&AccountId, &Region),
        service: &str,
        id: &str,
        attributes: &Attributes,
        permit: &Permit,
    ) -> Result<(), PortError>;

    /// Begins to take an instance away. One that is gone, or whose operation is under way already, is no error.
    ///
    /// # Errors
    /// When it isn't begun, or not known to be.
    async fn deregister_instance(
        &self,
        place: (&AccountId, &Region),
        service: &str,
        id: &str,
        permit: &Permit,
    ) -> Result<(), PortError>;
}

/// A service of Cloud Map to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewService {
    /// Its name.
    pub name: String,
    /// What is written about it.
    pub description: String,
    /// The time to live of its `CNAME` records, in seconds; none where instances are found by API alone.
    pub records: Option<u32>,
}

/// The targets of target groups, and where the load balancers before them are.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait Targets {
    /// The target groups that carry a tag of this key.
    ///
    /// # Errors
    /// When any of them can't be read.
    async fn target_groups_tagged(
        &self,
        account: &AccountId,
        region: &Region,
        key: &str,
    ) -> Result<Vec<TargetGroup>, PortError>;

    /// The targets of a group, those that are draining, too; none when the group is gone. A target that is no address is left
    /// out: such groups hold none of ours.
    ///
    /// # Errors
    /// When they can't be read.
    async fn targets(
        &self,
        account: &AccountId,
        region: &Region,
        group: &str,
    ) -> Result<BTreeMap<Target, TargetState>, PortError>;

    /// Has load balancers send connections to targets, too. Addresses outside the VPC of the group are meant for all
    /// Availability Zones.
    async fn register_targets(
        &self,
        place: (&AccountId, &Region),
        group: &str,
        targets: &BTreeMap<Target, bool>,
        permit: &Permit,
    ) -> Answers<Target>;

    /// Has load balancers send no new connections to targets. Those that they have end in their own time.
    async fn deregister_targets(
        &self,
        place: (&AccountId, &Region),
        group: &str,
        targets: &BTreeSet<Target>,
        permit: &Permit,
    ) -> Answers<Target>;

    /// Adds tags to a target group. Others stay.
    ///
    /// # Errors
    /// When it isn't done, or not known to be.
    async fn mark_target_group(
        &self,
        place: (&AccountId, &Region),
        group: &str,
        tags: &Tags,
        permit: &Permit,
    ) -> Result<(), PortError>;

    /// Where load balancers are, by ARN. One that is gone is missing.
    ///
    /// # Errors
    /// When any of them can't be read.
    async fn balancer_zones(
        &self,
        account: &AccountId,
        region: &Region,
        load_balancers: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, BalancerZones>, PortError>;

    /// The subnets of a VPC.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn subnets(&self, account: &AccountId, region: &Region, vpc: &str) -> Result<Vec<Subnet>, PortError>;

    /// Has an endpoint service be offered in the Availability Zones that its load balancers are in by now.
    ///
    /// # Errors
    /// When it isn't done, or not known to be.
    async fn take_up_zones(&self, key: &ServiceKey, permit: &Permit) -> Result<(), PortError>;
}
