//! Tags, what is behind endpoint services, and who made what, in memory.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{State, World};
use crate::{
    model::{AccountId, Creation, DeploymentId, Endpoint, InterfaceId, Region, Resource, ResourceKind, Tags, tag},
    port::{Answers, EventHistory, FailureKind, LoadBalancers, PortError, ResourceTags},
    reconcile::Permit,
};

/// What a load balancer has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoadBalancer {
    /// The ARNs of its listeners.
    pub listeners: BTreeSet<String>,
    /// The ARNs of its target groups.
    pub target_groups: BTreeSet<String>,
}

/// Where a resource is, if its tags aren't told with the resource itself.
pub type Place = (AccountId, Region, Resource);

/// Resources of one call. Source: API references of `CreateTags`, of `AddTags` and of `TagResources`.
const AT_ONCE: [(&str, usize); 3] =
    [("ec2:CreateTags", 1_000), ("elasticloadbalancing:AddTags", 20), ("tag:TagResources", 20)];

/// Creations of one page. Source: `CloudTrail` API reference, `LookupEvents`.
const PAGE: usize = 50;

/// The call that tags a resource, and how many it takes at once.
fn call(kind: ResourceKind) -> (&'static str, usize) {
    let [ec2, load_balancing, tagging] = AT_ONCE;
    match kind {
        ResourceKind::Endpoint
        | ResourceKind::NetworkInterface
        | ResourceKind::EndpointService
        | ResourceKind::Connection => ec2,
        ResourceKind::LoadBalancer | ResourceKind::Listener | ResourceKind::TargetGroup => load_balancing,
        ResourceKind::HostedZone
        | ResourceKind::CloudMapNamespace
        | ResourceKind::CloudMapService
        | ResourceKind::Alarm => tagging,
    }
}

/// The tags of a resource; `None` when it isn't there.
fn tags<'a>(state: &'a mut State, account: &AccountId, region: &Region, resource: &Resource) -> Option<&'a mut Tags> {
    let is_endpoint_here = |endpoint: &Endpoint| endpoint.key.account == *account && endpoint.key.region == *region;
    let place = (account.clone(), region.clone(), resource.clone());
    match resource.kind {
        ResourceKind::Endpoint => {
            let mut here = state.endpoints.values_mut().filter(|endpoint| is_endpoint_here(endpoint));
            here.find(|endpoint| endpoint.key.endpoint.as_str() == &*resource.id).map(|endpoint| &mut endpoint.tags)
        }
        ResourceKind::NetworkInterface => {
            let mut here = state.endpoints.values().filter(|endpoint| is_endpoint_here(endpoint));
            let is_it = |id: &InterfaceId| id.as_str() == &*resource.id;
            here.any(|endpoint| endpoint.interfaces.iter().any(is_it)).then_some(())?;
            Some(state.resource_tags.entry(place).or_default())
        }
        ResourceKind::EndpointService => {
            let mut services = state.services.iter_mut();
            let (_, (service, _)) = services.find(|(key, _)| {
                key.account == *account && key.region == *region && key.service.as_str() == &*resource.id
            })?;
            Some(&mut service.tags)
        }
        ResourceKind::Connection => {
            let here = state.services.iter_mut().filter(|(key, _)| key.account == *account && key.region == *region);
            let mut connections = here.flat_map(|(_, (_, connections))| connections.values_mut());
            let is_it = |id: &crate::model::ConnectionId| id.as_str() == &*resource.id;
            connections.find(|connection| connection.id.as_ref().is_some_and(is_it)).map(|found| &mut found.tags)
        }
        ResourceKind::HostedZone => {
            let mut zones = state.zones.keys().filter(|key| key.account == *account);
            zones.any(|key| resource.id.ends_with(&format!("hostedzone/{}", key.zone))).then_some(())?;
            Some(state.resource_tags.entry(place).or_default())
        }
        ResourceKind::Alarm if !state.resource_tags.contains_key(&place) => {
            let here = state.alarms.iter_mut().filter(|((owner, home, _), _)| (owner, home) == (account, region));
            let mut alarms = here.map(|(_, alarm)| alarm);
            alarms.find(|alarm| alarm.standing.arn == *resource.id).map(|alarm| &mut alarm.tags)
        }
        _ => state.resource_tags.get_mut(&place),
    }
}

