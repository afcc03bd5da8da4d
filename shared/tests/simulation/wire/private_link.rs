//! Endpoint services and their connections.

use std::collections::BTreeSet;

use drawbridge::{
    model::{
        AccountId, Connection, ConnectionId, Consumer, EndpointId, EndpointService, Principals, Region, Scope,
        ServiceId, ServiceKey, Tags, TopicArn,
    },
    port::{Answers, PortError, PrivateLink},
    reconcile::Permit,
    world::State,
};

use super::Ports;
use crate::{dns, reckoning::is_selected};

pub(super) const DESCRIBE_SERVICES: &str = "ec2:DescribeVpcEndpointServiceConfigurations";
const DESCRIBE_CONNECTIONS: &str = "ec2:DescribeVpcEndpointConnections";
const DESCRIBE_NOTIFICATIONS: &str = "ec2:DescribeVpcEndpointConnectionNotifications";
const DESCRIBE_PRINCIPALS: &str = "ec2:DescribeVpcEndpointServicePermissions";
const MODIFY_PRINCIPALS: &str = "ec2:ModifyVpcEndpointServicePermissions";
const MODIFY_SERVICE: &str = "ec2:ModifyVpcEndpointServiceConfiguration";

impl PrivateLink for Ports {
    async fn list_services(&self, account: &AccountId, region: &Region) -> Result<Vec<EndpointService>, PortError> {
        let world = &self.stage().world;
        self.read(DESCRIBE_SERVICES, account.as_str(), world.list_services(account, region)).await
    }

    async fn describe_service(&self, key: &ServiceKey) -> Result<Option<EndpointService>, PortError> {
        let world = &self.stage().world;
        let service = self.read(DESCRIBE_SERVICES, key.service.as_str(), world.describe_service(key)).await?;
        if !service.as_ref().is_some_and(is_selected) {
            self.run().unread.borrow_mut().remove(key);
        }
        Ok(service)
    }

    async fn list_connections(&self, key: &ServiceKey, scope: Scope) -> Result<Vec<Connection>, PortError> {
        let stage = self.stage();
        let world = &stage.world;
        // What fails here counts by the service, below.
        let ports = self.for_news();
        let list = || ports.read(DESCRIBE_CONNECTIONS, key.service.as_str(), world.list_connections(key, scope));
        let note = |failed: &PortError| {
            if failed.may_pass() && self.is_looked_after(key) {
                self.run().unread.borrow_mut().insert(key.clone());
            }
        };
        let mut listed = list().await.inspect_err(note)?;
        if !stage.trouble.has_pages(&stage.random) {
            return Ok(listed);
        }
        stage.count("listing changed between pages");
        // What comes after the middle is read a page later.
        let middle = listed.get(listed.len() / 2).map(|connection| connection.endpoint.clone());
        let rest = list().await.inspect_err(note)?;
        let is_later = |connection: &Connection| middle.as_ref().is_none_or(|middle| connection.endpoint >= *middle);
        listed.retain(|connection| !is_later(connection));
        listed.extend(rest.into_iter().filter(is_later));
        Ok(listed)
    }

    async fn connections_of(
        &self,
        consumer: &Consumer,
        account: &AccountId,
        region: &Region,
    ) -> Result<Vec<(ServiceId, Connection)>, PortError> {
        let world = &self.stage().world;
        let answer = world.connections_of(consumer, account, region);
        self.read(DESCRIBE_CONNECTIONS, &format!("{consumer:?} at {account}"), answer).await
    }

    async fn list_principals(&self, key: &ServiceKey) -> Result<Principals, PortError> {
        let world = &self.stage().world;
        self.read(DESCRIBE_PRINCIPALS, key.service.as_str(), world.list_principals(key)).await
    }

    async fn accept(&self, key: &ServiceKey, endpoints: &BTreeSet<EndpointId>, permit: &Permit) -> Answers<EndpointId> {
        let world = &self.stage().world;
        let answer = world.accept(key, endpoints, permit);
        self.write("ec2:AcceptVpcEndpointConnections", key.service.as_str(), endpoints, answer).await
    }

    async fn reject(&self, key: &ServiceKey, endpoints: &BTreeSet<EndpointId>, permit: &Permit) -> Answers<EndpointId> {
        let world = &self.stage().world;
        let answer = world.reject(key, endpoints, permit);
        self.write("ec2:RejectVpcEndpointConnections", key.service.as_str(), endpoints, answer).await
    }

    async fn tag_connections(
        &self,
        key: &ServiceKey,
        connections: &BTreeSet<ConnectionId>,
        tags: &Tags,
        permit: &Permit,
    ) -> Answers<ConnectionId> {
        let world = &self.stage().world;
        let answer = world.tag_connections(key, connections, tags, permit);
        self.write("ec2:CreateTags", &format!("{tags:?}"), connections, answer).await
    }

    async fn allow(&self, key: &ServiceKey, accounts: &BTreeSet<AccountId>, permit: &Permit) -> Answers<AccountId> {
        let world = &self.stage().world;
        let about = format!("at {}: add", key.service);
        self.write(MODIFY_PRINCIPALS, &about, accounts, world.allow(key, accounts, permit)).await
    }

    async fn disallow(&self, key: &ServiceKey, accounts: &BTreeSet<AccountId>, permit: &Permit) -> Answers<AccountId> {
        let world = &self.stage().world;
        let about = format!("at {}: remove", key.service);
        self.write(MODIFY_PRINCIPALS, &about, accounts, world.disallow(key, accounts, permit)).await
    }

    async fn start_verification(&self, key: &ServiceKey, permit: &Permit) -> Result<(), PortError> {
        let stage = self.stage();
        let world = &stage.world;
        dns::invariant::before_verification(stage, &self.run(), key);
        let call = "ec2:StartVpcEndpointServicePrivateDnsVerification";
        let answer =
            self.write_as(&key.account, call, key.service.as_str(), world.start_verification(key, permit)).await;
        // Where AWS can't find the record it is begun with each sweep, and puts nothing in order.
        let is_in_vain = |state: &State| {
            state.services.get(key).is_none_or(|(service, _)| !dns::reckoning::is_provable(state, service))
        };
        if is_in_vain(&world.snapshot()) {
            stage.writes.set(stage.writes.get() - 1);
        }
        answer
    }

    async fn require_acceptance(&self, key: &ServiceKey, permit: &Permit) -> Result<(), PortError> {
        let world = &self.stage().world;
        let this = BTreeSet::from([key.service.clone()]);
        let answer = async {
            let answer = world.require_acceptance(key, permit).await;
            Answers::from([(key.service.clone(), answer)])
        };
        let answers = self.write(MODIFY_SERVICE, "acceptance required", &this, answer).await;
        answers.into_values().collect()
    }

    async fn list_notifying(
        &self,
        account: &AccountId,
        region: &Region,
        topic: &TopicArn,
    ) -> Result<BTreeSet<ServiceId>, PortError> {
        let world = &self.stage().world;
        self.read(DESCRIBE_NOTIFICATIONS, account.as_str(), world.list_notifying(account, region, topic)).await
    }

    async fn notify(&self, key: &ServiceKey, topic: &TopicArn, permit: &Permit) -> Result<(), PortError> {
        let world = &self.stage().world;
        let call = "ec2:CreateVpcEndpointConnectionNotification";
        self.write_as(&key.account, call, key.service.as_str(), world.notify(key, topic, permit)).await
    }
}
