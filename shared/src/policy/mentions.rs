//! What policies speak of: so that nothing is read that no policy reads, and so that it can be told what would change a
//! decision.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::{AccountId, OrganizationId, ParentId};

/// What a set of policies speaks of, read off their text. In doubt it is said to be spoken of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mentions {
    /// Whether a judgement depends on the tags of the account.
    pub account_tags: bool,
    /// Every attribute, of whatever.
    attributes: BTreeSet<String>,
    /// Whether the context is spoken of as a whole.
    whole_context: bool,
    /// Accounts by id.
    pub accounts: BTreeSet<AccountId>,
    /// Organizations.
    pub organizations: BTreeSet<OrganizationId>,
    /// Roots and organizational units.
    pub parents: BTreeSet<ParentId>,
    /// Key and value of account tags that are compared with a text.
    pub tags_of_account: BTreeSet<(String, String)>,
    /// The same of the tags of the endpoint service.
    pub tags_of_service: BTreeSet<(String, String)>,
}

impl Mentions {
    /// Whether a judgement can depend on how many connections the account has.
    #[must_use]
    pub fn connections(&self) -> bool {
        self.reads("connections")
    }

    /// Whether a judgement can depend on the endpoint: its id, Region, kind of address or age.
    #[must_use]
    pub fn endpoint(&self) -> bool {
        const OF_ENDPOINT: [&str; 6] =
            ["endpoint", "requested", "age", "ipAddressType", "endpointRegion", "crossRegion"];
        OF_ENDPOINT.into_iter().any(|attribute| self.reads(attribute))
    }

    /// Whether a judgement can depend on this attribute.
    #[must_use]
    pub fn reads(&self, attribute: &str) -> bool {
        self.whole_context || self.attributes.contains(attribute)
    }

