//! What people make by hand in the DNS of one account.

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification, VpcEndpointType};
use aws_sdk_route53::types::{
    AliasTarget, Change, ChangeAction, ChangeBatch, HostedZoneConfig, ResourceRecord, ResourceRecordSet, Vpc,
};

use crate::emulator;

/// A person with the credentials of an account.
pub struct Hand {
    account: &'static str,
    ec2: aws_sdk_ec2::Client,
    route53: aws_sdk_route53::Client,
}

/// An endpoint that was made, and where its own name leads.
pub struct Made {
    pub id: String,
    regional: String,
    zone: String,
}

impl Hand {
    pub async fn of(account: &'static str) -> Self {
        let config = emulator::loader(account).load().await;
        Self { account, ec2: aws_sdk_ec2::Client::new(&config), route53: aws_sdk_route53::Client::new(&config) }
    }

    /// The account's VPC.
    pub fn vpc(&self) -> String {
        emulator::organization()["networks"][self.account]["vpc_id"].as_str().unwrap().to_owned()
    }

    /// Makes an endpoint that wants these names.
    pub async fn endpoint(&self, service_name: &str, names: &str) -> Made {
        let tag = Tag::builder().key("drawbridge:dns-name").value(names).build();
        let tags = TagSpecification::builder().resource_type(ResourceType::VpcEndpoint).tags(tag).build();
        let request = self.ec2.create_vpc_endpoint().vpc_id(self.vpc()).service_name(service_name);
        let request = request.vpc_endpoint_type(VpcEndpointType::Interface).private_dns_enabled(false);
        let made = request.tag_specifications(tags).send().await.unwrap();
        let id = made.vpc_endpoint().unwrap().vpc_endpoint_id().unwrap().to_owned();
        Made { id, regional: String::new(), zone: String::new() }
    }

    /// The same with its names, which it has once it is accepted.
    pub async fn named(&self, made: Made) -> Made {
        let described = self.ec2.describe_vpc_endpoints().vpc_endpoint_ids(&made.id).send().await.unwrap();
        let entries = described.vpc_endpoints()[0].dns_entries();
        let regional = entries.iter().min_by_key(|entry| entry.dns_name().unwrap().len()).unwrap();
        let text = |text: Option<&str>| text.unwrap().to_owned();
        Made { regional: text(regional.dns_name()), zone: text(regional.hosted_zone_id()), ..made }
    }

    /// Makes a zone: private when it answers in the account's VPC, public otherwise. Its id.
    pub async fn zone(&self, name: &str, comment: &str, is_private: bool) -> String {
        let config = HostedZoneConfig::builder().comment(comment).private_zone(is_private).build();
        let vpc = Vpc::builder().vpc_id(self.vpc()).vpc_region("eu-west-1".into()).build();
        let request = self.route53.create_hosted_zone().name(name).caller_reference(format!("{name} {comment}"));
        let request = request.hosted_zone_config(config).set_vpc(is_private.then_some(vpc));
        let made = request.send().await.unwrap();
        made.hosted_zone().unwrap().id().trim_start_matches("/hostedzone/").to_owned()
    }

    /// Makes a record that leads to an endpoint.
    pub async fn alias(&self, zone: &str, name: &str, endpoint: &Made) {
        let alias = AliasTarget::builder().hosted_zone_id(&endpoint.zone).dns_name(&endpoint.regional);
        let alias = alias.evaluate_target_health(false).build().unwrap();
        let record = ResourceRecordSet::builder().name(name).r#type("A".into()).alias_target(alias);
        self.create(zone, record.build().unwrap()).await;
    }

    /// Makes a record of one value.
    pub async fn record(&self, zone: &str, name: &str, kind: &str, ttl: i64, value: &str) {
        let value = ResourceRecord::builder().value(value).build().unwrap();
        let record = ResourceRecordSet::builder().name(name).r#type(kind.into()).ttl(ttl).resource_records(value);
        self.create(zone, record.build().unwrap()).await;
    }

    async fn create(&self, zone: &str, record: ResourceRecordSet) {
        let change = Change::builder().action(ChangeAction::Create).resource_record_set(record).build().unwrap();
        let batch = ChangeBatch::builder().changes(change).build().unwrap();
        self.route53.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch).send().await.unwrap();
    }

    /// The comment of a zone, and the names of its records but for those of the zone itself.
    pub async fn look(&self, zone: &str) -> (String, Vec<String>) {
        let shown = self.route53.get_hosted_zone().id(zone).send().await.unwrap();
        let comment = shown.hosted_zone().unwrap().config().and_then(|config| config.comment()).unwrap_or_default();
        let listed = self.route53.list_resource_record_sets().hosted_zone_id(zone).send().await.unwrap();
        let others = listed.resource_record_sets().iter();
        let others = others.filter(|record| !["NS", "SOA"].contains(&record.r#type().as_str()));
        (comment.to_owned(), others.map(|record| record.name().trim_end_matches('.').to_owned()).collect())
    }

    /// Gives a service a private DNS name. The record that shows whose it is: name and value.
    pub async fn private_name(&self, service: &str, name: &str) -> (String, String) {
        let modify = self.ec2.modify_vpc_endpoint_service_configuration().service_id(service);
        modify.private_dns_name(name).send().await.unwrap();
        let described = self.ec2.describe_vpc_endpoint_service_configurations().service_ids(service);
        let described = described.send().await.unwrap();
        let asked = described.service_configurations()[0].private_dns_name_configuration().unwrap();
        (format!("{}.{name}", asked.name().unwrap()), asked.value().unwrap().to_owned())
    }
}
