//! A value and the path that leads to it, so that whatever can't be read is named.

use std::str::FromStr;

use serde_json::Value;

use super::Unparsable;
use crate::model::InvalidIdentifier;

/// A value of a message.
#[derive(Debug, Clone)]
pub(super) struct Field<'message> {
    /// As a person would write it: `detail.requestParameters`.
    pub path: String,
    /// Never null where it comes from [`Field::member`]: null and absent are the same in what AWS sends.
    pub value: &'message Value,
}

impl<'message> Field<'message> {
    pub fn new(path: impl Into<String>, value: &'message Value) -> Self {
        Self { path: path.into(), value }
    }

    /// The path of a member, there or not.
    pub fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The member of exactly this name.
    pub fn member(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(Self { path: self.path_of(name), value })
    }

    /// The member of exactly this name, which must be there.
    pub fn required(&self, name: &str, expected: &'static str) -> Result<Self, Unparsable> {
        self.member(name).ok_or_else(|| Unparsable::missing(&self.path_of(name), expected))
    }

    /// The text it is.
    pub fn text(&self, expected: &'static str) -> Result<&'message str, Unparsable> {
        self.value.as_str().ok_or_else(|| self.unexpected(expected))
    }

    /// The identifier it is.
    pub fn identifier<T: FromStr<Err = InvalidIdentifier>>(&self) -> Result<T, Unparsable> {
        // What is no text at all is refused as the empty text is: no identifier is empty.
        let text = self.value.as_str().unwrap_or_default();
        text.parse().map_err(|invalid: InvalidIdentifier| self.unexpected(invalid.expected))
    }

    pub fn unexpected(&self, expected: &'static str) -> Unparsable {
        Unparsable::unexpected(&self.path, self.value, expected)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::AccountId;

    #[test]
    fn what_cannot_be_read_is_named_by_its_path() {
        let message = json!({ "detail": { "account": 42 } });
        let account = Field::new("", &message).required("detail", "").unwrap().required("account", "").unwrap();
        let expected = r#"detail.account is 42: expected an account id such as "123456789012" (12 digits, in quotes)"#;
        assert_eq!(account.identifier::<AccountId>().unwrap_err().to_string(), expected);
    }

    #[test]
    fn null_member_is_an_absent_one() {
        let message = json!({ "detail": null });
        assert!(Field::new("", &message).member("detail").is_none());
    }
}
