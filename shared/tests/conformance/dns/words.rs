//! Names and records as the cases write them.

use drawbridge::model::{DomainName, RecordChange, RecordData, RecordSet, RecordType, ZoneKey, txt};

use super::{super::ground::Ground, Edit};

/// A name of the case in full.
pub fn full<G: Ground>(ground: &G, name: &str) -> DomainName {
    let domain = ground.domain();
    match name {
        "@" => domain,
        _ if name.ends_with('.') => DomainName::of_route53(name),
        _ => domain.child(name),
    }
}

/// A name as the case knows it; `None` for one of others.
pub fn short<G: Ground>(ground: &G, name: &DomainName) -> Option<String> {
    let domain = ground.domain();
    let before = name.as_str().strip_suffix(domain.as_str())?;
    Some(if before.is_empty() { "@".to_owned() } else { before.strip_suffix('.')?.to_owned() })
}

/// A record that isn't the zone's own.
pub fn line<G: Ground>(ground: &G, record: &RecordSet) -> Option<String> {
    if matches!(record.kind, RecordType::Ns | RecordType::Soa) {
        return None;
    }
    let name = short(ground, &record.name).unwrap_or_else(|| record.name.to_string());
    let data = match &record.data {
        RecordData::Values { ttl, values } => {
            format!("{ttl} {}", values.iter().cloned().collect::<Vec<_>>().join(" "))
        }
        RecordData::Alias { target, .. } => format!("as {}", short(ground, target)?),
        RecordData::Other => "by other means".to_owned(),
    };
    Some(format!("{name} {} {data}", record.kind))
}

pub fn change<G: Ground>(ground: &G, zone: &ZoneKey, edit: &Edit) -> RecordChange {
    let (Edit::Create(record) | Edit::Upsert(record) | Edit::Delete(record)) = edit;
    let (name, kind, ttl, values) = *record;
    let data = match kind {
        "ALIAS" => {
            RecordData::Alias { zone: zone.zone.clone(), target: full(ground, values[0]), evaluate_health: false }
        }
        "TXT" => RecordData::Values { ttl, values: values.iter().map(|value| txt::quote(value)).collect() },
        _ => RecordData::Values { ttl, values: values.iter().map(|value| (*value).to_owned()).collect() },
    };
    let kind = RecordType::parse(if kind == "ALIAS" { "A" } else { kind });
    let record = RecordSet { name: full(ground, name), kind, data, routing: None };
    match edit {
        Edit::Create(_) => RecordChange::Create(record),
        Edit::Upsert(_) => RecordChange::Upsert(record),
        Edit::Delete(_) => RecordChange::Delete(record),
    }
}
