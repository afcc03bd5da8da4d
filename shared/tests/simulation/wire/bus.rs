//! The bus, the function's own queue, and the time.

use std::time::Duration;

use drawbridge::{
    policy::Mode,
    port::{Bus, BusEvent, Clock, PortError, Queue},
    reconcile::Permit,
};
use jiff::Timestamp;

use super::Ports;
use crate::{
    agenda::{Entry, Wait},
    body,
    functions::FUNCTIONS,
    stage::Invariant,
};

impl Bus for Ports {
    async fn publish(&self, events: &[BusEvent], permit: &Permit) -> Result<(), (usize, PortError)> {
        let (stage, run) = (self.stage(), self.run());
        let publish = async {
            if run.mode() == Some(Mode::Observe) {
                stage.violate(Invariant::ObserveWritesNothing, || "events:PutEvents by a run that observes".to_owned());
            }
            let world = &stage.world;
            let answer = world.publish(events, permit).await;
            // What reached the bus goes on to whoever hears of it.
            let reached = std::mem::take(&mut world.change().events);
            reached.iter().filter_map(body::asked).for_each(|letter| stage.send(&letter));
            reached.iter().filter_map(body::decided).for_each(|letter| stage.send(&letter));
            answer.map_err(|(_, error)| error)
        };
        let words: Vec<&str> = events.iter().map(|event| event.detail_type).collect();
        let answer = self.read("events:PutEvents", &words.join(", "), publish).await;
        answer.map_err(|error| (events.len(), error))
    }
}

impl Queue for Ports {
    async fn send(&self, message: &serde_json::Value, after: Duration, permit: &Permit) -> Result<(), PortError> {
        let (stage, run) = (self.stage(), self.run());
        let function = FUNCTIONS.iter().position(|function| function.name == run.function).unwrap_or_default();
        let send = async {
            if run.mode() == Some(Mode::Observe) {
                stage.violate(Invariant::ObserveWritesNothing, || "sqs:SendMessage by a run that observes".to_owned());
            }
            let world = &stage.world;
            let answer = world.send(message, after, permit).await;
            let sent = std::mem::take(&mut world.change().delayed);
            for (at, message) in sent {
                let letter = body::again(&message);
                stage.agenda.enter(at, Entry::Arrival(function, letter.clone()));
                if stage.trouble.is_doubled(&stage.random) {
                    stage.count("message doubled");
                    stage.agenda.enter(at, Entry::Arrival(function, letter));
                }
            }
            answer
        };
        self.read("sqs:SendMessage", &format!("{} in {} s", message["detail"]["subject"], after.as_secs()), send).await
    }
}

impl Clock for Ports {
    fn now(&self) -> Timestamp {
        self.stage().now()
    }

    async fn wait_until(&self, time: Timestamp) {
        Wait::until(self.stage(), self.run().id, time).await;
    }
}
