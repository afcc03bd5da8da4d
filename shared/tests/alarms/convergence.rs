//! A few sweeps put everything in order, and then nothing is written.

use serde_json::json;
use tokio::task::unconstrained;

use crate::ground::{CONSUMER, HUB};
use crate::ground::{HUBS_ENDPOINT, controller, ground, picture, rules_of, rules_with, settle, sweep, writes};

#[tokio::test]
async fn two_more_sweeps_than_one_put_everything_in_order_whatever_is_configured() {
    for endpoints in ["each", "fleet"] {
        for place in ["member", "hub"] {
            for composites in [true, false] {
                for accounts in [&[HUB, CONSUMER][..], &[CONSUMER]] {
                    let rules = rules_of(
                        accounts,
                        &json!({ "endpoints": endpoints, "select": "every", "services": "each", "in": place, "composites": composites }),
                    );
                    let world = ground();
                    let sweeps = unconstrained(settle(&controller(&world), &world, &rules)).await;
                    // First the alarms, then those that cover endpoints', then endpoints' that others tell of.
                    let most = if composites && endpoints == "each" { 3 } else { 1 };
                    assert!(sweeps <= most, "{endpoints} {place} {composites}: {sweeps} sweeps");
                    // A new environment finds nothing to do.
                    world.take_calls();
                    sweep(&controller(&world), &world, &rules).await;
                    assert!(!world.take_calls().into_iter().any(writes));
                }
            }
        }
    }
}

#[tokio::test]
async fn endpoint_alarm_is_silent_only_as_long_as_another_tells() {
    let world = ground();
    let rules = rules_with(&json!({ "endpoints": "each", "select": "every", "services": "each" }));
    let controller = controller(&world);
    let is_silent = || {
        let state = world.state();
        let name = format!("drawbridge/hub/{HUB}/endpoint/{HUBS_ENDPOINT}/packets-dropped");
        let alarm = state.alarms.values().find(|alarm| alarm.standing.alarm.name == name).unwrap();
        alarm.standing.alarm.alarm_actions.is_empty()
    };
    let switch = |acts: bool| {
        let mut state = world.change();
        let over = state.alarms.values_mut().find(|alarm| alarm.standing.alarm.name.ends_with("/degraded")).unwrap();
        over.standing.acts = acts;
    };
    settle(&controller, &world, &rules).await;
    assert!(is_silent(), "{:#?}", picture(&world));
    switch(false);
    settle(&controller, &world, &rules).await;
    assert!(!is_silent(), "the alarm over it was switched off: nobody would be told");
    switch(true);
    settle(&controller, &world, &rules).await;
    assert!(is_silent());
    let alone = rules_with(&json!({ "endpoints": "each", "select": "every", "services": "remove" }));
    settle(&controller, &world, &alone).await;
    assert!(!is_silent(), "there is none over it any more");
}
