//! What a case says there is: the world that `case.json` describes, and what happens in it.

#[path = "cloud_map.rs"]
mod cloud_map;

use std::{collections::BTreeSet, time::Duration};

use drawbridge::{
    model::{
        Account, AccountState, Alarm, AlarmRule, Connection, ConnectionState, DnsEntry, DomainName, DomainVerification,
        Endpoint, EndpointKey, EndpointKind, EndpointService, ForwardingRule, Membership, Metric, Offer,
        ProfileContent, ProfileKey, RecordData, RecordSet, RecordType, Resource, ResourceKind, ServiceKey, Stage,
        StandingAlarm, TagPolicy, Tags, VerificationState, VpcReference, ZoneKey,
    },
    port::FailureKind,
    world::{Effect, Fault, HostedZone, LoadBalancer, Network, Place, SharedSettings, State, TaggedAlarm, World},
};
use serde_json::Value;

pub fn fill(world: &World, case: &Value) {
    lay(world, case);
    admit(world, list(&case["accounts"]));
    for fault in list(&case["faults"]) {
        world.order(Fault { call: text(&fault["call"]).to_owned(), effect: effect(fault), times: 1 });
    }
}

/// What happens between two batches: time passes, accounts come, change and leave.
pub fn happen(world: &World, change: &Value) {
    world.advance(Duration::from_secs(change["seconds"].as_u64().unwrap_or_default()));
    for account in list(&change["gone"]) {
        world.change().accounts.remove(&text(account).parse().unwrap());
    }
    admit(world, list(&change["accounts"]));
    for endpoint in list(&change["endpoints_gone"]) {
        world.change().endpoints.retain(|key, _| key.endpoint.as_str() != text(endpoint));
    }
    for zone in list(&change["zones_gone"]) {
        world.change().zones.retain(|key, _| key.zone.as_str() != text(zone));
    }
    for service in list(&change["services_gone"]) {
        world.change().services.retain(|key, _| key.service.as_str() != text(service));
    }
    for zone in list(&change["zones_gone"]) {
        world.change().zones.retain(|key, _| key.zone.as_str() != text(zone));
    }
    lay(world, change);
    for hand in list(&change["alarms"]) {
        alter_alarms(&mut world.change(), hand);
    }
    for hand in list(&change["hand"]) {
        let mut state = world.change();
        let named = |zone: &&mut HostedZone| zone.shown().name.as_str() == text(&hand["name"]);
        state.zones.values_mut().find(named).unwrap().put(record(&hand["record"]));
    }
    for fault in list(&change["faults"]) {
        world.order(Fault { call: text(&fault["call"]).to_owned(), effect: effect(fault), times: 1 });
    }
}

