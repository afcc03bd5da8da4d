//! Endpoints as instances.

use super::*;
use crate::model::{
    ConnectionState, DnsEntry, DomainName, EndpointKey, EndpointKind, NamespaceKind, OperationFailure, Tags,
};

const ENDPOINT: &str = "vpce-0f1e2d3c4b5a69788";
const NAME: &str = "vpce-0f1e2d3c4b5a69788-9ghl7t3a.vpce-svc-0a1b2c3d4e5f60718.eu-west-1.vpce.amazonaws.com";
const SERVICE_NAME: &str = "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718";

fn endpoint(state: &str, tags: &[(&str, &str)]) -> Endpoint {
    Endpoint {
        key: EndpointKey {
            account: ACCOUNT.parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            endpoint: ENDPOINT.parse().unwrap(),
        },
        service_name: SERVICE_NAME.to_owned(),
        kind: EndpointKind::Interface,
        state: ConnectionState::parse(state),
        vpc: "vpc-0a1b2c3d4e5f60718".parse().unwrap(),
        private_dns: false,
        dns_entries: vec![DnsEntry { name: DomainName::of_route53(NAME), zone: "Z7HUB22UULQXV".parse().unwrap() }],
        ip_address_type: None,
        tags: texts(tags),
        requester_managed: false,
        interfaces: ["eni-00000001".parse().unwrap(), "eni-00000002".parse().unwrap()].into(),
        created: None,
    }
}

fn service(name: &str, records: &[&str]) -> CloudMapService {
    CloudMapService {
        arn: SERVICE_ARN.to_owned(),
        name: name.to_owned(),
        owner: ACCOUNT.parse().unwrap(),
        description: None,
        records: records.iter().map(|kind| (*kind).to_owned()).collect(),
        is_checked: false,
    }
}

fn namespace(owner: &str, kind: NamespaceKind) -> Namespace {
    let arn = format!("arn:aws:servicediscovery:eu-west-1:{owner}:namespace/ns-1");
    Namespace { arn, name: "shop".to_owned(), kind, owner: owner.parse().unwrap(), description: None }
}

/// A tagged endpoint that is connected, and an empty service in an HTTP namespace.
fn registry() -> Registry {
    let address = |zone: &str, ipv4: &str| InterfaceAddress {
        zone_id: zone.to_owned(),
        ipv4: Some(ipv4.parse().unwrap()),
        ipv6: None,
    };
    Registry {
        endpoints: vec![endpoint("available", &[("drawbridge:cloud-map", "payments:443/tcp")])],
        addresses: BTreeMap::from([
            ("eni-00000001".parse().unwrap(), address("euw1-az1", "10.0.1.7")),
            ("eni-00000002".parse().unwrap(), address("euw1-az2", "10.0.2.7")),
        ]),
        namespaces: vec![namespace(ACCOUNT, NamespaceKind::Http)],
        services: vec![(service("payments", &[]), BTreeMap::new())],
        operations: BTreeMap::new(),
    }
}

fn with(change: impl FnOnce(&mut Registry)) -> Registry {
    let mut registry = registry();
    change(&mut registry);
    registry
}

fn planned(registry: &Registry, settings: &Value) -> Plan<Step> {
    plan(&key(What::Instances), &Observed::Instances(registry.clone()), &rules_with(settings), now())
}

fn decide(registry: &Registry) -> Vec<String> {
    words(&planned(registry, &json!({})))
}

/// The registry once all that is planned has been done.
fn settled(mut registry: Registry) -> Registry {
    for (step, _) in planned(&registry, &json!({})).steps {
        if let Step::Register { id, attributes, .. } = step {
            registry.services[0].1.insert(id, attributes);
        }
    }
    registry
}

fn tagged(tags: &[(&str, &str)]) -> Registry {
    with(|registry| registry.endpoints = vec![endpoint("available", tags)])
}

const BOTH: [&str; 2] = ["vpce-0f1e2d3c4b5a69788-euw1-az1", "vpce-0f1e2d3c4b5a69788-euw1-az2"];
const BOTH_GO: [&str; 2] = ["- vpce-0f1e2d3c4b5a69788-euw1-az1", "- vpce-0f1e2d3c4b5a69788-euw1-az2"];

