//! AWS Organizations, in memory.

use std::collections::BTreeMap;

use super::{World, fault::Refusal};
use crate::{
    model::{Account, AccountId, Membership, ParentId, TagPolicy, Tags},
    port::{Organization, PortError, Wanted},
};

/// Members of one page of a listing.
///
/// Source: AWS Organizations API reference, `ListAccounts`.
const MEMBERS_OF_A_PAGE: usize = 20;

impl Organization for &World {
    async fn membership(&self, account: &AccountId) -> Result<Membership, PortError> {
        self.read("organizations:DescribeAccount", account.as_str(), |state| {
            untagged(state.accounts.get(account).cloned().unwrap_or(Membership::Outside))
        })
    }

    async fn list_members(&self, wanted: Wanted<'_>) -> Result<BTreeMap<AccountId, Membership>, PortError> {
        let mut listed = BTreeMap::new();
        for page in 0.. {
            let (members, more) = self.read("organizations:ListAccounts", "members", |state| {
                let members = state.accounts.iter().filter(|(_, membership)| **membership != Membership::Outside);
                let mut rest = members.skip(page * MEMBERS_OF_A_PAGE).peekable();
                let members: Vec<(AccountId, Membership)> = rest
                    .by_ref()
                    .take(MEMBERS_OF_A_PAGE)
                    .map(|(account, membership)| (account.clone(), untagged(membership.clone())))
                    .collect();
                (members, rest.peek().is_some())
            })?;
            listed.extend(members);
            if !more || !wanted.goes_on(page + 1, &listed) {
                break;
            }
        }
        Ok(listed)
    }

    async fn tags(&self, account: &AccountId) -> Result<Tags, PortError> {
        let call = "organizations:ListTagsForResource";
        self.read_if_there(call, account.as_str(), |state| match state.accounts.get(account) {
            Some(Membership::Member(account)) => Ok(account.tags.clone()),
            _ => Err(Refusal::new("TargetNotFoundException", "the account is no member")),
        })
    }

    async fn unit_name(&self, unit: &ParentId) -> Result<String, PortError> {
        self.read_if_there("organizations:DescribeOrganizationalUnit", unit.as_str(), |state| {
            let gone = || Refusal::gone("OrganizationalUnitNotFoundException", "the unit does not exist");
            state.units.get(unit).cloned().ok_or_else(gone)
        })
    }

    async fn tag_policy(&self, account: &AccountId) -> Result<TagPolicy, PortError> {
        self.read("organizations:DescribeEffectivePolicy", account.as_str(), |state| {
            state.tag_policies.get(account).cloned().unwrap_or_default()
        })
    }
}

/// AWS gives the tags of an account by a call of its own.
fn untagged(membership: Membership) -> Membership {
    match membership {
        Membership::Member(account) => Membership::Member(Account { tags: Tags::new(), ..account }),
        other => other,
    }
}
