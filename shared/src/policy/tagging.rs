//! Which tags are kept in step, and what their values are made of.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Configuration, TagFilter,
    template::{AccountField, Template, is_name_of_field},
};
use crate::model::{
    AccountId, ResourceKind, Tags,
    tag::{self, Mark},
};

/// Which tags are kept in step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tagging {
    /// The tags, by their keys. Left out: none is written, and nothing is read for it.
    #[serde(default)]
    pub write: BTreeMap<String, TagRule>,
    /// Whether the sweep looks in the event history of `CloudTrail` for who made what carries no creator yet.
    #[serde(default)]
    pub look_up_creators: bool,
    /// What is made of the Organization's tag policies.
    #[serde(default)]
    pub tag_policies: TagPolicies,
    /// Tags that mark resources as managed by code, beside those of AWS `CloudFormation`. Where they stand, no value of
    /// somebody else's is overwritten: the code would write it back.
    #[serde(default)]
    pub infrastructure_as_code: Vec<TagFilter>,
}

/// What is made of the Organization's tag policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TagPolicies {
    /// They are read, and what would not be compliant is reported and not written.
    #[default]
    Check,
    /// They are not read.
    Ignore,
}

/// One tag.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TagRule {
    /// What its value is made of: text with fields in braces.
    pub from: Template,
    /// The value where there is none, such as that of a tag that the account doesn't have. Left out: nothing is written then.
    #[serde(default)]
    #[schemars(length(min = 1, max = 256))]
    pub default: Option<String>,
    /// The kinds of resource that get it. Left out: all that have the fields.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub on: Option<BTreeSet<ResourceKind>>,
    /// What becomes of a value that is there already.
    #[serde(default)]
    pub overwrite: Overwrite,
}

/// What becomes of a value that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Overwrite {
    /// It stays, whoever wrote it.
    Never,
    /// It is kept in step if Drawbridge wrote it, and stays and is reported if somebody else did.
    #[default]
    Own,
    /// It is kept in step whoever wrote it, but for resources that are managed by code.
    Always,
}

impl TagRule {
    /// Whether resources of this kind get the tag.
    #[must_use]
    pub fn is_for(&self, kind: ResourceKind) -> bool {
        self.from.is_known_of(kind) && self.on.as_ref().is_none_or(|kinds| kinds.contains(&kind))
    }
}

impl Tagging {
    /// The tags for resources of this kind, by their keys.
    pub fn rules_for(&self, kind: ResourceKind) -> impl Iterator<Item = (&String, &TagRule)> {
        self.write.iter().filter(move |(_, rule)| rule.is_for(kind))
    }

    /// Whether resources of this kind get any tag.
    #[must_use]
    pub fn is_for(&self, kind: ResourceKind) -> bool {
        self.rules_for(kind).next().is_some()
    }

    /// Whether any resource of these kinds gets a tag.
    #[must_use]
    pub fn is_for_any(&self, kinds: &[ResourceKind]) -> bool {
        kinds.iter().any(|kind| self.is_for(*kind))
    }

    /// Whether something is said of accounts that has to be read for it.
    #[must_use]
    pub fn needs(&self, wanted: fn(&AccountField) -> bool) -> bool {
        self.write.values().flat_map(|rule| rule.from.fields()).filter_map(|field| field.of_account()).any(wanted)
    }

    /// Whether a resource with these tags is managed by code.
    #[must_use]
    pub fn is_managed_by_code(&self, tags: &Tags) -> bool {
        let marked = |filter: &TagFilter| tags.get(&filter.key) == Some(&filter.value);
        tags.keys().any(|key| key.starts_with("aws:cloudformation:")) || self.infrastructure_as_code.iter().any(marked)
    }
}

impl Configuration {
    /// The accounts that are looked after in whatever way.
    #[must_use]
    pub fn all_accounts(&self) -> BTreeSet<AccountId> {
        let accounts = [&self.providers.accounts, &self.consumers.accounts, &self.dns.accounts];
        accounts.into_iter().flatten().cloned().collect()
    }

