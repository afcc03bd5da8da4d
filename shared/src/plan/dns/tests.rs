//! How plans about names are told in tests, and what they have in common.

use super::*;
use crate::{
    model::{ConnectionState, DnsEntry, DomainName, Endpoint, EndpointKind, RecordData, RecordType, Tags},
    plan::Decision,
    policy::Rules,
};

pub const HUB: &str = "222222222222";
pub const CONSUMER: &str = "444444444444";
pub const SERVICE: &str = "vpce-svc-0a1b2c3d4e5f60718";
pub const ENDPOINT: &str = "vpce-0f1e2d3c4b5a69788";
pub const POLICIES: [&str; 3] = ["sync", "upsert-only", "create-only"];

pub fn now() -> Timestamp {
    "2026-11-02T10:00:00Z".parse().unwrap()
}

pub fn name(text: &str) -> DomainName {
    DomainName::of_route53(text)
}

pub fn vpc(id: &str) -> VpcReference {
    VpcReference { region: "eu-west-1".parse().unwrap(), vpc: format!("vpc-0000000{id}").parse().unwrap() }
}

/// Rules with this about DNS.
pub fn rules(dns: &str) -> Rules {
    let configuration = format!(
        r#"{{version: 1, deployment: hub, organization: o-a1b2c3d4e5, hub-account: "{HUB}",
        providers: {{accounts: ["{HUB}"], regions: [eu-west-1]}}, consumers: {{accounts: ["{HUB}", "{CONSUMER}"]}},
        dns: {{accounts: ["{HUB}"], {dns}}}}}"#
    );
    Rules::parse(&configuration, r#"@id("none") forbid (principal, action, resource);"#).unwrap()
}

/// An available endpoint with its names as AWS may list them: the service's own first, then a zonal one, then the Regional one.
pub fn endpoint(id: &str) -> Endpoint {
    let entry =
        |name: String, zone: &str| DnsEntry { name: DomainName::of_route53(&name), zone: zone.parse().unwrap() };
    let public = |label: &str| entry(format!("{label}.{SERVICE}.eu-west-1.vpce.amazonaws.com"), "Z38GZ743OKFT7T");
    Endpoint {
        key: EndpointKey {
            account: HUB.parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            endpoint: id.parse().unwrap(),
        },
        service_name: format!("com.amazonaws.vpce.eu-west-1.{SERVICE}"),
        kind: EndpointKind::Interface,
        state: ConnectionState::Available,
        vpc: vpc("a").vpc,
        private_dns: false,
        dns_entries: vec![
            entry("payments.example.com".to_owned(), "Z0PRIVATE"),
            public(&format!("{id}-x-eu-west-1b")),
            public(&format!("{id}-x-eu-west-1a")),
            public(&format!("{id}-x")),
        ],
        ip_address_type: None,
        tags: Tags::new(),
        requester_managed: false,
        interfaces: [].into(),
        created: None,
    }
}

/// A record by type and name, with one value.
pub fn record(key: &str, value: &str) -> RecordSet {
    let key: crate::model::RecordKey = key.parse().unwrap();
    let data = RecordData::Values { ttl: 300, values: [value.to_owned()].into() };
    RecordSet { name: key.name, kind: key.kind, data, routing: None }
}

/// A record of type A that leads to another name.
pub fn alias(at: &str, target: &str) -> RecordSet {
    let data =
        RecordData::Alias { zone: "Z38GZ743OKFT7T".parse().unwrap(), target: name(target), evaluate_health: false };
    RecordSet { name: name(at), kind: RecordType::A, data, routing: None }
}

/// What a deployment has registered for a resource in a zone.
pub fn registration(owner: &str, resource: &str, zone: &DomainName, records: &[&str]) -> RecordSet {
    let registration = registry::Registration {
        key: resource.rsplit('/').next().unwrap().to_owned(),
        owner: owner.parse().unwrap(),
        resource: resource.to_owned(),
        since: now(),
        records: records.iter().map(|record| record.parse().unwrap()).collect(),
    };
    registry::record(&registration, zone)
}

/// All that a plan says, a line each: what is done, what is taken away (`-`), what is held and when it looks again.
pub fn tell(plan: &Plan<Change>) -> Vec<String> {
    let line =
        |(step, decision): &(Change, Decision)| format!("{} {}: {}", decision.outcome, decision.reason, told(step));
    let steps = plan.steps.iter().map(line);
    let removals = plan.removals.iter().map(line).map(|line| format!("- {line}"));
    let held = plan.held.iter().map(|decision| format!("{} {}", decision.outcome, decision.reason));
    let again = plan.again.iter().map(|(subject, after)| format!("again {subject} in {}s", after.as_secs()));
    steps.chain(removals).chain(held).chain(again).collect()
}

fn told(step: &Change) -> String {
    let all = |changes: &[RecordChange]| changes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match step {
        Change::Records(zone, changes) => format!("{} in {}", all(changes), zone.zone),
        Change::Verify(service) => format!("look at {}", service.service),
        Change::Enable(endpoint) => format!("switch on {}", endpoint.endpoint),
        Change::Zone { key, vpc, changes, .. } => format!("zone {} in {}: {}", key.name, vpc.vpc, all(changes)),
        Change::Associate { account, vpc, .. } | Change::Disassociate { account, vpc, .. } => {
            format!("{} of {account}", vpc.vpc)
        }
        Change::Include { profile, resource, .. } => format!("{resource} into {}", profile.profile),
        Change::Exclude { profile, resource } => format!("{resource} out of {}", profile.profile),
        Change::Attach { profile, account, vpc, .. } => format!("{} of {account} gets {}", vpc.vpc, profile.profile),
        Change::Detach { profile, account, vpc } => format!("{} of {account} loses {}", vpc.vpc, profile.profile),
        Change::Unauthorize { vpc, .. } => format!("permission of {}", vpc.vpc),
        Change::DropZone { zone, vpcs, batches } => {
            let vpcs: Vec<&str> = vpcs.iter().map(|vpc| vpc.vpc.as_str()).collect();
            let batches: Vec<String> = batches.iter().map(|changes| all(changes)).collect();
            format!("{} leaves [{}], {}", zone.zone, vpcs.join(" "), batches.join("; "))
        }
    }
}

#[test]
fn observation_of_another_kind_of_thing_decides_nothing() {
    let service = ServiceKey {
        account: HUB.parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        service: SERVICE.parse().unwrap(),
    };
    let observed = private_name::Observed { endpoint: Some(endpoint(ENDPOINT)), ..private_name::Observed::default() };
    let all = rules("private-names: {select: every}");
    let of_endpoint = Observed::Endpoint(observed);
    let key = endpoint(ENDPOINT).key;
    assert_eq!(tell(&plan(&Key::Service(service.clone()), &of_endpoint, &all, now())), [] as [&str; 0]);
    assert_eq!(tell(&plan(&Key::Endpoint(key.clone()), &of_endpoint, &all, now())), ["hold NO_PRIVATE_NAME"]);
    let keys = [Key::Service(service.clone()), Key::Endpoint(key.clone())];
    assert_eq!(keys.map(|key| key.to_string()), [service.to_string(), key.to_string()]);
}

#[test]
fn limit_is_that_of_the_configuration() {
    assert_eq!(limit(&rules("most-removals: 3")).most, 3);
    assert_eq!((limit(&rules("")).setting, limit(&rules("")).most), ("dns.most-removals", 10));
}
