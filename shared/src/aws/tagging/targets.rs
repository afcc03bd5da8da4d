//! Elastic Load Balancing: what load balancers send to, and where they are.

mod answer;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_elasticloadbalancingv2::types::{self, TargetDescription};
use aws_sdk_resourcegroupstagging::types::TagFilter;
use futures_util::{StreamExt, stream};

use self::answer::{crosses_zones, read_balancer, read_target, read_target_group};
use super::{RESOURCES_OF_A_PAGE, Tagging, in_batches, port_error};
use crate::{
    aws::{
        batch::read_existing,
        pages::{Next, all_pages},
        place,
        private_link::answer::filter,
    },
    model::{AccountId, BalancerZones, Region, ServiceKey, Subnet, Tags, Target, TargetGroup, TargetState},
    port::{Answers, FailureKind, PortError, Targets},
    reconcile::Permit,
};

const DESCRIBE_GROUPS: &str = "elasticloadbalancing:DescribeTargetGroups";
const DESCRIBE_GROUP_ATTRIBUTES: &str = "elasticloadbalancing:DescribeTargetGroupAttributes";
const DESCRIBE_HEALTH: &str = "elasticloadbalancing:DescribeTargetHealth";
const ADD_TAGS: &str = "elasticloadbalancing:AddTags";
const REGISTER: &str = "elasticloadbalancing:RegisterTargets";
const DEREGISTER: &str = "elasticloadbalancing:DeregisterTargets";
const DESCRIBE_BALANCERS: &str = "elasticloadbalancing:DescribeLoadBalancers";
const DESCRIBE_BALANCER_ATTRIBUTES: &str = "elasticloadbalancing:DescribeLoadBalancerAttributes";

/// How the Resource Groups Tagging API calls target groups.
const TARGET_GROUPS: &str = "elasticloadbalancing:targetgroup";

/// Most load balancers that a call names, and target groups, for which AWS documents no limit.
///
/// Source: Elastic Load Balancing API reference, `DescribeLoadBalancers`.
const NAMED_AT_ONCE: usize = 20;

/// Targets of one call. AWS documents no limit; a call that is refused is halved until its targets stand alone.
const TARGETS_AT_ONCE: usize = 100;

/// Calls for one load balancer or target group each that are under way at once.
const AT_ONCE: usize = 8;

/// Where a target outside the VPC is: it gets connections from all Availability Zones.
///
/// Source: Elastic Load Balancing API reference, `TargetDescription`.
const EVERY_ZONE: &str = "all";

