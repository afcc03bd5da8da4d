//! A zone for tests: what stands in it, and what Route 53 makes of changes.

use std::collections::BTreeMap;

use super::*;

pub const OURS: &str = "ours";
pub const OTHER: &str = "other";

/// A zone `example.com`.
pub fn zone() -> Zone {
    Zone {
        key: crate::model::ZoneKey {
            account: "222222222222".parse().unwrap(),
            zone: "Z0123456789ABCDEFGHIJ".parse().unwrap(),
        },
        name: DomainName::of_route53("example.com"),
        private: true,
        comment: String::new(),
        records: 2,
    }
}

/// What a deployment has registered for a key.
pub fn registration(owner: &str, key: &str, records: &[&str]) -> RecordSet {
    let registration = registry::Registration {
        key: key.to_owned(),
        owner: owner.parse().unwrap(),
        resource: format!("endpoint/444444444444/eu-west-1/{key}"),
        since: now(),
        records: records.iter().map(|record| record.parse().unwrap()).collect(),
    };
    registry::record(&registration, &zone().name)
}

/// What the zone holds once a plan is carried out, changes first. Whatever Route 53 would refuse panics.
pub fn apply(current: &[RecordSet], plan: &RecordPlan) -> Vec<RecordSet> {
    plan.changes.iter().chain(&plan.deletions).fold(current.to_vec(), |records, group| change(&records, group))
}

/// What the zone holds once a group is carried out.
pub fn change(current: &[RecordSet], group: &Group) -> Vec<RecordSet> {
    let name = |record: &RecordSet| (record.key(), record.routing.clone());
    let mut records: BTreeMap<_, RecordSet> = current.iter().map(|record| (name(record), record.clone())).collect();
    for change in &group.changes {
        match change {
            RecordChange::Create(record) => {
                let before = records.insert(name(record), record.clone());
                assert_eq!(before, None, "{change} of what is there");
            }
            RecordChange::Upsert(record) => {
                records.insert(name(record), record.clone());
            }
            RecordChange::Delete(record) => {
                let before = records.remove(&name(record));
                assert_eq!(before.as_ref(), Some(record), "{change} of what is not there exactly so");
            }
        }
        let record = change.record();
        if !change.is_deletion() {
            let beside = records.values().filter(|other| other.name == record.name && other.kind != record.kind);
            for other in beside {
                assert!(
                    other.kind != RecordType::Cname && record.kind != RecordType::Cname,
                    "{change} beside {}",
                    other.key()
                );
            }
            let routed = records.keys().any(|(key, routing)| *key == record.key() && *routing != record.routing);
            assert!(!routed, "{change} beside one with routing");
        }
    }
    records.into_values().collect()
}
