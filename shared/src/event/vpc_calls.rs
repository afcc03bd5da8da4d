//! Calls on VPCs: one comes or goes, or begins or ends to resolve names.

use super::{Subject, Trigger, Unparsable, cloudtrail::Record};

/// `CreateVpc`, `DeleteVpc`, `ModifyVpcAttribute`: which names a VPC should see is told by what there is in its place,
/// not by the VPC alone.
pub(super) fn changed(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    let (account, region) = record.place()?;
    Ok(Subject::Place { account, region }.into())
}
