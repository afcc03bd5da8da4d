//! Endpoint services and their connections.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::VpcEndpointType;
use drawbridge::{
    model::{
        AccountId, Connection, ConnectionState, Consumer, EndpointId, Principal, Principals, Scope, ServiceKey, Tags,
        TopicArn,
    },
    port::{FailureKind, PrivateLink},
    reconcile::Permit,
};
use serde_json::{Value, json};

use super::{CONSUMER, HUB, aws, ec2, emulator, fault, private_link, rules};

/// A provider's service, and what its consumers do.
struct Service {
    provider: aws_sdk_ec2::Client,
    key: ServiceKey,
    name: String,
}

impl Service {
    /// A new service in one of the sample's accounts, found by everybody who knows its name.
    async fn create(account: &str, name: &str) -> Self {
        let provider = ec2(account).await;
        let balancer = emulator::create_load_balancer(account, name);
        let request = provider.create_vpc_endpoint_service_configuration().network_load_balancer_arns(balancer);
        let created = request.acceptance_required(true).send().await.unwrap();
        let service = created.service_configuration().unwrap();
        let key = ServiceKey {
            account: account.parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            service: service.service_id().unwrap().parse().unwrap(),
        };
        let permissions = provider.modify_vpc_endpoint_service_permissions().service_id(key.service.as_str());
        permissions.add_allowed_principals("*").send().await.unwrap();
        Self { provider, name: service.service_name().unwrap().to_owned(), key }
    }

    async fn request(&self) -> EndpointId {
        let vpc = emulator::organization()["networks"][CONSUMER]["vpc_id"].as_str().unwrap();
        let request = ec2(CONSUMER).await.create_vpc_endpoint().vpc_id(vpc).service_name(&self.name);
        let request = request.vpc_endpoint_type(VpcEndpointType::Interface).private_dns_enabled(false);
        let created = request.send().await.unwrap();
        created.vpc_endpoint().unwrap().vpc_endpoint_id().unwrap().parse().unwrap()
    }

    async fn connections(&self, scope: Scope) -> BTreeMap<EndpointId, Connection> {
        let connections = private_link(HUB).await.list_connections(&self.key, scope).await.unwrap();
        connections.into_iter().map(|connection| (connection.endpoint.clone(), connection)).collect()
    }
}

#[tokio::test]
async fn service_is_found_by_its_id_and_one_that_is_not_there_is_none() {
    let service = Service::create(HUB, "found").await;
    let private_link = private_link(HUB).await;
    let found = private_link.describe_service(&service.key).await.unwrap().unwrap();
    assert_eq!((found.key, found.name), (service.key.clone(), service.name));
    assert!(found.acceptance_required);
    let missing = ServiceKey { service: "vpce-svc-00000000000000bad".parse().unwrap(), ..service.key.clone() };
    assert_eq!(private_link.describe_service(&missing).await.unwrap(), None);
    let listed = private_link.list_services(&service.key.account, &service.key.region).await.unwrap();
    assert!(listed.iter().any(|listed| listed.key == service.key));
}

#[tokio::test]
async fn connections_are_read_to_the_last_page_within_their_scope() {
    let service = Service::create(HUB, "pages").await;
    let mut requested = BTreeSet::new();
    for _ in 0..7 {
        requested.insert(service.request().await);
    }
    // Five a page: every other test of this program pages, too.
    emulator::control("POST", "settings", &json!({ "largest_page": 5 }));
    let listed = service.connections(Scope::Requests).await;
    assert_eq!(listed.keys().cloned().collect::<BTreeSet<_>>(), requested);
    let connection = listed.values().next().unwrap();
    assert_eq!(connection.owner.as_str(), CONSUMER);
    assert_eq!(connection.state, ConnectionState::PendingAcceptance);
    assert!(connection.id.is_some() && connection.created.is_some());
    let first = BTreeSet::from([connection.endpoint.clone()]);
    private_link(HUB).await.accept(&service.key, &first, &Permit::for_tests()).await;
    assert_eq!(service.connections(Scope::Requests).await.len(), 6);
    assert_eq!(service.connections(Scope::Everything).await.len(), 7);
}

