//! Change batches in memory: carried out as a whole, or refused as a whole.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{
    fault::Refusal,
    zone::{Rank, Records, at},
};
use crate::model::{DomainName, RecordChange, RecordData, RecordSet, RecordType, txt};

/// Most elements and characters of values in a batch, of which an update counts twice.
///
/// Source: Route 53 developer guide, quotas, maximums on `ChangeResourceRecordSets` requests.
const MOST_ELEMENTS: usize = 1_000;
const MOST_CHARACTERS: usize = 32_000;

/// The records of a zone after the changes.
pub(super) fn carry_out(zone: &DomainName, records: &Records, changes: &[RecordChange]) -> Result<Records, Refusal> {
    if changes.is_empty() {
        return Err(Refusal::new("InvalidInput", "a change batch needs at least one change"));
    }
    check_size(changes)?;
    let mut new = records.clone();
    for change in changes {
        apply(zone, &mut new, change).map_err(|why| invalid(&format!("{change}: {why}")))?;
    }
    check_neighbours(zone, &new, changes)?;
    Ok(new)
}

fn invalid(message: &str) -> Refusal {
    Refusal::new("InvalidChangeBatch", &format!("[{message}]"))
}

fn check_size(changes: &[RecordChange]) -> Result<(), Refusal> {
    let (mut elements, mut characters) = (0, 0);
    for change in changes {
        let weight = if matches!(change, RecordChange::Upsert(_)) { 2 } else { 1 };
        let RecordData::Values { values, .. } = &change.record().data else {
            elements += weight;
            continue;
        };
        elements += weight * values.len();
        characters += weight * values.iter().map(|value| value.chars().count()).sum::<usize>();
    }
    match (elements, characters) {
        (elements, _) if elements > MOST_ELEMENTS => Err(invalid(&format!("more than {MOST_ELEMENTS} records"))),
        (_, characters) if characters > MOST_CHARACTERS => {
            Err(invalid(&format!("more than {MOST_CHARACTERS} characters")))
        }
        _ => Ok(()),
    }
}

fn apply(zone: &DomainName, records: &mut Records, change: &RecordChange) -> Result<(), &'static str> {
    let record = change.record();
    if !record.name.is_within(zone) {
        return Err("not permitted in this zone");
    }
    if !record.is_simple() {
        return Err("what chooses between record sets is missing");
    }
    let (rank, present) = (Rank::of(record), records.get(&Rank::of(record)));
    match (change, present) {
        (RecordChange::Delete(_), None) => return Err("it was not found"),
        (RecordChange::Delete(_), Some(present)) if present != record => {
            return Err("the values provided do not match the current values");
        }
        (RecordChange::Delete(_), Some(_)) => {
            records.remove(&rank);
            return Ok(());
        }
        (RecordChange::Create(_), Some(_)) => return Err("it already exists"),
        (RecordChange::Create(_) | RecordChange::Upsert(_), _) => {}
    }
    check_values(record)?;
    records.insert(rank, record.clone());
    Ok(())
}

fn check_values(record: &RecordSet) -> Result<(), &'static str> {
    let RecordData::Values { values, .. } = &record.data else { return Ok(()) };
    let valid: fn(&str) -> bool = match record.kind {
        RecordType::A => |value| value.parse::<Ipv4Addr>().is_ok(),
        RecordType::Aaaa => |value| value.parse::<Ipv6Addr>().is_ok(),
        RecordType::Txt => |value| value.len() <= txt::VALUE_LIMIT && txt::unquote(value).is_some(),
        _ => |value| !value.is_empty(),
    };
    match values.iter().find(|value| !valid(value)) {
        _ if values.is_empty() => Err("there is no value"),
        Some(_) => Err("a value is malformed"),
        None => Ok(()),
    }
}

