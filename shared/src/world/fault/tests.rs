use std::time::Duration;

use super::*;
use crate::{
    model::{AccountId, DomainName, RecordChange, RecordData, RecordSet, RecordType, VpcReference, ZoneKey},
    port::{HostedZones, Queue, Stretch},
    reconcile::Permit,
    world::{HostedZone, Network},
};

const ACCOUNT: &str = "222222222222";

fn account() -> AccountId {
    ACCOUNT.parse().unwrap()
}

fn key() -> ZoneKey {
    ZoneKey { account: account(), zone: "Z1".parse().unwrap() }
}

fn vpc() -> VpcReference {
    VpcReference { region: "eu-west-1".parse().unwrap(), vpc: "vpc-00000001".parse().unwrap() }
}

fn record(number: usize) -> RecordSet {
    let data = RecordData::Values { ttl: 300, values: ["\"text\"".to_owned()].into() };
    let name = DomainName::of_route53(&format!("n{number}.example.com"));
    RecordSet { name, kind: RecordType::Txt, data, routing: None }
}

/// A world with a VPC, and a zone in it that holds this many records beside its own two.
fn world(records: usize) -> World {
    let world = World::at("2026-11-02T10:00:00Z".parse().unwrap());
    world.remember(Duration::from_hours(1));
    let mut zone = HostedZone::private(key(), DomainName::of_route53("example.com"), vpc());
    (0..records).for_each(|number| zone.put(record(number)));
    world.change().vpcs.insert(vpc(), Network::new(account(), vpc()));
    world.change().zones.insert(key(), zone);
    world
}

fn order(world: &World, call: &str, effect: Effect) {
    world.order(Fault { call: call.to_owned(), effect, times: 1 });
}

async fn count(world: &World) -> usize {
    world.list_records(&key(), Stretch::Everything).await.unwrap().len()
}

#[tokio::test]
async fn each_page_of_a_listing_is_a_call_that_may_fail() {
    let world = world(601);
    assert_eq!(count(&world).await, 603);
    assert_eq!(world.take_calls(), ["route53:ListResourceRecordSets"; 3]);
    world.order(Fault { call: "route53:GetHostedZone".to_owned(), effect: Effect::AnswerLost, times: 1 });
    assert_eq!((&world).associated_vpcs(&key()).await.unwrap_err().kind, FailureKind::Retry);
    order(&world, "route53:ListResourceRecordSets", Effect::Fails(FailureKind::Denied));
    let error = (&world).list_records(&key(), Stretch::Everything).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Denied);
}

#[tokio::test]
async fn fault_meets_the_call_after_so_many_others_whatever_it_is() {
    let world = world(601);
    world.order_after(4, Effect::FailsWith(FailureKind::Refused, "InvalidChangeBatch"));
    assert_eq!(count(&world).await, 603);
    assert!((&world).associated_vpcs(&key()).await.is_ok());
    let change = [RecordChange::Create(record(602))];
    let error = (&world).change_records(&key(), &change, &Permit::for_tests()).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_deref()), (FailureKind::Refused, Some("InvalidChangeBatch")));
    assert!((&world).change_records(&key(), &change, &Permit::for_tests()).await.is_ok(), "it comes once");
}

#[tokio::test]
async fn write_that_fails_has_changed_nothing_and_one_whose_answer_is_lost_has() {
    let call = "route53:ChangeResourceRecordSets";
    for (effect, kind, records) in [
        (Effect::Fails(FailureKind::Retry), FailureKind::Retry, 2),
        (Effect::Unsuccessful(key().to_string()), FailureKind::Refused, 2),
        (Effect::Omits(key().to_string()), FailureKind::Refused, 2),
        (Effect::AnswerLost, FailureKind::Retry, 3),
    ] {
        let world = world(0);
        order(&world, call, effect);
        let changes = [RecordChange::Create(record(1))];
        let error = (&world).change_records(&key(), &changes, &Permit::for_tests()).await.unwrap_err();
        assert_eq!((error.kind, error.call), (kind, call));
        assert_eq!(count(&world).await, records, "{error}");
    }
}

#[tokio::test]
async fn refusal_has_the_code_of_aws_and_has_changed_nothing() {
    let world = world(1);
    let changes = [RecordChange::Create(record(2)), RecordChange::Create(record(0))];
    let error = (&world).change_records(&key(), &changes, &Permit::for_tests()).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_deref()), (FailureKind::Refused, Some("InvalidChangeBatch")));
    assert!(error.message.contains("already exists"), "{error}");
    assert_eq!(count(&world).await, 3);
}

#[tokio::test]
async fn stale_listing_shows_what_was_there_before() {
    let world = world(0);
    world.advance(Duration::from_mins(1));
    let changes = [RecordChange::Create(record(1))];
    (&world).change_records(&key(), &changes, &Permit::for_tests()).await.unwrap();
    order(&world, "route53:ListResourceRecordSets", Effect::Stale(Duration::from_secs(1)));
    world.advance(Duration::from_millis(500));
    assert_eq!(count(&world).await, 2);
    assert_eq!(count(&world).await, 3);
}

#[tokio::test]
async fn message_arrives_when_it_was_asked_to() {
    let world = world(0);
    (&world).send(&serde_json::json!({}), Duration::from_mins(2), &Permit::for_tests()).await.unwrap();
    assert_eq!(world.state().delayed[0].0.to_string(), "2026-11-02T10:02:00Z");
    let error = (&world).send(&serde_json::json!({}), Duration::from_mins(16), &Permit::for_tests()).await;
    assert_eq!(error.unwrap_err().kind, FailureKind::Refused);
}
