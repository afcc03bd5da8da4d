//! A hosted zone in memory: what its owner has written, and what is answered already.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    model::{DomainName, RecordData, RecordSet, RecordType, VpcReference, Zone, ZoneKey},
    port::later,
};

/// How long a change takes to reach all name servers.
///
/// Source: Route 53 developer guide, how changes propagate: generally within 60 seconds.
pub const PROPAGATION: Duration = Duration::from_mins(1);

/// A hosted zone.
#[derive(Debug, Clone)]
pub struct HostedZone {
    /// What it is. The number of its records is counted when it is asked for.
    pub zone: Zone,
    /// The VPCs that it answers in, if it is private.
    pub vpcs: BTreeSet<VpcReference>,
    /// The VPCs of other accounts that may be associated with it.
    pub authorized: BTreeSet<VpcReference>,
    records: Rc<Records>,
    /// What is answered, and from when on: the earliest first.
    served: Vec<(Timestamp, Rc<Records>)>,
}

/// Records in the order in which Route 53 lists them.
pub(super) type Records = BTreeMap<Rank, RecordSet>;

/// The place of a record in a listing: its labels from behind, with the dot at the end, then its type and routing.
///
/// Source: Route 53 API reference, `ListResourceRecordSets`, sort order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    labels: String,
    kind: RecordType,
    routing: Option<String>,
}

impl Rank {
    pub(super) fn of(record: &RecordSet) -> Self {
        Self { labels: from_behind(&record.name), kind: record.kind.clone(), routing: record.routing.clone() }
    }
}

/// The records from a name on.
fn from<'a>(records: &'a Records, name: Option<&DomainName>) -> impl Iterator<Item = &'a RecordSet> {
    let labels = name.map(from_behind).unwrap_or_default();
    // The first type there is.
    let start = Rank { labels, kind: RecordType::A, routing: None };
    records.range(start..).map(|(_, record)| record)
}

/// The records at a name.
pub(super) fn at<'a>(records: &'a Records, name: &'a DomainName) -> impl Iterator<Item = &'a RecordSet> {
    from(records, Some(name)).take_while(move |record| record.name == *name)
}

/// `*.example.com` as `com.example.\052.`: what lies within a name then begins with the name.
fn from_behind(name: &DomainName) -> String {
    let mut labels: Vec<&str> = name.labels().collect();
    labels.reverse();
    labels.iter().map(|label| label.replace('*', "\\052") + ".").collect()
}

impl HostedZone {
    /// A new zone that everybody asks.
    #[must_use]
    pub fn public(key: ZoneKey, name: DomainName) -> Self {
        Self::new(Zone { key, name, private: false, comment: String::new(), records: 0 })
    }

    /// A new zone that answers in a VPC.
    #[must_use]
    pub fn private(key: ZoneKey, name: DomainName, vpc: VpcReference) -> Self {
        let zone = Self::new(Zone { key, name, private: true, comment: String::new(), records: 0 });
        Self { vpcs: [vpc].into(), ..zone }
    }

    /// With the two records that each zone has, answered by all.
    fn new(zone: Zone) -> Self {
        let mut new = Self {
            vpcs: BTreeSet::new(),
            authorized: BTreeSet::new(),
            records: Rc::default(),
            served: Vec::new(),
            zone,
        };
        for (kind, ttl, value) in [
            (RecordType::Ns, 172_800, "ns-1.awsdns-01.com."),
            (RecordType::Soa, 900, "ns-1.awsdns-01.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"),
        ] {
            let data = RecordData::Values { ttl, values: [value.to_owned()].into() };
            new.put(RecordSet { name: new.zone.name.clone(), kind, data, routing: None });
        }
        new
    }

    /// The zone as a listing shows it.
    #[must_use]
    pub fn shown(&self) -> Zone {
        Zone { records: self.records.len() as u64, ..self.zone.clone() }
    }

    /// Its records, in the order of listings.
    pub fn records(&self) -> impl Iterator<Item = &RecordSet> {
        self.records.values()
    }

