//! Route 53's answers in our words.

use std::{error::Error, fmt::Display};

use aws_sdk_route53::types::{self, ResourceRecordSet};

use crate::{
    aws::private_link::answer::malformed,
    model::{
        AccountId, ChangeId, DomainName, RecordData, RecordSet, RecordType, VpcReference, VpcZone, Zone, ZoneKey,
        ZoneOwner,
    },
    port::{PortError, Stretch},
};

/// What an answer lacks.
#[derive(Debug, thiserror::Error)]
#[error("it lacks {0}")]
struct Lacking(&'static str);

fn cannot_read<'a, E: Error + 'static>(call: &'static str, place: &'a impl Display) -> impl Fn(E) -> PortError + 'a {
    move |error| malformed(call, place.to_string(), &error)
}

pub fn read_zone(call: &'static str, account: &AccountId, zone: &types::HostedZone) -> Result<Zone, PortError> {
    let config = zone.config();
    Ok(Zone {
        key: read_zone_key(call, account, Some(zone))?,
        name: DomainName::of_route53(zone.name()),
        private: config.is_some_and(types::HostedZoneConfig::private_zone),
        comment: config.and_then(|config| config.comment()).unwrap_or_default().to_owned(),
        records: zone.resource_record_set_count().and_then(|count| u64::try_from(count).ok()).unwrap_or_default(),
    })
}

pub fn read_zone_key(
    call: &'static str,
    account: &AccountId,
    zone: Option<&types::HostedZone>,
) -> Result<ZoneKey, PortError> {
    let id = zone.map(types::HostedZone::id).unwrap_or_default();
    Ok(ZoneKey { account: account.clone(), zone: id.parse().map_err(cannot_read(call, account))? })
}

