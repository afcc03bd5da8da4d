//! Endpoint services and their connections, in memory.

use std::collections::BTreeSet;

use super::{World, fault::Refusal, verification};
use crate::{
    model::{
        AccountId, Connection, ConnectionId, ConnectionState, Consumer, EndpointId, EndpointService, Principal,
        Principals, Region, Scope, ServiceId, ServiceKey, Tags, TopicArn,
    },
    port::{Answers, Clock, FailureKind, PortError, PrivateLink},
    reconcile::Permit,
};

/// Results of one page.
///
/// Source: EC2 API reference.
const PAGE: usize = 1_000;

impl World {
    fn answer_requests(
        &self,
        call: &'static str,
        key: &ServiceKey,
        endpoints: &BTreeSet<EndpointId>,
        from: fn(&ConnectionState) -> bool,
        to: &ConnectionState,
    ) -> Answers<EndpointId> {
        self.write(call, &key.to_string(), endpoints, |state, endpoint| {
            let (_, connections) = state.services.get_mut(key).ok_or(FailureKind::Gone)?;
            let connection = connections.get_mut(endpoint).ok_or(FailureKind::Gone)?;
            if !from(&connection.state) {
                return Err(FailureKind::Overtaken);
            }
            connection.state = to.clone();
            Ok(())
        })
    }
}

impl PrivateLink for &World {
    async fn list_services(&self, account: &AccountId, region: &Region) -> Result<Vec<EndpointService>, PortError> {
        self.read("ec2:DescribeVpcEndpointServiceConfigurations", account.as_str(), |state| {
            let here = |key: &ServiceKey| key.account == *account && key.region == *region;
            let services = state.services.iter().filter(|(key, _)| here(key));
            services.map(|(_, (service, _))| service.clone()).collect()
        })
    }

    async fn describe_service(&self, key: &ServiceKey) -> Result<Option<EndpointService>, PortError> {
        self.read("ec2:DescribeVpcEndpointServiceConfigurations", &key.to_string(), |state| {
            state.services.get(key).map(|(service, _)| service.clone())
        })
    }

    async fn list_connections(&self, key: &ServiceKey, scope: Scope) -> Result<Vec<Connection>, PortError> {
        self.read("ec2:DescribeVpcEndpointConnections", &key.to_string(), |state| {
            let connections = state.services.get(key).into_iter().flat_map(|(_, connections)| connections.values());
            let within = |connection: &&Connection| {
                scope != Scope::Requests || connection.state == ConnectionState::PendingAcceptance
            };
            connections.filter(within).cloned().collect()
        })
    }

    async fn connections_of(
        &self,
        consumer: &Consumer,
        account: &AccountId,
        region: &Region,
    ) -> Result<Vec<(ServiceId, Connection)>, PortError> {
        let of_consumer = |connection: &Connection| match consumer {
            Consumer::Anybody => true,
            Consumer::Account(owner) => connection.owner == *owner,
            Consumer::Endpoint(endpoint) => connection.endpoint == *endpoint,
        };
        self.read_pages("ec2:DescribeVpcEndpointConnections", account.as_str(), PAGE, |state, skip, take| {
            let here = state.services.iter().filter(|(key, _)| key.account == *account && key.region == *region);
            let connections = here.flat_map(|(key, (_, connections))| {
                connections.values().map(|connection| (key.service.clone(), connection.clone()))
            });
            Ok(connections.filter(|(_, connection)| of_consumer(connection)).skip(skip).take(take).collect())
        })
    }

    async fn list_principals(&self, key: &ServiceKey) -> Result<Principals, PortError> {
        self.read_if_there("ec2:DescribeVpcEndpointServicePermissions", &key.to_string(), |state| {
            state.services.get(key).ok_or_else(no_service)?;
            Ok(state.principals.get(key).cloned().unwrap_or_default())
        })
    }

