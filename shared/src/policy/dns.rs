//! What is done about DNS.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{DnsPolicy, TagFilter};
use crate::model::{AccountId, DomainName, ParentId, ProfileKey, Region, Tags, tag};

/// What is done about DNS.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Dns {
    /// The accounts whose hosted zones may be written. Left out: none is, and what would help is reported.
    #[serde(default)]
    pub accounts: BTreeSet<AccountId>,
    /// What may be done to our own records.
    #[serde(default)]
    pub policy: DnsPolicy,
    /// Most names that one run may take away. When there are more, it takes away none, and a person is asked.
    #[serde(default = "default_most")]
    pub most_removals: u32,
    /// Whether the private DNS names of endpoint services are verified.
    #[serde(default)]
    pub verification: Verification,
    /// Which endpoints get the private DNS name of their service switched on once they are connected.
    #[serde(default)]
    pub private_names: PrivateNames,
    /// Names of one's own that lead to endpoints, and where they answer.
    #[serde(default)]
    pub names: Names,
}

impl Default for Dns {
    fn default() -> Self {
        Self {
            accounts: BTreeSet::new(),
            policy: DnsPolicy::default(),
            most_removals: default_most(),
            verification: Verification::default(),
            private_names: PrivateNames::default(),
            names: Names::default(),
        }
    }
}

fn default_most() -> u32 {
    10
}

/// Whether the private DNS names of endpoint services are verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verification {
    /// Those of the services that are looked after.
    #[default]
    Selected,
    /// None.
    None,
}

/// Which endpoints get the private DNS name of their service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PrivateNames {
    /// None, those with the tag, or every one of the consumers.
    #[serde(default)]
    pub select: SelectNames,
    /// The tag that opts an endpoint in.
    #[serde(default = "default_tag")]
    pub tag: TagFilter,
    /// Whether an endpoint that has it goes into the Profile of its account and Region, if `names.profiles` has one: then the
    /// name leads to it from all VPCs of the Profile.
    #[serde(default)]
    pub in_profiles: bool,
}

/// Which endpoints get the private DNS name of their service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SelectNames {
    /// None.
    #[default]
    None,
    /// Those that carry the tag.
    Tagged,
    /// Every endpoint of the consumers, unless it carries `drawbridge:ignore=true`.
    Every,
}

impl Default for PrivateNames {
    fn default() -> Self {
        Self { select: SelectNames::default(), tag: default_tag(), in_profiles: false }
    }
}

fn default_tag() -> TagFilter {
    TagFilter { key: "drawbridge:private-dns".to_owned(), value: "true".to_owned() }
}

impl PrivateNames {
    /// Whether an endpoint with these tags gets the private DNS name of its service.
    #[must_use]
    pub fn selects(&self, tags: &Tags) -> bool {
        let selected = match self.select {
            SelectNames::None => false,
            SelectNames::Every => true,
            SelectNames::Tagged => tags.get(&self.tag.key) == Some(&self.tag.value),
        };
        selected && !tag::is_ignored(tags)
    }
}

/// Names of one's own that lead to endpoints: each gets a private zone of exactly that name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Names {
    /// The key of the tag that lists an endpoint's names, separated by blanks. `*.` before a name stands for all names below
    /// it, the word `service` for the names of the endpoint's service itself.
    #[serde(default = "default_names_key")]
    #[schemars(length(min = 1, max = 128))]
    pub tag_key: String,
    /// The domains in which names may lie. Left out: any, and whoever may tag an endpoint in an account of `dns.accounts` can
    /// have any name lead to it in the VPCs below. The names of services are theirs, and need no domain here.
    #[serde(default)]
    pub domains: BTreeSet<DomainName>,
    /// Whether each Availability Zone of an endpoint gets a name of its own below these.
    #[serde(default)]
    pub zonal: bool,
    /// The VPCs in which the names answer, beside the endpoint's own.
    #[serde(default)]
    pub vpcs: VpcSelection,
    /// Route 53 Profiles that bring the names there, at most one for each account and Region: the zones of the account's
    /// endpoints go into the Profile, and the VPCs get the Profile. Where there is none, each zone is associated with each
    /// VPC.
    #[serde(default)]
    pub profiles: BTreeSet<ProfileKey>,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            tag_key: default_names_key(),
            domains: BTreeSet::new(),
            zonal: false,
            vpcs: VpcSelection::default(),
            profiles: BTreeSet::new(),
        }
    }
}

impl Names {
    /// Whether an endpoint may have this name.
    #[must_use]
    pub fn allows(&self, name: &DomainName) -> bool {
        self.domains.is_empty() || self.domains.iter().any(|domain| name.is_within(domain))
    }

    /// The Profile that brings names of this account and Region to VPCs, if one does.
    #[must_use]
    pub fn profile(&self, account: &AccountId, region: &Region) -> Option<&ProfileKey> {
        self.profiles.iter().find(|key| key.account == *account && key.region == *region)
    }
}

fn default_names_key() -> String {
    "drawbridge:dns-name".to_owned()
}

/// VPCs of the consumers. Left empty: none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VpcSelection {
    /// Those of these accounts.
    #[serde(default)]
    pub accounts: BTreeSet<AccountId>,
    /// Those of accounts in these organizational units, or units below them.
    #[serde(default)]
    pub organizational_units: BTreeSet<ParentId>,
    /// Of these, or of all when neither is given, those with the tag.
    #[serde(default)]
    pub tag: Option<TagFilter>,
}

impl VpcSelection {
    /// Whether there is nothing to select.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.organizational_units.is_empty() && self.tag.is_none()
    }

    /// Whether a VPC with these tags is selected, of an account under these parents.
    #[must_use]
    pub fn selects(&self, account: &AccountId, parents: &[ParentId], tags: &Tags) -> bool {
        let anywhere = self.accounts.is_empty() && self.organizational_units.is_empty();
        let here = anywhere
            || self.accounts.contains(account)
            || parents.iter().any(|parent| self.organizational_units.contains(parent));
        let tagged = self.tag.as_ref().is_none_or(|tag| tags.get(&tag.key) == Some(&tag.value));
        !self.is_empty() && here && tagged && !tag::is_ignored(tags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vpc_is_selected_by_account_or_unit_and_by_its_tag() {
        let account: AccountId = "444444444444".parse().unwrap();
        let unit: ParentId = "ou-ab12-11111111".parse().unwrap();
        let tags = Tags::from([("dns".to_owned(), "yes".to_owned())]);
        let tag = || Some(TagFilter { key: "dns".to_owned(), value: "yes".to_owned() });
        let selects =
            |selection: &VpcSelection, tags: &Tags| selection.selects(&account, std::slice::from_ref(&unit), tags);
        assert!(!selects(&VpcSelection::default(), &tags), "nothing is said");
        let by_account = VpcSelection { accounts: [account.clone()].into(), ..VpcSelection::default() };
        assert!(selects(&by_account, &Tags::new()));
        assert!(!selects(&VpcSelection { tag: tag(), ..by_account.clone() }, &Tags::new()));
        let by_unit =
            VpcSelection { organizational_units: [unit.clone()].into(), tag: tag(), ..VpcSelection::default() };
        assert!(selects(&by_unit, &tags));
        let elsewhere = VpcSelection { accounts: ["555555555555".parse().unwrap()].into(), ..VpcSelection::default() };
        assert!(!selects(&elsewhere, &tags));
        let ignored = Tags::from([("drawbridge:ignore".to_owned(), "true".to_owned())]);
        assert!(!selects(&by_account, &ignored));
    }
}
