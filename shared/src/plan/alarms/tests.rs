//! Which alarms there are, by tables.

mod composites;
mod dashboards;
mod endpoints;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::{
    model::{AlarmRule, ConnectionState, EndpointKind},
    plan::reason,
};

const HUB: &str = "222222222222";
const CONSUMER: &str = "444444444444";
const SERVICE: &str = "vpce-svc-0a1b2c3d4e5f60718";
const ENDPOINT: &str = "vpce-0f1e2d3c4b5a69788";

fn now() -> Timestamp {
    "2026-11-02T10:00:00Z".parse().unwrap()
}

/// Rules with each form, but for what is said.
fn rules_with(alarms: &Value) -> Rules {
    let topic = |name: &str| json!([format!("arn:aws:sns:eu-west-1:222222222222:{name}")]);
    let mut settings = json!({
        "endpoints": "each", "select": "every", "services": "each",
        "topics": { "critical": topic("critical"), "warning": topic("warning"), "info": topic("info") }
    });
    settings.as_object_mut().unwrap().extend(alarms.as_object().unwrap().clone());
    let configuration = json!({
        "version": 1, "deployment": "hub", "organization": "o-a1b2c3d4e5", "hub-account": HUB, "mode": "enforce",
        "providers": { "accounts": [HUB], "regions": ["eu-west-1"] }, "consumers": { "accounts": [HUB, CONSUMER] },
        "alarms": settings
    });
    let policy = r#"@id("members") permit (principal in Drawbridge::Organization::"o-a1b2c3d4e5", action, resource);"#;
    Rules::parse(&configuration.to_string(), policy).unwrap_or_else(|faults| panic!("{faults}"))
}

fn rules() -> Rules {
    rules_with(&json!({}))
}

fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn endpoint(own: &[(&str, &str)]) -> Endpoint {
    Endpoint {
        key: EndpointKey {
            account: CONSUMER.parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            endpoint: ENDPOINT.parse().unwrap(),
        },
        service_name: format!("com.amazonaws.vpce.eu-west-1.{SERVICE}"),
        kind: EndpointKind::Interface,
        state: ConnectionState::Available,
        vpc: "vpc-0a1b2c3d4e5f60718".parse().unwrap(),
        private_dns: false,
        dns_entries: Vec::new(),
        ip_address_type: None,
        tags: tags(own),
        requester_managed: false,
        interfaces: [].into(),
        created: None,
    }
}

/// A service with a load balancer, as many target groups in as many zones, and as many consumers.
fn watched(groups: usize, zones: usize, consumers: usize, own: &[(&str, &str)]) -> Watched {
    let balancer =
        "arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/net/orders/0123456789abcdef".to_owned();
    let group = |number: usize| {
        format!("arn:aws:elasticloadbalancing:eu-west-1:222222222222:targetgroup/orders-{number:02}/73e2d6bc24d8a067")
    };
    let mut service_tags = tags(&[("drawbridge:enabled", "true"), ("Name", "orders")]);
    service_tags.extend(tags(own));
    let connection = |number: usize| Connection {
        endpoint: format!("vpce-{number:017x}").parse().unwrap(),
        owner: CONSUMER.parse().unwrap(),
        state: ConnectionState::Available,
        id: None,
        created: None,
        region: None,
        ip_address_type: None,
        tags: Tags::new(),
    };
    Watched {
        service: EndpointService {
            key: ServiceKey {
                account: HUB.parse().unwrap(),
                region: "eu-west-1".parse().unwrap(),
                service: SERVICE.parse().unwrap(),
            },
            name: format!("com.amazonaws.vpce.eu-west-1.{SERVICE}"),
            acceptance_required: true,
            load_balancers: [balancer.clone()].into(),
            availability_zones: (0..zones)
                .map(|zone| format!("eu-west-1{}", char::from(b'a' + u8::try_from(zone).unwrap())))
                .collect(),
            private_dns_name: None,
            verification: None,
            tags: service_tags,
        },
        target_groups: BTreeMap::from([(balancer, (0..groups).map(group).collect())]),
        connections: (0..consumers).map(connection).collect(),
    }
}

fn key_of(account: &str, what: What) -> Key {
    Key { account: account.parse().unwrap(), region: "eu-west-1".parse().unwrap(), what }
}

/// What is wanted of endpoints.
fn of_endpoints_of(endpoints: Vec<Endpoint>, rules: &Rules) -> Wanted {
    let observed = Observed { endpoints, ..Observed::default() };
    wanted(&key_of(CONSUMER, What::Endpoints), &observed, rules, now())
}

/// What is wanted of services.
fn of_services_of(services: Vec<Watched>, rules: &Rules) -> Wanted {
    let observed = Observed { services, ..Observed::default() };
    wanted(&key_of(HUB, What::Services), &observed, rules, now())
}

/// The last part of the names, in the order in which they are written.
fn profiles(wanted: &Wanted) -> Vec<&str> {
    wanted.alarms.iter().map(|(alarm, _)| alarm.name.rsplit('/').next().unwrap()).collect()
}

fn find<'a>(wanted: &'a Wanted, end: &str) -> &'a Alarm {
    let (alarm, _) =
        wanted.alarms.iter().find(|(alarm, _)| alarm.name.ends_with(end)).unwrap_or_else(|| panic!("{end}"));
    alarm
}

#[test]
fn names_are_within_what_cloudwatch_takes() {
    let mut longest = rules();
    longest.configuration.deployment = "d".repeat(64).parse().unwrap();
    let mut big = watched(1, 1, 1, &[]);
    // Names of load balancers and target groups have 32 characters at most.
    big.target_groups = big
        .target_groups
        .into_iter()
        .map(|(balancer, groups)| {
            let name = "n".repeat(32);
            (
                balancer.replace("/orders/", &format!("/{name}/")),
                groups.into_iter().map(|group| group.replace("/orders-00/", &format!("/{name}/"))).collect(),
            )
        })
        .collect();
    let of_services = of_services_of(vec![big], &longest);
    let of_endpoints = of_endpoints_of(vec![endpoint(&[])], &longest);
    for (alarm, _) in of_services.alarms.iter().chain(&of_endpoints.alarms) {
        assert!(alarm.name.len() <= 255, "{}", alarm.name);
    }
    assert!(of_services.dashboards.keys().all(|name| name.len() <= 255));
}

#[test]
fn description_is_cut_and_keeps_the_runbook_and_whose_it_is() {
    let runbook = format!("https://example.com/{}", "r".repeat(280));
    let mut rules = rules_with(&json!({ "runbook": runbook }));
    rules.configuration.deployment = "d".repeat(64).parse().unwrap();
    let text = format!("{}{}", "a".repeat(500), "é".repeat(500));
    let described = rule::describe(&text, "packets-dropped", &rules.configuration);
    let whose = format!(" {runbook}#packets-dropped Made by Drawbridge ({}).", rules.configuration.deployment);
    assert!(described.len() <= 1_024 && described.len() > 1_020, "{}", described.len());
    assert!(described.ends_with(&whose) && described.starts_with("aaa"), "{described}");
    for wanted in [of_services_of(vec![watched(2, 2, 2, &[])], &rules), of_endpoints_of(vec![endpoint(&[])], &rules)] {
        for (alarm, _) in &wanted.alarms {
            assert!(alarm.description.len() <= 1_024 && alarm.description.contains(&runbook), "{}", alarm.description);
        }
    }
}
