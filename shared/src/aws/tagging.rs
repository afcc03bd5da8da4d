//! Tags: each service's own call where it takes more at once, the Resource Groups Tagging API for the rest.

mod history;
mod load_balancers;
mod targets;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use aws_sdk_cloudtrail as cloudtrail;
use aws_sdk_elasticloadbalancingv2 as load_balancing;
use aws_sdk_resourcegroupstagging::{self as tagging, types::TagFilter};

use super::{
    Access,
    batch::in_batches,
    error::{classify, port_error},
    pages::{Next, all_pages},
    place,
    private_link::{Ec2, TAGGED_AT_ONCE},
};
use crate::{
    model::{AccountId, DeploymentId, Region, Resource, ResourceKind, Tags, tag},
    port::{Answers, FailureKind, PortError, ResourceTags},
    reconcile::Permit,
};

const GET_RESOURCES: &str = "tag:GetResources";
const TAG_RESOURCES: &str = "tag:TagResources";
const CREATE_TAGS: &str = "ec2:CreateTags";

/// Resources of one page, and most that a call names.
///
/// Source: Resource Groups Tagging API reference, `GetResources`.
const RESOURCES_OF_A_PAGE: i32 = 100;
const READ_AT_ONCE: usize = 100;
/// Most resources that a call tags.
///
/// Source: Resource Groups Tagging API reference, `TagResources`.
const WRITTEN_AT_ONCE: usize = 20;

/// The services that keep tags, in all accounts, with clients for each account and Region.
#[derive(Debug)]
pub struct Tagging {
    access: Access,
    ec2: Ec2,
    clients: RefCell<BTreeMap<(AccountId, Region), Clients>>,
}

/// The clients of one account and Region.
#[derive(Debug, Clone)]
struct Clients {
    tagging: tagging::Client,
    load_balancing: load_balancing::Client,
    cloudtrail: cloudtrail::Client,
}

/// Which of the services a resource is tagged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Keeper {
    Ec2,
    LoadBalancing,
    ResourceGroups,
}

impl Keeper {
    fn of(kind: ResourceKind) -> Self {
        match kind {
            ResourceKind::Endpoint
            | ResourceKind::NetworkInterface
            | ResourceKind::EndpointService
            | ResourceKind::Connection => Self::Ec2,
            ResourceKind::LoadBalancer | ResourceKind::Listener | ResourceKind::TargetGroup => Self::LoadBalancing,
            ResourceKind::HostedZone
            | ResourceKind::CloudMapNamespace
            | ResourceKind::CloudMapService
            | ResourceKind::Alarm => Self::ResourceGroups,
        }
    }
}

impl Tagging {
    pub(super) fn new(access: Access, ec2: Ec2) -> Self {
        Self { access, ec2, clients: RefCell::default() }
    }

    async fn clients(&self, account: &AccountId, region: &Region) -> Clients {
        let key = (account.clone(), region.clone());
        if let Some(clients) = self.clients.borrow().get(&key) {
            return clients.clone();
        }
        let config = self.access.config(account, region).await;
        let made = Clients {
            tagging: tagging::Client::new(&config),
            load_balancing: load_balancing::Client::new(&config),
            cloudtrail: cloudtrail::Client::new(&config),
        };
        self.clients.borrow_mut().entry(key).or_insert(made).clone()
    }

