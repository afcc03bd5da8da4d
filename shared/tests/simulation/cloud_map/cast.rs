//! Endpoints with their addresses, namespaces of people, tasks behind load balancers.

use std::collections::{BTreeMap, BTreeSet};

use drawbridge::{
    model::{
        AccountId, Attributes, BalancerZones, CloudMapService, ConnectionState, DnsEntry, Endpoint, EndpointId,
        EndpointKey, EndpointKind, InterfaceAddress, InterfaceId, Namespace, NamespaceKind, Resource, ResourceKind,
        Subnet, Tags, Target, TargetGroup, TargetState,
    },
    world::{Discovery, FilledGroup, SharedNamespace, State},
};
use jiff::Timestamp;

use crate::{
    body,
    cast::{HUB, REGION, service},
    dns::{
        cast::domain,
        endpoint::{AWS_ZONE, own_name},
    },
    endpoints::{connected, key_of},
    random::Random,
    stage::Stage,
    tags::cast::BALANCERS,
};

/// Accounts whose endpoints are looked after.
pub const CONSUMERS: [&str; 2] = ["444444444444", "555555555555"];
/// A service of AWS.
pub const AWS_SERVICE: &str = "com.amazonaws.eu-west-1.queue";
/// The tag that says as what an endpoint is found, or what a target group follows.
pub const TAG: &str = "drawbridge:cloud-map";
/// The namespace that is configured.
pub const SHOP: &str = "shop";
/// The Cloud Map service that target groups follow.
pub const ORDERS: &str = "arn:aws:servicediscovery:eu-west-1:222222222222:service/srv-orders";
const INNER: &str = "arn:aws:servicediscovery:eu-west-1:222222222222:namespace/ns-inner";
const VPC: &str = "vpc-0000000000000beef";
/// Target groups, each with its account.
pub const GROUPS: [(&str, &str); 2] = [
    (HUB, "arn:aws:elasticloadbalancing:eu-west-1:222222222222:targetgroup/a/1"),
    ("333333333333", "arn:aws:elasticloadbalancing:eu-west-1:333333333333:targetgroup/b/2"),
];

/// The place of a target group's tags.
pub fn tags_of(index: usize) -> (AccountId, drawbridge::model::Region, Resource) {
    let (account, arn) = GROUPS[index % GROUPS.len()];
    (account.parse().unwrap(), REGION.parse().unwrap(), Resource::new(ResourceKind::TargetGroup, arn))
}

fn tags(random: &Random) -> Tags {
    let mut tags = Tags::new();
    if random.chance(700) {
        let value = random.pick(&["payments", "payments:443/tcp", "billing:8443", "-wrong-"]);
        tags.insert(TAG.to_owned(), (*value).to_owned());
    }
    if random.chance(50) {
        tags.insert("drawbridge:ignore".to_owned(), "true".to_owned());
    }
    tags
}

fn make(stage: &Stage, key: EndpointKey, service_name: &str) {
    let random = &stage.random;
    let number = stage.agenda.number();
    let mut interfaces = BTreeSet::new();
    for zone in 1..=1 + random.below(2) {
        let interface: InterfaceId = format!("eni-{zone}{number:016x}").parse().unwrap();
        let ipv4 = format!("10.9.{zone}.{}", number % 250).parse().ok();
        let address = InterfaceAddress { zone_id: format!("euw1-az{zone}"), ipv4, ipv6: None };
        stage.world.change().addresses.insert(interface.clone(), address);
        interfaces.insert(interface);
    }
    let name = domain(&own_name(&key.endpoint, None));
    let made = Endpoint {
        service_name: service_name.to_owned(),
        kind: if random.chance(80) { EndpointKind::GatewayLoadBalancer } else { EndpointKind::Interface },
        state: ConnectionState::Available,
        vpc: VPC.parse().unwrap(),
        private_dns: false,
        dns_entries: vec![DnsEntry { name, zone: AWS_ZONE.parse().unwrap() }],
        ip_address_type: None,
        tags: tags(random),
        requester_managed: false,
        interfaces,
        created: Some(stage.now()),
        key: key.clone(),
    };
    stage.tell(|| format!("{} makes {} for {service_name}, tagged {:?}", key.account, key.endpoint, made.tags));
    stage.world.change().endpoints.insert(key, made);
}

/// The endpoint of a request.
pub fn requested(stage: &Stage, owner: &AccountId, id: &EndpointId, service_name: &str) {
    if stage.plays_cloud_map() {
        make(stage, key_of(owner, id), service_name);
    }
}

/// An endpoint that is connected to nothing here.
pub fn elsewhere(stage: &Stage, owner: &str) {
    let id: EndpointId = format!("vpce-{:017x}", stage.agenda.number()).parse().unwrap();
    let key = key_of(&owner.parse().unwrap(), &id);
    make(stage, key.clone(), AWS_SERVICE);
    stage.send(&body::endpoint_changed(&key, "create_endpoint_of_aws_service"));
}

