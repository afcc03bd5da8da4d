//! The VPCs in which the zone of a name answers.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    PrivateZone,
    planner::{Planner, home, in_calls, switch_on},
};
use crate::{
    event::told,
    model::{AccountId, Endpoint, RecordChange, RecordType, VpcReference},
    plan::{
        Decision, Outcome,
        dns::{
            Change,
            registry::{self, Registration},
            rival,
        },
        reason,
    },
};

impl Planner<'_> {
    /// The VPCs that are marked as associated by us, each with its account.
    pub fn marked(&self, zone: &PrivateZone) -> BTreeMap<VpcReference, AccountId> {
        self.registrations(zone).iter().filter_map(|registration| vpc_of(&registration.resource)).collect()
    }

    /// Has the zone answer where it is to answer, and no more where it isn't.
    pub fn associate(&mut self, zone: &PrivateZone, endpoint: &Endpoint) {
        let home = home(endpoint);
        let marked = self.marked(zone);
        let mut missing: Vec<(VpcReference, AccountId)> = Vec::new();
        for (vpc, account) in self.observed.vpcs.iter().chain([(&home, &self.key.account)]) {
            // Of one that couldn't be read nothing is known, so nothing is done in it.
            if zone.associated.contains(vpc) || !self.observed.rivals.contains_key(vpc) {
                continue;
            }
            let stands_in_the_way = self.rival(vpc).map(|why| (reason::CONFLICT, why));
            let deaf = self.observed.deaf.contains(vpc).then(|| (reason::DNS_SUPPORT_OFF, switch_on(vpc)));
            match stands_in_the_way.or(deaf) {
                Some((why, remedy)) => self.hold_vpc(vpc, account, why, remedy),
                None => missing.push((vpc.clone(), account.clone())),
            }
        }
        missing.sort();
        missing.dedup();
        self.mark(zone, missing.iter().chain([&(home.clone(), self.key.account.clone())]), &marked);
        self.close(zone, &marked, &missing);
        let joins = !missing.is_empty();
        for (vpc, account) in missing {
            let decision = Decision {
                announce: Some(told::ZONE_ASSOCIATED),
                ..self.vpc_decision(&vpc, &account, Outcome::Associate, reason::SELECTED)
            };
            self.plan.steps.push((Change::Associate { zone: zone.zone.key.clone(), account, vpc }, decision));
        }
        self.leave(zone, &home, &marked, joins);
    }

    /// Has the zone answer no more in VPCs in which we had it answer and it isn't to.
    fn leave(
        &mut self,
        zone: &PrivateZone,
        home: &VpcReference,
        marked: &BTreeMap<VpcReference, AccountId>,
        joins: bool,
    ) {
        let wanted = |vpc: &VpcReference| vpc == home || self.observed.vpcs.contains_key(vpc);
        let superfluous: BTreeMap<&VpcReference, &AccountId> =
            marked.iter().filter(|(vpc, account)| !wanted(vpc) && !self.observed.unread.contains(*account)).collect();
        // A private zone can't be without a VPC.
        let stays =
            zone.associated.iter().find(|_| !joins && zone.associated.iter().all(|vpc| superfluous.contains_key(vpc)));
        for (vpc, account) in superfluous {
            if Some(vpc) == stays {
                let remedy = format!("a private zone can't be without a VPC: make way for it in {home}");
                self.hold_vpc(vpc, account, reason::NOT_POSSIBLE, remedy);
            } else {
                self.disassociate(zone, vpc, account);
            }
        }
    }

    /// Takes back the authorizations that are ours and left over: one has done its work once the zone answers there, or won't, and
    /// is a door left open from then on.
    pub fn close(
        &mut self,
        zone: &PrivateZone,
        marked: &BTreeMap<VpcReference, AccountId>,
        missing: &[(VpcReference, AccountId)],
    ) {
        for (vpc, account) in marked.iter().filter(|(vpc, _)| zone.authorized.contains(vpc)) {
            if missing.iter().any(|(missing, _)| missing == vpc) {
                continue;
            }
            let decision = self.vpc_decision(vpc, account, Outcome::Withdraw, reason::NOT_WANTED);
            let step = Change::Unauthorize { zone: zone.zone.key.clone(), vpc: vpc.clone() };
            self.plan.steps.push((step, decision));
        }
    }

    /// Takes back all authorizations that are ours, where no VPC is to join.
    pub fn close_all(&mut self) {
        for zone in &self.observed.zones {
            self.close(zone, &self.marked(zone), &[]);
        }
    }

    /// Marks associations before they are made: what was begun is known as ours whatever happens.
    fn mark<'a>(
        &mut self,
        zone: &PrivateZone,
        vpcs: impl Iterator<Item = &'a (VpcReference, AccountId)>,
        marked: &BTreeMap<VpcReference, AccountId>,
    ) {
        let unmarked: BTreeMap<&VpcReference, &AccountId> =
            vpcs.filter(|(vpc, _)| !marked.contains_key(vpc)).map(|(vpc, account)| (vpc, account)).collect();
        let mark = |(vpc, account): (&VpcReference, &AccountId)| {
            RecordChange::Upsert(registry::record(&self.vpc_registration(vpc, account), &zone.zone.name))
        };
        for changes in in_calls(unmarked.into_iter().map(mark).collect()) {
            let decision = Decision {
                detail: Some(format!("{} VPC(s) marked", changes.len())),
                ..self.decision(Outcome::Publish, reason::SELECTED)
            };
            self.plan.steps.push((Change::Records(zone.zone.key.clone(), changes), decision));
        }
    }

    fn disassociate(&mut self, zone: &PrivateZone, vpc: &VpcReference, account: &AccountId) {
        let name = registry::place(vpc.vpc.as_str(), &zone.zone.name);
        let Some(registration) =
            zone.records.iter().find(|record| record.name == name && record.kind == RecordType::Txt)
        else {
            return;
        };
        if !self.rules.configuration.dns.policy.deletes() {
            let remedy = format!("dns.policy is {}; disassociate {vpc} by hand", self.rules.configuration.dns.policy);
            return self.hold_vpc(vpc, account, reason::POLICY_LEAVES, remedy);
        }
        let step = Change::Disassociate {
            zone: zone.zone.key.clone(),
            account: account.clone(),
            vpc: vpc.clone(),
            registration: registration.clone(),
        };
        let decision = Decision {
            announce: Some(told::ZONE_DISASSOCIATED),
            ..self.vpc_decision(vpc, account, Outcome::Disassociate, reason::NOT_SELECTED)
        };
        self.plan.removals.push((step, decision));
    }

    pub fn vpc_registration(&self, vpc: &VpcReference, account: &AccountId) -> Registration {
        Registration {
            key: vpc.vpc.to_string(),
            owner: self.rules.configuration.deployment.clone(),
            resource: format!("vpc/{account}/{vpc}"),
            since: self.now,
            records: BTreeSet::new(),
        }
    }

    /// What stands in the way of the name in a VPC: it takes no two zones of one name.
    pub fn rival(&self, vpc: &VpcReference) -> Option<String> {
        let rivals = self.observed.rivals.get(vpc)?;
        Some(rival::of_name(rivals, &self.key.name)?.describe(vpc))
    }

    fn hold_vpc(&mut self, vpc: &VpcReference, account: &AccountId, why: &'static str, remedy: String) {
        let decision = Decision { remedies: vec![remedy], ..self.vpc_decision(vpc, account, Outcome::Hold, why) };
        self.plan.held.push(decision);
    }

    fn vpc_decision(&self, vpc: &VpcReference, account: &AccountId, outcome: Outcome, why: &'static str) -> Decision {
        let mut about = self.about();
        about.subject = format!("{} in {} of {account}", self.key.name, vpc.vpc);
        about.fields.insert("vpc_id", vpc.vpc.to_string());
        about.fields.insert("vpc_owner", account.to_string());
        Decision { about, ..Decision::new(outcome, why) }
    }
}

/// Reads the resource of a registration as a VPC and its account.
fn vpc_of(resource: &str) -> Option<(VpcReference, AccountId)> {
    let mut parts = resource.strip_prefix("vpc/")?.splitn(3, '/');
    let (account, region, vpc) = (parts.next()?, parts.next()?, parts.next()?);
    Some((VpcReference { region: region.parse().ok()?, vpc: vpc.parse().ok()? }, account.parse().ok()?))
}
