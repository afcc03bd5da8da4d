//! The pace of writes: CloudWatch takes few alarms a second of one account and Region, and others write there, too.

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use tokio::time::{Instant, sleep_until};

use crate::model::{AccountId, Region};

/// Time between two writes, and the writes that there are at once after a rest.
///
/// Source: CloudWatch user guide, "Service quotas": 3 `PutMetricAlarm`, 3 `PutCompositeAlarm` and 3 `DeleteAlarms` a second.
const BETWEEN: Duration = Duration::from_millis(400);
const AT_ONCE: u32 = 3;

/// Who has the next turn.
#[derive(Debug, Default)]
pub struct Pace {
    next: RefCell<BTreeMap<(AccountId, Region), Instant>>,
}

impl Pace {
    /// Comes back when it is time to write.
    pub async fn turn(&self, account: &AccountId, region: &Region) {
        sleep_until(self.take(account, region)).await;
    }

    fn take(&self, account: &AccountId, region: &Region) -> Instant {
        let mut next = self.next.borrow_mut();
        let now = Instant::now();
        let rested = now.checked_sub(BETWEEN * (AT_ONCE - 1)).unwrap_or(now);
        let next = next.entry((account.clone(), region.clone())).or_insert(rested);
        let turn = (*next).max(rested);
        *next = turn + BETWEEN;
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn writes_of_one_place_lie_apart_and_other_places_have_their_own() {
        let (pace, region) = (Pace::default(), "eu-west-1".parse().unwrap());
        let account = |text: &str| text.parse().unwrap();
        let begin = Instant::now();
        let turns: Vec<Instant> = (0..10).map(|_| pace.take(&account("444444444444"), &region)).collect();
        let waits = turns.iter().filter(|turn| **turn > Instant::now()).count();
        assert_eq!(waits, 10 - AT_ONCE as usize);
        assert!(turns.last().unwrap().duration_since(begin) >= BETWEEN * (9 - AT_ONCE));
        assert!(pace.take(&account("555555555555"), &region) <= Instant::now());
    }
}
