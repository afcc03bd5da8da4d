//! What AWS has no room for is told, and the rest is done.

use drawbridge::{model::AlarmRule, reconcile::Fate};

use crate::{
    foreign::place,
    ground::{CONSUMER, controller, ground, rules, sweep},
};

#[tokio::test]
async fn account_that_is_full_keeps_no_other_from_its_alarms() {
    let world = ground();
    for number in 0..4_999 {
        place(&world, CONSUMER, &format!("people-{number}"), AlarmRule::Other, None);
    }
    let run = sweep(&controller(&world), &world, &rules()).await;
    let failed = run.keys.iter().flat_map(|key| &key.entries).filter(|(_, fate)| matches!(fate, Fate::Failed(_)));
    assert_eq!(failed.count(), 2, "three alarms are wanted there, and one fits: {run:#?}");
    assert!(run.unfinished.is_empty(), "that passes by no waiting");
    assert!(world.state().alarms.keys().any(|(_, _, name)| name.ends_with("/down")));
}
