//! The hosted zones that may be written, remembered for a short while: a sweep asks for them with every service.

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use std::{collections::BTreeMap, rc::Rc, time::Duration};
use tokio::sync::Mutex;

use crate::{
    model::{DomainName, Zone, ZoneId},
    policy::Rules,
    port::{Clock, HostedZones, PortError},
};

/// For how long a listing is relied on. A zone that is made meanwhile is found later, one that is gone refuses.
const REMEMBERED: Duration = Duration::from_mins(1);

/// How many accounts are asked at once.
const ACCOUNTS_AT_ONCE: usize = 8;

/// The zones of all accounts that may be written.
#[derive(Debug, Default)]
pub(super) struct Zones {
    listed: Mutex<Option<(Timestamp, Rc<Vec<Zone>>)>>,
}

impl Zones {
    /// Forgets them.
    pub async fn forget(&self) {
        *self.listed.lock().await = None;
    }

    /// All zones of the accounts in `dns.accounts`.
    ///
    /// # Errors
    /// When one account's can't be listed: the most specific zone may be among them.
    pub async fn all(
        &self,
        hosted_zones: &impl HostedZones,
        clock: &impl Clock,
        rules: &Rules,
    ) -> Result<Rc<Vec<Zone>>, PortError> {
        // Held while they are listed: others wait for this listing instead of making their own.
        let mut listed = self.listed.lock().await;
        let now = clock.now();
        let is_fresh = |at: Timestamp| Duration::try_from(now.duration_since(at)).is_ok_and(|age| age < REMEMBERED);
        if let Some((_, zones)) = listed.as_ref().filter(|(at, _)| is_fresh(*at)) {
            return Ok(Rc::clone(zones));
        }
        let list = |account| async move { hosted_zones.list_zones(account).await };
        let answers: Vec<Result<Vec<Zone>, PortError>> =
            stream::iter(&rules.configuration.dns.accounts).map(list).buffered(ACCOUNTS_AT_ONCE).collect().await;
        let zones: Vec<Vec<Zone>> = answers.into_iter().collect::<Result<_, _>>()?;
        let mut zones = zones.concat();
        // AWS promises no order, and what is decided must not depend on one.
        zones.sort_by(|one, other| one.key.cmp(&other.key));
        let zones = Rc::new(zones);
        *listed = Some((now, Rc::clone(&zones)));
        Ok(zones)
    }
}

/// The names of zones.
pub(super) fn zone_names(zones: &[Zone]) -> BTreeMap<ZoneId, DomainName> {
    zones.iter().map(|zone| (zone.key.zone.clone(), zone.name.clone())).collect()
}

/// The public zones that cover a domain: those of the longest name.
pub(super) fn covering<'a>(zones: &'a [Zone], domain: &DomainName) -> Vec<&'a Zone> {
    let covers = |zone: &&Zone| !zone.private && domain.is_within(&zone.name);
    let longest = zones.iter().filter(covers).map(|zone| zone.name.as_str().len()).max();
    zones.iter().filter(covers).filter(|zone| Some(zone.name.as_str().len()) == longest).collect()
}
