//! How things were: for reads that are not up to date, and for tests that reckon by what was known when.

use std::{rc::Rc, time::Duration};

use jiff::Timestamp;

use super::{State, World};

/// Earlier states, the oldest first.
#[derive(Debug, Default)]
pub(super) struct History {
    kept_for: Duration,
    past: Vec<Past>,
}

/// A state, and when it ended.
#[derive(Debug)]
struct Past {
    until: Timestamp,
    state: Rc<State>,
}

impl History {
    /// Keeps a state that is about to be changed.
    pub(super) fn note(&mut self, now: Timestamp, state: &Rc<State>) {
        if self.kept_for.is_zero() {
            return;
        }
        let oldest = now.saturating_sub(self.kept_for).unwrap_or(Timestamp::MIN);
        let gone = self.past.iter().take_while(|past| past.until < oldest).count();
        self.past.drain(..gone);
        self.past.push(Past { until: now, state: Rc::clone(state) });
    }
}

impl World {
    /// Remembers how things were for this long. A new world remembers nothing.
    pub fn remember(&self, kept_for: Duration) {
        self.history.borrow_mut().kept_for = kept_for;
    }

    /// How things were this long ago, as far as that is remembered.
    #[must_use]
    pub fn as_of(&self, age: Duration) -> Rc<State> {
        let then = self.time.get().saturating_sub(age).unwrap_or(Timestamp::MIN);
        let history = self.history.borrow();
        let past = history.past.iter().find(|past| past.until > then);
        past.map_or_else(|| self.snapshot(), |past| Rc::clone(&past.state))
    }

    /// All states that there were since this time, the oldest first, the present one last.
    #[must_use]
    pub fn since(&self, time: Timestamp) -> Vec<Rc<State>> {
        let history = self.history.borrow();
        let past = history.past.iter().filter(|past| past.until >= time).map(|past| Rc::clone(&past.state));
        past.chain([self.snapshot()]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::BusEvent;

    fn events(state: &State) -> usize {
        state.events.len()
    }

    #[test]
    fn world_tells_how_things_were_as_long_as_it_remembers() {
        let world = World::at("2026-11-02T10:00:00Z".parse().unwrap());
        world.remember(Duration::from_mins(1));
        for _ in 0..3 {
            world.advance(Duration::from_secs(10));
            let event = BusEvent { detail_type: "told", resources: Vec::new(), detail: serde_json::Value::Null };
            world.change().events.push(event);
        }
        assert_eq!(events(&world.as_of(Duration::ZERO)), 3);
        assert_eq!(events(&world.as_of(Duration::from_secs(5))), 2);
        assert_eq!(events(&world.as_of(Duration::from_secs(15))), 1);
        assert_eq!(events(&world.as_of(Duration::from_hours(1))), 0);
        let since = world.since("2026-11-02T10:00:15Z".parse().unwrap());
        assert_eq!(since.iter().map(|state| events(state)).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn world_that_is_not_asked_to_remember_knows_the_present_only() {
        let world = World::at("2026-11-02T10:00:00Z".parse().unwrap());
        world.change().accounts.clear();
        world.advance(Duration::from_secs(1));
        assert_eq!(world.since(Timestamp::MIN).len(), 1);
    }
}
