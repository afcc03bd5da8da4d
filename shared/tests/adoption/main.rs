//! What a person's order makes ours, on the in-memory world: the function leaves it alone before, keeps it afterwards, and takes
//! it away when nobody wants it any more; an order that breaks off harms nothing, and the next one finishes it.
#![cfg(feature = "world")]
#![expect(clippy::unwrap_used, reason = "a test that stops is a test that fails")]

mod ground;

use drawbridge::{
    controller::adoption::take_over,
    model::{RecordChange, VerificationState},
    plan::dns::adoption::{Adoption, Step},
    port::{FailureKind, HostedZones},
    reconcile::Permit,
    world::{Effect, Fault},
};

use self::ground::{Ground, NAME, PROOF, ZONE};

const WRITES: [&str; 2] = ["route53:ChangeResourceRecordSets", "route53:UpdateHostedZoneComment"];

async fn take(ground: &Ground, adoption: &Adoption) -> Result<(), drawbridge::port::PortError> {
    take_over(&&ground.world, &adoption.steps, &Permit::for_tests()).await
}

#[tokio::test]
async fn zone_that_people_made_is_kept_once_it_is_adopted_and_goes_with_the_name() {
    let ground = Ground::with_a_zone_of_people();
    assert_eq!(ground.sweep().await, [format!("hold {NAME} CONFLICT")]);
    let before = ground.zone(ZONE).unwrap();

    let [adoption] = ground.adoption_of_endpoint().await.try_into().unwrap();
    assert_eq!((adoption.steps.len(), adoption.held.len()), (2, 0));
    take(&ground, &adoption).await.unwrap();
    let after = ground.zone(ZONE).unwrap();
    assert!(before.records().all(|record| after.records().any(|kept| kept == record)), "no record is changed");
    assert_eq!(before.vpcs, after.vpcs);

    ground.minute_later();
    ground.world.take_calls();
    assert_eq!(ground.sweep().await, [""; 0]);
    assert_eq!(ground.writes(), [""; 0]);
    let again = ground.adoption_of_endpoint().await;
    assert_eq!((again[0].steps.len(), again[0].ours.len()), (0, 1));

    ground.untag_endpoint();
    assert_eq!(ground.sweep().await, [format!("withdraw {NAME} NOT_WANTED")]);
    assert!(ground.zone(ZONE).is_none());
}

#[tokio::test]
async fn order_that_breaks_off_at_any_write_harms_nothing_and_the_next_one_finishes_it() {
    for call in WRITES {
        for effect in [Effect::Fails(FailureKind::Retry), Effect::AnswerLost] {
            let ground = Ground::with_a_zone_of_people();
            ground.world.order(Fault { call: call.to_owned(), effect: effect.clone(), times: 1 });
            let adoption = ground.adoption_of_endpoint().await;
            take(&ground, &adoption[0]).await.unwrap_err();
            ground.world.take_calls();
            ground.sweep().await;
            assert_eq!(ground.writes(), [""; 0], "{call} {effect:?}");

            ground.minute_later();
            let rest = ground.adoption_of_endpoint().await;
            assert_eq!(rest[0].held, [], "{call} {effect:?}");
            take(&ground, &rest[0]).await.unwrap();
            ground.minute_later();
            ground.world.take_calls();
            assert_eq!(ground.sweep().await, [""; 0], "{call} {effect:?}");
            assert_eq!(ground.writes(), [""; 0], "{call} {effect:?}");
            ground.untag_endpoint();
            ground.sweep().await;
            assert!(ground.zone(ZONE).is_none(), "{call} {effect:?}");
        }
    }
}

#[tokio::test]
async fn zone_that_somebody_marks_meanwhile_keeps_that_mark() {
    let ground = Ground::with_a_zone_of_people();
    let adoption = ground.adoption_of_endpoint().await;
    let Some(Step::Mark { zone, .. }) = adoption[0].steps.last() else { panic!("{adoption:?}") };
    let other = "heritage=drawbridge,drawbridge/owner=other,drawbridge/resource=zone/222222222222/eu-west-1/pay";
    (&ground.world).replace_comment(&zone.key, other, &Permit::for_tests()).await.unwrap();
    let error = take(&ground, &adoption[0]).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Overtaken, "{error}");
    assert_eq!(ground.zone(ZONE).unwrap().zone.comment, other);
    ground.minute_later();
    let again = ground.adoption_of_endpoint().await;
    assert_eq!((again[0].steps.len(), again[0].held[0].reason.as_ref()), (0, "NOT_OWNED"));
}

#[tokio::test]
async fn record_that_changed_or_was_registered_meanwhile_is_not_registered_over() {
    let ground = Ground::with_a_zone_of_people();
    let adoption = ground.adoption_of_endpoint().await;
    let Some(Step::Register { zone, changes, .. }) = adoption[0].steps.first() else { panic!("{adoption:?}") };
    let RecordChange::Create(first) = &changes[0] else { panic!("{changes:?}") };
    ground.put(&zone.key, first.clone());
    let error = take(&ground, &adoption[0]).await.unwrap_err();
    assert_eq!(error.code.as_deref(), Some("InvalidChangeBatch"), "{error}");
    assert_eq!(ground.zone(ZONE).unwrap().zone.comment, "made by Anna");
}

#[tokio::test]
async fn proof_that_people_made_is_kept_once_it_is_adopted_and_goes_with_the_service() {
    for state in [VerificationState::Verified, VerificationState::PendingVerification] {
        let ground = Ground::with_a_proof_of_people(state.clone());
        let adoption = ground.adoption_of_service().await;
        assert_eq!((adoption.steps.len(), adoption.held.len()), (1, 0));
        take(&ground, &adoption).await.unwrap();
        ground.world.take_calls();
        ground.sweep().await;
        assert!(!ground.writes().contains(&"route53:ChangeResourceRecordSets"), "{state:?}");
        assert_eq!(ground.adoption_of_service().await.steps, []);
        ground.delete_service();
        ground.sweep().await;
        let zone = ground.zone("Z0PUBLIC").unwrap();
        assert!(!zone.records().any(|record| record.name.as_str().ends_with(PROOF)), "{state:?}");
        assert_eq!(zone.shown().records, 3, "its own, and that of others");
    }
}