/// Puts things there, or others in their place.
fn lay(world: &World, things: &Value) {
    let mut state = world.change();
    for service in list(&things["services"]) {
        let (key, configuration) = endpoint_service(service);
        let principals = list(&service["principals"]).iter().map(|principal| text(principal).parse().unwrap());
        state.principals.insert(key.clone(), principals.collect());
        let connections = list(&service["connections"]).iter().map(connection);
        let connections = connections.map(|connection| (connection.endpoint.clone(), connection)).collect();
        state.services.insert(key, (configuration, connections));
    }
    for zone in list(&things["zones"]) {
        let zone = hosted_zone(zone);
        state.zones.insert(zone.shown().key, zone);
    }
    for vpc in list(&things["vpcs"]) {
        let network = network(vpc);
        state.vpcs.insert(network.vpc.reference.clone(), network);
    }
    for value in list(&things["profiles"]) {
        let (key, profile) = profile(value);
        state.profiles.insert(key, profile);
    }
    for rule in list(&things["forwarding"]) {
        let (id, domain) = (text(&rule["id"]).to_owned(), DomainName::of_route53(text(&rule["domain"])));
        state.forwarding.push(ForwardingRule { id, domain, vpc: vpc_reference(text(&rule["vpc"])) });
    }
    for value in list(&things["endpoints"]) {
        let endpoint = endpoint(value);
        state.endpoints.insert(endpoint.key.clone(), endpoint);
    }
    for balancer in list(&things["load_balancers"]) {
        load_balancer(&mut state, balancer);
    }
    cloud_map::lay(&mut state, things);
    for tagged in list(&things["tagged"]) {
        let resource = Resource::new(kind(&tagged["kind"]), text(&tagged["id"]));
        state.resource_tags.insert(place(tagged, resource), tags(&tagged["tags"]));
    }
    for (unit, name) in things["units"].as_object().into_iter().flatten() {
        state.units.insert(unit.parse().unwrap(), text(name).to_owned());
    }
    for (account, policy) in things["tag_policies"].as_object().into_iter().flatten() {
        let policy = TagPolicy::parse(&policy.to_string()).unwrap();
        state.tag_policies.insert(account.parse().unwrap(), policy);
    }
    for record in list(&things["history"]) {
        for made in drawbridge::event::creations(record) {
            let (account, region) = (text(&record["recipientAccountId"]), text(&record["awsRegion"]));
            state.creations.push((account.parse().unwrap(), region.parse().unwrap(), made));
        }
    }
    for alarm in list(&things["standing"]) {
        let (account, region) = (text(&alarm["account"]), text(&alarm["region"]));
        let name = text(&alarm["name"]).to_owned();
        let rule = alarm["covers"].as_str().map_or(AlarmRule::Other, |covered| AlarmRule::Composite {
            expression: format!("ALARM(\"{covered}\")"),
            suppressor: None,
        });
        let arn = format!("arn:aws:cloudwatch:{region}:{account}:alarm:{name}");
        let (description, nobody) = (String::new(), BTreeSet::new());
        let alarm_of = Alarm { name, description, alarm_actions: nobody.clone(), ok_actions: nobody, rule };
        let standing = StandingAlarm { alarm: alarm_of, arn, acts: true, is_partial: false, is_broken: false };
        let key = (account.parse().unwrap(), region.parse().unwrap(), standing.alarm.name.clone());
        state.alarms.insert(key, TaggedAlarm { standing, tags: tags(&alarm["tags"]) });
    }
    for metric in list(&things["metrics"]) {
        let dimensions = tags(&metric["dimensions"]);
        let (namespace, name) = (text(&metric["namespace"]).to_owned(), text(&metric["name"]).to_owned());
        let (account, region) = (text(&metric["account"]).parse().unwrap(), text(&metric["region"]).parse().unwrap());
        state.metrics.insert((account, region, Metric { namespace, name, dimensions }));
    }
    for offer in list(&things["offers"]) {
        let private_names = list(&offer["private_names"]).iter().map(|name| DomainName::of_route53(text(name)));
        let offered = Offer { private_names: private_names.collect(), verified: true };
        state.offers.insert((text(&offer["region"]).parse().unwrap(), text(&offer["name"]).to_owned()), offered);
    }
}

fn endpoint_service(service: &Value) -> (ServiceKey, EndpointService) {
    let key = ServiceKey {
        account: text(&service["account"]).parse().unwrap(),
        region: text(&service["region"]).parse().unwrap(),
        service: text(&service["id"]).parse().unwrap(),
    };
    let verification = service["verification"].as_str().map(|state| DomainVerification {
        state: VerificationState::parse(state),
        record_name: "_6e86v84tqgqubxbwii1m".to_owned(),
        record_value: "vpce:l6p0ERxlTt45jevFwOCp".to_owned(),
    });
    let configuration = EndpointService {
        key: key.clone(),
        name: format!("com.amazonaws.vpce.{}.{}", key.region, key.service),
        acceptance_required: service["acceptance_required"].as_bool().unwrap_or(true),
        load_balancers: texts(&service["load_balancers"]),
        availability_zones: texts(&service["availability_zones"]),
        private_dns_name: service["private_dns_name"].as_str().map(ToOwned::to_owned),
        verification,
        tags: tags(&service["tags"]),
    };
    (key, configuration)
}

