//! Amazon EC2: endpoint services and their connections, in the provider's account.
//!
//! The consumer's side of the same clients is `endpoints`.

pub(super) mod answer;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use aws_sdk_ec2::{
    Client,
    types::{Filter, Tag},
};

use self::answer::{
    confirmed, cut_short, filter, malformed, read_connection, read_principal, read_service, read_unsuccessful, strings,
};
use super::{Access, batch::in_batches, error::port_error, place};
use crate::{
    model::{
        AccountId, Connection, ConnectionId, ConnectionState, Consumer, EndpointId, EndpointService, Principal,
        Principals, Region, Scope, ServiceId, ServiceKey, Tags, TopicArn,
    },
    port::{Answers, PortError, PrivateLink},
    reconcile::Permit,
};

const DESCRIBE_SERVICES: &str = "ec2:DescribeVpcEndpointServiceConfigurations";
const DESCRIBE_CONNECTIONS: &str = "ec2:DescribeVpcEndpointConnections";
const ACCEPT: &str = "ec2:AcceptVpcEndpointConnections";
const REJECT: &str = "ec2:RejectVpcEndpointConnections";
const TAG: &str = "ec2:CreateTags";
const DESCRIBE_PRINCIPALS: &str = "ec2:DescribeVpcEndpointServicePermissions";
const MODIFY_PRINCIPALS: &str = "ec2:ModifyVpcEndpointServicePermissions";
const MODIFY_SERVICE: &str = "ec2:ModifyVpcEndpointServiceConfiguration";
const DESCRIBE_NOTIFICATIONS: &str = "ec2:DescribeVpcEndpointConnectionNotifications";
const CREATE_NOTIFICATION: &str = "ec2:CreateVpcEndpointConnectionNotification";
const VERIFY: &str = "ec2:StartVpcEndpointServicePrivateDnsVerification";

/// Results of one page, the most that these calls take.
///
/// Source: EC2 API reference.
pub(super) const PAGE: i32 = 1000;

/// What the topic is told of: requests. What becomes of them is mostly our own doing, and would wake us for nothing.
///
/// Source: EC2 API reference, `CreateVpcEndpointConnectionNotification`.
const REQUESTS: &str = "Connect";

/// Endpoints answered by one call. AWS documents no limit; a call that is refused is halved until its items stand alone.
const ENDPOINTS_AT_ONCE: usize = 100;

/// Principals added or removed by one call. AWS documents no limit; a call that is refused is halved.
const PRINCIPALS_AT_ONCE: usize = 100;

/// Resources tagged by one call.
///
/// Source: EC2 API reference, `CreateTags`.
pub(super) const TAGGED_AT_ONCE: usize = 1000;

/// `PrivateLink` of all accounts, with a client for each account and Region.
#[derive(Debug)]
pub struct Ec2 {
    access: Access,
    clients: RefCell<BTreeMap<(AccountId, Region), Client>>,
}

impl Ec2 {
    pub(super) fn new(access: Access) -> Self {
        Self { access, clients: RefCell::default() }
    }

    pub(super) async fn client(&self, account: &AccountId, region: &Region) -> Client {
        let place = (account.clone(), region.clone());
        if let Some(client) = self.clients.borrow().get(&place) {
            return client.clone();
        }
        let client = Client::new(&self.access.config(account, region).await);
        self.clients.borrow_mut().entry(place).or_insert(client).clone()
    }

    async fn describe_services(
        &self,
        account: &AccountId,
        region: &Region,
        filters: Vec<Filter>,
    ) -> Result<Vec<EndpointService>, PortError> {
        let client = self.client(account, region).await;
        let mut pages = client
            .describe_vpc_endpoint_service_configurations()
            .set_filters((!filters.is_empty()).then_some(filters))
            .into_paginator()
            .page_size(PAGE)
            .send();
        let mut services = Vec::new();
        let mut more = false;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| port_error(DESCRIBE_SERVICES, place(account, region), &error))?;
            more = page.next_token().is_some_and(|token| !token.is_empty());
            for configuration in page.service_configurations() {
                services.push(read_service(account, region, configuration)?);
            }
        }
        if more { Err(cut_short(DESCRIBE_SERVICES, place(account, region))) } else { Ok(services) }
    }
}