#[test]
fn endpoint_is_an_instance_for_each_of_its_interfaces_with_all_that_is_known_of_it() {
    assert_eq!(decide(&registry()), BOTH);
    let planned = planned(&registry(), &json!({}));
    let Step::Register { attributes, .. } = &planned.steps[0].0 else { panic!("{planned:?}") };
    let expected = texts(&[
        ("AWS_INSTANCE_IPV4", "10.0.1.7"),
        ("AWS_INSTANCE_PORT", "443"),
        ("account", ACCOUNT),
        ("availability-zone-id", "euw1-az1"),
        ("drawbridge.owner", "hub"),
        ("endpoint-id", ENDPOINT),
        ("endpoint-name", NAME),
        ("port", "443"),
        ("protocol", "tcp"),
        ("region", "eu-west-1"),
        ("service-name", SERVICE_NAME),
    ]);
    assert_eq!(*attributes, expected);
    assert!(planned.again.is_some(), "what is begun is followed to its end");
    let settled = settled(registry());
    assert!(decide(&settled).is_empty(), "what stands as it is wanted is not written");
    assert!(unsettled(&key(What::Instances), &settled, &rules_with(&json!({})), now()).is_empty());
}

#[test]
fn records_of_the_service_say_what_an_instance_is() {
    let records = |records: &[&str]| with(|registry| registry.services[0].0.records = service("", records).records);
    assert_eq!(decide(&records(&["CNAME"])), [ENDPOINT]);
    assert_eq!(decide(&records(&["A"])), BOTH);
    assert_eq!(decide(&records(&["A", "SRV"])), BOTH);
    assert_eq!(decide(&records(&["AAAA"])), ["! NO_ADDRESS", "! NO_ADDRESS"]);
    let mut portless = records(&["SRV"]);
    portless.endpoints[0].tags.insert("drawbridge:cloud-map".to_owned(), "payments".to_owned());
    assert_eq!(decide(&portless), ["! NO_ADDRESS", "! NO_ADDRESS"]);
    let mut nameless = records(&["CNAME"]);
    nameless.endpoints[0].dns_entries.clear();
    assert_eq!(decide(&nameless), ["! NO_ADDRESS"]);
}

#[test]
fn endpoint_is_selected_by_its_tag_or_by_the_service_it_leads_to() {
    let selected = json!({ "services": { SERVICE_NAME: { "name": "payments" } } });
    assert_eq!(words(&planned(&tagged(&[]), &selected)), BOTH);
    assert!(decide(&tagged(&[])).is_empty());
    assert_eq!(decide(&tagged(&[("drawbridge:cloud-map", "pay ments")])), ["! INVALID_TAG"]);
    assert_eq!(decide(&tagged(&[("drawbridge:cloud-map", "orders")])), ["! NO_CLOUD_MAP_SERVICE"]);
    let exempt = [("drawbridge:cloud-map", "payments"), ("drawbridge:ignore", "true")];
    assert_eq!(decide(&tagged(&exempt)), ["! EXEMPT"]);
    let gateway = with(|registry| registry.endpoints[0].kind = EndpointKind::GatewayLoadBalancer);
    assert_eq!(decide(&gateway), ["! NOT_POSSIBLE"]);
}

