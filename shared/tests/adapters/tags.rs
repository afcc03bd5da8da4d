//! Tags, what is behind endpoint services, and who made what. Each test has an account of its own.

use std::collections::{BTreeMap, BTreeSet};

use drawbridge::{
    aws::Tagging,
    model::{AccountId, EndpointKey, InterfaceId, Region, Resource, ResourceKind, Tags},
    port::{Endpoints, EventHistory, FailureKind, LoadBalancers, Organization, ResourceTags},
    reconcile::Permit,
};
use serde_json::{Value, json};

use super::{CONSUMER, HUB, aws, calls, ec2, emulator, fault, private_link, rules};

const SERVICE: &str = "com.amazonaws.eu-west-1.ec2";

fn here() -> Region {
    "eu-west-1".parse().unwrap()
}

async fn tagging(account: &str) -> Tagging {
    aws(account).await.tagging("test", &rules(account, &format!("'{account}'")).configuration)
}

fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// An endpoint of the sample's consumer with an interface in each of its subnets.
async fn endpoint() -> (EndpointKey, BTreeSet<InterfaceId>) {
    let network = &emulator::organization()["networks"][CONSUMER];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let subnets: Vec<String> = network["subnet_ids"].as_array().unwrap().iter().map(text).collect();
    let request = ec2(CONSUMER).await.create_vpc_endpoint().vpc_id(text(&network["vpc_id"])).service_name(SERVICE);
    let request = request.vpc_endpoint_type(aws_sdk_ec2::types::VpcEndpointType::Interface).private_dns_enabled(false);
    let made = request.set_subnet_ids(Some(subnets.clone())).send().await.unwrap();
    let id = made.vpc_endpoint().unwrap().vpc_endpoint_id().unwrap().parse().unwrap();
    let key = EndpointKey { account: CONSUMER.parse().unwrap(), region: here(), endpoint: id };
    let found = private_link(CONSUMER).await.describe_endpoint(&key).await.unwrap().unwrap();
    assert_eq!(found.interfaces.len(), subnets.len());
    assert!(found.created.is_some());
    (key, found.interfaces)
}

#[tokio::test]
async fn endpoint_and_its_interfaces_are_tagged_in_one_call_and_read_back() {
    let (key, interfaces) = endpoint().await;
    let (port, tagging) = (private_link(CONSUMER).await, tagging(CONSUMER).await);
    let resources: BTreeSet<Resource> = interfaces
        .iter()
        .map(|id| Resource::new(ResourceKind::NetworkInterface, id.as_str()))
        .chain([Resource::new(ResourceKind::Endpoint, key.endpoint.as_str())])
        .collect();
    let before = calls(CONSUMER, "ec2", "CreateTags");
    let new = tags(&[("cost centre", "4711"), ("unit", "Workloads/Prod é")]);
    let answers = tagging.tag(&key.account, &here(), &resources, &new, &Permit::for_tests()).await;
    assert!(answers.len() == resources.len() && answers.values().all(Result::is_ok), "{answers:?}");
    assert_eq!(calls(CONSUMER, "ec2", "CreateTags") - before, 1);
    let expected: BTreeMap<InterfaceId, Tags> = interfaces.iter().map(|id| (id.clone(), new.clone())).collect();
    let listed = port.list_interfaces(&key.account, &here(), Some(&interfaces)).await.unwrap();
    assert_eq!(listed, expected);
    let all = port.list_interfaces(&key.account, &here(), None).await.unwrap();
    assert!(expected.iter().all(|(id, tags)| all.get(id) == Some(tags)), "{all:?}");
    assert_eq!(port.list_interfaces(&key.account, &here(), Some(&BTreeSet::new())).await.unwrap(), BTreeMap::new());
    assert_eq!(port.describe_endpoint(&key).await.unwrap().unwrap().tags, new);
}

