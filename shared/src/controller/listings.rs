//! What places were found to have, remembered for a short while: a sweep asks for it with every name.

use std::{collections::BTreeMap, rc::Rc, time::Duration};

use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::{
    model::{AccountId, Region},
    port::PortError,
};

/// For how long a listing of a place is relied on.
const REMEMBERED: Duration = Duration::from_mins(1);

/// What a place was found to have, and when.
type Listing<T> = (Timestamp, Rc<Vec<T>>);

/// What places were found to have, for a short while.
#[derive(Debug)]
pub(super) struct Listings<T> {
    listed: Mutex<BTreeMap<(AccountId, Region), Listing<T>>>,
}

impl<T> Default for Listings<T> {
    fn default() -> Self {
        Self { listed: Mutex::default() }
    }
}

impl<T> Listings<T> {
    /// Forgets all places.
    pub async fn forget_all(&self) {
        self.listed.lock().await.clear();
    }

    /// Forgets a place.
    pub async fn forget(&self, account: &AccountId, region: &Region) {
        self.listed.lock().await.remove(&(account.clone(), region.clone()));
    }

    /// What a place has: remembered, or read.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn of(
        &self,
        account: &AccountId,
        region: &Region,
        now: Timestamp,
        read: impl Future<Output = Result<Vec<T>, PortError>>,
    ) -> Result<Rc<Vec<T>>, PortError> {
        // Held while it is read: others wait for this listing instead of making their own.
        let mut listed = self.listed.lock().await;
        let place = (account.clone(), region.clone());
        let is_fresh = |at: Timestamp| Duration::try_from(now.duration_since(at)).is_ok_and(|age| age < REMEMBERED);
        if let Some((_, found)) = listed.get(&place).filter(|(at, _)| is_fresh(*at)) {
            return Ok(Rc::clone(found));
        }
        let found = Rc::new(read.await?);
        listed.insert(place, (now, Rc::clone(&found)));
        Ok(found)
    }
}
