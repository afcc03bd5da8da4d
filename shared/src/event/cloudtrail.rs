//! A record of `CloudTrail`: who called what, and whether it worked. What the calls name is read beside this file.
//!
//! Source: `CloudTrail` user guide, "Record contents".

use super::{Ignored, Trigger, Unparsable, endpoint_calls, envelope::Envelope, field::Field, service_calls, wrapped};
use crate::model::{AccountId, Region};

/// What the names of our own roles begin with.
const OWN_ROLES: &str = "drawbridge-";

type Reader = fn(&Record<'_>) -> Result<Trigger, Unparsable>;

const EC2: &str = "ec2.amazonaws.com";

/// The calls that are known, by `eventSource` and `eventName`.
const CALLS: &[((&str, &str), Reader)] = &[
    ((EC2, "CreateVpcEndpoint"), endpoint_calls::created),
    ((EC2, "ModifyVpcEndpoint"), endpoint_calls::changed),
    ((EC2, "DeleteVpcEndpoints"), endpoint_calls::changed),
    ((EC2, "AcceptVpcEndpointConnections"), service_calls::answered),
    ((EC2, "RejectVpcEndpointConnections"), service_calls::answered),
    ((EC2, "CreateVpcEndpointServiceConfiguration"), service_calls::created),
    ((EC2, "ModifyVpcEndpointServiceConfiguration"), service_calls::changed),
    ((EC2, "ModifyVpcEndpointServicePermissions"), service_calls::changed),
    ((EC2, "StartVpcEndpointServicePrivateDnsVerification"), service_calls::changed),
    ((EC2, "DeleteVpcEndpointServiceConfigurations"), service_calls::deleted),
    ((EC2, "CreateVpcEndpointConnectionNotification"), service_calls::notification_set),
    ((EC2, "ModifyVpcEndpointConnectionNotification"), service_calls::notification_set),
    ((EC2, "DeleteVpcEndpointConnectionNotifications"), service_calls::notification_set),
];

/// Reads the record of a call.
pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    let record = Record { detail: envelope.detail()?, envelope };
    let text = |name, expected| record.detail.required(name, expected)?.text(expected);
    let version = text("eventVersion", "the version of CloudTrail's record such as 1.11")?;
    // Minor versions add fields, a major one may change what the known ones mean.
    if version.split('.').next() != Some("1") {
        return Ok(Ignored::UnknownEvent.into());
    }
    let call =
        (text("eventSource", "the service called such as ec2.amazonaws.com")?, text("eventName", "the call's name")?);
    let Some((_, reader)) = CALLS.iter().find(|(known, _)| *known == call) else {
        return Ok(Ignored::UnrelatedCall.into());
    };
    // Rules should drop failed calls, but a rule is easily changed.
    if record.has_failed() { Ok(Ignored::FailedCall.into()) } else { reader(&record) }
}

/// A record of a call that is known.
#[derive(Debug)]
pub(super) struct Record<'message> {
    detail: Field<'message>,
    envelope: &'message Envelope<'message>,
}

impl<'message> Record<'message> {
    /// The parameters out of their wrapper; `None` when `CloudTrail` left them out, as it does beyond 100 KB.
    pub fn request(&self) -> Option<Field<'message>> {
        self.detail.member("requestParameters").map(wrapped::unwrapped)
    }

    /// The reply out of its wrapper; `None` as for [`Record::request`].
    pub fn response(&self) -> Option<Field<'message>> {
        self.detail.member("responseElements").map(wrapped::unwrapped)
    }

    /// The account and Region that the record was made in. For calls on an endpoint service these are the service's
    /// own.
    pub fn place(&self) -> Result<(AccountId, Region), Unparsable> {
        let recipient = self.detail.required("recipientAccountId", "the account that the record was made in")?;
        let account = wrapped::account(&recipient)?;
        let (sender_field, sender) = self.envelope.account()?;
        // AWS writes both alike and nobody else may send events of aws.ec2: this one is put together by hand.
        if sender != account {
            let (found, other) = (account.as_str(), sender.as_str());
            return Err(Unparsable::contradiction(&recipient.path, found, &sender_field.path, other));
        }
        let region = self.detail.required("awsRegion", "the Region of the call")?.identifier()?;
        Ok((account, region))
    }

    /// Whether the call was made by a role of ours.
    ///
    /// Anybody can give a role such a name. So this is asked only of the calls that we make ourselves, where a false
    /// answer leaves an answered request to the sweep.
    pub fn is_own(&self) -> bool {
        let identity = self.detail.member("userIdentity");
        let issuer = identity.as_ref().and_then(|identity| identity.member("sessionContext")?.member("sessionIssuer"));
        let name = issuer.and_then(|issuer| issuer.member("userName")?.value.as_str());
        let arn = identity.and_then(|identity| identity.member("arn")?.value.as_str());
        // arn:aws:sts::<account>:assumed-role/<role>/<session>
        let role = arn.and_then(|arn| arn.split_once(":assumed-role/")?.1.split('/').next());
        name.or(role).is_some_and(|name| name.starts_with(OWN_ROLES))
    }

    /// A dry run always fails, with the code `DryRunOperation` when it would have succeeded.
    fn has_failed(&self) -> bool {
        let is_dry = || self.request().and_then(|request| wrapped::member(&request, "DryRun"));
        self.detail.member("errorCode").is_some() || is_dry().is_some_and(|flag| wrapped::is_true(&flag))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn call_has_one_reader() {
        let calls: BTreeSet<_> = CALLS.iter().map(|(call, _)| *call).collect();
        assert_eq!(calls.len(), CALLS.len());
    }
}
