//! The local AWS as ground, through the adapters that are deployed.

use std::{cell::RefCell, collections::BTreeMap};

use aws_sdk_ec2::types::{AttributeBooleanValue, VpcEndpointType};
use drawbridge::{
    aws::Aws,
    model::{
        DomainName, EndpointId, ProfileKey, RecordChange, RecordData, RecordSet, RecordType, ServiceKey, VpcReference,
        txt,
    },
    policy::Rules,
    port::{
        Alarms, Bus, Dashboards, Endpoints, HostedZones, LoadBalancers, Organization, PrivateLink, Resolvers,
        ResourceTags,
    },
    reconcile::Permit,
};

use super::{
    dns::{Made, full},
    emulator,
    ground::{CONSUMER, Doing, Ground, HUB, MISSING_ENDPOINT, MISSING_PROFILE, MISSING_SERVICE, MISSING_VPC},
};

pub struct LocalAws {
    number: usize,
    aws: BTreeMap<&'static str, (Aws, Rules)>,
    provider: aws_sdk_ec2::Client,
    consumer: aws_sdk_ec2::Client,
    service: ServiceKey,
    service_name: String,
    vpcs: BTreeMap<&'static str, VpcReference>,
    endpoints: RefCell<BTreeMap<String, EndpointId>>,
    profile: RefCell<ProfileKey>,
    made: Made,
}

impl LocalAws {
    /// The sample Organization, with a new service in its hub.
    pub async fn new(number: usize) -> Self {
        let ids = emulator::organization();
        let management = aws_sdk_organizations::Client::new(&emulator::loader("111111111111").load().await);
        let tag = aws_sdk_organizations::types::Tag::builder().key("stage").value("production").build().unwrap();
        management.tag_resource().resource_id("555555555555").tags(tag).send().await.unwrap();
        let provider = ec2(HUB).await;
        let balancer = emulator::create_load_balancer(HUB, &format!("conformance-{number}"));
        let request = provider.create_vpc_endpoint_service_configuration().network_load_balancer_arns(balancer);
        let created = request.acceptance_required(true).send().await.unwrap();
        let made = created.service_configuration().unwrap();
        let service = key(made.service_id().unwrap());
        let permissions = provider.modify_vpc_endpoint_service_permissions().service_id(service.service.as_str());
        permissions.add_allowed_principals("*").send().await.unwrap();
        let organization = ids["organization_id"].as_str().unwrap();
        let consumer = ec2(CONSUMER).await;
        Self {
            number,
            aws: [(HUB, account(HUB, organization).await), (CONSUMER, account(CONSUMER, organization).await)].into(),
            vpcs: [
                ("hub", create_vpc(&provider).await),
                ("second", create_vpc(&provider).await),
                ("consumer", create_vpc(&consumer).await),
            ]
            .into(),
            provider,
            consumer,
            service_name: made.service_name().unwrap().to_owned(),
            service,
            endpoints: RefCell::default(),
            profile: RefCell::new(MISSING_PROFILE.parse().unwrap()),
            made: Made::default(),
        }
    }

    async fn request(&self) -> EndpointId {
        let vpc = self.vpc("consumer").vpc;
        let request = self.consumer.create_vpc_endpoint().vpc_id(vpc.as_str()).service_name(&self.service_name);
        let request = request.vpc_endpoint_type(VpcEndpointType::Interface).private_dns_enabled(false);
        let created = request.send().await.unwrap();
        created.vpc_endpoint().unwrap().vpc_endpoint_id().unwrap().parse().unwrap()
    }

    async fn make_public_zone(&self, label: &str, name: &str) {
        let route53 = aws_sdk_route53::Client::new(&emulator::loader(HUB).load().await);
        let reference = format!("{}/{label}", self.number);
        let request = route53.create_hosted_zone().name(full(self, name).as_str()).caller_reference(reference);
        let made = request.send().await.unwrap();
        let zone = made.hosted_zone().unwrap().id().parse().unwrap();
        self.made.remember(label, drawbridge::model::ZoneKey { account: HUB.parse().unwrap(), zone });
    }

    async fn prove_the_name(&self, zone: &str) {
        let service = self.private_link().describe_service(&self.service).await.unwrap().unwrap();
        let (name, proof) = (service.private_dns_name.unwrap(), service.verification.unwrap());
        let record = RecordSet {
            name: DomainName::of_route53(&name).child(&proof.record_name),
            kind: RecordType::Txt,
            data: RecordData::Values { ttl: 1800, values: [txt::quote(&proof.record_value)].into() },
            routing: None,
        };
        let changes = [RecordChange::Create(record)];
        let zones = self.hosted_zones(HUB);
        zones.change_records(&self.made.zone(zone), &changes, &Permit::for_tests()).await.unwrap();
    }

