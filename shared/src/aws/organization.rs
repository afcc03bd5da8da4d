//! AWS Organizations.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_organizations::{Client, types};

use super::{
    error::port_error,
    private_link::answer::{cut_short, malformed, timestamp},
};
use crate::{
    model::{Account, AccountId, AccountState, Membership, OrganizationPath, ParentId, TagPolicy, Tags},
    port::{Organization, PortError, Wanted},
};

/// AWS Organizations, read from an account that may: the management account, or one it has delegated to.
#[derive(Debug, Clone)]
pub struct Organizations {
    client: Client,
}

impl Organizations {
    pub(super) fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }
}

impl Organization for Organizations {
    async fn membership(&self, account: &AccountId) -> Result<Membership, PortError> {
        let answer = self.client.describe_account().account_id(account.as_str()).send().await;
        match answer {
            Ok(output) => Ok(output
                .account()
                .map_or_else(|| unknown(account, "no account"), |found| read_account(account, found))),
            Err(error) => {
                let error = port_error("organizations:DescribeAccount", account.to_string(), &error);
                match error.code.as_deref() {
                    Some("AccountNotFoundException") => Ok(Membership::Outside),
                    _ => Err(error),
                }
            }
        }
    }

    async fn list_members(&self, wanted: Wanted<'_>) -> Result<BTreeMap<AccountId, Membership>, PortError> {
        let mut listed = BTreeMap::new();
        let mut pages = self.client.list_accounts().into_paginator().page_size(PAGE).send();
        let mut more = false;
        let mut read = 0;
        // A page may be empty and have a successor.
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| port_error(LIST_ACCOUNTS, ALL.to_owned(), &error))?;
            for account in page.accounts() {
                let id = account.id().unwrap_or_default().parse::<AccountId>();
                let id = id.map_err(|error| malformed(LIST_ACCOUNTS, ALL.to_owned(), &error))?;
                listed.insert(id.clone(), read_account(&id, account));
            }
            more = page.next_token().is_some_and(|token| !token.is_empty());
            read += 1;
            if !wanted.goes_on(read, &listed) {
                return Ok(listed);
            }
        }
        if more { Err(cut_short(LIST_ACCOUNTS, ALL.to_owned())) } else { Ok(listed) }
    }

    async fn tags(&self, account: &AccountId) -> Result<Tags, PortError> {
        let mut pages = self.client.list_tags_for_resource().resource_id(account.as_str()).into_paginator().send();
        let mut tags = Tags::new();
        let mut more = false;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| port_error(LIST_TAGS, account.to_string(), &error))?;
            more = page.next_token().is_some_and(|token| !token.is_empty());
            tags.extend(page.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())));
        }
        if more { Err(cut_short(LIST_TAGS, account.to_string())) } else { Ok(tags) }
    }

    async fn unit_name(&self, unit: &ParentId) -> Result<String, PortError> {
        let output = self.client.describe_organizational_unit().organizational_unit_id(unit.as_str()).send().await;
        let output = output.map_err(|error| port_error(DESCRIBE_UNIT, unit.to_string(), &error))?;
        let name = output.organizational_unit().and_then(|unit| unit.name());
        name.map(ToOwned::to_owned).ok_or_else(|| cut_short(DESCRIBE_UNIT, unit.to_string()))
    }

    async fn tag_policy(&self, account: &AccountId) -> Result<TagPolicy, PortError> {
        let call = self.client.describe_effective_policy().policy_type(types::EffectivePolicyType::TagPolicy);
        let output = call.target_id(account.as_str()).send().await;
        match output.map_err(|error| port_error(EFFECTIVE_POLICY, account.to_string(), &error)) {
            Ok(output) => {
                let content = output.effective_policy().and_then(|policy| policy.policy_content());
                let content = content.ok_or_else(|| cut_short(EFFECTIVE_POLICY, account.to_string()))?;
                TagPolicy::parse(content).map_err(|error| malformed(EFFECTIVE_POLICY, account.to_string(), &error))
            }
            Err(error) if error.code.as_deref() == Some(NO_POLICY) => Ok(TagPolicy::default()),
            Err(error) => Err(error),
        }
    }
}

const LIST_ACCOUNTS: &str = "organizations:ListAccounts";
const LIST_TAGS: &str = "organizations:ListTagsForResource";
const DESCRIBE_UNIT: &str = "organizations:DescribeOrganizationalUnit";
const EFFECTIVE_POLICY: &str = "organizations:DescribeEffectivePolicy";

/// The code for an account that no tag policy is for.
const NO_POLICY: &str = "EffectivePolicyNotFoundException";

/// The place of a call about all accounts.
const ALL: &str = "all accounts";

/// Accounts of one page, the most that the call takes.
///
/// Source: AWS Organizations API reference, `ListAccounts`.
const PAGE: i32 = 20;

/// What is missing in an answer makes the membership unknown: never active, never outside.
fn read_account(id: &AccountId, account: &types::Account) -> Membership {
    if account.id() != Some(id.as_str()) {
        return unknown(id, "another account");
    }
    let Some(state) = account.state().and_then(|state| AccountState::parse(state.as_str())) else {
        return unknown(id, "no State that is known");
    };
    let path = match account.paths() {
        [path] => path.parse::<OrganizationPath>(),
        [] => return unknown(id, "no Paths"),
        _ => return unknown(id, "more than one path"),
    };
    match path {
        Ok(path) => Membership::Member(Account {
            id: id.clone(),
            state,
            path,
            name: account.name().map(ToOwned::to_owned),
            email_domain: account.email().and_then(email_domain),
            joined: account.joined_timestamp().and_then(timestamp),
            tags: Tags::new(),
        }),
        Err(error) => unknown(id, &error.to_string()),
    }
}

fn email_domain(email: &str) -> Option<String> {
    email.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase())
}

fn unknown(account: &AccountId, what: &str) -> Membership {
    Membership::Unknown { why: format!("DescribeAccount of {account} answered with {what}") }
}

#[cfg(test)]
mod tests {
    use aws_sdk_organizations::types::Account as Answer;

    use super::*;

    fn answer() -> aws_sdk_organizations::types::builders::AccountBuilder {
        Answer::builder()
            .id("444444444444")
            .state("ACTIVE".into())
            .paths("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/444444444444/")
            .email("root@Example.COM")
    }

    fn read_answer(answer: &Answer) -> Membership {
        read_account(&"444444444444".parse().unwrap(), answer)
    }

    #[test]
    fn account_is_read_with_state_and_place() {
        let Membership::Member(account) = read_answer(&answer().build()) else { panic!("no member") };
        assert_eq!(account.state, AccountState::Active);
        assert_eq!(account.path.to_string(), "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111");
        assert_eq!(account.email_domain.as_deref(), Some("example.com"));
    }

    #[test]
    fn answer_without_state_or_path_or_of_another_account_is_unknown() {
        for incomplete in [
            answer().set_state(None),
            answer().state("FROZEN".into()),
            answer().set_paths(None),
            answer().set_paths(Some(vec!["nowhere".into()])),
            answer().paths("o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/444444444444/"),
            answer().id("555555555555"),
        ] {
            let membership = read_answer(&incomplete.build());
            assert!(matches!(membership, Membership::Unknown { .. }), "{membership:?}");
        }
    }
}