impl Tagging {
    /// A target group in our words; `None` when it is gone.
    async fn with_attributes(
        &self,
        account: &AccountId,
        region: &Region,
        group: &types::TargetGroup,
        tags: &BTreeMap<String, Tags>,
    ) -> Result<Option<TargetGroup>, PortError> {
        let here = place(account, region);
        let mut read = read_target_group(DESCRIBE_GROUPS, &here, group, tags)?;
        // One that no load balancer sends to has nothing that could cross zones.
        if read.load_balancers.is_empty() {
            return Ok(Some(read));
        }
        let client = self.clients(account, region).await.load_balancing;
        let output = client.describe_target_group_attributes().target_group_arn(&read.arn).send().await;
        match output.map_err(|error| port_error(DESCRIBE_GROUP_ATTRIBUTES, here, &error)) {
            Ok(output) => {
                read.crosses_zones =
                    crosses_zones(output.attributes().iter().map(|found| (found.key(), found.value())));
                Ok(Some(read))
            }
            Err(error) if error.kind == FailureKind::Gone => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Where a load balancer is, with its ARN; `None` when it is gone.
    async fn zones_of(
        &self,
        account: &AccountId,
        region: &Region,
        balancer: &types::LoadBalancer,
    ) -> Result<Option<(String, BalancerZones)>, PortError> {
        let here = place(account, region);
        let (arn, zones) = read_balancer(DESCRIBE_BALANCERS, &here, balancer)?;
        let client = self.clients(account, region).await.load_balancing;
        let output = client.describe_load_balancer_attributes().load_balancer_arn(&arn).send().await;
        match output.map_err(|error| port_error(DESCRIBE_BALANCER_ATTRIBUTES, here, &error)) {
            Ok(output) => {
                let crosses_zones = crosses_zones(output.attributes().iter().map(|found| (found.key(), found.value())));
                // AWS says so of those that can; by default they don't.
                let crosses_zones = crosses_zones.unwrap_or(false);
                Ok(Some((arn, BalancerZones { zones, crosses_zones })))
            }
            Err(error) if error.kind == FailureKind::Gone => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The answers for a batch. A group that is gone is no target's fault: halving the batch would find none.
fn answers(batch: Vec<Target>, sent: Result<(), PortError>) -> Result<Answers<Target>, PortError> {
    match sent {
        Err(error) if error.kind != FailureKind::Gone => Err(error),
        answer => Ok(batch.into_iter().map(|target| (target, answer.clone())).collect()),
    }
}

fn description(target: Target, zone: Option<&str>) -> TargetDescription {
    let description = TargetDescription::builder().id(target.address.to_string()).port(target.port.into());
    description.set_availability_zone(zone.map(ToOwned::to_owned)).build()
}

impl Targets for Tagging {
    async fn target_groups_tagged(
        &self,
        account: &AccountId,
        region: &Region,
        key: &str,
    ) -> Result<Vec<TargetGroup>, PortError> {
        let tagged = TagFilter::builder().key(key).build();
        let found = self.get_resources(account, region, |call| {
            let call = call.resources_per_page(RESOURCES_OF_A_PAGE).tag_filters(tagged.clone());
            call.resource_type_filters(TARGET_GROUPS)
        });
        let found = found.await?.into_iter().map(|(resource, tags)| (resource.id.into_string(), tags));
        let tags = &found.collect::<BTreeMap<String, Tags>>();
        let client = &self.clients(account, region).await.load_balancing;
        let here = &place(account, region);
        let arns: Vec<String> = tags.keys().cloned().collect();
        let groups = read_existing(&arns, NAMED_AT_ONCE, async |batch| {
            all_pages(DESCRIBE_GROUPS, here, None, async |marker| {
                let call = client.describe_target_groups().set_target_group_arns(Some(batch.to_vec()));
                let output = call.set_marker(marker).send().await;
                let output = output.map_err(|error| port_error(DESCRIBE_GROUPS, here.clone(), &error))?;
                Ok((output.target_groups().to_vec(), Next::by_token(output.next_marker())))
            })
            .await
        });
        let read = |group: types::TargetGroup| async move { self.with_attributes(account, region, &group, tags).await };
        let read: Vec<_> = stream::iter(groups.await?).map(read).buffered(AT_ONCE).collect().await;
        Ok(read.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    async fn targets(
        &self,
        account: &AccountId,
        region: &Region,
        group: &str,
    ) -> Result<BTreeMap<Target, TargetState>, PortError> {
        let here = place(account, region);
        let client = self.clients(account, region).await.load_balancing;
        let output = client.describe_target_health().target_group_arn(group).send().await;
        match output.map_err(|error| port_error(DESCRIBE_HEALTH, here.clone(), &error)) {
            Ok(output) => {
                let found = output.target_health_descriptions().iter();
                found.filter_map(|found| read_target(DESCRIBE_HEALTH, &here, found).transpose()).collect()
            }
            Err(error) if error.kind == FailureKind::Gone => Ok(BTreeMap::new()),
            Err(error) => Err(error),
        }
    }

    async fn register_targets(
        &self,
        (account, region): (&AccountId, &Region),
        group: &str,
        targets: &BTreeMap<Target, bool>,
        _: &Permit,
    ) -> Answers<Target> {
        let client = &self.clients(account, region).await.load_balancing;
        let wanted = targets.keys().copied().collect();
        in_batches(&wanted, TARGETS_AT_ONCE, |batch| async move {
            let zone = |target: &Target| targets.get(target).is_some_and(|outside| *outside).then_some(EVERY_ZONE);
            let described = batch.iter().map(|target| description(*target, zone(target))).collect();
            let call = client.register_targets().target_group_arn(group).set_targets(Some(described));
            let sent = call.send().await.map(drop);
            answers(batch, sent.map_err(|error| port_error(REGISTER, place(account, region), &error)))
        })
        .await
    }

    async fn deregister_targets(
        &self,
        (account, region): (&AccountId, &Region),
        group: &str,
        targets: &BTreeSet<Target>,
        _: &Permit,
    ) -> Answers<Target> {
        let client = &self.clients(account, region).await.load_balancing;
        in_batches(targets, TARGETS_AT_ONCE, |batch| async move {
            let described = batch.iter().map(|target| description(*target, None)).collect();
            let call = client.deregister_targets().target_group_arn(group).set_targets(Some(described));
            let sent = call.send().await.map(drop);
            answers(batch, sent.map_err(|error| port_error(DEREGISTER, place(account, region), &error)))
        })
        .await
    }

    async fn mark_target_group(
        &self,
        (account, region): (&AccountId, &Region),
        group: &str,
        tags: &Tags,
        _: &Permit,
    ) -> Result<(), PortError> {
        let tags = tags.iter().map(|(key, value)| types::Tag::builder().key(key).value(value).build()).collect();
        let call = self.clients(account, region).await.load_balancing.add_tags();
        let output = call.resource_arns(group).set_tags(Some(tags)).send().await;
        output.map(drop).map_err(|error| port_error(ADD_TAGS, place(account, region), &error))
    }

    async fn balancer_zones(
        &self,
        account: &AccountId,
        region: &Region,
        load_balancers: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, BalancerZones>, PortError> {
        let client = &self.clients(account, region).await.load_balancing;
        let here = &place(account, region);
        let arns: Vec<String> = load_balancers.iter().cloned().collect();
        let balancers = read_existing(&arns, NAMED_AT_ONCE, async |batch| {
            all_pages(DESCRIBE_BALANCERS, here, None, async |marker| {
                let call = client.describe_load_balancers().set_load_balancer_arns(Some(batch.to_vec()));
                let output = call.set_marker(marker).send().await;
                let output = output.map_err(|error| port_error(DESCRIBE_BALANCERS, here.clone(), &error))?;
                Ok((output.load_balancers().to_vec(), Next::by_token(output.next_marker())))
            })
            .await
        });
        let read = |balancer: types::LoadBalancer| async move { self.zones_of(account, region, &balancer).await };
        let read: Vec<_> = stream::iter(balancers.await?).map(read).buffered(AT_ONCE).collect().await;
        Ok(read.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    async fn subnets(&self, account: &AccountId, region: &Region, vpc: &str) -> Result<Vec<Subnet>, PortError> {
        let within = filter("vpc-id", vpc);
        Ok(self.ec2.describe_subnets(account, region, &within).await?.into_values().collect())
    }

    async fn take_up_zones(&self, key: &ServiceKey, _: &Permit) -> Result<(), PortError> {
        self.ec2.modify_service(key, None).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: FailureKind) -> PortError {
        PortError { call: REGISTER, place: String::new(), kind, code: None, message: String::new() }
    }

    #[test]
    fn batch_is_refused_as_a_whole_unless_its_group_is_gone() {
        let target = Target { address: "10.0.0.1".parse().unwrap(), port: 443 };
        let batch = || vec![target, Target { port: 80, ..target }];
        assert!(answers(batch(), Ok(())).unwrap().into_values().all(|answer| answer.is_ok()));
        assert!(answers(batch(), Err(error(FailureKind::Refused))).is_err());
        let gone = answers(batch(), Err(error(FailureKind::Gone))).unwrap();
        assert_eq!(gone.len(), 2);
        assert!(gone.into_values().all(|answer| answer.is_err()));
    }

    #[test]
    fn target_outside_the_vpc_is_in_every_zone() {
        let target = Target { address: "2001:db8::1".parse().unwrap(), port: 443 };
        let outside = description(target, Some(EVERY_ZONE));
        assert_eq!((outside.id(), outside.port()), (Some("2001:db8::1"), Some(443)));
        assert_eq!(outside.availability_zone(), Some("all"));
        assert_eq!(description(target, None).availability_zone(), None);
    }
}
