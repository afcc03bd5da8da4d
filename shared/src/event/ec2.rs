//! Calls of EC2 on endpoints, endpoint services and VPCs: which are known, and where their parameters are.

use std::{collections::BTreeSet, str::FromStr};

use super::{
    Trigger, Unparsable,
    cloudtrail::{self, Record, Service},
    endpoint_calls,
    envelope::Envelope,
    field::Field,
    service_calls, vpc_calls, wrapped,
};
use crate::model::InvalidIdentifier;

pub(super) const SERVICE: Service = Service {
    event_source: "ec2.amazonaws.com",
    calls: &[
        ("CreateVpcEndpoint", endpoint_calls::created),
        ("ModifyVpcEndpoint", endpoint_calls::changed),
        ("DeleteVpcEndpoints", endpoint_calls::deleted),
        ("AcceptVpcEndpointConnections", service_calls::answered),
        ("RejectVpcEndpointConnections", service_calls::answered),
        ("CreateVpcEndpointServiceConfiguration", service_calls::created),
        ("ModifyVpcEndpointServiceConfiguration", service_calls::changed),
        ("ModifyVpcEndpointServicePermissions", service_calls::changed),
        ("StartVpcEndpointServicePrivateDnsVerification", service_calls::verification_started),
        ("DeleteVpcEndpointServiceConfigurations", service_calls::deleted),
        ("CreateVpcEndpointConnectionNotification", service_calls::notification_set),
        ("ModifyVpcEndpointConnectionNotification", service_calls::notification_set),
        ("DeleteVpcEndpointConnectionNotifications", service_calls::notification_set),
        ("CreateVpc", vpc_calls::changed),
        ("DeleteVpc", vpc_calls::changed),
        ("ModifyVpcAttribute", vpc_calls::changed),
    ],
    is_trial: is_dry_run,
};

/// Reads the record of a call.
pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    cloudtrail::read(envelope, &SERVICE)
}

/// The parameters out of their wrapper; `None` when `CloudTrail` left them out.
pub(super) fn request<'message>(record: &Record<'message>) -> Option<Field<'message>> {
    record.section("requestParameters").map(wrapped::unwrapped)
}

/// The reply out of its wrapper; `None` as for [`request`].
pub(super) fn response<'message>(record: &Record<'message>) -> Option<Field<'message>> {
    record.section("responseElements").map(wrapped::unwrapped)
}

/// What failed in a call that succeeded.
pub(super) fn unsuccessful<'message>(record: &Record<'message>) -> BTreeSet<&'message str> {
    response(record).as_ref().map(wrapped::unsuccessful).unwrap_or_default()
}

/// Those of a list, which names one at least, that did not fail.
pub(super) fn succeeded<T: FromStr<Err = InvalidIdentifier> + Ord>(
    record: &Record<'_>,
    list: &Field<'_>,
    expected: &'static str,
) -> Result<BTreeSet<T>, Unparsable> {
    let (named, failed) = (wrapped::elements(list), unsuccessful(record));
    if named.is_empty() {
        return Err(list.unexpected(expected));
    }
    let mut succeeded = BTreeSet::new();
    for element in named {
        let id = element.identifier()?;
        if element.value.as_str().is_none_or(|id| !failed.contains(id)) {
            succeeded.insert(id);
        }
    }
    Ok(succeeded)
}

/// A dry run always fails, with the code `DryRunOperation` when it would have succeeded.
fn is_dry_run(record: &Record<'_>) -> bool {
    request(record).and_then(|request| wrapped::member(&request, "DryRun")).is_some_and(|flag| wrapped::is_true(&flag))
}
