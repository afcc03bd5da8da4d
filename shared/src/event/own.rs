//! What Drawbridge says to itself on the bus. Anybody who may put events there can say it too: it asks to look, no
//! more.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    SUBJECT_LIMIT, ServiceReference, Subject, Trigger, Unparsable, again, envelope::Envelope, field::Field, told,
};
use crate::model::{AccountId, Region};

/// The source of our own events.
pub const SOURCE: &str = "drawbridge";

/// The detail-type that asks for a sweep: of everything, or of `account` and `region`.
pub const SWEEP_REQUESTED: &str = "Sweep Requested";

/// The detail-type that asks for a review of `services` in `account` and `region`, after the membership of `owners` was
/// looked up anew.
pub const REVIEW_REQUESTED: &str = "Review Requested";

/// The detail-type of the message that we leave in our own queue, to be delivered later. It names one subject.
pub const LOOK_AGAIN: &str = "Look Again";

const SERVICES: &str = "a list of endpoint service ids, at least one";
const OWNERS: &str = "a list of account ids";

/// The message that asks to look at a subject again, as an event: what comes by the queue itself is read as what comes by
/// the bus.
#[must_use]
pub fn look_again(subject: &Subject) -> Value {
    let detail = json!({ "subject": again::write_subject(subject) });
    json!({ "version": "0", "source": SOURCE, "detail-type": LOOK_AGAIN, "resources": [], "detail": detail })
}

/// A sweep of everything, or of the account and Region that the detail names.
pub(super) fn sweep_requested(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    let detail = envelope.detail()?;
    if detail.member("account").is_none() && detail.member("region").is_none() {
        return Ok(Trigger::everything());
    }
    let (account, region) = read_place(&detail)?;
    Ok(Subject::place(&account, &region).into())
}

/// A review of the services that the detail names, and of the owners' place in the Organization.
///
/// When it names too many, the owners stay: the place covers the services, nothing covers a membership.
pub(super) fn review_requested(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    let detail = envelope.detail()?;
    let (account, region) = read_place(&detail)?;
    let services = detail.required("services", SERVICES)?;
    let named = read_list(&services, SERVICES)?;
    if named.is_empty() {
        return Err(services.unexpected(SERVICES));
    }
    let owners = detail.member("owners").map_or(Ok(Vec::new()), |owners| read_list(&owners, OWNERS))?;
    let mut subjects = BTreeSet::new();
    for service in named {
        let (account, region) = (Some(account.clone()), region.clone());
        let service = service.identifier()?;
        subjects.insert(Subject::ServiceReview(ServiceReference { account, region, service }));
    }
    let owners = owners.iter().map(|owner| Ok(Subject::Owner(owner.identifier()?)));
    let owners = owners.collect::<Result<BTreeSet<_>, Unparsable>>()?;
    if subjects.len() + owners.len() > SUBJECT_LIMIT {
        subjects = BTreeSet::from([Subject::place(&account, &region)]);
    }
    subjects.extend(owners);
    Ok(Trigger::naming(subjects, Subject::Everything))
}

/// Whether this is what we have said about our own decisions.
pub(super) fn is_told(envelope: &Envelope<'_>) -> bool {
    (envelope.source, envelope.version) == (SOURCE, "0") && told::ALL.contains(&envelope.detail_type)
}

fn read_list<'message>(list: &Field<'message>, expected: &'static str) -> Result<Vec<Field<'message>>, Unparsable> {
    let elements = list.value.as_array().ok_or_else(|| list.unexpected(expected))?;
    let element = |(index, value)| Field::new(format!("{}[{index}]", list.path), value);
    Ok(elements.iter().enumerate().map(element).collect())
}

fn read_place(detail: &Field<'_>) -> Result<(AccountId, Region), Unparsable> {
    let account = detail.required("account", "the provider's account, together with region")?.identifier()?;
    let region = detail.required("region", "the Region, together with account")?.identifier()?;
    Ok((account, region))
}
