//! Taking over the zone that people made for a name, with its records and associations.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    NameKey, Observed, PrivateZone, can_be_named,
    planner::{Planner, home},
};
use crate::{
    model::{Endpoint, EndpointId, RecordChange, RecordSet, RecordType, Zone},
    plan::{
        dns::{
            adoption::{Adoption, Step, differences, register},
            records::{self, Group, RecordPlan, Wanted},
            registry,
        },
        reason,
    },
    policy::Rules,
};

/// Decides what becomes ours for a name that an endpoint wants. `others` are the private zones of the name in the endpoint's
/// account that we did not make.
#[must_use]
pub fn adopt(
    key: &NameKey,
    endpoint: &EndpointId,
    observed: &Observed,
    others: &[PrivateZone],
    rules: &Rules,
    now: Timestamp,
) -> Adoption {
    let mut planner = Planner::new(key, observed, rules, now);
    let mut adoption = Adoption { subject: key.name.to_string(), ..Adoption::default() };
    if let Some(endpoint) = planner.adopter(endpoint)
        && let Some(zone) = planner.zone_to_adopt(endpoint, others, &mut adoption)
    {
        planner.adopt(zone, endpoint, &mut adoption);
    }
    adoption.held = planner.plan.held;
    adoption
}

impl<'a> Planner<'a> {
    /// The endpoint that the order is for, if the name may lead to it.
    fn adopter(&mut self, endpoint: &EndpointId) -> Option<&'a Endpoint> {
        let account = &self.key.account;
        if !self.rules.configuration.dns.accounts.contains(account) {
            self.hold(reason::NO_ZONE, format!("name {account} in dns.accounts"));
            return None;
        }
        let asked = self.observed.endpoints.iter().find(|found| found.key.endpoint == *endpoint);
        if !asked.is_some_and(can_be_named) {
            let state = asked.map_or("not there", |asked| asked.state.as_str());
            let what = format!("{endpoint} is {state}; it has to be an interface endpoint that is connected");
            self.hold(reason::NOT_CONNECTED, what);
            return None;
        }
        let ours = self.observed.zones.first();
        self.only_endpoint(ours).filter(|chosen| chosen.key.endpoint == *endpoint)
    }

    /// The zone that is ours, or the one that people made and that answers in the endpoint's VPC.
    fn zone_to_adopt(
        &mut self,
        endpoint: &Endpoint,
        others: &'a [PrivateZone],
        adoption: &mut Adoption,
    ) -> Option<&'a PrivateZone> {
        let observed = self.observed;
        let home = home(endpoint);
        let ours = match observed.zones.as_slice() {
            [] => None,
            [zone] => Some(zone),
            zones => {
                let ids: Vec<String> = zones.iter().map(|zone| zone.zone.key.to_string()).collect();
                self.hold(reason::SEVERAL_ZONES, format!("delete all but one of {}", ids.join(" ")));
                return None;
            }
        };
        let answering = others.iter().find(|zone| ours.is_none() && zone.associated.contains(&home));
        for other in others.iter().filter(|other| answering.is_none_or(|zone| zone.zone.key != other.zone.key)) {
            adoption.notes.push(format!("the zone {} has the name too, and is left to people", other.zone.key));
        }
        match (ours, answering, self.rival(&home)) {
            (Some(zone), ..) => return Some(zone),
            (None, Some(zone), _) => match self.whose(zone) {
                None => return Some(zone),
                Some((why, remedy)) => self.hold(why, remedy),
            },
            (None, None, Some(rival)) => self.hold(reason::CONFLICT, rival),
            (None, None, None) => {
                let none = format!("no private zone of the name answers in {home}, so that there is none to take over");
                adoption.notes.push(none);
            }
        }
        None
    }

    /// Whose a zone is that isn't nobody's.
    fn whose(&self, zone: &PrivateZone) -> Option<(&'static str, String)> {
        let Zone { key, comment, .. } = &zone.zone;
        match registry::read_zone_comment(comment) {
            Some((owner, resource)) if owner == self.rules.configuration.deployment => {
                Some((reason::CONFLICT, format!("{key} is kept for {resource}; let that name go first")))
            }
            Some((owner, _)) => {
                Some((reason::NOT_OWNED, format!("{key} is of deployment {owner}, which has to give it up first")))
            }
            None if registry::is_zone_comment(comment) => {
                Some((reason::NOT_OWNED, format!("look whose {key} is: its comment can't be read, {comment:?}")))
            }
            None => None,
        }
    }

    /// Takes over of a zone what is as it would be made here.
    fn adopt(&mut self, zone: &PrivateZone, endpoint: &Endpoint, adoption: &mut Adoption) {
        let deployment = &self.rules.configuration.deployment;
        if let Some(record) = self.registered_by_others(zone) {
            let remedy =
                format!("look whose {} is in {}; it is none of deployment {deployment}", record.key(), zone.zone.key);
            return self.hold(reason::NOT_OWNED, remedy);
        }
        let comment = match self.key.comment(deployment) {
            Ok(comment) => comment,
            Err(remedy) => return self.hold(reason::NOT_POSSIBLE, remedy),
        };
        let Some(records) = self.records_of(endpoint) else { return };
        let wanted = Wanted {
            key: endpoint.key.endpoint.to_string(),
            resource: format!("endpoint/{}", endpoint.key),
            records: records.clone(),
        };
        let plan = records::adopt(&zone.zone, &zone.records, &[wanted], deployment, self.now);
        let (is_ours, differs) = (!self.observed.zones.is_empty(), !plan.held.is_empty());
        self.take(zone, RecordPlan { held: plan.held, ..RecordPlan::default() });
        if differs && !is_ours {
            let why = format!("the zone {} stays whose it is as long as that is so", zone.zone.key);
            return adoption.notes.push(why);
        }
        adoption.ours.extend(plan.standing.into_iter().map(|standing| standing.record));
        let marks = self.marks(zone, endpoint, adoption);
        let groups = plan.changes.into_iter().chain(marks).collect();
        adoption.steps = register(&zone.zone, &zone.records, deployment, groups);
        if !is_ours {
            adoption.steps.push(Step::Mark { zone: zone.zone.clone(), comment });
        }
        adoption.notes.extend(differences(&records, &zone.records));
        self.note_others(zone, &records, adoption);
    }

    /// The first record among the registrations of a zone that isn't one of ours.
    fn registered_by_others<'z>(&self, zone: &'z PrivateZone) -> Option<&'z RecordSet> {
        let registry = registry::subtree(&zone.zone.name);
        let is_ours = |record: &RecordSet| {
            let read = registry::read(record, &zone.zone.name).and_then(Result::ok);
            read.is_some_and(|registration| registration.owner == self.rules.configuration.deployment)
        };
        zone.records.iter().find(|record| record.name.is_within(&registry) && !is_ours(record))
    }

    /// Marks those of its associations that are wanted.
    fn marks(&self, zone: &PrivateZone, endpoint: &Endpoint, adoption: &mut Adoption) -> Vec<Group> {
        let (home, marked) = (home(endpoint), self.marked(zone));
        let mut marks = Vec::new();
        for vpc in zone.associated.iter().filter(|vpc| !marked.contains_key(*vpc)) {
            let account = if *vpc == home { Some(&self.key.account) } else { self.observed.vpcs.get(vpc) };
            if let Some(account) = account {
                let mark = registry::record(&self.vpc_registration(vpc, account), &zone.zone.name);
                marks.push(Group::new(BTreeSet::new(), vec![RecordChange::Create(mark)]));
            } else {
                adoption.notes.push(format!(
                    "it answers in {vpc}, where that isn't known to be wanted: that association stays people's"
                ));
            }
        }
        marks
    }

    /// Says that a zone holds records that nobody here wants.
    fn note_others(&self, zone: &PrivateZone, wanted: &[RecordSet], adoption: &mut Adoption) {
        let is_its_own = |record: &RecordSet| {
            record.name == zone.zone.name && matches!(record.kind, RecordType::Ns | RecordType::Soa)
        };
        let registered: BTreeSet<_> =
            self.registrations(zone).into_iter().flat_map(|registration| registration.records).collect();
        let registry = registry::subtree(&zone.zone.name);
        let mut others = zone.records.iter().filter(|record| {
            let spoken_of =
                registered.contains(&record.key()) || wanted.iter().any(|wanted| wanted.key() == record.key());
            !is_its_own(record) && !spoken_of && !record.name.is_within(&registry)
        });
        if let Some(first) = others.next() {
            let more = others.count();
            let what = if more == 0 { first.key().to_string() } else { format!("{} and {more} more", first.key()) };
            let why = format!("{what} stays people's, and the zone with it when the name goes");
            adoption.notes.push(why);
        }
    }
}

#[cfg(test)]
mod tests;
