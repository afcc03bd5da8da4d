//! `sync-dns`, broken on purpose.

use drawbridge::{
    controller::dns::Dns,
    model::{RecordChange, RecordData, RecordSet, RecordType},
    plan::{
        Decision, Outcome, Plan,
        dns::{Change, Key, Observed, name::PrivateZone},
        reason,
    },
    policy::{DnsPolicy, Rules},
};
use jiff::Timestamp;

use crate::{
    mutant::{Breakable, Mutation},
    wire::Ports,
};

impl Mutation {
    /// The rules as the broken function takes them.
    fn of_names(self, rules: &Rules) -> Rules {
        let mut rules = rules.clone();
        let dns = &mut rules.configuration.dns;
        match self {
            Self::IgnoresDnsPolicy => dns.policy = DnsPolicy::Sync,
            Self::WritesElsewhere => {
                dns.accounts.extend(rules.configuration.consumers.accounts.clone());
            }
            Self::KnowsNoLimitOfNames => dns.most_removals = u32::MAX,
            _ => {}
        }
        rules
    }

    fn observed_names(self, observed: &Observed) -> Observed {
        let mut observed = observed.clone();
        match (self, &mut observed) {
            (Self::OverlooksConflicts, Observed::Name(name)) => {
                name.rivals.values_mut().for_each(Vec::clear);
                name.deaf.clear();
                name.hidden.clear();
            }
            (Self::OverlooksConflicts, Observed::Endpoint(endpoint)) => endpoint.rivals.clear(),
            (Self::TakesTheUnreadForEmpty, Observed::Name(name)) => name.unread.clear(),
            (Self::TakesTheFirstName, Observed::Name(name)) => {
                for endpoint in &mut name.endpoints {
                    endpoint.dns_entries.truncate(1);
                }
            }
            (Self::TakesNamesAway, Observed::Name(name)) if !name.zones.is_empty() => name.endpoints.clear(),
            _ => {}
        }
        observed
    }
}

/// What is in a zone and not registered for us.
fn others(zone: &PrivateZone) -> Vec<RecordSet> {
    let texts = zone.records.iter().filter_map(|record| match &record.data {
        RecordData::Values { values, .. } => values.first(),
        _ => None,
    });
    // A long text is cut into strings.
    let ours: Vec<String> =
        texts.filter(|text| text.contains("owner=hub")).map(|text| text.replace("\" \"", "")).collect();
    let is_other = |record: &&RecordSet| {
        !record.name.as_str().contains("_drawbridge.")
            && !matches!(record.kind, RecordType::Ns | RecordType::Soa)
            && !ours.iter().any(|text| text.contains(&record.key().to_string()))
    };
    zone.records.iter().filter(is_other).cloned().collect()
}

fn plan(mutation: Mutation, key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Change> {
    let observed = mutation.observed_names(observed);
    let mut plan = drawbridge::plan::dns::plan(key, &observed, rules, now);
    match mutation {
        Mutation::ForgetsRegistrations => {
            for (step, _) in &mut plan.steps {
                if let Change::Records(_, changes) | Change::Zone { changes, .. } = step
                    && changes.len() > 1
                {
                    changes.retain(|change| !change.record().name.as_str().contains("_drawbridge"));
                }
            }
        }
        Mutation::EnablesTooEarly => {
            let waits = plan.held.iter().any(|held| held.reason == reason::NOT_CONNECTED);
            if let (Key::Endpoint(key), true) = (key, waits) {
                let decision = Decision::new(Outcome::Enable, reason::NAME_WANTED);
                plan.steps.push((Change::Enable(key.clone()), decision));
            }
        }
        Mutation::TakesOthersRecords => {
            if let Observed::Name(name) = &observed {
                for (zone, record) in
                    name.zones.iter().flat_map(|zone| others(zone).into_iter().map(move |record| (zone, record)))
                {
                    let delete = Change::Records(zone.zone.key.clone(), vec![RecordChange::Delete(record)]);
                    plan.removals.push((delete, Decision::new(Outcome::Withdraw, reason::NOT_WANTED)));
                }
            }
        }
        Mutation::KeepsNames => plan.removals.clear(),
        Mutation::VerifiesNothing => plan.steps.retain(|(step, _)| !matches!(step, Change::Verify(_))),
        Mutation::AssociatesNothing => plan.steps.retain(|(step, _)| !matches!(step, Change::Associate { .. })),
        Mutation::LeavesDoorsOpen => plan.steps.retain(|(step, _)| !matches!(step, Change::Unauthorize { .. })),
        Mutation::PublishesAgain => {
            if let Observed::Name(name) = &observed
                && let [zone] = name.zones.as_slice()
                && let Some(registration) =
                    zone.records.iter().find(|record| record.name.as_str().contains("._drawbridge."))
            {
                let again = Change::Records(zone.zone.key.clone(), vec![RecordChange::Upsert(registration.clone())]);
                plan.steps.push((again, Decision::new(Outcome::Publish, reason::NAME_WANTED)));
            }
        }
        _ => {}
    }
    plan
}

impl Breakable for Dns<Ports, Ports, Ports, Ports, Ports> {
    fn broken_rules(mutation: Mutation, rules: &Rules) -> Rules {
        mutation.of_names(rules)
    }

    fn broken_plan(mutation: Mutation, key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Change> {
        let mut plan = plan(mutation, key, observed, rules, now);
        if mutation == Mutation::KnowsNoLimitOfNames {
            plan.steps.append(&mut plan.removals);
        }
        plan
    }
}

/// The broken functions of names.
pub const MUTATIONS: [Mutation; 15] = [
    Mutation::TakesOthersRecords,
    Mutation::ForgetsRegistrations,
    Mutation::IgnoresDnsPolicy,
    Mutation::WritesElsewhere,
    Mutation::TakesTheFirstName,
    Mutation::TakesNamesAway,
    Mutation::OverlooksConflicts,
    Mutation::TakesTheUnreadForEmpty,
    Mutation::EnablesTooEarly,
    Mutation::KnowsNoLimitOfNames,
    Mutation::KeepsNames,
    Mutation::VerifiesNothing,
    Mutation::AssociatesNothing,
    Mutation::LeavesDoorsOpen,
    Mutation::PublishesAgain,
];

/// Whether a mutation is one of names.
pub fn is_of_names(mutation: Mutation) -> bool {
    MUTATIONS.contains(&mutation)
}
