//! What there is at the end of a case.

use std::fmt::Write;

use drawbridge::{
    model::{RecordData, RecordType, Tags, tag},
    world::World,
};

pub fn end(world: &World, story: &mut String) {
    for event in &world.state().events {
        writeln!(story, "published {}: {}", event.detail_type, event.detail).unwrap();
    }
    for (service, connections) in world.state().services.values() {
        for connection in connections.values() {
            writeln!(story, "{} {} {:?}", connection.endpoint, connection.state, connection.tags).unwrap();
        }
        let principals = world.state().principals.get(&service.key).cloned().unwrap_or_default();
        if !principals.is_empty() {
            writeln!(story, "principals {principals:?}, acceptance required: {}", service.acceptance_required).unwrap();
        }
    }
    for zone in world.state().zones.values() {
        let vpcs: Vec<String> = zone.vpcs.iter().map(ToString::to_string).collect();
        let shown = zone.shown();
        writeln!(story, "zone {} {} [{}] {}", shown.key, shown.name, vpcs.join(" "), shown.comment).unwrap();
        let authorized: Vec<String> = zone.authorized.iter().map(ToString::to_string).collect();
        if !authorized.is_empty() {
            writeln!(story, "  authorized {}", authorized.join(" ")).unwrap();
        }
        for record in zone.records().filter(|record| !matches!(record.kind, RecordType::Ns | RecordType::Soa)) {
            let data = match &record.data {
                RecordData::Values { values, .. } => values.iter().cloned().collect::<Vec<_>>().join(" "),
                RecordData::Alias { target, .. } => format!("alias {target}"),
                RecordData::Other => "other".to_owned(),
            };
            writeln!(story, "  {} {data}", record.key()).unwrap();
        }
    }
    for (key, profile) in &world.state().profiles {
        let contents = profile.contents.values().map(|content| format!("{} ({})", content.resource, content.name));
        let vpcs = profile.vpcs.iter().map(|(vpc, name)| format!("{vpc} ({name})"));
        writeln!(story, "Profile {key}: {}", contents.chain(vpcs).collect::<Vec<_>>().join(", ")).unwrap();
    }
    for endpoint in world.state().endpoints.values().filter(|endpoint| is_tagged(&endpoint.tags)) {
        writeln!(story, "{} {:?}", endpoint.key, endpoint.tags).unwrap();
    }
    for (service, _) in world.state().services.values().filter(|(service, _)| is_tagged(&service.tags)) {
        writeln!(story, "{} {:?}", service.key, service.tags).unwrap();
    }
    for ((account, region, resource), tags) in &world.state().resource_tags {
        writeln!(story, "{} {account}/{region}/{resource} {tags:?}", resource.kind).unwrap();
    }
    for found in world.state().namespaces.values() {
        let namespace = &found.namespace;
        writeln!(story, "namespace {} {} of {}", namespace.name, namespace.kind.as_str(), namespace.owner).unwrap();
    }
    for found in world.state().cloud_map_services.values() {
        writeln!(story, "Cloud Map service {} {:?}", found.service.name, found.service.records).unwrap();
        for (id, attributes) in &found.instances {
            writeln!(story, "  {id} {attributes:?}").unwrap();
        }
    }
    for filled in world.state().target_groups.values() {
        let targets = filled.targets.iter().map(|(target, (state, _))| format!("{target} {}", state.as_str()));
        writeln!(story, "targets of {}: {}", filled.group.arn, targets.collect::<Vec<_>>().join(", ")).unwrap();
    }
    for (service, _) in world.state().services.values().filter(|(service, _)| !service.availability_zones.is_empty()) {
        writeln!(story, "{} is in {:?}", service.key, service.availability_zones).unwrap();
    }
    for endpoint in world.state().endpoints.values().filter(|endpoint| endpoint.private_dns) {
        writeln!(story, "private DNS of {} is on", endpoint.key).unwrap();
    }
}

/// Whether rules have written any of the tags.
fn is_tagged(tags: &Tags) -> bool {
    tags.contains_key(tag::WRITTEN)
}
