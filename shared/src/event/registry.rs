//! The kinds of event that are known, in one table. A kind is added by a line here and a file beside this one.

use super::{
    Ignored, Trigger, Unparsable, again, cloud_map, decided, ec2, envelope::Envelope, load_balancing, organizations,
    own, profiles, route53, schedule, tag_change, told,
};

type Reader = fn(&Envelope<'_>) -> Result<Trigger, Unparsable>;

/// What makes a kind of event: source, detail-type and the envelope's version.
type Kind = (&'static str, &'static str, &'static str);

const CALL: &str = "AWS API Call via CloudTrail";
const SERVICE_EVENT: &str = "AWS Service Event via CloudTrail";

const KINDS: &[(Kind, Reader)] = &[
    (("aws.ec2", CALL, "0"), ec2::read),
    (("aws.ecs", "ECS Task State Change", "0"), cloud_map::read_task),
    (("aws.elasticloadbalancing", CALL, "0"), load_balancing::read),
    (("aws.organizations", CALL, "0"), organizations::read),
    (("aws.organizations", SERVICE_EVENT, "0"), organizations::read),
    (("aws.route53", CALL, "0"), route53::read),
    (("aws.route53profiles", CALL, "0"), profiles::read),
    (("aws.servicediscovery", CALL, "0"), cloud_map::read),
    (("aws.tag", "Tag Change on Resource", "0"), tag_change::read),
    (("aws.events", "Scheduled Event", "0"), schedule::read),
    (("aws.scheduler", "Scheduled Event", "0"), schedule::read),
    ((own::SOURCE, own::SWEEP_REQUESTED, "0"), own::sweep_requested),
    ((own::SOURCE, own::REVIEW_REQUESTED, "0"), own::review_requested),
    ((own::SOURCE, own::LOOK_AGAIN, "0"), again::read),
    ((own::SOURCE, told::CONNECTION_ACCEPTED, "0"), decided::read),
    ((own::SOURCE, told::CONNECTION_REJECTED, "0"), decided::read),
    ((own::SOURCE, told::CONNECTION_REVOKED, "0"), decided::read),
];

/// Reads an event by its kind.
pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    let kind = (envelope.source, envelope.detail_type, envelope.version);
    match KINDS.iter().find(|(known, _)| *known == kind) {
        Some((_, reader)) => reader(envelope),
        None if own::is_told(envelope) => Ok(Ignored::OwnDecision.into()),
        None => Ok(Ignored::UnknownEvent.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn kind_has_one_reader() {
        let kinds: BTreeSet<Kind> = KINDS.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds.len(), KINDS.len());
    }
}
