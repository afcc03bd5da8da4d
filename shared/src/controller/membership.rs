//! Memory of who is a member, so that a warm function doesn't ask again for every request of the same account.

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use crate::{
    model::{Account, AccountId, AccountState, Membership},
    port::{Clock, Organization, PortError},
};

/// An [`Organization`] that remembers active members for a while, and nothing else.
///
/// # Guarantees
/// Only "is an active member" is remembered: a stranger who joins and a suspended account that comes back are seen at once.
///
/// # Caveats
/// An account that leaves is taken for a member until the memory of it ends.
#[derive(Debug)]
pub struct Remembering<'a, O, C> {
    organization: &'a O,
    clock: &'a C,
    memory: &'a Memory,
    keep: Duration,
}

/// What is remembered; outlives an invocation.
#[derive(Debug, Default)]
pub struct Memory(RefCell<BTreeMap<AccountId, (Timestamp, Account)>>);

impl<'a, O, C> Remembering<'a, O, C> {
    /// Puts the memory before the Organization; what is older than `keep` is asked again.
    pub fn new(organization: &'a O, clock: &'a C, memory: &'a Memory, keep: Duration) -> Self {
        Self { organization, clock, memory, keep }
    }
}

impl<O: Organization, C: Clock> Organization for Remembering<'_, O, C> {
    async fn membership(&self, account: &AccountId) -> Result<Membership, PortError> {
        let now = self.clock.now();
        if let Some(member) = self.memory.recall(account, now, self.keep) {
            return Ok(Membership::Member(member));
        }
        let membership = self.organization.membership(account).await?;
        self.memory.note(account, now, &membership);
        Ok(membership)
    }
}

impl Memory {
    fn recall(&self, account: &AccountId, now: Timestamp, keep: Duration) -> Option<Account> {
        let memory = self.0.borrow();
        let (learned, member) = memory.get(account)?;
        // A clock that went back is no reason to trust an old answer.
        let age = Duration::try_from(now.duration_since(*learned)).ok()?;
        (age < keep).then(|| member.clone())
    }

    fn note(&self, account: &AccountId, now: Timestamp, membership: &Membership) {
        let mut memory = self.0.borrow_mut();
        match membership {
            Membership::Member(member) if member.state == AccountState::Active => {
                memory.insert(account.clone(), (now, member.clone()));
            }
            _ => {
                memory.remove(account);
            }
        }
    }
}
