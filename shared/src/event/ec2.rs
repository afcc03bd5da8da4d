//! Calls of EC2, `PrivateLink` among them: which are known, and where their parameters are.

use super::{
    Trigger, Unparsable,
    cloudtrail::{self, Record, Service},
    endpoint_calls,
    envelope::Envelope,
    field::Field,
    service_calls, wrapped,
};

pub(super) const SERVICE: Service = Service {
    event_source: "ec2.amazonaws.com",
    calls: &[
        ("CreateVpcEndpoint", endpoint_calls::created),
        ("ModifyVpcEndpoint", endpoint_calls::changed),
        ("DeleteVpcEndpoints", endpoint_calls::changed),
        ("AcceptVpcEndpointConnections", service_calls::answered),
        ("RejectVpcEndpointConnections", service_calls::answered),
        ("CreateVpcEndpointServiceConfiguration", service_calls::created),
        ("ModifyVpcEndpointServiceConfiguration", service_calls::changed),
        ("ModifyVpcEndpointServicePermissions", service_calls::changed),
        ("StartVpcEndpointServicePrivateDnsVerification", service_calls::changed),
        ("DeleteVpcEndpointServiceConfigurations", service_calls::deleted),
        ("CreateVpcEndpointConnectionNotification", service_calls::notification_set),
        ("ModifyVpcEndpointConnectionNotification", service_calls::notification_set),
        ("DeleteVpcEndpointConnectionNotifications", service_calls::notification_set),
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

/// A dry run always fails, with the code `DryRunOperation` when it would have succeeded.
fn is_dry_run(record: &Record<'_>) -> bool {
    request(record).and_then(|request| wrapped::member(&request, "DryRun")).is_some_and(|flag| wrapped::is_true(&flag))
}
