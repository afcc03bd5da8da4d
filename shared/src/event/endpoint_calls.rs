//! Calls on endpoints, recorded in the consumer's account and in the endpoint's Region.

use std::collections::BTreeSet;

use super::{
    EndpointReference, ServiceReference, Subject, Trigger, Unparsable, cloudtrail::Record, ec2, field::Field,
    ignored::Ignored, wrapped,
};
use crate::model::{AccountId, Region, ServiceId, parse_service_name};

const TYPE: &str = "a type of endpoint such as Interface";
const SERVICE_NAME: &str = "a service name such as com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718";
const ENDPOINT: &str = "an endpoint id such as vpce-0f1e2d3c4b5a69788";

/// A type of endpoint, by what it concerns here.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// Has names, and a provider who may have to accept it.
    Interface,
    /// Has such a provider, and no names.
    GatewayLoadBalancer,
    /// Has neither.
    Other,
}

/// `CreateVpcEndpoint`: a request at the service that it names, and an endpoint that names may lead to.
///
/// The service may live in another Region than the call was made in, and its provider is not told: `ownerId` of the
/// reply is the endpoint's owner.
pub(super) fn created(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    let (account, region) = record.place()?;
    // The place is the consumer's: a provider learns of the request by the notification or the sweep.
    let Some(request) = ec2::request(record) else { return Ok(Subject::Place { account, region }.into()) };
    let kind = kind(&request)?;
    if kind == Kind::Other {
        return Ok(Ignored::NotAnInterfaceEndpoint.into());
    }
    let mut subjects: BTreeSet<Subject> = service(&request)?.map(Subject::Service).into_iter().collect();
    if kind == Kind::Interface {
        subjects.insert(endpoint_made(record, account, region)?);
    }
    // Which endpoints are looked after isn't told here: also one at a service of AWS has a maker.
    subjects.extend(record.creations()?);
    if subjects.is_empty() {
        return Ok(Ignored::NotAnEndpointService.into());
    }
    Ok(Trigger::Subjects(subjects))
}

/// `ModifyVpcEndpoint`. We make this call too; were it heard, one without effect would bring the next.
pub(super) fn changed(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    if record.is_own() {
        return Ok(Ignored::OwnCall.into());
    }
    let (account, region) = record.place()?;
    let Some(request) = ec2::request(record) else { return Ok(Subject::Place { account, region }.into()) };
    let endpoint = wrapped::scalar(wrapped::required(&request, "VpcEndpointId", ENDPOINT)?).identifier()?;
    Ok(Subject::Endpoint(EndpointReference { account, region, endpoint }).into())
}

/// `DeleteVpcEndpoints`: a reply without error may still hold endpoints that could not be deleted.
pub(super) fn deleted(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    let (account, region) = record.place()?;
    let all_of_them = Subject::place(&account, &region);
    let Some(request) = ec2::request(record) else { return Ok(all_of_them.into()) };
    let gone = ec2::succeeded(record, &wrapped::required(&request, "VpcEndpointId", ENDPOINT)?, ENDPOINT)?;
    if gone.is_empty() {
        return Ok(Ignored::NothingSucceeded.into());
    }
    let reference = |endpoint| EndpointReference { account: account.clone(), region: region.clone(), endpoint };
    let subjects = gone.into_iter().map(|endpoint| Subject::Endpoint(reference(endpoint))).collect();
    Ok(Trigger::naming(subjects, all_of_them))
}

/// An endpoint without a type is a gateway endpoint. Source: EC2 API reference, `CreateVpcEndpoint`.
fn kind(request: &Field<'_>) -> Result<Kind, Unparsable> {
    let Some(kind) = wrapped::member(request, "VpcEndpointType").map(wrapped::scalar) else { return Ok(Kind::Other) };
    let kind = kind.text(TYPE)?;
    Ok(match kind {
        _ if kind.eq_ignore_ascii_case("Interface") => Kind::Interface,
        _ if kind.eq_ignore_ascii_case("GatewayLoadBalancer") => Kind::GatewayLoadBalancer,
        _ => Kind::Other,
    })
}

/// The endpoint is named by the reply alone. Without that the place stands for it, so that the request is answered
/// whatever the reply looks like.
fn endpoint_made(record: &Record<'_>, account: AccountId, region: Region) -> Result<Subject, Unparsable> {
    let made = ec2::response(record).and_then(|response| wrapped::member(&response, "vpcEndpoint"));
    let Some(id) = made.and_then(|made| wrapped::member(&made, "vpcEndpointId")).map(wrapped::scalar) else {
        return Ok(Subject::Place { account, region });
    };
    Ok(Subject::Endpoint(EndpointReference { account, region, endpoint: id.identifier()? }))
}

/// The service, unless it is one that AWS or a seller runs under another name.
fn service(request: &Field<'_>) -> Result<Option<ServiceReference>, Unparsable> {
    let name = wrapped::scalar(wrapped::required(request, "ServiceName", SERVICE_NAME)?);
    let Some((region, service)) = read_service_name(&name)? else { return Ok(None) };
    check_region(request, &name, &region)?;
    Ok(Some(ServiceReference { account: None, region, service }))
}

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
