//! `drawbridge.yaml`: what to look after, and how.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
    time::Duration,
};

use jsonschema::Validator;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{
    Alarming, CONFIGURATION_DOCUMENT, CloudMapping, Consumers, Dns, FunctionName, Mode, Period, Tagging, fault::Faults,
    violation::describe, yaml::Document,
};
use crate::model::{AccountId, DeploymentId, OrganizationId, ProfileKey, Region, Tags, tag};

/// The configuration of one deployment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "drawbridge.yaml")]
pub struct Configuration {
    /// Version of this format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u8,
    /// The name of this deployment, the value of the tag `drawbridge:owner` on what it makes and decides.
    pub deployment: DeploymentId,
    /// The Organization whose members are told from strangers.
    pub organization: OrganizationId,
    /// The account that Drawbridge runs in.
    pub hub_account: AccountId,
    /// What may be written.
    #[serde(default)]
    pub mode: Mode,
    /// Modes of single functions. None goes further than `mode` does: the stricter of both is in force.
    #[serde(default)]
    pub modes: BTreeMap<FunctionName, Mode>,
    /// Where endpoint services live.
    pub providers: Providers,
    /// Which of them are looked after.
    #[serde(default)]
    pub services: Services,
    /// How long facts about accounts are remembered.
    #[serde(default)]
    pub membership: MembershipMemory,
    /// What becomes of requests that nobody answers.
    #[serde(default)]
    pub requests: Requests,
    /// What becomes of established connections that may not connect any more.
    #[serde(default)]
    pub revocation: Revocation,
    /// Who is let as far as a request.
    #[serde(default)]
    pub principals: AllowedPrincipals,
    /// Whose endpoints are looked after, on the consumers' side.
    #[serde(default)]
    pub consumers: Consumers,
    /// What is done about DNS.
    #[serde(default)]
    pub dns: Dns,
    /// Which tags are kept in step.
    #[serde(default)]
    pub tags: Tagging,
    /// Which alarms and dashboards are kept.
    #[serde(default)]
    pub alarms: Alarming,
    /// What is done about Cloud Map.
    #[serde(default)]
    pub cloud_map: CloudMapping,
}

/// Where endpoint services live, and how they are reached.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Providers {
    /// The accounts that own endpoint services.
    #[schemars(length(min = 1))]
    pub accounts: BTreeSet<AccountId>,
    /// The Regions that they have them in.
    #[schemars(length(min = 1))]
    pub regions: BTreeSet<Region>,
    /// Name of the role that is assumed in accounts other than the hub.
    #[serde(default = "default_role")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9+=,.@_-]{1,64}$"), title = "the name of a role, without its path")]
    pub role: String,
    /// The external id that the role's trust policy asks for.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[A-Za-z0-9+=,.@:/-]{2,1224}$"), title = "an external id of 2 to 1224 characters")]
    pub external_id: Option<String>,
}

fn default_role() -> String {
    "drawbridge-member".to_owned()
}

/// Which endpoint services are looked after.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Services {
    /// Those with the tag, or every one.
    #[serde(default)]
    pub select: Select,
    /// The tag that opts a service in.
    #[serde(default)]
    pub tag: TagFilter,
}

/// Which endpoint services are looked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Select {
    /// Those that carry the tag.
    #[default]
    Tagged,
    /// Every service of the providers, unless it carries `drawbridge:ignore=true`.
    Every,
}

/// One tag.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TagFilter {
    /// Its key.
    #[schemars(length(min = 1, max = 128))]
    pub key: String,
    /// Its value.
    #[schemars(length(max = 256))]
    pub value: String,
}

impl Default for TagFilter {
    fn default() -> Self {
        Self { key: "drawbridge:enabled".to_owned(), value: "true".to_owned() }
    }
}

/// How long facts about accounts are remembered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MembershipMemory {
    /// For how long an account that was found to be an active member is taken for one without asking again. An account that
    /// leaves can be accepted for this long. Other answers are never remembered.
    pub remember: Period,
}

impl Default for MembershipMemory {
    fn default() -> Self {
        Self { remember: Period::from(Duration::from_mins(5)) }
    }
}

/// What becomes of requests that nobody answers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Requests {
    /// After this time a request that is held for want of a permit is rejected. Left out: it waits.
    #[serde(default)]
    pub reject_after: Option<Period>,
}

/// What becomes of established connections that may not connect any more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Revocation {
    /// Which of them are cut off; the others are reported.
    #[serde(default = "default_cases")]
    pub of: BTreeSet<RevocationCase>,
    /// How long they stay connected after that was found. A return to good standing in this time cancels it.
    #[serde(default = "default_grace")]
    pub grace: Period,
    /// Most connections that one run may cut off. When there are more, it cuts off none, and a person is asked.
    #[serde(default = "default_most")]
    pub most: u32,
    /// The same in percent of one service's established connections; those of a single account always may.
    #[serde(default = "default_most_percent")]
    #[schemars(range(max = 100))]
    pub most_percent: u8,
}

