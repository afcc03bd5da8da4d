//! Finds the connection of an endpoint, at whichever provider it is, and reads what it is judged by.

use drawbridge::{
    aws::{Ec2, Organizations, SystemClock},
    controller::connections::Connections,
    membership::Memberships,
    model::{AccountId, Approval, Consumer, EndpointId, Region, Scope, ServiceId, ServiceKey, tag},
    plan::{
        connections::{Explanation, Key, Observed, explain},
        reason,
    },
    policy::Rules,
    port::{Clock, PortError, PrivateLink},
    providers::places,
    reconcile::Controller,
};
use futures_util::{StreamExt, stream};

use crate::{deployment::Deployment, exit::Failure, output};

/// How many places are asked at once.
const PLACES_AT_ONCE: usize = 8;

/// A connection of the endpoint, and all that it is judged by.
#[derive(Debug)]
pub struct Found {
    /// Why it is as it is.
    pub explanation: Explanation,
    key: Key,
    observed: Observed,
}

impl Found {
    /// Whether the account could be looked up: if not, nothing is told about it.
    pub fn is_clear(&self) -> bool {
        self.explanation.reason != reason::MEMBERSHIP_UNKNOWN
    }

    /// The same, if a person had said this about it.
    pub fn with_approval(&self, approval: Approval, rules: &Rules) -> Option<Explanation> {
        let endpoint = &self.explanation.connection.endpoint;
        let mut observed = self.observed.clone();
        for connection in observed.connections.iter_mut().filter(|connection| connection.endpoint == *endpoint) {
            connection.tags.insert(tag::APPROVAL.to_owned(), approval.as_str().to_owned());
        }
        explain(&self.key, &observed, endpoint, rules, self.explanation.at)
    }
}

/// Finds the connections of an endpoint, of which AWS gives it one. All places are asked; one that doesn't answer is told, and
/// hides no other.
///
/// # Errors
/// When there is none, or its service can't be read.
pub async fn find(deployment: &Deployment, endpoint: &EndpointId) -> Result<Vec<Found>, Failure> {
    let reader = Reader {
        private_link: deployment.private_link(),
        organizations: deployment.aws.organizations(),
        rules: &deployment.rules,
    };
    let controller = Connections::new(deployment.private_link(), deployment.aws.organizations(), SystemClock);
    let mut found = Vec::new();
    for service in Box::pin(reader.locate(endpoint)).await? {
        found.extend(Box::pin(reader.look(&controller, service, endpoint)).await?);
    }
    if found.is_empty() {
        Err(Failure::unclear(format!("{endpoint} was there a moment ago, and is gone")))
    } else {
        Ok(found)
    }
}

struct Reader<'a> {
    private_link: Ec2,
    organizations: Organizations,
    rules: &'a Rules,
}

impl Reader<'_> {
    /// The services that have a connection of the endpoint.
    async fn locate(&self, endpoint: &EndpointId) -> Result<Vec<ServiceKey>, Failure> {
        let consumer = &Consumer::Endpoint(endpoint.clone());
        let ask = |(account, region): (AccountId, Region)| async move {
            let services = self.private_link.services_connected_by(consumer, &account, &region).await?;
            let key = |service: ServiceId| ServiceKey { account: account.clone(), region: region.clone(), service };
            Ok(services.into_iter().map(key).collect())
        };
        let asked = places(&self.rules.configuration);
        let answers: Vec<Result<Vec<ServiceKey>, PortError>> =
            stream::iter(asked).map(ask).buffered(PLACES_AT_ONCE).collect().await;
        let (mut found, mut unread) = (Vec::new(), 0);
        for answer in answers {
            match answer {
                Ok(services) => found.extend(services),
                Err(error) => {
                    unread += 1;
                    output::warn(&format!("not searched: {error}"));
                }
            }
        }
        if found.is_empty() { Err(self.not_found(endpoint, unread)) } else { Ok(found) }
    }

    fn not_found(&self, endpoint: &EndpointId, unread: usize) -> Failure {
        let providers = &self.rules.configuration.providers;
        let hub = &self.rules.configuration.hub_account;
        let all = places(&self.rules.configuration).len();
        if unread > 0 {
            let what = format!("{endpoint} was not found, and {unread} of {all} places could not be searched");
            return Failure::unclear(what).remedy(format!(
                "the warnings say why; in accounts other than the hub {hub} the role {} is assumed, which --role replaces",
                providers.role
            ));
        }
        let join = |names: Vec<&str>| names.join(", ");
        Failure::unclear(format!(
            "{endpoint} is connected to no endpoint service of {} in {}",
            join(providers.accounts.iter().map(AccountId::as_str).collect()),
            join(providers.regions.iter().map(Region::as_str).collect()),
        ))
        .remedy(
            "the id is that of the consumer's endpoint, which AWS forgets soon after it is deleted; \
             providers in drawbridge.yaml say where to look",
        )
    }

    /// Reads a service, and explains its connection of the endpoint, if it has one.
    async fn look(
        &self,
        controller: &Connections<Ec2, Organizations, SystemClock>,
        service: ServiceKey,
        endpoint: &EndpointId,
    ) -> Result<Option<Found>, Failure> {
        let key = Key { service, scope: Scope::Sweep };
        let observation = Box::pin(controller.observe(&key, self.rules)).await?;
        let (mut observed, mut gaps) = (observation.facts, observation.gaps);
        gaps.extend(self.complete(&key, &mut observed, endpoint).await?);
        for gap in &gaps {
            output::warn(&format!("not read: {gap}"));
        }
        let explanation = explain(&key, &observed, endpoint, self.rules, SystemClock.now());
        Ok(explanation.map(|explanation| Found { explanation, key, observed }))
    }

    /// Reads what the functions needn't know: they judge no connection that has ended, and none of a service that they don't
    /// look after.
    async fn complete(
        &self,
        key: &Key,
        observed: &mut Observed,
        endpoint: &EndpointId,
    ) -> Result<Vec<PortError>, PortError> {
        if observed.connections.is_empty() {
            observed.connections = self.private_link.list_connections(&key.service, key.scope).await?;
        }
        let of_endpoint = observed.connections.iter().filter(|connection| connection.endpoint == *endpoint);
        let owners = of_endpoint.map(|connection| connection.owner.clone());
        let owners = owners.filter(|owner| !observed.owners.contains_key(owner)).collect();
        let memberships = Memberships::default();
        let (owners, gaps) = memberships.look_up(&self.organizations, &SystemClock, owners, self.rules).await;
        observed.owners.extend(owners);
        Ok(gaps)
    }
}
