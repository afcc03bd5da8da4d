//! Writes what makes ours what people made, by order of a person. No function does; what is written is decided by
//! [`crate::plan::dns::adoption`].

use crate::{
    model::Zone,
    plan::dns::adoption::Step,
    port::{FailureKind, HostedZones, PortError},
    reconcile::Permit,
};

/// Carries out the steps of one adoption, in order, as far as they succeed: the next order finishes the rest.
///
/// # Errors
/// When one isn't done, or not known to be.
pub async fn take_over(hosted_zones: &impl HostedZones, steps: &[Step], permit: &Permit) -> Result<(), PortError> {
    for step in steps {
        match step {
            Step::Register { zone, changes, .. } => {
                hosted_zones.change_records(&zone.key, changes, permit).await?;
            }
            Step::Mark { zone, comment } => {
                check_is_as_read(hosted_zones, zone).await?;
                hosted_zones.replace_comment(&zone.key, comment, permit).await?;
            }
        }
    }
    Ok(())
}

/// Refuses a zone whose comment is another one by now: somebody else may have marked it.
async fn check_is_as_read(hosted_zones: &impl HostedZones, zone: &Zone) -> Result<(), PortError> {
    let named = hosted_zones.zones_named(&zone.key.account, &zone.name).await?;
    if named.iter().any(|found| found.key == zone.key && found.comment == zone.comment) {
        return Ok(());
    }
    Err(PortError {
        call: "route53:UpdateHostedZoneComment",
        place: zone.key.to_string(),
        kind: FailureKind::Overtaken,
        code: None,
        message: "the zone's comment has been changed meanwhile".to_owned(),
    })
}