/// Why an established connection may not connect any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationCase {
    /// A policy forbids it.
    Forbidden,
    /// Drawbridge accepted or kept it once, and nothing permits it any more: its account left, was closed or moved.
    Lost,
    /// Nothing permits it, and as far as Drawbridge knows nothing ever has: it was connected before, or by somebody else.
    NeverPermitted,
}

fn default_cases() -> BTreeSet<RevocationCase> {
    BTreeSet::from([RevocationCase::Forbidden, RevocationCase::Lost])
}

fn default_grace() -> Period {
    Period::from(Duration::from_hours(24))
}

fn default_most() -> u32 {
    10
}

fn default_most_percent() -> u8 {
    25
}

impl Default for Revocation {
    fn default() -> Self {
        Self { of: default_cases(), grace: default_grace(), most: default_most(), most_percent: default_most_percent() }
    }
}

/// Who is let as far as a request: the allowed principals of endpoint services.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AllowedPrincipals {
    /// What is done to keep them in step with the policy.
    #[serde(default)]
    pub manage: ManagePrincipals,
    /// Whether acceptance is switched on at a service that is open to everybody: `*` is allowed, and nobody is asked. If
    /// not, it is reported.
    #[serde(default)]
    pub require_acceptance: bool,
}

/// What is done to keep allowed principals in step with the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ManagePrincipals {
    /// Nothing.
    #[default]
    None,
    /// Accounts that the policy permits are added.
    Add,
    /// The same, and accounts that it doesn't permit are removed. Users, roles and `*` are left to people.
    Exact,
}

/// Longest time for which a member may be taken for one without asking again.
const LONGEST_MEMORY: Duration = Duration::from_hours(1);

/// Longest name of a deployment that fits into what an association of a Profile is called.
///
/// Source: Route 53 Profiles API reference, `Name` of `AssociateProfile`: 64 characters, of which `drawbridge-`, `-` and the id
/// of a hosted zone take up to 44.
const LONGEST_MARK: usize = 20;

/// The schema and its check, made once: that costs more than a document.
static CHECK: LazyLock<(Value, Result<Validator, String>)> = LazyLock::new(|| {
    let schema = Configuration::schema();
    let validator = jsonschema::validator_for(&schema).map_err(|error| error.to_string());
    (schema, validator)
});

impl Configuration {
    /// Reads and checks the document.
    ///
    /// # Errors
    /// Every fault, with line and column.
    pub fn parse(text: &str) -> Result<Self, Faults> {
        let document = Document::parse(CONFIGURATION_DOCUMENT, text)?;
        let (schema, validator) = &*CHECK;
        let faults: Faults = match validator {
            Ok(validator) => validator
                .iter_errors(&document.value)
                .flat_map(|error| describe(&error, schema))
                .map(|(pointer, message)| document.fault(&pointer, &message))
                .collect(),
            Err(error) => document.fault("", &format!("the schema is broken: {error}")).into(),
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        let configuration: Self = serde_json::from_value(document.value.clone())
            .map_err(|error| Faults::from(document.fault("", &error.to_string())))?;
        if configuration.membership.remember.as_duration() > LONGEST_MEMORY {
            let message = "membership.remember: at most 1h: an account that left could be accepted for that long";
            return Err(document.fault("/membership/remember", message).into());
        }
        let faults: Vec<_> = configuration
            .check_tagging()
            .into_iter()
            .chain(configuration.check_alarms())
            .chain(configuration.check_cloud_map())
            .collect();
        if !faults.is_empty() {
            return Err(faults.iter().map(|(pointer, message)| document.fault(pointer, message)).collect());
        }
        configuration.check_profiles().map_err(|message| document.fault("/dns/names/profiles", &message))?;
        Ok(configuration)
    }

    /// Whether Profiles can do what is asked of them.
    fn check_profiles(&self) -> Result<(), String> {
        let profiles = &self.dns.names.profiles;
        for key in profiles {
            if !self.dns.accounts.contains(&key.account) {
                return Err(format!(
                    "dns.names.profiles: nothing is written in {}; list it in dns.accounts",
                    key.account
                ));
            }
            let same = |other: &&ProfileKey| (&other.account, &other.region) == (&key.account, &key.region);
            if profiles.iter().filter(same).count() > 1 {
                let ProfileKey { account, region, .. } = key;
                return Err(format!(
                    "dns.names.profiles: {account} has more than one in {region}; name the one to use"
                ));
            }
        }
        if !profiles.is_empty() && self.deployment.as_str().len() > LONGEST_MARK {
            return Err(format!(
                "dns.names.profiles: associations are marked with the deployment's name, and theirs have room for \
                 {LONGEST_MARK} characters of it; shorten `deployment`"
            ));
        }
        Ok(())
    }

    /// The JSON Schema of the document, made from these types.
    #[must_use]
    pub fn schema() -> Value {
        schemars::schema_for!(Self).into()
    }

    /// Whether an endpoint service with these tags is looked after.
    #[must_use]
    pub fn looks_after(&self, tags: &Tags) -> bool {
        let selected = match self.services.select {
            Select::Every => true,
            Select::Tagged => tags.get(&self.services.tag.key) == Some(&self.services.tag.value),
        };
        selected && !tag::is_ignored(tags)
    }
}

#[cfg(test)]
mod tests;