    async fn accept(&self, key: &ServiceKey, endpoints: &BTreeSet<EndpointId>, _: &Permit) -> Answers<EndpointId> {
        let from = |state: &ConnectionState| *state == ConnectionState::PendingAcceptance;
        self.answer_requests("ec2:AcceptVpcEndpointConnections", key, endpoints, from, &ConnectionState::Available)
    }

    async fn reject(&self, key: &ServiceKey, endpoints: &BTreeSet<EndpointId>, _: &Permit) -> Answers<EndpointId> {
        let from = |state: &ConnectionState| *state == ConnectionState::PendingAcceptance || state.is_established();
        self.answer_requests("ec2:RejectVpcEndpointConnections", key, endpoints, from, &ConnectionState::Rejected)
    }

    async fn tag_connections(
        &self,
        key: &ServiceKey,
        connections: &BTreeSet<ConnectionId>,
        tags: &Tags,
        _: &Permit,
    ) -> Answers<ConnectionId> {
        self.write("ec2:CreateTags", &key.to_string(), connections, |state, id| {
            let (_, connections) = state.services.get_mut(key).ok_or(FailureKind::Gone)?;
            let tagged = connections.values_mut().find(|connection| connection.id.as_ref() == Some(id));
            tagged.ok_or(FailureKind::Gone)?.tags.extend(tags.clone());
            Ok(())
        })
    }

    async fn allow(&self, key: &ServiceKey, accounts: &BTreeSet<AccountId>, _: &Permit) -> Answers<AccountId> {
        self.write("ec2:ModifyVpcEndpointServicePermissions", &key.to_string(), accounts, |state, account| {
            state.services.get(key).ok_or(FailureKind::Gone)?;
            state.principals.entry(key.clone()).or_default().insert(Principal::Account(account.clone()));
            Ok(())
        })
    }

    async fn disallow(&self, key: &ServiceKey, accounts: &BTreeSet<AccountId>, _: &Permit) -> Answers<AccountId> {
        self.write("ec2:ModifyVpcEndpointServicePermissions", &key.to_string(), accounts, |state, account| {
            state.services.get(key).ok_or(FailureKind::Gone)?;
            state.principals.entry(key.clone()).or_default().remove(&Principal::Account(account.clone()));
            Ok(())
        })
    }

    async fn start_verification(&self, key: &ServiceKey, _: &Permit) -> Result<(), PortError> {
        let now = self.now();
        self.write_one("ec2:StartVpcEndpointServicePrivateDnsVerification", &key.to_string(), |state| {
            verification::start(state, key, now)
        })
    }

    async fn require_acceptance(&self, key: &ServiceKey, _: &Permit) -> Result<(), PortError> {
        self.write_one("ec2:ModifyVpcEndpointServiceConfiguration", &key.to_string(), |state| {
            state.services.get_mut(key).ok_or_else(no_service)?.0.acceptance_required = true;
            Ok(())
        })
    }

    async fn list_notifying(
        &self,
        account: &AccountId,
        region: &Region,
        topic: &TopicArn,
    ) -> Result<BTreeSet<ServiceId>, PortError> {
        self.read("ec2:DescribeVpcEndpointConnectionNotifications", account.as_str(), |state| {
            let here = |key: &ServiceKey| key.account == *account && key.region == *region;
            let told = state.notifications.iter().filter(|(key, told)| here(key) && told == topic);
            told.map(|(key, _)| key.service.clone()).collect()
        })
    }

    async fn notify(&self, key: &ServiceKey, topic: &TopicArn, _: &Permit) -> Result<(), PortError> {
        self.write_one("ec2:CreateVpcEndpointConnectionNotification", &key.to_string(), |state| {
            state.services.get(key).ok_or_else(no_service)?;
            state.notifications.insert((key.clone(), topic.clone()));
            Ok(())
        })
    }
}

pub(super) fn no_service() -> Refusal {
    Refusal::gone("InvalidVpcEndpointServiceId.NotFound", "the endpoint service does not exist")
}