#[tokio::test]
async fn load_balancers_are_read_with_what_belongs_to_them_and_tagged_twenty_at_a_time() {
    let account: AccountId = HUB.parse().unwrap();
    let balancer = emulator::create_load_balancer(HUB, "tagged");
    let vpc = emulator::organization()["networks"][HUB]["vpc_id"].as_str().unwrap();
    let mut groups = BTreeSet::new();
    for number in 0..23 {
        let name = format!("tagged-{number}");
        let made = emulator::command_line(
            HUB,
            &["elbv2", "create-target-group", "--name", &name, "--protocol", "TCP", "--port", "443", "--vpc-id", vpc],
        );
        let group = made["TargetGroups"][0]["TargetGroupArn"].as_str().unwrap().to_owned();
        let (port, action) = (format!("{}", 1_000 + number), format!("Type=forward,TargetGroupArn={group}"));
        let listener = ["elbv2", "create-listener", "--load-balancer-arn", &balancer, "--protocol", "TCP", "--port"];
        emulator::command_line(HUB, &[&listener[..], &[&port, "--default-actions", &action]].concat());
        groups.insert(group);
    }
    let tagging = tagging(HUB).await;
    assert_eq!(tagging.list_target_groups(&account, &here(), &balancer).await.unwrap(), groups);
    let listeners = tagging.list_listeners(&account, &here(), &balancer).await.unwrap();
    assert_eq!(listeners.len(), 23);
    let resources: BTreeSet<Resource> = groups
        .into_iter()
        .map(|arn| Resource::new(ResourceKind::TargetGroup, arn))
        .chain(listeners.into_iter().map(|arn| Resource::new(ResourceKind::Listener, arn)))
        .chain([Resource::new(ResourceKind::LoadBalancer, balancer)])
        .collect();
    let before = calls(HUB, "elbv2", "AddTags");
    let new = tags(&[("unit", "hub")]);
    let answers = tagging.tag(&account, &here(), &resources, &new, &Permit::for_tests()).await;
    assert!(answers.len() == 47 && answers.values().all(Result::is_ok), "{answers:?}");
    assert_eq!(calls(HUB, "elbv2", "AddTags") - before, 3);
    let read = tagging.tags_of(&account, &here(), &resources).await.unwrap();
    assert_eq!(read, resources.into_iter().map(|resource| (resource, new.clone())).collect());
}

#[tokio::test]
async fn zones_and_alarms_are_tagged_and_found_by_the_tagging_api() {
    let account = "400000000001";
    let id: AccountId = account.parse().unwrap();
    let global: Region = "us-east-1".parse().unwrap();
    let route53 = aws_sdk_route53::Client::new(&emulator::loader(account).load().await);
    let made = route53.create_hosted_zone().name("tags.example.com").caller_reference("tags").send().await.unwrap();
    let zone = made.hosted_zone().unwrap().id().trim_start_matches("/hostedzone/").to_owned();
    let zone = Resource::new(ResourceKind::HostedZone, format!("arn:aws:route53:::hostedzone/{zone}"));
    let missing = Resource::new(ResourceKind::HostedZone, "arn:aws:route53:::hostedzone/Z00000000000BAD");
    let tagging = tagging(account).await;
    let both = BTreeSet::from([zone.clone(), missing.clone()]);
    assert_eq!(tagging.tags_of(&id, &global, &both).await.unwrap(), BTreeMap::new(), "untagged ones aren't told");
    let new = tags(&[("unit", "hub")]);
    let answers = tagging.tag(&id, &global, &both, &new, &Permit::for_tests()).await;
    assert_eq!(answers[&zone], Ok(()));
    let error = answers[&missing].as_ref().unwrap_err();
    assert_eq!(error.call, "tag:TagResources", "{error}");
    assert!(matches!(error.kind, FailureKind::Refused | FailureKind::Gone), "{error}");
    assert_eq!(tagging.tags_of(&id, &global, &both).await.unwrap(), BTreeMap::from([(zone, new)]));

    let alarm = |name: &str, owner: &str| {
        let tag = format!("Key=drawbridge:owner,Value={owner}");
        let metric = ["cloudwatch", "put-metric-alarm", "--namespace", "N", "--metric-name", "M", "--statistic", "Sum"];
        let limits = ["--period", "60", "--evaluation-periods", "1", "--threshold", "1", "--comparison-operator"];
        let named = ["GreaterThanThreshold", "--alarm-name", name, "--tags", &tag];
        let line = [&metric[..], &limits, &named].concat();
        let mut command = std::process::Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.venv/bin/python"));
        let environment = [("AWS_ENDPOINT_URL", emulator::url()), ("AWS_ACCESS_KEY_ID", account)];
        let command = command.args(["-m", "awscli"]).args(line).envs(environment);
        let command = command.env("AWS_SECRET_ACCESS_KEY", "any").env("AWS_DEFAULT_REGION", "eu-west-1");
        assert!(command.status().unwrap().success());
    };
    alarm("ours", "hub");
    alarm("others", "other");
    let kinds = [ResourceKind::Alarm, ResourceKind::CloudMapService];
    let owned = tagging.list_owned(&id, &here(), &"hub".parse().unwrap(), &kinds).await.unwrap();
    let ours = Resource::new(ResourceKind::Alarm, format!("arn:aws:cloudwatch:eu-west-1:{account}:alarm:ours"));
    assert_eq!(owned, BTreeMap::from([(ours, tags(&[("drawbridge:owner", "hub")]))]));
    assert_eq!(tagging.list_owned(&id, &here(), &"hub".parse().unwrap(), &[]).await.unwrap(), BTreeMap::new());
}

