//! Two environments of the function, each with a memory of its own, don't write over each other.

use std::time::Duration;

use drawbridge::{
    event::{EndpointReference, Subject},
    reconcile::reconcile,
};
use serde_json::json;

use crate::{
    case::happen,
    ground::{CONSUMER, ENDPOINT, account, controller, ground, picture, rules, sweep, writes},
};

fn endpoint() -> Subject {
    let (account, region) = (CONSUMER.parse().unwrap(), "eu-west-1".parse().unwrap());
    Subject::Endpoint(EndpointReference { account, region, endpoint: ENDPOINT.parse().unwrap() })
}

#[tokio::test]
async fn environment_that_remembers_an_account_does_not_write_what_it_remembers() {
    let (world, rules) = (ground(), rules());
    let environments = [controller(&world), controller(&world)];
    for environment in &environments {
        sweep(environment, &world, &rules).await;
    }
    world.advance(Duration::from_mins(1));
    happen(
        &world,
        &json!({ "accounts": [account(CONSUMER, "pay", "ou-ab12-22222222", "8")], "units": { "ou-ab12-22222222": "Play" } }),
    );
    let run = async |environment: usize, subject: Subject| {
        let controller = &environments[environment];
        reconcile(controller, &[subject].into(), &rules, &&world, jiff::Timestamp::MAX).await;
    };
    // The first is told of the account, the second of what the first has written.
    run(0, Subject::Owner(CONSUMER.parse().unwrap())).await;
    let moved = picture(&world);
    assert!(moved.iter().any(|line| line.contains(ENDPOINT) && line.contains("Play")), "{moved:#?}");
    world.take_calls();
    for _ in 0..3 {
        world.advance(Duration::from_secs(20));
        run(1, endpoint()).await;
        run(0, endpoint()).await;
    }
    assert_eq!(picture(&world), moved);
    let calls = world.take_calls();
    assert!(!calls.iter().any(|call| writes(call)), "{calls:?}");
}
