//! Calls of Route 53 on hosted zones.
//!
//! Parameters are plain JSON, named as in the API but for the first letter: `hostedZoneId`, `vPC`, `tTL`. A zone's id
//! stands as the caller wrote it, with or without `/hostedzone/`, and in replies with it. Route 53 is in no Region; its
//! records are made in one for all (us-east-1, in the partition `aws`), so that the place of a record stands for the
//! account's zones. Source: Route 53 developer guide, "Logging Amazon Route 53 API calls with AWS CloudTrail".

use super::{
    Subject, Trigger, Unparsable, ZoneReference,
    cloudtrail::{self, Record, Service},
    envelope::Envelope,
    field::Field,
    ignored::Ignored,
};
use crate::model::AccountId;

const ZONE: &str = "the id of a hosted zone such as Z0123456789ABCDEFGHIJ";

pub(super) const SERVICE: Service = Service {
    event_source: "route53.amazonaws.com",
    calls: &[
        ("ChangeResourceRecordSets", changed),
        ("CreateVPCAssociationAuthorization", changed),
        ("DeleteVPCAssociationAuthorization", changed),
        ("AssociateVPCWithHostedZone", association_changed),
        ("DisassociateVPCFromHostedZone", association_changed),
        ("CreateHostedZone", created),
        ("DeleteHostedZone", deleted),
        ("ChangeTagsForResource", tags_changed),
    ],
    is_trial: |_| false,
};

/// Reads the record of a call.
pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    cloudtrail::read(envelope, &SERVICE)
}

/// Calls that only the owner of the zone can make.
fn changed(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    by_others(record, "requestParameters", |request, account| zone(request, "hostedZoneId", Some(account)))
}

/// Calls that the owner of the VPC makes, whoever owns the zone.
fn association_changed(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    by_others(record, "requestParameters", |request, _| zone(request, "hostedZoneId", None))
}

/// `CreateHostedZone`: the id is in the reply.
fn created(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    by_others(record, "responseElements", |response, account| {
        zone(&response.required("hostedZone", "the hosted zone that was made")?, "id", Some(account))
    })
}

/// `DeleteHostedZone`, whose parameter has a name of its own.
fn deleted(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    by_others(record, "requestParameters", |request, account| zone(request, "id", Some(account)))
}

/// `ChangeTagsForResource`: of a hosted zone or a health check. We set no tags, so it is nobody's own call.
fn tags_changed(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    const KIND: &str = "hostedzone or healthcheck";
    naming_a_zone(record, "requestParameters", |request, account| {
        if request.required("resourceType", KIND)?.text(KIND)? != "hostedzone" {
            return Ok(Ignored::UnrelatedTag.into());
        }
        zone(request, "resourceId", Some(account))
    })
}

/// What others than us have done. Our own writes would wake us with each of them.
fn by_others(
    record: &Record<'_>,
    section: &str,
    name: impl Fn(&Field<'_>, AccountId) -> Result<Trigger, Unparsable>,
) -> Result<Trigger, Unparsable> {
    if record.is_own() { Ok(Ignored::OwnCall.into()) } else { naming_a_zone(record, section, name) }
}

/// The zone that a section of the record names; the place of the record, where `CloudTrail` left that section out.
fn naming_a_zone(
    record: &Record<'_>,
    section: &str,
    name: impl Fn(&Field<'_>, AccountId) -> Result<Trigger, Unparsable>,
) -> Result<Trigger, Unparsable> {
    let (account, region) = record.place()?;
    match record.section(section) {
        Some(section) => name(&section, account),
        None => Ok(Subject::place(&account, &region).into()),
    }
}

fn zone(body: &Field<'_>, name: &str, account: Option<AccountId>) -> Result<Trigger, Unparsable> {
    Ok(Subject::Zone(ZoneReference { account, zone: body.required(name, ZONE)?.identifier()? }).into())
}
