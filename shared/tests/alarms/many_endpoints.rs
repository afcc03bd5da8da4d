//! Ten thousand endpoints in twenty accounts, in each form: alarms, calls and what AWS asks for them a month. The figures are written
//! to `docs/alarms.md`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use drawbridge::{
    controller::alarms::Alarms,
    model::{Alarm, AlarmRule, Endpoint, QuerySource},
    plan::alarms::{Key, Observed, What, Write, plan},
    policy::Rules,
    port::{self, Clock},
    reconcile::Permit,
    world::World,
};
use serde_json::{Value, json};
use tokio::task::unconstrained;

use crate::{
    case::fill,
    document::check_section,
    ground::{HUB, account, controller, rules_of, sweep, writes},
};

const ACCOUNTS: usize = 20;
const ENDPOINTS: usize = 500;
const SERVICES: usize = 10;

/// Prices of a month in cents, us-east-1, as AWS's page on the prices of CloudWatch had them in 2026: a metric of an alarm, or one that
/// its query goes through; an alarm over others; a dashboard beyond the first three.
const PRICE_OF_METRIC: usize = 10;
const PRICE_OF_COMPOSITE: usize = 50;
const PRICE_OF_DASHBOARD: usize = 300;
const DASHBOARDS_WITHOUT_PRICE: usize = 3;

fn consumer(number: usize) -> String {
    format!("{}", 444_444_444_000 + number)
}

fn service(number: usize) -> String {
    format!("vpce-svc-{number:017x}")
}

/// Ten services, each with a load balancer, a target group and two zones, and a twentieth of each account's endpoints.
fn ground() -> World {
    let world = World::at("2026-11-02T10:00:00Z".parse().unwrap());
    let arn = |kind: &str, number: usize| format!("arn:aws:elasticloadbalancing:eu-west-1:{HUB}:{kind}/n{number}/a");
    let id = |owner: usize, number: usize| format!("vpce-{:017x}", owner * 1_000_000 + number);
    let mut endpoints: Vec<Value> = Vec::new();
    let mut connections: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
    for (owner, number) in (0..ACCOUNTS).flat_map(|owner| (0..ENDPOINTS).map(move |number| (owner, number))) {
        let of = number % SERVICES;
        endpoints.push(json!({
            "account": consumer(owner), "region": "eu-west-1", "id": id(owner, number), "state": "available",
            "service_name": format!("com.amazonaws.vpce.eu-west-1.{}", service(of)),
            "vpc": "vpc-0a1b2c3d4e5f60718", "created": "2026-10-01T10:00:00Z", "tags": {}
        }));
        let connection =
            json!({ "endpoint": id(owner, number), "owner": consumer(owner), "state": "available", "tags": {} });
        connections.entry(of).or_default().push(connection);
    }
    let services: Vec<Value> = (0..SERVICES)
        .map(|number| {
            json!({
                "account": HUB, "region": "eu-west-1", "id": service(number), "tags": { "drawbridge:enabled": "true" },
                "load_balancers": [arn("loadbalancer/net", number)], "availability_zones": ["eu-west-1a", "eu-west-1b"],
                "connections": connections[&number]
            })
        })
        .collect();
    let balancers: Vec<Value> = (0..SERVICES)
        .map(|number| {
            json!({ "account": HUB, "region": "eu-west-1", "arn": arn("loadbalancer/net", number), "listeners": [],
                    "target_groups": [arn("targetgroup", number)] })
        })
        .collect();
    let accounts: Vec<Value> = (0..ACCOUNTS).map(|number| account(&consumer(number), "pay")).collect();
    fill(
        &world,
        &json!({ "accounts": accounts, "services": services, "load_balancers": balancers, "endpoints": endpoints }),
    );
    world.change().more_alarms = ACCOUNTS * ENDPOINTS * 3;
    world
}

fn rules(endpoints: &str, place: &str) -> Rules {
    let consumers: Vec<String> = (0..ACCOUNTS).map(consumer).collect();
    let consumers: Vec<&str> = consumers.iter().map(String::as_str).collect();
    // Each hundred warnings of endpoints at the same place is one alarm over others more: told apart, in the document.
    let composites = !(endpoints == "each" && place == "hub");
    let alarms =
        json!({ "endpoints": endpoints, "select": "every", "services": "each", "in": place, "composites": composites });
    rules_of(&consumers, &alarms)
}

