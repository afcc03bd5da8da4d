//! Reads what the plan needs: the resources of a key, and what their tags say of accounts.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, future::try_join, stream};
use jiff::SignedDuration;

use super::{CALLS_AT_ONCE, Tagger};
use crate::{
    model::{
        AccountId, Connection, Consumer, Creation, EndpointKey, EndpointService, Region, Resource, ResourceKind, Scope,
        ServiceId, ServiceKey, Tags,
    },
    plan::{
        dns::registry,
        tags::{Behind, Key, Observed, What, kinds, unknown_since, writes},
    },
    policy::{AccountField, Field, Rules, Tagging},
    port::{
        Clock, Endpoints, EventHistory, FailureKind, HostedZones, LoadBalancers, Organization, PortError, PrivateLink,
        ResourceTags,
    },
    reconcile::Observation,
};

/// After this time what was made is shown by EC2, or is gone again.
///
/// Source: EC2 API reference, "Eventual consistency": seconds to a few minutes.
const SHOWN_AFTER: SignedDuration = SignedDuration::from_mins(10);

impl<N, Z, R, O, C> Tagger<N, Z, R, O, C>
where
    N: PrivateLink + Endpoints,
    Z: HostedZones,
    R: ResourceTags + LoadBalancers + EventHistory,
    O: Organization,
    C: Clock,
{
    pub(super) async fn read(&self, key: &Key, rules: &Rules) -> Result<Observation<Observed>, PortError> {
        let mut observed = self.read_resources(key, rules).await?;
        if is_empty(&observed) {
            self.expect(key)?;
            return Ok(Observation { facts: observed, gaps: Vec::new() });
        }
        let tag_policy = self.accounts.tag_policy(&self.organization, &self.clock, &key.account, rules);
        observed.tag_policy = tag_policy.await?;
        let wanted = accounts(key, &observed, rules);
        let mut gaps = self.read_accounts(&wanted, &mut observed, rules).await;
        observed.creations = key.creation.iter().map(|made| (made.resource.clone(), made.clone())).collect();
        gaps.extend(self.look_up_creators(key, &mut observed, rules).await);
        let now = self.clock.now();
        if self.accounts.are_remembered(&observed, now).await && writes(key, &observed, rules, now) {
            self.accounts.forget_those(&observed).await;
            gaps.extend(self.read_accounts(&wanted, &mut observed, rules).await);
        }
        Ok(Observation { facts: observed, gaps })
    }

    /// Reads what the rules ask of accounts, and which reads failed.
    async fn read_accounts(
        &self,
        wanted: &BTreeSet<AccountId>,
        observed: &mut Observed,
        rules: &Rules,
    ) -> Vec<PortError> {
        let (organization, clock) = (&self.organization, &self.clock);
        let (known, mut gaps) = self.accounts.look_up(organization, clock, wanted.clone(), rules).await;
        let (units, more) = self.accounts.units(organization, clock, &known, rules).await;
        gaps.extend(more);
        (observed.accounts, observed.units) = (known, units);
        gaps
    }

    /// What was just made is there, though AWS may not show it yet: who made it would be lost.
    fn expect(&self, key: &Key) -> Result<(), PortError> {
        let is_new = |made: &Creation| self.clock.now().duration_since(made.at) < SHOWN_AFTER;
        let Some(Creation { resource, .. }) = key.creation.as_ref().filter(|made| is_new(made)) else { return Ok(()) };
        let call = match key.what {
            What::Service(_) => "ec2:DescribeVpcEndpointServiceConfigurations",
            _ => "ec2:DescribeVpcEndpoints",
        };
        let message = format!("{resource} was just made, and isn't shown yet");
        Err(PortError { call, place: key.to_string(), kind: FailureKind::Retry, code: None, message })
    }

    async fn read_resources(&self, key: &Key, rules: &Rules) -> Result<Observed, PortError> {
        let Key { account, region, what, .. } = key;
        let tagging = &rules.configuration.tags;
        let mut observed = Observed::default();
        match what {
            What::Endpoint(endpoint) => {
                let endpoint =
                    EndpointKey { account: account.clone(), region: region.clone(), endpoint: endpoint.clone() };
                observed.endpoints.extend(self.network.describe_endpoint(&endpoint).await?);
                let interfaces = observed.endpoints.iter().flat_map(|endpoint| endpoint.interfaces.clone()).collect();
                if tagging.is_for(ResourceKind::NetworkInterface) {
                    observed.interfaces = self.network.list_interfaces(account, region, Some(&interfaces)).await?;
                }
            }
            What::Endpoints => {
                let interfaces = async {
                    if !tagging.is_for(ResourceKind::NetworkInterface) {
                        return Ok(BTreeMap::new());
                    }
                    self.network.list_interfaces(account, region, None).await
                };
                let endpoints = self.network.list_endpoints(account, region);
                (observed.endpoints, observed.interfaces) = try_join(endpoints, interfaces).await?;
            }
            What::Service(_) | What::Services => {
                observed.services = self.network.list_services(account, region).await?;
                observed.behind = self.read_behind(key, &observed.services, rules).await?;
                observed.connections = self.read_connections(key, tagging).await?;
            }
            What::Connections(consumer) => {
                observed.connections = self.network.connections_of(consumer, account, region).await?;
                if !observed.connections.is_empty() {
                    observed.services = self.network.list_services(account, region).await?;
                }
            }
            What::Zones => observed.others = self.read_zones(account, region, rules).await?,
            What::Owned => {
                let (owner, kinds) = (&rules.configuration.deployment, kinds(what));
                let kinds: Vec<_> = kinds.iter().copied().filter(|kind| tagging.is_for(*kind)).collect();
                observed.others = self.resources.list_owned(account, region, owner, &kinds).await?;
            }
        }
        Ok(observed)
    }

    /// The connections of all services; of one alone where their tags speak of it, since else it is none of theirs that it was
    /// changed.
    async fn read_connections(&self, key: &Key, tagging: &Tagging) -> Result<Vec<(ServiceId, Connection)>, PortError> {
        let Key { account, region, what, .. } = key;
        let fields = || tagging.rules_for(ResourceKind::Connection).flat_map(|(_, rule)| rule.from.fields());
        let of_service = |field: &Field| matches!(field, Field::ServiceId | Field::ServiceName | Field::ServiceTag(_));
        match what {
            What::Services if tagging.is_for(ResourceKind::Connection) => {
                self.network.connections_of(&Consumer::Anybody, account, region).await
            }
            What::Service(service) if fields().any(of_service) => {
                let key = ServiceKey { account: account.clone(), region: region.clone(), service: service.clone() };
                let connections = self.network.list_connections(&key, Scope::Everything).await?;
                Ok(connections.into_iter().map(|connection| (service.clone(), connection)).collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The load balancers of the key's services, their listeners and target groups, as far as rules are for them.
    async fn read_behind(
        &self,
        key: &Key,
        services: &[EndpointService],
        rules: &Rules,
    ) -> Result<BTreeMap<Resource, Behind>, PortError> {
        let (configuration, tagging) = (&rules.configuration, &rules.configuration.tags);
        let meant = |id: &ServiceId| !matches!(&key.what, What::Service(service) if service != id);
        let looked_after = services.iter().filter(|service| configuration.looks_after(&service.tags));
        let meant = looked_after.filter(|service| meant(&service.key.service));
        let balancers: BTreeSet<&String> = meant.flat_map(|service| &service.load_balancers).collect();
        let parts = stream::iter(balancers).map(|balancer| self.parts(&key.account, &key.region, balancer, tagging));
        let parts: Vec<_> = parts.buffered(CALLS_AT_ONCE).collect().await;
        let mut behind: BTreeMap<Resource, Behind> = BTreeMap::new();
        for part in parts {
            let (balancer, parts) = part?;
            for resource in parts {
                behind.entry(resource).or_default().load_balancers.insert(balancer.clone());
            }
        }
        let resources = behind.keys().cloned().collect();
        let mut tags = self.tags_of(&key.account, &key.region, &resources).await?;
        // What has no tags is told with none; what isn't told is gone.
        behind.retain(|resource, found| tags.remove(resource).map(|tags| found.tags = tags).is_some());
        Ok(behind)
    }

    /// A load balancer, its listeners and its target groups.
    async fn parts(
        &self,
        account: &AccountId,
        region: &Region,
        balancer: &String,
        tagging: &Tagging,
    ) -> Result<(String, Vec<Resource>), PortError> {
        let listeners = async {
            if !tagging.is_for(ResourceKind::Listener) {
                return Ok(BTreeSet::new());
            }
            self.resources.list_listeners(account, region, balancer).await
        };
        let target_groups = async {
            if !tagging.is_for(ResourceKind::TargetGroup) {
                return Ok(BTreeSet::new());
            }
            self.resources.list_target_groups(account, region, balancer).await
        };
        let (listeners, target_groups) = try_join(listeners, target_groups).await?;
        let itself = tagging.is_for(ResourceKind::LoadBalancer);
        let itself = itself.then(|| Resource::new(ResourceKind::LoadBalancer, balancer));
        let listeners = listeners.into_iter().map(|arn| Resource::new(ResourceKind::Listener, arn));
        let target_groups = target_groups.into_iter().map(|arn| Resource::new(ResourceKind::TargetGroup, arn));
        Ok((balancer.clone(), itself.into_iter().chain(listeners).chain(target_groups).collect()))
    }

    /// The hosted zones that this deployment has made.
    async fn read_zones(
        &self,
        account: &AccountId,
        region: &Region,
        rules: &Rules,
    ) -> Result<BTreeMap<Resource, Tags>, PortError> {
        let zones = self.hosted_zones.list_zones(account).await?;
        let owner = &rules.configuration.deployment;
        let ours = zones.iter().filter(|zone| {
            registry::read_zone_comment(&zone.comment).is_some_and(|(deployment, _)| deployment == *owner)
        });
        let partition = crate::model::partition(region.as_str());
        let ours = ours.map(|zone| Resource::new(ResourceKind::HostedZone, zone.key.arn_in(partition)));
        let ours: BTreeSet<Resource> = ours.collect();
        let mut tags = self.tags_of(account, region, &ours).await?;
        // A zone without tags isn't told.
        Ok(ours.into_iter().map(|zone| (zone.clone(), tags.remove(&zone).unwrap_or_default())).collect())
    }

    async fn tags_of(
        &self,
        account: &AccountId,
        region: &Region,
        resources: &BTreeSet<Resource>,
    ) -> Result<BTreeMap<Resource, Tags>, PortError> {
        if resources.is_empty() {
            return Ok(BTreeMap::new());
        }
        self.resources.tags_of(account, region, resources).await
    }

    /// Reads in the history who made what carries no creator yet, and which reads failed: they are left to the next sweep, which
    /// alone does this. A call reads creations of a whole place, and may be made twice a second.
    async fn look_up_creators(&self, key: &Key, observed: &mut Observed, rules: &Rules) -> Vec<PortError> {
        let is_sweep = matches!(key.what, What::Endpoints | What::Services | What::Zones);
        if !is_sweep || !rules.configuration.tags.look_up_creators {
            return Vec::new();
        }
        let now = self.clock.now();
        let mut gaps = Vec::new();
        for kind in kinds(&key.what) {
            let Some(since) = unknown_since(key, observed, *kind, rules, now) else { continue };
            let since = self.makers.unread_since(key, *kind, since);
            match self.resources.list_creations(&key.account, &key.region, *kind, since).await {
                Ok(made) => self.makers.note(key, *kind, since, now, made),
                Err(error) => {
                    let message = format!("{}; who made what is left to a later sweep", error.message);
                    gaps.push(PortError { kind: FailureKind::Refused, message, ..error });
                }
            }
            observed.creations.extend(self.makers.known(key, *kind));
        }
        gaps
    }
}

fn is_empty(observed: &Observed) -> bool {
    let Observed { endpoints, services, connections, others, .. } = observed;
    endpoints.is_empty() && services.is_empty() && connections.is_empty() && others.is_empty()
}

/// The accounts that the rules ask more of than their ids.
fn accounts(key: &Key, observed: &Observed, rules: &Rules) -> BTreeSet<AccountId> {
    let tagging = &rules.configuration.tags;
    let fields =
        || kinds(&key.what).iter().flat_map(|kind| tagging.rules_for(*kind)).flat_map(|(_, rule)| rule.from.fields());
    let is_fact = |field: &AccountField| *field != AccountField::Id;
    let owner = fields().any(|field| matches!(field, Field::Account(field) if is_fact(field)));
    let consumers = fields().any(|field| matches!(field, Field::Consumer(field) if is_fact(field)));
    let owner = owner.then(|| key.account.clone());
    let consumers = observed.connections.iter().filter(|_| consumers).map(|(_, connection)| connection.owner.clone());
    owner.into_iter().chain(consumers).collect()
}