/// A record set. One with a health check can't be written back as it is, and counts as made by other means.
pub fn read_record(key: &ZoneKey, record: &ResourceRecordSet) -> Result<RecordSet, PortError> {
    let cannot_read = |what| malformed("route53:ListResourceRecordSets", key.to_string(), &Lacking(what));
    let ttl = record.ttl().map(u32::try_from).transpose().map_err(|_| cannot_read("a TTL in range"))?;
    let by_other_means = record.traffic_policy_instance_id().is_some()
        || record.health_check_id().is_some()
        || record.cidr_routing_config().is_some()
        || record.geo_location().is_some()
        || record.geo_proximity_location().is_some();
    let data = match (by_other_means, record.alias_target(), ttl) {
        (false, Some(alias), _) => RecordData::Alias {
            zone: alias.hosted_zone_id().parse().map_err(|_| cannot_read("the zone of an alias"))?,
            target: DomainName::of_route53(alias.dns_name()),
            evaluate_health: alias.evaluate_target_health(),
        },
        (false, None, Some(ttl)) => {
            let values = record.resource_records().iter().map(|value| value.value().to_owned()).collect();
            RecordData::Values { ttl, values }
        }
        _ => RecordData::Other,
    };
    Ok(RecordSet {
        name: DomainName::of_route53(record.name()),
        kind: RecordType::parse(record.r#type().as_str()),
        data,
        routing: record.set_identifier().map(ToOwned::to_owned),
    })
}

/// Whether a name lies in the stretch that is read.
pub fn is_wanted(stretch: Stretch<'_>, name: &DomainName) -> bool {
    match stretch {
        Stretch::Everything => true,
        Stretch::Within(top) => name.is_within(top),
        Stretch::At(this) => name == this,
    }
}

pub fn read_change_id(
    call: &'static str,
    key: &ZoneKey,
    info: Option<&types::ChangeInfo>,
) -> Result<ChangeId, PortError> {
    info.map(types::ChangeInfo::id).unwrap_or_default().parse().map_err(cannot_read(call, key))
}

pub fn read_vpc(call: &'static str, place: &impl Display, vpc: &types::Vpc) -> Result<VpcReference, PortError> {
    let region = vpc.vpc_region().map_or("", types::VpcRegion::as_str);
    Ok(VpcReference {
        region: region.parse().map_err(cannot_read(call, place))?,
        vpc: vpc.vpc_id().unwrap_or_default().parse().map_err(cannot_read(call, place))?,
    })
}

pub fn read_vpc_zone(
    call: &'static str,
    place: &impl Display,
    zone: &types::HostedZoneSummary,
) -> Result<VpcZone, PortError> {
    let owner = zone.owner();
    let account = owner.and_then(|owner| owner.owning_account()).filter(|account| !account.is_empty());
    let service = owner.and_then(|owner| owner.owning_service()).filter(|service| !service.is_empty());
    let owner = match (account, service) {
        (Some(account), _) => ZoneOwner::Account(account.parse().map_err(cannot_read(call, place))?),
        (None, Some(service)) => ZoneOwner::Service(service.to_owned()),
        (None, None) => return Err(cannot_read(call, place)(Lacking("the owner of a zone"))),
    };
    Ok(VpcZone {
        name: DomainName::of_route53(zone.name()),
        zone: zone.hosted_zone_id().parse().map_err(cannot_read(call, place))?,
        owner,
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_route53::types::{
        AliasTarget, GeoLocation, HostedZoneOwner, HostedZoneSummary, ResourceRecord,
        builders::ResourceRecordSetBuilder,
    };

    use super::*;

    fn read(record: ResourceRecordSetBuilder) -> Result<RecordSet, PortError> {
        let key = ZoneKey { account: "222222222222".parse().unwrap(), zone: "Z0123456789".parse().unwrap() };
        read_record(&key, &record.build().unwrap())
    }

    fn record() -> ResourceRecordSetBuilder {
        ResourceRecordSet::builder().name("\\052.Example.com.").r#type("A".into())
    }

    fn values(record: ResourceRecordSetBuilder) -> ResourceRecordSetBuilder {
        record.ttl(300).resource_records(ResourceRecord::builder().value("192.0.2.1").build().unwrap())
    }

    fn alias(zone: &str) -> AliasTarget {
        let alias = AliasTarget::builder().hosted_zone_id(zone).dns_name("Vpce-1.Vpce.amazonaws.com.");
        alias.evaluate_target_health(false).build().unwrap()
    }

    #[test]
    fn record_is_read_with_its_name_in_one_form() {
        let read = read(values(record())).unwrap();
        assert_eq!(read.key().to_string(), "A:*.example.com");
        assert_eq!(read.data, RecordData::Values { ttl: 300, values: ["192.0.2.1".to_owned()].into() });
        assert_eq!(read.routing, None);
    }

    #[test]
    fn alias_is_read_and_one_to_a_zone_without_an_id_is_malformed() {
        let alias_record = read(record().alias_target(alias("Z7HUB22UULQXV"))).unwrap();
        let RecordData::Alias { zone, target, .. } = alias_record.data else { panic!("no alias") };
        assert_eq!((zone.as_str(), target.as_str()), ("Z7HUB22UULQXV", "vpce-1.vpce.amazonaws.com"));
        let error = read(record().alias_target(alias(""))).unwrap_err();
        assert!(error.message.contains("unexpected answer"), "{error}");
    }

    #[test]
    fn record_by_other_means_is_told_from_a_simple_one() {
        for other in [
            record().traffic_policy_instance_id("1"),
            values(record()).health_check_id("1"),
            values(record()).geo_location(GeoLocation::builder().country_code("DE").build()),
            record(),
        ] {
            assert_eq!(read(other).unwrap().data, RecordData::Other);
        }
        let weighted = read(values(record()).set_identifier("blue").weight(1)).unwrap();
        assert_eq!(weighted.routing.as_deref(), Some("blue"));
        assert!(read(record().ttl(-1)).is_err());
    }

    #[test]
    fn zone_of_a_vpc_is_an_accounts_or_a_services_and_never_nobodys() {
        let owner = |owner: HostedZoneOwner| {
            let zone = HostedZoneSummary::builder().hosted_zone_id("/hostedzone/Z1").name("a.com.").owner(owner);
            read_vpc_zone("test:List", &"here", &zone.build().unwrap()).map(|zone| zone.owner)
        };
        let account = HostedZoneOwner::builder().owning_account("222222222222").build();
        assert_eq!(owner(account).unwrap(), ZoneOwner::Account("222222222222".parse().unwrap()));
        let service = HostedZoneOwner::builder().owning_service("vpce.amazonaws.com").build();
        assert_eq!(owner(service).unwrap(), ZoneOwner::Service("vpce.amazonaws.com".to_owned()));
        assert!(owner(HostedZoneOwner::builder().build()).is_err());
        assert!(owner(HostedZoneOwner::builder().owning_account("nobody").build()).is_err());
    }
}