    /// The faults of the tags, each with the place in the document.
    pub(super) fn check_tagging(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        for (key, rule) in &self.tags.write {
            let place = format!("/tags/write/{}", super::yaml::escape(key));
            let name = format!("tags.write.{key}");
            faults.extend(self.fault_of_key(key).map(|why| (place.clone(), format!("{name}: {why}"))));
            faults
                .extend(fault_of_rule(rule).map(|(at, why)| (format!("{place}/{at}"), format!("{name}.{at}: {why}"))));
        }
        let keys: BTreeSet<String> = self.tags.write.keys().cloned().collect();
        let mark = Mark { deployment: self.deployment.clone(), keys };
        if mark.value().chars().count() > tag::VALUE_LIMIT {
            let why = format!(
                "tags.write: the tag {} names all keys that were written, and has room for {} characters; \
                 write fewer tags, or choose shorter keys",
                tag::WRITTEN,
                tag::VALUE_LIMIT
            );
            faults.push(("/tags/write".to_owned(), why));
        }
        faults
    }

    /// Why a key can't be that of a tag which is written by a rule.
    fn fault_of_key(&self, key: &str) -> Option<String> {
        // IAM tells tags apart without regard to case, so that one which differs in it alone would open a role's condition.
        let obeyed = [
            Some(&self.services.tag.key),
            Some(&self.dns.private_names.tag.key),
            Some(&self.dns.names.tag_key),
            self.dns.names.vpcs.tag.as_ref().map(|tag| &tag.key),
            Some(&self.alarms.tag.key),
        ];
        let lower = key.to_ascii_lowercase();
        if key.is_empty()
            || key.chars().count() > tag::KEY_LIMIT
            || !key.chars().all(tag::is_allowed)
            || key.trim() != key
        {
            Some(format!("a key has 1 to {} letters, digits, blanks and . : / = @ _ -", tag::KEY_LIMIT))
        } else if key.contains(Mark::SEPARATOR) {
            Some(format!("{:?} stands between the keys in {}: choose another key", Mark::SEPARATOR, tag::WRITTEN))
        } else if lower.starts_with("aws:") {
            Some("keys that begin with aws: belong to AWS".to_owned())
        } else if lower.starts_with(tag::PREFIX) {
            Some(format!("keys that begin with {} say what is to be done: choose another key", tag::PREFIX))
        } else if obeyed.into_iter().flatten().any(|obeyed| obeyed.eq_ignore_ascii_case(key)) {
            Some("the configuration obeys this tag elsewhere: it is for people to write".to_owned())
        } else {
            None
        }
    }
}

/// What is wrong with a rule, and which of its members it is about.
fn fault_of_rule(rule: &TagRule) -> Option<(&'static str, String)> {
    let is_value = |text: &str| text.chars().all(tag::is_allowed) && text.trim() == text;
    if let Some(text) = rule.from.constant() {
        if is_name_of_field(text) {
            return Some(("from", format!("this is text; for the field write \"{{{text}}}\"")));
        }
        if !is_value(text) || text.chars().count() > tag::VALUE_LIMIT {
            return Some(("from", value_rule()));
        }
    }
    if rule.from.speaks_of_creator() && rule.overwrite == Overwrite::Always {
        let why = "who made something is written once: what is there stays; leave overwrite out";
        return Some(("overwrite", why.to_owned()));
    }
    if rule.default.as_deref().is_some_and(|text| !is_value(text)) {
        return Some(("default", value_rule()));
    }
    let unknown = rule.on.iter().flatten().find(|kind| !rule.from.is_known_of(**kind));
    if let Some(kind) = unknown {
        return Some(("on", format!("{kind} has not all of these fields")));
    }
    let nothing = !ResourceKind::ALL.into_iter().any(|kind| rule.is_for(kind));
    nothing.then(|| ("from", "no kind of resource has all of these fields".to_owned()))
}

