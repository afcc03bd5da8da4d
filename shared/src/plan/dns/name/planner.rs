//! The zone of a name and its records.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;

use super::{NameKey, Observed, PrivateZone, can_be_named};
use crate::{
    event::{EndpointReference, Subject, told},
    model::{DnsEntry, DomainName, Endpoint, RecordChange, RecordData, RecordSet, RecordType, VpcReference},
    plan::{
        About, Decision, Outcome, Plan,
        dns::{
            Change,
            batches::pack,
            records::{self, Group, RecordPlan, Wanted, Which},
            registry::{self, Registration},
        },
        reason,
    },
    policy::Rules,
};

/// Look again at an endpoint that has no names yet, and at a zone that was just made.
const SOON: Duration = Duration::from_secs(30);

pub(super) struct Planner<'a> {
    pub key: &'a NameKey,
    pub observed: &'a Observed,
    pub rules: &'a Rules,
    pub now: Timestamp,
    pub plan: Plan<Change>,
}

impl<'a> Planner<'a> {
    pub fn new(key: &'a NameKey, observed: &'a Observed, rules: &'a Rules, now: Timestamp) -> Self {
        Self { key, observed, rules, now, plan: Plan::default() }
    }
}

impl<'a> Planner<'a> {
    /// There is no zone: one is made when an endpoint can be reached by it.
    pub fn make(&mut self) {
        let Some(endpoint) = self.only_endpoint(None) else { return };
        let home = home(endpoint);
        // One that has its zone keeps it: endpoints that are there lose nothing with the proof.
        if self.observed.wishes.get(&endpoint.key.endpoint).is_some_and(|wish| wish.is_unproven) {
            let remedy = format!("the provider of {} has to verify its private DNS name", endpoint.service_name);
            return self.hold(reason::NAME_NOT_VERIFIED, remedy);
        }
        if !self.rules.configuration.dns.accounts.contains(&self.key.account) {
            return self.hold(reason::NO_ZONE, format!("name {} in dns.accounts", self.key.account));
        }
        if !self.observed.rivals.contains_key(&home) {
            return self
                .hold(reason::UNDER_WAY, format!("{home} has to be readable: a zone could be in the way there"));
        }
        if let Some(rival) = self.rival(&home) {
            return self.hold(reason::CONFLICT, rival);
        }
        if self.observed.deaf.contains(&home) {
            return self.hold(reason::DNS_SUPPORT_OFF, switch_on(&home));
        }
        if let Some((profile, other)) =
            self.observed.profile.as_ref().and_then(|found| Some((&found.key, found.others.first()?)))
        {
            let remedy = format!("{other} answers for the name in the Profile {}: take it out", profile.profile);
            return self.hold(reason::CONFLICT, remedy);
        }
        if let Some(name) = self.observed.hidden.first() {
            let remedy = format!(
                "{name} would be hidden from the VPCs by a zone of its own; choose a name without public names below it"
            );
            return self.hold(reason::HIDES_NAMES, remedy);
        }
        let Some(records) = self.records_of(endpoint) else { return };
        let comment = match self.key.comment(&self.rules.configuration.deployment) {
            Ok(comment) => comment,
            Err(remedy) => return self.hold(reason::NOT_POSSIBLE, remedy),
        };
        let names: Vec<String> = records.iter().map(|record| record.key().to_string()).collect();
        let registration = registry::record(&self.registration(endpoint, &records), &self.key.name);
        let mark = registry::record(&self.vpc_registration(&home, &self.key.account), &self.key.name);
        let changes = records.into_iter().chain([registration, mark]).map(RecordChange::Create).collect();
        let step = Change::Zone { key: self.key.clone(), comment, vpc: home.clone(), changes };
        let decision = Decision {
            detail: Some(format!("a private zone with {} in {home}", names.join(" "))),
            announce: Some(told::RECORDS_PUBLISHED),
            ..self.decision(Outcome::Publish, reason::NAME_WANTED)
        };
        self.plan.steps.push((step, decision));
        self.again(endpoint);
    }

