//! Records of a hosted zone, as Route 53 groups them: one record set for each name and type.

use std::{collections::BTreeSet, fmt, str::FromStr};

use super::{DomainName, ZoneId};

/// A record set (`ResourceRecordSet`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordSet {
    /// The name that it answers for.
    pub name: DomainName,
    /// The type that it answers with.
    pub kind: RecordType,
    /// The answer.
    pub data: RecordData,
    /// `SetIdentifier`: what tells it from others of its name and type, by weight, latency and the like.
    pub routing: Option<String>,
}

impl RecordSet {
    /// What names it, but for its routing.
    #[must_use]
    pub fn key(&self) -> RecordKey {
        RecordKey { name: self.name.clone(), kind: self.kind.clone() }
    }

    /// Whether it is alone with its name and type, and its answer can be read.
    #[must_use]
    pub fn is_simple(&self) -> bool {
        self.routing.is_none() && self.data != RecordData::Other
    }

    /// Whether whoever asks gets the same from both: how long it may be remembered makes no difference.
    #[must_use]
    pub fn answers_as(&self, other: &Self) -> bool {
        let same_data = match (&self.data, &other.data) {
            (RecordData::Values { values, .. }, RecordData::Values { values: others, .. }) => values == others,
            (RecordData::Alias { zone, target, .. }, RecordData::Alias { zone: of, target: other, .. }) => {
                (zone, target) == (of, other)
            }
            _ => false,
        };
        same_data && self.key() == other.key() && self.routing == other.routing
    }
}

/// A change of one record set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordChange {
    /// It must not be there yet.
    Create(RecordSet),
    /// It is put in the place of what has its name and type.
    Upsert(RecordSet),
    /// It must be there exactly so.
    Delete(RecordSet),
}

impl RecordChange {
    /// The record set that is changed.
    #[must_use]
    pub fn record(&self) -> &RecordSet {
        match self {
            Self::Create(record) | Self::Upsert(record) | Self::Delete(record) => record,
        }
    }

    /// Whether something is taken away and nothing put in its place.
    #[must_use]
    pub fn is_deletion(&self) -> bool {
        matches!(self, Self::Delete(_))
    }
}

impl fmt::Display for RecordChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self {
            Self::Create(_) => "create",
            Self::Upsert(_) => "update",
            Self::Delete(_) => "delete",
        };
        write!(formatter, "{verb} {}", self.record().key())
    }
}

/// What a record set answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordData {
    /// Values, as Route 53 writes them.
    Values {
        /// How long they may be remembered, in seconds.
        ttl: u32,
        /// The values.
        values: BTreeSet<String>,
    },
    /// What another name of AWS answers.
    Alias {
        /// The zone of the other name.
        zone: ZoneId,
        /// The other name.
        target: DomainName,
        /// Whether health checks of the target count.
        evaluate_health: bool,
    },
    /// What is made by other means: traffic policies, places, networks.
    Other,
}

/// The type of a record set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordType {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
    /// Text.
    Txt,
    /// Another name, for all types at once.
    Cname,
    /// The name servers of a zone.
    Ns,
    /// The start of a zone.
    Soa,
    /// Any other.
    Other(String),
}

const NAMES: [(&str, RecordType); 6] = [
    ("A", RecordType::A),
    ("AAAA", RecordType::Aaaa),
    ("TXT", RecordType::Txt),
    ("CNAME", RecordType::Cname),
    ("NS", RecordType::Ns),
    ("SOA", RecordType::Soa),
];

impl RecordType {
    /// Reads the word of Route 53.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        NAMES.into_iter().find(|(name, _)| *name == word).map_or_else(|| Self::Other(word.to_owned()), |(_, kind)| kind)
    }

    /// The word of Route 53.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(word) => word,
            known => NAMES.iter().find(|(_, kind)| kind == known).map_or("", |(name, _)| name),
        }
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What names a record set in its zone. Written as `A:api.example.com`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// Its name.
    pub name: DomainName,
    /// Its type.
    pub kind: RecordType,
}

impl fmt::Display for RecordKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.kind, self.name)
    }
}

/// A text that names no record set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no type and name such as A:api.example.com")]
pub struct InvalidRecordKey(String);

impl FromStr for RecordKey {
    type Err = InvalidRecordKey;

    fn from_str(text: &str) -> Result<Self, InvalidRecordKey> {
        let is_type = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let (kind, name) = text
            .split_once(':')
            .filter(|(kind, name)| is_type(kind) && !name.is_empty())
            .ok_or_else(|| InvalidRecordKey(text.chars().take(80).collect()))?;
        Ok(Self { name: DomainName::of_route53(name), kind: RecordType::parse(kind) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(ttl: u32, values: &[&str]) -> RecordSet {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        RecordSet {
            name: DomainName::of_route53("api.example.com"),
            kind: RecordType::A,
            data: RecordData::Values { ttl, values },
            routing: None,
        }
    }

    #[test]
    fn type_is_written_as_it_is_read() {
        for (name, kind) in NAMES {
            assert_eq!(RecordType::parse(name), kind);
            assert_eq!(kind.as_str(), name);
        }
        assert_eq!(RecordType::parse("HTTPS").as_str(), "HTTPS");
    }

    #[test]
    fn key_is_written_as_it_is_read() {
        for text in ["A:api.example.com", "TXT:*.example.com", "HTTPS:a:b.example.com"] {
            assert_eq!(text.parse::<RecordKey>().unwrap().to_string(), text);
        }
        for text in ["", "A", "A:", ":example.com", "A B:example.com"] {
            assert!(text.parse::<RecordKey>().is_err(), "{text}");
        }
    }

    #[test]
    fn answers_are_the_same_whatever_the_time_to_live() {
        let one = record(60, &["192.0.2.1", "192.0.2.2"]);
        assert!(one.answers_as(&record(300, &["192.0.2.2", "192.0.2.1"])));
        assert!(!one.answers_as(&record(60, &["192.0.2.1"])));
        assert!(!one.answers_as(&RecordSet { routing: Some("blue".to_owned()), ..one.clone() }));
        assert!(!one.answers_as(&RecordSet { kind: RecordType::Aaaa, ..one.clone() }));
        let other = RecordSet { data: RecordData::Other, ..one };
        assert!(!other.answers_as(&other.clone()));
    }
}
