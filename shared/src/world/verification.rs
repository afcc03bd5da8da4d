//! Private DNS names of services, in memory: AWS looks for the record some time after it was asked to.

use std::time::Duration;

use jiff::Timestamp;

use super::{State, World, fault::Refusal, private_link::no_service};
use crate::{
    model::{DomainName, RecordData, RecordType, ServiceKey, VerificationState, txt},
    port::{Clock, later},
};

/// How long AWS takes for it. `PrivateLink`'s guide says that it can be ten minutes.
pub const VERIFICATION: Duration = Duration::from_mins(1);

/// Has AWS look for the record of a service's name.
pub(super) fn start(state: &mut State, key: &ServiceKey, now: Timestamp) -> Result<(), Refusal> {
    let (service, _) = state.services.get_mut(key).ok_or_else(no_service)?;
    let verification = service.verification.as_mut().filter(|_| service.private_dns_name.is_some());
    let nameless = || Refusal::new("InvalidParameter", "the service has no private DNS name");
    verification.ok_or_else(nameless)?.state = VerificationState::PendingVerification;
    state.verifying.insert(key.clone(), later(now, VERIFICATION));
    Ok(())
}

impl World {
    /// Ends the verifications whose time has come.
    pub(super) fn end_verifications(&self) {
        let now = self.now();
        let due = |(key, time): (&ServiceKey, &Timestamp)| (*time <= now).then(|| key.clone());
        let due: Vec<_> = self.state().verifying.iter().filter_map(due).collect();
        for key in due {
            let mut state = self.change();
            state.verifying.remove(&key);
            let found = is_proven(&state, &key, now);
            let verification = state.services.get_mut(&key).and_then(|(service, _)| service.verification.as_mut());
            if let Some(verification) = verification {
                verification.state = if found { VerificationState::Verified } else { VerificationState::Failed };
            }
        }
    }

    /// AWS looks again for the records of names that were verified before: whose record is gone has failed.
    pub fn verify_again(&self) {
        let now = self.now();
        let keys: Vec<_> = self.state().services.keys().cloned().collect();
        for key in keys {
            let lost = !is_proven(&self.state(), &key, now);
            let mut state = self.change();
            let verification = state.services.get_mut(&key).and_then(|(service, _)| service.verification.as_mut());
            let was = verification.filter(|verification| verification.state == VerificationState::Verified);
            if let Some(verification) = was.filter(|_| lost) {
                verification.state = VerificationState::Failed;
            }
        }
    }
}

/// Whether the record is answered, for the name's domain or one above it, with the label that AWS chose or without.
///
/// Source: `PrivateLink` guide, manage DNS names for VPC endpoint services.
fn is_proven(state: &State, key: &ServiceKey, now: Timestamp) -> bool {
    let Some((service, _)) = state.services.get(key) else { return false };
    let (Some(name), Some(verification)) = (&service.private_dns_name, &service.verification) else { return false };
    let labels: Vec<&str> = name.split('.').skip_while(|label| *label == "*").collect();
    // A domain of one label is nobody's.
    let domains =
        (0..labels.len().saturating_sub(1)).filter_map(|start| labels.get(start..)).map(|rest| rest.join("."));
    domains.map(|domain| DomainName::of_route53(&domain)).any(|domain| {
        let places = [domain.child(&verification.record_name), domain];
        places.iter().any(|place| texts(state, place, now).contains(&verification.record_value))
    })
}

/// The texts that the public DNS answers at a name: those of the most specific public zone, whosever it is.
fn texts(state: &State, name: &DomainName, now: Timestamp) -> Vec<String> {
    let public = state.zones.values().filter(|zone| !zone.zone.private && name.is_within(&zone.zone.name));
    let zone = public.max_by_key(|zone| zone.zone.name.labels().count());
    match zone.and_then(|zone| zone.answers(now, name, &RecordType::Txt)).map(|record| &record.data) {
        Some(RecordData::Values { values, .. }) => values.iter().filter_map(|value| txt::unquote(value)).collect(),
        _ => Vec::new(),
    }
}
