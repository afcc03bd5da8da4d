//! The event bus and the time, in memory.

use jiff::Timestamp;

use super::{Effect, World, fault::error};
use crate::{
    port::{Bus, BusEvent, Clock, FailureKind, PUBLISHED_AT_ONCE, PortError},
    reconcile::Permit,
};

impl Bus for &World {
    async fn publish(&self, events: &[BusEvent], _: &Permit) -> Result<(), (usize, PortError)> {
        let failed = |kind| Err((events.len(), error("events:PutEvents", "bus", kind)));
        let effect = self.begin("events:PutEvents");
        if let Some(Effect::Fails(kind)) = effect {
            return failed(kind);
        }
        if events.len() > PUBLISHED_AT_ONCE {
            return failed(FailureKind::Refused);
        }
        self.change().events.extend_from_slice(events);
        if effect == Some(Effect::AnswerLost) { failed(FailureKind::Retry) } else { Ok(()) }
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
