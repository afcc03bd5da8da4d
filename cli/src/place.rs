//! Finds where an endpoint or an endpoint service lives: in which account and Region.

use drawbridge::{
    model::{AccountId, EndpointId, EndpointKey, Region, ServiceId, ServiceKey},
    port::{Endpoints, PortError, PrivateLink},
    providers::places,
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::{deployment::Deployment, exit::Failure, output};

/// How many places are asked at once.
const PLACES_AT_ONCE: usize = 8;

/// Where something lives.
#[derive(Debug, Clone)]
pub enum Place {
    /// An endpoint.
    Endpoint(EndpointKey),
    /// An endpoint service.
    Service(ServiceKey),
}

impl Place {
    /// For programs.
    pub fn to_json(&self) -> Value {
        let (account, region, id) = match self {
            Self::Endpoint(EndpointKey { account, region, endpoint }) => (account, region, endpoint.as_str()),
            Self::Service(ServiceKey { account, region, service }) => (account, region, service.as_str()),
        };
        json!({ "account": account, "region": region, "id": id })
    }
}

/// Where an endpoint of the consumers lives.
///
/// # Errors
/// When it isn't found.
pub async fn endpoint(deployment: &Deployment, id: &EndpointId) -> Result<EndpointKey, Failure> {
    let endpoints = &deployment.private_link();
    let places = deployment.rules.configuration.consumer_places().into_iter().collect();
    let ask = |account, region| async move {
        let key = EndpointKey { account, region, endpoint: id.clone() };
        Ok(endpoints.describe_endpoint(&key).await?.map(|endpoint| endpoint.key))
    };
    search(places, ask, id.as_str(), "consumers").await
}

/// Where a service of the providers lives.
///
/// # Errors
/// When it isn't found.
pub async fn service(deployment: &Deployment, id: &ServiceId) -> Result<ServiceKey, Failure> {
    let private_link = &deployment.private_link();
    let ask = |account, region| async move {
        let key = ServiceKey { account, region, service: id.clone() };
        Ok(private_link.describe_service(&key).await?.map(|service| service.key))
    };
    search(places(&deployment.rules.configuration), ask, id.as_str(), "providers").await
}

/// Asks all places. One that doesn't answer is told, and hides no other.
async fn search<K, F: Future<Output = Result<Option<K>, PortError>>>(
    places: Vec<(AccountId, Region)>,
    ask: impl Fn(AccountId, Region) -> F,
    id: &str,
    setting: &str,
) -> Result<K, Failure> {
    let all = places.len();
    let answers = stream::iter(places).map(|(account, region)| ask(account, region)).buffered(PLACES_AT_ONCE);
    let (mut found, mut unread) = (None, 0);
    for answer in answers.collect::<Vec<_>>().await {
        match answer {
            Ok(key) => found = found.or(key),
            Err(error) => {
                unread += 1;
                output::warn(&format!("not searched: {error}"));
            }
        }
    }
    found.ok_or_else(|| {
        let what = format!("{id} is in none of the accounts and Regions of {setting}");
        if unread == 0 {
            return Failure::unclear(what).remedy(format!("{setting} in drawbridge.yaml says where to look"));
        }
        Failure::unclear(format!("{id} was not found, and {unread} of {all} places could not be searched")).remedy(
            "the warnings say why; in accounts other than the hub the role of providers.role is assumed, or that of --role",
        )
    })
}
