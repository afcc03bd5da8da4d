//! Whose endpoints are looked after: the consumers' side of the configuration.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Configuration;
use crate::model::{AccountId, Region};

/// Whose endpoints are looked after.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Consumers {
    /// The accounts that own the endpoints. Each but the hub needs the role that `providers.role` names.
    #[serde(default)]
    pub accounts: BTreeSet<AccountId>,
    /// The Regions that they have them in. Left out: those of the providers.
    #[serde(default)]
    pub regions: BTreeSet<Region>,
}

impl Configuration {
    /// The accounts and Regions whose endpoints are looked after.
    #[must_use]
    pub fn consumer_places(&self) -> BTreeSet<(AccountId, Region)> {
        let regions = self.consumer_regions();
        let places =
            |account: &AccountId| regions.iter().map(|region| (account.clone(), region.clone())).collect::<Vec<_>>();
        self.consumers.accounts.iter().flat_map(places).collect()
    }

    /// Whether endpoints of this account and Region are looked after.
    #[must_use]
    pub fn looks_after_endpoints_in(&self, account: &AccountId, region: &Region) -> bool {
        self.consumers.accounts.contains(account) && self.consumer_regions().contains(region)
    }

    fn consumer_regions(&self) -> &BTreeSet<Region> {
        if self.consumers.regions.is_empty() { &self.providers.regions } else { &self.consumers.regions }
    }
}
