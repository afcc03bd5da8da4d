//! One run of a case, for a tool that counts instructions: `instructions events|plan <count>`. `make bench` runs it under
//! callgrind, once with the case and once with a count of 0, so that the difference is the case alone.
#![cfg(feature = "world")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark that stops says so")]

mod service;

use std::hint::black_box;

use drawbridge::{event, plan::connections::plan};
use service::{message, observed, rules};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let count: usize = arguments[2].parse().unwrap();
    match arguments[1].as_str() {
        "events" => {
            let body = message();
            (0..count).for_each(|_| drop(black_box(event::parse_body(black_box(&body)))));
        }
        "plan" => {
            let (rules, (key, mut observed)) = (rules(1), observed(10_000));
            observed.connections.truncate(count);
            black_box(plan(&key, &observed, &rules, "2026-11-02T10:00:00Z".parse().unwrap()));
        }
        other => eprintln!("no such case: {other}"),
    }
}
