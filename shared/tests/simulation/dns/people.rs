//! What people do by hand in zones: in their own, and in ours.

use std::collections::BTreeSet;

use drawbridge::{
    model::{RecordData, RecordSet, RecordType, VpcReference, ZoneKey},
    world::{HostedZone, State},
};

use super::{
    cast::{VPCS, domain, vpc},
    reckoning::{is_taken, proof},
    register::{is_its_own, is_made_by_us, name_of, ours, read},
};
use crate::{body, random::Random, stage::Stage};

/// Something that people do.
#[derive(Debug, Clone, Copy)]
pub enum Doing {
    /// They write a record of their own, beside ours or where ours would be.
    Write {
        nth: usize,
        what: usize,
    },
    /// They alter or delete a record of ours, or its registration.
    Alter {
        nth: usize,
    },
    Delete {
        nth: usize,
    },
    Unregister {
        nth: usize,
    },
    /// They make a private zone of a name that may be wanted, or delete it.
    Rival {
        vpc: usize,
        name: usize,
    },
    RivalGone {
        nth: usize,
    },
    /// They associate a VPC with a zone of ours, take one away, or authorize one.
    Associate {
        nth: usize,
        vpc: usize,
    },
    Disassociate {
        nth: usize,
        vpc: usize,
    },
    Authorize {
        nth: usize,
        vpc: usize,
    },
    /// They delete a zone of ours with all that is in it.
    DeleteZone {
        nth: usize,
    },
    /// They make a zone of ours their own.
    TakeZone {
        nth: usize,
    },
}

/// Names of which rivals are made.
const RIVALS: [&str; 3] = ["db.internal.example", "pay.corp.example", "cache.example.net"];

impl Doing {
    pub fn draw(random: &Random) -> Self {
        let (nth, vpc) = (random.index(64), random.index(VPCS.len()));
        match random.below(100) {
            0..25 => Self::Write { nth, what: random.index(6) },
            25..37 => Self::Alter { nth },
            37..45 => Self::Delete { nth },
            45..50 => Self::Unregister { nth },
            50..62 => Self::Rival { vpc, name: random.index(RIVALS.len()) },
            62..70 => Self::RivalGone { nth },
            70..78 => Self::Associate { nth, vpc },
            78..84 => Self::Disassociate { nth, vpc },
            84..90 => Self::Authorize { nth, vpc },
            90..97 => Self::DeleteZone { nth },
            _ => Self::TakeZone { nth },
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Write { .. } => "happening: record written by hand",
            Self::Alter { .. } | Self::Delete { .. } | Self::Unregister { .. } => {
                "happening: record of ours altered or deleted by hand"
            }
            Self::Rival { .. } | Self::RivalGone { .. } => "happening: rival zone made or deleted",
            Self::Associate { .. } | Self::Disassociate { .. } | Self::Authorize { .. } => {
                "happening: VPC of a zone of ours changed by hand"
            }
            Self::DeleteZone { .. } | Self::TakeZone { .. } => "happening: zone of ours deleted or taken by hand",
        }
    }

    pub fn happen(self, stage: &Stage) {
        match self {
            Self::Write { nth, what } => write(stage, nth, what),
            Self::Alter { nth } => alter(stage, nth),
            Self::Delete { nth } => remove(stage, nth, |zone, record| ours(zone).contains(&name_of(record))),
            Self::Unregister { nth } => remove(stage, nth, |zone, record| {
                read(record, &zone.zone.name).is_some_and(|registration| registration.owner == "hub")
            }),
            Self::Rival { vpc: index, name } => make_rival(stage, index, RIVALS[name]),
            Self::RivalGone { nth } => {
                delete_zone(stage, nth, |key, zone| zone.zone.private && !is_made_by_us(key, zone));
            }
            Self::Associate { nth, vpc } => associate(stage, nth, vpc),
            Self::Disassociate { nth, vpc } => disassociate(stage, nth, vpc),
            Self::Authorize { nth, vpc: index } => {
                let (_, reference) = vpc(index);
                let words = format!("authorize {}", reference.vpc);
                let authorized = |zone: &mut HostedZone| zone.authorized.insert(reference.clone());
                with_zone(stage, nth, "authorize_vpc", &words, is_made_by_us, authorized, |key| {
                    // It is theirs as well from now on.
                    stage.opened.borrow_mut().remove(&(key.clone(), reference.clone()));
                });
            }
            Self::DeleteZone { nth } => delete_zone(stage, nth, is_made_by_us),
            Self::TakeZone { nth } => {
                let take = |zone: &mut HostedZone| {
                    "ours now".clone_into(&mut zone.zone.comment);
                    true
                };
                with_zone(stage, nth, "change_records", "take over", is_made_by_us, take, |_| {});
            }
        }
    }
}

