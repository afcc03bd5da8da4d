//! Whose records are whose, read apart from the code under test. Source: `docs/dns.md`, "Whose is what".

use std::collections::{BTreeMap, BTreeSet};

use drawbridge::{
    model::{DomainName, RecordData, RecordSet, RecordType, VpcReference, ZoneKey},
    world::HostedZone,
};

use crate::cast::REGION;

/// A record by type and name, as registrations write it.
pub type Name = (RecordType, DomainName);

/// A registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    pub owner: String,
    pub resource: String,
    pub records: BTreeSet<Name>,
}

pub fn name_of(record: &RecordSet) -> Name {
    (record.kind.clone(), record.name.clone())
}

/// Where registrations of a zone stand.
pub fn is_place_of_registrations(record: &RecordSet, zone: &DomainName) -> bool {
    record.name.as_str().ends_with(&format!("._drawbridge.{zone}"))
}

/// Reads a registration; `None` for any other record.
pub fn read(record: &RecordSet, zone: &DomainName) -> Option<Registration> {
    let RecordData::Values { values, .. } = &record.data else { return None };
    if record.kind != RecordType::Txt || !is_place_of_registrations(record, zone) || values.len() != 1 {
        return None;
    }
    let text = values.first()?.replace("\" \"", "").trim_matches('"').to_owned();
    let (head, records) = text.strip_prefix("heritage=drawbridge,")?.split_once("drawbridge/records=")?;
    let fields: BTreeMap<&str, &str> = head.split(',').filter_map(|field| field.split_once('=')).collect();
    let records = records
        .split(' ')
        .filter_map(|word| word.split_once(':'))
        .map(|(kind, name)| (RecordType::parse(kind), DomainName::of_route53(name)));
    Some(Registration {
        owner: (*fields.get("drawbridge/owner")?).to_owned(),
        resource: (*fields.get("drawbridge/resource")?).to_owned(),
        records: records.collect(),
    })
}

pub fn registrations(zone: &HostedZone) -> Vec<Registration> {
    zone.records().filter_map(|record| read(record, &zone.zone.name)).collect()
}

/// What is registered for us in a zone, and for nobody else.
pub fn ours(zone: &HostedZone) -> BTreeSet<Name> {
    let (ours, others): (Vec<_>, Vec<_>) =
        registrations(zone).into_iter().partition(|registration| registration.owner == "hub");
    let others: BTreeSet<Name> = others.into_iter().flat_map(|registration| registration.records).collect();
    ours.into_iter().flat_map(|registration| registration.records).filter(|name| !others.contains(name)).collect()
}

/// The VPCs that are registered as associated by us.
pub fn marked(zone: &HostedZone) -> BTreeSet<VpcReference> {
    let vpc = |registration: Registration| {
        let (place, vpc) = registration.resource.strip_prefix("vpc/")?.rsplit_once('/')?;
        let ours = registration.owner == "hub" && place.ends_with(REGION);
        ours.then(|| VpcReference { region: REGION.parse().unwrap(), vpc: vpc.parse().unwrap() })
    };
    registrations(zone).into_iter().filter_map(vpc).collect()
}

/// What the comment of a zone says that we made for this name.
pub fn comment(account: &str, name: &DomainName) -> String {
    format!("heritage=drawbridge,drawbridge/owner=hub,drawbridge/resource=zone/{account}/{REGION}/{name}")
}

/// Whether we made a zone.
pub fn is_made_by_us(key: &ZoneKey, zone: &HostedZone) -> bool {
    zone.zone.private && zone.zone.comment == comment(key.account.as_str(), &zone.zone.name)
}

/// Whether it is one of the two records that each zone has.
pub fn is_its_own(record: &RecordSet, zone: &HostedZone) -> bool {
    record.name == zone.zone.name && matches!(record.kind, RecordType::Ns | RecordType::Soa)
}
