//! Whose a private DNS name is: the TXT record that shows it for an endpoint service, and AWS's look at it.
//!
//! # Invariants
//! - The record of a name that is verified is never taken away while the service has that name.
//! - Nothing is begun again while it is under way.

mod adoption;

use std::time::Duration;

use jiff::Timestamp;

pub use self::adoption::adopt;
use super::{
    Change, records,
    records::{RecordPlan, Wanted, Which},
    registry,
};
use crate::{
    event::{ServiceReference, Subject, told},
    model::{
        DomainName, EndpointService, RecordData, RecordSet, RecordType, ServiceKey, VerificationState, Zone, ZoneKey,
        txt,
    },
    plan::{About, Decision, Outcome, Plan, reason},
    policy::{Rules, Verification},
};

/// For how long AWS is left to look before it is asked again.
///
/// Source: PrivateLink guide, "Manage DNS names": it can take ten minutes.
const LOOK: Duration = Duration::from_mins(10);
/// Soonest look again at what is under way. A change reaches the name servers within a minute, as a rule.
const SOONEST: Duration = Duration::from_secs(30);
/// From here on the sweep looks often enough.
const LATEST: Duration = Duration::from_mins(15);
/// What AWS suggests for the record, in seconds.
const TTL: u32 = 1_800;

/// What was read about a service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observed {
    /// The service, if it is there.
    pub service: Option<EndpointService>,
    /// The public zones that may be written and cover its name, all of the longest name.
    pub covering: Vec<ZoneKey>,
    /// The covering zone, and those that hold records for the service.
    pub zones: Vec<Registered>,
    /// What this function has begun and not seen finished.
    pub begun: Begun,
}

/// A zone, as far as it concerns one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The zone.
    pub zone: Zone,
    /// Its registrations, and the records at the names that are spoken of.
    pub records: Vec<RecordSet>,
}

/// What was begun and not seen finished.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Begun {
    /// Records were changed, and have not reached all name servers.
    pub change: bool,
    /// AWS was asked to look.
    pub look: Option<Timestamp>,
}

/// The record that shows whose the service's name is; `None` for a service without a private DNS name.
#[must_use]
pub fn proof(service: &EndpointService) -> Option<RecordSet> {
    let domain = domain(service)?;
    let verification = service.verification.as_ref()?;
    if verification.record_value.is_empty() {
        return None;
    }
    let label = verification.record_name.trim_end_matches('.');
    // AWS gives the label alone, and in places the whole name.
    let name = DomainName::of_route53(label);
    let name = if name.is_within(&domain) { name } else { DomainName::of_route53(&format!("{label}.{domain}")) };
    let values = [txt::quote(&verification.record_value)].into();
    Some(RecordSet { name, kind: RecordType::Txt, data: RecordData::Values { ttl: TTL, values }, routing: None })
}

/// The domain of the service's private DNS name: without the asterisk of a wildcard.
#[must_use]
pub fn domain(service: &EndpointService) -> Option<DomainName> {
    let name = service.private_dns_name.as_deref().filter(|name| !name.is_empty())?;
    Some(DomainName::of_route53(name.strip_prefix("*.").unwrap_or(name)))
}

/// What the registrations of a service say they are for.
#[must_use]
pub fn resource(key: &ServiceKey) -> String {
    format!("service/{key}")
}

/// Decides about the verification of one service.
#[must_use]
pub fn plan(key: &ServiceKey, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Change> {
    Planner { key, observed, rules, now, plan: Plan::default() }.plan()
}

struct Planner<'a> {
    key: &'a ServiceKey,
    observed: &'a Observed,
    rules: &'a Rules,
    now: Timestamp,
    plan: Plan<Change>,
}

