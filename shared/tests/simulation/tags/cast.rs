//! Names of accounts and units, what is behind services, and what else carries tags.

use std::time::Duration;

use drawbridge::{
    model::{AccountId, Membership, Resource, ResourceKind, Tags},
    world::State,
};

use super::{endpoint, ledger, policy::POLICIES};
use crate::{
    cast::{HUB, REGION, SERVICES, UNITS, service},
    stage::Stage,
};

/// Names of units.
pub const UNIT_NAMES: [&str; 5] = ["Production", "Sandbox", "Prod & Test", "Workloads", "Produce"];
/// Names of accounts, of which some have characters that no tag takes.
pub const ACCOUNT_NAMES: [&str; 5] = ["orders", "Pay & Go", "billing", "  shop; web ", "data"];
/// Load balancers, each with its account. The first is behind two services.
pub const BALANCERS: [(&str, &str); 3] = [
    (HUB, "arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/net/a/1"),
    ("333333333333", "arn:aws:elasticloadbalancing:eu-west-1:333333333333:loadbalancer/net/b/2"),
    (HUB, "arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/gwy/c/3"),
];

/// The load balancer that something behind a service is, or belongs to.
pub fn balancer_of(resource: &Resource) -> Option<&'static str> {
    parts().find(|(_, _, found)| found == resource).map(|(_, balancer, _)| balancer)
}

/// Whether a resource is this account's.
pub fn owner_of(account: &AccountId, resource: &Resource) -> bool {
    resource.id.contains(account.as_str())
}

/// All that is behind services, each with its account and its load balancer.
fn parts() -> impl Iterator<Item = (&'static str, &'static str, Resource)> {
    BALANCERS.into_iter().flat_map(|(account, balancer)| {
        let listener = balancer.replace(":loadbalancer/", ":listener/") + "/l";
        let target_group = balancer.replace(":loadbalancer/", ":targetgroup/");
        [
            (account, balancer, Resource::new(ResourceKind::LoadBalancer, balancer)),
            (account, balancer, Resource::new(ResourceKind::Listener, listener)),
            (account, balancer, Resource::new(ResourceKind::TargetGroup, target_group)),
        ]
    })
}

fn alarm(name: &str) -> Resource {
    Resource::new(ResourceKind::Alarm, format!("arn:aws:cloudwatch:{REGION}:{HUB}:alarm:{name}"))
}

fn tags(state: &mut State, account: &str, resource: Resource, tags: Tags) {
    state.resource_tags.insert((account.parse().unwrap(), REGION.parse().unwrap(), resource), tags);
}

/// What there is from the beginning.
pub fn fill(stage: &Stage) {
    let random = &stage.random;
    let mut state = stage.world.change();
    for unit in UNITS {
        state.units.insert(unit.parse().unwrap(), (*random.pick(&UNIT_NAMES)).to_owned());
    }
    for membership in state.accounts.values_mut() {
        if let Membership::Member(account) = membership {
            account.name = random.chance(800).then(|| (*random.pick(&ACCOUNT_NAMES)).to_owned());
            if random.chance(600) {
                account.tags.insert("cost-centre".to_owned(), format!("{}", 41 + random.below(12)));
            }
        }
    }
    for account in [HUB, "333333333333", "444444444444", "555555555555"] {
        if random.chance(350) {
            state.tag_policies.insert(account.parse().unwrap(), random.pick(&POLICIES).parsed());
        }
    }
    for (account, balancer, resource) in parts() {
        let of = state.load_balancers.entry(balancer.to_owned()).or_default();
        match resource.kind {
            ResourceKind::Listener => drop(of.listeners.insert(resource.id.to_string())),
            ResourceKind::TargetGroup => drop(of.target_groups.insert(resource.id.to_string())),
            _ => {}
        }
        tags(&mut state, account, resource, Tags::new());
    }
    for (index, balancer) in [(0, 0), (1, 1), (2, 0), (2, 2)] {
        let service = &mut state.services.get_mut(&service(index)).unwrap().0;
        service.load_balancers.insert(BALANCERS[balancer].1.to_owned());
    }
    for (name, owner) in [("ours", "hub"), ("theirs", "another")] {
        tags(&mut state, HUB, alarm(name), Tags::from([("drawbridge:owner".to_owned(), owner.to_owned())]));
    }
    drop(state);
    make_all(stage);
    for number in 0..=random.index(4) {
        endpoint::of_aws(stage, number, random.chance(300));
    }
}

/// Somebody made the services and what is behind them; of some the history still tells who.
fn make_all(stage: &Stage) {
    let services = SERVICES.iter().map(|(account, id)| (*account, Resource::new(ResourceKind::EndpointService, id)));
    let parts = parts().map(|(account, _, resource)| (account, resource));
    let resources: Vec<(&str, Resource)> = services.chain(parts).collect();
    for (account, resource) in resources {
        let by = *stage.random.pick(&ledger::CREATORS);
        let made = ledger::make(stage, resource.clone(), by) - Duration::from_hours(30);
        if stage.random.chance(600) {
            ledger::record(stage, &account.parse().unwrap(), resource, made, stage.now());
        }
    }
}
