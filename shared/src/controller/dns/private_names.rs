//! Reads what the private DNS name of an endpoint is decided by.

use futures_util::future::try_join3;

use super::Dns;
use crate::{
    model::{EndpointKey, VpcReference},
    plan::dns::private_name::{Observed, is_open},
    policy::Rules,
    port::{Clock, Endpoints, HostedZones, Organization, PortError, PrivateLink},
};

impl<P: PrivateLink, Z: HostedZones, E: Endpoints, O: Organization, C: Clock> Dns<P, Z, E, O, C> {
    /// Reads an endpoint, and what stands in the way of its name when nothing about the endpoint does.
    pub(super) async fn observe_private_name(&self, key: &EndpointKey, rules: &Rules) -> Result<Observed, PortError> {
        let endpoint = self.endpoints.describe_endpoint(key).await?;
        let Some(open) = endpoint.as_ref().filter(|endpoint| is_open(endpoint, rules)) else {
            return Ok(Observed { endpoint, ..Observed::default() });
        };
        let vpc = VpcReference { region: key.region.clone(), vpc: open.vpc.clone() };
        let (offer, resolves, zones) = try_join3(
            self.endpoints.describe_offer(&key.account, &key.region, &open.service_name),
            self.endpoints.resolves_private_names(&key.account, &vpc),
            self.hosted_zones.zones_of_vpc(&key.account, &vpc),
        )
        .await?;
        Ok(Observed { endpoint, offer, resolves: resolves.unwrap_or_default(), zones })
    }
}