/// A zone by its number.
fn nth_zone(state: &State, nth: usize, which: impl Fn(&ZoneKey, &HostedZone) -> bool) -> Option<ZoneKey> {
    let zones: Vec<&ZoneKey> = state.zones.iter().filter(|(key, zone)| which(key, zone)).map(|(key, _)| key).collect();
    zones.get(nth % zones.len().max(1)).map(|key| (*key).clone())
}

/// People change a zone, if the change is one.
fn with_zone(
    stage: &Stage,
    nth: usize,
    told: &'static str,
    words: &str,
    which: impl Fn(&ZoneKey, &HostedZone) -> bool,
    change: impl FnOnce(&mut HostedZone) -> bool,
    then: impl FnOnce(&ZoneKey),
) {
    let Some(key) = nth_zone(&stage.world.state(), nth, which) else { return };
    let changed = change(stage.world.change().zones.get_mut(&key).unwrap());
    if changed {
        stage.tell(|| format!("by hand: people {words} in zone {key}"));
        then(&key);
        stage.send(&body::zone_changed(&key.account, &key.zone, told));
    }
}

/// The records of zones, in order, that are of a kind.
fn nth_record(
    state: &State,
    nth: usize,
    which: impl Fn(&HostedZone, &RecordSet) -> bool,
) -> Option<(ZoneKey, RecordSet)> {
    let of_zone = |(key, zone): (&ZoneKey, &HostedZone)| -> Vec<(ZoneKey, RecordSet)> {
        let records = zone.records().filter(|record| which(zone, record));
        records.map(|record| (key.clone(), record.clone())).collect()
    };
    let all: Vec<(ZoneKey, RecordSet)> = state.zones.iter().flat_map(of_zone).collect();
    all.get(nth % all.len().max(1)).cloned()
}

fn text(name: &str, text: &str) -> RecordSet {
    let data = RecordData::Values { ttl: 300, values: [format!("\"{text}\"")].into() };
    RecordSet { name: domain(name), kind: RecordType::Txt, data, routing: None }
}

fn values(name: &str, kind: RecordType, value: &str) -> RecordSet {
    let data = RecordData::Values { ttl: 60, values: [value.to_owned()].into() };
    RecordSet { name: domain(name), kind, data, routing: None }
}

/// People write a record into some zone, as far as nothing stands there.
fn write(stage: &Stage, nth: usize, what: usize) {
    let state = stage.world.state();
    let Some(key) = nth_zone(&state, nth, |_, _| true) else { return };
    let zone = &state.zones[&key];
    let name = &zone.zone.name;
    let wanted: Vec<RecordSet> =
        state.services.values().filter_map(|(service, _)| proof(service)).map(|(_, proof)| proof).collect();
    let inside = |record: &&RecordSet| record.name.is_within(name);
    let records: Vec<RecordSet> = match what {
        0 => vec![values(name.as_str(), RecordType::A, "192.0.2.7")],
        1 => vec![values(&format!("www.{name}"), RecordType::A, "192.0.2.8")],
        2 => vec![values(&format!("*.{name}"), RecordType::Cname, "other.example.org")],
        // Where a proof belongs: the right one, or another.
        3 => wanted.iter().find(inside).cloned().into_iter().collect(),
        4 => wanted.iter().find(inside).map(|record| text(record.name.as_str(), "not this")).into_iter().collect(),
        // What another deployment has made, and registered.
        _ => vec![
            text(
                &format!("vpce-0123._drawbridge.{name}"),
                &format!(
                    "heritage=drawbridge,drawbridge/owner=another,drawbridge/resource=endpoint/444444444444/eu-west-1/vpce-0123,\
                     drawbridge/since=2026-11-01T10:00:00Z,drawbridge/records=A:{name} TXT:t.{name}"
                ),
            ),
            text(&format!("t.{name}"), "theirs"),
        ],
    };
    let is_free =
        |record: &RecordSet| !zone.records().any(|found| found.name == record.name && excludes(found, record));
    let records: Vec<RecordSet> = records.into_iter().filter(is_free).collect();
    drop(state);
    if records.is_empty() {
        return;
    }
    let words: Vec<String> = records.iter().map(|record| record.key().to_string()).collect();
    stage.tell(|| format!("by hand: people write {} in zone {key}", words.join(" ")));
    let mut state = stage.world.change();
    let zone = state.zones.get_mut(&key).unwrap();
    for record in records {
        zone.put(record);
    }
    drop(state);
    stage.send(&body::zone_changed(&key.account, &key.zone, "change_records"));
}

