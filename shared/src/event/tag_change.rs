//! A tag change: tags of an endpoint service say whether and how Drawbridge serves it, those of an endpoint which name leads
//! to it, those of a VPC which names it sees.
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

/// Reads the resource whose tags have changed.
pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    let detail = envelope.detail()?;
    let service = detail.required("service", "the AWS service such as ec2")?.text("the AWS service such as ec2")?;
    let kind = detail.required("resource-type", "the kind of resource")?.text("the kind of resource")?;
    match (service, kind) {
        ("ec2", "vpc-endpoint-service") => {
            let (resource, Arn { account, region, resource: id }) = tagged(envelope, SERVICE)?;
            let service = id_after("vpc-endpoint-service/", id).ok_or_else(|| resource.unexpected(SERVICE))?;
            Ok(Subject::ServiceReview(ServiceReference { account: Some(account), region, service }).into())
        }
        ("ec2", "vpc-endpoint") => {
            let (resource, Arn { account, region, resource: id }) = tagged(envelope, ENDPOINT)?;
            let endpoint = id_after("vpc-endpoint/", id).ok_or_else(|| resource.unexpected(ENDPOINT))?;
            Ok(Subject::Endpoint(EndpointReference { account, region, endpoint }).into())
        }
        ("ec2", "vpc") => {
            let (resource, Arn { account, region, resource: id }) = tagged(envelope, VPC)?;
            let _: VpcId = id_after("vpc/", id).ok_or_else(|| resource.unexpected(VPC))?;
            Ok(Subject::Place { account, region }.into())
        }
        _ => Ok(Ignored::UnrelatedTag.into()),
    }
}

/// The resource, which is of the account that the event is of.
fn tagged<'message>(
    envelope: &Envelope<'message>,
    expected: &'static str,
) -> Result<(Field<'message>, Arn<'message>), Unparsable> {
    let resource = envelope.resource(expected)?;
    let arn = arn::read(&resource, "ec2", expected)?;
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
