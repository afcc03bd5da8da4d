//! A provider's endpoint service on the local AWS, its consumers, and the rules that its connections are judged by.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification, VpcEndpointType};
use drawbridge::{
    aws::{Aws, SystemClock},
    controller::connections::Connections,
    event::{ServiceReference, Subject},
    model::{Connection, EndpointId, Scope, ServiceKey},
    policy::Rules,
    port::{Clock, PrivateLink},
    reconcile::reconcile,
};

use crate::{
    emulator,
    session::{Transcript, command},
};

pub const HUB: &str = "222222222222";
pub const MEMBER: &str = "444444444444";
pub const SANDBOX: &str = "555555555555";
pub const STRANGER: &str = "999999999999";

/// An endpoint service that is looked after, and found by everybody who knows its name.
pub struct Provider {
    account: &'static str,
    key: ServiceKey,
    name: String,
    /// Holds the rules.
    folder: PathBuf,
}

impl Provider {
    /// A new service in the hub account, with the policy that lets members in.
    pub async fn create(name: &str) -> Self {
        Self::create_in(HUB, name).await
    }

    /// The same in another account, which is taken for the hub.
    pub async fn create_in(account: &'static str, name: &str) -> Self {
        let balancer = emulator::create_load_balancer(account, name);
        let ec2 = ec2(account).await;
        let tag = Tag::builder().key("drawbridge:enabled").value("true").build();
        let tags = TagSpecification::builder().resource_type(ResourceType::VpcEndpointService).tags(tag).build();
        let request = ec2.create_vpc_endpoint_service_configuration().network_load_balancer_arns(balancer);
        let created = request.acceptance_required(true).tag_specifications(tags).send().await.unwrap();
        let service = created.service_configuration().unwrap();
        let id = service.service_id().unwrap();
        let permissions = ec2.modify_vpc_endpoint_service_permissions().service_id(id);
        permissions.add_allowed_principals("*").send().await.unwrap();
        let key = ServiceKey {
            account: account.parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            service: id.parse().unwrap(),
        };
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let provider = Self { account, key, name: service.service_name().unwrap().to_owned(), folder };
        provider.configure("");
        provider.permit("");
        provider
    }

    /// Has the configuration say this; what it leaves out is as the service needs it.
    pub fn configure(&self, lines: &str) {
        let account = self.account;
        let otherwise = [
            "version: 1".to_owned(),
            "deployment: hub".to_owned(),
            format!("organization: {}", organization()),
            format!("hub-account: '{account}'"),
            "mode: enforce".to_owned(),
            format!("providers: {{accounts: ['{account}'], regions: [eu-west-1]}}"),
        ];
        let key = |line: &str| line.split_once(':').unwrap().0.to_owned();
        let otherwise = otherwise.iter().filter(|line| !lines.contains(&key(line))).map(String::as_str);
        let configuration = otherwise.chain([lines]).collect::<Vec<_>>().join("\n");
        std::fs::write(self.folder.join("drawbridge.yaml"), configuration).unwrap();
    }

    /// Has the policy say more than that members may connect.
    pub fn permit(&self, more: &str) {
        let organization = organization();
        let members = format!(
            "@id(\"members-only\")\n@reason(\"ORG_MEMBER\")\npermit (principal in Drawbridge::Organization::\"{organization}\", action, resource);\n"
        );
        std::fs::write(self.folder.join("acceptance.cedar"), members + more).unwrap();
    }

    /// An account asks for a connection.
    pub async fn request(&self, account: &str) -> EndpointId {
        let vpc = emulator::organization()["networks"][account]["vpc_id"].as_str().unwrap();
        let request = ec2(account).await.create_vpc_endpoint().vpc_id(vpc).service_name(&self.name);
        let request = request.vpc_endpoint_type(VpcEndpointType::Interface).private_dns_enabled(false);
        let created = request.send().await.unwrap();
        created.vpc_endpoint().unwrap().vpc_endpoint_id().unwrap().parse().unwrap()
    }

    /// The function `accept-connections` looks at the service.
    pub async fn review(&self) {
        let rules = self.rules();
        let aws = Aws::load(emulator::loader(self.account)).await;
        let private_link = aws.private_link("accept-connections", &rules.configuration);
        let controller = Connections::new(private_link, aws.organizations(), SystemClock);
        let ServiceKey { account, region, service } = self.key.clone();
        let subject = Subject::ServiceReview(ServiceReference { account: Some(account), region, service });
        let deadline = SystemClock.now() + Duration::from_mins(1);
        let run = reconcile(&controller, &BTreeSet::from([subject]), &rules, &SystemClock, deadline).await;
        assert!(run.unfinished.is_empty() && run.failures.is_empty(), "{run:?}");
    }

    /// The connection of an endpoint, as it is now.
    pub async fn connection(&self, endpoint: &EndpointId) -> Connection {
        let aws = Aws::load(emulator::loader(self.account)).await;
        let private_link = aws.private_link("test", &self.rules().configuration);
        let connections = private_link.list_connections(&self.key, Scope::Everything).await.unwrap();
        connections.into_iter().find(|connection| connection.endpoint == *endpoint).unwrap()
    }

    /// A person sets a tag on the service, or on a connection.
    pub async fn tag(&self, endpoint: Option<&EndpointId>, key: &str, value: &str) {
        let resource = match endpoint {
            Some(endpoint) => self.connection(endpoint).await.id.unwrap().to_string(),
            None => self.key.service.to_string(),
        };
        let tag = Tag::builder().key(key).value(value).build();
        ec2(self.account).await.create_tags().resources(resource).tags(tag).send().await.unwrap();
    }

    /// The service's id.
    pub fn service(&self) -> &str {
        self.key.service.as_str()
    }

    /// The service's name, by which consumers ask for it.
    pub fn service_name(&self) -> &str {
        &self.name
    }

    /// A transcript in which the service and this connection have names.
    pub async fn transcript(&self, endpoint: &EndpointId) -> Transcript {
        let mut transcript = Transcript::default();
        if let Some(connection) = self.connection(endpoint).await.id {
            transcript.name(connection.as_str(), "CONNECTION");
        }
        transcript.name(self.key.service.as_str(), "SERVICE");
        transcript.name(endpoint.as_str(), "ENDPOINT");
        let sample = emulator::organization();
        transcript.name(organization(), "ORGANIZATION");
        transcript.name(sample["root_id"].as_str().unwrap(), "ROOT");
        for (name, unit) in [("workloads", "WORKLOADS"), ("sandbox", "SANDBOX")] {
            transcript.name(sample["units"][name].as_str().unwrap(), unit);
        }
        transcript
    }

    /// The command, run by the hub's people where the rules are.
    pub fn command(&self) -> Command {
        let mut command = command(&self.folder);
        command.env("DRAWBRIDGE_SOURCE", "file:.").env("AWS_ENDPOINT_URL", emulator::url());
        command
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", self.account)
            .env("AWS_SECRET_ACCESS_KEY", "any");
        command
    }

    fn rules(&self) -> Rules {
        let read = |name| std::fs::read_to_string(self.folder.join(name)).unwrap();
        Rules::parse(&read("drawbridge.yaml"), &read("acceptance.cedar")).unwrap()
    }
}

fn organization() -> &'static str {
    emulator::organization()["organization_id"].as_str().unwrap()
}

async fn ec2(account: &str) -> aws_sdk_ec2::Client {
    aws_sdk_ec2::Client::new(&emulator::loader(account).load().await)
}
