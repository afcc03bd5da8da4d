//! Names in DNS, in one form, so that equal names are equal texts.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A name in DNS: lower case, without a dot at its end, and without escapes for what can be read without them.
///
/// There are two ways in. [`FromStr`], and with it configuration and tags, takes what is fit to be written by us.
/// [`DomainName::of_route53`] takes whatever Route 53 answers. Names are ordered as texts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DomainName(Box<str>);

/// Longest name, and longest label of one. Source: RFC 1035, 2.3.4, less the length bytes that a text doesn't show.
const NAME_LIMIT: usize = 253;
const LABEL_LIMIT: usize = 63;

const EXPECTED: &str = "a domain name such as api.example.com: lower case, labels of 1 to 63 of a-z, 0-9, - and _, \
                        of which the first may be *, and no dot at the end";
const PATTERN: &str = r"^(\*\.)?[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$";

/// A text that is no domain name that we would write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not a domain name: {fault}")]
pub struct InvalidDomainName {
    /// What was found, cut to a length that is safe to print.
    pub value: String,
    /// What is wrong with it.
    pub fault: String,
}

impl DomainName {
    /// Reads a name as Route 53 answers it: `\052.Example.com.` is `*.example.com`. Never fails.
    ///
    /// What a text can't show stays escaped, in octal: a dot or backslash within a label, blanks, what isn't ASCII.
    ///
    /// Source: Route 53 developer guide, DNS domain name format.
    #[must_use]
    pub fn of_route53(text: &str) -> Self {
        let mut name = String::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let Some((&byte, after)) = rest.split_first() {
            let escaped = if byte == b'\\' { octal(after) } else { None };
            match (escaped, byte) {
                (Some((byte, after)), _) => {
                    push(&mut name, byte);
                    rest = after;
                    continue;
                }
                (None, b'.') if name.is_empty() || name.ends_with('.') => {}
                (None, b'.') => name.push('.'),
                (None, _) => push(&mut name, byte),
            }
            rest = after;
        }
        Self(name.trim_end_matches('.').into())
    }

    /// The name as people write it. The root of all names is empty.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the zone's own name or one below it.
    #[must_use]
    pub fn is_within(&self, zone: &Self) -> bool {
        zone.0.is_empty()
            || self.0.strip_suffix(&*zone.0).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    }

    /// Whether it answers for every name that has no record of its own.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.0.starts_with("*.")
    }

    /// The domain that a wildcard answers below; any other name is itself.
    #[must_use]
    pub fn without_asterisk(&self) -> Self {
        Self(self.0.strip_prefix("*.").unwrap_or(&self.0).into())
    }

    /// The labels, the most specific first.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.0.split('.').filter(|label| !label.is_empty())
    }

    /// The name of a child of this one; several labels go as many levels down.
    #[must_use]
    pub fn child(&self, label: &str) -> Self {
        Self::of_route53(&format!("{label}.{}", self.0))
    }
}

/// The byte of an octal escape, its backslash taken off already, and what follows.
fn octal(text: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, after) = text.split_first_chunk::<3>()?;
    let value = digits
        .iter()
        .try_fold(0_u16, |value, digit| matches!(digit, b'0'..=b'7').then(|| value * 8 + u16::from(digit - b'0')))?;
    Some((u8::try_from(value).ok()?, after))
}

fn push(name: &mut String, byte: u8) {
    if byte.is_ascii_graphic() && !matches!(byte, b'.' | b'\\') {
        name.push(char::from(byte.to_ascii_lowercase()));
    } else {
        let digit = |number: u8| char::from(b'0' + (number & 7));
        name.extend(['\\', digit(byte >> 6), digit(byte >> 3), digit(byte)]);
    }
}

fn fault(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("it is empty".to_owned());
    }
    if text.ends_with('.') && text != "." {
        return Some("it ends with a dot; leave it out".to_owned());
    }
    let rest = text.strip_prefix("*.").unwrap_or(text);
    rest.split('.').find_map(label_fault).or_else(|| {
        let length = text.len();
        (length > NAME_LIMIT).then(|| format!("it has {length} characters, and {NAME_LIMIT} are the most"))
    })
}

fn label_fault(label: &str) -> Option<String> {
    let allowed = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '-' | '_');
    if label.is_empty() {
        return Some("there is nothing between two dots, or before the first".to_owned());
    }
    match label.chars().find(|character| !allowed(*character)) {
        Some('*') => Some("* stands alone, and for the first label, or not at all".to_owned()),
        Some(character) if character.is_ascii_uppercase() => {
            Some(format!("{character:?} is upper case; write it in lower case"))
        }
        Some(character) => Some(format!("{character:?} is none of a-z, 0-9, - and _")),
        None if label.len() > LABEL_LIMIT => {
            Some(format!("a label has {} characters, and {LABEL_LIMIT} are the most", label.len()))
        }
        None => None,
    }
}

impl FromStr for DomainName {
    type Err = InvalidDomainName;

    fn from_str(text: &str) -> Result<Self, InvalidDomainName> {
        match fault(text) {
            None => Ok(Self(text.into())),
            Some(fault) => Err(InvalidDomainName { value: text.chars().take(80).collect(), fault }),
        }
    }
}

impl TryFrom<String> for DomainName {
    type Error = InvalidDomainName;

    fn try_from(text: String) -> Result<Self, InvalidDomainName> {
        text.parse()
    }
}