fn value_rule() -> String {
    format!("a value has at most {} letters, digits, blanks and + . : / = @ _ -", tag::VALUE_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(tags: &str) -> Result<Configuration, String> {
        let rest = "version: 1\ndeployment: d\norganization: o-a1b2c3d4e5\nhub-account: '222222222222'\n\
                    providers: {accounts: ['222222222222'], regions: [eu-west-1]}\n";
        Configuration::parse(&format!("{rest}tags:\n{tags}")).map_err(|faults| faults.to_string())
    }

    #[test]
    fn rule_is_for_the_kinds_that_have_its_fields_or_those_that_it_names() {
        let tags = "  write:\n    a: {from: '{creator.name}', on: [endpoint]}\n    b: {from: '{service.id}'}\n    c: {from: x}\n";
        let tagging = parse(tags).unwrap().tags;
        let keys = |kind| tagging.rules_for(kind).map(|(key, _)| key.as_str()).collect::<String>();
        assert_eq!(keys(ResourceKind::Endpoint), "ac");
        assert_eq!(keys(ResourceKind::NetworkInterface), "c");
        assert_eq!(keys(ResourceKind::TargetGroup), "bc");
    }

    #[test]
    fn faults_name_the_place_and_the_remedy() {
        let long = "k".repeat(129);
        for (line, expected) in [
            ("aws:x: {from: x}", "tags.write.aws:x: keys that begin with aws: belong to AWS"),
            ("AWS:x: {from: x}", "belong to AWS"),
            ("drawbridge:approval: {from: x}", "say what is to be done: choose another key"),
            ("'a+b': {from: x}", "stands between the keys in drawbridge:tags"),
            ("'a{b': {from: x}", "a key has 1 to 128 letters"),
            ("' a': {from: x}", "a key has 1 to 128 letters"),
            (&format!("{long}: {{from: x}}"), "a key has 1 to 128 letters"),
            ("a: {from: account.name}", "tags.write.a.from: this is text; for the field write \"{account.name}\""),
            ("a: {from: '{acount.name}'}", "is not text with fields in braces"),
            ("a: {from: 'a;b'}", "tags.write.a.from: a value has at most 256"),
            ("a: {from: '{region}', default: 'a;b'}", "tags.write.a.default: a value has at most 256"),
            ("a: {from: '{consumer.id}', on: [endpoint]}", "tags.write.a.on: endpoint has not all of these fields"),
            ("a: {from: '{endpoint.vpc-id}{service.id}'}", "no kind of resource has all of these fields"),
            (
                "a: {from: '{creator.name}', overwrite: always}",
                "tags.write.a.overwrite: who made something is written once",
            ),
            ("a: {from: x, on: []}", "needs at least 1"),
            ("a: {from: x, overwrite: sometimes}", "is none of \"never\", \"own\", \"always\""),
        ] {
            let faults = parse(&format!("  write:\n    {line}\n")).unwrap_err();
            assert!(faults.contains(expected) && faults.contains("drawbridge.yaml:8:"), "{line}: {faults}");
        }
    }

    #[test]
    fn key_that_the_configuration_obeys_is_not_written() {
        for key in ["opt-in", "Opt-In"] {
            let write =
                format!("  write:\n    {key}: {{from: 'true'}}\nservices: {{tag: {{key: opt-in, value: 'true'}}}}\n");
            assert!(parse(&write).unwrap_err().contains("it is for people to write"));
        }
    }

    #[test]
    fn keys_have_to_fit_into_the_tag_that_names_them() {
        let keys = (0..9).map(|index| format!("    {}{index}: {{from: x}}", "k".repeat(29)));
        let keys = keys.collect::<Vec<_>>().join("\n");
        assert!(parse(&format!("  write:\n{keys}\n")).unwrap_err().contains("has room for 256 characters"));
    }

    #[test]
    fn resource_with_the_tags_of_a_stack_or_of_the_configuration_is_managed_by_code() {
        let tagging = parse("  infrastructure-as-code: [{key: ManagedBy, value: terraform}]\n").unwrap().tags;
        let tags = |key: &str, value: &str| Tags::from([(key.to_owned(), value.to_owned())]);
        assert!(tagging.is_managed_by_code(&tags("aws:cloudformation:stack-name", "x")));
        assert!(tagging.is_managed_by_code(&tags("ManagedBy", "terraform")));
        assert!(!tagging.is_managed_by_code(&tags("ManagedBy", "hand")));
    }
}
