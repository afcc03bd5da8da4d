//! Amazon `EventBridge`: our events on the hub's bus.

use aws_config::SdkConfig;
use aws_sdk_eventbridge::{Client, types::PutEventsRequestEntry};

use super::error::{classify, port_error};
use crate::{
    event::own,
    port::{Bus, BusEvent, FailureKind, PortError},
    reconcile::Permit,
};

const CALL: &str = "events:PutEvents";

/// One event bus.
#[derive(Debug, Clone)]
pub struct EventBridge {
    client: Client,
    name: String,
}

impl EventBridge {
    pub(super) fn new(config: &SdkConfig, name: String) -> Self {
        Self { client: Client::new(config), name }
    }

    fn entry(&self, event: &BusEvent) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(own::SOURCE)
            .detail_type(event.detail_type)
            .set_resources(Some(event.resources.clone()))
            .detail(event.detail.to_string())
            .build()
    }
}

impl Bus for EventBridge {
    async fn publish(&self, events: &[BusEvent], _: &Permit) -> Result<(), (usize, PortError)> {
        let entries = events.iter().map(|event| self.entry(event)).collect();
        let output = self.client.put_events().set_entries(Some(entries)).send().await;
        let output = output.map_err(|error| (events.len(), port_error(CALL, self.name.clone(), &error)))?;
        let refused: Vec<_> = output.entries().iter().filter(|entry| entry.error_code().is_some()).collect();
        let answered = output.entries().len();
        let failed = refused.len() + events.len().saturating_sub(answered);
        if failed == 0 {
            return Ok(());
        }
        let code = refused.first().and_then(|entry| entry.error_code()).map(ToOwned::to_owned);
        let message = refused.first().and_then(|entry| entry.error_message()).unwrap_or("no answer for an entry");
        let kind = code.as_deref().map_or(FailureKind::Retry, classify);
        Err((failed, PortError { call: CALL, place: self.name.clone(), kind, message: message.to_owned(), code }))
    }
}