impl From<DomainName> for String {
    fn from(name: DomainName) -> Self {
        name.0.into()
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for DomainName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl JsonSchema for DomainName {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DomainName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": PATTERN, "maxLength": NAME_LIMIT, "title": EXPECTED })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use jsonschema::Validator;
    use proptest::prelude::*;

    use super::*;

    static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
        jsonschema::validator_for(&serde_json::to_value(schemars::schema_for!(DomainName)).unwrap()).unwrap()
    });

    fn name(text: &str) -> DomainName {
        DomainName::of_route53(text)
    }

    #[test]
    fn name_of_route_53_is_read_without_case_trailing_dot_and_needless_escapes() {
        assert_eq!(name("\\052.Example.com.").as_str(), "*.example.com");
        assert_eq!(name("\\137\\101bc.example.com."), name("_abc.EXAMPLE.com"));
        assert_eq!(name("a\\041b.example.com").as_str(), "a!b.example.com");
        assert_eq!(name(".").as_str(), "");
    }

    #[test]
    fn escape_stays_where_the_text_would_mean_something_else_without() {
        for text in ["a\\056b.example.com", "a\\134b.example.com", "a\\040b.example.com", "\\344.example.com"] {
            assert_eq!(name(text).as_str(), text);
        }
        assert_eq!(name("ä.example.com").as_str(), "\\303\\244.example.com");
        assert_eq!(name("a\\9z.example.com").as_str(), "a\\1349z.example.com");
        assert_eq!(name("a\\777.example.com").as_str(), "a\\134777.example.com");
    }

    #[test]
    fn name_is_within_its_zone_by_whole_labels() {
        let zone = name("example.com");
        assert!(zone.is_within(&zone));
        assert!(name("*.a.example.com").is_within(&zone));
        assert!(name("a.example.com").is_within(&name(".")));
        assert!(!name("badexample.com").is_within(&zone));
        assert!(!name("bad\\056example.com").is_within(&zone));
        assert!(!name("com").is_within(&zone));
    }

    #[test]
    fn children_and_labels_go_by_dots() {
        assert_eq!(name("example.com").child("*").as_str(), "*.example.com");
        assert_eq!(name("example.com").child("_a._B").as_str(), "_a._b.example.com");
        assert_eq!(name(".").child("com").as_str(), "com");
        assert_eq!(name("*.a.com").labels().collect::<Vec<_>>(), ["*", "a", "com"]);
        assert!(name("*.a.com").is_wildcard());
        assert_eq!(name("*.a.com").without_asterisk(), name("a.com"));
        assert_eq!(name("a.com").without_asterisk(), name("a.com"));
        assert!(!name("a.*.com").is_wildcard());
    }

    #[test]
    fn name_for_us_to_write_is_refused_with_what_is_wrong() {
        let long = "a".repeat(64);
        let longer = ["a"; 128].join(".");
        for (text, fault) in [
            ("", "it is empty"),
            (".", "there is nothing between two dots, or before the first"),
            ("a..b", "there is nothing between two dots, or before the first"),
            (".a", "there is nothing between two dots, or before the first"),
            ("a.example.com.", "it ends with a dot; leave it out"),
            ("A.example.com", "'A' is upper case; write it in lower case"),
            ("a b.com", "' ' is none of a-z, 0-9, - and _"),
            ("ä.com", "'ä' is none of a-z, 0-9, - and _"),
            ("*", "* stands alone, and for the first label, or not at all"),
            ("a.*.com", "* stands alone, and for the first label, or not at all"),
            ("a*.com", "* stands alone, and for the first label, or not at all"),
            (&long, "a label has 64 characters, and 63 are the most"),
            (&longer, "it has 255 characters, and 253 are the most"),
        ] {
            assert_eq!(text.parse::<DomainName>().unwrap_err().fault, fault, "{text}");
        }
        let error = "A.com".parse::<DomainName>().unwrap_err().to_string();
        assert_eq!(error, r#""A.com" is not a domain name: 'A' is upper case; write it in lower case"#);
        for text in ["example.com", "*.example.com", "_6e86v84t.example.com", "internal", "1.2.0.192.in-addr.arpa"] {
            assert_eq!(text.parse::<DomainName>().unwrap().as_str(), text);
        }
    }

    proptest! {
        #[test]
        fn schema_and_parser_agree(text in r"(\*\.|)([a-b0-9_*A. -]{0,3}|[a-z]{60,66}|ä)(\.[a-z]{0,3}){0,4}|([a-z]{50}\.){4}[a-z]{45,55}|\PC{0,12}") {
            prop_assert_eq!(SCHEMA.is_valid(&text.as_str().into()), text.parse::<DomainName>().is_ok());
        }

        #[test]
        fn name_is_read_alike_however_it_is_written(text in r"([a-z*_!\x20ä-]|\.|\\[0-3][0-7][0-7]|\\){0,20}") {
            let read = name(&text);
            prop_assert_eq!(name(read.as_str()), read.clone());
            prop_assert_eq!(name(&text.to_ascii_uppercase()), read.clone());
            prop_assert_eq!(name(&format!("{read}.")), read);
        }

        #[test]
        fn name_that_we_write_comes_back_as_it_was(text in r"(\*\.)?[a-z0-9_-]{1,9}(\.[a-z0-9_-]{1,9}){0,3}") {
            let ours: DomainName = text.parse().unwrap();
            prop_assert_eq!(name(&format!("{}.", text.to_uppercase().replace('*', "\\052"))), ours);
        }
    }
}
