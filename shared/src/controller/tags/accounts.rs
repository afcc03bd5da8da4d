//! What is known of accounts beyond their membership: the names of their units, their tag policy. Remembered for as long as
//! memberships are.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use crate::{
    membership::{Memberships, is_fresh},
    model::{AccountId, Known, Membership, ParentId, TagPolicy},
    policy::{AccountField, Rules, TagPolicies},
    port::{Clock, Organization, PortError},
};

/// How many units are asked for at once. Source: AWS Organizations quotas, throttling limits.
const UNITS_AT_ONCE: usize = 4;

/// What was read, and when.
type Remembered<K, V> = RefCell<BTreeMap<K, (Timestamp, V)>>;

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
            units: RefCell::default(),
            tag_policies: RefCell::default(),
        }
    }
}

impl Accounts {
    /// Has an account looked up anew.
    pub async fn forget(&self, account: &AccountId) {
        self.memberships.forget(account).await;
        self.tag_policies.borrow_mut().remove(account);
    }

    /// Has every account looked up anew, and every unit.
    pub async fn forget_all(&self) {
        self.memberships.forget_all().await;
        self.units.borrow_mut().clear();
        self.tag_policies.borrow_mut().clear();
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
        let now = clock.now();
        let name = |unit: &ParentId| {
            let unit = unit.clone();
            async move {
                if let Some(name) = recall(&self.units, &unit, now, rules) {
                    return Ok((unit, name));
                }
                let name = organization.unit_name(&unit).await?;
                self.units.borrow_mut().insert(unit.clone(), (now, name.clone()));
                Ok((unit, name))
            }
        };
        let answers: Vec<_> = stream::iter(units).map(name).buffered(UNITS_AT_ONCE).collect().await;
        let (mut names, mut gaps) = (BTreeMap::new(), Vec::new());
        for answer in answers {
            match answer {
                Ok((unit, name)) => drop(names.insert(unit, name)),
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
        let now = clock.now();
        if let Some(policy) = recall(&self.tag_policies, account, now, rules) {
            return Ok(policy);
        }
        let policy = organization.tag_policy(account).await?;
        self.tag_policies.borrow_mut().insert(account.clone(), (now, policy.clone()));
        Ok(policy)
    }
}

fn recall<K: Ord, V: Clone>(remembered: &Remembered<K, V>, key: &K, now: Timestamp, rules: &Rules) -> Option<V> {
    let remembered = remembered.borrow();
    remembered.get(key).filter(|(read, _)| is_fresh(*read, now, rules)).map(|(_, value)| value.clone())
}
