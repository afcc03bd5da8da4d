//! The in-memory world as ground.

use std::collections::BTreeMap;

use drawbridge::{
    model::{
        Account, AccountId, AccountState, Connection, ConnectionState, EndpointId, EndpointService, Membership,
        Principal, Principals, ServiceKey, Tags,
    },
    port::{Bus, Clock, Organization, PrivateLink},
    world::World,
};

use super::ground::{Doing, Ground, MISSING_ENDPOINT, MISSING_SERVICE};

pub struct Memory {
    world: World,
}

impl Memory {
    pub fn new() -> Self {
        let world = World::at("2026-11-02T10:00:00Z".parse().unwrap());
        let key = key("vpce-svc-00000000000000001");
        let service = EndpointService {
            name: format!("com.amazonaws.vpce.{}.{}", key.region, key.service),
            key: key.clone(),
            acceptance_required: true,
            private_dns_name: None,
            verification: None,
            tags: Tags::new(),
        };
        world.change().services.insert(key.clone(), (service, BTreeMap::new()));
        world.change().principals.insert(key, Principals::from([Principal::Everybody]));
        for (id, state) in [
            ("222222222222", AccountState::Active),
            ("444444444444", AccountState::Active),
            ("555555555555", AccountState::Active),
            ("666666666666", AccountState::Suspended),
        ] {
            let id: AccountId = id.parse().unwrap();
            let tags = if id.as_str() == "555555555555" { Some(("stage".into(), "production".into())) } else { None };
            let account = Account {
                id: id.clone(),
                state,
                path: format!("o-a1b2c3d4e5/r-ab12/{id}/").parse().unwrap(),
                name: None,
                email_domain: None,
                joined: None,
                tags: tags.into_iter().collect(),
            };
            world.change().accounts.insert(id, Membership::Member(account));
        }
        Self { world }
    }

    fn with(&self, name: &str, change: impl FnOnce(&mut Connection)) {
        let mut state = self.world.change();
        let (_, connections) = state.services.get_mut(&self.service("service")).unwrap();
        change(connections.get_mut(&self.endpoint(name)).unwrap());
    }
}

impl Ground for Memory {
    fn service(&self, name: &str) -> ServiceKey {
        key(if name == "service" { "vpce-svc-00000000000000001" } else { MISSING_SERVICE })
    }

    fn endpoint(&self, name: &str) -> EndpointId {
        // Names of one letter are hexadecimal digits.
        if name == "missing" { MISSING_ENDPOINT.parse() } else { format!("vpce-{name:0>17}").parse() }.unwrap()
    }

    fn name(&self, endpoint: &EndpointId) -> String {
        let names = ["a", "b", "missing"];
        names.into_iter().find(|name| self.endpoint(name) == *endpoint).unwrap().to_owned()
    }

    fn private_link(&self) -> impl PrivateLink {
        &self.world
    }

    fn organization(&self) -> impl Organization {
        &self.world
    }

    fn bus(&self) -> impl Bus {
        &self.world
    }

    async fn act(&self, doing: Doing) {
        let key = self.service("service");
        match doing {
            Doing::Requests(name) => {
                let endpoint = self.endpoint(name);
                let mut state = self.world.change();
                let (service, connections) = state.services.get_mut(&key).unwrap();
                let connection = Connection {
                    id: Some(endpoint.as_str().replace("vpce-", "vpce-svc-con-").parse().unwrap()),
                    endpoint: endpoint.clone(),
                    owner: "444444444444".parse().unwrap(),
                    state: if service.acceptance_required {
                        ConnectionState::PendingAcceptance
                    } else {
                        ConnectionState::Available
                    },
                    created: Some((&self.world).now()),
                    region: None,
                    ip_address_type: None,
                    tags: Tags::new(),
                };
                connections.insert(endpoint, connection);
            }
            Doing::Deletes(name) => {
                self.world.change().services.get_mut(&key).unwrap().1.remove(&self.endpoint(name));
            }
            Doing::Tags(name, tag, value) => self.with(name, |connection| {
                connection.tags.insert(tag.to_owned(), value.to_owned());
            }),
            Doing::OpensTo(principal) => {
                self.world.change().principals.entry(key).or_default().insert(principal.parse().unwrap());
            }
            Doing::SwitchesAcceptanceOff => {
                self.world.change().services.get_mut(&key).unwrap().0.acceptance_required = false;
            }
        }
    }
}

fn key(service: &str) -> ServiceKey {
    ServiceKey {
        account: "222222222222".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        service: service.parse().unwrap(),
    }
}
