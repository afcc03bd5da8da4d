//! How names come, change and go: what happens, with a sweep after each.

use serde_json::{Value, json};

use crate::ground::{CONSUMER, HUB, NAMED, SERVICE, endpoint, service, vpc};

/// In a word what the sweep has to do, and what happens before it.
pub type Part = (&'static str, Value);

pub fn story() -> Vec<Part> {
    let two_names = "pay.corp.example *.pay.corp.example two.corp.example";
    vec![
        ("first records and zones", json!({})),
        ("look and associations", json!({})),
        ("verified and switched on", json!({})),
        ("nothing left", json!({})),
        ("more addresses and a second name", json!({"endpoints": [endpoint(two_names, "dualstack")]})),
        ("associations of the second name", json!({})),
        ("VPCs not selected any more", json!({"vpcs": [vpc("vpc-0b000000000000002", CONSUMER, false)]})),
        ("VPC selected again", json!({"vpcs": [vpc("vpc-0b000000000000002", CONSUMER, true)]})),
        ("another name of the service", json!({"services": [service("bills.example.com")]})),
        ("look at the other name", json!({})),
        ("name wanted no more", json!({"endpoints": [endpoint("two.corp.example", "ipv4")]})),
        ("endpoint gone", json!({"endpoints_gone": [NAMED]})),
        ("service gone", json!({"services_gone": [SERVICE], "vpcs": [vpc("vpc-0d000000000000004", HUB, false)]})),
        ("nothing left at all", json!({})),
    ]
}
