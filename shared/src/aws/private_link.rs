//! Amazon EC2: endpoint services and their connections, in the provider's account.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use aws_sdk_ec2::{
    Client,
    primitives::DateTime,
    types::{Filter, ServiceConfiguration, Tag, UnsuccessfulItem, VpcEndpointConnection},
};
use jiff::Timestamp;

use super::{
    Access,
    batch::in_batches,
    error::{classify, port_error},
    place,
};
use crate::{
    model::{
        AccountId, Connection, ConnectionId, ConnectionState, EndpointId, EndpointService, Region, Scope, ServiceKey,
        Tags,
    },
    port::{Answers, FailureKind, PortError, PrivateLink},
    reconcile::Permit,
};

const DESCRIBE_SERVICES: &str = "ec2:DescribeVpcEndpointServiceConfigurations";
const DESCRIBE_CONNECTIONS: &str = "ec2:DescribeVpcEndpointConnections";
const ACCEPT: &str = "ec2:AcceptVpcEndpointConnections";
const REJECT: &str = "ec2:RejectVpcEndpointConnections";
const TAG: &str = "ec2:CreateTags";

/// Results of one page, the most that both calls take.
///
/// Source: EC2 API reference.
const PAGE: i32 = 1000;

/// Endpoints answered by one call. AWS documents no limit; a call that is refused is halved until its items stand alone.
const ENDPOINTS_AT_ONCE: usize = 100;

/// Resources tagged by one call.
///
/// Source: EC2 API reference, `CreateTags`.
const TAGGED_AT_ONCE: usize = 1000;

/// Endpoint services of all providers, with a client for each account and Region.
#[derive(Debug)]
pub struct Ec2 {
    access: Access,
    clients: RefCell<BTreeMap<(AccountId, Region), Client>>,
}

impl Ec2 {
    pub(super) fn new(access: Access) -> Self {
        Self { access, clients: RefCell::default() }
    }

    async fn client(&self, account: &AccountId, region: &Region) -> Client {
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
        let client = self.client(&key.account, &key.region).await;
        let mut request =
            client.describe_vpc_endpoint_connections().filters(filter("service-id", key.service.as_str()));
        if scope == Scope::Requests {
            let state = ConnectionState::PendingAcceptance;
            request = request.filters(filter("vpc-endpoint-state", state.as_str()));
        }
        let mut pages = request.into_paginator().page_size(PAGE).send();
        let mut connections = Vec::new();
        let mut more = false;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| port_error(DESCRIBE_CONNECTIONS, key.to_string(), &error))?;
            more = page.next_token().is_some_and(|token| !token.is_empty());
            for connection in page.vpc_endpoint_connections() {
                connections.extend(read_connection(key, connection)?);
            }
        }
        if more { Err(cut_short(DESCRIBE_CONNECTIONS, key.to_string())) } else { Ok(connections) }
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
}

/// An item of the batch is done unless the answer says otherwise.
fn read_unsuccessful(
    call: &'static str,
    key: &ServiceKey,
    batch: &[EndpointId],
    unsuccessful: &[UnsuccessfulItem],
) -> Answers<EndpointId> {
    let error = |item: &UnsuccessfulItem| {
        let code = item.error().and_then(|error| error.code());
        let message = item.error().and_then(|error| error.message()).unwrap_or("unsuccessful, without a reason");
        PortError {
            call,
            place: key.to_string(),
            kind: code.map_or(FailureKind::Refused, classify),
            code: code.map(ToOwned::to_owned),
            message: code.map_or_else(|| message.to_owned(), |code| format!("{code}: {message}")),
        }
    };
    // A failure that names none of these items could be any item's.
    let named = |item: &UnsuccessfulItem| batch.iter().any(|id| item.resource_id() == Some(id.as_str()));
    let nameless = unsuccessful.iter().find(|item| !named(item));
    let failure_of = |id: &EndpointId| {
        unsuccessful.iter().find(|item| item.resource_id() == Some(id.as_str())).or(nameless).map(error)
    };
    batch.iter().map(|id| (id.clone(), failure_of(id).map_or(Ok(()), Err))).collect()
}

