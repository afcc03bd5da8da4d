//! Endpoints and VPCs of consumers.

use std::collections::{BTreeMap, BTreeSet};

use drawbridge::{
    model::{AccountId, Endpoint, EndpointKey, InterfaceAddress, InterfaceId, Offer, Region, Tags, Vpc, VpcReference},
    port::{Endpoints, PortError},
    reconcile::Permit,
};

use super::Ports;
use crate::dns;

const DESCRIBE_ENDPOINTS: &str = "ec2:DescribeVpcEndpoints";

impl Endpoints for Ports {
    async fn list_endpoints(&self, account: &AccountId, region: &Region) -> Result<Vec<Endpoint>, PortError> {
        let world = &self.stage().world;
        let list = async || {
            let answer = world.list_endpoints(account, region);
            self.read_as(Some(account), DESCRIBE_ENDPOINTS, account.as_str(), answer).await
        };
        self.paged(list, |endpoint| endpoint.key.clone()).await
    }

    async fn list_interfaces(
        &self,
        account: &AccountId,
        region: &Region,
        wanted: Option<&BTreeSet<InterfaceId>>,
    ) -> Result<BTreeMap<InterfaceId, Tags>, PortError> {
        let world = &self.stage().world;
        let list = async || {
            let answer = world.list_interfaces(account, region, wanted);
            let listed = self.read_as(Some(account), "ec2:DescribeNetworkInterfaces", account.as_str(), answer).await;
            listed.map(|listed| listed.into_iter().collect())
        };
        Ok(self.paged(list, |(interface, _)| interface.clone()).await?.into_iter().collect())
    }

    async fn describe_endpoint(&self, key: &EndpointKey) -> Result<Option<Endpoint>, PortError> {
        let world = &self.stage().world;
        let answer = world.describe_endpoint(key);
        self.read_as(Some(&key.account), DESCRIBE_ENDPOINTS, key.endpoint.as_str(), answer).await
    }

    async fn interface_addresses(
        &self,
        account: &AccountId,
        region: &Region,
        interfaces: &BTreeSet<InterfaceId>,
    ) -> Result<BTreeMap<InterfaceId, InterfaceAddress>, PortError> {
        let world = &self.stage().world;
        let answer = world.interface_addresses(account, region, interfaces);
        self.read_as(Some(account), "ec2:DescribeNetworkInterfaces", account.as_str(), answer).await
    }

    async fn describe_offer(
        &self,
        account: &AccountId,
        region: &Region,
        service_name: &str,
    ) -> Result<Option<Offer>, PortError> {
        let world = &self.stage().world;
        let answer = world.describe_offer(account, region, service_name);
        self.read_as(Some(account), "ec2:DescribeVpcEndpointServices", service_name, answer).await
    }

    async fn list_vpcs(&self, account: &AccountId, region: &Region) -> Result<Vec<Vpc>, PortError> {
        let stage = self.stage();
        let world = &stage.world;
        let list = async || {
            let answer = world.list_vpcs(account, region);
            self.read_as(Some(account), "ec2:DescribeVpcs", account.as_str(), answer).await
        };
        let listed = self.paged(list, |vpc| vpc.reference.clone()).await?;
        self.wire.vpcs_read.borrow_mut().insert(account.clone(), stage.now());
        Ok(listed)
    }

    async fn resolves_private_names(&self, account: &AccountId, vpc: &VpcReference) -> Result<Option<bool>, PortError> {
        let world = &self.stage().world;
        let answer = world.resolves_private_names(account, vpc);
        self.read_as(Some(account), "ec2:DescribeVpcAttribute", vpc.vpc.as_str(), answer).await
    }

    async fn enable_private_dns(&self, key: &EndpointKey, permit: &Permit) -> Result<(), PortError> {
        let stage = self.stage();
        let world = &stage.world;
        dns::invariant::before_private_name(stage, &self.run(), key);
        let answer = world.enable_private_dns(key, permit);
        self.write_as(&key.account, "ec2:ModifyVpcEndpoint", key.endpoint.as_str(), answer).await
    }
}
