//! Endpoints and the VPCs that they are in, seen from the consumer's account.

use std::collections::{BTreeMap, BTreeSet};

use super::PortError;
use crate::{
    model::{AccountId, Endpoint, EndpointKey, InterfaceAddress, InterfaceId, Offer, Region, Tags, Vpc, VpcReference},
    reconcile::Permit,
};

/// Endpoints of consumers.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait Endpoints {
    /// All endpoints of one account and Region that have network interfaces: of types Interface and `GatewayLoadBalancer`.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn list_endpoints(&self, account: &AccountId, region: &Region) -> Result<Vec<Endpoint>, PortError>;

    /// One endpoint of whatever type; `None` when it is not there.
    ///
    /// # Errors
    /// When it can't be read.
    async fn describe_endpoint(&self, key: &EndpointKey) -> Result<Option<Endpoint>, PortError>;

    /// The network interfaces of endpoints in one account and Region with their tags: these, or all.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn list_interfaces(
        &self,
        account: &AccountId,
        region: &Region,
        wanted: Option<&BTreeSet<InterfaceId>>,
    ) -> Result<BTreeMap<InterfaceId, Tags>, PortError>;

    /// Where these network interfaces are. One that is gone is missing.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn interface_addresses(
        &self,
        account: &AccountId,
        region: &Region,
        interfaces: &BTreeSet<InterfaceId>,
    ) -> Result<BTreeMap<InterfaceId, InterfaceAddress>, PortError>;

    /// What a service of this name offers to endpoints of the account and Region; `None` when nothing of this name can be
    /// seen from there.
    ///
    /// # Errors
    /// When it can't be read.
    async fn describe_offer(
        &self,
        account: &AccountId,
        region: &Region,
        service_name: &str,
    ) -> Result<Option<Offer>, PortError>;

    /// All VPCs of one account and Region.
    ///
    /// # Errors
    /// When any page can't be read.
    async fn list_vpcs(&self, account: &AccountId, region: &Region) -> Result<Vec<Vpc>, PortError>;

    /// Whether a VPC has both DNS support and DNS host names; `None` when it is not there.
    ///
    /// # Errors
    /// When it can't be read.
    async fn resolves_private_names(&self, account: &AccountId, vpc: &VpcReference) -> Result<Option<bool>, PortError>;

    /// Has the private DNS name of the service lead to the endpoint in its VPC.
    ///
    /// # Errors
    /// When it isn't done, or not known to be.
    async fn enable_private_dns(&self, key: &EndpointKey, permit: &Permit) -> Result<(), PortError>;
}
