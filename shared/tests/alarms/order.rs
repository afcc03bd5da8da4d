//! In which order messages come makes no difference to what stands in the end.

use drawbridge::{policy::Rules, world::World};
use serde_json::{Value, json};
use tokio::task::unconstrained;

use crate::{
    case::happen,
    ground::{
        BALANCER, CONSUMER, ENDPOINT, GROUP, HUB, HUBS_ENDPOINT, balancer, controller, enabled, endpoint, ground,
        picture, rules, run, service, settle, subjects,
    },
};

/// What has happened, each told by messages that come in any order.
fn happenings() -> Vec<Value> {
    let second = GROUP.replace("/a/", "/b/");
    let tagged = endpoint(
        CONSUMER,
        ENDPOINT,
        &json!({ "drawbridge:alarm:packets-dropped": "3", "drawbridge:alarm:idle": "off" }),
    );
    vec![
        json!({ "load_balancers": [balancer(&[GROUP, &second])] }),
        json!({ "endpoints": [tagged] }),
        json!({ "endpoints_gone": [HUBS_ENDPOINT], "services": [service(&[(ENDPOINT, CONSUMER)], &enabled())] }),
        json!({ "endpoints_gone": [ENDPOINT], "services": [service(&[(HUBS_ENDPOINT, HUB)], &enabled())] }),
        json!({ "services": [service(&[(ENDPOINT, CONSUMER)], &json!({}))] }),
    ]
}

async fn end(world: &World, rules: &Rules, order: &[usize]) -> Vec<String> {
    let controller = controller(world);
    for index in order {
        let (_, subject) = &subjects()[*index];
        run(&controller, world, rules, subject.clone()).await;
    }
    settle(&controller, world, rules).await;
    picture(world).into_iter().collect()
}

/// All orders of so many.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let Some(last) = count.checked_sub(1) else { return vec![Vec::new()] };
    let shorter = orders(last);
    let with = |order: &Vec<usize>| {
        let order = order.clone();
        (0..count).map(move |at| {
            let mut longer = order.clone();
            longer.insert(at, last);
            longer
        })
    };
    shorter.iter().flat_map(with).collect()
}

#[tokio::test]
async fn messages_in_any_order_come_to_the_same_end() {
    assert!(BALANCER.contains("/net/"));
    let rules = rules();
    for happening in happenings() {
        let world = || async {
            let world = ground();
            settle(&controller(&world), &world, &rules).await;
            happen(&world, &happening);
            world
        };
        let expected = unconstrained(async { end(&world().await, &rules, &[4]).await }).await;
        let all = orders(4);
        assert_eq!(all.len(), 24);
        for order in all {
            let found = unconstrained(async { end(&world().await, &rules, &order).await }).await;
            assert_eq!(found, expected, "{order:?} of {happening}");
        }
    }
}