/// A load balancer with what belongs to it, each with the same tags.
fn load_balancer(state: &mut State, value: &Value) {
    let (listeners, target_groups) = (texts(&value["listeners"]), texts(&value["target_groups"]));
    let parts = [
        (ResourceKind::LoadBalancer, BTreeSet::from([text(&value["arn"]).to_owned()])),
        (ResourceKind::Listener, listeners.clone()),
        (ResourceKind::TargetGroup, target_groups.clone()),
    ];
    for (kind, arns) in parts {
        for arn in arns {
            state.resource_tags.insert(place(value, Resource::new(kind, arn)), tags(&value["tags"]));
        }
    }
    state.load_balancers.insert(text(&value["arn"]).to_owned(), LoadBalancer { listeners, target_groups });
}

/// Somebody changes the alarms whose names end so.
fn alter_alarms(state: &mut State, hand: &Value) {
    let named = |name: &String| name.ends_with(text(&hand["name"]));
    if hand["gone"].as_bool().unwrap_or_default() {
        return state.alarms.retain(|(_, _, name), _| !named(name));
    }
    for (_, alarm) in state.alarms.iter_mut().filter(|((_, _, name), _)| named(name)) {
        if hand["tags"].is_object() {
            alarm.tags = tags(&hand["tags"]);
        }
        if let Some(description) = hand["description"].as_str() {
            description.clone_into(&mut alarm.standing.alarm.description);
        }
        alarm.standing.acts = hand["acts"].as_bool().unwrap_or(alarm.standing.acts);
        alarm.standing.is_partial = hand["partial"].as_bool().unwrap_or(alarm.standing.is_partial);
    }
}

fn place(value: &Value, resource: Resource) -> Place {
    (text(&value["account"]).parse().unwrap(), text(&value["region"]).parse().unwrap(), resource)
}

fn kind(value: &Value) -> ResourceKind {
    serde_json::from_value(value.clone()).unwrap()
}

fn texts(value: &Value) -> BTreeSet<String> {
    list(value).iter().map(|value| text(value).to_owned()).collect()
}

fn hosted_zone(value: &Value) -> HostedZone {
    let key = ZoneKey { account: text(&value["account"]).parse().unwrap(), zone: text(&value["id"]).parse().unwrap() };
    let name = DomainName::of_route53(text(&value["name"]));
    let vpcs: BTreeSet<VpcReference> = list(&value["vpcs"]).iter().map(|vpc| vpc_reference(text(vpc))).collect();
    let mut zone = match vpcs.first() {
        Some(first) => HostedZone::private(key, name, first.clone()),
        None => HostedZone::public(key, name),
    };
    zone.vpcs = vpcs;
    value["comment"].as_str().unwrap_or_default().clone_into(&mut zone.zone.comment);
    for value in list(&value["records"]) {
        zone.put(record(value));
    }
    zone
}

fn profile(value: &Value) -> (ProfileKey, SharedSettings) {
    let content = |resource: &Value| ProfileContent {
        resource: text(resource).to_owned(),
        name: "of people".to_owned(),
        stage: Stage::Stands,
    };
    let profile = SharedSettings {
        shared: list(&value["shared"]).iter().map(|account| text(account).parse().unwrap()).collect(),
        contents: list(&value["contents"]).iter().map(|arn| (text(arn).to_owned(), content(arn))).collect(),
        vpcs: list(&value["vpcs"]).iter().map(|vpc| (vpc_reference(text(vpc)), "of people".to_owned())).collect(),
    };
    (text(&value["arn"]).parse().unwrap(), profile)
}

fn record(value: &Value) -> RecordSet {
    let values = list(&value["values"]).iter().map(|value| text(value).to_owned()).collect();
    RecordSet {
        name: DomainName::of_route53(text(&value["name"])),
        kind: RecordType::parse(text(&value["type"])),
        data: RecordData::Values { ttl: 300, values },
        routing: None,
    }
}

