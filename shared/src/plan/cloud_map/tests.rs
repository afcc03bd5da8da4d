//! What is registered and taken away, by tables.

mod instances;
mod targets;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;

const ACCOUNT: &str = "444444444444";
const SERVICE_ARN: &str = "arn:aws:servicediscovery:eu-west-1:444444444444:service/srv-1";

fn now() -> Timestamp {
    "2026-11-02T10:00:00Z".parse().unwrap()
}

fn rules_with(cloud_map: &Value) -> Rules {
    let mut settings =
        json!({ "endpoints": "register", "namespace": "shop", "targets": "tagged", "take-up-zones": true });
    settings.as_object_mut().unwrap().extend(cloud_map.as_object().unwrap().clone());
    let configuration = json!({
        "version": 1, "deployment": "hub", "organization": "o-a1b2c3d4e5", "hub-account": "222222222222", "mode": "enforce",
        "providers": { "accounts": [ACCOUNT], "regions": ["eu-west-1"] }, "consumers": { "accounts": [ACCOUNT] },
        "cloud-map": settings
    });
    let policy = r#"@id("members") permit (principal in Drawbridge::Organization::"o-a1b2c3d4e5", action, resource);"#;
    Rules::parse(&configuration.to_string(), policy).unwrap_or_else(|faults| panic!("{faults}"))
}

fn key(what: What) -> Key {
    Key { account: ACCOUNT.parse().unwrap(), region: "eu-west-1".parse().unwrap(), what }
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// A plan in words: writes, removals after `-`, and what is held after `!`.
fn words(plan: &Plan<Step>) -> Vec<String> {
    let steps = plan.steps.iter().map(|(step, _)| word(step));
    let removals = plan.removals.iter().map(|(step, _)| format!("- {}", word(step)));
    let held = plan.held.iter().map(|decision| format!("! {}", decision.reason));
    steps.chain(removals).chain(held).collect()
}

fn word(step: &Step) -> String {
    match step {
        Step::CreateNamespace { name, vpc, .. } => format!("namespace {name} {vpc:?}"),
        Step::CreateService { service, .. } => format!("service {} {:?}", service.name, service.records),
        Step::Register { id, .. } | Step::Deregister { id, .. } => id.clone(),
        Step::DeleteService { .. } => "service".to_owned(),
        Step::DeleteNamespace { .. } => "namespace".to_owned(),
        Step::Mark { .. } => "mark".to_owned(),
        Step::RegisterTarget { target, is_outside, .. } if *is_outside => format!("{target} outside"),
        Step::RegisterTarget { target, .. } | Step::DeregisterTarget { target, .. } => target.to_string(),
        Step::TakeUpZones { service } => format!("zones of {}", service.service),
    }
}

#[test]
fn service_takes_up_zones_that_its_load_balancers_are_in_by_now() {
    let service = |zones: &[&str], tags: &[(&str, &str)]| EndpointService {
        key: ServiceKey {
            account: ACCOUNT.parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            service: "vpce-svc-0a1b2c3d4e5f60718".parse().unwrap(),
        },
        name: String::new(),
        load_balancers: BTreeSet::new(),
        availability_zones: zones.iter().map(|zone| (*zone).to_owned()).collect(),
        acceptance_required: true,
        private_dns_name: None,
        verification: None,
        tags: texts(tags),
    };
    let decide = |zones: &[&str], tags: &[(&str, &str)]| {
        let of_balancers = ["eu-west-1a", "eu-west-1b"].map(ToOwned::to_owned).into();
        let observed = Observed::Zones(vec![(service(zones, tags), of_balancers)]);
        words(&plan(&key(What::Zones), &observed, &rules_with(&json!({})), now()))
    };
    let ours = [("drawbridge:enabled", "true")];
    assert_eq!(decide(&["eu-west-1a"], &ours), ["zones of vpce-svc-0a1b2c3d4e5f60718"]);
    assert!(decide(&["eu-west-1a", "eu-west-1b"], &ours).is_empty());
    assert!(decide(&["eu-west-1a", "eu-west-1b", "eu-west-1c"], &ours).is_empty(), "none is given up");
    assert!(decide(&[], &ours).is_empty(), "an answer without zones tells nothing");
    assert!(decide(&["eu-west-1a"], &[]).is_empty(), "a service that isn't looked after");
}
