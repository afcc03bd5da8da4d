//! What the pure core costs: reading events, judging connections, checking the rules. `make bench` runs it.
#![cfg(feature = "world")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark that stops says so")]

mod service;

use divan::{Bencher, black_box};
use drawbridge::{event, plan::connections::plan, policy::Rules};
use service::{CONFIGURATION, acceptance, message, observed, rules};

const SIZES: [usize; 3] = [10, 1_000, 10_000];

fn main() {
    divan::main();
}

#[divan::bench(args = SIZES)]
fn read_events(bencher: Bencher, count: usize) {
    let body = message();
    bencher.bench(|| (0..count).filter(|_| event::parse_body(black_box(&body)).is_ok()).count());
}

#[divan::bench(args = SIZES)]
fn plan_with_one_policy(bencher: Bencher, connections: usize) {
    bench_plan(bencher, 1, connections);
}

#[divan::bench(args = [1, 10, 100])]
fn plan_of_10000_connections_by_policies(bencher: Bencher, policies: usize) {
    bench_plan(bencher, policies, 10_000);
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
