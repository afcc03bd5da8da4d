//! What is wanted of a zone, and whether it could be had in any: before anything in the zone is looked at.

use std::collections::{BTreeMap, BTreeSet};

use super::{Wanted, Which, survey::Survey};
use crate::{
    model::{DomainName, RecordData, RecordKey, RecordSet, RecordType, reason},
    plan::dns::registry,
};

/// What is wanted for one key.
pub struct Wish<'a> {
    /// What the records are for. More than one is one too many.
    resources: BTreeSet<&'a str>,
    /// The records, sorted.
    pub records: BTreeSet<&'a RecordSet>,
}

impl<'a> Wish<'a> {
    /// What the records are for.
    pub fn resource(&self) -> &'a str {
        self.resources.first().copied().unwrap_or_default()
    }
}

/// What is wanted for each key that is planned for. The order of what is wanted makes no difference.
pub fn wishes<'a>(wanted: &'a [Wanted], which: &Which) -> BTreeMap<&'a str, Wish<'a>> {
    let mut wishes: BTreeMap<&str, Wish<'_>> = BTreeMap::new();
    for Wanted { key, resource, records } in wanted.iter().filter(|wanted| which.includes(&wanted.key)) {
        let wish = wishes.entry(key).or_insert_with(|| Wish { resources: BTreeSet::new(), records: BTreeSet::new() });
        wish.resources.insert(resource);
        wish.records.extend(records);
    }
    wishes
}

/// Why something can't be had, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    pub reason: &'static str,
    pub why: String,
    pub remedy: String,
}

impl Obstacle {
    pub fn new(reason: &'static str, why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { reason, why: why.into(), remedy: remedy.into() }
    }
}

/// Why nothing can be registered for a key in this zone.
pub fn against_registration(survey: &Survey<'_>, key: &str, wish: &Wish<'_>) -> Option<Obstacle> {
    let impossible =
        |why: String| Obstacle::new(reason::NOT_POSSIBLE, why, "give it an id and a place that can be registered");
    let resource = wish.resource();
    if wish.resources.len() > 1 {
        let all: Vec<&str> = wish.resources.iter().copied().collect();
        return Some(impossible(format!("{key} is the id of several things: {}", all.join(" "))));
    }
    let is_plain = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '-' | '/');
    if resource.rsplit('/').next() != Some(key) || !resource.chars().all(is_plain) {
        return Some(impossible(format!("{resource:?} can't be registered as {key:?}")));
    }
    let place = registry::place(key, survey.zone);
    if let Err(error) = place.as_str().parse::<DomainName>() {
        return Some(impossible(error.to_string()));
    }
    let taken = |why: String| {
        let remedy = format!("look whose {place} is, and remove it if it is nobody's");
        Some(Obstacle::new(reason::NOT_OWNED, why, remedy))
    };
    match survey.registration(key) {
        Some((registration, _)) if registration.resource != resource => {
            taken(format!("{place} registers records of {}", registration.resource))
        }
        Some(_) => None,
        None => {
            let blocks =
                |record: &&RecordSet| matches!(record.kind, RecordType::Txt | RecordType::Cname) || !record.is_simple();
            let record = survey.at(&place).find(blocks)?;
            taken(match registry::read(record, survey.zone) {
                Some(Ok(registration)) => format!("deployment {} has registered {key}", registration.owner),
                _ => format!("{} stands where {key} would be registered", record.key()),
            })
        }
    }
}

/// Why a record can't be had in this zone, whatever else is there.
pub fn against_record(survey: &Survey<'_>, record: &RecordSet) -> Option<Obstacle> {
    let impossible = |why: String, remedy: &str| Some(Obstacle::new(reason::NOT_POSSIBLE, why, remedy));
    let RecordKey { name, kind } = record.key();
    let zone = survey.zone;
    if let Err(error) = name.as_str().parse::<DomainName>() {
        return impossible(error.to_string(), "choose a name that can be written");
    }
    if !name.is_within(zone) {
        return impossible(format!("{name} is not within {zone}"), "choose a name within the zone");
    }
    if name.is_within(&registry::subtree(zone)) {
        return impossible(format!("{name} is where registrations stand"), "choose another name");
    }
    if matches!(kind, RecordType::Ns | RecordType::Soa) {
        return impossible(format!("{kind} records make the zone itself"), "choose another type");
    }
    let values = match &record.data {
        RecordData::Values { values, .. } => Some(values.len()),
        RecordData::Alias { .. } => None,
        RecordData::Other => Some(0),
    };
    if record.routing.is_some() || values == Some(0) || (kind == RecordType::Cname && values != Some(1)) {
        return impossible(format!("{kind}:{name} has no answer that is written here"), "choose a simple record");
    }
    None
}
