//! Who is a member: the answers of AWS Organizations, checked, and remembered for a while.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio::sync::Semaphore;

use crate::{
    model::{Account, AccountId, AccountState, Membership},
    policy::Configuration,
    port::{Clock, Organization, PortError},
};

/// How many accounts are asked for at once, whatever is worked on. The bucket of `DescribeAccount` holds 30, refills with 20
/// a second, and is shared with every other tool of the Organization.
///
/// Source: AWS Organizations quotas, throttling limits.
const LOOKUPS_AT_ONCE: usize = 8;

/// Looks owners up, and remembers the active members among them.
///
/// # Guarantees
/// Only "is an active member" is remembered: a stranger who joins and a suspended account that comes back are seen at once.
///
/// # Caveats
/// An account that leaves is taken for a member until the memory of it ends (`membership.remember`).
#[derive(Debug)]
pub struct Memberships {
    known: RefCell<BTreeMap<AccountId, (Timestamp, Account)>>,
    lookups: Semaphore,
}

impl Default for Memberships {
    fn default() -> Self {
        Self { known: RefCell::default(), lookups: Semaphore::new(LOOKUPS_AT_ONCE) }
    }
}

impl Memberships {
    /// What is known of each owner, and the look-ups that failed: their owners are unknown.
    pub async fn look_up(
        &self,
        organization: &impl Organization,
        clock: &impl Clock,
        owners: BTreeSet<AccountId>,
        configuration: &Configuration,
    ) -> (BTreeMap<AccountId, Membership>, Vec<PortError>) {
        let keep = configuration.membership.remember.as_duration();
        let look_up = |owner: AccountId| async move {
            let answer = self.membership(organization, clock, &owner, keep).await;
            (owner, answer)
        };
        let answers: Vec<_> = stream::iter(owners).map(look_up).buffered(LOOKUPS_AT_ONCE).collect().await;
        let mut gaps = Vec::new();
        let members = answers.into_iter().map(|(owner, answer)| {
            let membership = answer.unwrap_or_else(|error| {
                let why = error.to_string();
                gaps.push(error);
                Membership::Unknown { why }
            });
            (owner, check_organization(membership, configuration))
        });
        (members.collect(), gaps)
    }

    async fn membership(
        &self,
        organization: &impl Organization,
        clock: &impl Clock,
        account: &AccountId,
        keep: Duration,
    ) -> Result<Membership, PortError> {
        // The semaphore is never closed; a turn that can't be had is no reason not to ask.
        let _turn = self.lookups.acquire().await.ok();
        // Only now: another key may have learned it while this one waited.
        if let Some(member) = self.recall(account, clock.now(), keep) {
            return Ok(Membership::Member(member));
        }
        let membership = organization.membership(account).await?;
        self.note(account, clock.now(), &membership);
        Ok(membership)
    }

    fn recall(&self, account: &AccountId, now: Timestamp, keep: Duration) -> Option<Account> {
        let known = self.known.borrow();
        let (learned, member) = known.get(account)?;
        // A clock that went back is no reason to trust an old answer.
        let age = Duration::try_from(now.duration_since(*learned)).ok()?;
        (age < keep).then(|| member.clone())
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

/// A member of another Organization than the configured one is no member: the delegation is wrong, not the account.
fn check_organization(membership: Membership, configuration: &Configuration) -> Membership {
    match membership {
        Membership::Member(account) if account.path.organization != configuration.organization => {
            let (found, expected) = (&account.path.organization, &configuration.organization);
            Membership::Unknown {
                why: format!("AWS Organizations answered for {found}, the configuration names {expected}"),
            }
        }
        other => other,
    }
}

#[cfg(test)]
#[cfg(feature = "world")]
mod tests {
    use super::*;
    use crate::world::World;

    const CONFIGURATION: &str = "{version: 1, deployment: d, organization: o-a1b2c3d4e5, hub-account: '222222222222',
        providers: {accounts: ['222222222222'], regions: [eu-west-1]}, membership: {remember: 5m}}";

    fn account(state: AccountState) -> Membership {
        Membership::Member(Account {
            id: "444444444444".parse().unwrap(),
            state,
            path: "o-a1b2c3d4e5/r-ab12/444444444444/".parse().unwrap(),
            name: None,
            email_domain: None,
            joined: None,
        })
    }

    /// The calls that a second look-up costs, some time after the first.
    async fn calls_after(first: Membership, later: Duration) -> usize {
        let world = World::at("2026-11-02T10:00:00Z".parse().unwrap());
        let owner: AccountId = "444444444444".parse().unwrap();
        world.change().accounts.insert(owner.clone(), first);
        let configuration = Configuration::parse(CONFIGURATION).unwrap();
        let memberships = Memberships::default();
        memberships.look_up(&&world, &&world, [owner.clone()].into(), &configuration).await;
        world.take_calls();
        world.advance(later);
        memberships.look_up(&&world, &&world, [owner].into(), &configuration).await;
        world.take_calls().len()
    }

    #[tokio::test]
    async fn active_member_is_remembered_for_a_while() {
        assert_eq!(calls_after(account(AccountState::Active), Duration::from_secs(299)).await, 0);
        assert_eq!(calls_after(account(AccountState::Active), Duration::from_mins(5)).await, 1);
    }

    #[tokio::test]
    async fn no_other_answer_is_remembered() {
        let unknown = Membership::Unknown { why: String::new() };
        for membership in [Membership::Outside, account(AccountState::Suspended), unknown] {
            assert_eq!(calls_after(membership, Duration::ZERO).await, 1);
        }
    }
}