    /// Puts a record there by hand; it is answered at once.
    pub fn put(&mut self, record: RecordSet) {
        self.by_hand(|records| {
            records.insert(Rank::of(&record), record);
        });
    }

    /// Takes a record away by hand; it is not answered any more at once.
    pub fn remove(&mut self, record: &RecordSet) {
        self.by_hand(|records| {
            records.remove(&Rank::of(record));
        });
    }

    /// The records, to change a copy of them.
    pub(super) fn written(&self) -> &Records {
        &self.records
    }

    /// The records from a name on.
    pub(super) fn records_from(&self, name: Option<&DomainName>) -> impl Iterator<Item = &RecordSet> {
        from(&self.records, name)
    }

    /// Replaces the records; they are answered when the change has reached all name servers.
    pub(super) fn replace(&mut self, records: Records, now: Timestamp) {
        let answered = self.served.iter().rposition(|(since, _)| *since <= now).unwrap_or_default();
        self.served.drain(..answered);
        self.records = Rc::new(records);
        self.served.push((later(now, PROPAGATION), Rc::clone(&self.records)));
    }

    fn by_hand(&mut self, change: impl FnOnce(&mut Records)) {
        // Nobody else holds the records then, and they needn't be copied for each change.
        self.served.clear();
        change(Rc::make_mut(&mut self.records));
        self.served.push((Timestamp::MIN, Rc::clone(&self.records)));
    }

    /// What is answered for a name and type at this time, without the wildcards.
    pub(super) fn answers(&self, now: Timestamp, name: &DomainName, kind: &RecordType) -> Option<&RecordSet> {
        let (_, records) = self.served.iter().rev().find(|(since, _)| *since <= now)?;
        records.get(&Rank { labels: from_behind(name), kind: kind.clone(), routing: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> DomainName {
        DomainName::of_route53(text)
    }

    fn record(text: &str) -> RecordSet {
        let data = RecordData::Values { ttl: 300, values: ["\"text\"".to_owned()].into() };
        RecordSet { name: name(text), kind: RecordType::Txt, data, routing: None }
    }

    fn zone() -> HostedZone {
        let key = ZoneKey { account: "222222222222".parse().unwrap(), zone: "Z1".parse().unwrap() };
        HostedZone::public(key, name("example.com"))
    }

    #[test]
    fn records_are_listed_by_their_labels_from_behind() {
        let mut zone = zone();
        for text in ["b.example.com", "x.a.example.com", "a.example.com", "a-b.example.com", "*.a.example.com"] {
            zone.put(record(text));
        }
        let listed: Vec<_> = zone.records().map(|record| record.name.as_str()).collect();
        let expected = ["example.com", "example.com", "a-b.example.com", "a.example.com", "*.a.example.com"];
        assert_eq!(listed[..5], expected);
        let from_a: Vec<_> =
            zone.records_from(Some(&name("a.example.com"))).map(|record| record.name.as_str()).collect();
        assert_eq!(from_a, ["a.example.com", "*.a.example.com", "x.a.example.com", "b.example.com"]);
        assert_eq!(zone.shown().records, 7);
    }

    #[test]
    fn change_is_answered_when_it_has_reached_all_servers() {
        let mut zone = zone();
        let now: Timestamp = "2026-11-02T10:00:00Z".parse().unwrap();
        let answers = |zone: &HostedZone, time, text| zone.answers(time, &name(text), &RecordType::Txt).is_some();
        let with = |zone: &HostedZone, text| {
            let mut records = zone.written().clone();
            records.insert(Rank::of(&record(text)), record(text));
            records
        };
        zone.replace(with(&zone, "a.example.com"), now);
        let soon = later(now, PROPAGATION / 2);
        assert!(!answers(&zone, soon, "a.example.com"));
        zone.replace(with(&zone, "b.example.com"), soon);
        let first = later(now, PROPAGATION);
        assert!(answers(&zone, first, "a.example.com") && !answers(&zone, first, "b.example.com"));
        let second = later(soon, PROPAGATION);
        assert!(answers(&zone, second, "a.example.com") && answers(&zone, second, "b.example.com"));
    }
}
