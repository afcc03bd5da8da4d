//! The Organization's members.

use std::collections::BTreeMap;

use drawbridge::{
    model::{AccountId, Membership, ParentId, TagPolicy, Tags},
    port::{Organization, PortError, Wanted},
};

use super::Ports;

impl Organization for Ports {
    async fn membership(&self, account: &AccountId) -> Result<Membership, PortError> {
        let world = &self.stage().world;
        self.read("organizations:DescribeAccount", account.as_str(), world.membership(account)).await
    }

    async fn list_members(&self, wanted: Wanted<'_>) -> Result<BTreeMap<AccountId, Membership>, PortError> {
        let stage = self.stage();
        let world = &stage.world;
        let list = || self.read("organizations:ListAccounts", "members", world.list_members(wanted));
        let mut listed = list().await?;
        if stage.trouble.has_pages(&stage.random) {
            let middle = listed.keys().nth(listed.len() / 2).cloned();
            let rest = list().await?;
            let is_later = |account: &AccountId| middle.as_ref().is_none_or(|middle| account >= middle);
            listed.retain(|account, _| !is_later(account));
            listed.extend(rest.into_iter().filter(|(account, _)| is_later(account)));
        }
        Ok(listed)
    }

    async fn tags(&self, account: &AccountId) -> Result<Tags, PortError> {
        let world = &self.stage().world;
        self.read("organizations:ListTagsForResource", account.as_str(), world.tags(account)).await
    }

    async fn unit_name(&self, unit: &ParentId) -> Result<String, PortError> {
        let world = &self.stage().world;
        self.read("organizations:DescribeOrganizationalUnit", unit.as_str(), world.unit_name(unit)).await
    }

    async fn tag_policy(&self, account: &AccountId) -> Result<TagPolicy, PortError> {
        let world = &self.stage().world;
        self.read("organizations:DescribeEffectivePolicy", account.as_str(), world.tag_policy(account)).await
    }
}
