//! Reads what the plan needs: endpoints and instances, targets and what they follow, zones.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, future::try_join, stream};

use super::{CALLS_AT_ONCE, CloudMap};
use crate::{
    model::{BalancerZones, CloudMapService, Subnet, TargetGroup},
    plan::cloud_map::{
        FAILURE_STANDS, Followed, Key, Observed, Registry, Source, What, addressed, followed_service, unsettled,
    },
    policy::{RegisterEndpoints, Rules},
    port::{self, Clock, Endpoints, PortError, PrivateLink, Targets, earlier},
    reconcile::Observation,
};

impl<N, M, L, C> CloudMap<N, M, L, C>
where
    N: PrivateLink + Endpoints,
    M: port::CloudMap,
    L: Targets,
    C: Clock,
{
    pub(super) async fn read(&self, key: &Key, rules: &Rules) -> Result<Observation<Observed>, PortError> {
        match key.what {
            What::Instances => {
                let registry = self.read_registry(key, rules).await?;
                Ok(Observation { facts: Observed::Instances(registry), gaps: Vec::new() })
            }
            What::Targets => self.read_targets(key, rules).await,
            What::Zones => self.read_zones(key, rules).await,
        }
    }

    async fn read_registry(&self, key: &Key, rules: &Rules) -> Result<Registry, PortError> {
        let (account, region, mapping) = (&key.account, &key.region, &rules.configuration.cloud_map);
        let Some(name) = &mapping.namespace else { return Ok(Registry::default()) };
        let endpoints = async {
            match mapping.endpoints {
                RegisterEndpoints::Register => self.network.list_endpoints(account, region).await,
                RegisterEndpoints::None | RegisterEndpoints::Remove => Ok(Vec::new()),
            }
        };
        let (endpoints, namespaces) =
            try_join(endpoints, self.discovery.namespaces_named(account, region, name)).await?;
        let mut registry = Registry { endpoints, namespaces, ..Registry::default() };
        if let [namespace] = registry.namespaces.as_slice() {
            let services = self.discovery.services_in(account, region, &namespace.arn).await?;
            let read = |service: CloudMapService| async move {
                let instances = self.discovery.instances(account, region, &service.arn).await?;
                Ok::<_, PortError>((service, instances))
            };
            let read: Vec<_> = stream::iter(services).map(read).buffered(CALLS_AT_ONCE).collect().await;
            registry.services = read.into_iter().collect::<Result<_, _>>()?;
        }
        let interfaces = addressed(key, &registry, rules);
        if !interfaces.is_empty() {
            registry.addresses = self.network.interface_addresses(account, region, &interfaces).await?;
        }
        let now = self.clock.now();
        for scope in unsettled(key, &registry, rules, now) {
            let service = Some(scope.as_str()).filter(|scope| !scope.is_empty());
            let since = earlier(now, FAILURE_STANDS);
            let operations = self.discovery.operations(account, region, service, since).await?;
            registry.operations.insert(scope, operations);
        }
        Ok(registry)
    }

    /// Each group stands alone: one that can't be read is left as it is.
    async fn read_targets(&self, key: &Key, rules: &Rules) -> Result<Observation<Observed>, PortError> {
        let (account, region) = (&key.account, &key.region);
        let tag = &rules.configuration.cloud_map.tag_key;
        let groups = self.load_balancing.target_groups_tagged(account, region, tag).await?;
        let balancers: BTreeSet<String> = groups.iter().flat_map(|group| group.load_balancers.clone()).collect();
        let vpcs: BTreeSet<&String> = groups.iter().filter_map(|group| group.vpc.as_ref()).collect();
        let balancers = async {
            if balancers.is_empty() {
                return Ok(BTreeMap::new());
            }
            self.load_balancing.balancer_zones(account, region, &balancers).await
        };
        let subnets = async {
            let read = |vpc: &String| {
                let vpc = vpc.clone();
                async move {
                    let subnets = self.load_balancing.subnets(account, region, &vpc).await?;
                    Ok::<_, PortError>((vpc, subnets))
                }
            };
            let read: Vec<_> = stream::iter(vpcs).map(read).buffered(CALLS_AT_ONCE).collect().await;
            read.into_iter().collect::<Result<BTreeMap<_, _>, _>>()
        };
        let (balancers, subnets) = try_join(balancers, subnets).await?;
        let (balancers, subnets) = (&balancers, &subnets);
        let follow = |group| self.follow(key, group, balancers, subnets, rules);
        let read: Vec<_> = stream::iter(groups).map(follow).buffered(CALLS_AT_ONCE).collect().await;
        let (mut followed, mut gaps) = (Vec::new(), Vec::new());
        for answer in read {
            match answer {
                Ok(group) => followed.push(group),
                Err(error) => gaps.push(error),
            }
        }
        Ok(Observation { facts: Observed::Targets(followed), gaps })
    }

    async fn follow(
        &self,
        key: &Key,
        group: TargetGroup,
        balancers: &BTreeMap<String, BalancerZones>,
        subnets: &BTreeMap<String, Vec<Subnet>>,
        rules: &Rules,
    ) -> Result<Followed, PortError> {
        let balancers = balancers.iter().filter(|(arn, _)| group.load_balancers.contains(*arn));
        let balancers = balancers.map(|(arn, zones)| (arn.clone(), zones.clone())).collect();
        let subnets = group.vpc.as_ref().and_then(|vpc| subnets.get(vpc)).cloned().unwrap_or_default();
        let (mut targets, mut service) = (BTreeMap::new(), None);
        if let Ok(arn) = followed_service(&group, rules) {
            let registered = self.load_balancing.targets(&key.account, &key.region, &group.arn);
            (targets, service) = try_join(registered, self.read_service(key, arn)).await?;
        }
        Ok(Followed { group, targets, service, balancers, subnets })
    }

    async fn read_service(&self, key: &Key, arn: &str) -> Result<Option<Source>, PortError> {
        let (account, region, cloud_map) = (&key.account, &key.region, &self.discovery);
        let Some(service) = cloud_map.cloud_map_service(account, region, arn).await? else { return Ok(None) };
        let health = async {
            if service.is_checked { cloud_map.health(account, region, arn).await } else { Ok(BTreeMap::new()) }
        };
        let (instances, health) = try_join(cloud_map.instances(account, region, arn), health).await?;
        Ok(Some((service, instances, health)))
    }

    async fn read_zones(&self, key: &Key, rules: &Rules) -> Result<Observation<Observed>, PortError> {
        let (account, region) = (&key.account, &key.region);
        let mut services = self.network.list_services(account, region).await?;
        services.retain(|service| rules.configuration.looks_after(&service.tags));
        let balancers: BTreeSet<String> = services.iter().flat_map(|service| service.load_balancers.clone()).collect();
        let zones = if balancers.is_empty() {
            BTreeMap::new()
        } else {
            self.load_balancing.balancer_zones(account, region, &balancers).await?
        };
        let with_zones = services.into_iter().map(|service| {
            let of = service.load_balancers.iter().filter_map(|arn| zones.get(arn));
            let of = of.flat_map(|balancer| balancer.zones.clone()).collect();
            (service, of)
        });
        Ok(Observation { facts: Observed::Zones(with_zones.collect()), gaps: Vec::new() })
    }
}
