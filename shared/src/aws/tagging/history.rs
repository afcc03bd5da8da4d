//! `CloudTrail`: the event history of an account and Region, which is kept for 90 days without a trail.

use aws_sdk_cloudtrail::{
    primitives::DateTime,
    types::{LookupAttribute, LookupAttributeKey},
};
use jiff::Timestamp;

use super::{Tagging, port_error};
use crate::{
    aws::{place, private_link::answer::malformed},
    event,
    model::{AccountId, Creation, Region, ResourceKind},
    port::{EventHistory, PortError},
};

const LOOKUP_EVENTS: &str = "cloudtrail:LookupEvents";

/// Events of one page.
///
/// Source: `CloudTrail` API reference, `LookupEvents`.
const PAGE: i32 = 50;

/// Most pages of one reading: two calls a second are all that an account may make in a Region, and others want some, too. What
/// lies further back is left.
const PAGES: usize = 10;

/// The call that makes resources of a kind.
fn call(kind: ResourceKind) -> Option<&'static str> {
    match kind {
        ResourceKind::Endpoint => Some("CreateVpcEndpoint"),
        ResourceKind::EndpointService => Some("CreateVpcEndpointServiceConfiguration"),
        ResourceKind::LoadBalancer => Some("CreateLoadBalancer"),
        ResourceKind::Listener => Some("CreateListener"),
        ResourceKind::TargetGroup => Some("CreateTargetGroup"),
        ResourceKind::HostedZone => Some("CreateHostedZone"),
        ResourceKind::NetworkInterface
        | ResourceKind::Connection
        | ResourceKind::CloudMapNamespace
        | ResourceKind::CloudMapService
        | ResourceKind::Alarm => None,
    }
}

impl EventHistory for Tagging {
    async fn list_creations(
        &self,
        account: &AccountId,
        region: &Region,
        kind: ResourceKind,
        since: Timestamp,
    ) -> Result<Vec<Creation>, PortError> {
        let Some(call) = call(kind) else { return Ok(Vec::new()) };
        let client = self.clients(account, region).await.cloudtrail;
        let attribute =
            LookupAttribute::builder().attribute_key(LookupAttributeKey::EventName).attribute_value(call).build();
        let attribute = attribute.map_err(|error| malformed(LOOKUP_EVENTS, place(account, region), &error))?;
        let mut made = Vec::new();
        let mut token = None;
        for page in 0..PAGES {
            let ask = client.lookup_events().lookup_attributes(attribute.clone()).max_results(PAGE);
            let ask = ask.start_time(DateTime::from_secs(since.as_second())).set_next_token(token.take());
            let output = ask.send().await;
            let output = match output.map_err(|error| port_error(LOOKUP_EVENTS, place(account, region), &error)) {
                Ok(output) => output,
                // What was read is of use without the rest.
                Err(_) if page > 0 => break,
                Err(error) => return Err(error),
            };
            let records = output.events().iter().filter_map(|event| event.cloud_trail_event());
            // A record that can't be read names nobody.
            let records = records.filter_map(|record| serde_json::from_str(record).ok());
            made.extend(records.flat_map(|record: serde_json::Value| event::creations(&record)));
            token = output.next_token().filter(|token| !token.is_empty()).map(ToOwned::to_owned);
            if token.is_none() {
                break;
            }
        }
        Ok(made)
    }
}
