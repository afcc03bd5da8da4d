//! The pace of calls that AWS takes only few of: each endpoint gets a turn of its own, so that hundreds that are accepted at
//! once don't throttle each other, nor those who make endpoints by hand.

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use crate::{
    model::{AccountId, EndpointKey, Region},
    port::{earlier, later},
};

/// Time between two turns in one account and Region, and the turns that are there at once after a rest.
///
/// AWS fills the bucket of `ModifyVpcEndpoint` by 0.3 a second, and it holds 4 (EC2 API reference, request throttling). Two
/// environments run at once (`MaximumConcurrency`), so each takes half.
const BETWEEN: Duration = Duration::from_millis(6_667);
const AT_ONCE: u32 = 2;

/// Who has which turn.
#[derive(Debug, Default)]
pub(super) struct Pace {
    turns: RefCell<BTreeMap<EndpointKey, Timestamp>>,
    next: RefCell<BTreeMap<(AccountId, Region), Timestamp>>,
}

impl Pace {
    /// How long an endpoint that was given a turn has to wait for it.
    pub fn waits(&self, key: &EndpointKey, now: Timestamp) -> Option<Duration> {
        let turn = *self.turns.borrow().get(key)?;
        Duration::try_from(turn.duration_since(now)).ok().filter(|wait| !wait.is_zero())
    }

    /// Gives an endpoint its turn: now, which is `None`, or after this time.
    pub fn turn(&self, key: &EndpointKey, now: Timestamp) -> Option<Duration> {
        if self.turns.borrow_mut().remove(key).is_some_and(|turn| turn <= now) {
            return None;
        }
        let mut next = self.next.borrow_mut();
        let place = (key.account.clone(), key.region.clone());
        // After a rest some turns are there at once.
        let rested = earlier(now, BETWEEN * (AT_ONCE - 1));
        let turn = next.get(&place).copied().unwrap_or(rested).max(rested);
        next.insert(place, later(turn, BETWEEN));
        if turn <= now {
            return None;
        }
        self.turns.borrow_mut().insert(key.clone(), turn);
        self.waits(key, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(account: &str, number: u8) -> EndpointKey {
        EndpointKey {
            account: account.parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            endpoint: format!("vpce-0f1e2d3c4b5a697{number:02}").parse().unwrap(),
        }
    }

    const HERE: &str = "444444444444";

    #[test]
    fn turns_of_one_place_lie_apart_and_other_places_have_their_own() {
        let (pace, now) = (Pace::default(), "2026-11-02T10:00:00Z".parse().unwrap());
        let turns: Vec<_> = (0..5).map(|number| pace.turn(&key(HERE, number), now)).collect();
        assert_eq!(turns, [None, None, Some(BETWEEN), Some(BETWEEN * 2), Some(BETWEEN * 3)]);
        assert_eq!(pace.turn(&key("555555555555", 0), now), None);
    }

    #[test]
    fn turn_is_kept_until_it_comes_and_is_used_up_then() {
        let (pace, now) = (Pace::default(), "2026-11-02T10:00:00Z".parse().unwrap());
        let third = (0..3).map(|number| pace.turn(&key(HERE, number), now)).last().flatten().unwrap();
        assert_eq!(pace.waits(&key(HERE, 2), later(now, third / 2)), Some(third.checked_sub(third / 2).unwrap()));
        let then = later(now, third);
        assert_eq!(pace.waits(&key(HERE, 2), then), None);
        assert_eq!(pace.turn(&key(HERE, 2), then), None);
        assert!(pace.turn(&key(HERE, 2), then).is_some(), "another call needs another turn");
    }

    #[test]
    fn rest_brings_back_no_more_turns_than_there_are_at_once() {
        let (pace, now) = (Pace::default(), "2026-11-02T10:00:00Z".parse().unwrap());
        assert_eq!(pace.turn(&key(HERE, 0), now), None);
        let tomorrow = later(now, Duration::from_hours(24));
        let turns: Vec<_> = (1..4).map(|number| pace.turn(&key(HERE, number), tomorrow)).collect();
        assert_eq!(turns, [None, None, Some(BETWEEN)]);
    }

    #[test]
    fn turns_add_up_to_what_aws_takes() {
        // Both environments, in an hour: 0.3 calls a second and the bucket's 4.
        let (pace, now) = (Pace::default(), "2026-11-02T10:00:00Z".parse().unwrap());
        let hour = Duration::from_hours(1);
        let within = |wait: &Option<Duration>| wait.is_none_or(|wait| wait <= hour);
        let turns = (0_u32..2_000).map(|number| {
            let endpoint = format!("vpce-{number:017x}").parse().unwrap();
            pace.turn(&EndpointKey { endpoint, ..key(HERE, 0) }, now)
        });
        let of_both = 2 * turns.take_while(within).count();
        assert!((1_080..=1_084).contains(&of_both), "{of_both}");
    }
}
