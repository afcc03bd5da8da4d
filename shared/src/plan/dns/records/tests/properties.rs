//! What holds of any zone, any wishes and any policy.

use proptest::{collection::vec, prelude::*, sample::subsequence};

use super::*;
use zone_of::change;

const KEYS: [&str; 3] = [ONE, TWO, "vpce-svc-0000000000000003"];
const NAMES: [&str; 4] = ["example.com", "api.example.com", "*.api.example.com", "two.example.com"];
const KINDS: [&str; 4] = ["A", "AAAA", "TXT", "CNAME"];

fn name() -> impl Strategy<Value = String> {
    let kind = prop::sample::select(KINDS.to_vec());
    (kind, prop::sample::select(NAMES.to_vec())).prop_map(|(kind, name)| format!("{kind}:{name}"))
}

fn any_record() -> impl Strategy<Value = RecordSet> {
    (name(), 0..8_u8, prop::option::weighted(0.1, Just("blue".to_owned()))).prop_map(|(name, data, routing)| {
        let record = match data {
            0 => RecordSet { data: RecordData::Other, ..record(&name, "") },
            1 | 2 => alias(&name, "a.vpce.amazonaws.com"),
            3 => alias(&name, "b.vpce.amazonaws.com"),
            4..=6 => record(&name, "192.0.2.1"),
            _ => record(&name, "192.0.2.2"),
        };
        RecordSet { routing, ..record }
    })
}

/// What stands among the registrations.
fn any_registration() -> impl Strategy<Value = RecordSet> {
    let key = prop::sample::select(KEYS.to_vec());
    (key, 0..8_u8, vec(name(), 0..6)).prop_map(|(key, owner, names)| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match owner {
            0 => record(&format!("TXT:{key}._drawbridge.example.com"), "\"heritage=somebody\""),
            1 | 2 => registration(OTHER, key, &names),
            _ => registration(OURS, key, &names),
        }
    })
}

/// A zone that Route 53 would hold: nothing twice, nothing beside a CNAME or beside a record with routing.
fn any_zone() -> impl Strategy<Value = Vec<RecordSet>> {
    (vec(any_record(), 0..14), vec(any_registration(), 0..5)).prop_map(|(records, registrations)| {
        let mut zone: Vec<RecordSet> = Vec::new();
        for record in registrations.into_iter().chain(records) {
            let excludes = |other: &RecordSet| {
                other.name == record.name
                    && (other.kind == record.kind || [&other.kind, &record.kind].contains(&&RecordType::Cname))
            };
            if !zone.iter().any(excludes) {
                zone.push(record);
            }
        }
        zone
    })
}

fn any_wishes() -> impl Strategy<Value = Vec<Wanted>> {
    let record = prop_oneof![9 => any_record(), 1 => Just(record("A:example.org", "192.0.2.1"))];
    let wish =
        (prop::sample::select(KEYS.to_vec()), vec(record, 0..5)).prop_map(|(key, records)| wanted(key, &records));
    vec(wish, 0..4)
}

fn any_scope() -> impl Strategy<Value = Which> {
    let some = subsequence(KEYS.to_vec(), 0..=KEYS.len());
    prop_oneof![Just(Which::All), some.prop_map(|keys| Which::Keys(keys.into_iter().map(str::to_owned).collect())),]
}

fn any_policy() -> impl Strategy<Value = DnsPolicy> {
    prop_oneof![Just(DnsPolicy::Sync), Just(DnsPolicy::UpsertOnly), Just(DnsPolicy::CreateOnly)]
}

fn decide(current: &[RecordSet], wishes: &[Wanted], which: &Which, policy: DnsPolicy) -> RecordPlan {
    plan(&zone(), current, wishes, which, &OURS.parse().unwrap(), policy, now())
}

/// What isn't ours, told by the definition and not by what decides.
fn foreign(current: &[RecordSet]) -> Vec<&RecordSet> {
    let registrations = |owner: &str| {
        let read = |record| registry::read(record, &zone().name)?.ok();
        let of_owner = current.iter().filter_map(read).filter(|registration| registration.owner.as_str() == owner);
        of_owner.flat_map(|registration| registration.records).collect::<BTreeSet<RecordKey>>()
    };
    let (ours, others) = (registrations(OURS), registrations(OTHER));
    let is_ours = |record: &RecordSet| {
        let registered = ours.contains(&record.key()) && !others.contains(&record.key()) && record.is_simple();
        let registers = matches!(registry::read(record, &zone().name), Some(Ok(read)) if read.owner.as_str() == OURS);
        registered || registers
    };
    current.iter().filter(|record| !is_ours(record)).collect()
}