fn excludes(found: &RecordSet, record: &RecordSet) -> bool {
    found.kind == record.kind || found.kind == RecordType::Cname || record.kind == RecordType::Cname
}

fn alter(stage: &Stage, nth: usize) {
    let is_ours = |zone: &HostedZone, record: &RecordSet| ours(zone).contains(&name_of(record));
    let Some((key, record)) = nth_record(&stage.world.state(), nth, is_ours) else { return };
    stage.tell(|| format!("by hand: people alter {} in zone {key}", record.key()));
    let altered = match record.kind {
        RecordType::Aaaa => values(record.name.as_str(), RecordType::Aaaa, "2001:db8::7"),
        RecordType::Txt => text(record.name.as_str(), "altered"),
        _ => values(record.name.as_str(), RecordType::A, "192.0.2.9"),
    };
    stage.world.change().zones.get_mut(&key).unwrap().put(altered);
    unmark(stage, &key, &record);
    stage.send(&body::zone_changed(&key.account, &key.zone, "change_records"));
}

fn remove(stage: &Stage, nth: usize, which: impl Fn(&HostedZone, &RecordSet) -> bool) {
    let which = |zone: &HostedZone, record: &RecordSet| !is_its_own(record, zone) && which(zone, record);
    let Some((key, record)) = nth_record(&stage.world.state(), nth, which) else { return };
    stage.tell(|| format!("by hand: people delete {} in zone {key}", record.key()));
    stage.world.change().zones.get_mut(&key).unwrap().remove(&record);
    unmark(stage, &key, &record);
    stage.send(&body::zone_changed(&key.account, &key.zone, "change_records"));
}

/// Without its mark nobody can tell whose what was opened for a VPC is.
fn unmark(stage: &Stage, key: &ZoneKey, record: &RecordSet) {
    let label = record.name.labels().next().unwrap_or_default();
    stage.opened.borrow_mut().retain(|(zone, vpc)| zone != key || vpc.vpc.as_str() != label);
}

fn make_rival(stage: &Stage, index: usize, name: &str) {
    let ((account, reference), name) = (vpc(index), domain(name));
    let state = stage.world.state();
    if !state.vpcs.contains_key(&reference) || is_taken(&state, &reference, &name, None) {
        return;
    }
    drop(state);
    let key = ZoneKey { account, zone: format!("ZRIVAL{}", stage.agenda.number()).parse().unwrap() };
    stage.tell(|| format!("by hand: people make the private zone {name} {key} in {}", reference.vpc));
    let rival = HostedZone::private(key.clone(), name, reference);
    stage.world.change().zones.insert(key.clone(), rival);
    stage.send(&body::zone_changed(&key.account, &key.zone, "create_zone"));
}

fn delete_zone(stage: &Stage, nth: usize, which: impl Fn(&ZoneKey, &HostedZone) -> bool) {
    let Some(key) = nth_zone(&stage.world.state(), nth, which) else { return };
    stage.tell(|| format!("by hand: people delete zone {key} with all that is in it"));
    stage.world.change().zones.remove(&key);
    stage.opened.borrow_mut().retain(|(zone, _)| *zone != key);
    stage.send(&body::zone_changed(&key.account, &key.zone, "delete_zone"));
}

fn associate(stage: &Stage, nth: usize, index: usize) {
    let (account, reference) = vpc(index);
    let state = stage.world.state();
    let Some(key) = nth_zone(&state, nth, is_made_by_us) else { return };
    let name = state.zones[&key].zone.name.clone();
    let is_free = state.vpcs.contains_key(&reference) && !is_taken(&state, &reference, &name, None);
    drop(state);
    if !is_free {
        return;
    }
    stage.tell(|| format!("by hand: people associate {} with zone {key}", reference.vpc));
    stage.world.change().zones.get_mut(&key).unwrap().vpcs.insert(reference);
    stage.send(&body::zone_changed(&account, &key.zone, "associate_vpc"));
}

fn disassociate(stage: &Stage, nth: usize, index: usize) {
    let state = stage.world.state();
    let several = |key: &ZoneKey, zone: &HostedZone| is_made_by_us(key, zone) && zone.vpcs.len() > 1;
    let Some(key) = nth_zone(&state, nth, several) else { return };
    let vpcs: BTreeSet<VpcReference> = state.zones[&key].vpcs.clone();
    drop(state);
    let Some(gone) = vpcs.iter().nth(index % vpcs.len()) else { return };
    stage.tell(|| format!("by hand: people disassociate {} from zone {key}", gone.vpc));
    stage.world.change().zones.get_mut(&key).unwrap().vpcs.remove(gone);
    stage.send(&body::zone_changed(&key.account, &key.zone, "disassociate_vpc"));
}
