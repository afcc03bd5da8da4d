//! Targets of load balancers, in memory: a target answers some time after it was registered, and drains when it is deregistered.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;

use super::{State, World, fault::Refusal, private_link::no_service};
use crate::{
    model::{
        AccountId, BalancerZones, Region, Resource, ResourceKind, ServiceKey, Subnet, Tags, Target, TargetGroup,
        TargetState,
    },
    port::{Answers, Clock, FailureKind, PortError, Targets, later},
    reconcile::Permit,
};

/// How long a target is checked before it answers.
pub const FIRST_CHECKS: Duration = Duration::from_secs(5);
/// How long a target drains. Source: Elastic Load Balancing user guide, `deregistration_delay.timeout_seconds`.
pub const DRAINING: Duration = Duration::from_mins(5);

/// Groups or load balancers of one call. Source: Elastic Load Balancing API reference.
const AT_ONCE: usize = 20;
/// Targets of one call.
const TARGETS_AT_ONCE: usize = 100;

/// A target group with its targets, each with the time at which its state changes by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledGroup {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// The group; its tags stand with those of other resources.
    pub group: TargetGroup,
    /// Its targets.
    pub targets: BTreeMap<Target, (TargetState, Timestamp)>,
}

fn place(account: &AccountId, region: &Region) -> String {
    format!("{account}/{region}")
}

impl World {
    /// Has targets answer, or be gone, whose time has come.
    pub(super) fn settle_targets(&self) {
        let now = self.now();
        let changes = |(state, due): &(TargetState, Timestamp)| {
            *due <= now && matches!(state, TargetState::Initial | TargetState::Draining)
        };
        if !self.state().target_groups.values().any(|filled| filled.targets.values().any(changes)) {
            return;
        }
        for filled in self.change().target_groups.values_mut() {
            filled.targets.retain(|_, standing| standing.0 != TargetState::Draining || !changes(standing));
            for standing in filled.targets.values_mut().filter(|standing| changes(standing)) {
                standing.0 = TargetState::Healthy;
            }
        }
    }

    fn write_targets(
        &self,
        call: &'static str,
        (account, region): (&AccountId, &Region),
        group: &str,
        targets: &BTreeSet<Target>,
        apply: impl Fn(&mut FilledGroup, Target) -> Result<(), FailureKind>,
    ) -> Answers<Target> {
        let targets: Vec<Target> = targets.iter().copied().collect();
        let batches = targets.chunks(TARGETS_AT_ONCE);
        batches
            .flat_map(|batch| {
                let batch = batch.iter().copied().collect();
                self.write(call, &place(account, region), &batch, |state, target| {
                    let found = state.target_groups.get_mut(group).ok_or(FailureKind::Gone)?;
                    apply(found, *target)
                })
            })
            .collect()
    }
}

/// A group as it is described, with its tags.
fn described(state: &State, filled: &FilledGroup) -> Option<TargetGroup> {
    let resource = Resource::new(ResourceKind::TargetGroup, filled.group.arn.as_str());
    let tags: Option<&Tags> = state.resource_tags.get(&(filled.account.clone(), filled.region.clone(), resource));
    Some(TargetGroup { tags: tags?.clone(), ..filled.group.clone() })
}

impl Targets for &World {
    async fn target_groups_tagged(
        &self,
        account: &AccountId,
        region: &Region,
        key: &str,
    ) -> Result<Vec<TargetGroup>, PortError> {
        let here = &place(account, region);
        let tagged: Vec<String> = self.read("tag:GetResources", here, |state| {
            let tagged = state.resource_tags.iter().filter(|((of, at, resource), tags)| {
                of == account && at == region && resource.kind == ResourceKind::TargetGroup && tags.contains_key(key)
            });
            tagged.map(|((_, _, resource), _)| resource.id.to_string()).collect()
        })?;
        let mut groups = Vec::new();
        for batch in tagged.chunks(AT_ONCE) {
            groups.extend(self.read("elasticloadbalancing:DescribeTargetGroups", here, |state| {
                let found = batch.iter().filter_map(|arn| state.target_groups.get(arn));
                found.filter_map(|filled| described(state, filled)).collect::<Vec<_>>()
            })?);
        }
        for _ in groups.iter().filter(|group| !group.load_balancers.is_empty()) {
            self.read("elasticloadbalancing:DescribeTargetGroupAttributes", here, |_| ())?;
        }
        Ok(groups)
    }

    async fn targets(
        &self,
        account: &AccountId,
        region: &Region,
        group: &str,
    ) -> Result<BTreeMap<Target, TargetState>, PortError> {
        self.read("elasticloadbalancing:DescribeTargetHealth", &place(account, region), |state| {
            let Some(filled) = state.target_groups.get(group) else { return BTreeMap::new() };
            let is_used = !filled.group.load_balancers.is_empty();
            let shown = |state: &TargetState| match state {
                TargetState::Draining => TargetState::Draining,
                _ if !is_used => TargetState::Unused,
                state => state.clone(),
            };
            filled.targets.iter().map(|(target, (state, _))| (*target, shown(state))).collect()
        })
    }

