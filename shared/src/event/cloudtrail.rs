//! A record of `CloudTrail`: who did what, and whether it worked. What it names is read by the service that was called,
//! beside this file: each has its own way to write parameters down.
//!
//! Source: `CloudTrail` user guide, "Record contents". The record of a service event, which nobody has called, has the
//! same fields and fewer of them: no request id, and a user identity without type.

use std::collections::BTreeSet;

use super::{
    CreationReference, Ignored, Subject, Trigger, Unparsable, creation, envelope::Envelope, field::Field, wrapped,
};
use crate::model::{AccountId, Region};

/// What the names of our own roles begin with.
const OWN_ROLES: &str = "drawbridge-";

const ACCOUNT: &str = "the account that the record was made in";

pub(super) type Reader = fn(&Record<'_>) -> Result<Trigger, Unparsable>;

/// What is known of one service's records.
#[derive(Debug)]
pub(super) struct Service {
    /// `eventSource` of all of them.
    pub event_source: &'static str,
    /// Their readers by `eventName`. A call is added by a line here.
    pub calls: &'static [(&'static str, Reader)],
    /// Whether a call that is recorded without an error was a trial and changed nothing all the same.
    pub is_trial: fn(&Record<'_>) -> bool,
}

/// Reads a record of this service.
pub(super) fn read(envelope: &Envelope<'_>, service: &Service) -> Result<Trigger, Unparsable> {
    let record = Record { detail: envelope.detail()?, envelope };
    let text = |name, expected| record.detail.required(name, expected)?.text(expected);
    let version = text("eventVersion", "the version of CloudTrail's record such as 1.11")?;
    // Minor versions add fields, a major one may change what the known ones mean.
    if version.split('.').next() != Some("1") {
        return Ok(Ignored::UnknownEvent.into());
    }
    let event_source = text("eventSource", "the service called such as ec2.amazonaws.com")?;
    let event_name = text("eventName", "the call's name")?;
    let called = (event_source, event_name);
    let Some((_, reader)) = service.calls.iter().find(|(name, _)| (service.event_source, *name) == called) else {
        return Ok(Ignored::UnrelatedCall.into());
    };
    // Rules should drop failed calls, but a rule is easily changed.
    let has_failed = record.section("errorCode").is_some() || (service.is_trial)(&record);
    if has_failed { Ok(Ignored::FailedCall.into()) } else { reader(&record) }
}

/// A record of a call that is known.
#[derive(Debug)]
pub(super) struct Record<'message> {
    detail: Field<'message>,
    envelope: &'message Envelope<'message>,
}

impl<'message> Record<'message> {
    /// A section of the record such as `requestParameters`. `CloudTrail` leaves parameters out beyond 100 KB.
    pub fn section(&self, name: &str) -> Option<Field<'message>> {
        self.detail.member(name)
    }

    /// A section of the record, which must be there.
    pub fn required(&self, name: &str, expected: &'static str) -> Result<Field<'message>, Unparsable> {
        self.detail.required(name, expected)
    }

    /// What the call made and who made it, as subjects.
    pub fn creations(&self) -> Result<BTreeSet<Subject>, Unparsable> {
        let made = creation::read(&self.detail);
        if made.is_empty() {
            return Ok(BTreeSet::new());
        }
        let (account, region) = self.place()?;
        let subject = |creation| {
            Subject::Creation(CreationReference { account: account.clone(), region: region.clone(), creation })
        };
        Ok(made.into_iter().map(subject).collect())
    }

    /// The account and Region that the record was made in. For calls on an endpoint or an endpoint service these are its
    /// own.
    pub fn place(&self) -> Result<(AccountId, Region), Unparsable> {
        let account = self.recipient()?;
        let region = self.detail.required("awsRegion", "the Region of the call")?.identifier()?;
        Ok((account, region))
    }

    /// The account that the record was made in.
    pub fn recipient(&self) -> Result<AccountId, Unparsable> {
        let recipient = self.detail.required("recipientAccountId", ACCOUNT)?;
        let account = wrapped::account(&recipient)?;
        let (sender_field, sender) = self.envelope.account()?;
        // AWS writes both alike and nobody else may send events of AWS: this one is put together by hand.
        if sender != account {
            let (found, other) = (account.as_str(), sender.as_str());
            return Err(Unparsable::contradiction(&recipient.path, found, &sender_field.path, other));
        }
        Ok(account)
    }

    /// The account of whoever has called: the record's own, unless this is the copy that another party got.
    pub fn caller(&self) -> Result<AccountId, Unparsable> {
        match self.detail.member("userIdentity").and_then(|identity| identity.member("accountId")) {
            Some(account) => account.identifier(),
            None => self.recipient(),
        }
    }

    /// Whether the call was made by a role of ours.
    ///
    /// Anybody can give a role such a name. So this is asked only of the calls that we make ourselves, where a false
    /// answer leaves to the sweep what somebody else has done: answered a request, changed an endpoint's or a zone's names.
    pub fn is_own(&self) -> bool {
        let identity = self.detail.member("userIdentity");
        let issuer = identity.as_ref().and_then(|identity| identity.member("sessionContext")?.member("sessionIssuer"));
        let name = issuer.and_then(|issuer| issuer.member("userName")?.value.as_str());
        let arn = identity.and_then(|identity| identity.member("arn")?.value.as_str());
        // arn:aws:sts::<account>:assumed-role/<role>/<session>
        let role = arn.and_then(|arn| arn.split_once(":assumed-role/")?.1.split('/').next());
        name.or(role).is_some_and(|name| name.starts_with(OWN_ROLES))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{cloud_map, ec2, organizations, profiles, route53},
        BTreeSet,
    };

    #[test]
    fn call_has_one_reader() {
        for service in
            [&cloud_map::SERVICE, &ec2::SERVICE, &organizations::SERVICE, &profiles::SERVICE, &route53::SERVICE]
        {
            let calls: BTreeSet<_> = service.calls.iter().map(|(call, _)| *call).collect();
            assert_eq!(calls.len(), service.calls.len(), "{}", service.event_source);
        }
    }
}
