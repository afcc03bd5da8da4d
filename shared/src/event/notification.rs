//! A connection notification of `PrivateLink`: AWS documents that it is sent, not what it says.
//!
//! So it is an opaque knock at the door. Ids of endpoint services are looked for in its text, whatever form that has;
//! the place is the topic's, for AWS sends to a topic of the service's own Region. Owner and state of the endpoint are
//! not taken from it. Source of what is known: `PrivateLink` guide, "Create a notification for endpoint service
//! events".

use std::collections::{BTreeMap, BTreeSet};

use super::{ServiceReference, Subject, Trigger, Unparsable};
use crate::model::{AccountId, Region, ServiceId, parse_service_name};

const ID_START: &str = "vpce-svc-";
const NAME_START: &str = "com.amazonaws.vpce";

/// Reads a notification whose topic is known. One that names nothing stands for all that lives where the topic is.
pub(super) fn read(text: &str, account: &AccountId, region: &Region) -> Trigger {
    let services: BTreeSet<ServiceId> = mentions(text).map(|(_, service)| service).collect();
    if services.is_empty() {
        return Subject::place(account, region).into();
    }
    // The topic may be another account's than the service.
    let reference = |service| ServiceReference { account: None, region: region.clone(), service };
    let subjects = services.into_iter().map(|service| Subject::Service(reference(service))).collect();
    Trigger::naming(subjects, Subject::place(account, region))
}

/// Reads a notification that came without its envelope. Only a service's name tells the Region then.
pub(super) fn read_raw(text: &str) -> Result<Trigger, Unparsable> {
    let mut services: BTreeMap<ServiceId, BTreeSet<Region>> = BTreeMap::new();
    for (region, service) in mentions(text) {
        services.entry(service).or_default().extend(region);
    }
    if services.is_empty() {
        return Err(Unparsable::NotAnEvent);
    }
    let mut subjects = BTreeSet::new();
    for (service, regions) in services {
        if regions.is_empty() {
            return Err(Unparsable::NoRegion { service: service.to_string() });
        }
        let reference = |region| ServiceReference { account: None, region, service: service.clone() };
        subjects.extend(regions.into_iter().map(|region| Subject::Service(reference(region))));
    }
    Ok(Trigger::naming(subjects, Subject::Everything))
}

/// The endpoint services that a text names, with the Region where it is part of a service's name.
fn mentions(text: &str) -> impl Iterator<Item = (Option<Region>, ServiceId)> + '_ {
    text.match_indices(ID_START).filter_map(|(start, _)| {
        let (before, found) = text.split_at_checked(start)?;
        let service = id_at_start(found)?;
        Some((region_at_end(before, &service), service))
    })
}

/// An id ends where its hexadecimal digits do; one that goes on in letters is some other word.
fn id_at_start(text: &str) -> Option<ServiceId> {
    let rest = text.strip_prefix(ID_START)?;
    let digits = rest.bytes().take_while(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).count();
    let (id, after) = text.split_at_checked(ID_START.len() + digits)?;
    if after.starts_with(char::is_alphanumeric) { None } else { id.parse().ok() }
}

/// The Region of `com.amazonaws.vpce.<Region>.`, which a service's name has before the id.
fn region_at_end(text: &str, service: &ServiceId) -> Option<Region> {
    let (start, region) = text.strip_suffix('.')?.rsplit_once('.')?;
    if !start.ends_with(NAME_START) {
        return None;
    }
    parse_service_name(&format!("{NAME_START}.{region}.{service}")).map(|(region, _)| region)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::SUBJECT_LIMIT, *};

    fn ids(text: &str) -> Vec<String> {
        mentions(text).map(|(_, service)| service.to_string()).collect()
    }

    #[test]
    fn service_is_found_wherever_it_is_mentioned() {
        for text in [
            "vpce-svc-0a1b2c3d4e5f60718",
            "(com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718).",
            r#"{"a":"x\nvpce-svc-0a1b2c3d4e5f60718\ny"}"#,
            "arn:aws:ec2:eu-west-1:333333333333:vpc-endpoint-service/vpce-svc-0a1b2c3d4e5f60718",
            "vpce-0f1e2d3c4b5a69788-ab12cd34.vpce-svc-0a1b2c3d4e5f60718.eu-west-1.vpce.amazonaws.com",
            "vpce-svc-vpce-svc-0a1b2c3d4e5f60718",
        ] {
            assert_eq!(ids(text), ["vpce-svc-0a1b2c3d4e5f60718"], "{text}");
        }
    }

    #[test]
    fn other_ids_are_not_taken_for_a_service() {
        for text in [
            "vpce-0f1e2d3c4b5a69788",
            "vpce-svc-",
            "vpce-svc-0a1b2c3",
            "vpce-svc-0a1b2c3d4e5f607180",
            "vpce-svc-perm-0a1b2c3d4e5f60718",
            "vpce-svc-con-0a1b2c3d4e5f60718",
            "vpce-svc-0a1b2c3d4e5f6071x",
            "VPCE-SVC-0A1B2C3D4E5F60718",
        ] {
            assert_eq!(ids(text), [] as [String; 0], "{text}");
        }
    }

    #[test]
    fn region_is_told_by_a_name_of_a_service_only() {
        let region = |text| mentions(text).next().and_then(|(region, _)| region).map(|region| region.to_string());
        assert_eq!(region("com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d").as_deref(), Some("eu-west-1"));
        for text in
            ["example.us-east-1.vpce-svc-0a1b2c3d", "com.amazonaws.vpce.Europe.vpce-svc-0a1b2c3d", ".vpce-svc-0a1b2c3d"]
        {
            assert_eq!(region(text), None, "{text}");
        }
    }

    #[test]
    fn more_services_than_are_taken_stand_for_the_place() {
        let services: Vec<_> = (0..=SUBJECT_LIMIT).map(|number| format!("vpce-svc-{number:08x}")).collect();
        let (account, region) = ("333333333333".parse().unwrap(), "eu-west-1".parse().unwrap());
        assert_eq!(read(&services.join(" "), &account, &region), Subject::place(&account, &region).into());
    }

    proptest! {
        #[test]
        fn service_is_found_between_any_words(before in ".*", after in "([^0-9a-zA-Z].*)?", id in "[0-9a-f]{8,17}") {
            prop_assume!(!after.starts_with(char::is_alphanumeric));
            let service = format!("vpce-svc-{id}");
            let found = ids(&format!("{before}{service}{after}"));
            prop_assert!(found.contains(&service));
        }
    }
}