#[tokio::test]
async fn accept_answers_for_each_item_and_a_missing_endpoint_is_gone() {
    let service = Service::create(HUB, "accept").await;
    let here = service.request().await;
    let gone: EndpointId = "vpce-00000000000000bad".parse().unwrap();
    let both = BTreeSet::from([here.clone(), gone.clone()]);
    let answers = private_link(HUB).await.accept(&service.key, &both, &Permit::for_tests()).await;
    assert_eq!(answers[&here], Ok(()));
    assert_eq!(answers[&gone].as_ref().unwrap_err().kind, FailureKind::Gone);
    assert!(service.connections(Scope::Everything).await[&here].state.is_established());
}

#[tokio::test]
async fn reject_cuts_off_an_established_connection() {
    let service = Service::create(HUB, "reject").await;
    let endpoint = BTreeSet::from([service.request().await]);
    let (private_link, permit) = (private_link(HUB).await, Permit::for_tests());
    private_link.accept(&service.key, &endpoint, &permit).await;
    let answers = private_link.reject(&service.key, &endpoint, &permit).await;
    assert!(answers.values().all(Result::is_ok), "{answers:?}");
    let connections = service.connections(Scope::Everything).await;
    assert!(connections.values().all(|connection| connection.state == ConnectionState::Rejected));
}

#[tokio::test]
async fn tags_are_added_to_connections_and_others_stay() {
    let service = Service::create(HUB, "tags").await;
    let endpoint = service.request().await;
    let id = service.connections(Scope::Everything).await[&endpoint].id.clone().unwrap();
    let tag = aws_sdk_ec2::types::Tag::builder().key("team").value("orders").build();
    service.provider.create_tags().resources(id.as_str()).tags(tag).send().await.unwrap();
    let ours = Tags::from([("drawbridge:decision".into(), "accept".into())]);
    let private_link = private_link(HUB).await;
    let missing = "vpce-svc-con-00000000000000bad".parse().unwrap();
    let ids = BTreeSet::from([id.clone(), missing]);
    let answers = private_link.tag_connections(&service.key, &ids, &ours, &Permit::for_tests()).await;
    assert_eq!(answers[&id], Ok(()), "the bad id stands alone in the end");
    assert_eq!(answers.values().filter(|answer| answer.is_err()).count(), 1);
    let tags = service.connections(Scope::Everything).await[&endpoint].tags.clone();
    assert_eq!(tags["team"], "orders");
    assert_eq!(tags["drawbridge:decision"], "accept");
}

#[tokio::test]
async fn services_are_found_by_the_account_and_by_the_endpoint_that_is_connected() {
    let (one, other) = (Service::create(HUB, "one").await, Service::create(HUB, "other").await);
    let endpoint = one.request().await;
    let (private_link, region) = (private_link(HUB).await, one.key.region.clone());
    let found =
        async |consumer| private_link.services_connected_by(&consumer, &one.key.account, &region).await.unwrap();
    assert_eq!(found(Consumer::Endpoint(endpoint)).await, [one.key.service.clone()].into());
    let of_account = found(Consumer::Account(CONSUMER.parse().unwrap())).await;
    assert!(of_account.contains(&one.key.service) && !of_account.contains(&other.key.service));
    assert!(found(Consumer::Account("999999999999".parse().unwrap())).await.is_empty());
    assert!(found(Consumer::Endpoint("vpce-00000000000000bad".parse().unwrap())).await.is_empty());
}

#[tokio::test]
async fn accounts_become_allowed_principals_and_are_none_any_more_whatever_form_aws_shows_them_in() {
    let service = Service::create(HUB, "principals").await;
    let role = "arn:aws:iam::333333333333:role/theirs";
    let request = service.provider.modify_vpc_endpoint_service_permissions().service_id(service.key.service.as_str());
    request.add_allowed_principals(role).send().await.unwrap();
    let (private_link, permit) = (private_link(HUB).await, Permit::for_tests());
    let accounts: BTreeSet<AccountId> = (0..7).map(|number| format!("44444444444{number}").parse().unwrap()).collect();
    let foreign = Principals::from([Principal::Everybody, Principal::Other(role.to_owned())]);
    for form in ["arn", "account-id"] {
        emulator::control("POST", "settings", &json!({ "principal_form": form }));
        // Twice: one who is allowed already stays so.
        for _ in 0..2 {
            let answers = private_link.allow(&service.key, &accounts, &permit).await;
            assert!(answers.values().all(Result::is_ok), "{answers:?}");
        }
        let all: Principals = accounts.iter().cloned().map(Principal::Account).chain(foreign.clone()).collect();
        assert_eq!(private_link.list_principals(&service.key).await.unwrap(), all, "{form}");
        let answers = private_link.disallow(&service.key, &accounts, &permit).await;
        assert!(answers.values().all(Result::is_ok), "{answers:?}");
        assert_eq!(private_link.list_principals(&service.key).await.unwrap(), foreign, "{form}");
    }
}

