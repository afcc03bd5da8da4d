//! What there is, as far as two ways of getting there can be compared: without ids that AWS gives out, and without times.

use std::collections::BTreeSet;

use drawbridge::{
    model::{RecordData, RecordSet, ZoneOwner, txt},
    world::{HostedZone, World},
};

/// The lines of a picture, sorted.
pub fn picture(world: &World) -> BTreeSet<String> {
    let state = world.state();
    let zones = state.zones.values().flat_map(|zone| {
        let of_zone: Vec<String> =
            zone.records().map(|record| format!("{} has {}", title(zone), told(record))).collect();
        let owner = ZoneOwner::Account(zone.zone.key.account.clone());
        let vpcs = format!("{} answers in {:?}, may in {:?}, is of {owner:?}", title(zone), zone.vpcs, zone.authorized);
        of_zone.into_iter().chain([vpcs])
    });
    let services = state.services.values().map(|(service, _)| format!("{} {:?}", service.key, service.verification));
    let endpoints =
        state.endpoints.values().map(|endpoint| format!("{} private {}", endpoint.key, endpoint.private_dns));
    zones.chain(services).chain(endpoints).collect()
}

fn title(zone: &HostedZone) -> String {
    format!("zone {} of {} ({})", zone.zone.name, zone.zone.key.account, zone.zone.comment)
}

/// A record without the time at which it was first written.
fn told(record: &RecordSet) -> String {
    let RecordData::Values { ttl, values } = &record.data else { return format!("{record:?}") };
    let values: Vec<String> =
        values.iter().map(|value| timeless(&txt::unquote(value).unwrap_or(value.clone()))).collect();
    format!("{} {ttl} {values:?} {:?}", record.key(), record.routing)
}

fn timeless(value: &str) -> String {
    let Some((before, rest)) = value.split_once("drawbridge/since=") else { return value.to_owned() };
    format!("{before}{}", rest.split_once(',').map_or("", |(_, after)| after))
}
