//! The adapters against the local AWS, over HTTP: translation, pages, batches and errors as AWS sends them.
#![cfg(all(feature = "aws", feature = "world"))]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that stops is a test that fails"
)]

mod emulator;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::VpcEndpointType;
use drawbridge::{
    aws::{Aws, Ec2},
    model::{
        AccountId, AccountState, Connection, ConnectionState, Consumer, EndpointId, Membership, Principal, Principals,
        Scope, ServiceKey, Tags,
    },
    policy::Rules,
    port::{Bus, BusEvent, Documents, FailureKind, Organization, PrivateLink, Wanted},
    reconcile::Permit,
};
use serde_json::{Value, json};

const HUB: &str = "222222222222";
const CONSUMER: &str = "444444444444";

/// The rules of a deployment whose hub owns the services.
fn rules(hub: &str, providers: &str) -> Rules {
    let configuration = format!(
        "{{version: 1, deployment: hub, organization: o-a1b2c3d4e5, hub-account: '{hub}', mode: enforce,
           providers: {{accounts: [{providers}], regions: [eu-west-1]}}}}"
    );
    Rules::parse(&configuration, "@id(\"p\") permit (principal, action, resource);").unwrap()
}

async fn aws(account: &str) -> Aws {
    Aws::load(emulator::loader(account)).await
}

async fn private_link(hub: &str) -> Ec2 {
    aws(hub).await.private_link("test", &rules(hub, &format!("'{hub}'")).configuration)
}

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

async fn ec2(account: &str) -> aws_sdk_ec2::Client {
    aws_sdk_ec2::Client::new(&emulator::loader(account).load().await)
}

/// Orders a fault for the calls that an account makes.
fn fault(account: &str, service: &str, operation: &str, more: &Value) -> String {
    let mut fault = json!({ "service": service, "operation": operation, "account": account });
    fault.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let ordered = emulator::control("POST", "faults", &fault);
    ordered["id"].as_str().map_or_else(|| ordered["id"].to_string(), ToOwned::to_owned)
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

#[tokio::test]
async fn membership_is_what_aws_organizations_says() {
    let organization_id = emulator::organization()["organization_id"].as_str().unwrap();
    let organizations = aws(HUB).await.organizations();
    let Membership::Member(member) = organizations.membership(&CONSUMER.parse().unwrap()).await.unwrap() else {
        panic!("not a member")
    };
    assert_eq!(member.state, AccountState::Active);
    assert_eq!(member.path.organization.as_str(), organization_id);
    let suspended = organizations.membership(&"666666666666".parse().unwrap()).await.unwrap();
    let Membership::Member(suspended) = suspended else { panic!("not a member") };
    assert_eq!(suspended.state, AccountState::Suspended);
    let stranger = organizations.membership(&"999999999999".parse().unwrap()).await.unwrap();
    assert_eq!(stranger, Membership::Outside);
    let undelegated = aws(CONSUMER).await.organizations();
    let error = undelegated.membership(&CONSUMER.parse().unwrap()).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Denied, "{error}");
}

#[tokio::test]
async fn members_are_listed_to_the_end_or_until_those_that_are_wanted_are_found() {
    let organizations = aws(HUB).await.organizations();
    emulator::organization();
    emulator::control("POST", "settings", &json!({ "empty_account_pages": true }));
    let all = organizations.list_members(Wanted::All).await.unwrap();
    for account in [HUB, CONSUMER, "666666666666"] {
        assert!(matches!(all.get(&account.parse().unwrap()), Some(Membership::Member(_))), "{account}");
    }
    assert!(!all.contains_key(&"999999999999".parse().unwrap()));
    let wanted = BTreeSet::from([CONSUMER.parse().unwrap()]);
    let found = organizations.list_members(Wanted::These(&wanted, 9)).await.unwrap();
    assert!(found.contains_key(&CONSUMER.parse().unwrap()));
    // The first page is empty here, and no further one is wanted.
    assert!(organizations.list_members(Wanted::These(&wanted, 1)).await.unwrap().is_empty());
    let undelegated = aws(CONSUMER).await.organizations();
    assert_eq!(undelegated.list_members(Wanted::All).await.unwrap_err().kind, FailureKind::Denied);
}

#[tokio::test]
async fn account_tags_are_read_from_aws_organizations() {
    emulator::organization();
    let management = aws_sdk_organizations::Client::new(&emulator::loader("111111111111").load().await);
    let tag = aws_sdk_organizations::types::Tag::builder().key("stage").value("production").build().unwrap();
    management.tag_resource().resource_id("555555555555").tags(tag).send().await.unwrap();
    let organizations = aws(HUB).await.organizations();
    let tags = organizations.tags(&"555555555555".parse().unwrap()).await.unwrap();
    assert_eq!(tags["stage"], "production");
    assert!(organizations.tags(&"999999999999".parse().unwrap()).await.is_err());
}

#[tokio::test]
async fn events_that_are_not_taken_are_counted() {
    let bus = aws(HUB).await.bus("default".into());
    let event = BusEvent { detail_type: "Connection Accepted", resources: Vec::new(), detail: json!({}) };
    let events = vec![event; 10];
    assert_eq!(bus.publish(&events, &Permit::for_tests()).await, Ok(()));
    fault(HUB, "events", "PutEvents", &json!({ "code": "InternalFailure", "http_status": 500, "count": 3 }));
    let (failed, error) = bus.publish(&events, &Permit::for_tests()).await.unwrap_err();
    assert_eq!((failed, error.kind), (10, FailureKind::Retry));
}

#[tokio::test]
async fn documents_that_are_not_there_are_an_error_that_names_them() {
    let mut documents = aws(HUB).await.documents("appconfig:nowhere/production").unwrap();
    let error = documents.poll().await.configuration.unwrap_err();
    assert_eq!(error.kind, FailureKind::Gone, "{error}");
    assert!(error.to_string().contains("nowhere/production/drawbridge.yaml"), "{error}");
    let mut documents = aws(HUB).await.documents("file:/nowhere").unwrap();
    assert!(documents.poll().await.configuration.unwrap_err().to_string().contains("/nowhere/drawbridge.yaml"));
    assert!(aws(HUB).await.documents("s3:bucket").is_err());
}
