//! The event bus and the time, in memory.

use jiff::Timestamp;

use super::{Effect, World, fault::error};
use crate::{
    port::{Bus, BusEvent, Clock, PortError},
    reconcile::Permit,
};

impl Bus for &World {
    async fn publish(&self, events: &[BusEvent], _: &Permit) -> Result<(), (usize, PortError)> {
        if let Some(Effect::Fails(kind)) = self.begin("events:PutEvents") {
            return Err((events.len(), error("events:PutEvents", "bus", kind)));
        }
        self.change().events.extend_from_slice(events);
        Ok(())
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
