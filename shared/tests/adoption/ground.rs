//! A world in which people made by hand what `sync-dns` would make, and the function that meets it.

use std::{collections::BTreeMap, time::Duration};

use drawbridge::{
    controller::dns::Dns,
    event::Subject,
    model::{
        ConnectionState, DnsEntry, DomainName, DomainVerification, Endpoint, EndpointKey, EndpointKind,
        EndpointService, RecordData, RecordSet, RecordType, ServiceKey, Tags, VerificationState, VpcReference, ZoneKey,
        txt,
    },
    plan::dns::adoption::Adoption,
    policy::Rules,
    port::Clock,
    reconcile::reconcile,
    world::{HostedZone, Network, World},
};
use jiff::Timestamp;

pub const NAME: &str = "pay.corp.example";
pub const ZONE: &str = "Z0THEIRS";
pub const PROOF: &str = "_6e86v84tqgqubxbwii1m.pay.example.com";
const HUB: &str = "222222222222";
const REGIONAL: &str = "vpce-0f1e2d3c4b5a69788-abc.vpce-svc-0a1b2c3d4e5f60718.eu-west-1.vpce.amazonaws.com";

pub struct Ground {
    pub world: World,
    rules: Rules,
}

impl Ground {
    /// An endpoint that wants a name, and a zone of this name that people made just as it would be made here.
    pub fn with_a_zone_of_people() -> Self {
        let ground = Self::new();
        let vpc = VpcReference { region: "eu-west-1".parse().unwrap(), vpc: "vpc-0a000000000000001".parse().unwrap() };
        let entry = DnsEntry { name: DomainName::of_route53(REGIONAL), zone: "Z38GZ743OKFT7T".parse().unwrap() };
        let mut zone = HostedZone::private(zone_key(ZONE), DomainName::of_route53(NAME), vpc.clone());
        "made by Anna".clone_into(&mut zone.zone.comment);
        let data = RecordData::Alias { zone: entry.zone.clone(), target: entry.name.clone(), evaluate_health: false };
        zone.put(RecordSet { name: DomainName::of_route53(NAME), kind: RecordType::A, data, routing: None });
        let endpoint = Endpoint {
            key: endpoint(),
            service_name: "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718".to_owned(),
            kind: EndpointKind::Interface,
            state: ConnectionState::Available,
            vpc: vpc.vpc.clone(),
            private_dns: false,
            dns_entries: vec![entry],
            ip_address_type: None,
            tags: Tags::from([("drawbridge:dns-name".to_owned(), NAME.to_owned())]),
            requester_managed: false,
            interfaces: [].into(),
            created: None,
        };
        let mut state = ground.world.change();
        state.vpcs.insert(vpc.clone(), Network::new(HUB.parse().unwrap(), vpc));
        state.zones.insert(zone_key(ZONE), zone);
        state.endpoints.insert(endpoint.key.clone(), endpoint);
        drop(state);
        ground
    }

    /// A service with a private DNS name, and in the public zone the record that shows whose it is, beside one of others.
    pub fn with_a_proof_of_people(state: VerificationState) -> Self {
        let ground = Self::new();
        let value = "vpce:l6p0ERxlTt45jevFwOCp";
        let text = |name: &str| RecordSet {
            name: DomainName::of_route53(name),
            kind: RecordType::Txt,
            data: RecordData::Values { ttl: 1_800, values: [txt::quote(value)].into() },
            routing: None,
        };
        let mut zone = HostedZone::public(zone_key("Z0PUBLIC"), DomainName::of_route53("example.com"));
        zone.put(text(PROOF));
        zone.put(text("www.example.com"));
        let service = EndpointService {
            key: service(),
            name: "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718".to_owned(),
            acceptance_required: true,
            load_balancers: [].into(),
            availability_zones: [].into(),
            private_dns_name: Some("pay.example.com".to_owned()),
            verification: Some(DomainVerification {
                state,
                record_name: "_6e86v84tqgqubxbwii1m".to_owned(),
                record_value: value.to_owned(),
            }),
            tags: Tags::from([("drawbridge:enabled".to_owned(), "true".to_owned())]),
        };
        ground.world.change().zones.insert(zone_key("Z0PUBLIC"), zone);
        ground.world.change().services.insert(service.key.clone(), (service, BTreeMap::new()));
        ground
    }