impl Planner<'_> {
    fn plan(mut self) -> Plan<Change> {
        let service = self.observed.service.as_ref();
        if let Some(service) = service
            && (!self.rules.configuration.looks_after(&service.tags)
                || self.rules.configuration.dns.verification == Verification::None)
        {
            // Out of our hands: what we wrote for it stays until it is gone.
            return self.plan;
        }
        let proof = service.and_then(proof);
        let verified = service.is_some_and(is_verified);
        match (&proof, self.observed.covering.as_slice()) {
            (Some(proof), []) if !verified => self.hold(reason::NO_ZONE, by_hand(proof)),
            (Some(proof), [_, _, ..]) if !verified => self.hold(reason::SEVERAL_ZONES, by_hand(proof)),
            _ => {}
        }
        let mut stands = false;
        for registered in &self.observed.zones {
            let covers = self.observed.covering.as_slice() == [registered.zone.key.clone()];
            // A name that is verified without our doing is left alone. What we did for one stays where it is, though another zone
            // covers it since, or several do; as long as none does alone, also for one that isn't verified.
            let alone = self.observed.covering.len() == 1;
            let stays = |proof: &RecordSet| self.is_registered(registered, proof) && (verified || !alone);
            let wanted = proof.as_ref().filter(|proof| (covers && !verified) || stays(proof));
            let records = self.records(registered, wanted);
            // That something else of ours is left where it is says nothing about the proof.
            let is_standing = wanted.is_some_and(|proof| {
                records.changes.is_empty() && records.standing.iter().any(|standing| standing.record == proof.key())
            });
            stands |= covers && is_standing;
            self.take(&registered.zone, records, verified);
        }
        if stands && !verified {
            self.look();
        }
        if verified && self.observed.begun.look.is_some() {
            let decision = self.decision(Outcome::Keep, reason::NAME_VERIFIED);
            self.plan.held.push(Decision { announce: Some(told::NAME_VERIFIED), ..decision });
        }
        self.plan
    }

    fn is_registered(&self, registered: &Registered, proof: &RecordSet) -> bool {
        self.registration(registered).is_some_and(|registration| registration.records.contains(&proof.key()))
    }

    fn registration(&self, registered: &Registered) -> Option<registry::Registration> {
        let read = |record| registry::read(record, &registered.zone.name)?.ok();
        let ours = |registration: &registry::Registration| {
            registration.owner == self.rules.configuration.deployment && registration.resource == resource(self.key)
        };
        registered.records.iter().filter_map(read).find(ours)
    }

    fn records(&self, registered: &Registered, wanted: Option<&RecordSet>) -> RecordPlan {
        let configuration = &self.rules.configuration;
        let key = self.key.service.to_string();
        let wanted = wanted.map(|record| Wanted {
            key: key.clone(),
            resource: resource(self.key),
            records: vec![record.clone()],
        });
        let wanted: Vec<Wanted> = wanted.into_iter().collect();
        let which = Which::Keys([key].into());
        let policy = configuration.dns.policy;
        records::plan(
            &registered.zone,
            &registered.records,
            &wanted,
            &which,
            &configuration.deployment,
            policy,
            self.now,
        )
    }

    /// Takes the changes of one zone into the plan.
    fn take(&mut self, zone: &Zone, records: RecordPlan, verified: bool) {
        let why = if verified { reason::PROOF_MISSING } else { reason::NAME_NOT_VERIFIED };
        for group in records.changes {
            let decision = Decision {
                detail: Some(format!("{} in zone {}", group.describe(), zone.name)),
                announce: Some(told::RECORDS_PUBLISHED),
                ..self.decision(Outcome::Publish, why)
            };
            self.plan.steps.push((Change::Records(zone.key.clone(), group.changes), decision));
            self.again(SOONEST);
        }
        for group in records.deletions {
            let decision = Decision {
                detail: Some(format!("{} in zone {}", group.describe(), zone.name)),
                announce: Some(told::RECORDS_WITHDRAWN),
                ..self.decision(Outcome::Withdraw, reason::NOT_WANTED)
            };
            self.plan.removals.push((Change::Records(zone.key.clone(), group.changes), decision));
        }
        for held in records.held {
            let decision = Decision {
                detail: Some(format!("{} in zone {}", held.why, zone.name)),
                remedies: vec![held.remedy],
                ..self.decision(Outcome::Hold, held.reason)
            };
            self.plan.held.push(decision);
        }
    }

    /// The record is there: AWS has to look at it.
    fn look(&mut self) {
        let begun = &self.observed.begun;
        if begun.change {
            self.hold(reason::UNDER_WAY, vec!["the record has to reach all name servers".to_owned()]);
        } else if begun.look.is_some_and(|begun| self.now.duration_since(begun).unsigned_abs() < LOOK)
            && !self.has_failed()
        {
            self.hold(reason::UNDER_WAY, vec!["AWS has to find the record".to_owned()]);
        } else {
            let why = if self.has_failed() { reason::VERIFICATION_FAILED } else { reason::NAME_NOT_VERIFIED };
            let announce = self.has_failed().then_some(told::VERIFICATION_FAILED);
            let decision = Decision { announce, ..self.decision(Outcome::Verify, why) };
            self.plan.steps.push((Change::Verify(self.key.clone()), decision));
        }
        let since =
            self.observed.zones.iter().filter_map(|registered| Some(self.registration(registered)?.since)).min();
        // Of a record that somebody else made nobody knows since when it waits: where AWS has been asked already, the sweep looks.
        let unknown = if begun.look.is_some() { LATEST } else { SOONEST };
        let waiting = since.map_or(unknown, |since| self.now.duration_since(since).unsigned_abs());
        // Twice as late each time.
        if waiting < LATEST {
            self.again(waiting.max(SOONEST));
        }
    }

    fn has_failed(&self) -> bool {
        let verification = self.observed.service.as_ref().and_then(|service| service.verification.as_ref());
        verification.is_some_and(|verification| verification.state == VerificationState::Failed)
    }

    fn again(&mut self, after: Duration) {
        let ServiceKey { account, region, service } = self.key.clone();
        let subject = Subject::ServiceReview(ServiceReference { account: Some(account), region, service });
        self.plan.again = Some((subject, after));
    }

    fn hold(&mut self, why: &'static str, remedies: Vec<String>) {
        let decision = Decision { remedies, ..self.decision(Outcome::Hold, why) };
        self.plan.held.push(decision);
    }

    fn decision(&self, outcome: Outcome, why: &'static str) -> Decision {
        Decision { about: about(self.key, self.observed.service.as_ref()), ..Decision::new(outcome, why) }
    }
}