/// What ECS tells of a task.
pub fn task(number: usize) -> (String, Attributes) {
    let address = format!("10.0.{}.{number}", number % 2 + 1);
    let told = [("AWS_INSTANCE_IPV4", address.as_str()), ("AWS_INSTANCE_PORT", "8080")];
    (format!("task-{number}"), told.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}

/// An instance that somebody else has registered.
pub fn foreign() -> Attributes {
    Attributes::from([
        ("AWS_INSTANCE_IPV4".to_owned(), "10.9.9.9".to_owned()),
        ("team".to_owned(), "theirs".to_owned()),
    ])
}

/// A target by an address of the VPC.
pub fn target(address: &str) -> Target {
    Target { address: address.parse().unwrap(), port: 8080 }
}

/// A namespace that people make.
pub fn namespace(state: &mut State, arn: &str, name: &str, (owner, shared): (&str, &[&str]), kind: NamespaceKind) {
    let namespace = Namespace {
        arn: arn.to_owned(),
        name: name.to_owned(),
        kind,
        owner: owner.parse().unwrap(),
        description: Some("by hand".to_owned()),
    };
    let shared = shared.iter().map(|account| account.parse().unwrap()).collect();
    state.namespaces.insert(arn.to_owned(), SharedNamespace { namespace, region: REGION.parse().unwrap(), shared });
}

/// A Cloud Map service that people make.
pub fn discovery(
    state: &mut State,
    (arn, name): (&str, &str),
    (owner, namespace): (&str, &str),
    records: &[&str],
    instances: BTreeMap<String, Attributes>,
) {
    let service = CloudMapService {
        arn: arn.to_owned(),
        name: name.to_owned(),
        owner: owner.parse().unwrap(),
        description: None,
        records: records.iter().map(|kind| (*kind).to_owned()).collect(),
        is_checked: false,
    };
    let made = Discovery { service, namespace: namespace.to_owned(), instances, health: BTreeMap::new() };
    state.cloud_map_services.insert(arn.to_owned(), made);
}

/// What there is from the beginning.
pub fn fill(stage: &Stage) {
    let random = &stage.random;
    let mut state = stage.world.change();
    namespace(&mut state, INNER, "inner", (HUB, &["333333333333"]), NamespaceKind::Http);
    let tasks = (1..=random.index(4)).map(task).collect();
    discovery(&mut state, (ORDERS, "orders"), (HUB, INNER), &[], tasks);
    state.cloud_map_services.get_mut(ORDERS).unwrap().service.is_checked = random.chance(500);
    for index in 0..GROUPS.len() {
        fill_group(&mut state, random, index);
    }
    for zone in 1..=2 {
        let (zone_name, zone_id) = (["eu-west-1a", "eu-west-1b"][zone - 1].to_owned(), format!("euw1-az{zone}"));
        let subnet = Subnet { zone: zone_name, zone_id, blocks: vec![format!("10.0.{zone}.0/24")] };
        state.subnets.entry(VPC.to_owned()).or_default().push(subnet);
    }
    let theirs = BTreeMap::from([("theirs".to_owned(), foreign())]);
    if random.chance(400) {
        let owner = CONSUMERS[0];
        let arn = format!("arn:aws:servicediscovery:eu-west-1:{owner}:namespace/ns-theirs");
        let service = format!("arn:aws:servicediscovery:eu-west-1:{owner}:service/srv-theirs");
        let has_names = random.chance(400);
        let (kind, records) =
            if has_names { (NamespaceKind::PrivateDns, &["CNAME"][..]) } else { (NamespaceKind::Http, &[][..]) };
        let shared: &[&str] = if random.chance(400) { &CONSUMERS[1..] } else { &[] };
        namespace(&mut state, &arn, SHOP, (owner, shared), kind);
        discovery(&mut state, (&service, "payments"), (owner, &arn), records, theirs);
    }
    let connected = connected(&state);
    drop(state);
    for (owner, endpoint, service_name) in connected {
        requested(stage, &owner, &endpoint, &service_name);
    }
    for owner in CONSUMERS {
        if random.chance(500) {
            elsewhere(stage, owner);
        }
    }
}

fn fill_group(state: &mut State, random: &Random, index: usize) {
    let ((account, arn), balancer) = (GROUPS[index], BALANCERS[index].1);
    let mut tags = Tags::new();
    if random.chance(800) {
        tags.insert(TAG.to_owned(), ORDERS.to_owned());
    }
    state.resource_tags.insert(tags_of(index), tags);
    let mut targets = BTreeMap::new();
    if random.chance(300) {
        targets.insert(target("10.0.1.200"), (TargetState::Healthy, Timestamp::MAX));
    }
    let group = TargetGroup {
        arn: arn.to_owned(),
        target_type: if random.chance(50) { "instance" } else { "ip" }.to_owned(),
        port: Some(80),
        is_ipv6: false,
        vpc: Some(VPC.to_owned()),
        load_balancers: [balancer.to_owned()].into(),
        crosses_zones: None,
        tags: Tags::new(),
    };
    let (account, region) = (account.parse().unwrap(), REGION.parse().unwrap());
    state.target_groups.insert(arn.to_owned(), FilledGroup { account, region, group, targets });
    let zones = ["eu-west-1a", "eu-west-1b"].into_iter().take(1 + random.index(2)).map(ToOwned::to_owned).collect();
    state.balancer_zones.insert(balancer.to_owned(), BalancerZones { zones, crosses_zones: false });
    let offered = &mut state.services.get_mut(&service(index)).unwrap().0;
    offered.load_balancers.insert(balancer.to_owned());
    offered.availability_zones.insert("eu-west-1a".to_owned());
}
