//! The end of a name that nobody wants any more.

use std::collections::BTreeSet;

use super::{
    PrivateZone,
    planner::{Planner, in_calls},
};
use crate::{
    event::told,
    model::{RecordChange, RecordKey, RecordSet, RecordType},
    plan::{
        Decision, Outcome,
        dns::{
            Change,
            registry::{self, Registration},
        },
        reason,
    },
};

impl Planner<'_> {
    /// Nobody wants the name any more: our records go, and the zone with them when nothing else is in it.
    pub fn withdraw(&mut self, zone: &PrivateZone) {
        let policy = self.rules.configuration.dns.policy;
        if !policy.deletes() {
            let remedy = format!("dns.policy is {policy}; delete the zone {} by hand", zone.zone.key);
            return self.hold(reason::POLICY_LEAVES, remedy);
        }
        let (ours, others) = self.sorted(zone);
        let calls = in_calls(ours.into_iter().cloned().map(RecordChange::Delete).collect());
        let decision = Decision {
            detail: Some(format!("the private zone {}", zone.zone.key)),
            announce: Some(told::RECORDS_WITHDRAWN),
            ..self.decision(Outcome::Withdraw, reason::NOT_WANTED)
        };
        let stays = others.first().map(|record| format!("people made {} in it", record.key()));
        match stays.or_else(|| self.associated_by_people(zone)) {
            None => {
                let step = Change::DropZone { zone: zone.zone.key.clone(), batches: calls };
                self.plan.removals.push((step, decision));
            }
            Some(why) => {
                self.hold(reason::NOT_OWNED, format!("the zone {} stays, since {why}", zone.zone.key));
                for changes in calls {
                    self.plan.removals.push((Change::Records(zone.zone.key.clone(), changes), decision.clone()));
                }
            }
        }
    }

    /// The records that are ours, registrations included, and those of others; the zone's own are neither.
    fn sorted<'a>(&self, zone: &'a PrivateZone) -> (Vec<&'a RecordSet>, Vec<&'a RecordSet>) {
        let deployment = &self.rules.configuration.deployment;
        let all = zone.records.iter().filter_map(|record| registry::read(record, &zone.zone.name)?.ok());
        let (ours, others): (Vec<_>, Vec<_>) = all.partition(|registration| registration.owner == *deployment);
        let names = |registrations: Vec<Registration>| -> BTreeSet<RecordKey> {
            registrations.into_iter().flat_map(|registration| registration.records).collect()
        };
        // What another deployment has registered as well isn't ours alone.
        let (mut registered, others) = (names(ours), names(others));
        registered.retain(|name| !others.contains(name));
        let registers = |record: &RecordSet| {
            let read = registry::read(record, &zone.zone.name).and_then(Result::ok);
            read.is_some_and(|registration| registration.owner == *deployment)
        };
        let is_its_own = |record: &RecordSet| {
            record.name == zone.zone.name && matches!(record.kind, RecordType::Ns | RecordType::Soa)
        };
        zone.records
            .iter()
            .filter(|record| !is_its_own(record))
            .partition(|record| registers(record) || record.is_simple() && registered.contains(&record.key()))
    }

    /// Whether people have associated the zone. One that never got its records has a VPC that isn't marked: its first.
    fn associated_by_people(&self, zone: &PrivateZone) -> Option<String> {
        let marked = self.marked(zone);
        let mut unmarked = zone.associated.iter().filter(|vpc| !marked.contains_key(vpc));
        let first = unmarked.next()?;
        let is_unfinished = marked.is_empty() && unmarked.next().is_none();
        (!is_unfinished).then(|| format!("people associated it with {first}"))
    }
}
