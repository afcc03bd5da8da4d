//! A tag change: tags of an endpoint service say whether and how Drawbridge serves it, so it is reviewed.
//!
//! Source: `EventBridge` events reference, "Tag Change on Resource". The tags in it are not read: changes in quick
//! succession are merged and may arrive out of order.

use super::{ServiceReference, Subject, Trigger, Unparsable, arn, envelope::Envelope, ignored::Ignored};

const RESOURCE: &str = "the ARN of an endpoint service such as \
                        arn:aws:ec2:eu-west-1:333333333333:vpc-endpoint-service/vpce-svc-0a1b2c3d4e5f60718";

/// Reads the resource whose tags have changed.
pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    let detail = envelope.detail()?;
    let service = detail.required("service", "the AWS service such as ec2")?.text("the AWS service such as ec2")?;
    let kind = detail.required("resource-type", "the kind of resource")?.text("the kind of resource")?;
    if (service, kind) != ("ec2", "vpc-endpoint-service") {
        return Ok(Ignored::UnrelatedTag.into());
    }
    let resource = envelope.resource(RESOURCE)?;
    let arn = arn::read(&resource, "ec2", RESOURCE)?;
    let (sender_field, sender) = envelope.account()?;
    if sender != arn.account {
        let (found, other) = (arn.account.as_str(), sender.as_str());
        return Err(Unparsable::contradiction(&resource.path, found, &sender_field.path, other));
    }
    let service = arn.resource.strip_prefix("vpc-endpoint-service/").and_then(|id| id.parse().ok());
    let service = service.ok_or_else(|| resource.unexpected(RESOURCE))?;
    Ok(Subject::ServiceReview(ServiceReference { account: Some(arn.account), region: arn.region, service }).into())
}
