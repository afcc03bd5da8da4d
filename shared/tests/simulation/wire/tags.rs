//! Tags of resources, what is behind endpoint services, and the event history.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    future::Future,
};

use drawbridge::{
    model::{AccountId, Creation, DeploymentId, Region, Resource, ResourceKind, Tags},
    port::{Answers, EventHistory, LoadBalancers, PortError, ResourceTags},
    reconcile::Permit,
};
use jiff::Timestamp;

use super::Ports;
use crate::tags;

/// The call that tags resources of a kind.
fn call(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Endpoint
        | ResourceKind::NetworkInterface
        | ResourceKind::EndpointService
        | ResourceKind::Connection => "ec2:CreateTags",
        ResourceKind::LoadBalancer | ResourceKind::Listener | ResourceKind::TargetGroup => {
            "elasticloadbalancing:AddTags"
        }
        _ => "tag:TagResources",
    }
}

impl ResourceTags for Ports {
    async fn tags_of(
        &self,
        account: &AccountId,
        region: &Region,
        resources: &BTreeSet<Resource>,
    ) -> Result<BTreeMap<Resource, Tags>, PortError> {
        let world = &self.stage().world;
        let answer = world.tags_of(account, region, resources);
        self.read_as(Some(account), "elasticloadbalancing:DescribeTags", account.as_str(), answer).await
    }

    async fn list_owned(
        &self,
        account: &AccountId,
        region: &Region,
        owner: &DeploymentId,
        kinds: &[ResourceKind],
    ) -> Result<BTreeMap<Resource, Tags>, PortError> {
        let world = &self.stage().world;
        let answer = world.list_owned(account, region, owner, kinds);
        self.read_as(Some(account), "tag:GetResources", account.as_str(), answer).await
    }

    async fn tag(
        &self,
        account: &AccountId,
        region: &Region,
        resources: &BTreeSet<Resource>,
        new: &Tags,
        permit: &Permit,
    ) -> Answers<Resource> {
        let mut calls: BTreeMap<&'static str, BTreeSet<Resource>> = BTreeMap::new();
        for resource in resources {
            calls.entry(call(resource.kind)).or_default().insert(resource.clone());
        }
        let mut answers = Answers::new();
        for (call, resources) in calls {
            let world = &self.stage().world;
            let answer = world.tag(account, region, &resources, new, permit);
            answers.extend(self.write_tags(account, call, &resources, new, answer).await);
        }
        answers
    }
}

impl Ports {
    async fn write_tags(
        &self,
        account: &AccountId,
        call: &'static str,
        resources: &BTreeSet<Resource>,
        new: &Tags,
        answer: impl Future<Output = Answers<Resource>>,
    ) -> Answers<Resource> {
        self.way().await;
        let (stage, run) = (self.stage(), self.run());
        let about = format!("{new:?}");
        self.check_write(call, &about);
        for resource in resources {
            tags::invariant::before_write(stage, &run, resource, new);
        }
        let names: Vec<String> = resources.iter().map(ToString::to_string).collect();
        let of_write = || stage.trouble.of_write(&stage.random, &names);
        let course = self.refusal(Some(account)).unwrap_or_else(of_write);
        self.order(call, &course);
        let before = stage.world.snapshot();
        let answers = answer.await;
        stage.writes.set(stage.writes.get() + 1);
        stage.count("resources tagged");
        let failed = resources.len() - answers.values().filter(|answer| answer.is_ok()).count();
        stage.tell(|| {
            format!("  #{} {call} {about} {}{}, {failed} not done", run.id, names.join(" "), super::wrong(&course))
        });
        let after = stage.world.snapshot();
        for resource in resources {
            tags::invariant::check_write(stage, &run, resource, &before, &after);
            if tags::thing::differs(&before, &after, resource) {
                tags::happening::tell_of_tags(stage, resource);
            }
        }
        for answer in answers.values() {
            self.note_failure(call, answer.as_ref().err());
        }
        if answers.len() < resources.len() {
            self.has_to_come_back(call);
        }
        self.way().await;
        answers
    }
}

impl LoadBalancers for Ports {
    async fn list_listeners(
        &self,
        account: &AccountId,
        region: &Region,
        load_balancer: &str,
    ) -> Result<BTreeSet<String>, PortError> {
        let world = &self.stage().world;
        let answer = world.list_listeners(account, region, load_balancer);
        self.read_as(Some(account), "elasticloadbalancing:DescribeListeners", load_balancer, answer).await
    }

    async fn list_target_groups(
        &self,
        account: &AccountId,
        region: &Region,
        load_balancer: &str,
    ) -> Result<BTreeSet<String>, PortError> {
        let world = &self.stage().world;
        let answer = world.list_target_groups(account, region, load_balancer);
        self.read_as(Some(account), "elasticloadbalancing:DescribeTargetGroups", load_balancer, answer).await
    }
}

impl EventHistory for Ports {
    async fn list_creations(
        &self,
        account: &AccountId,
        region: &Region,
        kind: ResourceKind,
        since: Timestamp,
    ) -> Result<Vec<Creation>, PortError> {
        let world = &self.stage().world;
        let list = async || {
            let answer = world.list_creations(account, region, kind, since);
            self.read_as(Some(account), "cloudtrail:LookupEvents", &format!("{account} {kind}"), answer).await
        };
        self.paged(list, |made| Reverse((made.at, made.resource.clone()))).await
    }
}
