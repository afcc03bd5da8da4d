//! How many calls a run takes that has nothing to do. The figures are written to `docs/dns.md`.

use std::{collections::BTreeMap, fmt::Write};

use drawbridge::{
    event::{EndpointReference, ServiceReference, Subject},
    policy::Rules,
    reconcile::reconcile,
    world::World,
};
use serde_json::{Value, json};
use tokio::task::unconstrained;

use crate::{
    case::fill,
    ground::{HUB, NAMED, SERVICE, controller, endpoint, ground, nowhere, rules, rules_for, sweep, vpc, writes},
};

const INTRODUCTION: &str = "\
A function that remembers nothing asks AWS this much when there is nothing to do, and writes nothing; the table is written by the
test that counts (`UPDATE_GOLDEN=1 make core`). A listing is one call for each page. In how many VPCs a name answers makes no
difference but for the pages of its zone's records, since each VPC has a record and a page has 300.

| looked at | calls |
| --- | --- |
";

/// Records of one page. Source: Route 53 API reference, `ListResourceRecordSets`, `MaxItems`.
const PAGE: usize = 300;

/// Calls, each with how many times it was made.
type Count = BTreeMap<&'static str, usize>;

async fn count(world: &World, rules: &Rules, subject: Subject) -> Count {
    world.take_calls();
    let run = reconcile(&controller(world), &[subject].into(), rules, &world, jiff::Timestamp::MAX).await;
    assert!(run.failures.is_empty() && run.unfinished.is_empty(), "{run:?}");
    let calls = world.take_calls();
    assert!(!calls.iter().any(|call| writes(call)), "{calls:?}");
    let mut count = Count::new();
    for call in calls {
        *count.entry(call).or_default() += 1;
    }
    count
}

/// A world in which nothing is left to do.
async fn settled(world: World, rules: &Rules) -> World {
    for _ in 0..5 {
        sweep(&controller(&world), &world, rules).await;
    }
    world
}

fn told(count: &Count) -> String {
    let of =
        |(call, times): (&&str, &usize)| if *times == 1 { format!("`{call}`") } else { format!("{times} × `{call}`") };
    count.iter().map(of).collect::<Vec<_>>().join(", ")
}

fn review() -> Subject {
    let (account, region, service) =
        (Some(HUB.parse().unwrap()), "eu-west-1".parse().unwrap(), SERVICE.parse().unwrap());
    Subject::ServiceReview(ServiceReference { account, region, service })
}

fn of_endpoint(account: &str, endpoint: &str) -> Subject {
    let (account, region) = (account.parse().unwrap(), "eu-west-1".parse().unwrap());
    Subject::Endpoint(EndpointReference { account, region, endpoint: endpoint.parse().unwrap() })
}

/// A name that answers in this many VPCs, spread over this many accounts beside its own.
async fn name_in(vpcs: usize, accounts: usize) -> (World, Rules) {
    let account = |number: usize| format!("4{number:011}");
    let consumers: Vec<String> = (0..accounts).map(account).chain([HUB.to_owned()]).collect();
    let rules =
        rules_for(&consumers, &json!({"accounts": [HUB], "names": {"vpcs": {"tag": {"key": "dns", "value": "yes"}}}}));
    let others = (0..vpcs.saturating_sub(1)).map(|number| {
        let owner = if accounts == 0 { HUB.to_owned() } else { account(number % accounts) };
        vpc(&format!("vpc-0b{number:015}"), &owner, true)
    });
    let vpcs: Vec<Value> = others.chain([vpc("vpc-0a000000000000001", HUB, false)]).collect();
    let world = nowhere();
    fill(&world, &json!({"vpcs": vpcs, "endpoints": [endpoint("pay.corp.example", "ipv4")]}));
    (settled(world, &rules).await, rules)
}

/// What is looked at, and what that takes.
async fn rows() -> Vec<(String, Count)> {
    let rules = rules();
    let world = settled(ground(), &rules).await;
    assert!(world.state().endpoints.values().any(|endpoint| endpoint.private_dns));
    let mut rows = vec![
        ("a service whose name is verified".to_owned(), count(&world, &rules, review()).await),
        (
            "an endpoint in an account without zones of ours, its private name switched on".to_owned(),
            count(&world, &rules, of_endpoint("444444444444", "vpce-0b1b2b3b4b5b6b7b8")).await,
        ),
    ];
    for accounts in [0, 1, 4] {
        let mut counts = Vec::new();
        for vpcs in [1 + accounts, 10, 300] {
            let (world, rules) = name_in(vpcs, accounts).await;
            let zones: Vec<usize> = world.state().zones.values().map(|zone| zone.vpcs.len()).collect();
            assert_eq!(zones, [vpcs], "answers everywhere");
            let mut count = count(&world, &rules, of_endpoint(HUB, NAMED)).await;
            let records = world.state().zones.values().map(|zone| zone.records().count()).sum::<usize>();
            assert_eq!(count.insert("route53:ListResourceRecordSets", 1), Some(records.div_ceil(PAGE)));
            counts.push(count);
        }
        assert!(counts.iter().all(|count| *count == counts[0]), "the VPCs make a difference: {counts:?}");
        let title = format!("an endpoint with a name of its own that answers in VPCs of {} account(s)", accounts + 1);
        rows.push((title, counts.remove(0)));
    }
    rows.push((
        "a sweep over the three of them: a service, two endpoints, two accounts, two zones".to_owned(),
        count(&world, &rules, Subject::Everything).await,
    ));
    rows
}

#[tokio::test]
async fn run_with_nothing_to_do_makes_the_stated_reads_and_no_write() {
    let mut section = INTRODUCTION.to_owned();
    for (title, count) in unconstrained(rows()).await {
        writeln!(section, "| {title} | {} |", told(&count)).unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/dns.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once("## Calls\n\n").unwrap();
    let (there, after) = rest.split_once("\n## ").unwrap();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, format!("{before}## Calls\n\n{section}\n## {after}")).unwrap();
    } else {
        assert_eq!(there, section, "run `UPDATE_GOLDEN=1 make core` and commit");
    }
}
