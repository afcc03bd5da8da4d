//! Who is a member: the answers of AWS Organizations, checked, and remembered for a while.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio::sync::{Mutex, Semaphore};

use crate::{
    model::{Account, AccountId, AccountState, Known, Membership},
    policy::{Configuration, Rules},
    port::{Clock, Organization, PortError, Wanted},
};

/// How many accounts are asked for at once, whatever is worked on. The bucket of `DescribeAccount` holds 30, refills with 20
/// a second, and is shared with every other tool of the Organization.
///
/// Source: AWS Organizations quotas, throttling limits.
const LOOKUPS_AT_ONCE: usize = 8;

/// From this many unknown owners on, members are listed before the rest is asked for one by one.
const LISTED_FROM: usize = 40;

/// A page of the listing holds 20 members and its bucket refills with 8 a second, that of single look-ups with 20: a listing
/// may have a page for each this many owners, and can't cost more time than asking for each.
const OWNERS_FOR_A_PAGE: usize = 3;

/// Looks owners up, and remembers the active members among them.
///
/// # Guarantees
/// - Only "is an active member" is remembered: a stranger who joins and a suspended account that comes back are seen at once.
/// - That an account is no member is told only by an answer about this account, never by its absence from a listing.
///
/// # Caveats
/// An account that leaves is taken for a member until the memory of it ends (`membership.remember`), or until an event says
/// that it has changed.
#[derive(Debug)]
pub struct Memberships {
    known: RefCell<BTreeMap<AccountId, (Timestamp, Account)>>,
    /// All members, when they were listed last.
    all: Mutex<Option<(Timestamp, BTreeMap<AccountId, Known>)>>,
    lookups: Semaphore,
    /// Whether the tags of accounts are wanted, too: a call for each.
    wants_tags: fn(&Rules) -> bool,
}

impl Default for Memberships {
    /// With tags when a policy speaks of them.
    fn default() -> Self {
        Self::reading_tags_when(|rules| rules.acceptance.mentions().account_tags)
    }
}

impl Memberships {
    /// Reads the tags of accounts when the rules ask for them.
    #[must_use]
    pub fn reading_tags_when(wants_tags: fn(&Rules) -> bool) -> Self {
        let lookups = Semaphore::new(LOOKUPS_AT_ONCE);
        Self { known: RefCell::default(), all: Mutex::default(), lookups, wants_tags }
    }

    /// Forgets every account.
    pub async fn forget_all(&self) {
        self.known.borrow_mut().clear();
        *self.all.lock().await = None;
    }

    /// Forgets an account, so that it is looked up anew.
    pub async fn forget(&self, account: &AccountId) {
        self.known.borrow_mut().remove(account);
        *self.all.lock().await = None;
    }

    /// Looks accounts up whatever is remembered of them.
    pub async fn look_up_anew(
        &self,
        organization: &impl Organization,
        clock: &impl Clock,
        accounts: BTreeSet<AccountId>,
        rules: &Rules,
    ) -> (BTreeMap<AccountId, Known>, Vec<PortError>) {
        for account in &accounts {
            self.known.borrow_mut().remove(account);
        }
        self.look_up(organization, clock, accounts, rules).await
    }

    /// What is known of each owner, and the look-ups that failed: their owners are unknown.
    pub async fn look_up(
        &self,
        organization: &impl Organization,
        clock: &impl Clock,
        owners: BTreeSet<AccountId>,
        rules: &Rules,
    ) -> (BTreeMap<AccountId, Known>, Vec<PortError>) {
        let (listed, mut gaps) = self.list(organization, clock, &owners, rules).await;
        let look_up = |owner: AccountId| {
            let listed = listed.get(&owner);
            async move {
                let answer = self.membership(organization, clock, &owner, listed, rules).await;
                (owner, answer)
            }
        };
        let answers: Vec<_> = stream::iter(owners).map(look_up).buffered(LOOKUPS_AT_ONCE).collect().await;
        let members = answers.into_iter().map(|(owner, answer)| {
            let known = answer.unwrap_or_else(|error| {
                let why = error.to_string();
                gaps.push(error);
                Known { membership: Membership::Unknown { why }, at: clock.now() }
            });
            (owner, check_organization(known, &rules.configuration))
        });
        (members.collect(), gaps)
    }