    /// Resources with their tags, as the call asks for them.
    async fn get_resources(
        &self,
        account: &AccountId,
        region: &Region,
        ask: impl Fn(
            tagging::operation::get_resources::builders::GetResourcesFluentBuilder,
        ) -> tagging::operation::get_resources::builders::GetResourcesFluentBuilder,
    ) -> Result<BTreeMap<Resource, Tags>, PortError> {
        let client = &self.clients(account, region).await.tagging;
        let ask = &ask;
        let here = &place(account, region);
        let found = all_pages(GET_RESOURCES, here, None, async |token| {
            let output = ask(client.get_resources()).set_pagination_token(token).send().await;
            let output = output.map_err(|error| port_error(GET_RESOURCES, here.clone(), &error))?;
            let found = output.resource_tag_mapping_list().iter().filter_map(|mapping| {
                let arn = mapping.resource_arn()?;
                let tags = mapping.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned()));
                Some((Resource::new(kind(arn)?, arn), tags.collect::<Tags>()))
            });
            Ok((found.collect(), Next::by_token(output.pagination_token())))
        });
        Ok(found.await?.into_iter().collect())
    }

    async fn tag_ec2(
        &self,
        account: &AccountId,
        region: &Region,
        resources: &BTreeSet<Resource>,
        tags: &Tags,
    ) -> Answers<Resource> {
        let mut answers = self.create_tags(account, region, resources, tags).await;
        // Who may tag one kind of resource may not be let tag another: of these none hinders the others.
        let is_denied =
            |answer: &Result<(), PortError>| answer.as_ref().is_err_and(|error| error.kind == FailureKind::Denied);
        let mut denied: BTreeMap<ResourceKind, BTreeSet<Resource>> = BTreeMap::new();
        for (resource, _) in answers.iter().filter(|(_, answer)| is_denied(answer)) {
            denied.entry(resource.kind).or_default().insert(resource.clone());
        }
        if denied.len() > 1 {
            for resources in denied.values() {
                answers.extend(self.create_tags(account, region, resources, tags).await);
            }
        }
        answers
    }

    async fn create_tags(
        &self,
        account: &AccountId,
        region: &Region,
        resources: &BTreeSet<Resource>,
        tags: &Tags,
    ) -> Answers<Resource> {
        let client = &self.ec2.client(account, region).await;
        in_batches(resources, TAGGED_AT_ONCE, |batch| async move {
            let tags = tags.iter().map(|(key, value)| aws_sdk_ec2::types::Tag::builder().key(key).value(value).build());
            let ids = batch.iter().map(ToString::to_string).collect();
            let call = client.create_tags().set_resources(Some(ids)).set_tags(Some(tags.collect()));
            call.send().await.map_err(|error| port_error(CREATE_TAGS, place(account, region), &error))?;
            Ok(batch.into_iter().map(|resource| (resource, Ok(()))).collect())
        })
        .await
    }

    async fn tag_others(
        &self,
        account: &AccountId,
        region: &Region,
        resources: &BTreeSet<Resource>,
        tags: &Tags,
    ) -> Answers<Resource> {
        let client = &self.clients(account, region).await.tagging;
        in_batches(resources, WRITTEN_AT_ONCE, |batch| async move {
            let arns = batch.iter().map(ToString::to_string).collect();
            let tags = tags.iter().map(|(key, value)| (key.clone(), value.clone()));
            let call = client.tag_resources().set_resource_arn_list(Some(arns)).set_tags(Some(tags.collect()));
            let output = call.send().await;
            let output = output.map_err(|error| port_error(TAG_RESOURCES, place(account, region), &error))?;
            // It answers 200 and says beside it which were not tagged.
            let failed = output.failed_resources_map();
            let answer = |resource: Resource| {
                let failure = failed.and_then(|failed| failed.get(&*resource.id));
                let answer = failure.map_or(Ok(()), |failure| Err(failed_resource(account, &resource, failure)));
                (resource, answer)
            };
            Ok(batch.into_iter().map(answer).collect())
        })
        .await
    }
}

fn failed_resource(account: &AccountId, resource: &Resource, failure: &tagging::types::FailureInfo) -> PortError {
    let code = failure.error_code().map(|code| code.as_str().to_owned());
    let message = failure.error_message().unwrap_or("not tagged, without a reason").to_owned();
    // A 5xx of whatever code may pass.
    let kind = match code.as_deref().map(classify) {
        Some(known) if known != FailureKind::Refused => known,
        _ if failure.status_code() >= 500 => FailureKind::Retry,
        _ => FailureKind::Refused,
    };
    let message = code.as_ref().map_or_else(|| message.clone(), |code| format!("{code}: {message}"));
    PortError { call: TAG_RESOURCES, place: format!("{account}/{resource}"), kind, code, message }
}

/// What an ARN is of, among what the Resource Groups Tagging API is asked for here.
fn kind(arn: &str) -> Option<ResourceKind> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next()?, parts.nth(2)?);
    match service {
        "route53" if resource.starts_with("hostedzone/") => Some(ResourceKind::HostedZone),
        "servicediscovery" if resource.starts_with("namespace/") => Some(ResourceKind::CloudMapNamespace),
        "servicediscovery" if resource.starts_with("service/") => Some(ResourceKind::CloudMapService),
        "cloudwatch" if resource.starts_with("alarm:") => Some(ResourceKind::Alarm),
        "elasticloadbalancing" if resource.starts_with("targetgroup/") => Some(ResourceKind::TargetGroup),
        _ => None,
    }
}

/// How the Resource Groups Tagging API calls a kind.
fn type_filter(kind: ResourceKind) -> Option<&'static str> {
    match kind {
        ResourceKind::HostedZone => Some("route53:hostedzone"),
        ResourceKind::CloudMapNamespace => Some("servicediscovery:namespace"),
        ResourceKind::CloudMapService => Some("servicediscovery:service"),
        ResourceKind::Alarm => Some("cloudwatch:alarm"),
        _ => None,
    }
}