impl ResourceTags for &World {
    async fn tags_of(
        &self,
        account: &AccountId,
        region: &Region,
        resources: &BTreeSet<Resource>,
    ) -> Result<BTreeMap<Resource, Tags>, PortError> {
        let (zones, others): (Vec<&Resource>, Vec<&Resource>) =
            resources.iter().partition(|resource| resource.kind == ResourceKind::HostedZone);
        let mut found = BTreeMap::new();
        for (call, at_once, wanted) in
            [("tag:GetResources", 100, zones), ("elasticloadbalancing:DescribeTags", 20, others)]
        {
            for page in wanted.chunks(at_once) {
                let read = |resource: &Resource, state: &State| {
                    state.resource_tags.get(&(account.clone(), region.clone(), resource.clone())).cloned()
                };
                let answer = self.read(call, account.as_str(), |state| {
                    let tagged = page.iter().filter_map(|resource| Some(((*resource).clone(), read(resource, state)?)));
                    tagged.collect::<Vec<_>>()
                })?;
                found.extend(answer);
            }
        }
        Ok(found)
    }

    async fn list_owned(
        &self,
        account: &AccountId,
        region: &Region,
        owner: &DeploymentId,
        kinds: &[ResourceKind],
    ) -> Result<BTreeMap<Resource, Tags>, PortError> {
        self.read("tag:GetResources", account.as_str(), |state| {
            let here = |of: &AccountId, at: &Region| of == account && at == region;
            let tagged = state.resource_tags.iter().filter(|((of, at, _), _)| here(of, at));
            let tagged = tagged.map(|((_, _, resource), tags)| (resource.clone(), tags));
            let alarms = state.alarms.iter().filter(|((of, at, _), _)| here(of, at));
            let alarms =
                alarms.map(|(_, alarm)| (Resource::new(ResourceKind::Alarm, alarm.standing.arn.as_str()), &alarm.tags));
            let ours = tagged.chain(alarms).filter(|(resource, tags)| {
                kinds.contains(&resource.kind) && tags.get(tag::OWNER).is_some_and(|value| value == owner.as_str())
            });
            ours.map(|(resource, tags)| (resource, tags.clone())).collect()
        })
    }

    async fn tag(
        &self,
        account: &AccountId,
        region: &Region,
        resources: &BTreeSet<Resource>,
        new: &Tags,
        _: &Permit,
    ) -> Answers<Resource> {
        let mut calls: BTreeMap<(&'static str, usize), Vec<Resource>> = BTreeMap::new();
        for resource in resources {
            calls.entry(call(resource.kind)).or_default().push(resource.clone());
        }
        let mut answers = Answers::new();
        for ((call, at_once), resources) in calls {
            for batch in resources.chunks(at_once) {
                let batch: BTreeSet<Resource> = batch.iter().cloned().collect();
                answers.extend(self.write(call, account.as_str(), &batch, |state, resource| {
                    let there = tags(state, account, region, resource).ok_or(FailureKind::Gone)?;
                    let count = there.keys().chain(new.keys()).filter(|key| !key.starts_with("aws:"));
                    if count.collect::<BTreeSet<_>>().len() > tag::TAGS_LIMIT {
                        return Err(FailureKind::Refused);
                    }
                    there.extend(new.clone());
                    Ok(())
                }));
            }
        }
        answers
    }
}

impl LoadBalancers for &World {
    async fn list_listeners(
        &self,
        account: &AccountId,
        _: &Region,
        load_balancer: &str,
    ) -> Result<BTreeSet<String>, PortError> {
        self.read("elasticloadbalancing:DescribeListeners", account.as_str(), |state| {
            state.load_balancers.get(load_balancer).map(|found| found.listeners.clone()).unwrap_or_default()
        })
    }

    async fn list_target_groups(
        &self,
        account: &AccountId,
        _: &Region,
        load_balancer: &str,
    ) -> Result<BTreeSet<String>, PortError> {
        self.read("elasticloadbalancing:DescribeTargetGroups", account.as_str(), |state| {
            state.load_balancers.get(load_balancer).map(|found| found.target_groups.clone()).unwrap_or_default()
        })
    }
}

impl EventHistory for &World {
    async fn list_creations(
        &self,
        account: &AccountId,
        region: &Region,
        kind: ResourceKind,
        since: Timestamp,
    ) -> Result<Vec<Creation>, PortError> {
        self.read_pages("cloudtrail:LookupEvents", account.as_str(), PAGE, |state, skip, take| {
            let here = state.creations.iter().rev().filter(|(of, at, made)| {
                of == account && at == region && made.resource.kind == kind && made.at >= since
            });
            Ok(here.map(|(_, _, made)| made.clone()).skip(skip).take(take).collect())
        })
    }
}