    fn make_profile(&self) {
        let name = format!("case-{}", self.number);
        let made = emulator::command_line(HUB, &["route53profiles", "create-profile", "--name", &name]);
        *self.profile.borrow_mut() = made["Profile"]["Arn"].as_str().unwrap().parse().unwrap();
    }

    fn forward_elsewhere(&self, name: &str) {
        let subnets = emulator::organization()["networks"][CONSUMER]["subnet_ids"].as_array().unwrap();
        let place = format!("SubnetId={}", subnets[0].as_str().unwrap());
        let groups = emulator::command_line(CONSUMER, &["ec2", "describe-security-groups"]);
        let group = groups["SecurityGroups"][0]["GroupId"].as_str().unwrap();
        let reference = format!("case-{}", self.number);
        let ask = |operation: &str, arguments: &[&str]| {
            emulator::command_line(CONSUMER, &[&["route53resolver", operation], arguments].concat())
        };
        let endpoint = ask(
            "create-resolver-endpoint",
            &[
                "--creator-request-id",
                &reference,
                "--direction",
                "OUTBOUND",
                "--security-group-ids",
                group,
                "--ip-addresses",
                &place,
                &place,
            ],
        );
        let endpoint = endpoint["ResolverEndpoint"]["Id"].as_str().unwrap();
        let rule = ask(
            "create-resolver-rule",
            &[
                "--creator-request-id",
                &reference,
                "--rule-type",
                "FORWARD",
                "--domain-name",
                full(self, name).as_str(),
                "--resolver-endpoint-id",
                endpoint,
                "--target-ips",
                "Ip=192.0.2.53,Port=53",
            ],
        );
        let (rule, vpc) = (rule["ResolverRule"]["Id"].as_str().unwrap(), self.vpc("consumer"));
        ask("associate-resolver-rule", &["--resolver-rule-id", rule, "--vpc-id", vpc.vpc.as_str()]);
    }

    async fn tag(&self, name: &str, key: &str, value: &str) {
        let filter = aws_sdk_ec2::types::Filter::builder().name("vpc-endpoint-id").values(self.endpoint(name).as_str());
        let found = self.provider.describe_vpc_endpoint_connections().filters(filter.build()).send().await.unwrap();
        let id = found.vpc_endpoint_connections()[0].vpc_endpoint_connection_id().unwrap().to_owned();
        let tag = aws_sdk_ec2::types::Tag::builder().key(key).value(value).build();
        self.provider.create_tags().resources(id).tags(tag).send().await.unwrap();
    }
}

/// The way to an account by its own credentials, and rules by which it is the hub.
async fn account(id: &str, organization: &str) -> (Aws, Rules) {
    let configuration = format!(
        "{{version: 1, deployment: hub, organization: {organization}, hub-account: '{id}', mode: enforce,
           providers: {{accounts: ['{id}'], regions: [eu-west-1]}}}}"
    );
    let rules = Rules::parse(&configuration, "@id(\"p\") permit (principal, action, resource);").unwrap();
    (Aws::load(emulator::loader(id)).await, rules)
}

/// A VPC in which private names answer.
async fn create_vpc(client: &aws_sdk_ec2::Client) -> VpcReference {
    let made = client.create_vpc().cidr_block("10.9.0.0/16").send().await.unwrap();
    let id = made.vpc().unwrap().vpc_id().unwrap();
    set_host_names(client, id, true).await;
    VpcReference { region: "eu-west-1".parse().unwrap(), vpc: id.parse().unwrap() }
}

async fn set_host_names(client: &aws_sdk_ec2::Client, vpc: &str, on: bool) {
    let value = AttributeBooleanValue::builder().value(on).build();
    client.modify_vpc_attribute().vpc_id(vpc).enable_dns_hostnames(value).send().await.unwrap();
}

async fn ec2(account: &str) -> aws_sdk_ec2::Client {
    aws_sdk_ec2::Client::new(&emulator::loader(account).load().await)
}

fn key(service: &str) -> ServiceKey {
    ServiceKey {
        account: HUB.parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        service: service.parse().unwrap(),
    }
}

