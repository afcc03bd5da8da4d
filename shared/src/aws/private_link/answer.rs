//! EC2's answers in our words.

use aws_sdk_ec2::{
    primitives::DateTime,
    types::{
        AllowedPrincipal, Filter, PrivateDnsNameConfiguration, ServiceConfiguration, Tag, UnsuccessfulItem,
        VpcEndpointConnection,
    },
};
use jiff::Timestamp;

use super::{DESCRIBE_CONNECTIONS, DESCRIBE_SERVICES};
use crate::{
    aws::{error::classify, place},
    model::{
        AccountId, Connection, ConnectionState, DomainVerification, EndpointId, EndpointService, InvalidIdentifier,
        Principal, Region, ServiceId, ServiceKey, Tags, VerificationState,
    },
    port::{Answers, FailureKind, PortError},
};

/// An item of the batch is done unless the answer says otherwise.
pub fn read_unsuccessful(
    call: &'static str,
    key: &ServiceKey,
    batch: &[EndpointId],
    unsuccessful: &[UnsuccessfulItem],
) -> Answers<EndpointId> {
    let error = |item: &UnsuccessfulItem| {
        let code = item.error().and_then(|error| error.code());
        let message = item.error().and_then(|error| error.message()).unwrap_or("unsuccessful, without a reason");
        PortError {
            call,
            place: key.to_string(),
            kind: code.map_or(FailureKind::Refused, classify),
            code: code.map(ToOwned::to_owned),
            message: code.map_or_else(|| message.to_owned(), |code| format!("{code}: {message}")),
        }
    };
    // A failure that names none of these items could be any item's.
    let named = |item: &UnsuccessfulItem| batch.iter().any(|id| item.resource_id() == Some(id.as_str()));
    let nameless = unsuccessful.iter().find(|item| !named(item));
    let failure_of = |id: &EndpointId| {
        unsuccessful.iter().find(|item| item.resource_id() == Some(id.as_str())).or(nameless).map(error)
    };
    batch.iter().map(|id| (id.clone(), failure_of(id).map_or(Ok(()), Err))).collect()
}

pub fn read_service(
    account: &AccountId,
    region: &Region,
    configuration: &ServiceConfiguration,
) -> Result<EndpointService, PortError> {
    let id = configuration.service_id().unwrap_or_default();
    let service = id.parse().map_err(|error| malformed(DESCRIBE_SERVICES, place(account, region), &error))?;
    let network = configuration.network_load_balancer_arns().iter();
    let load_balancers = network.chain(configuration.gateway_load_balancer_arns());
    Ok(EndpointService {
        key: ServiceKey { account: account.clone(), region: region.clone(), service },
        name: configuration.service_name().unwrap_or_default().to_owned(),
        load_balancers: load_balancers.cloned().collect(),
        availability_zones: configuration.availability_zones().iter().cloned().collect(),
        acceptance_required: configuration.acceptance_required().unwrap_or_default(),
        private_dns_name: configuration.private_dns_name().filter(|name| !name.is_empty()).map(ToOwned::to_owned),
        verification: configuration.private_dns_name_configuration().and_then(read_verification),
        tags: read_tags(configuration.tags()),
    })
}

/// How far the private DNS name is verified; `None` for a service without one, where AWS sends an empty answer.
fn read_verification(answer: &PrivateDnsNameConfiguration) -> Option<DomainVerification> {
    Some(DomainVerification {
        state: VerificationState::parse(answer.state()?.as_str()),
        record_name: answer.name()?.to_owned(),
        record_value: answer.value()?.to_owned(),
    })
}

/// A connection of an endpoint, and the service it is at; `None` for one of another kind, such as a transit gateway
/// attachment.
pub fn read_connection(
    account: &AccountId,
    region: &Region,
    connection: &VpcEndpointConnection,
) -> Result<Option<(ServiceId, Connection)>, PortError> {
    let Some(endpoint) = connection.vpc_endpoint_id() else { return Ok(None) };
    let place = || format!("{account}/{region}/{endpoint}");
    let malformed = |error: InvalidIdentifier| malformed(DESCRIBE_CONNECTIONS, place(), &error);
    let service = connection.service_id().unwrap_or_default().parse().map_err(malformed)?;
    let id = connection.vpc_endpoint_connection_id().map(str::parse).transpose();
    let endpoint_region = connection.vpc_endpoint_region().filter(|region| !region.is_empty());
    let connection = Connection {
        endpoint: endpoint.parse().map_err(malformed)?,
        owner: connection.vpc_endpoint_owner().unwrap_or_default().parse().map_err(malformed)?,
        state: ConnectionState::parse(connection.vpc_endpoint_state().map_or("", |state| state.as_str())),
        id: id.map_err(malformed)?,
        created: connection.creation_timestamp().and_then(timestamp),
        region: endpoint_region.map(str::parse).transpose().map_err(malformed)?,
        ip_address_type: connection.ip_address_type().map(|kind| kind.as_str().to_owned()),
        tags: read_tags(connection.tags()),
    };
    Ok(Some((service, connection)))
}