impl Ec2 {
    /// Connections, each with the service that it is at.
    async fn describe_connections(
        &self,
        account: &AccountId,
        region: &Region,
        filters: Vec<Filter>,
    ) -> Result<Vec<(ServiceId, Connection)>, PortError> {
        let client = self.client(account, region).await;
        let request = client.describe_vpc_endpoint_connections().set_filters((!filters.is_empty()).then_some(filters));
        let mut pages = request.into_paginator().page_size(PAGE).send();
        let mut connections = Vec::new();
        let mut more = false;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| port_error(DESCRIBE_CONNECTIONS, place(account, region), &error))?;
            more = page.next_token().is_some_and(|token| !token.is_empty());
            for connection in page.vpc_endpoint_connections() {
                connections.extend(read_connection(account, region, connection)?);
            }
        }
        if more { Err(cut_short(DESCRIBE_CONNECTIONS, place(account, region))) } else { Ok(connections) }
    }

    /// Changes an endpoint service. Whatever is changed, be it nothing, AWS looks anew where its load balancers are.
    pub(super) async fn modify_service(
        &self,
        key: &ServiceKey,
        acceptance_required: Option<bool>,
    ) -> Result<(), PortError> {
        let client = self.client(&key.account, &key.region).await;
        let call = client.modify_vpc_endpoint_service_configuration().service_id(key.service.as_str());
        let output = call.set_acceptance_required(acceptance_required).send().await;
        let output = output.map_err(|error| port_error(MODIFY_SERVICE, key.to_string(), &error))?;
        confirmed(MODIFY_SERVICE, key.to_string(), output.r#return())
    }

    async fn modify_principals(
        &self,
        key: &ServiceKey,
        accounts: &BTreeSet<AccountId>,
        change: PrincipalChange,
    ) -> Answers<AccountId> {
        let client = &self.client(&key.account, &key.region).await;
        in_batches(accounts, PRINCIPALS_AT_ONCE, |batch| async move {
            let arn = |account: &AccountId| Principal::Account(account.clone()).arn(key.region.as_str());
            let arns = Some(batch.iter().map(arn).collect());
            let call = client.modify_vpc_endpoint_service_permissions().service_id(key.service.as_str());
            let call = match change {
                PrincipalChange::Add => call.set_add_allowed_principals(arns),
                PrincipalChange::Remove => call.set_remove_allowed_principals(arns),
            };
            call.send().await.map_err(|error| port_error(MODIFY_PRINCIPALS, key.to_string(), &error))?;
            Ok(batch.into_iter().map(|account| (account, Ok(()))).collect())
        })
        .await
    }
}

#[derive(Debug, Clone, Copy)]
enum PrincipalChange {
    Add,
    Remove,
}

impl PrivateLink for Ec2 {
    async fn list_services(&self, account: &AccountId, region: &Region) -> Result<Vec<EndpointService>, PortError> {
        self.describe_services(account, region, Vec::new()).await
    }

    async fn describe_service(&self, key: &ServiceKey) -> Result<Option<EndpointService>, PortError> {
        // By filter: an id that isn't there gives an empty list and no error.
        let filter = filter("service-id", key.service.as_str());
        let services = self.describe_services(&key.account, &key.region, vec![filter]).await?;
        Ok(services.into_iter().find(|service| service.key == *key))
    }

    async fn list_connections(&self, key: &ServiceKey, scope: Scope) -> Result<Vec<Connection>, PortError> {
        let mut filters = vec![filter("service-id", key.service.as_str())];
        if scope == Scope::Requests {
            filters.push(filter("vpc-endpoint-state", ConnectionState::PendingAcceptance.as_str()));
        }
        let connections = self.describe_connections(&key.account, &key.region, filters).await?;
        Ok(connections.into_iter().map(|(_, connection)| connection).collect())
    }

    async fn connections_of(
        &self,
        consumer: &Consumer,
        account: &AccountId,
        region: &Region,
    ) -> Result<Vec<(ServiceId, Connection)>, PortError> {
        let filters = match consumer {
            Consumer::Anybody => Vec::new(),
            Consumer::Account(owner) => vec![filter("vpc-endpoint-owner", owner.as_str())],
            Consumer::Endpoint(endpoint) => vec![filter("vpc-endpoint-id", endpoint.as_str())],
        };
        self.describe_connections(account, region, filters).await
    }