/// What a zone must and must not have once all changes are made.
fn check_neighbours(zone: &DomainName, records: &Records, changes: &[RecordChange]) -> Result<(), Refusal> {
    for kind in [RecordType::Ns, RecordType::Soa] {
        if !at(records, zone).any(|record| record.kind == kind) {
            return Err(invalid(&format!("the zone has to have its own {kind} record")));
        }
    }
    for change in changes {
        let RecordSet { name, kind, .. } = change.record();
        let (of_names, others): (Vec<_>, Vec<_>) =
            at(records, name).partition(|record| record.kind == RecordType::Cname);
        if !of_names.is_empty() && !others.is_empty() {
            return Err(invalid(&format!("{name} has a CNAME record, and others beside it")));
        }
        let same: Vec<_> = at(records, name).filter(|record| record.kind == *kind).collect();
        if same.len() > 1 && same.iter().any(|record| record.routing.is_none()) {
            return Err(invalid(&format!("{name} has {kind} records with and without routing")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::ZoneKey, world::HostedZone};

    fn zone() -> HostedZone {
        let key = ZoneKey { account: "222222222222".parse().unwrap(), zone: "Z1".parse().unwrap() };
        HostedZone::public(key, DomainName::of_route53("example.com"))
    }

    fn text(name: &str, values: &[String]) -> RecordSet {
        let data = RecordData::Values { ttl: 300, values: values.iter().map(|value| txt::quote(value)).collect() };
        RecordSet { name: DomainName::of_route53(name), kind: RecordType::Txt, data, routing: None }
    }

    /// The message of the refusal; empty when the batch is carried out.
    fn refusal(changes: &[RecordChange]) -> String {
        let zone = zone();
        carry_out(&zone.zone.name, zone.written(), changes).err().map(|refusal| refusal.message).unwrap_or_default()
    }

    fn numbers(count: usize) -> Vec<String> {
        (0..count).map(|number| number.to_string()).collect()
    }

    #[test]
    fn batch_has_a_thousand_elements_at_most_and_an_update_counts_twice() {
        assert_eq!(refusal(&[RecordChange::Create(text("a.example.com", &numbers(1_000)))]), "");
        assert_eq!(
            refusal(&[RecordChange::Create(text("a.example.com", &numbers(1_001)))]),
            "[more than 1000 records]"
        );
        assert_eq!(refusal(&[RecordChange::Upsert(text("a.example.com", &numbers(500)))]), "");
        assert_eq!(refusal(&[RecordChange::Upsert(text("a.example.com", &numbers(501)))]), "[more than 1000 records]");
    }

    #[test]
    fn batch_has_32_000_characters_at_most_and_an_update_counts_twice() {
        let long = |count: usize, least: usize| -> Vec<String> {
            // With its two quotation marks each has a hundred.
            (0..count).map(|number| format!("{number:0>98}")).chain((least > 0).then(String::new)).collect()
        };
        assert_eq!(refusal(&[RecordChange::Create(text("a.example.com", &long(320, 0)))]), "");
        let over = refusal(&[RecordChange::Create(text("a.example.com", &long(320, 1)))]);
        assert_eq!(over, "[more than 32000 characters]");
        assert_eq!(refusal(&[RecordChange::Upsert(text("a.example.com", &long(160, 0)))]), "");
        let over = refusal(&[RecordChange::Upsert(text("a.example.com", &long(160, 1)))]);
        assert_eq!(over, "[more than 32000 characters]");
    }

    #[test]
    fn record_that_the_zone_cannot_have_is_refused() {
        let one = numbers(1);
        let cname = |name: &str| RecordSet { kind: RecordType::Cname, ..text(name, &one) };
        let own = |kind: &RecordType| zone().records().find(|record| record.kind == *kind).cloned().unwrap();
        for (changes, why) in [
            (vec![RecordChange::Create(text("a.example.org", &one))], "not permitted in this zone"),
            (vec![RecordChange::Create(RecordSet { kind: RecordType::A, ..text("a.example.com", &one) })], "malformed"),
            (vec![RecordChange::Create(text("a.example.com", &[]))], "no value"),
            (
                vec![RecordChange::Upsert(RecordSet { data: RecordData::Other, ..text("a.example.com", &one) })],
                "chooses",
            ),
            (vec![RecordChange::Create(cname("example.com"))], "and others beside it"),
            (
                vec![RecordChange::Create(cname("a.example.com")), RecordChange::Create(text("a.example.com", &one))],
                "and others beside it",
            ),
            (vec![RecordChange::Delete(own(&RecordType::Ns))], "its own NS record"),
            (vec![RecordChange::Delete(own(&RecordType::Soa))], "its own SOA record"),
            (Vec::new(), "at least one change"),
        ] {
            let refusal = refusal(&changes);
            assert!(refusal.contains(why), "{changes:?}: {refusal}");
        }
    }
}
