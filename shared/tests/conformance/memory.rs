//! The in-memory world as ground.

use std::collections::BTreeMap;

use drawbridge::{
    model::{
        Account, AccountId, AccountState, Connection, ConnectionState, DomainName, DomainVerification, Endpoint,
        EndpointId, EndpointKey, EndpointKind, EndpointService, ForwardingRule, Membership, Principal, Principals,
        ProfileKey, RecordData, RecordSet, RecordType, Resource, ResourceKind, ServiceKey, Tags, VerificationState,
        VpcReference, ZoneKey, txt,
    },
    port::{
        Alarms, Bus, Clock, Dashboards, Endpoints, HostedZones, LoadBalancers, Organization, PrivateLink, Resolvers,
        ResourceTags,
    },
    world::{HostedZone, LoadBalancer, Network, PROPAGATION, SharedSettings, VERIFICATION, World},
};

use super::{
    dns::{Made, full},
    ground::{CONSUMER, Doing, Ground, HUB, MISSING_ENDPOINT, MISSING_PROFILE, MISSING_SERVICE, MISSING_VPC},
};

/// The load balancer of the service.
const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/net/a/00000000000000aa";

pub struct Memory {
    world: World,
    made: Made,
}

impl Memory {
    pub fn new() -> Self {
        let world = World::at("2026-11-02T10:00:00Z".parse().unwrap());
        let key = key("vpce-svc-00000000000000001");
        let service = EndpointService {
            name: format!("com.amazonaws.vpce.{}.{}", key.region, key.service),
            key: key.clone(),
            acceptance_required: true,
            load_balancers: [BALANCER.to_owned()].into(),
            availability_zones: [].into(),
            private_dns_name: None,
            verification: None,
            tags: Tags::new(),
        };
        let place = (key.account.clone(), key.region.clone(), Resource::new(ResourceKind::LoadBalancer, BALANCER));
        world.change().resource_tags.insert(place, Tags::new());
        world.change().load_balancers.insert(BALANCER.to_owned(), LoadBalancer::default());
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
        let memory = Self { world, made: Made::default() };
        for (name, account) in [("hub", HUB), ("second", HUB), ("consumer", CONSUMER)] {
            let vpc = memory.vpc(name);
            memory.world.change().vpcs.insert(vpc.clone(), Network::new(account.parse().unwrap(), vpc));
        }
        memory
    }

    fn endpoint_key(&self, name: &str) -> EndpointKey {
        EndpointKey {
            account: CONSUMER.parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            endpoint: self.endpoint(name),
        }
    }

    fn request(&self, name: &str) {
        let (service, endpoint) = (self.service("service"), self.endpoint(name));
        let mut state = self.world.change();
        let (service, connections) = state.services.get_mut(&service).unwrap();
        let waits = service.acceptance_required;
        let connection = Connection {
            id: Some(endpoint.as_str().replace("vpce-", "vpce-svc-con-").parse().unwrap()),
            endpoint: endpoint.clone(),
            owner: CONSUMER.parse().unwrap(),
            state: if waits { ConnectionState::PendingAcceptance } else { ConnectionState::Available },
            created: Some((&self.world).now()),
            region: None,
            ip_address_type: None,
            tags: Tags::new(),
        };
        let made = Endpoint {
            key: self.endpoint_key(name),
            service_name: service.name.clone(),
            kind: EndpointKind::Interface,
            state: connection.state.clone(),
            vpc: self.vpc("consumer").vpc,
            private_dns: false,
            dns_entries: Vec::new(),
            ip_address_type: None,
            tags: Tags::new(),
            requester_managed: false,
            interfaces: [].into(),
            created: None,
        };
        connections.insert(endpoint, connection);
        state.endpoints.insert(made.key.clone(), made);
    }