#[tokio::test]
async fn acceptance_is_switched_on_and_nothing_else_is_changed() {
    let service = Service::create(HUB, "open").await;
    let open = || service.provider.modify_vpc_endpoint_service_configuration().service_id(service.key.service.as_str());
    open().acceptance_required(false).send().await.unwrap();
    let private_link = private_link(HUB).await;
    let before = private_link.describe_service(&service.key).await.unwrap().unwrap();
    private_link.require_acceptance(&service.key, &Permit::for_tests()).await.unwrap();
    let after = private_link.describe_service(&service.key).await.unwrap().unwrap();
    assert!(!before.acceptance_required && after.acceptance_required);
    assert_eq!((before.name, before.tags), (after.name, after.tags));
    let missing = ServiceKey { service: "vpce-svc-00000000000000bad".parse().unwrap(), ..service.key };
    let error = private_link.require_acceptance(&missing, &Permit::for_tests()).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Gone, "{error}");
}

#[tokio::test]
async fn topic_is_told_of_the_connections_of_a_service_from_then_on() {
    let (service, other) = (Service::create(HUB, "notified").await, Service::create(HUB, "silent").await);
    let private_link = private_link(HUB).await;
    let topic: TopicArn = format!("arn:aws:sns:{}:{HUB}:drawbridge-connections", service.key.region).parse().unwrap();
    let ServiceKey { account, region, service: id } = &service.key;
    assert!(!private_link.list_notifying(account, region, &topic).await.unwrap().contains(id));
    private_link.notify(&service.key, &topic, &Permit::for_tests()).await.unwrap();
    let notifying = private_link.list_notifying(account, region, &topic).await.unwrap();
    assert!(notifying.contains(id) && !notifying.contains(&other.key.service), "{notifying:?}");
    let another = TopicArn { name: "another".to_owned(), ..topic.clone() };
    assert_eq!(private_link.list_notifying(account, region, &another).await.unwrap(), BTreeSet::new());
    let missing = ServiceKey { service: "vpce-svc-00000000000000bad".parse().unwrap(), ..service.key };
    let error = private_link.notify(&missing, &topic, &Permit::for_tests()).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Gone, "{error}");
}

#[tokio::test]
async fn throttled_call_may_pass_and_a_denied_one_does_not() {
    let service = Service::create("333333333333", "faults").await;
    let private_link = private_link("333333333333").await;
    for (code, status, kind) in [
        ("RequestLimitExceeded", 503, FailureKind::Retry),
        ("InternalError", 500, FailureKind::Retry),
        ("UnauthorizedOperation", 403, FailureKind::Denied),
    ] {
        let order = json!({ "code": code, "http_status": status, "count": -1 });
        let id = fault("333333333333", "ec2", "DescribeVpcEndpointConnections", &order);
        let error = private_link.list_connections(&service.key, Scope::Requests).await.unwrap_err();
        assert_eq!((error.kind, error.code.as_deref()), (kind, Some(code)), "{error}");
        emulator::control("DELETE", &format!("faults/{id}"), &Value::Null);
    }
}

#[tokio::test]
async fn role_that_cannot_be_assumed_is_a_denied_call() {
    emulator::organization();
    let rules = rules(HUB, "'333333333333'");
    let private_link = aws(HUB).await.private_link("test", &rules.configuration);
    let (account, region) = ("333333333333".parse().unwrap(), "eu-west-1".parse().unwrap());
    let error = private_link.list_services(&account, &region).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Denied, "{error}");
}
