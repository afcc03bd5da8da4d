//! What the pure core costs: reading events, judging connections, checking the rules. `make bench` runs it.
#![cfg(feature = "world")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark that stops says so")]

use std::collections::BTreeMap;

use divan::{Bencher, black_box};
use drawbridge::{
    event,
    model::{
        Account, AccountId, AccountState, Connection, ConnectionState, EndpointService, Membership, Scope, ServiceKey,
        Tags,
    },
    plan::connections::{Key, Observed, plan},
    policy::Rules,
};

const CREATE_ENDPOINT: &str = include_str!("../../tests/cases/event/create_endpoint.json");
const CONFIGURATION: &str = "{version: 1, deployment: hub, organization: o-a1b2c3d4e5, hub-account: '222222222222',
    providers: {accounts: ['222222222222'], regions: [eu-west-1]}}";
const SIZES: [usize; 3] = [10, 1_000, 10_000];

fn main() {
    divan::main();
}

fn acceptance(policies: usize) -> String {
    let member = "@id(\"members-only\") @reason(\"ORG_MEMBER\")
        permit (principal in Drawbridge::Organization::\"o-a1b2c3d4e5\", action, resource);\n";
    let unit = |number: usize| {
        format!(
            "@id(\"no-{number}\") forbid (principal in Drawbridge::OrganizationalUnit::\"ou-ab12-{number:08}\", action, resource);\n"
        )
    };
    member.to_owned() + &(1..policies).map(unit).collect::<String>()
}

fn rules(policies: usize) -> Rules {
    Rules::parse(CONFIGURATION, &acceptance(policies)).unwrap()
}

/// A service with requests of 100 accounts, one in ten of them a stranger.
fn observed(connections: usize) -> (Key, Observed) {
    let service = ServiceKey {
        account: "222222222222".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        service: "vpce-svc-0a1b2c3d4e5f60718".parse().unwrap(),
    };
    let owner = |number: usize| -> AccountId { format!("4444444444{:02}", number % 100).parse().unwrap() };
    let connection = |number: usize| Connection {
        endpoint: format!("vpce-{number:017x}").parse().unwrap(),
        owner: owner(number),
        state: ConnectionState::PendingAcceptance,
        id: Some(format!("vpce-svc-con-{number:017x}").parse().unwrap()),
        created: None,
        region: None,
        ip_address_type: None,
        tags: Tags::new(),
    };
    let membership = |number: usize| {
        if number.is_multiple_of(10) {
            return Membership::Outside;
        }
        Membership::Member(Account {
            id: owner(number),
            state: AccountState::Active,
            path: "o-a1b2c3d4e5/r-ab12/ou-ab12-99999999/ou-ab12-99999998/".parse().unwrap(),
            name: None,
            email_domain: None,
            joined: None,
        })
    };
    let observed = Observed {
        service: Some(EndpointService {
            key: service.clone(),
            name: "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718".into(),
            acceptance_required: true,
            private_dns_name: None,
            tags: Tags::from([("drawbridge:enabled".into(), "true".into())]),
        }),
        connections: (0..connections).map(connection).collect(),
        owners: (0..100).map(|number| (owner(number), membership(number))).collect::<BTreeMap<_, _>>(),
    };
    (Key { service, scope: Scope::Requests }, observed)
}

#[divan::bench(args = SIZES)]
fn read_events(bencher: Bencher, count: usize) {
    let case: serde_json::Value = serde_json::from_str(CREATE_ENDPOINT).unwrap();
    let body = case["message"].to_string();
    bencher.bench(|| (0..count).filter(|_| event::parse_body(black_box(&body)).is_ok()).count());
}

#[divan::bench(args = SIZES)]
fn plan_with_one_policy(bencher: Bencher, connections: usize) {
    bench_plan(bencher, 1, connections);
}

#[divan::bench(args = [1, 10, 100])]
fn plan_of_1000_connections_by_policies(bencher: Bencher, policies: usize) {
    bench_plan(bencher, policies, 1_000);
}

fn bench_plan(bencher: Bencher, policies: usize, connections: usize) {
    let (rules, (key, observed)) = (rules(policies), observed(connections));
    let now = "2026-11-02T10:00:00Z".parse().unwrap();
    bencher.bench(|| plan(black_box(&key), black_box(&observed), black_box(&rules), now));
}

#[divan::bench(args = [1, 10, 100])]
fn read_and_validate_rules(bencher: Bencher, policies: usize) {
    let acceptance = acceptance(policies);
    bencher.bench(|| Rules::parse(black_box(CONFIGURATION), black_box(&acceptance)));
}
