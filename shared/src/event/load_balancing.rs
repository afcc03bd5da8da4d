//! Calls of Elastic Load Balancing that change what is behind endpoint services: which target groups a load balancer has, and
//! the Availability Zones that it is in.
//!
//! Which services that reaches can't be told from the call, so it names its place. Classic load balancers share source and
//! names of calls, and are told by the version of the API. Source: `CloudTrail` user guide, "Record contents", `apiVersion`.

use std::collections::BTreeSet;

use super::{
    Subject, Trigger, Unparsable,
    cloudtrail::{self, Record, Service},
    envelope::Envelope,
    ignored::Ignored,
};

/// The API of Network Load Balancers.
const VERSION: &str = "2015-12-01";

pub(super) const SERVICE: Service = Service {
    event_source: "elasticloadbalancing.amazonaws.com",
    calls: &[
        ("CreateListener", changed),
        ("ModifyListener", changed),
        ("DeleteListener", changed),
        ("SetSubnets", changed),
        ("DeleteLoadBalancer", changed),
        ("DeleteTargetGroup", changed),
    ],
    is_trial: |_| false,
};

/// Reads the record of a call.
pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    cloudtrail::read(envelope, &SERVICE)
}

fn changed(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    let version = record.section("apiVersion");
    if version.and_then(|version| version.value.as_str()) != Some(VERSION) || is_of_another_kind(record) {
        return Ok(Ignored::UnrelatedCall.into());
    }
    let (account, region) = record.place()?;
    Ok(Trigger::Subjects(BTreeSet::from([Subject::LoadBalancers { account, region }])))
}

/// Whether the call names a load balancer that no endpoint service can have, by its own ARN or its listener's.
fn is_of_another_kind(record: &Record<'_>) -> bool {
    let named = |member: &str| record.section("requestParameters").and_then(|request| request.member(member));
    let arns = ["loadBalancerArn", "listenerArn"].into_iter().filter_map(named);
    arns.filter_map(|arn| arn.value.as_str()).any(|arn| arn.contains("/app/"))
}