fn vpc_reference(text: &str) -> VpcReference {
    let (region, vpc) = text.split_once('/').unwrap();
    VpcReference { region: region.parse().unwrap(), vpc: vpc.parse().unwrap() }
}

fn network(value: &Value) -> Network {
    let reference = vpc_reference(text(&value["id"]));
    let mut network = Network::new(text(&value["account"]).parse().unwrap(), reference);
    network.vpc.tags = tags(&value["tags"]);
    network.dns_support = value["dns_support"].as_bool().unwrap_or(true);
    network
}

fn endpoint(value: &Value) -> Endpoint {
    let entry = |entry: &Value| DnsEntry {
        name: DomainName::of_route53(text(&entry["name"])),
        zone: text(&entry["zone"]).parse().unwrap(),
    };
    Endpoint {
        key: EndpointKey {
            account: text(&value["account"]).parse().unwrap(),
            region: text(&value["region"]).parse().unwrap(),
            endpoint: text(&value["id"]).parse().unwrap(),
        },
        service_name: text(&value["service_name"]).to_owned(),
        kind: value["kind"].as_str().map_or(EndpointKind::Interface, EndpointKind::parse),
        state: ConnectionState::parse(text(&value["state"])),
        vpc: text(&value["vpc"]).parse().unwrap(),
        private_dns: value["private_dns"].as_bool().unwrap_or_default(),
        dns_entries: list(&value["dns_entries"]).iter().map(entry).collect(),
        ip_address_type: value["ip_address_type"].as_str().map(ToOwned::to_owned),
        tags: tags(&value["tags"]),
        requester_managed: false,
        interfaces: list(&value["interfaces"]).iter().map(|id| text(id).parse().unwrap()).collect(),
        created: value["created"].as_str().map(|created| created.parse().unwrap()),
    }
}

fn admit(world: &World, accounts: &[Value]) {
    for account in accounts {
        let id: drawbridge::model::AccountId = text(&account["id"]).parse().unwrap();
        let membership = Membership::Member(Account {
            id: id.clone(),
            state: AccountState::parse(text(&account["state"])).unwrap(),
            path: text(&account["path"]).parse().unwrap(),
            name: account["name"].as_str().map(ToOwned::to_owned),
            email_domain: None,
            joined: None,
            tags: tags(&account["tags"]),
        });
        world.change().accounts.insert(id, membership);
    }
}

fn connection(value: &Value) -> Connection {
    let endpoint = text(&value["endpoint"]);
    Connection {
        endpoint: endpoint.parse().unwrap(),
        owner: text(&value["owner"]).parse().unwrap(),
        state: ConnectionState::parse(text(&value["state"])),
        id: Some(endpoint.replace("vpce-", "vpce-svc-con-").parse().unwrap()),
        created: value["created"].as_str().map(|created| created.parse().unwrap()),
        region: None,
        ip_address_type: None,
        tags: tags(&value["tags"]),
    }
}

fn effect(fault: &Value) -> Effect {
    let item = || text(&fault["item"]).to_owned();
    match text(&fault["effect"]) {
        "throttled" => Effect::Fails(FailureKind::Retry),
        "denied" => Effect::Fails(FailureKind::Denied),
        "gone" => Effect::Fails(FailureKind::Gone),
        "prior request not complete" => Effect::FailsWith(FailureKind::Retry, "PriorRequestNotComplete"),
        "invalid change batch" => Effect::FailsWith(FailureKind::Refused, "InvalidChangeBatch"),
        "answer lost" => Effect::AnswerLost,
        "unsuccessful" => Effect::Unsuccessful(item()),
        "omitted" => Effect::Omits(item()),
        other => panic!("no such effect: {other}"),
    }
}

fn tags(value: &Value) -> Tags {
    let pairs = value.as_object().into_iter().flatten();
    pairs.map(|(key, value)| (key.clone(), text(value).to_owned())).collect()
}

/// A list; nothing where there is none.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}"))
}
