//! Steps 2 to 5 of the walk: the one driver behind every function, the command and the tests.
//!
//! # Guarantees
//! - Many subjects that name one key cost one observation of it.
//! - Nothing is written unless the mode is `enforce`: every writing port asks for a [`Permit`], and only [`reconcile`] makes one.
//! - Every step is tried, and every step is answered for. One key's failure doesn't touch another's.
//! - What takes something away that is in use comes last: first for what is named, then for what is wide. When it is more than
//!   the limit of a run, none of it is done, and a person is asked.
//! - A key that is not finished before the deadline is reported as unfinished, so that its message comes back.

mod run;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

pub use self::run::{Fate, KeyReport, Run, Stopped};
use crate::{
    event::Subject,
    plan::{Decision, Limit, Plan},
    policy::{FunctionName, Mode, Rules},
    port::{Clock, PortError, done_by, earlier},
};

/// The right to write. Made by the driver in mode `enforce`, and by nobody else.
#[derive(Debug)]
pub struct Permit(());

#[cfg(feature = "world")]
impl Permit {
    /// A permit for tests of what writes.
    #[must_use]
    pub fn for_tests() -> Self {
        Self(())
    }
}

#[cfg(feature = "command")]
impl Permit {
    /// The right of a person who gives an order with the command. No function is built with it.
    #[must_use]
    pub fn by_hand() -> Self {
        Self(())
    }
}

/// What one kind of resource needs to be reconciled.
#[expect(async_fn_in_trait, reason = "one current-thread runtime: no future is ever sent to another thread")]
pub trait Controller {
    /// Names one thing to reconcile.
    type Key: Key;
    /// What was read about it.
    type Observed;
    /// One write.
    type Step;

    /// The function that it makes.
    const FUNCTION: FunctionName;

    /// How much one run may take away.
    fn limit(rules: &Rules) -> Limit;

    /// The keys that a subject stands for. Reads only.
    async fn locate(&self, subject: &Subject, rules: &Rules) -> Located<Self::Key>;

    /// Reads what the plan needs.
    ///
    /// # Errors
    /// When something is missing without which nothing can be decided about the key.
    async fn observe(&self, key: &Self::Key, rules: &Rules) -> Result<Observation<Self::Observed>, PortError>;

    /// Decides. Pure: a function of its arguments alone.
    fn plan(key: &Self::Key, observed: &Self::Observed, rules: &Rules, now: Timestamp) -> Plan<Self::Step>;

    /// Writes: tries every step or removal, and tells the fate of each, in order.
    async fn apply(&self, key: &Self::Key, steps: &[Self::Step], permit: &Permit) -> Vec<Fate>;

    /// Whether a write failed since what it was decided by has changed meanwhile. Then the key is read and decided again, once.
    #[must_use]
    fn is_outdated(_error: &PortError) -> bool {
        false
    }
}

/// Names one thing to reconcile.
pub trait Key: Ord + Clone + fmt::Display {
    /// What keys of one slot have in common: of these, the greatest does all that the others would.
    type Slot: Ord;

    /// The key's slot.
    fn slot(&self) -> Self::Slot;
}

/// The keys that a subject stands for, as far as they could be found.
#[derive(Debug)]
pub struct Located<K> {
    /// Those that were found.
    pub keys: BTreeSet<K>,
    /// The reads that failed; there may be more keys behind them.
    pub failures: Vec<PortError>,
    /// Why the subject stands for nothing here, if it does: a stable code.
    pub passed_over: Option<&'static str>,
}

impl<K> Default for Located<K> {
    fn default() -> Self {
        Self { keys: BTreeSet::new(), failures: Vec::new(), passed_over: None }
    }
}

impl<K: Ord> Located<K> {
    /// One key.
    #[must_use]
    pub fn at(key: K) -> Self {
        Self { keys: BTreeSet::from([key]), ..Self::default() }
    }

    /// None, and why.
    #[must_use]
    pub fn passed_over(why: &'static str) -> Self {
        Self { passed_over: Some(why), ..Self::default() }
    }

    /// Adds what else was found.
    pub fn extend(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.failures.extend(other.failures);
        self.passed_over = self.passed_over.or(other.passed_over);
    }

    /// The same with other keys.
    pub fn map<L: Ord>(self, other: impl Fn(K) -> L) -> Located<L> {
        let keys = self.keys.into_iter().map(other).collect();
        Located { keys, failures: self.failures, passed_over: self.passed_over }
    }
}

/// What was read, and what could not be.
#[derive(Debug)]
pub struct Observation<O> {
    /// The facts. What is missing in them is marked as unknown.
    pub facts: O,
    /// The reads that failed and left an unknown.
    pub gaps: Vec<PortError>,
}

