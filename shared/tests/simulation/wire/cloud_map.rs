//! Cloud Map, targets, and where load balancers are.

use std::collections::{BTreeMap, BTreeSet};

use drawbridge::{
    model::{
        AccountId, Attributes, BalancerZones, CloudMapService, InstanceHealth, Namespace, Operation, Region,
        ServiceKey, Subnet, Tags, Target, TargetGroup, TargetState, VpcId,
    },
    port::{Answers, CloudMap, NewService, PortError, Targets},
    reconcile::Permit,
};
use jiff::Timestamp;

use super::Ports;
use crate::cloud_map::invariant::Check;

impl Ports {
    fn check_discovery(&self, check: impl FnOnce(&Check<'_>)) {
        if let Some(held) = Check::of(self.stage(), &self.run()) {
            check(&held);
        }
    }
}

impl CloudMap for Ports {
    async fn namespaces_named(
        &self,
        account: &AccountId,
        region: &Region,
        name: &str,
    ) -> Result<Vec<Namespace>, PortError> {
        let world = &self.stage().world;
        let answer = world.namespaces_named(account, region, name);
        self.read_as(Some(account), "servicediscovery:ListNamespaces", account.as_str(), answer).await
    }

    async fn services_in(
        &self,
        account: &AccountId,
        region: &Region,
        namespace: &str,
    ) -> Result<Vec<CloudMapService>, PortError> {
        let world = &self.stage().world;
        let answer = world.services_in(account, region, namespace);
        self.read_as(Some(account), "servicediscovery:ListServices", namespace, answer).await
    }

    async fn cloud_map_service(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
    ) -> Result<Option<CloudMapService>, PortError> {
        let world = &self.stage().world;
        let answer = world.cloud_map_service(account, region, service);
        self.read_as(Some(account), "servicediscovery:GetService", service, answer).await
    }

    async fn instances(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
    ) -> Result<BTreeMap<String, Attributes>, PortError> {
        let list = async || {
            let world = &self.stage().world;
            let answer = world.instances(account, region, service);
            let listed = self.read_as(Some(account), "servicediscovery:ListInstances", service, answer).await;
            listed.map(|listed| listed.into_iter().collect())
        };
        Ok(self.paged(list, |(id, _): &(String, Attributes)| id.clone()).await?.into_iter().collect())
    }

    async fn health(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
    ) -> Result<BTreeMap<String, InstanceHealth>, PortError> {
        let world = &self.stage().world;
        let answer = world.health(account, region, service);
        self.read_as(Some(account), "servicediscovery:GetInstancesHealthStatus", service, answer).await
    }

    async fn operations(
        &self,
        account: &AccountId,
        region: &Region,
        service: Option<&str>,
        since: Timestamp,
    ) -> Result<Vec<Operation>, PortError> {
        let world = &self.stage().world;
        let answer = world.operations(account, region, service, since);
        let about = service.unwrap_or(account.as_str());
        self.read_as(Some(account), "servicediscovery:ListOperations", about, answer).await
    }

    async fn create_namespace(
        &self,
        place: (&AccountId, &Region),
        name: &str,
        vpc: Option<&VpcId>,
        description: &str,
        tags: &Tags,
        permit: &Permit,
    ) -> Result<(), PortError> {
        let world = &self.stage().world;
        let answer = world.create_namespace(place, name, vpc, description, tags, permit);
        self.write_as(place.0, "servicediscovery:CreateHttpNamespace", name, answer).await
    }

    async fn delete_namespace(
        &self,
        account: &AccountId,
        region: &Region,
        namespace: &str,
        permit: &Permit,
    ) -> Result<(), PortError> {
        self.check_discovery(|check| check.delete(namespace));
        let world = &self.stage().world;
        let answer = world.delete_namespace(account, region, namespace, permit);
        self.write_as(account, "servicediscovery:DeleteNamespace", namespace, answer).await
    }

    async fn create_cloud_map_service(
        &self,
        place: (&AccountId, &Region),
        namespace: &str,
        service: &NewService,
        tags: &Tags,
        permit: &Permit,
    ) -> Result<(), PortError> {
        let world = &self.stage().world;
        let answer = world.create_cloud_map_service(place, namespace, service, tags, permit);
        self.write_as(place.0, "servicediscovery:CreateService", &service.name, answer).await
    }