impl Ground for LocalAws {
    fn service(&self, name: &str) -> ServiceKey {
        if name == "service" { self.service.clone() } else { key(MISSING_SERVICE) }
    }

    fn endpoint(&self, name: &str) -> EndpointId {
        self.endpoints.borrow().get(name).cloned().unwrap_or_else(|| MISSING_ENDPOINT.parse().unwrap())
    }

    fn name(&self, endpoint: &EndpointId) -> String {
        let endpoints = self.endpoints.borrow();
        let name = endpoints.iter().find(|(_, made)| *made == endpoint).map(|(name, _)| name.clone());
        name.unwrap_or_else(|| "missing".to_owned())
    }

    fn private_link(&self) -> impl PrivateLink {
        let (aws, rules) = &self.aws[HUB];
        aws.private_link("test", &rules.configuration)
    }

    fn organization(&self) -> impl Organization {
        self.aws[HUB].0.organizations()
    }

    fn bus(&self) -> impl Bus {
        self.aws[HUB].0.bus("default".into())
    }

    fn hosted_zones(&self, account: &str) -> impl HostedZones + Resolvers {
        let (aws, rules) = &self.aws[account];
        aws.hosted_zones("test", &rules.configuration)
    }

    fn endpoints(&self, account: &str) -> impl Endpoints {
        let (aws, rules) = &self.aws[account];
        aws.private_link("test", &rules.configuration)
    }

    fn tagging(&self, account: &str) -> impl ResourceTags + LoadBalancers {
        let (aws, rules) = &self.aws[account];
        aws.tagging("test", &rules.configuration)
    }

    fn cloudwatch(&self) -> impl Alarms + Dashboards {
        let (aws, rules) = &self.aws[HUB];
        aws.cloudwatch("test", &rules.configuration)
    }

    fn profile(&self) -> ProfileKey {
        self.profile.borrow().clone()
    }

    fn domain(&self) -> DomainName {
        DomainName::of_route53(&format!("case-{}.example.com", self.number))
    }

    fn service_name(&self) -> String {
        self.service_name.clone()
    }

    fn vpc(&self, name: &str) -> VpcReference {
        let missing = || VpcReference { region: "eu-west-1".parse().unwrap(), vpc: MISSING_VPC.parse().unwrap() };
        self.vpcs.get(name).cloned().unwrap_or_else(missing)
    }

    fn made(&self) -> &Made {
        &self.made
    }

    async fn act(&self, doing: Doing) {
        let service = self.service.service.as_str();
        match doing {
            Doing::Requests(name) => {
                let endpoint = self.request().await;
                self.endpoints.borrow_mut().insert(name.to_owned(), endpoint);
            }
            Doing::Deletes(name) => {
                let endpoint = self.endpoint(name);
                self.consumer.delete_vpc_endpoints().vpc_endpoint_ids(endpoint.as_str()).send().await.unwrap();
            }
            Doing::Tags(name, key, value) => self.tag(name, key, value).await,
            Doing::OpensTo(principal) => {
                let request = self.provider.modify_vpc_endpoint_service_permissions().service_id(service);
                request.add_allowed_principals(principal).send().await.unwrap();
            }
            Doing::SwitchesAcceptanceOff => {
                let request = self.provider.modify_vpc_endpoint_service_configuration().service_id(service);
                request.acceptance_required(false).send().await.unwrap();
            }
            Doing::NamesTheService(name) => {
                let request = self.provider.modify_vpc_endpoint_service_configuration().service_id(service);
                request.private_dns_name(full(self, name).as_str()).send().await.unwrap();
            }
            Doing::MakesPublicZone(label, name) => self.make_public_zone(label, name).await,
            Doing::ProvesTheName(zone) => self.prove_the_name(zone).await,
            Doing::SwitchesHostNamesOff => {
                set_host_names(&self.consumer, self.vpc("consumer").vpc.as_str(), false).await;
            }
            Doing::MakesProfile => self.make_profile(),
            Doing::SharesProfile => {
                let profile = self.profile().arn();
                let share = ["ram", "create-resource-share", "--name", "profile", "--principals", CONSUMER];
                emulator::command_line(HUB, &[&share[..], &["--resource-arns", &profile]].concat());
            }
            Doing::ForwardsElsewhere(name) => self.forward_elsewhere(name),
            // Nothing takes time here, unless it is told to.
            Doing::LetsTimePass => {}
        }
    }
}