    fn make_public_zone(&self, label: &str, name: &str) {
        let id = format!("ZPUBLIC{}", self.world.state().zones.len()).parse().unwrap();
        let key = ZoneKey { account: HUB.parse().unwrap(), zone: id };
        let zone = HostedZone::public(key.clone(), full(self, name));
        self.world.change().zones.insert(key.clone(), zone);
        self.made.remember(label, key);
    }

    fn name_the_service(&self, name: &str) {
        let name = full(self, name).to_string();
        let mut state = self.world.change();
        let (service, _) = state.services.get_mut(&self.service("service")).unwrap();
        service.private_dns_name = Some(name);
        service.verification = Some(DomainVerification {
            state: VerificationState::PendingVerification,
            record_name: "_6e86v84tqgqubxbwii1m".to_owned(),
            record_value: "vpce:l6p0ERxlTt45jevFwOCp".to_owned(),
        });
    }

    fn prove_the_name(&self, zone: &str) {
        let mut state = self.world.change();
        let (service, _) = state.services[&self.service("service")].clone();
        let (name, proof) = (service.private_dns_name.unwrap(), service.verification.unwrap());
        let values = [txt::quote(&proof.record_value)].into();
        state.zones.get_mut(&self.made.zone(zone)).unwrap().put(RecordSet {
            name: DomainName::of_route53(&name).child(&proof.record_name),
            kind: RecordType::Txt,
            data: RecordData::Values { ttl: 1800, values },
            routing: None,
        });
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

    fn hosted_zones(&self, _: &str) -> impl HostedZones + Resolvers {
        &self.world
    }

    fn endpoints(&self, _: &str) -> impl Endpoints {
        &self.world
    }

    fn tagging(&self, _: &str) -> impl ResourceTags + LoadBalancers {
        &self.world
    }

    fn cloudwatch(&self) -> impl Alarms + Dashboards {
        &self.world
    }

    fn profile(&self) -> ProfileKey {
        MISSING_PROFILE.parse().unwrap()
    }

    fn domain(&self) -> DomainName {
        DomainName::of_route53("case.example.com")
    }

    fn service_name(&self) -> String {
        self.world.state().services[&self.service("service")].0.name.clone()
    }

    fn vpc(&self, name: &str) -> VpcReference {
        let id = match name {
            "hub" => "vpc-00000000000000001",
            "second" => "vpc-00000000000000002",
            "consumer" => "vpc-00000000000000003",
            _ => MISSING_VPC,
        };
        VpcReference { region: "eu-west-1".parse().unwrap(), vpc: id.parse().unwrap() }
    }

    fn made(&self) -> &Made {
        &self.made
    }

    async fn act(&self, doing: Doing) {
        let key = self.service("service");
        match doing {
            Doing::Requests(name) => self.request(name),
            Doing::Deletes(name) => {
                self.world.change().services.get_mut(&key).unwrap().1.remove(&self.endpoint(name));
                self.world.change().endpoints.remove(&self.endpoint_key(name));
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
            Doing::NamesTheService(name) => self.name_the_service(name),
            Doing::MakesPublicZone(label, name) => self.make_public_zone(label, name),
            Doing::ProvesTheName(zone) => self.prove_the_name(zone),
            Doing::SwitchesHostNamesOff => {
                self.world.change().vpcs.get_mut(&self.vpc("consumer")).unwrap().dns_hostnames = false;
            }
            Doing::MakesProfile => {
                self.world.change().profiles.insert(self.profile(), SharedSettings::default());
            }
            Doing::SharesProfile => {
                let shared = [CONSUMER.parse().unwrap()].into();
                self.world.change().profiles.get_mut(&self.profile()).unwrap().shared = shared;
            }
            Doing::ForwardsElsewhere(name) => {
                let rule =
                    ForwardingRule { id: "rslvr-rr-1".to_owned(), domain: full(self, name), vpc: self.vpc("consumer") };
                self.world.change().forwarding.push(rule);
            }
            Doing::LetsTimePass => self.world.advance(PROPAGATION + VERIFICATION),
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