    /// There is a zone of ours: it is brought in line, or taken away.
    pub fn keep(&mut self, zone: &PrivateZone) {
        let wanting = self.observed.endpoints.iter().any(can_be_named);
        if !wanting {
            self.close_all();
            return self.withdraw(zone);
        }
        let Some(endpoint) = self.only_endpoint(Some(zone)) else {
            return self.close_all();
        };
        if let Some(records) = self.records_of(endpoint) {
            let wanted = Wanted {
                key: endpoint.key.endpoint.to_string(),
                resource: format!("endpoint/{}", endpoint.key),
                records,
            };
            self.take(zone, self.record_plan(zone, &[wanted]));
        }
        self.include(zone);
        self.associate(zone, endpoint);
    }

    /// The endpoint that the name leads to, when that is clear: one that is registered already stays.
    pub fn only_endpoint(&mut self, zone: Option<&PrivateZone>) -> Option<&'a Endpoint> {
        let observed = self.observed;
        let mut candidates: Vec<&Endpoint> =
            observed.endpoints.iter().filter(|endpoint| can_be_named(endpoint)).collect();
        candidates.sort_by_key(|endpoint| &endpoint.key);
        let registered: BTreeSet<String> =
            zone.into_iter().flat_map(|zone| self.registrations(zone)).map(|registration| registration.key).collect();
        let known = candidates.iter().find(|endpoint| registered.contains(endpoint.key.endpoint.as_str()));
        match (candidates.as_slice(), known) {
            ([], _) => None,
            ([one], _) => Some(one),
            (several, known) => {
                let ids: Vec<&str> = several.iter().map(|endpoint| endpoint.key.endpoint.as_str()).collect();
                self.hold(reason::CONFLICT, format!("only one of {} can have the name", ids.join(" ")));
                known.copied()
            }
        }
    }

    /// The records that lead to the endpoint; `None` as long as it has no names itself.
    pub fn records_of(&mut self, endpoint: &Endpoint) -> Option<Vec<RecordSet>> {
        let Some(regional) = endpoint.regional_name() else {
            self.hold(
                reason::NOT_CONNECTED,
                format!("{} is {} and has no names yet", endpoint.key.endpoint, endpoint.state),
            );
            // A provider may take days to answer; that it did is told, and the sweep looks, too.
            if endpoint.state.is_established() {
                self.again(endpoint);
            }
            return None;
        };
        let names = &self.rules.configuration.dns.names;
        let wish = self.observed.wishes.get(&endpoint.key.endpoint).copied().unwrap_or_default();
        let kinds: &[RecordType] = match endpoint.ip_address_type.as_deref() {
            Some("dualstack") => &[RecordType::A, RecordType::Aaaa],
            Some("ipv6") => &[RecordType::Aaaa],
            _ => &[RecordType::A],
        };
        let mut wanted: Vec<(DomainName, &DnsEntry)> = Vec::new();
        if wish.apex {
            wanted.push((self.key.name.clone(), regional));
        }
        if wish.wildcard {
            wanted.push((self.key.name.child("*"), regional));
        }
        if names.zonal {
            wanted.extend(endpoint.zonal_names().into_iter().map(|(zone, entry)| (self.key.name.child(zone), entry)));
        }
        let records = wanted
            .into_iter()
            .flat_map(|(name, entry)| kinds.iter().map(move |kind| alias(name.clone(), kind.clone(), entry)));
        Some(records.collect())
    }

    fn registration(&self, endpoint: &Endpoint, records: &[RecordSet]) -> Registration {
        Registration {
            key: endpoint.key.endpoint.to_string(),
            owner: self.rules.configuration.deployment.clone(),
            resource: format!("endpoint/{}", endpoint.key),
            since: self.now,
            records: records.iter().map(RecordSet::key).collect(),
        }
    }

    /// All registrations of ours in a zone.
    pub fn registrations(&self, zone: &PrivateZone) -> Vec<Registration> {
        let read = |record| registry::read(record, &zone.zone.name)?.ok();
        let ours = |registration: &Registration| registration.owner == self.rules.configuration.deployment;
        zone.records.iter().filter_map(read).filter(ours).collect()
    }

    fn record_plan(&self, zone: &PrivateZone, wanted: &[Wanted]) -> RecordPlan {
        let configuration = &self.rules.configuration;
        let endpoints = self.registrations(zone).into_iter().map(|registration| registration.key);
        let endpoints = endpoints.chain(wanted.iter().map(|wanted| wanted.key.clone()));
        // Those of VPCs are for the associations to write.
        let which = Which::Keys(endpoints.filter(|key| !key.starts_with("vpc-")).collect());
        let policy = configuration.dns.policy;
        records::plan(&zone.zone, &zone.records, wanted, &which, &configuration.deployment, policy, self.now)
    }

    /// Takes the changes of the records into the plan.
    pub fn take(&mut self, zone: &PrivateZone, records: RecordPlan) {
        for group in records.changes {
            let decision = Decision {
                detail: Some(group.describe()),
                announce: Some(told::RECORDS_PUBLISHED),
                ..self.decision(Outcome::Publish, reason::NAME_WANTED)
            };
            self.plan.steps.push((Change::Records(zone.zone.key.clone(), group.changes), decision));
        }
        for group in records.deletions {
            let decision = Decision {
                detail: Some(group.describe()),
                announce: Some(told::RECORDS_WITHDRAWN),
                ..self.decision(Outcome::Withdraw, reason::NOT_WANTED)
            };
            self.plan.removals.push((Change::Records(zone.zone.key.clone(), group.changes), decision));
        }
        for held in records.held {
            let decision = Decision {
                detail: Some(held.why),
                remedies: vec![held.remedy],
                ..self.decision(Outcome::Hold, held.reason)
            };
            self.plan.held.push(decision);
        }
    }

    fn again(&mut self, endpoint: &Endpoint) {
        let (account, region, endpoint) =
            (endpoint.key.account.clone(), endpoint.key.region.clone(), endpoint.key.endpoint.clone());
        self.plan.again = Some((Subject::Endpoint(EndpointReference { account, region, endpoint }), SOON));
    }

    pub fn hold(&mut self, why: &'static str, remedy: String) {
        let decision = Decision { remedies: vec![remedy], ..self.decision(Outcome::Hold, why) };
        self.plan.held.push(decision);
    }

    pub fn decision(&self, outcome: Outcome, why: &'static str) -> Decision {
        Decision { about: self.about(), ..Decision::new(outcome, why) }
    }

    pub fn about(&self) -> About {
        let mut about = About { subject: self.key.name.to_string(), ..About::default() };
        about.fields.insert("account", self.key.account.to_string());
        about.fields.insert("region", self.key.region.to_string());
        about.fields.insert("dns_name", self.key.name.to_string());
        if let Some(zone) = self.observed.zones.first() {
            about.fields.insert("zone_id", zone.zone.key.zone.to_string());
            about.resource = zone.zone.key.arn();
        }
        about
    }
}

/// The VPC of an endpoint.
pub(super) fn home(endpoint: &Endpoint) -> VpcReference {
    VpcReference { region: endpoint.key.region.clone(), vpc: endpoint.vpc.clone() }
}

pub(super) fn switch_on(vpc: &VpcReference) -> String {
    format!("switch on enableDnsSupport and enableDnsHostnames of {vpc}")
}

fn alias(name: DomainName, kind: RecordType, entry: &DnsEntry) -> RecordSet {
    let data = RecordData::Alias { zone: entry.zone.clone(), target: entry.name.clone(), evaluate_health: false };
    RecordSet { name, kind, data, routing: None }
}

/// Changes in as few calls as they need; none belongs to another.
pub(super) fn in_calls(changes: Vec<RecordChange>) -> Vec<Vec<RecordChange>> {
    let groups = changes.into_iter().map(|change| Group::new(BTreeSet::new(), vec![change])).collect();
    pack(groups).batches.into_iter().map(|batch| batch.changes).collect()
}