    /// Adds those of one policy in Cedar's JSON format.
    ///
    /// Source: Cedar policy language guide, "JSON policy format".
    pub(super) fn add(&mut self, policy: &Value) {
        match policy {
            Value::Object(members) => {
                for (name, value) in members {
                    self.add_expression(name, value);
                }
                let text = |name| members.get(name).and_then(Value::as_str);
                if let (Some(_), Some(id)) = (text("type"), text("id")) {
                    self.add_identifier(id);
                }
                // The context as a whole: a member of it is seen from above.
                self.whole_context |= text("Var") == Some("context");
            }
            Value::Array(elements) => elements.iter().for_each(|element| self.add(element)),
            Value::String(text) => self.add_identifier(text),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn add_expression(&mut self, operator: &str, operands: &Value) {
        let attribute = operands.get("attr").and_then(Value::as_str);
        if let ("." | "has", Some(attribute)) = (operator, attribute) {
            self.attributes.insert(attribute.to_owned());
        }
        match operator {
            // A member of the context isn't the whole of it.
            "." | "has" if is_variable(operands.get("left"), "context") => return,
            "getTag" | "hasTag" if !is_variable(operands.get("left"), "resource") => self.account_tags = true,
            "==" => {
                self.add_tag(operands.get("left"), operands.get("right"));
                self.add_tag(operands.get("right"), operands.get("left"));
            }
            "contains" => {
                let set = operands.get("left").and_then(|left| left.get("Set")).and_then(Value::as_array);
                for value in set.into_iter().flatten() {
                    self.add_tag(operands.get("right"), Some(value));
                }
            }
            _ => {}
        }
        self.add(operands);
    }

    /// `….getTag("key")` beside a text.
    fn add_tag(&mut self, tag: Option<&Value>, value: Option<&Value>) {
        let read = || {
            let tag = tag?.get("getTag")?;
            let key = tag.get("right")?.get("Value")?.as_str()?;
            Some((tag.get("left"), key.to_owned(), value?.get("Value")?.as_str()?.to_owned()))
        };
        let Some((of, key, value)) = read() else { return };
        if is_variable(of, "resource") {
            self.tags_of_service.insert((key, value));
        } else {
            self.tags_of_account.insert((key, value));
        }
    }

    fn add_identifier(&mut self, text: &str) {
        self.accounts.extend(text.parse::<AccountId>());
        self.parents.extend(text.parse::<ParentId>());
        self.organizations.extend(text.parse::<OrganizationId>());
    }
}

fn is_variable(expression: Option<&Value>, name: &str) -> bool {
    expression.and_then(|expression| expression.get("Var")).and_then(Value::as_str) == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Acceptance;

    fn mentions(condition: &str) -> Mentions {
        let policy = format!("@id(\"p\") permit (principal, action, resource) when {{ {condition} }};");
        Acceptance::parse(&policy).unwrap().mentions().clone()
    }

    #[test]
    fn what_no_policy_reads_is_not_mentioned() {
        let mentions =
            mentions("resource.hasTag(\"tier\") && resource.getTag(\"tier\") == \"gold\" && context.crossRegion");
        assert!(!mentions.account_tags);
        assert!(!mentions.connections());
        assert_eq!(mentions.tags_of_service, [("tier".to_owned(), "gold".to_owned())].into());
    }

    #[test]
    fn account_tags_are_mentioned_however_they_are_reached() {
        for condition in [
            "principal.hasTag(\"stage\")",
            "principal.hasTag(\"stage\") && \"production\" == principal.getTag(\"stage\")",
            "principal.hasTag(\"stage\") && [\"production\", \"test\"].contains(principal.getTag(\"stage\"))",
            "(if true then principal else principal).hasTag(\"stage\")",
            "(if principal.hasTag(\"stage\") then principal else principal).id == \"444444444444\"",
        ] {
            assert!(mentions(condition).account_tags, "{condition}");
        }
        let both = mentions("principal.hasTag(\"s\") && [\"a\", \"b\"].contains(principal.getTag(\"s\"))");
        assert_eq!(both.tags_of_account.len(), 2);
    }

    #[test]
    fn tags_are_mentioned_by_key_and_value_on_either_side_of_a_comparison() {
        let compared = [
            "X.hasTag(\"k\") && X.getTag(\"k\") == \"v\"",
            "X.hasTag(\"k\") && \"v\" == X.getTag(\"k\")",
            "X.hasTag(\"k\") && [\"v\"].contains(X.getTag(\"k\"))",
        ];
        let tag: BTreeSet<_> = [("k".to_owned(), "v".to_owned())].into();
        for condition in compared {
            let of_account = mentions(&condition.replace('X', "principal"));
            assert_eq!((&of_account.tags_of_account, of_account.tags_of_service.len()), (&tag, 0), "{condition}");
            let of_service = mentions(&condition.replace('X', "resource"));
            assert_eq!((of_service.tags_of_account.len(), &of_service.tags_of_service), (0, &tag), "{condition}");
            assert!(of_account.account_tags && !of_service.account_tags, "{condition}");
        }
        let other = mentions("principal.hasTag(\"k\") && principal.getTag(\"k\") != \"v\"");
        assert!(other.account_tags && other.tags_of_account.is_empty());
    }

    #[test]
    fn number_of_connections_is_mentioned_by_its_name_and_by_the_whole_context() {
        assert!(mentions("context.connections < 3").connections());
        assert!(mentions("context == context").connections());
        assert!(mentions("(if true then context else context).crossRegion").connections());
        let other = mentions("context has endpoint && context.now > datetime(\"2026-01-01\")");
        assert!(!other.connections() && other.endpoint());
        let neither = mentions("context.now > datetime(\"2026-01-01\") && !context.established");
        assert!(!neither.connections() && !neither.endpoint());
    }

    #[test]
    fn attributes_are_read_that_are_mentioned_or_that_a_whole_has() {
        assert!(mentions("context has age && context.age > duration(\"1h\")").reads("age"));
        assert!(mentions("principal has joined").reads("joined"));
        assert!(mentions("context == context").reads("now"));
        assert!(!mentions("context.crossRegion").reads("now"));
    }

    #[test]
    fn accounts_and_units_are_mentioned_in_scopes_and_in_texts() {
        let policy = "@id(\"a\") permit (principal == Drawbridge::Account::\"777777777777\", action, resource);
            @id(\"b\") permit (principal in Drawbridge::OrganizationalUnit::\"ou-ab12-11111111\", action, resource)
            when { [\"888888888888\"].contains(principal.id) };";
        let acceptance = Acceptance::parse(policy).unwrap();
        let accounts: Vec<_> = acceptance.mentions().accounts.iter().map(AccountId::as_str).collect();
        assert_eq!(accounts, ["777777777777", "888888888888"]);
        let parents: Vec<_> = acceptance.mentions().parents.iter().map(ParentId::as_str).collect();
        assert_eq!(parents, ["ou-ab12-11111111"]);
    }
}
