//! AWS Cloud Map: namespaces, the services in them, the instances of these.
//!
//! All is named by ARN, which is understood for what others share, too.

mod answer;
mod request;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use aws_sdk_servicediscovery::{
    Client,
    types::{OperationFilter, Service, ServiceTypeOption},
};
use futures_util::{StreamExt, future::try_join, stream};
use jiff::Timestamp;

use self::answer::{read_health, read_instance, read_namespace, read_operation, read_service, whole_service};
use super::{
    Access,
    error::port_error,
    pages::{Next, all_pages},
    place,
    private_link::answer::required,
};
use crate::{
    model::{AccountId, Attributes, CloudMapService, InstanceHealth, Namespace, Operation, Region, Tags, VpcId},
    port::{self, FailureKind, NewService, PortError},
    reconcile::Permit,
};

const LIST_NAMESPACES: &str = "servicediscovery:ListNamespaces";
const LIST_SERVICES: &str = "servicediscovery:ListServices";
const GET_SERVICE: &str = "servicediscovery:GetService";
const LIST_INSTANCES: &str = "servicediscovery:ListInstances";
const GET_HEALTH: &str = "servicediscovery:GetInstancesHealthStatus";
const LIST_OPERATIONS: &str = "servicediscovery:ListOperations";
const GET_OPERATION: &str = "servicediscovery:GetOperation";
const CREATE_HTTP_NAMESPACE: &str = "servicediscovery:CreateHttpNamespace";
const CREATE_PRIVATE_NAMESPACE: &str = "servicediscovery:CreatePrivateDnsNamespace";
const DELETE_NAMESPACE: &str = "servicediscovery:DeleteNamespace";
const CREATE_SERVICE: &str = "servicediscovery:CreateService";
const DELETE_SERVICE: &str = "servicediscovery:DeleteService";
const REGISTER: &str = "servicediscovery:RegisterInstance";
const DEREGISTER: &str = "servicediscovery:DeregisterInstance";

/// Results of one page, the most that these calls take.
///
/// Source: Cloud Map API reference, `MaxResults`.
const PAGE: i32 = 100;

/// Calls for one operation each that are under way at once.
const AT_ONCE: usize = 8;

/// The code for what was asked for before, and is not finished.
const UNDER_WAY: &str = "DuplicateRequest";

/// Cloud Map of all accounts, with a client for each account and Region.
#[derive(Debug)]
pub struct CloudMap {
    access: Access,
    clients: RefCell<BTreeMap<(AccountId, Region), Client>>,
}

impl CloudMap {
    pub(super) fn new(access: Access) -> Self {
        Self { access, clients: RefCell::default() }
    }

    async fn client(&self, account: &AccountId, region: &Region) -> Client {
        let key = (account.clone(), region.clone());
        if let Some(client) = self.clients.borrow().get(&key) {
            return client.clone();
        }
        let client = Client::new(&self.access.config(account, region).await);
        self.clients.borrow_mut().entry(key).or_insert(client).clone()
    }