    async fn delete_cloud_map_service(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
        permit: &Permit,
    ) -> Result<(), PortError> {
        self.check_discovery(|check| check.delete(service));
        let world = &self.stage().world;
        let answer = world.delete_cloud_map_service(account, region, service, permit);
        self.write_as(account, "servicediscovery:DeleteService", service, answer).await
    }

    async fn register_instance(
        &self,
        place: (&AccountId, &Region),
        service: &str,
        id: &str,
        attributes: &Attributes,
        permit: &Permit,
    ) -> Result<(), PortError> {
        self.check_discovery(|check| check.register(place.0, service, id, attributes));
        let world = &self.stage().world;
        let answer = world.register_instance(place, service, id, attributes, permit);
        self.write_as(place.0, "servicediscovery:RegisterInstance", id, answer).await
    }

    async fn deregister_instance(
        &self,
        place: (&AccountId, &Region),
        service: &str,
        id: &str,
        permit: &Permit,
    ) -> Result<(), PortError> {
        self.check_discovery(|check| check.deregister(place.0, service, id));
        let world = &self.stage().world;
        let answer = world.deregister_instance(place, service, id, permit);
        self.write_as(place.0, "servicediscovery:DeregisterInstance", id, answer).await
    }
}

impl Targets for Ports {
    async fn target_groups_tagged(
        &self,
        account: &AccountId,
        region: &Region,
        key: &str,
    ) -> Result<Vec<TargetGroup>, PortError> {
        let world = &self.stage().world;
        let answer = world.target_groups_tagged(account, region, key);
        self.read_as(Some(account), "elasticloadbalancing:DescribeTargetGroups", account.as_str(), answer).await
    }

    async fn targets(
        &self,
        account: &AccountId,
        region: &Region,
        group: &str,
    ) -> Result<BTreeMap<Target, TargetState>, PortError> {
        let world = &self.stage().world;
        let answer = world.targets(account, region, group);
        self.read_as(Some(account), "elasticloadbalancing:DescribeTargetHealth", group, answer).await
    }

    async fn register_targets(
        &self,
        place: (&AccountId, &Region),
        group: &str,
        targets: &BTreeMap<Target, bool>,
        permit: &Permit,
    ) -> Answers<Target> {
        self.check_discovery(|check| check.register_targets(group, targets.keys()));
        let items = targets.keys().copied().collect();
        let world = &self.stage().world;
        let answer = world.register_targets(place, group, targets, permit);
        self.write_items_as(Some(place.0), "elasticloadbalancing:RegisterTargets", group, &items, answer).await
    }

    async fn deregister_targets(
        &self,
        place: (&AccountId, &Region),
        group: &str,
        targets: &BTreeSet<Target>,
        permit: &Permit,
    ) -> Answers<Target> {
        self.check_discovery(|check| check.deregister_targets(group, targets));
        let world = &self.stage().world;
        let answer = world.deregister_targets(place, group, targets, permit);
        self.write_items_as(Some(place.0), "elasticloadbalancing:DeregisterTargets", group, targets, answer).await
    }

    async fn mark_target_group(
        &self,
        place: (&AccountId, &Region),
        group: &str,
        tags: &Tags,
        permit: &Permit,
    ) -> Result<(), PortError> {
        let world = &self.stage().world;
        let answer = world.mark_target_group(place, group, tags, permit);
        self.write_as(place.0, "elasticloadbalancing:AddTags", group, answer).await
    }

    async fn balancer_zones(
        &self,
        account: &AccountId,
        region: &Region,
        load_balancers: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, BalancerZones>, PortError> {
        let world = &self.stage().world;
        let answer = world.balancer_zones(account, region, load_balancers);
        self.read_as(Some(account), "elasticloadbalancing:DescribeLoadBalancers", account.as_str(), answer).await
    }

    async fn subnets(&self, account: &AccountId, region: &Region, vpc: &str) -> Result<Vec<Subnet>, PortError> {
        let world = &self.stage().world;
        let answer = world.subnets(account, region, vpc);
        self.read_as(Some(account), "ec2:DescribeSubnets", vpc, answer).await
    }

    async fn take_up_zones(&self, key: &ServiceKey, permit: &Permit) -> Result<(), PortError> {
        self.check_discovery(|check| check.take_up_zones(key));
        let world = &self.stage().world;
        let answer = world.take_up_zones(key, permit);
        let call = "ec2:ModifyVpcEndpointServiceConfiguration";
        self.write_as(&key.account, call, key.service.as_str(), answer).await
    }
}
