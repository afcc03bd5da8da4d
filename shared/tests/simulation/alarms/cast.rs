//! Endpoints with their connections, what is behind services, names of accounts, and alarms that others made.

use std::time::Duration;

use drawbridge::model::{
    AccountId, ConnectionState, Endpoint, EndpointId, EndpointKey, EndpointKind, Membership, Tags,
};

use super::hand;
use crate::{
    body,
    cast::{SERVICES, service},
    endpoints::{connected, key_of},
    stage::Stage,
    tags::cast::{ACCOUNT_NAMES, BALANCERS},
};

pub const ZONES: [&str; 3] = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];

/// Service names of endpoints that have no connection here: one of AWS's, and one of a service in another Region.
const ELSEWHERE: [&str; 3] = [
    "com.amazonaws.eu-west-1.queue",
    "com.amazonaws.eu-west-1.queue",
    "com.amazonaws.vpce.us-east-1.vpce-svc-0000000000000000f",
];

fn tags(stage: &Stage) -> Tags {
    let some = [
        (600, ("drawbridge:alarms", "true")),
        (100, ("drawbridge:alarm:packets-dropped", "25")),
        (100, ("drawbridge:alarm:resets-received", "off")),
        (50, ("drawbridge:alarm:idle", "many")),
        (50, ("drawbridge:ignore", "true")),
    ];
    let some = some.into_iter().filter(|(chance, _)| stage.random.chance(*chance));
    some.map(|(_, (key, value))| (key.to_owned(), value.to_owned())).collect()
}

fn make(stage: &Stage, key: EndpointKey, service_name: &str, old: bool) {
    let (random, days) = (&stage.random, Duration::from_hours(24 * 9));
    let made = Endpoint {
        service_name: service_name.to_owned(),
        kind: match random.below(12) {
            0 => EndpointKind::GatewayLoadBalancer,
            1 => EndpointKind::parse("Gateway"),
            _ => EndpointKind::Interface,
        },
        state: ConnectionState::Available,
        vpc: "vpc-000000000000000a1".parse().unwrap(),
        private_dns: false,
        dns_entries: Vec::new(),
        ip_address_type: None,
        tags: tags(stage),
        requester_managed: false,
        interfaces: [].into(),
        created: Some(if old { stage.now() - days } else { stage.now() }),
        key: key.clone(),
    };
    stage.tell(|| format!("{} makes {} for {service_name}, tagged {:?}", key.account, key.endpoint, made.tags));
    stage.world.change().endpoints.insert(key, made);
}

/// The endpoint of a request.
pub fn requested(stage: &Stage, owner: &AccountId, id: &EndpointId, service_name: &str) {
    make(stage, key_of(owner, id), service_name, false);
}

/// An endpoint that is connected to nothing here.
pub fn elsewhere(stage: &Stage, owner: &str) {
    let id: EndpointId = format!("vpce-{:017x}", stage.agenda.number()).parse().unwrap();
    let key = key_of(&owner.parse().unwrap(), &id);
    make(stage, key.clone(), stage.random.pick::<&str>(&ELSEWHERE), stage.random.chance(500));
    stage.send(&body::endpoint_changed(&key, "create_endpoint_of_aws_service"));
}

/// What there is from the beginning.
pub fn fill(stage: &Stage) {
    let random = &stage.random;
    let mut state = stage.world.change();
    for membership in state.accounts.values_mut() {
        if let Membership::Member(account) = membership {
            account.name = random.chance(700).then(|| (*random.pick(&ACCOUNT_NAMES)).to_owned());
        }
    }
    for (_, arn) in BALANCERS {
        let groups = &mut state.load_balancers.entry(arn.to_owned()).or_default().target_groups;
        groups.insert(group_of(arn, 1));
    }
    for (index, balancer) in [(0, 0), (1, 1), (2, 0), (2, 2)] {
        let service = &mut state.services.get_mut(&service(index)).unwrap().0;
        service.load_balancers.insert(BALANCERS[balancer].1.to_owned());
        service.availability_zones = ZONES[..2].iter().map(|zone| (*zone).to_owned()).collect();
    }
    let connected = connected(&state);
    drop(state);
    for (owner, endpoint, service_name) in connected {
        make(stage, key_of(&owner, &endpoint), &service_name, random.chance(500));
    }
    for owner in ["444444444444", "555555555555", "666666666666"] {
        if random.chance(400) {
            elsewhere(stage, owner);
        }
    }
    for nth in 0..random.index(4) {
        hand::make_alarm(stage, nth);
    }
    if random.chance(300) {
        hand::make_dashboard(stage, random.index(SERVICES.len()));
    }
}

/// A target group of a load balancer.
pub fn group_of(balancer: &str, number: usize) -> String {
    let name = balancer.rsplit('/').nth(1).unwrap_or_default();
    let place = balancer.split(":loadbalancer/").next().unwrap_or_default();
    format!("{place}:targetgroup/{name}{number}/73e2d6bc24d8a06{number}")
}
