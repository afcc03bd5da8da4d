//! What Drawbridge says to itself on the bus. Anybody who may put events there can say it too: it asks to look, no
//! more.

use std::collections::BTreeSet;

use super::{
    ServiceReference, Subject, Trigger, Unparsable,
    envelope::{Envelope, place},
    field::Field,
    ignored::Ignored,
};
use crate::model::{AccountId, Region};

/// The source of our own events.
pub(super) const SOURCE: &str = "drawbridge";

const SERVICES: &str = "a list of endpoint service ids, at least one";

/// A sweep of everything, or of the account and Region that the detail names.
pub(super) fn sweep_requested(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    let detail = envelope.detail()?;
    if detail.member("account").is_none() && detail.member("region").is_none() {
        return Ok(Trigger::everything());
    }
    let (account, region) = read_place(&detail)?;
    Ok(place(&account, &region).into())
}

/// A review of the services that the detail names.
pub(super) fn review_requested(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    let detail = envelope.detail()?;
    let (account, region) = read_place(&detail)?;
    let services = detail.required("services", SERVICES)?;
    let list =
        services.value.as_array().filter(|list| !list.is_empty()).ok_or_else(|| services.unexpected(SERVICES))?;
    let mut subjects = BTreeSet::new();
    for (index, value) in list.iter().enumerate() {
        let service = Field::new(format!("{}[{index}]", services.path), value).identifier()?;
        let account = Some(account.clone());
        subjects.insert(Subject::ServiceReview(ServiceReference { account, region: region.clone(), service }));
    }
    Ok(Trigger::naming(subjects, place(&account, &region)))
}

/// A decision that was taken, told to others.
#[expect(clippy::unnecessary_wraps, reason = "a reader of the registry")]
pub(super) fn decided(_: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    Ok(Ignored::OwnDecision.into())
}

fn read_place(detail: &Field<'_>) -> Result<(AccountId, Region), Unparsable> {
    let account = detail.required("account", "the provider's account, together with region")?.identifier()?;
    let region = detail.required("region", "the Region, together with account")?.identifier()?;
    Ok((account, region))
}
