//! Who and what there is in every story.

use std::{collections::BTreeMap, time::Duration};

use drawbridge::{
    model::{
        Account, AccountId, AccountState, Connection, ConnectionState, EndpointId, EndpointService, Membership,
        Principal, Principals, ServiceKey, Tags,
    },
    port::Clock,
    world::World,
};

use super::random::Random;

pub const ORGANIZATION: &str = "o-a1b2c3d4e5";
pub const UNITS: [&str; 3] = ["ou-ab12-11111111", "ou-ab12-22222222", "ou-ab12-33333333"];
pub const HUB: &str = "222222222222";
pub const REGION: &str = "eu-west-1";

/// An account that some policies name; it begins outside the Organization.
pub const PARTNER: &str = "777777777777";
/// Consumers. The last one begins outside the Organization, too.
pub const CONSUMERS: [&str; 5] = ["444444444444", "555555555555", "666666666666", PARTNER, "999999999999"];
/// Endpoint services, each with its provider. The last one is not selected in the beginning.
pub const SERVICES: [(&str, &str); 3] = [
    (HUB, "vpce-svc-00000000000000001"),
    ("333333333333", "vpce-svc-00000000000000002"),
    (HUB, "vpce-svc-00000000000000003"),
];
pub const ENABLED: (&str, &str) = ("drawbridge:enabled", "true");

pub fn consumer(index: usize) -> AccountId {
    CONSUMERS[index % CONSUMERS.len()].parse().unwrap()
}

pub fn service(index: usize) -> ServiceKey {
    let (account, service) = SERVICES[index % SERVICES.len()];
    ServiceKey { account: account.parse().unwrap(), region: REGION.parse().unwrap(), service: service.parse().unwrap() }
}

pub fn member(id: &AccountId, unit: usize, state: AccountState) -> Membership {
    let unit = UNITS[unit % UNITS.len()];
    Membership::Member(Account {
        id: id.clone(),
        state,
        path: format!("{ORGANIZATION}/r-ab12/{unit}/{id}/").parse().unwrap(),
        name: None,
        email_domain: None,
        joined: None,
        tags: Tags::new(),
    })
}

/// Some connections that were accepted long ago, by us or by somebody before us.
pub fn connect(world: &World, random: &Random) {
    let now = Clock::now(&world);
    for number in 0..random.below(8) {
        let key = service(random.index(2));
        let endpoint: EndpointId = format!("vpce-{number:08x}").parse().unwrap();
        let record = [
            ("drawbridge:owner", "hub"),
            ("drawbridge:decision", "accept"),
            ("drawbridge:reason", "PERMITTED"),
            ("drawbridge:membership", "member"),
            ("drawbridge:decided-at", "2026-11-01T10:00:00Z"),
        ];
        let recorded = random.chance(700);
        let tags = record.into_iter().filter(|_| recorded).map(|(key, value)| (key.to_owned(), value.to_owned()));
        let connection = Connection {
            endpoint: endpoint.clone(),
            owner: consumer(random.index(CONSUMERS.len())),
            state: ConnectionState::Available,
            id: Some(format!("vpce-svc-con-{number:08x}").parse().unwrap()),
            created: Some(now - Duration::from_secs(100_000 - number)),
            region: None,
            ip_address_type: None,
            tags: tags.collect(),
        };
        world.change().services.get_mut(&key).unwrap().1.insert(endpoint, connection);
    }
}

/// The world as every story finds it.
pub fn fill(world: &World) {
    let mut state = world.change();
    for index in 0..SERVICES.len() {
        let key = service(index);
        let mut tags = Tags::from([("tier".to_owned(), "gold".to_owned())]);
        if index + 1 < SERVICES.len() {
            tags.insert(ENABLED.0.to_owned(), ENABLED.1.to_owned());
        }
        let made = EndpointService {
            name: format!("com.amazonaws.vpce.{REGION}.{}", key.service),
            key: key.clone(),
            acceptance_required: true,
            load_balancers: [].into(),
            availability_zones: [].into(),
            private_dns_name: None,
            verification: None,
            tags,
        };
        state.services.insert(key.clone(), (made, BTreeMap::new()));
        let role = Principal::Other("arn:aws:iam::333333333333:role/theirs".to_owned());
        state.principals.insert(key, Principals::from([role]));
    }
    for (index, account) in [HUB, "333333333333"].into_iter().chain(CONSUMERS).enumerate().take(5) {
        let account: AccountId = account.parse().unwrap();
        state.accounts.insert(account.clone(), member(&account, index, AccountState::Active));
    }
}