#[test]
fn instance_goes_when_its_endpoint_is_over_or_wants_it_no_more() {
    let after = |change: &dyn Fn(&mut Registry)| {
        let mut registry = settled(registry());
        change(&mut registry);
        decide(&registry)
    };
    for state in ["rejected", "deleting", "deleted", "failed", "expired"] {
        let over = |registry: &mut Registry| registry.endpoints[0].state = ConnectionState::parse(state);
        assert_eq!(after(&over), BOTH_GO, "{state}");
    }
    for state in ["pendingAcceptance", "pending", "partial", "of tomorrow"] {
        let between = |registry: &mut Registry| registry.endpoints[0].state = ConnectionState::parse(state);
        assert!(after(&between).is_empty(), "{state}");
    }
    assert_eq!(after(&|registry| registry.endpoints.clear()), BOTH_GO);
    assert_eq!(after(&|registry| registry.endpoints[0].tags = Tags::new()), BOTH_GO);
    let unreadable = |registry: &mut Registry| {
        registry.endpoints[0].tags.insert("drawbridge:cloud-map".to_owned(), "?".to_owned());
    };
    assert_eq!(after(&unreadable), ["! INVALID_TAG"], "what it means isn't known: it stays");
    let exempt = |registry: &mut Registry| {
        registry.endpoints[0].tags.insert("drawbridge:ignore".to_owned(), "true".to_owned());
    };
    assert_eq!(after(&exempt), ["! EXEMPT"]);
    assert_eq!(after(&|registry| registry.addresses.clear()), ["! NO_ADDRESS", "! NO_ADDRESS"], "unknown is not gone");
    let removed = words(&planned(&settled(registry()), &json!({ "endpoints": "remove" })));
    assert_eq!(removed, BOTH_GO);
}

#[test]
fn removal_is_looked_at_again_unless_more_are_due_than_may_be() {
    let again = |most: u32| {
        let planned = planned(&settled(registry()), &json!({ "endpoints": "remove", "most-removals": most }));
        assert_eq!(words(&planned), BOTH_GO);
        planned.again.is_some()
    };
    assert_eq!([again(2), again(1)], [true, false]);
}

#[test]
fn instance_that_differs_is_replaced_and_one_of_others_is_left_alone() {
    let altered = |key: &str, value: &str| {
        let mut registry = settled(registry());
        registry.services[0].1.get_mut(BOTH[0]).unwrap().insert(key.to_owned(), value.to_owned());
        decide(&registry)
    };
    assert_eq!(altered("AWS_INSTANCE_IPV4", "10.0.9.9"), [BOTH[0]]);
    assert_eq!(altered("weight", "5"), [BOTH[0]], "what somebody adds is taken back");
    assert!(altered("AWS_INIT_HEALTH_STATUS", "HEALTHY").is_empty(), "AWS keeps that");
    assert_eq!(altered("drawbridge.owner", "another"), ["! NOT_OWNED"]);
    assert_eq!(altered("account", "555555555555"), ["! NOT_OWNED"], "of an account that shares the service");
    let foreign = with(|registry| {
        registry.endpoints.clear();
        let of_task = texts(&[("AWS_INSTANCE_IPV4", "10.0.1.9")]);
        registry.services[0].1.insert("task-1".to_owned(), of_task);
    });
    assert!(decide(&foreign).is_empty());
}

#[test]
fn operation_that_is_under_way_is_waited_for_and_one_that_failed_is_told() {
    let with_operation = |age: i64, failure: Option<&str>| {
        let failure = failure.map(|code| OperationFailure { code: code.to_owned(), message: "no".to_owned() });
        let updated = now().checked_sub(jiff::SignedDuration::from_mins(age)).unwrap();
        let operation = Operation { id: "op-1".to_owned(), targets: [BOTH[0].to_owned()].into(), failure, updated };
        with(|registry| drop(registry.operations.insert(SERVICE_ARN.to_owned(), vec![operation])))
    };
    assert_eq!(decide(&with_operation(1, None)), [BOTH[1], "! UNDER_WAY"]);
    assert!(planned(&with_operation(1, None), &json!({})).again.is_some());
    assert_eq!(decide(&with_operation(1, Some("ACCESS_DENIED"))), [BOTH[1], "! OPERATION_FAILED"]);
    assert_eq!(decide(&with_operation(16, Some("ACCESS_DENIED"))), BOTH, "tried again");
    assert_eq!(decide(&with_operation(1, Some("INTERNAL_FAILURE"))), BOTH, "that may pass");
    let scopes = unsettled(&key(What::Instances), &registry(), &rules_with(&json!({})), now());
    assert_eq!(scopes, [SERVICE_ARN.to_owned()].into(), "its operations have to be read first");
}

#[test]
fn service_holds_a_thousand_instances_and_no_more() {
    let nearly_full = with(|registry| {
        for number in 0..999 {
            registry.services[0].1.insert(format!("task-{number}"), BTreeMap::new());
        }
    });
    assert_eq!(decide(&nearly_full), [BOTH[0], "! INSTANCE_LIMIT"]);
}

