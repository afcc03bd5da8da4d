//! A tag change: tags of an endpoint service say whether and how Drawbridge serves it, those of an endpoint which name leads
//! to it, those of a VPC which names it sees, those of a target group which Cloud Map service it follows.
//!
//! Source: `EventBridge` events reference, "Tag Change on Resource". The tags in it are not read: changes in quick
//! succession are merged and may arrive out of order.

use std::str::FromStr;

use super::{
    EndpointReference, ServiceReference, Subject, Trigger, Unparsable,
    arn::{self, Arn},
    envelope::Envelope,
    field::Field,
    ignored::Ignored,
};
use crate::model::{InvalidIdentifier, VpcId};

const SERVICE: &str = "the ARN of an endpoint service such as \
                       arn:aws:ec2:eu-west-1:333333333333:vpc-endpoint-service/vpce-svc-0a1b2c3d4e5f60718";
const ENDPOINT: &str = "the ARN of an endpoint such as \
                        arn:aws:ec2:eu-west-1:444444444444:vpc-endpoint/vpce-0f1e2d3c4b5a69788";
const VPC: &str = "the ARN of a VPC such as arn:aws:ec2:eu-west-1:444444444444:vpc/vpc-0c0ffee0c0ffee0c0";

const LOAD_BALANCING: &str = "elasticloadbalancing";
const TARGET_GROUP: &str = "the ARN of a target group such as \
                            arn:aws:elasticloadbalancing:eu-west-1:333333333333:targetgroup/orders/73e2d6bc24d8a067";

/// Reads the resource whose tags have changed.
pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    let detail = envelope.detail()?;
    let service = detail.required("service", "the AWS service such as ec2")?.text("the AWS service such as ec2")?;
    let kind = detail.required("resource-type", "the kind of resource")?.text("the kind of resource")?;
    match (service, kind) {
        ("ec2", "vpc-endpoint-service") => {
            let (resource, Arn { account, region, resource: id }) = tagged(envelope, "ec2", SERVICE)?;
            let service = id_after("vpc-endpoint-service/", id).ok_or_else(|| resource.unexpected(SERVICE))?;
            Ok(Subject::ServiceReview(ServiceReference { account: Some(account), region, service }).into())
        }
        ("ec2", "vpc-endpoint") => {
            let (resource, Arn { account, region, resource: id }) = tagged(envelope, "ec2", ENDPOINT)?;
            let endpoint = id_after("vpc-endpoint/", id).ok_or_else(|| resource.unexpected(ENDPOINT))?;
            Ok(Subject::Endpoint(EndpointReference { account, region, endpoint }).into())
        }
        ("ec2", "vpc") => {
            let (resource, Arn { account, region, resource: id }) = tagged(envelope, "ec2", VPC)?;
            let _: VpcId = id_after("vpc/", id).ok_or_else(|| resource.unexpected(VPC))?;
            Ok(Subject::Place { account, region }.into())
        }
        ("elasticloadbalancing", "targetgroup") => {
            let (resource, Arn { account, region, resource: id }) = tagged(envelope, LOAD_BALANCING, TARGET_GROUP)?;
            if !id.starts_with("targetgroup/") {
                return Err(resource.unexpected(TARGET_GROUP));
            }
            Ok(Subject::CloudMap { account, region }.into())
        }
        _ => Ok(Ignored::UnrelatedTag.into()),
    }
}

/// The resource, which is of the account that the event is of.
fn tagged<'message>(
    envelope: &Envelope<'message>,
    service: &str,
    expected: &'static str,
) -> Result<(Field<'message>, Arn<'message>), Unparsable> {
    let resource = envelope.resource(expected)?;
    let arn = arn::read(&resource, service, expected)?;
    let (sender_field, sender) = envelope.account()?;
    if sender != arn.account {
        let (found, other) = (arn.account.as_str(), sender.as_str());
        return Err(Unparsable::contradiction(&resource.path, found, &sender_field.path, other));
    }
    Ok((resource, arn))
}

fn id_after<T: FromStr<Err = InvalidIdentifier>>(kind: &str, resource: &str) -> Option<T> {
    resource.strip_prefix(kind)?.parse().ok()
}
