//! Tag policies of the Organization: which keys and values of tags are compliant.

use std::collections::BTreeMap;

use serde_json::Value;

/// The tag policy that is in force for an account (`DescribeEffectivePolicy`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TagPolicy {
    /// What is said of a key, by the key in lower case.
    keys: BTreeMap<String, KeyPolicy>,
}

/// What a tag policy says of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct KeyPolicy {
    /// The key as it has to be spelled.
    key: String,
    /// The values that are compliant, where `*` stands for any text; `None` for any value.
    values: Option<Vec<String>>,
}

/// A tag policy that can't be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the effective tag policy is not one: {0}")]
pub struct InvalidTagPolicy(String);

impl TagPolicy {
    /// Reads the content of an effective policy, in which nothing is left to be inherited.
    ///
    /// # Errors
    /// When it isn't one: what is compliant is not known then.
    ///
    /// Source: Organizations user guide, "Tag policy syntax and examples".
    pub fn parse(content: &str) -> Result<Self, InvalidTagPolicy> {
        let invalid = |why: &str| InvalidTagPolicy(why.to_owned());
        let content: Value = serde_json::from_str(content).map_err(|error| InvalidTagPolicy(error.to_string()))?;
        let content = content.as_object().ok_or_else(|| invalid("it is no object"))?;
        let tags = match content.get("tags") {
            None => return Ok(Self::default()),
            Some(tags) => tags.as_object().ok_or_else(|| invalid("tags is no object"))?,
        };
        let mut keys = BTreeMap::new();
        for (name, rule) in tags {
            let rule = rule.as_object().ok_or_else(|| invalid(&format!("tags.{name} is no object")))?;
            // A key whose spelling isn't defined is in lower case.
            let key = match rule.get("tag_key") {
                None => name.to_lowercase(),
                Some(key) => {
                    let key = key.as_str().ok_or_else(|| invalid(&format!("tags.{name}.tag_key is no text")))?;
                    key.to_owned()
                }
            };
            let no_texts = || invalid(&format!("tags.{name}.tag_value is no list of texts"));
            let values = match rule.get("tag_value") {
                None => None,
                Some(values) => {
                    let values = values.as_array().ok_or_else(no_texts)?;
                    let values = values.iter().map(|value| value.as_str().map(ToOwned::to_owned));
                    // Where every value was taken away again, none is asked for.
                    Some(values.collect::<Option<Vec<String>>>().ok_or_else(no_texts)?)
                        .filter(|values| !values.is_empty())
                }
            };
            keys.insert(key.to_lowercase(), KeyPolicy { key, values });
        }
        Ok(Self { keys })
    }

    /// Why a tag would not be compliant; `None` for one that is.
    #[must_use]
    pub fn violation(&self, key: &str, value: &str) -> Option<String> {
        let policy = self.keys.get(&key.to_lowercase())?;
        if policy.key != key {
            return Some(format!("the tag policy spells the key {:?}", policy.key));
        }
        let values = policy.values.as_ref()?;
        if values.iter().any(|pattern| matches(pattern, value)) {
            return None;
        }
        Some(format!("the tag policy takes only {}", values.join(", ")))
    }
}

/// Whether a value is what the pattern says, in which each `*` stands for any text.
fn matches(pattern: &str, value: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == value };
    let Some(mut left) = value.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match left.split_once(part) {
            Some((_, after)) => left = after,
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> TagPolicy {
        let content = r#"{"tags": {
            "costcentre": {"tag_key": "CostCentre", "tag_value": ["100", "2*", "*-shared", "a*b*c"], "enforced_for": ["ec2:*"]},
            "Owner": {}, "any": { "tag_value": [] }
        }}"#;
        TagPolicy::parse(content).unwrap()
    }

    #[test]
    fn value_is_compliant_when_it_is_listed_or_fits_a_pattern() {
        for value in ["100", "2", "2999", "net-shared", "-shared", "abc", "aXbYc"] {
            assert_eq!(policy().violation("CostCentre", value), None, "{value}");
        }
        for value in ["", "101", "1002", "net-shared-", "ac", "acb", "ab"] {
            let expected = "the tag policy takes only 100, 2*, *-shared, a*b*c";
            assert_eq!(policy().violation("CostCentre", value).as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn key_has_to_be_spelled_as_the_policy_spells_it() {
        let expected = "the tag policy spells the key \"CostCentre\"";
        assert_eq!(policy().violation("costcentre", "100").as_deref(), Some(expected));
        assert_eq!(policy().violation("OWNER", "x").as_deref(), Some("the tag policy spells the key \"owner\""));
        assert_eq!(policy().violation("owner", "anybody"), None);
        assert!(policy().violation("Owner", "x").is_some(), "in lower case, where nothing else is said");
        assert_eq!(policy().violation("any", "thing"), None);
        assert_eq!(policy().violation("of-nobody", "anything"), None);
        assert_eq!(TagPolicy::parse("{}").unwrap().violation("any", "thing"), None);
    }

    #[test]
    fn what_is_no_policy_is_an_error_and_never_permits_all() {
        for content in [
            "",
            "[1",
            "[]",
            r#"{"tags": []}"#,
            r#"{"tags": {"a": 1}}"#,
            r#"{"tags": {"a": {"tag_key": 1}}}"#,
            r#"{"tags": {"a": {"tag_value": "x"}}}"#,
            r#"{"tags": {"a": {"tag_value": [1]}}}"#,
        ] {
            assert!(TagPolicy::parse(content).is_err(), "{content}");
        }
    }
}