proptest! {
    #[test]
    fn foreign_records_survive_everything(
        current in any_zone(), wishes in any_wishes(), which in any_scope(), policy in any_policy(),
    ) {
        let decided = decide(&current, &wishes, &which, policy);
        let adopted = adopt(&zone(), &current, &wishes, &OURS.parse().unwrap(), now());
        for plan in [decided, adopted] {
            let after = apply(&current, &plan);
            for record in foreign(&current) {
                prop_assert!(after.contains(record), "{:?} is gone", record);
            }
        }
    }

    #[test]
    fn plan_that_was_carried_out_leaves_nothing_to_do(
        current in any_zone(), wishes in any_wishes(), which in any_scope(), policy in any_policy(),
    ) {
        let after = apply(&current, &decide(&current, &wishes, &which, policy));
        let again = decide(&after, &wishes, &which, policy);
        prop_assert_eq!((told(&again.changes), told(&again.deletions)), (vec![], vec![]));
    }

    #[test]
    fn order_of_what_is_read_and_wanted_makes_no_difference(
        (current, other) in any_zone().prop_flat_map(|zone| (Just(zone.clone()), Just(zone).prop_shuffle())),
        (wishes, others) in any_wishes().prop_flat_map(|wishes| (Just(wishes.clone()), Just(wishes).prop_shuffle())),
        policy in any_policy(),
    ) {
        let mut others = others;
        for wanted in &mut others {
            wanted.records.reverse();
        }
        prop_assert_eq!(
            decide(&current, &wishes, &Which::All, policy),
            decide(&other, &others, &Which::All, policy)
        );
    }

    #[test]
    fn groups_can_be_made_alone_and_in_any_order(
        current in any_zone(), wishes in any_wishes(), which in any_scope(), policy in any_policy(),
    ) {
        let plan = decide(&current, &wishes, &which, policy);
        let groups: Vec<&Group> = plan.changes.iter().chain(&plan.deletions).collect();
        let forwards = groups.iter().fold(current.clone(), |records, group| change(&records, group));
        let backwards = groups.iter().rev().fold(current, |records, group| change(&records, group));
        prop_assert_eq!(forwards, backwards);
    }

    #[test]
    fn what_is_deleted_is_ours_and_named_exactly_as_it_was_read(
        current in any_zone(), wishes in any_wishes(), which in any_scope(), policy in any_policy(),
    ) {
        let plan = decide(&current, &wishes, &which, policy);
        let foreign = foreign(&current);
        for group in plan.changes.iter().chain(&plan.deletions) {
            for deleted in group.changes.iter().filter(|change| change.is_deletion()) {
                prop_assert!(current.contains(deleted.record()) && !foreign.contains(&deleted.record()));
            }
        }
    }

    #[test]
    fn policy_is_kept(current in any_zone(), wishes in any_wishes(), which in any_scope(), policy in any_policy()) {
        let plan = decide(&current, &wishes, &which, policy);
        for group in plan.changes.iter().chain(&plan.deletions) {
            prop_assert!(policy.deletes() || !group.changes.iter().any(RecordChange::is_deletion));
            let creates = |change: &RecordChange| matches!(change, RecordChange::Create(_));
            prop_assert!(policy.updates() || group.records().all(creates));
        }
        prop_assert!(plan.deletions.iter().all(Group::only_deletes));
        prop_assert!(!plan.changes.iter().any(Group::only_deletes));
    }

    #[test]
    fn what_is_wanted_is_there_in_the_end_or_held(
        current in any_zone(), wishes in any_wishes(), which in any_scope(), policy in any_policy(),
    ) {
        let after = apply(&current, &decide(&current, &wishes, &which, policy));
        let plan = decide(&after, &wishes, &which, policy);
        for wish in wishes.iter().filter(|wish| which.includes(&wish.key)) {
            for record in &wish.records {
                let name = record.key();
                let held = plan.held.iter().any(|held| held.key.as_ref() == Some(&wish.key) && held.record == name);
                let stands = plan.standing.iter().any(|standing| standing.key == wish.key && standing.record == name);
                let wished = wishes.iter().filter(|other| other.key == wish.key).flat_map(|other| &other.records);
                let of_name: BTreeSet<&RecordSet> = wished.filter(|other| other.key() == name).collect();
                prop_assert!(held || stands, "{} for {}", name, wish.key);
                prop_assert!(of_name.len() > 1 || held != stands, "{} for {}", name, wish.key);
                let answers = |wished: &&RecordSet| after.iter().any(|found| found.answers_as(wished));
                prop_assert!(!stands || of_name.iter().any(answers));
            }
        }
    }

    #[test]
    fn what_is_not_planned_for_keeps_its_registration(
        current in any_zone(), wishes in any_wishes(), which in any_scope(), policy in any_policy(),
    ) {
        let after = apply(&current, &decide(&current, &wishes, &which, policy));
        for record in &current {
            if let Some(Ok(registration)) = registry::read(record, &zone().name)
                && !which.includes(&registration.key)
            {
                prop_assert!(after.contains(record));
                let names = registration.records.iter().filter(|_| registration.owner.as_str() == OURS);
                let kept = |name: &RecordKey| {
                    let of_name = |records: &[RecordSet]| {
                        records.iter().filter(|record| record.key() == *name).cloned().collect::<Vec<_>>()
                    };
                    let shared = current.iter().filter_map(|record| registry::read(record, &zone().name)?.ok())
                        .any(|other| other.key != registration.key && other.records.contains(name));
                    shared || of_name(&current).is_empty() || of_name(&after) == of_name(&current)
                };
                prop_assert!(names.into_iter().all(kept));
            }
        }
    }
}
