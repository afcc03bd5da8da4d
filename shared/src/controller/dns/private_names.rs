//! Reads what the private DNS name of an endpoint is decided by.

use futures_util::future::try_join;

use super::Dns;
use crate::{
    model::{EndpointKey, VpcReference},
    plan::dns::private_name::{Observed, is_open, is_ready},
    policy::{FunctionName, Mode, Rules},
    port::{Clock, Endpoints, HostedZones, Organization, PortError, PrivateLink, Resolvers},
};

impl<P: PrivateLink, Z: HostedZones + Resolvers, E: Endpoints, O: Organization, C: Clock> Dns<P, Z, E, O, C> {
    /// Reads an endpoint, and what stands in the way of its name when nothing about the endpoint does
    /// and it is its turn.
    pub(super) async fn observe_private_name(&self, key: &EndpointKey, rules: &Rules) -> Result<Observed, PortError> {
        let endpoint = self.endpoints.describe_endpoint(key).await?;
        let Some(open) = endpoint.as_ref().filter(|endpoint| is_open(endpoint, rules)) else {
            return Ok(Observed { endpoint, ..Observed::default() });
        };
        let (now, paced) = (self.clock.now(), rules.configuration.mode_of(FunctionName::SyncDns) == Mode::Enforce);
        let waits = self.pace.waits(key, now).filter(|_| paced);
        if waits.is_some() {
            return Ok(Observed { endpoint, waits, ..Observed::default() });
        }
        let vpc = VpcReference { region: key.region.clone(), vpc: open.vpc.clone() };
        let (offer, (rivals, resolves)) = try_join(
            self.endpoints.describe_offer(&key.account, &key.region, &open.service_name),
            self.read_vpc(&key.account, &vpc, rules),
        )
        .await?;
        let mut observed = Observed { endpoint, offer, resolves, rivals, waits: None };
        if paced && is_ready(&observed, rules) {
            observed.waits = self.pace.turn(key, now);
        }
        Ok(observed)
    }
}