    async fn list_principals(&self, key: &ServiceKey) -> Result<Principals, PortError> {
        let client = self.client(&key.account, &key.region).await;
        // Those of transit gateway attachments are another list in the same place.
        let kind = filter("permission-type", "vpc-endpoint");
        let request = client.describe_vpc_endpoint_service_permissions().service_id(key.service.as_str()).filters(kind);
        let mut pages = request.into_paginator().page_size(PAGE).send();
        let mut principals = Principals::new();
        let mut more = false;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| port_error(DESCRIBE_PRINCIPALS, key.to_string(), &error))?;
            more = page.next_token().is_some_and(|token| !token.is_empty());
            principals.extend(page.allowed_principals().iter().filter_map(read_principal));
        }
        if more { Err(cut_short(DESCRIBE_PRINCIPALS, key.to_string())) } else { Ok(principals) }
    }

    async fn accept(&self, key: &ServiceKey, endpoints: &BTreeSet<EndpointId>, _: &Permit) -> Answers<EndpointId> {
        let client = &self.client(&key.account, &key.region).await;
        in_batches(endpoints, ENDPOINTS_AT_ONCE, |batch| async move {
            let ids = Some(strings(&batch));
            let call = client.accept_vpc_endpoint_connections().service_id(key.service.as_str());
            let output = call.set_vpc_endpoint_ids(ids).send().await;
            let output = output.map_err(|error| port_error(ACCEPT, key.to_string(), &error))?;
            Ok(read_unsuccessful(ACCEPT, key, &batch, output.unsuccessful()))
        })
        .await
    }

    async fn reject(&self, key: &ServiceKey, endpoints: &BTreeSet<EndpointId>, _: &Permit) -> Answers<EndpointId> {
        let client = &self.client(&key.account, &key.region).await;
        in_batches(endpoints, ENDPOINTS_AT_ONCE, |batch| async move {
            let ids = Some(strings(&batch));
            let call = client.reject_vpc_endpoint_connections().service_id(key.service.as_str());
            let output = call.set_vpc_endpoint_ids(ids).send().await;
            let output = output.map_err(|error| port_error(REJECT, key.to_string(), &error))?;
            Ok(read_unsuccessful(REJECT, key, &batch, output.unsuccessful()))
        })
        .await
    }

    async fn tag_connections(
        &self,
        key: &ServiceKey,
        connections: &BTreeSet<ConnectionId>,
        tags: &Tags,
        _: &Permit,
    ) -> Answers<ConnectionId> {
        let client = &self.client(&key.account, &key.region).await;
        let tags = &tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect::<Vec<_>>();
        in_batches(connections, TAGGED_AT_ONCE, |batch| async move {
            let call = client.create_tags().set_resources(Some(strings(&batch))).set_tags(Some(tags.clone()));
            call.send().await.map_err(|error| port_error(TAG, key.to_string(), &error))?;
            Ok(batch.into_iter().map(|id| (id, Ok(()))).collect())
        })
        .await
    }

    async fn allow(&self, key: &ServiceKey, accounts: &BTreeSet<AccountId>, _: &Permit) -> Answers<AccountId> {
        self.modify_principals(key, accounts, PrincipalChange::Add).await
    }

    async fn disallow(&self, key: &ServiceKey, accounts: &BTreeSet<AccountId>, _: &Permit) -> Answers<AccountId> {
        self.modify_principals(key, accounts, PrincipalChange::Remove).await
    }

    async fn start_verification(&self, key: &ServiceKey, _: &Permit) -> Result<(), PortError> {
        let client = self.client(&key.account, &key.region).await;
        let call = client.start_vpc_endpoint_service_private_dns_verification().service_id(key.service.as_str());
        let output = call.send().await.map_err(|error| port_error(VERIFY, key.to_string(), &error))?;
        confirmed(VERIFY, key.to_string(), output.return_value())
    }

    async fn require_acceptance(&self, key: &ServiceKey, _: &Permit) -> Result<(), PortError> {
        self.modify_service(key, Some(true)).await
    }

    async fn list_notifying(
        &self,
        account: &AccountId,
        region: &Region,
        topic: &TopicArn,
    ) -> Result<BTreeSet<ServiceId>, PortError> {
        let client = self.client(account, region).await;
        let mut pages = client
            .describe_vpc_endpoint_connection_notifications()
            .filters(filter("connection-notification-arn", &topic.to_string()))
            .into_paginator()
            .page_size(PAGE)
            .send();
        let mut notifying = BTreeSet::new();
        let mut more = false;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| port_error(DESCRIBE_NOTIFICATIONS, place(account, region), &error))?;
            more = page.next_token().is_some_and(|token| !token.is_empty());
            for notification in page.connection_notification_set() {
                // One of an endpoint names no service.
                let Some(service) = notification.service_id() else { continue };
                let service = service.parse();
                notifying.insert(
                    service.map_err(|error| malformed(DESCRIBE_NOTIFICATIONS, place(account, region), &error))?,
                );
            }
        }
        if more { Err(cut_short(DESCRIBE_NOTIFICATIONS, place(account, region))) } else { Ok(notifying) }
    }

    async fn notify(&self, key: &ServiceKey, topic: &TopicArn, _: &Permit) -> Result<(), PortError> {
        let client = self.client(&key.account, &key.region).await;
        let call = client
            .create_vpc_endpoint_connection_notification()
            .service_id(key.service.as_str())
            .connection_notification_arn(topic.to_string())
            .connection_events(REQUESTS);
        call.send().await.map_err(|error| port_error(CREATE_NOTIFICATION, key.to_string(), &error))?;
        Ok(())
    }
}