fn read_service(
    account: &AccountId,
    region: &Region,
    configuration: &ServiceConfiguration,
) -> Result<EndpointService, PortError> {
    let id = configuration.service_id().unwrap_or_default();
    let service = id.parse().map_err(|error| malformed(DESCRIBE_SERVICES, place(account, region), &error))?;
    Ok(EndpointService {
        key: ServiceKey { account: account.clone(), region: region.clone(), service },
        name: configuration.service_name().unwrap_or_default().to_owned(),
        acceptance_required: configuration.acceptance_required().unwrap_or_default(),
        private_dns_name: configuration.private_dns_name().map(ToOwned::to_owned),
        tags: read_tags(configuration.tags()),
    })
}

/// A connection of an endpoint; `None` for one of another kind, such as a transit gateway attachment.
fn read_connection(key: &ServiceKey, connection: &VpcEndpointConnection) -> Result<Option<Connection>, PortError> {
    let Some(endpoint) = connection.vpc_endpoint_id() else { return Ok(None) };
    let place = || format!("{key}/{endpoint}");
    let malformed = |error: &dyn std::error::Error| malformed(DESCRIBE_CONNECTIONS, place(), error);
    let owner = connection.vpc_endpoint_owner().unwrap_or_default();
    let id = connection.vpc_endpoint_connection_id().map(str::parse).transpose();
    let region = connection.vpc_endpoint_region().filter(|region| !region.is_empty()).map(str::parse).transpose();
    Ok(Some(Connection {
        endpoint: endpoint.parse().map_err(|error| malformed(&error))?,
        owner: owner.parse().map_err(|error| malformed(&error))?,
        state: ConnectionState::parse(connection.vpc_endpoint_state().map_or("", |state| state.as_str())),
        id: id.map_err(|error: crate::model::InvalidIdentifier| malformed(&error))?,
        created: connection.creation_timestamp().and_then(timestamp),
        region: region.map_err(|error: crate::model::InvalidIdentifier| malformed(&error))?,
        ip_address_type: connection.ip_address_type().map(|kind| kind.as_str().to_owned()),
        tags: read_tags(connection.tags()),
    }))
}

fn read_tags(tags: &[Tag]) -> Tags {
    let pair = |tag: &Tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()));
    tags.iter().filter_map(pair).collect()
}

/// A time of AWS; `None` when it is out of range.
pub(super) fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

fn malformed(call: &'static str, place: String, error: &dyn std::error::Error) -> PortError {
    PortError { call, place, kind: FailureKind::Refused, code: None, message: format!("unexpected answer: {error}") }
}

/// The SDK ends a listing without an error when AWS gives the same token twice.
fn cut_short(call: &'static str, place: String) -> PortError {
    let message = "the listing ended before its last page".to_owned();
    PortError { call, place, kind: FailureKind::Retry, code: None, message }
}

/// A filter on one value. Ids are checked types: an empty value, which would match everything, can't come here.
fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

fn strings<T: ToString>(ids: &[T]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::UnsuccessfulItemError;

    use super::*;

    fn answers(unsuccessful: &[UnsuccessfulItem]) -> Vec<bool> {
        let key = ServiceKey {
            account: "222222222222".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            service: "vpce-svc-0a1b2c3d4e5f60718".parse().unwrap(),
        };
        let batch = ["vpce-00000001", "vpce-00000002"].map(|id| id.parse().unwrap());
        read_unsuccessful(ACCEPT, &key, &batch, unsuccessful).into_values().map(|answer| answer.is_ok()).collect()
    }

    fn item(id: Option<&str>) -> UnsuccessfulItem {
        let error = UnsuccessfulItemError::builder().code("InvalidState").build();
        UnsuccessfulItem::builder().set_resource_id(id.map(ToOwned::to_owned)).error(error).build()
    }

    #[test]
    fn item_is_done_unless_the_answer_names_it() {
        assert_eq!(answers(&[]), [true, true]);
        assert_eq!(answers(&[item(Some("vpce-00000002"))]), [true, false]);
    }

    #[test]
    fn failure_that_names_none_of_the_items_counts_for_all() {
        assert_eq!(answers(&[item(None)]), [false, false]);
        assert_eq!(answers(&[item(Some("vpce-svc-0a1b2c3d4e5f60718"))]), [false, false]);
    }

    #[test]
    fn failure_without_an_error_is_still_a_failure() {
        let bare = UnsuccessfulItem::builder().resource_id("vpce-00000001").build();
        assert_eq!(answers(&[bare]), [false, true]);
    }
}
