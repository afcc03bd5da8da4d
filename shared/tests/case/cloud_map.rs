//! Cloud Map, target groups, and where addresses are.

use std::collections::BTreeMap;

use drawbridge::{
    model::{
        BalancerZones, CloudMapService, InstanceHealth, InterfaceAddress, Namespace, NamespaceKind, OperationFailure,
        Resource, ResourceKind, Subnet, Tags, Target, TargetGroup, TargetState,
    },
    world::{Discovery, FilledGroup, SharedNamespace, State},
};
use serde_json::Value;

use super::{list, place, tags, text, texts};

/// Puts things there, or others in their place.
pub fn lay(state: &mut State, things: &Value) {
    for value in list(&things["namespaces"]) {
        let (namespace, region) = namespace(value);
        let shared = list(&value["shared"]).iter().map(|account| text(account).parse().unwrap()).collect();
        state.namespaces.insert(namespace.arn.clone(), SharedNamespace { namespace, region, shared });
    }
    for value in list(&things["cloud_map_services"]) {
        let discovery = discovery(value);
        state.cloud_map_services.insert(discovery.service.arn.clone(), discovery);
    }
    for value in list(&things["failing_operations"]) {
        let failure =
            OperationFailure { code: text(&value["code"]).to_owned(), message: text(&value["message"]).to_owned() };
        state.failing_operations.insert(text(&value["of"]).to_owned(), failure);
    }
    for value in list(&things["target_groups"]) {
        let filled = target_group(value);
        let resource = Resource::new(ResourceKind::TargetGroup, filled.group.arn.as_str());
        state.resource_tags.insert(place(value, resource), tags(&value["tags"]));
        state.target_groups.insert(filled.group.arn.clone(), filled);
    }
    for value in list(&things["balancer_zones"]) {
        let crosses_zones = value["crosses_zones"].as_bool().unwrap_or_default();
        let zones = BalancerZones { zones: texts(&value["zones"]), crosses_zones };
        state.balancer_zones.insert(text(&value["arn"]).to_owned(), zones);
    }
    for value in list(&things["subnets"]) {
        let subnet = Subnet {
            zone: text(&value["zone"]).to_owned(),
            zone_id: text(&value["zone_id"]).to_owned(),
            blocks: vec![text(&value["block"]).to_owned()],
        };
        state.subnets.entry(text(&value["vpc"]).to_owned()).or_default().push(subnet);
    }
    for value in list(&things["addresses"]) {
        let address = InterfaceAddress {
            zone_id: text(&value["zone_id"]).to_owned(),
            ipv4: value["ipv4"].as_str().map(|address| address.parse().unwrap()),
            ipv6: value["ipv6"].as_str().map(|address| address.parse().unwrap()),
        };
        state.addresses.insert(text(&value["interface"]).parse().unwrap(), address);
    }
}

fn namespace(value: &Value) -> (Namespace, drawbridge::model::Region) {
    let (account, region) = (text(&value["account"]), text(&value["region"]));
    let namespace = Namespace {
        arn: format!("arn:aws:servicediscovery:{region}:{account}:namespace/{}", text(&value["id"])),
        name: text(&value["name"]).to_owned(),
        kind: NamespaceKind::parse(value["kind"].as_str().unwrap_or("HTTP")),
        owner: account.parse().unwrap(),
        description: value["description"].as_str().map(ToOwned::to_owned),
    };
    (namespace, region.parse().unwrap())
}

fn discovery(value: &Value) -> Discovery {
    let (account, region) = (text(&value["account"]), text(&value["region"]));
    let arn = |kind: &str, id: &str| format!("arn:aws:servicediscovery:{region}:{account}:{kind}/{id}");
    let service = CloudMapService {
        arn: arn("service", text(&value["id"])),
        name: text(&value["name"]).to_owned(),
        owner: account.parse().unwrap(),
        description: value["description"].as_str().map(ToOwned::to_owned),
        records: texts(&value["records"]),
        is_checked: value["health"].is_object(),
    };
    let instances = value["instances"].as_object().into_iter().flatten();
    let health = value["health"].as_object().into_iter().flatten().map(|(id, health)| {
        let health = match text(health) {
            "HEALTHY" => InstanceHealth::Healthy,
            "UNHEALTHY" => InstanceHealth::Unhealthy,
            _ => InstanceHealth::Unknown,
        };
        (id.clone(), health)
    });
    Discovery {
        service,
        namespace: arn("namespace", text(&value["namespace"])),
        instances: instances.map(|(id, attributes)| (id.clone(), tags(attributes))).collect(),
        health: health.collect(),
    }
}

fn target_group(value: &Value) -> FilledGroup {
    let targets = value["targets"].as_object().into_iter().flatten().map(|(target, state)| {
        let target: std::net::SocketAddr = target.parse().unwrap();
        let standing = (TargetState::parse(text(state)), jiff::Timestamp::MAX);
        (Target { address: target.ip(), port: target.port() }, standing)
    });
    FilledGroup {
        account: text(&value["account"]).parse().unwrap(),
        region: text(&value["region"]).parse().unwrap(),
        group: TargetGroup {
            arn: text(&value["arn"]).to_owned(),
            target_type: value["target_type"].as_str().unwrap_or("ip").to_owned(),
            port: Some(80),
            is_ipv6: false,
            vpc: value["vpc"].as_str().map(ToOwned::to_owned),
            load_balancers: texts(&value["load_balancers"]),
            crosses_zones: value["crosses_zones"].as_bool(),
            tags: Tags::new(),
        },
        targets: targets.collect::<BTreeMap<_, _>>(),
    }
}