/// Time kept back from the deadline for what is done last: a run that has too much to look at must still do what it found.
const FOR_REMOVALS: Duration = Duration::from_secs(10);

/// How many keys are worked on at once: enough to hide the latency of AWS, few enough for its token buckets.
const KEYS_AT_ONCE: usize = 8;

/// Reconciles everything that the subjects name.
pub async fn reconcile<C: Controller>(
    controller: &C,
    subjects: &BTreeSet<Subject>,
    rules: &Rules,
    clock: &impl Clock,
    deadline: Timestamp,
) -> Run {
    let mut run = Run::new(rules.configuration.mode_of(C::FUNCTION));
    if run.mode == Mode::Off {
        return run;
    }
    run.is_sweep = subjects.contains(&Subject::Everything);
    let begun = run.is_sweep.then(|| clock.now());
    // What is named comes first: a sweep may take all the time there is.
    let (wide, named): (BTreeSet<&Subject>, _) = subjects.iter().partition(|subject| subject.is_wide());
    let mut done: BTreeMap<<C::Key as Key>::Slot, C::Key> = BTreeMap::new();
    let mut removed = 0;
    for subjects in [named, wide] {
        let mut sources = locate(controller, &subjects, rules, clock, deadline, &mut run).await;
        // What a named subject has had done already is not done again for a wide one.
        sources.retain(|key, _| done.get(&key.slot()).is_none_or(|walked| walked < key));
        done.extend(sources.keys().map(|key| (key.slot(), key.clone())));
        let driver = Driver { controller, rules, clock, permit: run.permit.as_ref(), deadline };
        let mut walks: Vec<Walk<C>> =
            stream::iter(sources).map(|source| driver.run_key(source)).buffered(KEYS_AT_ONCE).collect().await;
        removed += withhold_too_many(&mut walks, removed, rules);
        let walks: Vec<Walk<C>> =
            stream::iter(walks).map(|walk| driver.remove(walk)).buffered(KEYS_AT_ONCE).collect().await;
        for Walk { named_by, report, again, .. } in walks {
            if report.has_to_come_back() {
                run.unfinished.extend(named_by);
            }
            if let Some((subject, after)) = again {
                let soonest = run.again.entry(subject).or_insert(after);
                *soonest = after.min(*soonest);
            }
            run.keys.push(report);
        }
    }
    let begun = begun.filter(|_| !run.unfinished.contains(&Subject::Everything));
    run.swept = begun.map(|begun| clock.now().duration_since(begun).unsigned_abs());
    run
}

/// A key under way.
struct Walk<C: Controller> {
    key: C::Key,
    named_by: BTreeSet<Subject>,
    report: KeyReport,
    /// What is left to do.
    removals: Vec<(C::Step, Decision)>,
    /// What is under way at AWS.
    again: Option<(Subject, Duration)>,
}

/// Withholds all removals when there are more than the limit of a run leaves, and tells how many stay.
fn withhold_too_many<C: Controller>(walks: &mut [Walk<C>], removed: usize, rules: &Rules) -> usize {
    let due: usize = walks.iter().map(|walk| walk.removals.len()).sum();
    let limit = C::limit(rules);
    if u32::try_from(removed + due).is_ok_and(|due| due <= limit.most) {
        return due;
    }
    let (due, Limit { setting, most, .. }) = (removed + due, limit);
    let why = format!("this run would take away {due} at once, and {setting} allows {most}");
    for walk in walks {
        let decisions = walk.removals.drain(..).map(|(_, decision)| decision);
        walk.report.entries.extend(limit.withhold(decisions, &why).map(|decision| (decision, Fate::Standing)));
    }
    0
}

/// Keys, each with the subjects that named it.
type Sources<K> = BTreeMap<K, BTreeSet<Subject>>;

/// Keys, the greatest of each slot, each with the subjects that named it or one that it covers.
async fn locate<C: Controller>(
    controller: &C,
    subjects: &BTreeSet<&Subject>,
    rules: &Rules,
    clock: &impl Clock,
    deadline: Timestamp,
    run: &mut Run,
) -> Sources<C::Key> {
    let located: Vec<_> = stream::iter(subjects)
        .map(|subject| done_by(clock, deadline, controller.locate(subject, rules)))
        .buffered(KEYS_AT_ONCE)
        .collect()
        .await;
    let mut slots: BTreeMap<_, (C::Key, BTreeSet<Subject>)> = BTreeMap::new();
    for (subject, located) in subjects.iter().zip(located) {
        let Some(located) = located else {
            run.unfinished.insert((*subject).clone());
            continue;
        };
        if located.failures.iter().any(PortError::may_pass) {
            run.unfinished.insert((*subject).clone());
        }
        run.failures.extend(located.failures);
        run.passed_over.extend(located.passed_over.map(|why| ((*subject).clone(), why)));
        for key in located.keys {
            let (greatest, named_by) = slots.entry(key.slot()).or_insert_with(|| (key.clone(), BTreeSet::new()));
            if key > *greatest {
                *greatest = key;
            }
            named_by.insert((*subject).clone());
        }
    }
    slots.into_values().collect()
}

