//! What is there when, and what is refused.

use super::*;
use crate::model::OperationFailure;

fn here() -> (AccountId, Region) {
    ("444444444444".parse().unwrap(), "eu-west-1".parse().unwrap())
}

#[tokio::test]
async fn instance_is_there_when_its_operation_has_ended() {
    let world = &World::at("2026-11-02T10:00:00Z".parse().unwrap());
    let (account, region) = here();
    let (place, permit, none) = ((&account, &region), Permit::for_tests(), Tags::new());
    let ports = &world;
    ports.create_namespace(place, "shop", None, "", &none, &permit).await.unwrap();
    assert!(ports.namespaces_named(&account, &region, "shop").await.unwrap().is_empty());
    assert_eq!(ports.operations(&account, &region, None, Timestamp::MIN).await.unwrap().len(), 1);
    world.advance(OPERATION);
    let found = ports.namespaces_named(&account, &region, "shop").await.unwrap();
    let service = NewService { name: "pay".to_owned(), description: String::new(), records: None };
    ports.create_cloud_map_service(place, &found[0].arn, &service, &none, &permit).await.unwrap();
    let arn = &ports.services_in(&account, &region, &found[0].arn).await.unwrap()[0].arn;
    let attributes = Attributes::from([(IPV4.to_owned(), "10.0.0.1".to_owned())]);
    ports.register_instance(place, arn, "i-1", &attributes, &permit).await.unwrap();
    ports.register_instance(place, arn, "i-1", &attributes, &permit).await.unwrap();
    assert!(ports.instances(&account, &region, arn).await.unwrap().is_empty());
    assert_eq!(world.state().operations.len(), 1, "one is under way already");
    world.advance(OPERATION);
    assert_eq!(ports.instances(&account, &region, arn).await.unwrap().len(), 1);
    assert!(ports.delete_cloud_map_service(&account, &region, arn, &permit).await.is_err(), "it has an instance");
    let named = Attributes::from([(CNAME.to_owned(), "a.example.com".to_owned())]);
    assert!(ports.register_instance(place, arn, "i-2", &named, &permit).await.is_err());
}

#[tokio::test]
async fn operation_that_fails_is_told_and_has_changed_nothing() {
    let world = &World::at("2026-11-02T10:00:00Z".parse().unwrap());
    let (account, region) = here();
    let failure = OperationFailure { code: "ACCESS_DENIED".to_owned(), message: "no".to_owned() };
    let (place, permit) = ((&account, &region), Permit::for_tests());
    world.change().failing_operations.insert("i-1".to_owned(), failure.clone());
    let arn = "arn:aws:servicediscovery:eu-west-1:444444444444:service/srv-1";
    let service = CloudMapService {
        arn: arn.to_owned(),
        name: "pay".to_owned(),
        owner: account.clone(),
        description: None,
        records: BTreeSet::new(),
        is_checked: false,
    };
    let namespace = Namespace {
        arn: "ns".to_owned(),
        name: "shop".to_owned(),
        kind: NamespaceKind::Http,
        owner: account.clone(),
        description: None,
    };
    let shared = SharedNamespace { namespace, region: region.clone(), shared: BTreeSet::new() };
    world.change().namespaces.insert("ns".to_owned(), shared);
    let (instances, health) = (BTreeMap::new(), BTreeMap::new());
    let discovery = Discovery { service, namespace: "ns".to_owned(), instances, health };
    world.change().cloud_map_services.insert(arn.to_owned(), discovery);
    (&world).register_instance(place, arn, "i-1", &Attributes::new(), &permit).await.unwrap();
    world.advance(OPERATION);
    let told = (&world).operations(&account, &region, Some(arn), Timestamp::MIN).await.unwrap();
    assert_eq!(told[0].failure, Some(failure));
    assert!(world.state().cloud_map_services[arn].instances.is_empty());
}
