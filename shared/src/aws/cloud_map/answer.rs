//! Cloud Map's answers in our words.

use aws_sdk_servicediscovery::types::{
    self, HealthStatus, InstanceSummary, NamespaceSummary, NamespaceType, OperationStatus, Service, ServiceSummary,
};

use crate::{
    aws::private_link::answer::{malformed, required, timestamp},
    model::{
        AccountId, Attributes, CloudMapService, InstanceHealth, Namespace, NamespaceKind, Operation, OperationFailure,
    },
    port::PortError,
};

pub fn read_namespace(call: &'static str, place: &str, found: &NamespaceSummary) -> Result<Namespace, PortError> {
    let arn = required(call, place, "Arn", found.arn())?;
    Ok(Namespace {
        arn: arn.to_owned(),
        name: required(call, place, "Name", found.name())?.to_owned(),
        kind: NamespaceKind::parse(required(call, place, "Type", found.r#type().map(NamespaceType::as_str))?),
        owner: owner(call, place, found.resource_owner(), arn)?,
        description: text(found.description()),
    })
}

/// A service of a listing as one that was asked for by itself.
pub fn whole_service(found: &ServiceSummary) -> Service {
    Service::builder()
        .set_arn(found.arn.clone())
        .set_name(found.name.clone())
        .set_created_by_account(found.created_by_account.clone())
        .set_description(found.description.clone())
        .set_dns_config(found.dns_config.clone())
        .set_health_check_config(found.health_check_config.clone())
        .set_health_check_custom_config(found.health_check_custom_config.clone())
        .build()
}

pub fn read_service(call: &'static str, place: &str, found: &Service) -> Result<CloudMapService, PortError> {
    let arn = required(call, place, "Arn", found.arn())?;
    let records = found.dns_config().map(types::DnsConfig::dns_records).unwrap_or_default();
    Ok(CloudMapService {
        arn: arn.to_owned(),
        name: required(call, place, "Name", found.name())?.to_owned(),
        owner: owner(call, place, found.created_by_account(), arn)?,
        description: text(found.description()),
        records: records.iter().map(|record| record.r#type().as_str().to_owned()).collect(),
        is_checked: found.health_check_config().is_some() || found.health_check_custom_config().is_some(),
    })
}

pub fn read_instance(
    call: &'static str,
    place: &str,
    found: &InstanceSummary,
) -> Result<(String, Attributes), PortError> {
    let id = required(call, place, "Id", found.id())?;
    let attributes = found.attributes().into_iter().flatten();
    Ok((id.to_owned(), attributes.map(|(key, value)| (key.clone(), value.clone())).collect()))
}

pub fn read_health(status: &HealthStatus) -> InstanceHealth {
    match status {
        HealthStatus::Healthy => InstanceHealth::Healthy,
        HealthStatus::Unhealthy => InstanceHealth::Unhealthy,
        _ => InstanceHealth::Unknown,
    }
}

/// An operation; `None` for one that has succeeded. One of a status that AWS has added since is taken to be under way.
pub fn read_operation(
    call: &'static str,
    place: &str,
    id: &str,
    found: &types::Operation,
) -> Result<Option<Operation>, PortError> {
    let failure = match required(call, place, "Status", found.status())? {
        OperationStatus::Success => return Ok(None),
        OperationStatus::Fail => Some(OperationFailure {
            code: found.error_code().unwrap_or(OperationStatus::Fail.as_str()).to_owned(),
            message: found.error_message().unwrap_or("without a reason").to_owned(),
        }),
        _ => None,
    };
    let updated = found.update_date().and_then(timestamp);
    Ok(Some(Operation {
        id: id.to_owned(),
        targets: found.targets().into_iter().flat_map(|targets| targets.values().cloned()).collect(),
        failure,
        updated: required(call, place, "UpdateDate", updated)?,
    }))
}

/// The account that has something: the one that AWS tells, or else the one of its ARN.
fn owner(call: &'static str, place: &str, told: Option<&str>, arn: &str) -> Result<AccountId, PortError> {
    let owner = told.filter(|told| !told.is_empty()).or_else(|| arn.split(':').nth(4));
    owner.unwrap_or_default().parse().map_err(|error| malformed(call, place.to_owned(), &error))
}

fn text(found: Option<&str>) -> Option<String> {
    found.filter(|text| !text.is_empty()).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use aws_sdk_servicediscovery::{
        primitives::DateTime,
        types::{
            DnsConfig, DnsRecord, HealthCheckCustomConfig, OperationTargetType, RecordType,
            builders::{NamespaceSummaryBuilder, OperationBuilder, ServiceSummaryBuilder},
        },
    };

    use super::*;

    const SERVICE: &str = "arn:aws:servicediscovery:eu-west-1:222222222222:service/srv-a";

    fn namespace() -> NamespaceSummaryBuilder {
        NamespaceSummary::builder()
            .arn("arn:aws:servicediscovery:eu-west-1:222222222222:namespace/ns-a")
            .name("internal")
            .r#type("DNS_PRIVATE".into())
    }

    fn read_summary(summary: ServiceSummaryBuilder) -> Result<CloudMapService, PortError> {
        read_service("test:List", "here", &whole_service(&summary.build()))
    }

    fn operation(status: &str) -> OperationBuilder {
        types::Operation::builder().status(status.into()).update_date(DateTime::from_secs(1_800_000_000))
    }

    fn read(found: OperationBuilder) -> Result<Option<Operation>, PortError> {
        read_operation("test:Get", "here", "op-1", &found.build())
    }

    #[test]
    fn namespace_has_the_owner_that_is_told_or_else_that_of_its_arn() {
        let read = |found: NamespaceSummaryBuilder| read_namespace("test:List", "here", &found.build()).unwrap();
        let own = read(namespace());
        assert_eq!((own.owner.as_str(), &own.kind), ("222222222222", &NamespaceKind::PrivateDns));
        assert_eq!(read(namespace().resource_owner("333333333333")).owner.as_str(), "333333333333");
        assert_eq!(read(namespace().description("")).description, None);
        let kind = read(namespace().r#type("MULTICAST".into())).kind;
        assert_eq!(kind, NamespaceKind::Other("MULTICAST".to_owned()));
    }

    #[test]
    fn namespace_without_what_tells_it_apart_is_an_error() {
        let read = |found: NamespaceSummaryBuilder| read_namespace("test:List", "here", &found.build());
        for found in [namespace().set_arn(None), namespace().set_name(None), namespace().set_type(None)] {
            assert!(read(found).unwrap_err().message.starts_with("unexpected answer"));
        }
        assert!(read(namespace().arn("ns-a")).is_err());
    }

    #[test]
    fn service_of_a_listing_is_read_with_its_records_and_how_it_is_checked() {
        let record = |kind| DnsRecord::builder().r#type(kind).ttl(60).build().unwrap();
        let config = DnsConfig::builder().dns_records(record(RecordType::A)).dns_records(record(RecordType::Aaaa));
        let plain = ServiceSummary::builder().arn(SERVICE).name("billing");
        let checked = plain.clone().dns_config(config.build().unwrap()).created_by_account("333333333333");
        let by_others = HealthCheckCustomConfig::builder().build();
        let checked = read_summary(checked.health_check_custom_config(by_others)).unwrap();
        assert_eq!(checked.records, ["A", "AAAA"].map(ToOwned::to_owned).into());
        assert!(checked.is_checked);
        assert_eq!(checked.owner.as_str(), "333333333333");
        let plain = read_summary(plain).unwrap();
        assert!(plain.records.is_empty() && !plain.is_checked);
        assert_eq!(plain.owner.as_str(), "222222222222");
        assert!(read_summary(ServiceSummary::builder().arn(SERVICE)).is_err());
    }

    #[test]
    fn instance_is_read_with_all_that_is_told_of_it() {
        let found = InstanceSummary::builder().id("vpce-1").attributes("AWS_INSTANCE_IPV4", "10.0.0.1").build();
        let (id, attributes) = read_instance("test:List", "here", &found).unwrap();
        assert_eq!((id.as_str(), attributes["AWS_INSTANCE_IPV4"].as_str()), ("vpce-1", "10.0.0.1"));
        assert!(read_instance("test:List", "here", &InstanceSummary::builder().build()).is_err());
    }

    #[test]
    fn health_of_a_word_that_aws_has_added_is_unknown() {
        let words = ["HEALTHY", "UNHEALTHY", "UNKNOWN", "DEGRADED"].map(|word| read_health(&word.into()));
        let unknown = InstanceHealth::Unknown;
        assert_eq!(words, [InstanceHealth::Healthy, InstanceHealth::Unhealthy, unknown, unknown]);
    }

    #[test]
    fn operation_is_under_way_failed_or_over() {
        let submitted = operation("SUBMITTED").targets(OperationTargetType::Instance, "vpce-1");
        let submitted = read(submitted.targets(OperationTargetType::Service, "srv-a")).unwrap().unwrap();
        assert_eq!(submitted.failure, None);
        assert_eq!(submitted.targets, ["srv-a", "vpce-1"].map(ToOwned::to_owned).into());
        assert_eq!(submitted.updated.as_second(), 1_800_000_000);
        let failed = read(operation("FAIL").error_code("ACCESS_DENIED").error_message("no")).unwrap().unwrap();
        assert_eq!(failed.failure.unwrap().to_string(), "ACCESS_DENIED: no");
        assert_eq!(read(operation("FAIL")).unwrap().unwrap().failure.unwrap().code, "FAIL");
        assert_eq!(read(operation("SUCCESS")).unwrap(), None);
        assert!(read(operation("PENDING").set_update_date(None)).is_err());
        assert!(read(operation("PENDING").set_status(None)).is_err());
    }
}