/// An allowed principal; `None` for one without a name.
pub fn read_principal(allowed: &AllowedPrincipal) -> Option<Principal> {
    allowed.principal()?.parse().ok()
}

pub fn read_tags(tags: &[Tag]) -> Tags {
    let pair = |tag: &Tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()));
    tags.iter().filter_map(pair).collect()
}

/// A time of AWS; `None` when it is out of range.
pub fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

pub fn malformed(call: &'static str, place: String, error: &dyn std::error::Error) -> PortError {
    PortError { call, place, kind: FailureKind::Refused, code: None, message: format!("unexpected answer: {error}") }
}

/// A member that AWS always sends.
pub fn required<T>(call: &'static str, place: &str, member: &str, value: Option<T>) -> Result<T, PortError> {
    value.ok_or_else(|| {
        let message = format!("unexpected answer: it has no {member}");
        PortError { call, place: place.to_owned(), kind: FailureKind::Refused, code: None, message }
    })
}

/// The SDK ends a listing without an error when AWS gives the same token twice.
pub fn cut_short(call: &'static str, place: String) -> PortError {
    let message = "the listing ended before its last page".to_owned();
    PortError { call, place, kind: FailureKind::Retry, code: None, message }
}

/// Some calls answer 200 and say beside it whether it is done.
pub fn confirmed(call: &'static str, place: String, done: Option<bool>) -> Result<(), PortError> {
    if done != Some(false) {
        return Ok(());
    }
    let message = "answered with false, and no reason".to_owned();
    Err(PortError { call, place, kind: FailureKind::Refused, code: None, message })
}

/// A filter on one value. Ids are checked types: an empty value, which would match everything, can't come here.
pub fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

pub fn strings<T: ToString>(ids: &[T]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{DnsNameState, UnsuccessfulItemError};

    use super::*;

    fn answers(unsuccessful: &[UnsuccessfulItem]) -> Vec<bool> {
        let key = ServiceKey {
            account: "222222222222".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            service: "vpce-svc-0a1b2c3d4e5f60718".parse().unwrap(),
        };
        let batch = ["vpce-00000001", "vpce-00000002"].map(|id| id.parse().unwrap());
        read_unsuccessful("ec2:AcceptVpcEndpointConnections", &key, &batch, unsuccessful)
            .into_values()
            .map(|answer| answer.is_ok())
            .collect()
    }

    fn item(id: Option<&str>) -> UnsuccessfulItem {
        let error = UnsuccessfulItemError::builder().code("InvalidState").build();
        UnsuccessfulItem::builder().set_resource_id(id.map(ToOwned::to_owned)).error(error).build()
    }

    #[test]
    fn item_is_done_unless_the_answer_names_it() {
        assert_eq!(answers(&[]), [true, true]);
        assert_eq!(answers(&[item(Some("vpce-00000002"))]), [true, false]);
    }

    #[test]
    fn failure_that_names_none_of_the_items_counts_for_all() {
        assert_eq!(answers(&[item(None)]), [false, false]);
        assert_eq!(answers(&[item(Some("vpce-svc-0a1b2c3d4e5f60718"))]), [false, false]);
    }

    #[test]
    fn failure_without_an_error_is_still_a_failure() {
        let bare = UnsuccessfulItem::builder().resource_id("vpce-00000001").build();
        assert_eq!(answers(&[bare]), [false, true]);
    }

    #[test]
    fn verification_is_read_and_an_empty_one_is_none() {
        let answer = || PrivateDnsNameConfiguration::builder().r#type("TXT");
        assert_eq!(read_verification(&answer().build()), None);
        // On the wire it is lowerCamel.
        let full = answer().state(DnsNameState::from("pendingVerification")).name("_6e86v84t").value("vpce:l6p0ERxl");
        let verification = read_verification(&full.build()).unwrap();
        assert_eq!(verification.state, VerificationState::PendingVerification);
        assert_eq!((&*verification.record_name, &*verification.record_value), ("_6e86v84t", "vpce:l6p0ERxl"));
    }

    #[test]
    fn answer_that_says_false_is_a_refusal() {
        assert!(confirmed("test:Call", String::new(), Some(true)).is_ok());
        assert!(confirmed("test:Call", String::new(), None).is_ok());
        assert_eq!(confirmed("test:Call", String::new(), Some(false)).unwrap_err().kind, FailureKind::Refused);
    }
}
