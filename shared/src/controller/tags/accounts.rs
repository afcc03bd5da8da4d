//! What is known of accounts: their membership, the names of their units, their tag policy. Remembered for as long as
//! memberships are, and asked for anew before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::{
    membership::{Memberships, is_fresh},
    model::{AccountId, Known, Membership, ParentId, TagPolicy},
    plan::tags::Observed,
    policy::{AccountField, Rules, TagPolicies},
    port::{Clock, Organization, PortError},
};

/// What was learned within this time may be written: less than an event takes from a change to here, and long enough for all
/// keys of a run to share it.
const AS_OF_NOW: SignedDuration = SignedDuration::from_secs(10);

/// What was read, and when. Locked while it is read: others wait for that instead of asking, too.
type Remembered<K, V> = Mutex<BTreeMap<K, (Timestamp, V)>>;

/// Reads accounts, and remembers what it read.
#[derive(Debug)]
pub struct Accounts {
    memberships: Memberships,
    units: Remembered<ParentId, String>,
    tag_policies: Remembered<AccountId, TagPolicy>,
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            memberships: Memberships::reading_tags_when(|rules| {
                rules.configuration.tags.needs(|field| matches!(field, AccountField::Tag(_)))
            }),
            units: Mutex::default(),
            tag_policies: Mutex::default(),
        }
    }
}

impl Accounts {
    /// Has an account looked up anew.
    pub async fn forget(&self, account: &AccountId) {
        self.memberships.forget(account).await;
        self.tag_policies.lock().await.remove(account);
    }

    /// Has every account looked up anew, and every unit.
    pub async fn forget_all(&self) {
        self.memberships.forget_all().await;
        self.units.lock().await.clear();
        self.tag_policies.lock().await.clear();
    }

    /// Has the accounts of these facts looked up anew, and every unit.
    pub async fn forget_those(&self, observed: &Observed) {
        for account in observed.accounts.keys() {
            self.memberships.forget(account).await;
        }
        // An account may have moved to any unit that is remembered.
        self.units.lock().await.clear();
    }

    /// Whether anything of these facts was not learned just now.
    pub async fn are_remembered(&self, observed: &Observed, now: Timestamp) -> bool {
        let is_old = |learned: Timestamp| now.duration_since(learned) > AS_OF_NOW;
        let units = self.units.lock().await;
        observed.accounts.values().any(|known| is_old(known.at))
            || observed.units.keys().any(|unit| units.get(unit).is_none_or(|(learned, _)| is_old(*learned)))
    }

    /// What is known of accounts, and which look-ups failed.
    pub async fn look_up(
        &self,
        organization: &impl Organization,
        clock: &impl Clock,
        accounts: BTreeSet<AccountId>,
        rules: &Rules,
    ) -> (BTreeMap<AccountId, Known>, Vec<PortError>) {
        self.memberships.look_up(organization, clock, accounts, rules).await
    }

    /// The names of the units that these accounts are in, if the rules ask for them, and which look-ups failed.
    pub async fn units(
        &self,
        organization: &impl Organization,
        clock: &impl Clock,
        accounts: &BTreeMap<AccountId, Known>,
        rules: &Rules,
    ) -> (BTreeMap<ParentId, String>, Vec<PortError>) {
        if !rules.configuration.tags.needs(|field| *field == AccountField::OuPath) {
            return Default::default();
        }
        let parents = accounts.values().filter_map(|known| match &known.membership {
            Membership::Member(account) => Some(&account.path.parents),
            _ => None,
        });
        let units: BTreeSet<&ParentId> = parents.flatten().filter(|parent| parent.is_organizational_unit()).collect();
        let (mut names, mut gaps) = (BTreeMap::new(), Vec::new());
        for unit in units {
            let name = remember(&self.units, unit, clock, rules, || organization.unit_name(unit)).await;
            match name {
                Ok(name) => drop(names.insert(unit.clone(), name)),
                Err(error) => gaps.push(error),
            }
        }
        (names, gaps)
    }

    /// The tag policy that is in force for an account; one that says nothing, where none is to be read.
    ///
    /// # Errors
    /// When it can't be read: then nothing may be written in the account.
    pub async fn tag_policy(
        &self,
        organization: &impl Organization,
        clock: &impl Clock,
        account: &AccountId,
        rules: &Rules,
    ) -> Result<TagPolicy, PortError> {
        if rules.configuration.tags.tag_policies == TagPolicies::Ignore {
            return Ok(TagPolicy::default());
        }
        remember(&self.tag_policies, account, clock, rules, || organization.tag_policy(account)).await
    }
}

/// What is remembered of a key, or read and remembered.
async fn remember<K: Ord + Clone, V: Clone, W: Future<Output = Result<V, PortError>>>(
    remembered: &Remembered<K, V>,
    key: &K,
    clock: &impl Clock,
    rules: &Rules,
    read: impl FnOnce() -> W,
) -> Result<V, PortError> {
    let mut remembered = remembered.lock().await;
    let now = clock.now();
    if let Some((_, value)) = remembered.get(key).filter(|(learned, _)| is_fresh(*learned, now, rules)) {
        return Ok(value.clone());
    }
    let value = read().await?;
    remembered.insert(key.clone(), (now, value.clone()));
    Ok(value)
}