#[tokio::test]
async fn history_says_who_made_an_endpoint() {
    let (key, _) = endpoint().await;
    let tagging = tagging(CONSUMER).await;
    let since = "2000-01-01T00:00:00Z".parse().unwrap();
    let made = tagging.list_creations(&key.account, &here(), ResourceKind::Endpoint, since).await.unwrap();
    let found = made.iter().find(|made| &*made.resource.id == key.endpoint.as_str()).unwrap();
    assert!(!found.creator.name.is_empty(), "{found:?}");
    let later = found.at.checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
    let none = tagging.list_creations(&key.account, &here(), ResourceKind::Endpoint, later).await.unwrap();
    assert_eq!(none, []);
    let none = tagging.list_creations(&key.account, &here(), ResourceKind::Alarm, since).await.unwrap();
    assert_eq!(none, [], "no record tells the making of an alarm");
}

#[tokio::test]
async fn failure_of_a_read_is_an_error_and_never_empty() {
    let account = "400000000002";
    let (id, tagging): (AccountId, _) = (account.parse().unwrap(), tagging(account).await);
    let balancer = "arn:aws:elasticloadbalancing:eu-west-1:400000000002:loadbalancer/net/a/00000000000000aa";
    let resource = BTreeSet::from([Resource::new(ResourceKind::LoadBalancer, balancer)]);
    for (service, operation) in [
        ("elbv2", "DescribeListeners"),
        ("elbv2", "DescribeTargetGroups"),
        ("elbv2", "DescribeTags"),
        ("resourcegroupstaggingapi", "GetResources"),
        ("cloudtrail", "LookupEvents"),
        ("ec2", "DescribeNetworkInterfaces"),
    ] {
        fault(
            account,
            service,
            operation,
            &json!({ "code": "AccessDeniedException", "http_status": 403, "count": -1 }),
        );
        let error = match operation {
            "DescribeListeners" => tagging.list_listeners(&id, &here(), balancer).await.unwrap_err(),
            "DescribeTargetGroups" => tagging.list_target_groups(&id, &here(), balancer).await.unwrap_err(),
            "DescribeTags" => tagging.tags_of(&id, &here(), &resource).await.unwrap_err(),
            "GetResources" => {
                let owner = "hub".parse().unwrap();
                tagging.list_owned(&id, &here(), &owner, &[ResourceKind::Alarm]).await.unwrap_err()
            }
            "LookupEvents" => {
                let since = "2026-01-01T00:00:00Z".parse().unwrap();
                tagging.list_creations(&id, &here(), ResourceKind::Endpoint, since).await.unwrap_err()
            }
            _ => private_link(account).await.list_interfaces(&id, &here(), None).await.unwrap_err(),
        };
        assert_eq!(error.kind, FailureKind::Denied, "{operation}: {error}");
    }
}

#[tokio::test]
async fn units_have_names_and_accounts_the_tag_policy_that_is_in_force() {
    emulator::organization();
    let management = aws_sdk_organizations::Client::new(&emulator::loader("111111111111").load().await);
    let parents = management.list_parents().child_id("555555555555").send().await.unwrap();
    let unit = parents.parents()[0].id().unwrap().to_owned();
    let organizations = aws(HUB).await.organizations();
    if unit.starts_with("ou-") {
        let shown = management.describe_organizational_unit().organizational_unit_id(&unit).send().await.unwrap();
        let name = shown.organizational_unit().unwrap().name().unwrap().to_owned();
        assert_eq!(organizations.unit_name(&unit.parse().unwrap()).await.unwrap(), name);
    }
    let root = management.list_roots().send().await.unwrap().roots()[0].id().unwrap().to_owned();
    let policy_type = aws_sdk_organizations::types::PolicyType::TagPolicy;
    management.enable_policy_type().root_id(&root).policy_type(policy_type.clone()).send().await.unwrap();
    let content = r#"{"tags": {"cost": {"tag_key": {"@@assign": "Cost"}, "tag_value": {"@@assign": ["1*"]}}}}"#;
    let made = management.create_policy().name("cost").description("").content(content).r#type(policy_type);
    let made = made.send().await.unwrap();
    let policy = made.policy().unwrap().policy_summary().unwrap().id().unwrap();
    management.attach_policy().policy_id(policy).target_id("555555555555").send().await.unwrap();
    let found = organizations.tag_policy(&"555555555555".parse().unwrap()).await.unwrap();
    assert_eq!(found.violation("Cost", "17"), None);
    assert!(found.violation("Cost", "2").is_some() && found.violation("cost", "17").is_some());
    let none = organizations.tag_policy(&CONSUMER.parse().unwrap()).await.unwrap();
    assert_eq!(none.violation("cost", "2"), None);
    let undelegated = aws(CONSUMER).await.organizations();
    let error = undelegated.tag_policy(&"555555555555".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Denied, "{error}");
}
