//! What changes which instances Cloud Map has, and how they are: its own calls, and tasks of ECS, which ECS registers and
//! deregisters by itself.
//!
//! Which target groups follow them can't be told from the event, so it names its place. Names and parameters: Cloud Map developer
//! guide, "Logging AWS Cloud Map API calls using AWS CloudTrail"; ECS developer guide, "Amazon ECS task state change events".

use super::{
    Ignored, Subject, Trigger, Unparsable,
    cloudtrail::{self, Record, Service},
    envelope::Envelope,
};

const STATUS: &str = "the status of the task such as RUNNING";

pub(super) const SERVICE: Service = Service {
    event_source: "servicediscovery.amazonaws.com",
    calls: &[
        ("RegisterInstance", changed),
        ("DeregisterInstance", changed),
        ("UpdateInstanceCustomHealthStatus", changed),
        ("CreateService", changed),
        ("DeleteService", changed),
        ("DeleteNamespace", changed),
    ],
    is_trial: |_| false,
};

/// Reads the record of a call.
pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    cloudtrail::read(envelope, &SERVICE)
}

/// What others than us have done. Our own writes would wake us with each of them.
fn changed(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    if record.is_own() {
        return Ok(Ignored::OwnCall.into());
    }
    let (account, region) = record.place()?;
    Ok(Subject::CloudMap { account, region }.into())
}

/// Reads how far a task of ECS is. Between its beginning and its end nothing about its address changes.
pub(super) fn read_task(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    let status = envelope.detail()?.required("lastStatus", STATUS)?;
    if !["RUNNING", "STOPPED"].contains(&status.text(STATUS)?) {
        return Ok(Ignored::NotFinished.into());
    }
    let (account, region) = (envelope.account()?.1, envelope.region()?);
    Ok(Subject::CloudMap { account, region }.into())
}
