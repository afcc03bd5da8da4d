//! Whose records are whose: kept in the zone itself, in TXT records beside them.
//!
//! What a deployment writes for one thing is registered by one record, `<key>._drawbridge.<zone>`, where the key is the id of
//! the thing. A record is a deployment's own if one of its registrations in the zone names its type and name, and no
//! registration of another deployment does.
//!
//! All registrations of a zone lie side by side in its listing, so that one page shows them, whatever else the zone holds. The
//! rejected alternative, a registration beside every record, doubles the records, and is found only by reading all of them.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::model::{DeploymentId, DomainName, RecordData, RecordKey, RecordSet, RecordType, txt};

/// Below this label of a zone are its registrations.
pub const LABEL: &str = "_drawbridge";

/// How long a registration may be remembered, in seconds. Nobody but us asks for it, and we ask Route 53 itself.
const TTL: u32 = 300;

const HERITAGE: &str = "heritage=drawbridge";
const OWNER: &str = "drawbridge/owner=";
const RESOURCE: &str = "drawbridge/resource=";
const SINCE: &str = "drawbridge/since=";
const RECORDS: &str = "drawbridge/records=";

/// What one deployment has written in a zone for one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The id of the thing: `vpce-svc-…` or `vpce-…`.
    pub key: String,
    /// The deployment.
    pub owner: DeploymentId,
    /// The thing and where it lives, such as `endpoint/<account>/<Region>/<id>`.
    pub resource: String,
    /// When its first record was written.
    pub since: Timestamp,
    /// The records.
    pub records: BTreeSet<RecordKey>,
}

/// A record that stands where registrations do and is none. Whose it is can't be told, so it is nobody's of ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{record} stands among the registrations and can't be read as one: {why}")]
pub struct Unreadable {
    /// The record.
    pub record: RecordKey,
    /// Why it can't be read.
    pub why: String,
}

/// The domain that the registrations of a zone are below.
#[must_use]
pub fn subtree(zone: &DomainName) -> DomainName {
    zone.child(LABEL)
}

/// The name of a registration.
#[must_use]
pub fn place(key: &str, zone: &DomainName) -> DomainName {
    subtree(zone).child(key)
}

/// Whether a record is a registration by its place.
#[must_use]
pub fn is_registration(record: &RecordKey) -> bool {
    record.kind == RecordType::Txt && record.name.labels().nth(1) == Some(LABEL)
}

/// Writes a registration.
#[must_use]
pub fn record(registration: &Registration, zone: &DomainName) -> RecordSet {
    let Registration { key, owner, resource, since, records } = registration;
    let records: Vec<String> = records.iter().map(RecordKey::to_string).collect();
    // The records come last, since names may hold commas.
    let text = format!("{HERITAGE},{OWNER}{owner},{RESOURCE}{resource},{SINCE}{since},{RECORDS}{}", records.join(" "));
    let data = RecordData::Values { ttl: TTL, values: [txt::quote(&text)].into() };
    RecordSet { name: place(key, zone), kind: RecordType::Txt, data, routing: None }
}

/// The comment of a zone that a deployment has made, which says so.
#[must_use]
pub fn zone_comment(owner: &DeploymentId, resource: &str) -> String {
    format!("{HERITAGE},{OWNER}{owner},{RESOURCE}{resource}")
}

/// Reads whose a zone is and what it is for; `None` for a zone that no deployment has made.
#[must_use]
pub fn read_zone_comment(comment: &str) -> Option<(DeploymentId, String)> {
    let fields = comment.strip_prefix(HERITAGE)?.strip_prefix(',')?;
    let (owner, rest) = field(fields, OWNER).ok()?;
    let resource = rest.strip_prefix(RESOURCE).filter(|resource| !resource.is_empty() && !resource.contains(','))?;
    Some((owner.parse().ok()?, resource.to_owned()))
}

/// Whether the comment of a zone says that some deployment has made it, whether or not the rest can be read.
#[must_use]
pub fn is_zone_comment(comment: &str) -> bool {
    comment.starts_with(HERITAGE)
}

/// Reads a registration; `None` when the record stands elsewhere.
#[must_use]
pub fn read(record: &RecordSet, zone: &DomainName) -> Option<Result<Registration, Unreadable>> {
    let subtree = subtree(zone);
    if record.kind != RecordType::Txt || record.name == subtree || !record.name.is_within(&subtree) {
        return None;
    }
    Some(parse(record, zone).map_err(|why| Unreadable { record: record.key(), why }))
}

fn parse(record: &RecordSet, zone: &DomainName) -> Result<Registration, String> {
    if record.routing.is_some() {
        return Err("it has a routing policy".to_owned());
    }
    let RecordData::Values { values, .. } = &record.data else { return Err("it has no text".to_owned()) };
    let (Some(value), 1) = (values.first(), values.len()) else {
        return Err(format!("it has {} values instead of one", values.len()));
    };
    let text = txt::unquote(value).ok_or("it is no text in quotation marks")?;
    let fields = text.strip_prefix(HERITAGE).and_then(|fields| fields.strip_prefix(',')).ok_or("it isn't ours")?;
    let (owner, rest) = field(fields, OWNER)?;
    let (resource, rest) = field(rest, RESOURCE)?;
    let (since, rest) = field(rest, SINCE)?;
    let listed = rest.strip_prefix(RECORDS).ok_or_else(|| format!("{RECORDS} is not where it should be"))?;
    let key = resource.rsplit('/').next().unwrap_or_default();
    if record.name != place(key, zone) {
        return Err(format!("it stands elsewhere than a registration of {resource}"));
    }
    let records = listed.split_ascii_whitespace().map(|word| registrable(word, zone)).collect::<Result<_, String>>()?;
    Ok(Registration {
        key: key.to_owned(),
        owner: owner.parse().map_err(|error| format!("{error}"))?,
        resource: resource.to_owned(),
        since: since.parse().map_err(|_| format!("{since:?} is no time"))?,
        records,
    })
}

/// A field by its name, up to its comma, and what follows.
fn field<'a>(text: &'a str, name: &str) -> Result<(&'a str, &'a str), String> {
    text.strip_prefix(name)
        .and_then(|text| text.split_once(','))
        .ok_or_else(|| format!("{name} is not where it should be"))
}

/// A record that may be ours: nobody can make a zone's own records or another registration ours by saying so.
fn registrable(word: &str, zone: &DomainName) -> Result<RecordKey, String> {
    let key: RecordKey = word.parse().map_err(|error| format!("{error}"))?;
    let ours = key.name.is_within(zone)
        && !key.name.is_within(&subtree(zone))
        && !matches!(key.kind, RecordType::Ns | RecordType::Soa);
    if ours { Ok(key) } else { Err(format!("it names {key}, which is never registered")) }
}

#[cfg(test)]
mod tests;