    async fn register_targets(
        &self,
        place: (&AccountId, &Region),
        group: &str,
        targets: &BTreeMap<Target, bool>,
        _: &Permit,
    ) -> Answers<Target> {
        let due = later(self.now(), FIRST_CHECKS);
        let wanted = targets.keys().copied().collect();
        self.write_targets("elasticloadbalancing:RegisterTargets", place, group, &wanted, |filled, target| {
            if filled.group.target_type != "ip" {
                return Err(FailureKind::Refused);
            }
            let stands = filled.targets.get(&target).is_some_and(|(state, _)| *state != TargetState::Draining);
            if !stands {
                filled.targets.insert(target, (TargetState::Initial, due));
            }
            Ok(())
        })
    }

    async fn deregister_targets(
        &self,
        place: (&AccountId, &Region),
        group: &str,
        targets: &BTreeSet<Target>,
        _: &Permit,
    ) -> Answers<Target> {
        let due = later(self.now(), DRAINING);
        self.write_targets("elasticloadbalancing:DeregisterTargets", place, group, targets, |filled, target| {
            match filled.targets.get_mut(&target) {
                Some(standing) => {
                    *standing = (TargetState::Draining, due);
                    Ok(())
                }
                None => Err(FailureKind::Refused),
            }
        })
    }

    async fn mark_target_group(
        &self,
        (account, region): (&AccountId, &Region),
        group: &str,
        tags: &Tags,
        _: &Permit,
    ) -> Result<(), PortError> {
        let resource = Resource::new(ResourceKind::TargetGroup, group);
        let key = (account.clone(), region.clone(), resource);
        self.write_one("elasticloadbalancing:AddTags", &place(account, region), |state| {
            let gone = || Refusal::gone("TargetGroupNotFound", "there is no such target group");
            state.resource_tags.get_mut(&key).ok_or_else(gone)?.extend(tags.clone());
            Ok(())
        })
    }

    async fn balancer_zones(
        &self,
        account: &AccountId,
        region: &Region,
        load_balancers: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, BalancerZones>, PortError> {
        let here = &place(account, region);
        let arns: Vec<&String> = load_balancers.iter().collect();
        let mut found = BTreeMap::new();
        for batch in arns.chunks(AT_ONCE) {
            found.extend(self.read("elasticloadbalancing:DescribeLoadBalancers", here, |state| {
                let zones = |arn: &&String| Some(((*arn).clone(), state.balancer_zones.get(*arn)?.clone()));
                batch.iter().filter_map(zones).collect::<Vec<_>>()
            })?);
        }
        for _ in &found {
            self.read("elasticloadbalancing:DescribeLoadBalancerAttributes", here, |_| ())?;
        }
        Ok(found)
    }

    async fn subnets(&self, account: &AccountId, region: &Region, vpc: &str) -> Result<Vec<Subnet>, PortError> {
        self.read("ec2:DescribeSubnets", &place(account, region), |state| {
            state.subnets.get(vpc).cloned().unwrap_or_default()
        })
    }

    async fn take_up_zones(&self, key: &ServiceKey, _: &Permit) -> Result<(), PortError> {
        self.write_one("ec2:ModifyVpcEndpointServiceConfiguration", &key.to_string(), |state| {
            let (service, _) = state.services.get(key).ok_or_else(no_service)?;
            let balancers = service.load_balancers.iter().filter_map(|arn| state.balancer_zones.get(arn));
            let zones: BTreeSet<String> = balancers.flat_map(|balancer| balancer.zones.clone()).collect();
            if let Some((service, _)) = state.services.get_mut(key) {
                service.availability_zones = zones;
            }
            Ok::<_, Refusal>(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn target_answers_after_its_checks_and_drains_before_it_is_gone() {
        let world = &World::at("2026-11-02T10:00:00Z".parse().unwrap());
        let (account, region): (AccountId, Region) = ("444444444444".parse().unwrap(), "eu-west-1".parse().unwrap());
        let group = TargetGroup {
            arn: "group".to_owned(),
            target_type: "ip".to_owned(),
            port: Some(80),
            is_ipv6: false,
            vpc: None,
            load_balancers: ["balancer".to_owned()].into(),
            crosses_zones: None,
            tags: Tags::new(),
        };
        let filled = FilledGroup { account: account.clone(), region: region.clone(), group, targets: BTreeMap::new() };
        world.change().target_groups.insert("group".to_owned(), filled);
        let target = Target { address: "10.0.0.1".parse().unwrap(), port: 80 };
        let (place, permit, ports) = ((&account, &region), Permit::for_tests(), &world);
        let state = || async { ports.targets(&account, &region, "group").await.unwrap().get(&target).cloned() };
        assert_eq!(ports.register_targets(place, "group", &[(target, false)].into(), &permit).await[&target], Ok(()));
        assert_eq!(state().await, Some(TargetState::Initial));
        world.advance(FIRST_CHECKS);
        assert_eq!(state().await, Some(TargetState::Healthy));
        assert_eq!(ports.deregister_targets(place, "group", &[target].into(), &permit).await[&target], Ok(()));
        assert_eq!(state().await, Some(TargetState::Draining));
        world.advance(DRAINING);
        assert_eq!(state().await, None);
        let again = ports.deregister_targets(place, "group", &[target].into(), &permit).await;
        assert!(again[&target].is_err(), "it isn't registered");
    }
}
