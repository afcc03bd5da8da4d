//! Taking over the record that people made to show whose a service's private DNS name is.

use jiff::Timestamp;

use super::{Observed, Planner, by_hand, proof, resource};
use crate::{
    model::{RecordSet, ServiceKey},
    plan::{
        Outcome, Plan,
        dns::{
            adoption::{Adoption, differences, register},
            records::{self, RecordPlan, Wanted},
        },
        reason,
    },
    policy::{Rules, Verification},
};

/// Decides what becomes ours for the private DNS name of a service.
#[must_use]
pub fn adopt(key: &ServiceKey, observed: &Observed, rules: &Rules, now: Timestamp) -> Adoption {
    let mut planner = Planner { key, observed, rules, now, plan: Plan::default() };
    let mut adoption =
        Adoption { subject: planner.decision(Outcome::Hold, reason::NOT_WANTED).about.subject, ..Adoption::default() };
    if let Some(proof) = planner.proof_to_adopt() {
        planner.adopt(&proof, &mut adoption);
    }
    adoption.held = planner.plan.held;
    adoption
}

impl Planner<'_> {
    /// The record that is looked for, if the service is looked after.
    fn proof_to_adopt(&mut self) -> Option<RecordSet> {
        let (configuration, service) = (&self.rules.configuration, self.observed.service.as_ref());
        let why_not = match service {
            None => Some((reason::SERVICE_NOT_FOUND, "see whether its id is right".to_owned())),
            Some(service) if !configuration.looks_after(&service.tags) => {
                Some((reason::NOT_SELECTED, "opt the service in, as services of the configuration says".to_owned()))
            }
            Some(_) if configuration.dns.verification == Verification::None => {
                Some((reason::NOT_SELECTED, "set dns.verification to selected".to_owned()))
            }
            Some(_) => None,
        };
        if let Some((why, remedy)) = why_not {
            self.hold(why, vec![remedy]);
            return None;
        }
        let proof = service.and_then(proof);
        if proof.is_none() {
            self.hold(reason::NO_PRIVATE_NAME, vec!["give the service a private DNS name".to_owned()]);
        }
        proof
    }

    fn adopt(&mut self, proof: &RecordSet, adoption: &mut Adoption) {
        let observed = self.observed;
        let covering = match observed.covering.as_slice() {
            [] => return self.hold(reason::NO_ZONE, by_hand(proof)),
            [one] => one,
            _ => return self.hold(reason::SEVERAL_ZONES, by_hand(proof)),
        };
        let Some(registered) = observed.zones.iter().find(|registered| registered.zone.key == *covering) else {
            return;
        };
        let deployment = &self.rules.configuration.deployment;
        let wanted =
            Wanted { key: self.key.service.to_string(), resource: resource(self.key), records: vec![proof.clone()] };
        let plan = records::adopt(&registered.zone, &registered.records, &[wanted], deployment, self.now);
        self.take(&registered.zone, RecordPlan { held: plan.held, ..RecordPlan::default() }, false);
        adoption.ours.extend(plan.standing.into_iter().map(|standing| standing.record));
        adoption.steps = register(&registered.zone, &registered.records, deployment, plan.changes);
        adoption.notes.extend(differences(std::slice::from_ref(proof), &registered.records));
    }
}

#[cfg(test)]
mod tests;
