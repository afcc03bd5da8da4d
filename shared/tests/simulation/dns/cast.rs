//! VPCs, public zones and names.

use drawbridge::{
    model::{
        AccountId, DomainName, DomainVerification, EndpointService, Offer, Principal, ServiceKey, Tags,
        VerificationState, VpcReference, ZoneKey,
    },
    world::{HostedZone, Network, State, World},
};

use super::{endpoint, terms::TAG};
use crate::{
    cast::{CONSUMERS, ENABLED, HUB, REGION, consumer, service},
    stage::Stage,
};

/// VPCs, each with its account.
pub const VPCS: [(&str, &str); 8] = [
    ("444444444444", "vpc-000000000000000a1"),
    ("444444444444", "vpc-000000000000000a2"),
    ("555555555555", "vpc-000000000000000b1"),
    ("555555555555", "vpc-000000000000000b2"),
    ("666666666666", "vpc-000000000000000c1"),
    ("777777777777", "vpc-000000000000000d1"),
    (HUB, "vpc-000000000000000e1"),
    (HUB, "vpc-000000000000000e2"),
];

/// Public zones, each with its account. The last one is a stranger's, and nobody here may write it.
pub const PUBLIC: [(&str, &str); 6] = [
    (HUB, "corp.example"),
    ("444444444444", "example.net"),
    (HUB, "pay.corp.example"),
    ("555555555555", "corp.example"),
    ("666666666666", "example.com"),
    ("999999999999", "orders.corp.example"),
];

/// Private DNS names of services.
pub const SERVICE_NAMES: [Option<&str>; 7] = [
    None,
    Some("pay.corp.example"),
    Some("*.orders.corp.example"),
    Some("api.example.net"),
    Some("lone.example.org"),
    Some("shop.corp.example"),
    Some("db.internal.example"),
];

/// The tag by which endpoints get names of their own.
pub const NAMES_TAG: &str = "drawbridge:dns-name";

/// What people write into it.
pub const NAME_TAGS: [&str; 8] = [
    "db.internal.example",
    "db.internal.example",
    "pay.corp.example",
    "*.db.internal.example db.internal.example",
    "*.pay.corp.example",
    "cache.example.net db.internal.example",
    "service",
    "no..name! Cache.Example.NET.",
];

/// A service of AWS that endpoints may lead to, and its names.
pub const AWS_SERVICE: &str = "com.amazonaws.eu-west-1.queue";
pub const AWS_NAMES: [&str; 2] = ["queue.eu-west-1.example.org", "*.queue.eu-west-1.example.org"];

pub fn domain(text: &str) -> DomainName {
    DomainName::of_route53(text)
}

pub fn vpc(index: usize) -> (AccountId, VpcReference) {
    let (account, vpc) = VPCS[index % VPCS.len()];
    (account.parse().unwrap(), VpcReference { region: REGION.parse().unwrap(), vpc: vpc.parse().unwrap() })
}

pub fn public_zone(index: usize) -> HostedZone {
    let (account, name) = PUBLIC[index % PUBLIC.len()];
    let key = ZoneKey { account: account.parse().unwrap(), zone: format!("ZPUBLIC{index}").parse().unwrap() };
    HostedZone::public(key, domain(name))
}

/// Gives a service a private DNS name, which nobody has verified.
pub fn name_service(service: &mut EndpointService, name: Option<&str>, number: u64) {
    service.private_dns_name = name.map(ToOwned::to_owned);
    service.verification = name.map(|_| DomainVerification {
        state: VerificationState::PendingVerification,
        record_name: format!("_proof{number}"),
        record_value: format!("vpce:proof{number}"),
    });
}

/// A service that comes and goes.
pub fn passing_service() -> ServiceKey {
    ServiceKey {
        account: "333333333333".parse().unwrap(),
        region: REGION.parse().unwrap(),
        service: "vpce-svc-00000000000000004".parse().unwrap(),
    }
}

pub fn make_passing_service(state: &mut State, name: Option<&str>, number: u64) {
    let key = passing_service();
    let mut made = EndpointService {
        name: format!("com.amazonaws.vpce.{REGION}.{}", key.service),
        key: key.clone(),
        acceptance_required: true,
        load_balancers: [].into(),
        availability_zones: [].into(),
        private_dns_name: None,
        verification: None,
        tags: Tags::from([(ENABLED.0.to_owned(), ENABLED.1.to_owned())]),
    };
    name_service(&mut made, name, number);
    state.services.insert(key, (made, std::collections::BTreeMap::new()));
}

/// What there is from the beginning.
pub fn fill(stage: &Stage) {
    let (world, random): (&World, _) = (&stage.world, &stage.random);
    let mut state = world.change();
    for index in 0..VPCS.len() {
        let (account, reference) = vpc(index);
        let mut network = Network::new(account, reference.clone());
        if random.chance(500) {
            network.vpc.tags.insert(TAG.0.to_owned(), TAG.1.to_owned());
        }
        network.dns_hostnames = random.chance(900);
        state.vpcs.insert(reference, network);
    }
    for (index, often) in [900, 700, 100, 100, 500, 100].into_iter().enumerate() {
        if random.chance(often) {
            let zone = public_zone(index);
            state.zones.insert(zone.zone.key.clone(), zone);
        }
    }
    for index in 0..3 {
        let key = service(index);
        let name = *random.pick(&SERVICE_NAMES);
        name_service(&mut state.services.get_mut(&key).unwrap().0, name, stage.agenda.number());
        let allowed = (0..CONSUMERS.len()).map(|index| Principal::Account(consumer(index)));
        state.principals.entry(key).or_default().extend(allowed);
    }
    let offer = Offer { private_names: AWS_NAMES.map(domain).into(), verified: true };
    state.offers.insert((REGION.parse().unwrap(), AWS_SERVICE.to_owned()), offer);
    drop(state);
    for _ in 0..random.index(4) {
        endpoint::of_aws(stage, random.index(VPCS.len()));
    }
}
