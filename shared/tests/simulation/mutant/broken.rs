//! A controller that is broken in one way, whichever it is.

use std::{borrow::Cow, fmt};

use drawbridge::{
    event::Subject,
    plan::{Limit, Plan},
    policy::{FunctionName, Rules},
    port::PortError,
    reconcile::{Controller, Fate, Key, Located, Observation, Permit},
};
use jiff::Timestamp;

use super::Mutation;

/// How a controller is when it is broken.
pub trait Breakable: Controller {
    /// The rules as the broken one takes them.
    fn broken_rules(_: Mutation, rules: &Rules) -> Rules {
        rules.clone()
    }

    /// Whether the broken one doesn't hear of this.
    fn is_deaf_to(_: Mutation, _: &Subject) -> bool {
        false
    }

    /// What the broken one decides.
    fn broken_plan(
        mutation: Mutation,
        key: &Self::Key,
        observed: &Self::Observed,
        rules: &Rules,
        now: Timestamp,
    ) -> Plan<Self::Step>;
}

/// A controller, broken in one way. The keys carry it, since the plan is a function of them.
pub struct Mutant<C> {
    sound: C,
    mutation: Mutation,
}

impl<C> Mutant<C> {
    pub fn new(sound: C, mutation: Mutation) -> Self {
        Self { sound, mutation }
    }
}

/// The rules as a controller takes them that may be broken.
fn rules_of<C: Breakable>(mutation: Mutation, rules: &Rules) -> Cow<'_, Rules> {
    match mutation {
        Mutation::None => Cow::Borrowed(rules),
        mutation => Cow::Owned(C::broken_rules(mutation, rules)),
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MutantKey<K>(K, Mutation);

impl<K: fmt::Display> fmt::Display for MutantKey<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl<K: Key> Key for MutantKey<K> {
    type Slot = K::Slot;

    fn slot(&self) -> K::Slot {
        self.0.slot()
    }
}

impl<C: Breakable> Controller for Mutant<C> {
    type Key = MutantKey<C::Key>;
    type Observed = C::Observed;
    type Step = C::Step;

    const FUNCTION: FunctionName = C::FUNCTION;

    fn limit(rules: &Rules) -> Limit {
        C::limit(rules)
    }

    async fn locate(&self, subject: &Subject, rules: &Rules) -> Located<Self::Key> {
        if C::is_deaf_to(self.mutation, subject) {
            return Located::default();
        }
        let rules = rules_of::<C>(self.mutation, rules);
        self.sound.locate(subject, &rules).await.map(|key| MutantKey(key, self.mutation))
    }

    async fn observe(&self, key: &Self::Key, rules: &Rules) -> Result<Observation<C::Observed>, PortError> {
        self.sound.observe(&key.0, &rules_of::<C>(self.mutation, rules)).await
    }

    fn plan(key: &Self::Key, observed: &C::Observed, rules: &Rules, now: Timestamp) -> Plan<C::Step> {
        if key.1 == Mutation::None {
            return C::plan(&key.0, observed, rules, now);
        }
        C::broken_plan(key.1, &key.0, observed, &rules_of::<C>(key.1, rules), now)
    }

    async fn apply(&self, key: &Self::Key, steps: &[C::Step], permit: &Permit) -> Vec<Fate> {
        self.sound.apply(&key.0, steps, permit).await
    }

    fn is_outdated(error: &PortError) -> bool {
        C::is_outdated(error)
    }
}
