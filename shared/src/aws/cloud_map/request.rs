//! What Cloud Map is asked for, in its words.

use aws_sdk_servicediscovery::{
    error::BuildError,
    types::{
        DnsConfig, DnsRecord, FilterCondition, NamespaceFilter, NamespaceFilterName, OperationFilter,
        OperationFilterName, OperationStatus, OperationType, RecordType, RoutingPolicy, ServiceFilter,
        ServiceFilterName, Tag,
    },
};
use jiff::Timestamp;

use crate::{aws::private_link::answer::malformed, model::Tags, port::PortError};

/// The end of the time in which an operation failed: later than any clock says. AWS asks for one.
const NO_END: &str = "4102444800";

pub fn namespaces_named(call: &'static str, place: &str, name: &str) -> Result<NamespaceFilter, PortError> {
    let filter = NamespaceFilter::builder().name(NamespaceFilterName::Name).condition(FilterCondition::Eq);
    built(call, place, filter.values(name).build())
}

/// The services of a namespace that is named by its ARN.
pub fn services_in(call: &'static str, place: &str, namespace: &str) -> Result<ServiceFilter, PortError> {
    let filter = ServiceFilter::builder().name(ServiceFilterName::NamespaceId).condition(FilterCondition::Eq);
    built(call, place, filter.values(namespace).build())
}

/// Operations that aren't finished, on the instances of a service or on namespaces.
pub fn under_way(call: &'static str, place: &str, service: Option<&str>) -> Result<Vec<OperationFilter>, PortError> {
    let is_open = [OperationStatus::Submitted, OperationStatus::Pending];
    let is_open = is_open.iter().map(OperationStatus::as_str);
    let filters = [about(service), filter(OperationFilterName::Status, FilterCondition::In, is_open)];
    filters.into_iter().map(|filter| built(call, place, filter)).collect()
}

/// Operations that failed since then.
///
/// Source: Cloud Map API reference, `OperationFilter`: an operation has to pass all filters; a time is in seconds, as it is in
/// `Operation`.
pub fn failed(
    call: &'static str,
    place: &str,
    service: Option<&str>,
    since: Timestamp,
) -> Result<Vec<OperationFilter>, PortError> {
    let since = since.as_second().to_string();
    let filters = [
        about(service),
        filter(OperationFilterName::Status, FilterCondition::Eq, [OperationStatus::Fail.as_str()]),
        filter(OperationFilterName::UpdateDate, FilterCondition::Between, [since.as_str(), NO_END]),
    ];
    filters.into_iter().map(|filter| built(call, place, filter)).collect()
}

/// What operations are about: the instances of a service, or namespaces. Of a service a filter takes the id alone.
fn about(service: Option<&str>) -> Result<OperationFilter, BuildError> {
    if let Some(arn) = service {
        return filter(OperationFilterName::ServiceId, FilterCondition::Eq, arn.rsplit('/').next());
    }
    let types = [OperationType::CreateNamespace, OperationType::DeleteNamespace];
    filter(OperationFilterName::Type, FilterCondition::In, types.iter().map(OperationType::as_str))
}

fn filter<'text>(
    name: OperationFilterName,
    condition: FilterCondition,
    values: impl IntoIterator<Item = &'text str>,
) -> Result<OperationFilter, BuildError> {
    let values = values.into_iter().map(ToOwned::to_owned).collect();
    OperationFilter::builder().name(name).condition(condition).set_values(Some(values)).build()
}

/// `CNAME` records of this time to live, in seconds. AWS takes them with weighted routing alone.
pub fn names(call: &'static str, place: &str, seconds: u32) -> Result<DnsConfig, PortError> {
    let record = DnsRecord::builder().r#type(RecordType::Cname).ttl(seconds.into()).build();
    let config = DnsConfig::builder().routing_policy(RoutingPolicy::Weighted);
    built(call, place, config.dns_records(built(call, place, record)?).build())
}

pub fn tags(call: &'static str, place: &str, tags: &Tags) -> Result<Vec<Tag>, PortError> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.map(|tag| built(call, place, tag)).collect()
}

/// The SDK says of a request that it lacks what AWS requires.
fn built<T>(call: &'static str, place: &str, built: Result<T, BuildError>) -> Result<T, PortError> {
    built.map_err(|error| malformed(call, place.to_owned(), &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each filter as `<name> <condition> <values>`.
    fn told(filters: &[OperationFilter]) -> Vec<String> {
        let told = filters.iter().map(|filter| {
            let condition = filter.condition().map_or("", FilterCondition::as_str);
            format!("{} {condition} {}", filter.name(), filter.values().join(","))
        });
        told.collect()
    }

    #[test]
    fn operations_of_a_service_are_asked_for_by_its_id() {
        let arn = "arn:aws:servicediscovery:eu-west-1:222222222222:service/srv-a1b2c3d4";
        let asked = told(&under_way("test:List", "here", Some(arn)).unwrap());
        assert_eq!(asked, ["SERVICE_ID EQ srv-a1b2c3d4", "STATUS IN SUBMITTED,PENDING"]);
    }

    #[test]
    fn operations_on_namespaces_are_asked_for_by_type_and_failures_by_time_in_seconds() {
        let since = "2026-11-24T03:00:00Z".parse().unwrap();
        let asked = told(&failed("test:List", "here", None, since).unwrap());
        let types = "TYPE IN CREATE_NAMESPACE,DELETE_NAMESPACE";
        assert_eq!(asked, [types, "STATUS EQ FAIL", "UPDATE_DATE BETWEEN 1795489200,4102444800"]);
    }

    #[test]
    fn records_are_names_with_weights() {
        let config = names("test:Create", "here", 60).unwrap();
        assert_eq!(config.routing_policy(), Some(&RoutingPolicy::Weighted));
        let records: Vec<_> = config.dns_records().iter().map(|record| (record.r#type(), record.ttl())).collect();
        assert_eq!(records, [(&RecordType::Cname, 60)]);
    }
}
