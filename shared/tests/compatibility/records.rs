//! Records that a version has written on connections: a sweep takes them as they were meant.

use std::{collections::BTreeSet, path::Path};

use drawbridge::{
    controller::connections::Connections, event::Subject, policy::Rules, port::BusEvent, reconcile::reconcile, report,
    world::World,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{case::fill, frozen};

/// Calls that read.
const READS: [&str; 2] = ["ec2:Describe", "organizations:"];

/// What a sweep writes, tells and leaves behind. A second one must write nothing.
pub async fn swept(version: &Path) -> Value {
    let world = World::at("2026-11-02T10:00:00Z".parse().unwrap());
    fill(&world, &frozen::json(&version.join("records.json")));
    let texts = ["drawbridge.yaml", "acceptance.cedar"].map(|name| frozen::text(&version.join("in_force").join(name)));
    let rules = Rules::parse(&texts[0], &texts[1]).unwrap_or_else(|faults| panic!("{faults}"));
    let events = sweep(&world, &rules).await;
    let writes = writes(&world);
    sweep(&world, &rules).await;
    assert_eq!(self::writes(&world), [] as [&str; 0], "the second sweep writes");
    json!({ "writes": writes, "events": events, "connections": connections(&world) })
}

/// The events that are told, but for what is in words for people.
async fn sweep(world: &World, rules: &Rules) -> Vec<Value> {
    let controller = Connections::new(world, world, world);
    let run = reconcile(&controller, &BTreeSet::from([Subject::Everything]), rules, &world, Timestamp::MAX).await;
    assert!(run.unfinished.is_empty() && run.passed_over.is_empty(), "{run:?}");
    let told = |event: BusEvent| {
        let Value::Object(mut detail) = event.detail else { panic!("{} without a detail", event.detail_type) };
        detail.retain(|member, _| !["detail", "facts", "would_change"].contains(&member.as_str()));
        json!({ "detail-type": event.detail_type, "resources": event.resources, "detail": detail })
    };
    report::bus_events(&run).into_iter().map(told).collect()
}

fn writes(world: &World) -> Vec<&'static str> {
    let calls = world.take_calls().into_iter();
    calls.filter(|call| !READS.iter().any(|read| call.starts_with(read))).collect()
}

fn connections(world: &World) -> Map<String, Value> {
    let state = world.state();
    let all = state.services.values().flat_map(|(_, connections)| connections.values());
    let told = all.map(|connection| json!([connection.state.to_string(), connection.tags]));
    let names = state.services.values().flat_map(|(_, connections)| connections.keys().map(ToString::to_string));
    names.zip(told).collect()
}