    /// All members of the Organization.
    ///
    /// # Errors
    /// When the listing, or the tags of one that a policy speaks of, can't be read.
    pub async fn all(
        &self,
        organization: &impl Organization,
        clock: &impl Clock,
        rules: &Rules,
    ) -> Result<BTreeMap<AccountId, Known>, PortError> {
        // Held while it is listed: others wait for this listing instead of making their own.
        let mut all = self.all.lock().await;
        let now = clock.now();
        if let Some((_, members)) = all.as_ref().filter(|(listed, _)| is_fresh(*listed, now, rules)) {
            return Ok(members.clone());
        }
        let listed = organization.list_members(Wanted::All).await?;
        let known = |membership| async {
            let membership = self.with_tags(organization, membership, rules).await?;
            Ok(check_organization(Known { membership, at: now }, &rules.configuration))
        };
        let members: Vec<Result<(AccountId, Known), PortError>> = stream::iter(listed)
            .map(|(account, membership)| async { Ok((account, known(membership).await?)) })
            .buffered(LOOKUPS_AT_ONCE)
            .collect()
            .await;
        let members: BTreeMap<AccountId, Known> = members.into_iter().collect::<Result<_, _>>()?;
        *all = Some((now, members.clone()));
        Ok(members)
    }

    /// Lists members when many owners are unknown. That it fails costs a call for each owner, no more; what only a person can
    /// mend is told.
    async fn list(
        &self,
        organization: &impl Organization,
        clock: &impl Clock,
        owners: &BTreeSet<AccountId>,
        rules: &Rules,
    ) -> (BTreeMap<AccountId, Membership>, Vec<PortError>) {
        let now = clock.now();
        let unknown: BTreeSet<AccountId> =
            owners.iter().filter(|owner| self.recall(owner, now, rules).is_none()).cloned().collect();
        if unknown.len() < LISTED_FROM {
            return Default::default();
        }
        match organization.list_members(Wanted::These(&unknown, unknown.len() / OWNERS_FOR_A_PAGE)).await {
            Ok(listed) => (listed, Vec::new()),
            Err(error) if error.may_pass() => Default::default(),
            Err(error) => (BTreeMap::new(), vec![error]),
        }
    }

    async fn membership(
        &self,
        organization: &impl Organization,
        clock: &impl Clock,
        account: &AccountId,
        listed: Option<&Membership>,
        rules: &Rules,
    ) -> Result<Known, PortError> {
        // The semaphore is never closed; a turn that can't be had is no reason not to ask.
        let turn = self.lookups.acquire().await.ok();
        // Only now: another key may have learned it while this one waited.
        let now = clock.now();
        if let Some((at, member)) = self.recall(account, now, rules) {
            return Ok(Known { membership: Membership::Member(member), at });
        }
        let membership = match listed {
            Some(Membership::Member(member)) if member.state == AccountState::Active => {
                Membership::Member(member.clone())
            }
            _ => organization.membership(account).await?,
        };
        drop(turn);
        let membership = self.with_tags(organization, membership, rules).await?;
        self.note(account, now, &membership);
        Ok(Known { membership, at: now })
    }

    /// Adds the tags of a member, when they are wanted.
    async fn with_tags(
        &self,
        organization: &impl Organization,
        membership: Membership,
        rules: &Rules,
    ) -> Result<Membership, PortError> {
        match membership {
            Membership::Member(account) if (self.wants_tags)(rules) => {
                let _turn = self.lookups.acquire().await.ok();
                let tags = organization.tags(&account.id).await?;
                Ok(Membership::Member(Account { tags, ..account }))
            }
            other => Ok(other),
        }
    }

    fn recall(&self, account: &AccountId, now: Timestamp, rules: &Rules) -> Option<(Timestamp, Account)> {
        let known = self.known.borrow();
        known.get(account).filter(|(learned, _)| is_fresh(*learned, now, rules)).cloned()
    }

    fn note(&self, account: &AccountId, now: Timestamp, membership: &Membership) {
        let mut known = self.known.borrow_mut();
        match membership {
            Membership::Member(member) if member.state == AccountState::Active => {
                known.insert(account.clone(), (now, member.clone()));
            }
            _ => {
                known.remove(account);
            }
        }
    }
}

/// Whether what was learned then may still be relied on.
#[must_use]
pub fn is_fresh(learned: Timestamp, now: Timestamp, rules: &Rules) -> bool {
    let keep = rules.configuration.membership.remember.as_duration();
    // A clock that went back is no reason to trust an old answer.
    Duration::try_from(now.duration_since(learned)).is_ok_and(|age| age < keep)
}

/// A member of another Organization than the configured one is no member: the delegation is wrong, not the account.
fn check_organization(known: Known, configuration: &Configuration) -> Known {
    let membership = match known.membership {
        Membership::Member(account) if account.path.organization != configuration.organization => {
            let (found, expected) = (&account.path.organization, &configuration.organization);
            Membership::Unknown {
                why: format!("AWS Organizations answered for {found}, the configuration names {expected}"),
            }
        }
        other => other,
    };
    Known { membership, ..known }
}

#[cfg(test)]
#[cfg(feature = "world")]
mod tests;
