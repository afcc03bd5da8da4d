//! The event bus, the function's queue and the time, in memory.

use std::time::Duration;

use jiff::Timestamp;

use super::{Effect, World, fault::error};
use crate::{
    port::{Bus, BusEvent, Clock, FailureKind, LONGEST_DELAY, PUBLISHED_AT_ONCE, PortError, Queue, later},
    reconcile::Permit,
};

impl Bus for &World {
    async fn publish(&self, events: &[BusEvent], _: &Permit) -> Result<(), (usize, PortError)> {
        let failed = |kind| Err((events.len(), error("events:PutEvents", "bus", kind)));
        let effect = self.begin("events:PutEvents");
        if let Some(Effect::Fails(kind) | Effect::FailsWith(kind, _)) = effect {
            return failed(kind);
        }
        if events.len() > PUBLISHED_AT_ONCE {
            return failed(FailureKind::Refused);
        }
        self.change().events.extend_from_slice(events);
        if effect == Some(Effect::AnswerLost) { failed(FailureKind::Retry) } else { Ok(()) }
    }
}

impl Queue for &World {
    async fn send(&self, message: &serde_json::Value, after: Duration, _: &Permit) -> Result<(), PortError> {
        let call = "sqs:SendMessage";
        let effect = self.begin(call);
        match effect {
            Some(Effect::Fails(kind) | Effect::FailsWith(kind, _)) => return Err(error(call, "queue", kind)),
            _ if after > LONGEST_DELAY => return Err(error(call, "queue", FailureKind::Refused)),
            _ => self.change().delayed.push((later(self.now(), after), message.clone())),
        }
        if effect == Some(Effect::AnswerLost) { Err(error(call, "queue", FailureKind::Retry)) } else { Ok(()) }
    }
}

impl Clock for &World {
    fn now(&self) -> Timestamp {
        self.time.get()
    }

    /// Time passes by hand here, and nothing lasts: nobody is ever late.
    async fn wait_until(&self, _: Timestamp) {
        std::future::pending::<()>().await;
    }
}
