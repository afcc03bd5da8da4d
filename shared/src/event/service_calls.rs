//! Calls on endpoint services, recorded in the provider's account.
//!
//! Each names its service by id; account and Region are those of the record. Where `CloudTrail` left the parameters
//! out, the place is all that is known.

use std::collections::BTreeSet;

use super::{
    ServiceReference, Subject, Trigger, Unparsable, cloudtrail::Record, ec2, field::Field, ignored::Ignored, wrapped,
};
use crate::model::{AccountId, Region};

const SERVICE: &str = "an endpoint service id such as vpce-svc-0a1b2c3d4e5f60718";

/// `AcceptVpcEndpointConnections`, `RejectVpcEndpointConnections`: somebody has answered requests.
pub(super) fn answered(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    if record.is_own() {
        return Ok(Ignored::OwnCall.into());
    }
    let (account, region) = record.place()?;
    let Some(request) = ec2::request(record) else { return Ok(Subject::place(&account, &region).into()) };
    let endpoints = wrapped::member(&request, "VpcEndpointId");
    let endpoints = endpoints.iter().flat_map(wrapped::elements);
    let answered: BTreeSet<&str> = endpoints.filter_map(|endpoint| endpoint.value.as_str()).collect();
    if !answered.is_empty() && answered.is_subset(&ec2::unsuccessful(record)) {
        return Ok(Ignored::NothingSucceeded.into());
    }
    Ok(Subject::Service(service(&request, account, region)?).into())
}

/// `CreateVpcEndpointServiceConfiguration`: the id is in the reply.
pub(super) fn created(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    let (account, region) = record.place()?;
    let Some(response) = ec2::response(record) else { return Ok(Subject::place(&account, &region).into()) };
    let configuration = wrapped::required(&response, "serviceConfiguration", "the endpoint service that was made")?;
    let mut subjects = record.creations()?;
    subjects.insert(Subject::ServiceReview(service(&configuration, account, region)?));
    Ok(Trigger::Subjects(subjects))
}

/// `StartVpcEndpointServicePrivateDnsVerification`: somebody has shown whose a private DNS name is, or tries to. Were our
/// own tries heard, each would bring the next.
pub(super) fn verification_started(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    if record.is_own() { Ok(Ignored::OwnCall.into()) } else { changed(record) }
}

/// Calls that change one service: its configuration, who may connect.
pub(super) fn changed(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    let (account, region) = record.place()?;
    let Some(request) = ec2::request(record) else { return Ok(Subject::place(&account, &region).into()) };
    Ok(Subject::ServiceReview(service(&request, account, region)?).into())
}

/// `DeleteVpcEndpointServiceConfigurations`: a reply without error may still hold services that could not be deleted.
pub(super) fn deleted(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    let (account, region) = record.place()?;
    let Some(request) = ec2::request(record) else { return Ok(Subject::place(&account, &region).into()) };
    let gone = ec2::succeeded(record, &wrapped::required(&request, "ServiceId", SERVICE)?, SERVICE)?;
    if gone.is_empty() {
        return Ok(Ignored::NothingSucceeded.into());
    }
    let reference = |service| ServiceReference { account: Some(account.clone()), region: region.clone(), service };
    let subjects = gone.into_iter().map(|service| Subject::ServiceReview(reference(service))).collect();
    Ok(Trigger::naming(subjects, Subject::place(&account, &region)))
}

/// Calls on where the notifications of a service or an endpoint go.
#[expect(clippy::unnecessary_wraps, reason = "a reader of the table of calls")]
pub(super) fn notification_set(_: &Record<'_>) -> Result<Trigger, Unparsable> {
    Ok(Ignored::NotificationSettings.into())
}

fn service(body: &Field<'_>, account: AccountId, region: Region) -> Result<ServiceReference, Unparsable> {
    let field = wrapped::scalar(wrapped::required(body, "ServiceId", SERVICE)?);
    Ok(ServiceReference { account: Some(account), region, service: field.identifier()? })
}