/// Whether AWS has found whose the name is.
#[must_use]
pub fn is_verified(service: &EndpointService) -> bool {
    service.verification.as_ref().is_some_and(|verification| verification.state == VerificationState::Verified)
}

fn by_hand(proof: &RecordSet) -> Vec<String> {
    let RecordData::Values { values, .. } = &proof.data else { return Vec::new() };
    let value = values.iter().next().map_or("", String::as_str);
    vec![
        "name the account that has the domain's public zone in dns.accounts".to_owned(),
        format!(
            "or make the TXT record {} with the value {value} where the domain is looked after, and start the verification",
            proof.name
        ),
    ]
}

fn about(key: &ServiceKey, service: Option<&EndpointService>) -> About {
    let name = service.and_then(|service| service.private_dns_name.as_deref());
    let subject = name.map_or_else(|| format!("service {}", key.service), |name| format!("{name} of {}", key.service));
    let mut about = About { subject, resource: key.arn(), ..About::default() };
    about.fields.insert("account", key.account.to_string());
    about.fields.insert("region", key.region.to_string());
    about.fields.insert("service_id", key.service.to_string());
    if let Some(name) = name {
        about.fields.insert("private_dns_name", name.to_owned());
    }
    if let Some(verification) = service.and_then(|service| service.verification.as_ref()) {
        about.fields.insert("verification_state", verification.state.as_str().to_owned());
    }
    about
}

#[cfg(test)]
mod tests;