impl ResourceTags for Tagging {
    async fn tags_of(
        &self,
        account: &AccountId,
        region: &Region,
        resources: &BTreeSet<Resource>,
    ) -> Result<BTreeMap<Resource, Tags>, PortError> {
        let of = |keeper| {
            let kept = resources.iter().filter(move |resource| Keeper::of(resource.kind) == keeper);
            kept.map(|resource| resource.id.to_string()).collect::<Vec<String>>()
        };
        let mut found = self.describe_tags(account, region, of(Keeper::LoadBalancing)).await?;
        for arns in of(Keeper::ResourceGroups).chunks(READ_AT_ONCE) {
            // A call that names resources takes neither filters nor the size of a page.
            found.extend(
                self.get_resources(account, region, |call| call.set_resource_arn_list(Some(arns.to_vec()))).await?,
            );
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
        let types: Vec<String> = kinds.iter().filter_map(|kind| type_filter(*kind)).map(ToOwned::to_owned).collect();
        // Without a type it would list everything there is.
        if types.is_empty() {
            return Ok(BTreeMap::new());
        }
        let ours = TagFilter::builder().key(tag::OWNER).values(owner.as_str()).build();
        self.get_resources(account, region, |call| {
            let call = call.resources_per_page(RESOURCES_OF_A_PAGE).tag_filters(ours.clone());
            call.set_resource_type_filters(Some(types.clone()))
        })
        .await
    }

    async fn tag(
        &self,
        account: &AccountId,
        region: &Region,
        resources: &BTreeSet<Resource>,
        tags: &Tags,
        _: &Permit,
    ) -> Answers<Resource> {
        let mut kept: BTreeMap<Keeper, BTreeSet<Resource>> = BTreeMap::new();
        for resource in resources {
            kept.entry(Keeper::of(resource.kind)).or_default().insert(resource.clone());
        }
        let mut answers = Answers::new();
        for (keeper, resources) in kept {
            answers.extend(match keeper {
                Keeper::Ec2 => self.tag_ec2(account, region, &resources, tags).await,
                Keeper::LoadBalancing => self.add_tags(account, region, &resources, tags).await,
                Keeper::ResourceGroups => self.tag_others(account, region, &resources, tags).await,
            });
        }
        answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_is_read_from_the_arn() {
        for (arn, expected) in [
            ("arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ", Some(ResourceKind::HostedZone)),
            ("arn:aws:servicediscovery:eu-west-1:222222222222:namespace/ns-a", Some(ResourceKind::CloudMapNamespace)),
            ("arn:aws:servicediscovery:eu-west-1:222222222222:service/srv-a", Some(ResourceKind::CloudMapService)),
            ("arn:aws:cloudwatch:eu-west-1:222222222222:alarm:a:b", Some(ResourceKind::Alarm)),
            (
                "arn:aws:elasticloadbalancing:eu-west-1:222222222222:targetgroup/a/73e2d6bc24d8a067",
                Some(ResourceKind::TargetGroup),
            ),
            ("arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/net/a/50dc6c495c0c9188", None),
            ("arn:aws:cloudwatch::222222222222:dashboard/a", None),
            ("arn:aws:route53:::healthcheck/a", None),
            ("arn:aws:s3:::bucket", None),
            ("", None),
        ] {
            assert_eq!(kind(arn), expected, "{arn}");
        }
    }

    #[test]
    fn failure_of_one_resource_is_told_with_its_code() {
        let failure = tagging::types::FailureInfo::builder().status_code(400).error_message("no such zone");
        let zone = Resource::new(ResourceKind::HostedZone, "arn:aws:route53:::hostedzone/Z1");
        let error = |failure| failed_resource(&"222222222222".parse().unwrap(), &zone, &failure);
        let coded = |code: &str| failure.clone().error_code(code.into()).build();
        assert_eq!(error(coded("AccessDeniedException")).kind, FailureKind::Denied);
        assert_eq!(error(coded("InternalServiceException")).kind, FailureKind::Retry);
        assert_eq!(error(coded("InvalidParameterException")).kind, FailureKind::Refused);
        assert_eq!(error(failure.clone().status_code(503).build()).kind, FailureKind::Retry);
        let shown = error(coded("InvalidParameterException")).to_string();
        let place = "222222222222/arn:aws:route53:::hostedzone/Z1";
        assert_eq!(shown, format!("tag:TagResources in {place}: InvalidParameterException: no such zone"));
    }
}