struct Driver<'a, C, T> {
    controller: &'a C,
    rules: &'a Rules,
    clock: &'a T,
    permit: Option<&'a Permit>,
    deadline: Timestamp,
}

impl<C: Controller, T: Clock> Driver<'_, C, T> {
    async fn run_key(&self, (key, named_by): (C::Key, BTreeSet<Subject>)) -> Walk<C> {
        let report =
            KeyReport { key: key.to_string(), entries: Vec::new(), gaps: Vec::new(), stopped: None, took: None };
        let mut walk = Walk { key, named_by, report, removals: Vec::new(), again: None };
        let begun = self.clock.now();
        let deadline = earlier(self.deadline, FOR_REMOVALS);
        if begun >= deadline {
            walk.report.stopped = Some(Stopped::OutOfTime);
            return walk;
        }
        match done_by(self.clock, deadline, self.walk(&mut walk)).await {
            Some(Ok(())) => {}
            Some(Err(error)) => walk.report.stopped = Some(Stopped::Observe(error)),
            None => walk.report.stopped = Some(Stopped::OutOfTime),
        }
        walk.report.took = Some(self.clock.now().duration_since(begun).unsigned_abs());
        walk
    }

    async fn walk(&self, walk: &mut Walk<C>) -> Result<(), PortError> {
        self.decide(walk).await?;
        let is_outdated = |fate: &Fate| matches!(fate, Fate::Failed(error) if C::is_outdated(error));
        if walk.report.entries.iter().any(|(_, fate)| is_outdated(fate)) {
            // What is decided now stands in the place of what was; what was done stays told.
            walk.report.entries.retain(|(_, fate)| *fate != Fate::Standing && !is_outdated(fate));
            self.decide(walk).await?;
        }
        Ok(())
    }

    async fn decide(&self, walk: &mut Walk<C>) -> Result<(), PortError> {
        let observation = self.controller.observe(&walk.key, self.rules).await?;
        walk.report.gaps = observation.gaps;
        let plan = C::plan(&walk.key, &observation.facts, self.rules, self.clock.now());
        walk.report.entries.extend(plan.held.into_iter().map(|decision| (decision, Fate::Standing)));
        (walk.removals, walk.again) = (plan.removals, plan.again);
        let begun = walk.report.entries.len();
        self.carry_out(&walk.key, plan.steps, &mut walk.report).await;
        // Where AWS refuses all there is to do, looking again soon would find the same.
        let mut done = walk.report.entries.iter().skip(begun).peekable();
        if done.peek().is_some() && done.all(|(_, fate)| matches!(fate, Fate::Failed(_))) {
            walk.again = None;
        }
        Ok(())
    }

    /// The second part of a walk, when the removals of all keys are known.
    async fn remove(&self, mut walk: Walk<C>) -> Walk<C> {
        let removals = std::mem::take(&mut walk.removals);
        // A key whose first part wasn't finished comes back as a whole.
        if removals.is_empty() || walk.report.stopped.is_some() {
            return walk;
        }
        if self.clock.now() >= self.deadline {
            walk.report.stopped = Some(Stopped::OutOfTime);
            return walk;
        }
        if done_by(self.clock, self.deadline, self.carry_out(&walk.key, removals, &mut walk.report)).await.is_none() {
            walk.report.stopped = Some(Stopped::OutOfTime);
        }
        walk
    }

    async fn carry_out(&self, key: &C::Key, steps: Vec<(C::Step, Decision)>, report: &mut KeyReport) {
        let (steps, decisions): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
        let Some(permit) = self.permit else {
            report.entries.extend(decisions.into_iter().map(|decision| (decision, Fate::Proposed)));
            return;
        };
        if steps.is_empty() {
            return;
        }
        // Told before it is tried: if time runs out in the middle, the report still says what was begun.
        let begun = report.entries.len();
        report.entries.extend(decisions.into_iter().map(|decision| (decision, Fate::Unanswered(None))));
        let fates = self.controller.apply(key, &steps, permit).await;
        for (entry, fate) in report.entries.iter_mut().skip(begun).zip(fates) {
            entry.1 = fate;
        }
    }
}

#[cfg(test)]
mod tests;
