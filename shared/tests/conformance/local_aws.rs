//! The local AWS as ground, through the adapters that are deployed.

use std::{cell::RefCell, collections::BTreeMap};

use aws_sdk_ec2::types::VpcEndpointType;
use drawbridge::{
    aws::Aws,
    model::{EndpointId, ServiceKey},
    policy::Rules,
    port::{Bus, Organization, PrivateLink},
};

use super::{
    emulator,
    ground::{Doing, Ground, MISSING_ENDPOINT, MISSING_SERVICE},
};

const HUB: &str = "222222222222";
const CONSUMER: &str = "444444444444";

pub struct LocalAws {
    aws: Aws,
    rules: Rules,
    provider: aws_sdk_ec2::Client,
    consumer: aws_sdk_ec2::Client,
    service: ServiceKey,
    service_name: String,
    endpoints: RefCell<BTreeMap<String, EndpointId>>,
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
        let configuration = format!(
            "{{version: 1, deployment: hub, organization: {organization}, hub-account: '{HUB}', mode: enforce,
               providers: {{accounts: ['{HUB}'], regions: [eu-west-1]}}}}"
        );
        Self {
            aws: Aws::load(emulator::loader(HUB)).await,
            rules: Rules::parse(&configuration, "@id(\"p\") permit (principal, action, resource);").unwrap(),
            provider,
            consumer: ec2(CONSUMER).await,
            service_name: made.service_name().unwrap().to_owned(),
            service,
            endpoints: RefCell::default(),
        }
    }

    async fn request(&self) -> EndpointId {
        let vpc = emulator::organization()["networks"][CONSUMER]["vpc_id"].as_str().unwrap();
        let request = self.consumer.create_vpc_endpoint().vpc_id(vpc).service_name(&self.service_name);
        let request = request.vpc_endpoint_type(VpcEndpointType::Interface).private_dns_enabled(false);
        let created = request.send().await.unwrap();
        created.vpc_endpoint().unwrap().vpc_endpoint_id().unwrap().parse().unwrap()
    }

    async fn tag(&self, name: &str, key: &str, value: &str) {
        let filter = aws_sdk_ec2::types::Filter::builder().name("vpc-endpoint-id").values(self.endpoint(name).as_str());
        let found = self.provider.describe_vpc_endpoint_connections().filters(filter.build()).send().await.unwrap();
        let id = found.vpc_endpoint_connections()[0].vpc_endpoint_connection_id().unwrap().to_owned();
        let tag = aws_sdk_ec2::types::Tag::builder().key(key).value(value).build();
        self.provider.create_tags().resources(id).tags(tag).send().await.unwrap();
    }
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
        self.aws.private_link("test", &self.rules.configuration)
    }

    fn organization(&self) -> impl Organization {
        self.aws.organizations()
    }

    fn bus(&self) -> impl Bus {
        self.aws.bus("default".into())
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
        }
    }
}
