//! `sync-dns`, broken on purpose.

use std::{fmt, rc::Rc};

use drawbridge::{
    event::Subject,
    model::{RecordChange, RecordData, RecordSet, RecordType},
    plan::{
        Decision, Limit, Outcome, Plan,
        dns::{Change, Key, Observed, name::PrivateZone},
        reason,
    },
    policy::{DnsPolicy, FunctionName, Rules},
    port::PortError,
    reconcile::{Controller, Fate, Located, Observation, Permit},
};
use jiff::Timestamp;

use crate::mutant::Mutation;

/// The controller of names, broken in one way. The keys carry it, since the plan is a function of them.
pub struct Mutant<C> {
    sound: C,
    mutation: Mutation,
}

impl<C> Mutant<C> {
    pub fn new(sound: C, mutation: Mutation) -> Self {
        Self { sound, mutation }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MutantKey(Key, Mutation);

impl fmt::Display for MutantKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl drawbridge::reconcile::Key for MutantKey {
    type Slot = Key;

    fn slot(&self) -> Key {
        self.0.clone()
    }
}

impl Mutation {
    /// The rules as the broken function takes them.
    fn of_names(self, rules: &Rules) -> Rc<Rules> {
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
        Rc::new(rules)
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

impl<C: Controller<Key = Key, Observed = Observed, Step = Change>> Controller for Mutant<C> {
    type Key = MutantKey;
    type Observed = Observed;
    type Step = Change;

    const FUNCTION: FunctionName = FunctionName::SyncDns;

    fn limit(rules: &Rules) -> Limit {
        C::limit(rules)
    }

    async fn locate(&self, subject: &Subject, rules: &Rules) -> Located<MutantKey> {
        let rules = self.mutation.of_names(rules);
        self.sound.locate(subject, &rules).await.map(|key| MutantKey(key, self.mutation))
    }

    async fn observe(&self, key: &MutantKey, rules: &Rules) -> Result<Observation<Observed>, PortError> {
        self.sound.observe(&key.0, &self.mutation.of_names(rules)).await
    }

    fn plan(key: &MutantKey, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Change> {
        if key.1 == Mutation::None {
            return drawbridge::plan::dns::plan(&key.0, observed, rules, now);
        }
        let mut plan = plan(key.1, &key.0, observed, &key.1.of_names(rules), now);
        if key.1 == Mutation::KnowsNoLimitOfNames {
            plan.steps.append(&mut plan.removals);
        }
        plan
    }

    async fn apply(&self, key: &MutantKey, steps: &[Change], permit: &Permit) -> Vec<Fate> {
        self.sound.apply(&key.0, steps, permit).await
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
