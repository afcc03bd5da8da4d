//! Reads what the private DNS name of an endpoint is decided by.

use futures_util::future::try_join;

use super::Dns;
use crate::{
    model::{EndpointKey, VpcReference},
    plan::dns::private_name::{Observed, is_open},
    policy::Rules,
    port::{Clock, Endpoints, HostedZones, Organization, PortError, PrivateLink, Resolvers},
};

impl<P: PrivateLink, Z: HostedZones + Resolvers, E: Endpoints, O: Organization, C: Clock> Dns<P, Z, E, O, C> {
    /// Reads an endpoint, and what stands in the way of its name when nothing about the endpoint does.
    pub(super) async fn observe_private_name(&self, key: &EndpointKey, rules: &Rules) -> Result<Observed, PortError> {
        let endpoint = self.endpoints.describe_endpoint(key).await?;
        let Some(open) = endpoint.as_ref().filter(|endpoint| is_open(endpoint, rules)) else {
            return Ok(Observed { endpoint, ..Observed::default() });
        };
        let vpc = VpcReference { region: key.region.clone(), vpc: open.vpc.clone() };
        let (offer, (rivals, resolves)) = try_join(
            self.endpoints.describe_offer(&key.account, &key.region, &open.service_name),
            self.read_vpc(&key.account, &vpc, rules),
        )
        .await?;
        Ok(Observed { endpoint, offer, resolves, rivals })
    }
}
