//! Calls of Route 53 Profiles, which bring names to VPCs: a Profile is associated with a VPC, a zone or an endpoint with
//! a Profile.
//!
//! Which VPCs a change reaches can't be told from the call, so it names its place. Profiles are of one Region. Source:
//! `EventBridge` events reference, "Amazon Route 53 Profiles events".

use super::{
    Subject, Trigger, Unparsable,
    cloudtrail::{self, Record, Service},
    envelope::Envelope,
    ignored::Ignored,
};

pub(super) const SERVICE: Service = Service {
    event_source: "route53profiles.amazonaws.com",
    calls: &[
        ("AssociateProfile", changed),
        ("DisassociateProfile", changed),
        ("AssociateResourceToProfile", changed),
        ("DisassociateResourceFromProfile", changed),
    ],
    is_trial: |_| false,
};

/// Reads the record of a call.
pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    cloudtrail::read(envelope, &SERVICE)
}

fn changed(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    if record.is_own() {
        return Ok(Ignored::OwnCall.into());
    }
    let (account, region) = record.place()?;
    Ok(Subject::Place { account, region }.into())
}
