//! Calls on endpoints, recorded in the consumer's account.

use super::{
    ServiceReference, Subject, Trigger, Unparsable, cloudtrail::Record, ec2, field::Field, ignored::Ignored, wrapped,
};
use crate::model::{Region, ServiceId, parse_service_name};

const TYPE: &str = "a type of endpoint such as Interface";
const SERVICE_NAME: &str = "a service name such as com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718";

/// Types whose connection the provider of an endpoint service may have to accept.
const ACCEPTED_TYPES: [&str; 2] = ["Interface", "GatewayLoadBalancer"];

/// `CreateVpcEndpoint`: a request at the service that it names.
///
/// The service may live in another Region than the call was made in, and its provider is not told: `ownerId` of the
/// reply is the endpoint's owner.
pub(super) fn created(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    let Some(request) = ec2::request(record) else { return Ok(Ignored::ParametersOmitted.into()) };
    if !may_need_acceptance(&request)? {
        return Ok(Ignored::NotAnInterfaceEndpoint.into());
    }
    let name = wrapped::scalar(wrapped::required(&request, "ServiceName", SERVICE_NAME)?);
    let Some((region, service)) = read_service_name(&name)? else {
        return Ok(Ignored::NotAnEndpointService.into());
    };
    check_region(&request, &name, &region)?;
    Ok(Subject::Service(ServiceReference { account: None, region, service }).into())
}

/// `ModifyVpcEndpoint`, `DeleteVpcEndpoints`: they name endpoints, and no service.
#[expect(clippy::unnecessary_wraps, reason = "a reader of the table of calls")]
pub(super) fn changed(_: &Record<'_>) -> Result<Trigger, Unparsable> {
    Ok(Ignored::NamesNoService.into())
}

/// An endpoint without a type is a gateway endpoint. Source: EC2 API reference, `CreateVpcEndpoint`.
fn may_need_acceptance(request: &Field<'_>) -> Result<bool, Unparsable> {
    let Some(kind) = wrapped::member(request, "VpcEndpointType").map(wrapped::scalar) else { return Ok(false) };
    let kind = kind.text(TYPE)?;
    Ok(ACCEPTED_TYPES.iter().any(|accepted| accepted.eq_ignore_ascii_case(kind)))
}

/// The service, unless it is one that AWS or a seller runs under another name.
fn read_service_name(name: &Field<'_>) -> Result<Option<(Region, ServiceId)>, Unparsable> {
    let text = name.text(SERVICE_NAME)?;
    match parse_service_name(text) {
        Some(named) => Ok(Some(named)),
        None if text.is_empty() || text.contains("vpce-svc-") || text.starts_with("com.amazonaws.vpce.") => {
            Err(name.unexpected(SERVICE_NAME))
        }
        None => Ok(None),
    }
}

/// `ServiceRegion` says where the service lives, and so does its name.
fn check_region(request: &Field<'_>, name: &Field<'_>, named: &Region) -> Result<(), Unparsable> {
    let Some(field) = wrapped::member(request, "ServiceRegion").map(wrapped::scalar) else { return Ok(()) };
    let region: Region = field.identifier()?;
    if region == *named {
        return Ok(());
    }
    Err(Unparsable::contradiction(&field.path, region.as_str(), &name.path, named.as_str()))
}
