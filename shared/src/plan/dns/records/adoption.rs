//! Taking over what others have made, when a person orders it and never else.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    RecordPlan, Standing, Wanted, Which,
    draft::held,
    grouping,
    registering::Registering,
    survey::Survey,
    wish::{Obstacle, against_record, against_registration, wishes},
};
use crate::{
    model::{DeploymentId, RecordKey, RecordSet, RecordType, Zone, reason},
    policy::DnsPolicy,
};

/// Registers the records that are there, answer as is wanted, and are nobody's. No record itself is changed.
#[must_use]
pub fn adopt(
    zone: &Zone,
    current: &[RecordSet],
    wanted: &[Wanted],
    owner: &DeploymentId,
    now: Timestamp,
) -> RecordPlan {
    let survey = Survey::of(&zone.name, current, owner);
    let wishes = wishes(wanted, &Which::All);
    let mut plan = RecordPlan::default();
    let mut registering = Registering::new(&survey, &wishes);
    let mut adopted: BTreeMap<RecordKey, &str> = BTreeMap::new();
    for (key, wish) in &wishes {
        if let Some((registration, _)) = survey.registration(key) {
            registration.records.iter().for_each(|name| registering.add(key, name.clone()));
        }
        let obstacle = against_registration(&survey, key, wish);
        for record in &wish.records {
            let name = record.key();
            let obstacle = obstacle.clone().or_else(|| against_record(&survey, record));
            let taker = adopted.get(&name).copied();
            match obstacle.map_or_else(|| is_free(&survey, key, record, taker), Err) {
                Err(obstacle) => plan.held.push(held(key, &name, obstacle)),
                Ok(Found::Free) => {
                    registering.add(key, name.clone());
                    adopted.insert(name, key);
                }
                Ok(Found::Ours) => {
                    plan.standing.push(Standing { key: (*key).to_owned(), record: name, registered: true });
                }
                Ok(Found::Nothing) => {}
            }
        }
    }
    let excess = registering.excess(now);
    let mut registrations = registering.changes(DnsPolicy::CreateOnly, now);
    for (key, obstacle) in excess {
        registrations.remove(key);
        let names = adopted.iter().filter(|(_, taker)| **taker == key).map(|(name, _)| name);
        plan.held.extend(names.map(|name| held(key, name, obstacle.clone())));
    }
    plan.changes = grouping::groups(Vec::new(), &[], registrations);
    plan
}

/// What is there to adopt.
enum Found {
    Nothing,
    Ours,
    Free,
}

fn is_free(survey: &Survey<'_>, key: &str, record: &RecordSet, taker: Option<&str>) -> Result<Found, Obstacle> {
    let name = record.key();
    if let Some(other) = survey.other_owner(&name) {
        let why = format!("{name} is registered by deployment {other}");
        return Err(Obstacle::new(reason::NOT_OWNED, why, "let that deployment give it up first"));
    }
    let mut registrars = survey.registrars(&name).chain(taker).peekable();
    if registrars.peek().is_some() {
        return match registrars.find(|registrar| *registrar != key) {
            Some(registrar) => Err(super::outcome::taken(&name, registrar)),
            None => Ok(Found::Ours),
        };
    }
    if survey.simple(&name).is_some_and(|found| found.answers_as(record)) {
        return Ok(Found::Free);
    }
    let excludes = |found: &&RecordSet| {
        let cname = found.kind == RecordType::Cname || name.kind == RecordType::Cname;
        found.kind == name.kind || cname || !found.is_simple()
    };
    match survey.at(&name.name).find(excludes) {
        None => Ok(Found::Nothing),
        Some(found) => {
            let found = found.key();
            let why = if found == name {
                format!("{name} is there with another answer")
            } else {
                format!("{found} is there, beside which {name} can't be")
            };
            Err(Obstacle::new(reason::CONFLICT, why, "give it the answer that is wanted first, or remove it"))
        }
    }
}