    fn new() -> Self {
        let configuration = format!(
            "{{version: 1, deployment: hub, organization: o-a1b2c3d4e5, hub-account: '{HUB}', mode: enforce,
            providers: {{accounts: ['{HUB}'], regions: [eu-west-1]}}, consumers: {{accounts: ['{HUB}']}},
            dns: {{accounts: ['{HUB}']}}}}"
        );
        let rules = Rules::parse(&configuration, "@id(\"all\") permit (principal, action, resource);").unwrap();
        Self { world: World::at("2026-11-02T10:00:00Z".parse().unwrap()), rules }
    }

    /// A sweep of the function; what it decided.
    pub async fn sweep(&self) -> Vec<String> {
        let world = &self.world;
        let dns = Dns::new(world, world, world, world, world);
        let run = reconcile(&dns, &[Subject::Everything].into(), &self.rules, &world, Timestamp::MAX).await;
        assert!(run.failures.is_empty() && run.unfinished.is_empty(), "{run:?}");
        let decisions = run.keys.iter().flat_map(|report| &report.entries);
        let told = |decision: &drawbridge::plan::Decision| {
            format!("{} {} {}", decision.outcome, decision.about.subject, decision.reason)
        };
        decisions.map(|(decision, _)| told(decision)).collect()
    }

    /// What would be adopted for each name of the endpoint.
    pub async fn adoption_of_endpoint(&self) -> Vec<Adoption> {
        let world = &self.world;
        let dns = Dns::new(world, world, world, world, world);
        let (adoptions, gaps) = dns.adoption_of_endpoint(&endpoint(), &self.rules, world.now()).await.unwrap();
        assert_eq!(gaps, []);
        adoptions
    }

    /// What would be adopted for the service.
    pub async fn adoption_of_service(&self) -> Adoption {
        let world = &self.world;
        let dns = Dns::new(world, world, world, world, world);
        dns.adoption_of_service(&service(), &self.rules, world.now()).await.unwrap()
    }

    /// The writing calls since they were last taken.
    pub fn writes(&self) -> Vec<&'static str> {
        let reads = ["List", "Get", "Describe"];
        let is_write = |call: &&str| {
            call.split_once(':').is_some_and(|(_, call)| !reads.iter().any(|read| call.starts_with(read)))
        };
        self.world.take_calls().into_iter().filter(is_write).collect()
    }

    pub fn zone(&self, id: &str) -> Option<HostedZone> {
        self.world.state().zones.get(&zone_key(id)).cloned()
    }

    /// Somebody makes a record by hand.
    pub fn put(&self, zone: &ZoneKey, record: RecordSet) {
        self.world.change().zones.get_mut(zone).unwrap().put(record);
    }

    pub fn untag_endpoint(&self) {
        self.world.change().endpoints.get_mut(&endpoint()).unwrap().tags.clear();
    }

    pub fn delete_service(&self) {
        self.world.change().services.clear();
    }

    pub fn minute_later(&self) {
        self.world.advance(Duration::from_mins(1));
    }
}

fn zone_key(id: &str) -> ZoneKey {
    ZoneKey { account: HUB.parse().unwrap(), zone: id.parse().unwrap() }
}

fn endpoint() -> EndpointKey {
    EndpointKey {
        account: HUB.parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        endpoint: "vpce-0f1e2d3c4b5a69788".parse().unwrap(),
    }
}

fn service() -> ServiceKey {
    ServiceKey {
        account: HUB.parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        service: "vpce-svc-0a1b2c3d4e5f60718".parse().unwrap(),
    }
}