#[test]
fn namespace_and_service_are_made_when_the_configuration_says_so() {
    let making = |registry: &Registry, make: &str| words(&planned(registry, &json!({ "make": make })));
    let without = with(|registry| (registry.namespaces, registry.services) = (Vec::new(), Vec::new()));
    assert_eq!(making(&without, "nothing"), ["! NO_NAMESPACE"]);
    assert_eq!(making(&without, "services"), ["! NO_NAMESPACE"]);
    assert_eq!(making(&without, "http-namespace"), ["namespace shop None"]);
    let in_vpc = ["namespace shop Some(vpc-0a1b2c3d4e5f60718)"];
    assert_eq!(making(&without, "private-dns-namespace"), in_vpc);
    let under_way = with(|registry| {
        let operation = Operation { id: "op-1".to_owned(), targets: BTreeSet::new(), failure: None, updated: now() };
        (registry.namespaces, registry.services) = (Vec::new(), Vec::new());
        registry.operations.insert(String::new(), vec![operation]);
    });
    assert_eq!(making(&under_way, "http-namespace"), ["! UNDER_WAY"]);
    let nobody = with(|registry| {
        (registry.namespaces, registry.services, registry.endpoints) = (Vec::new(), Vec::new(), Vec::new());
    });
    assert!(making(&nobody, "http-namespace").is_empty(), "nobody wants one");

    let empty = |owner: &str, kind: NamespaceKind| {
        with(|registry| (registry.namespaces, registry.services) = (vec![namespace(owner, kind)], Vec::new()))
    };
    assert_eq!(making(&empty(ACCOUNT, NamespaceKind::Http), "services"), ["service payments None"]);
    assert_eq!(making(&empty(ACCOUNT, NamespaceKind::PrivateDns), "services"), ["service payments Some(60)"]);
    assert_eq!(making(&empty(ACCOUNT, NamespaceKind::Http), "nothing"), ["! NO_CLOUD_MAP_SERVICE"]);
    assert_eq!(making(&empty("222222222222", NamespaceKind::Http), "services"), ["! NO_CLOUD_MAP_SERVICE"]);
    let two = with(|registry| registry.namespaces.push(namespace("222222222222", NamespaceKind::Http)));
    assert_eq!(making(&two, "services"), ["! SEVERAL_NAMESPACES"]);
}

#[test]
fn what_we_made_goes_when_it_is_empty_and_nobody_wants_it() {
    let ours = Some("Made by Drawbridge, deployment hub".to_owned());
    let left = |change: &dyn Fn(&mut Registry)| {
        with(|registry| {
            registry.endpoints.clear();
            registry.services[0].0.description.clone_from(&ours);
            registry.namespaces[0].description.clone_from(&ours);
            change(registry);
        })
    };
    assert_eq!(decide(&left(&|_| {})), ["- service"]);
    assert!(decide(&left(&|registry| registry.services[0].0.description = None)).is_empty(), "somebody else's");
    let of_other = Some("Made by Drawbridge, deployment other".to_owned());
    assert!(decide(&left(&|registry| registry.services[0].0.description.clone_from(&of_other))).is_empty());
    let shared = |registry: &mut Registry| registry.services[0].0.owner = "222222222222".parse().unwrap();
    assert!(decide(&left(&shared)).is_empty());
    let used = |registry: &mut Registry| drop(registry.services[0].1.insert("task-1".to_owned(), BTreeMap::new()));
    assert!(decide(&left(&used)).is_empty());
    let awaited = |registry: &mut Registry| {
        registry.endpoints = vec![endpoint("pendingAcceptance", &[("drawbridge:cloud-map", "payments")])];
    };
    assert!(decide(&left(&awaited)).is_empty(), "it is wanted soon");
    let bare = left(&|registry| registry.services.clear());
    assert!(decide(&bare).is_empty(), "a namespace stays as long as endpoints are registered");
    assert_eq!(words(&planned(&bare, &json!({ "endpoints": "remove" }))), ["- namespace"]);
}