/// Makes the alarms of each endpoint as a walk of that endpoint does.
async fn make_each(world: &World, rules: &Rules) {
    let endpoints: Vec<Endpoint> = world.state().endpoints.values().cloned().collect();
    let permit = Permit::for_tests();
    for endpoint in endpoints {
        let (account, region) = (endpoint.key.account.clone(), endpoint.key.region.clone());
        let key = Key { account, region, what: What::Endpoint(endpoint.key.endpoint.clone()) };
        let observed = Observed { endpoints: vec![endpoint], ..Observed::default() };
        for (step, _) in plan(&key, &observed, rules, Clock::now(&world)).steps {
            let Write::PutAlarm { alarm, acts, tags } = step.write else { panic!("{step:?}") };
            port::Alarms::put_alarm(&world, &step.home, &key.region, &alarm, acts, &tags, &permit).await.unwrap();
        }
    }
}

/// Sweeps until nothing is left, and a walk that had too much to write goes on.
async fn make_all(world: &World, rules: &Rules) {
    let controller: Alarms<_, _, _, _, _> = controller(world);
    loop {
        let run = sweep(&controller, world, rules).await;
        assert!(run.unfinished.is_empty() && run.failures.is_empty(), "{:?}", run.failures);
        if run.again.is_empty() {
            break;
        }
    }
}

fn is_of_endpoints(name: &str) -> bool {
    name.split('/').nth(3).is_some_and(|kind| ["endpoint", "endpoints"].contains(&kind))
}

fn cents(alarm: &Alarm, endpoints: usize) -> usize {
    let AlarmRule::Metric(rule) = &alarm.rule else { return PRICE_OF_COMPOSITE };
    let metrics = rule.queries.iter().map(|query| match &query.source {
        QuerySource::Statistic { .. } => 1,
        QuerySource::Expression { text, .. } if text.starts_with("SELECT") => endpoints,
        QuerySource::Expression { .. } => 0,
    });
    metrics.sum::<usize>() * PRICE_OF_METRIC
}

fn dollars(cents: usize) -> String {
    let whole = (cents / 100).to_string();
    let groups: Vec<&str> = whole.as_bytes().rchunks(3).rev().map(|part| std::str::from_utf8(part).unwrap()).collect();
    format!("${}.{:02}", groups.join(","), cents % 100)
}

/// One form: its row of the document.
async fn row(endpoints: &str, place: &str) -> String {
    let (world, rules) = (ground(), rules(endpoints, place));
    if endpoints == "each" {
        make_each(&world, &rules).await;
    }
    make_all(&world, &rules).await;
    let made = world.take_calls().into_iter().filter(|call| writes(call)).count();
    let calls = {
        sweep(&controller(&world), &world, &rules).await;
        world.take_calls()
    };
    assert!(!calls.iter().any(|call| writes(call)), "{endpoints} {place}: nothing is written when nothing differs");
    let describing = calls.iter().filter(|call| **call == "cloudwatch:DescribeAlarms").count();
    let state = world.state();
    let seen = if place == "hub" { ACCOUNTS * ENDPOINTS } else { ENDPOINTS };
    let alarms = state.alarms.values().map(|alarm| &alarm.standing.alarm);
    let (over, of_metrics): (Vec<&Alarm>, Vec<&Alarm>) =
        alarms.partition(|alarm| matches!(alarm.rule, AlarmRule::Composite { .. }));
    let of_endpoints = of_metrics.iter().filter(|alarm| is_of_endpoints(&alarm.name)).count();
    let mut homes: BTreeMap<&str, usize> = BTreeMap::new();
    for (home, ..) in state.alarms.keys() {
        *homes.entry(home.as_str()).or_default() += 1;
    }
    let paid = state.dashboards.len().saturating_sub(DASHBOARDS_WITHOUT_PRICE) * PRICE_OF_DASHBOARD;
    let cost: usize = paid + over.iter().chain(&of_metrics).map(|alarm| cents(alarm, seen)).sum::<usize>();
    let names: BTreeSet<usize> = state.alarms.keys().map(|(_, _, name)| name.len()).collect();
    assert!(names.last().is_some_and(|longest| *longest <= 255));
    assert!(state.dashboards.values().all(|body| body.len() < 1_000_000));
    format!(
        "| `{endpoints}` | `{place}` | {of_endpoints} | {} | {} | {} | {} | {made} | {} ({describing}) | {} |\n",
        of_metrics.len() - of_endpoints,
        over.len(),
        state.dashboards.len(),
        homes.values().max().unwrap(),
        calls.len(),
        dollars(cost)
    )
}

#[tokio::test]
async fn ten_thousand_endpoints_have_the_stated_alarms_calls_and_cost() {
    let mut section = "\
| endpoints | in | alarms of endpoints | of services | over others | dashboards | most alarms of an account | writes to make them | calls of a sweep \
(`DescribeAlarms`) | a month |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"
    .to_owned();
    for (endpoints, place) in [("each", "member"), ("each", "hub"), ("fleet", "member"), ("fleet", "hub")] {
        write!(section, "{}", unconstrained(row(endpoints, place)).await).unwrap();
    }
    check_section("Cost", &section);
}
