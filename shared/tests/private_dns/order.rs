//! In which order AWS lists things makes no difference to what is decided and done.

use drawbridge::{controller::dns::Dns, event::Subject, reconcile::reconcile, world::World};
use serde_json::{Value, json};
use tokio::task::unconstrained;

use crate::{
    case::happen,
    ground::{HUB, ROUND, SERVICE, endpoint, ground, rules, vpc},
    picture::picture,
    random::Random,
    shuffled::Shuffled,
    story::story,
};

const ORDERS: u64 = 20;

/// Several of everything: endpoints that want the same name, zones of the same name, names that a zone would hide.
fn crowded() -> Vec<Value> {
    let mut rival = endpoint("pay.corp.example *.two.corp.example", "ipv4");
    rival["id"] = "vpce-0e000000000000001".into();
    let zone = |id: &str, name: &str| json!({"account": HUB, "id": id, "name": name, "records": []});
    let hides = json!({"account": HUB, "id": "Z08PUBLIC", "name": "corp.example", "records": [
        {"name": "b.three.corp.example", "type": "A", "values": ["192.0.2.1"]},
        {"name": "a.three.corp.example", "type": "A", "values": ["192.0.2.1"]},
    ]});
    let offer = json!({"region": "eu-west-1", "name": format!("com.amazonaws.vpce.eu-west-1.{SERVICE}"),
                       "private_names": ["b.api.example", "a.api.example", "*.a.api.example"]});
    let vpcs: Vec<Value> = (10..30).map(|number| vpc(&format!("vpc-0a0000000000000{number}"), HUB, true)).collect();
    vec![
        json!({"endpoints": [rival], "vpcs": vpcs}),
        json!({"zones": [zone("Z06PUBLIC", "example.com"), zone("Z07PUBLIC", "payments.example.com"), zone("Z05PUBLIC", "payments.example.com")]}),
        json!({"zones": [hides], "endpoints": [endpoint("pay.corp.example three.corp.example", "ipv4")]}),
        json!({"offers": [offer], "endpoints": [endpoint("service pay.corp.example", "dualstack")]}),
        json!({"endpoints_gone": ["vpce-0e000000000000001"]}),
        json!({}),
    ]
}

/// What was decided and done after each of these, and what there was then.
async fn play(happenings: &[Value], order: Option<u64>) -> (Vec<String>, usize) {
    let world = ground();
    let shuffled = Shuffled { world: &world, random: Random::new(order.unwrap_or_default()), changed: 0.into() };
    let mut told = Vec::new();
    for happening in happenings {
        happen(&world, happening);
        told.push(match order {
            None => run(&Dns::new(&world, &world, &world, &world, &world), &world).await,
            Some(_) => run(&Dns::new(&world, &shuffled, &shuffled, &world, &world), &world).await,
        });
    }
    (told, shuffled.changed.take())
}

async fn run(controller: &impl drawbridge::reconcile::Controller, world: &World) -> String {
    let run = reconcile(controller, &[Subject::Everything].into(), &rules(), &world, jiff::Timestamp::MAX).await;
    world.advance(ROUND);
    format!("{:#?}\n{:?}\n{:#?}", run.keys, run.again, picture(world))
}

#[tokio::test]
async fn order_of_what_is_listed_makes_no_difference() {
    let ordinary: Vec<Value> = story().into_iter().map(|(_, happening)| happening).collect();
    for happenings in [ordinary, crowded()] {
        let (listed, _) = unconstrained(play(&happenings, None)).await;
        for order in 0..ORDERS {
            let (otherwise, changed) = unconstrained(play(&happenings, Some(order))).await;
            assert!(changed > 10, "only {changed} listings came otherwise");
            for (run, (one, other)) in listed.iter().zip(&otherwise).enumerate() {
                let differing = one.lines().zip(other.lines()).find(|(one, other)| one != other);
                assert_eq!(one, other, "order {order}, run {run}: {differing:?}");
            }
        }
    }
}