    async fn describe_cloud_map_service(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
    ) -> Result<Option<Service>, PortError> {
        let here = place(account, region);
        let output = self.client(account, region).await.get_service().id(service).send().await;
        match output.map_err(|error| port_error(GET_SERVICE, here.clone(), &error)) {
            Ok(output) => required(GET_SERVICE, &here, "Service", output.service).map(Some),
            Err(error) if error.kind == FailureKind::Gone => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Ids of operations that pass all of these filters.
    async fn list_operations(
        &self,
        account: &AccountId,
        region: &Region,
        filters: Vec<OperationFilter>,
    ) -> Result<Vec<String>, PortError> {
        let client = &self.client(account, region).await;
        let here = &place(account, region);
        let filters = &filters;
        all_pages(LIST_OPERATIONS, here, None, async |token| {
            let call = client.list_operations().set_filters(Some(filters.clone())).max_results(PAGE);
            let output = call.set_next_token(token).send().await;
            let output = output.map_err(|error| port_error(LIST_OPERATIONS, here.clone(), &error))?;
            let ids = output.operations().iter();
            let ids = ids.map(|found| required(LIST_OPERATIONS, here, "Id", found.id().map(ToOwned::to_owned)));
            Ok((ids.collect::<Result<Vec<_>, _>>()?, Next::by_token(output.next_token())))
        })
        .await
    }

    /// An operation, as far as it still matters; in a namespace that is shared, by the account that has it.
    async fn describe_operation(
        &self,
        account: &AccountId,
        region: &Region,
        id: &str,
        owner: Option<&str>,
    ) -> Result<Option<Operation>, PortError> {
        let here = place(account, region);
        let call = self.client(account, region).await.get_operation().operation_id(id);
        let output = call.set_owner_account(owner.map(ToOwned::to_owned)).send().await;
        match output.map_err(|error| port_error(GET_OPERATION, here.clone(), &error)) {
            Ok(output) => {
                let operation = required(GET_OPERATION, &here, "Operation", output.operation())?;
                read_operation(GET_OPERATION, &here, id, operation)
            }
            Err(error) if error.kind == FailureKind::Gone => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The answer to what begins something: what is under way already is begun.
fn begun(answer: Result<(), PortError>) -> Result<(), PortError> {
    match answer {
        Err(error) if error.code.as_deref() == Some(UNDER_WAY) => Ok(()),
        answer => answer,
    }
}

/// The answer to what takes something away: what is gone is taken away.
fn unless_gone(answer: Result<(), PortError>) -> Result<(), PortError> {
    match answer {
        Err(error) if error.kind == FailureKind::Gone => Ok(()),
        answer => answer,
    }
}

impl port::CloudMap for CloudMap {
    async fn namespaces_named(
        &self,
        account: &AccountId,
        region: &Region,
        name: &str,
    ) -> Result<Vec<Namespace>, PortError> {
        let client = &self.client(account, region).await;
        let here = &place(account, region);
        let named = &request::namespaces_named(LIST_NAMESPACES, here, name)?;
        all_pages(LIST_NAMESPACES, here, None, async |token| {
            let call = client.list_namespaces().filters(named.clone()).max_results(PAGE);
            let output = call.set_next_token(token).send().await;
            let output = output.map_err(|error| port_error(LIST_NAMESPACES, here.clone(), &error))?;
            let found = output.namespaces().iter();
            let found = found.map(|namespace| read_namespace(LIST_NAMESPACES, here, namespace));
            Ok((found.collect::<Result<Vec<_>, _>>()?, Next::by_token(output.next_token())))
        })
        .await
    }

    async fn services_in(
        &self,
        account: &AccountId,
        region: &Region,
        namespace: &str,
    ) -> Result<Vec<CloudMapService>, PortError> {
        let client = &self.client(account, region).await;
        let here = &place(account, region);
        let within = &request::services_in(LIST_SERVICES, here, namespace)?;
        all_pages(LIST_SERVICES, here, None, async |token| {
            let call = client.list_services().filters(within.clone()).max_results(PAGE);
            let output = call.set_next_token(token).send().await;
            let output = output.map_err(|error| port_error(LIST_SERVICES, here.clone(), &error))?;
            let found = output.services().iter();
            let found = found.map(|summary| read_service(LIST_SERVICES, here, &whole_service(summary)));
            Ok((found.collect::<Result<Vec<_>, _>>()?, Next::by_token(output.next_token())))
        })
        .await
    }

    async fn cloud_map_service(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
    ) -> Result<Option<CloudMapService>, PortError> {
        let found = self.describe_cloud_map_service(account, region, service).await?;
        found.map(|found| read_service(GET_SERVICE, &place(account, region), &found)).transpose()
    }

    async fn instances(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
    ) -> Result<BTreeMap<String, Attributes>, PortError> {
        let client = &self.client(account, region).await;
        let here = &place(account, region);
        let listed = all_pages(LIST_INSTANCES, here, None, async |token| {
            let call = client.list_instances().service_id(service).max_results(PAGE);
            let output = call.set_next_token(token).send().await;
            let output = output.map_err(|error| port_error(LIST_INSTANCES, here.clone(), &error))?;
            let found = output.instances().iter().map(|instance| read_instance(LIST_INSTANCES, here, instance));
            Ok((found.collect::<Result<Vec<_>, _>>()?, Next::by_token(output.next_token())))
        });
        match listed.await {
            Ok(found) => Ok(found.into_iter().collect()),
            Err(error) if error.kind == FailureKind::Gone => Ok(BTreeMap::new()),
            Err(error) => Err(error),
        }
    }

    async fn health(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
    ) -> Result<BTreeMap<String, InstanceHealth>, PortError> {
        let client = &self.client(account, region).await;
        let here = &place(account, region);
        let listed = all_pages(GET_HEALTH, here, None, async |token| {
            let call = client.get_instances_health_status().service_id(service).max_results(PAGE);
            let output = call.set_next_token(token).send().await;
            let output = output.map_err(|error| port_error(GET_HEALTH, here.clone(), &error))?;
            let found = output.status().into_iter().flatten();
            let found = found.map(|(id, status)| (id.clone(), read_health(status)));
            Ok((found.collect(), Next::by_token(output.next_token())))
        });
        match listed.await {
            Ok(found) => Ok(found.into_iter().collect()),
            Err(error) if error.kind == FailureKind::Gone => Ok(BTreeMap::new()),
            Err(error) => Err(error),
        }
    }

    async fn operations(
        &self,
        account: &AccountId,
        region: &Region,
        service: Option<&str>,
        since: Timestamp,
    ) -> Result<Vec<Operation>, PortError> {
        let here = &place(account, region);
        // What is under way matters however long it takes already.
        let under_way = request::under_way(LIST_OPERATIONS, here, service)?;
        let failed = request::failed(LIST_OPERATIONS, here, service, since)?;
        let under_way = self.list_operations(account, region, under_way);
        let failed = self.list_operations(account, region, failed);
        // On the heap: both hold what a call does.
        let (under_way, failed) = Box::pin(try_join(under_way, failed)).await?;
        // One that fails in between is in both.
        let ids: BTreeSet<String> = under_way.into_iter().chain(failed).collect();
        let owner = match service {
            Some(service) if !ids.is_empty() => {
                match self.describe_cloud_map_service(account, region, service).await? {
                    Some(found) => found.resource_owner.filter(|owner| owner != account.as_str()),
                    None => return Ok(Vec::new()),
                }
            }
            _ => None,
        };
        let owner = owner.as_deref();
        let read = |id: String| async move { self.describe_operation(account, region, &id, owner).await };
        let read: Vec<_> = stream::iter(ids).map(read).buffered(AT_ONCE).collect().await;
        Ok(read.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    async fn create_namespace(
        &self,
        (account, region): (&AccountId, &Region),
        name: &str,
        vpc: Option<&VpcId>,
        description: &str,
        tags: &Tags,
        _: &Permit,
    ) -> Result<(), PortError> {
        let client = self.client(account, region).await;
        let here = place(account, region);
        begun(match vpc {
            None => {
                let tags = request::tags(CREATE_HTTP_NAMESPACE, &here, tags)?;
                let call = client.create_http_namespace().name(name).description(description).set_tags(Some(tags));
                call.send().await.map(drop).map_err(|error| port_error(CREATE_HTTP_NAMESPACE, here, &error))
            }
            Some(vpc) => {
                let tags = request::tags(CREATE_PRIVATE_NAMESPACE, &here, tags)?;
                let call = client.create_private_dns_namespace().name(name).vpc(vpc.as_str());
                let call = call.description(description).set_tags(Some(tags));
                call.send().await.map(drop).map_err(|error| port_error(CREATE_PRIVATE_NAMESPACE, here, &error))
            }
        })
    }

    async fn delete_namespace(
        &self,
        account: &AccountId,
        region: &Region,
        namespace: &str,
        _: &Permit,
    ) -> Result<(), PortError> {
        let answer = self.client(account, region).await.delete_namespace().id(namespace).send().await;
        let answer = answer.map_err(|error| port_error(DELETE_NAMESPACE, place(account, region), &error));
        unless_gone(begun(answer.map(drop)))
    }

    async fn create_cloud_map_service(
        &self,
        (account, region): (&AccountId, &Region),
        namespace: &str,
        service: &NewService,
        tags: &Tags,
        _: &Permit,
    ) -> Result<(), PortError> {
        let here = place(account, region);
        let tags = request::tags(CREATE_SERVICE, &here, tags)?;
        let records = service.records.map(|seconds| request::names(CREATE_SERVICE, &here, seconds)).transpose()?;
        let client = self.client(account, region).await;
        let call = client.create_service().namespace_id(namespace).name(&service.name).set_tags(Some(tags));
        let call = call.description(&service.description);
        let call = match records {
            Some(records) => call.dns_config(records),
            None => call.r#type(ServiceTypeOption::Http),
        };
        call.send().await.map(drop).map_err(|error| port_error(CREATE_SERVICE, here, &error))
    }

    async fn delete_cloud_map_service(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
        _: &Permit,
    ) -> Result<(), PortError> {
        let answer = self.client(account, region).await.delete_service().id(service).send().await;
        let answer = answer.map_err(|error| port_error(DELETE_SERVICE, place(account, region), &error));
        unless_gone(answer.map(drop))
    }

    async fn register_instance(
        &self,
        (account, region): (&AccountId, &Region),
        service: &str,
        id: &str,
        attributes: &Attributes,
        _: &Permit,
    ) -> Result<(), PortError> {
        let attributes = attributes.iter().map(|(key, value)| (key.clone(), value.clone()));
        let call = self.client(account, region).await.register_instance().service_id(service).instance_id(id);
        let answer = call.set_attributes(Some(attributes.collect())).send().await;
        begun(answer.map(drop).map_err(|error| port_error(REGISTER, place(account, region), &error)))
    }

    async fn deregister_instance(
        &self,
        (account, region): (&AccountId, &Region),
        service: &str,
        id: &str,
        _: &Permit,
    ) -> Result<(), PortError> {
        let call = self.client(account, region).await.deregister_instance().service_id(service).instance_id(id);
        let answer = call.send().await.map_err(|error| port_error(DEREGISTER, place(account, region), &error));
        unless_gone(begun(answer.map(drop)))
    }
}
