//! Elastic Load Balancing: what a load balancer has, and the tags of it.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_elasticloadbalancingv2::types::Tag;

use super::{Tagging, in_batches, port_error};
use crate::{
    aws::{
        batch::read_existing,
        pages::{Next, all_pages},
        place,
    },
    model::{AccountId, Region, Resource, ResourceKind, Tags},
    port::{Answers, FailureKind, LoadBalancers, PortError},
};

const DESCRIBE_LISTENERS: &str = "elasticloadbalancing:DescribeListeners";
const DESCRIBE_TARGET_GROUPS: &str = "elasticloadbalancing:DescribeTargetGroups";
const DESCRIBE_TAGS: &str = "elasticloadbalancing:DescribeTags";
const ADD_TAGS: &str = "elasticloadbalancing:AddTags";

/// Results of one page.
///
/// Source: Elastic Load Balancing API reference, `PageSize`.
const PAGE: i32 = 400;
/// Most resources of a call about tags.
///
/// Source: Elastic Load Balancing API reference, `DescribeTags`, `AddTags`.
const AT_ONCE: usize = 20;

impl Tagging {
    /// The tags of these resources; one that is gone is missing.
    pub(super) async fn describe_tags(
        &self,
        account: &AccountId,
        region: &Region,
        arns: Vec<String>,
    ) -> Result<BTreeMap<Resource, Tags>, PortError> {
        if arns.is_empty() {
            return Ok(BTreeMap::new());
        }
        let client = &self.clients(account, region).await.load_balancing;
        let found = read_existing(&arns, AT_ONCE, async |batch| {
            let output = client.describe_tags().set_resource_arns(Some(batch.to_vec())).send().await;
            let output = output.map_err(|error| port_error(DESCRIBE_TAGS, place(account, region), &error))?;
            let described = output.tag_descriptions().iter().filter_map(|description| {
                let arn = description.resource_arn()?;
                let tags = description.tags().iter();
                let tags = tags
                    .map(|tag| (tag.key().unwrap_or_default().to_owned(), tag.value().unwrap_or_default().to_owned()));
                Some((Resource::new(kind(arn), arn), tags.collect()))
            });
            Ok(described.collect())
        });
        Ok(found.await?.into_iter().collect())
    }

    pub(super) async fn add_tags(
        &self,
        account: &AccountId,
        region: &Region,
        resources: &BTreeSet<Resource>,
        tags: &Tags,
    ) -> Answers<Resource> {
        let client = &self.clients(account, region).await.load_balancing;
        in_batches(resources, AT_ONCE, |batch| async move {
            let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
            let arns = batch.iter().map(ToString::to_string).collect();
            let call = client.add_tags().set_resource_arns(Some(arns)).set_tags(Some(tags.collect()));
            call.send().await.map_err(|error| port_error(ADD_TAGS, place(account, region), &error))?;
            Ok(batch.into_iter().map(|resource| (resource, Ok(()))).collect())
        })
        .await
    }
}

/// What an ARN of Elastic Load Balancing is of.
fn kind(arn: &str) -> ResourceKind {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    match resource.split('/').next() {
        Some("listener") => ResourceKind::Listener,
        Some("targetgroup") => ResourceKind::TargetGroup,
        _ => ResourceKind::LoadBalancer,
    }
}

impl LoadBalancers for Tagging {
    async fn list_listeners(
        &self,
        account: &AccountId,
        region: &Region,
        load_balancer: &str,
    ) -> Result<BTreeSet<String>, PortError> {
        let client = &self.clients(account, region).await.load_balancing;
        let here = &place(account, region);
        let listed = all_pages(DESCRIBE_LISTENERS, here, None, async |marker| {
            let call = client.describe_listeners().load_balancer_arn(load_balancer).set_marker(marker);
            let output = call.page_size(PAGE).send().await;
            let output = output.map_err(|error| port_error(DESCRIBE_LISTENERS, here.clone(), &error))?;
            let arns = output.listeners().iter().filter_map(|listener| listener.listener_arn().map(ToOwned::to_owned));
            Ok((arns.collect(), Next::by_token(output.next_marker())))
        });
        unless_gone(listed.await)
    }

    async fn list_target_groups(
        &self,
        account: &AccountId,
        region: &Region,
        load_balancer: &str,
    ) -> Result<BTreeSet<String>, PortError> {
        let client = &self.clients(account, region).await.load_balancing;
        let here = &place(account, region);
        let listed = all_pages(DESCRIBE_TARGET_GROUPS, here, None, async |marker| {
            let call = client.describe_target_groups().load_balancer_arn(load_balancer).set_marker(marker);
            let output = call.page_size(PAGE).send().await;
            let output = output.map_err(|error| port_error(DESCRIBE_TARGET_GROUPS, here.clone(), &error))?;
            let groups = output.target_groups().iter();
            let arns = groups.filter_map(|group| group.target_group_arn().map(ToOwned::to_owned));
            Ok((arns.collect(), Next::by_token(output.next_marker())))
        });
        unless_gone(listed.await)
    }
}

fn unless_gone(listed: Result<Vec<String>, PortError>) -> Result<BTreeSet<String>, PortError> {
    match listed {
        Ok(arns) => Ok(arns.into_iter().collect()),
        Err(error) if error.kind == FailureKind::Gone => Ok(BTreeSet::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_is_read_from_the_arn() {
        let arn = |resource: &str| format!("arn:aws:elasticloadbalancing:eu-west-1:222222222222:{resource}");
        assert_eq!(kind(&arn("loadbalancer/net/a/50dc6c495c0c9188")), ResourceKind::LoadBalancer);
        assert_eq!(kind(&arn("listener/gwy/a/50dc6c495c0c9188/f2f7dc8efc522ab2")), ResourceKind::Listener);
        assert_eq!(kind(&arn("targetgroup/a/73e2d6bc24d8a067")), ResourceKind::TargetGroup);
    }
}
