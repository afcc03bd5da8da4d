//! The Availability Zones of endpoint services: those of their load balancers.

use std::collections::BTreeSet;

use super::Step;
use crate::{
    model::{EndpointService, ServiceKey, reason},
    plan::{About, Decision, Outcome, Plan},
    policy::Rules,
};

/// Decides which endpoint services take up Availability Zones that their load balancers are in by now.
pub(super) fn plan(services: &[(EndpointService, BTreeSet<String>)], rules: &Rules) -> Plan<Step> {
    let mut plan = Plan::default();
    for (service, zones) in services {
        let missing: Vec<&str> = zones.difference(&service.availability_zones).map(String::as_str).collect();
        // A reply without zones tells nothing.
        if missing.is_empty()
            || service.availability_zones.is_empty()
            || !rules.configuration.looks_after(&service.tags)
        {
            continue;
        }
        let detail = Some(format!("its load balancers are in {}, too", missing.join(", ")));
        let decision =
            Decision { about: about(&service.key), detail, ..Decision::new(Outcome::Publish, reason::OUT_OF_STEP) };
        plan.steps.push((Step::TakeUpZones { service: service.key.clone() }, decision));
    }
    plan
}

fn about(key: &ServiceKey) -> About {
    let fields = [
        ("account", key.account.to_string()),
        ("region", key.region.to_string()),
        ("service_id", key.service.to_string()),
    ];
    About { subject: key.service.to_string(), fields: fields.into(), resource: key.arn() }
}
