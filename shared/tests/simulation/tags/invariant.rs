//! What must hold of every write of tags: it is held against all that the run may have read and remembered when it decided.

use std::{collections::BTreeSet, rc::Rc};

use drawbridge::{
    model::{AccountId, Resource, Tags},
    world::State,
};

use super::{
    policy::forbids,
    reckoning::{Sight, Word, values},
    terms::{Fact, Overwrite, Rule, Terms},
    thing::{Thing, find, is_by_code, is_exempt, marked},
};
use crate::{
    run::Run,
    stage::{Invariant, Stage},
};

/// The tags that a resource has at most, but for those of AWS itself.
const MOST: usize = 50;

/// Checks what is about to be written.
pub fn before_write(stage: &Stage, run: &Run, resource: &Resource, new: &Tags) {
    let seen = stage.world.since(run.reads_since());
    let count = |thing: &Thing<'_>| {
        let keys: BTreeSet<&String> = thing.tags.keys().chain(new.keys()).collect();
        keys.into_iter().filter(|key| !key.starts_with("aws:")).count()
    };
    if !seen.iter().filter_map(|state| find(state, resource)).any(|thing| count(&thing) <= MOST) {
        stage.violate(Invariant::FiftyTagsAtMost, || format!("#{} gives {resource} more", run.id));
    }
}

/// Checks what a write has changed of a resource, and notes it.
pub fn check_write(stage: &Stage, run: &Run, resource: &Resource, was: &State, is: &State) {
    let Some(terms) = run.version.get().and_then(|version| version.tags()) else { return };
    let (Some(was), Some(is)) = (find(was, resource), find(is, resource)) else { return };
    if was.tags == is.tags {
        return;
    }
    let seen = stage.world.since(run.reads_since());
    // The last state is what the write has made.
    let seen = &seen[..seen.len().saturating_sub(1)];
    let check = Check { stage, run, terms, resource, account: is.account.clone(), seen };
    check.whose(&was);
    let keys: BTreeSet<&String> = was.tags.keys().chain(is.tags.keys()).collect();
    for key in keys.into_iter().filter(|key| was.tags.get(*key) != is.tags.get(*key)) {
        match is.tags.get(key) {
            None => check.wrong(Invariant::OthersTagsAreUntouched, || format!("deletes {key}")),
            Some(value) if key != "drawbridge:tags" => check.value(key, was.tags.get(key), value),
            Some(_) => {}
        }
    }
    check.mark(&was, &is);
}

struct Check<'a> {
    stage: &'a Stage,
    run: &'a Run,
    terms: &'static Terms,
    resource: &'a Resource,
    account: AccountId,
    /// All that the run may have read of resources.
    seen: &'a [Rc<State>],
}

impl Check<'_> {
    fn wrong(&self, of: Invariant, words: impl FnOnce() -> String) {
        let Self { stage, run, resource, .. } = self;
        stage.violate(of, || format!("#{} writes on {} {resource}: {}", run.id, resource.kind, words()));
    }

    fn things(&self) -> impl Iterator<Item = Thing<'_>> {
        self.seen.iter().filter_map(|state| find(state, self.resource))
    }

    /// A resource that is exempt, another deployment's or not looked after is left alone. What it belongs to is read apart from
    /// it, and may be of another moment.
    fn whose(&self, was: &Thing<'_>) {
        let kind = self.resource.kind;
        if self.things().all(|thing| thing.is_somebody_elses())
            || !self.things().any(|thing| thing.is_looked_after(kind))
        {
            let exempt = is_exempt(was.tags);
            self.wrong(Invariant::OthersTagsAreUntouched, || format!("it is not to be touched (exempt: {exempt})"));
        }
    }

    /// What is written is marked as ours, and what was marked all the time stays so.
    fn mark(&self, was: &Thing<'_>, is: &Thing<'_>) {
        let now = marked(is.tags).unwrap_or_default();
        let changed = is.tags.iter().filter(|(key, value)| was.tags.get(*key) != Some(value));
        let written = changed.map(|(key, _)| key.as_str()).filter(|key| *key != "drawbridge:tags");
        let all_the_time =
            |key: &&str| self.things().all(|thing| marked(thing.tags).is_some_and(|keys| keys.contains(key)));
        let before = marked(was.tags).unwrap_or_default().into_iter().filter(all_the_time);
        if let Some(key) = written.chain(before).find(|key| !now.contains(key)) {
            self.wrong(Invariant::OurTagsAreMarked, || format!("{key} is not among {now:?}"));
        }
    }

    fn value(&self, key: &str, was: Option<&String>, value: &str) {
        let Some(rule) = self.terms.rule(key, self.resource.kind) else {
            return self.wrong(Invariant::OnlyNamedKeysAreWritten, || format!("{key}={value}"));
        };
        self.replaced(rule, was);
        let remembered = self.stage.world.since(self.run.memory_since());
        let account = |id: &AccountId| self.stage.world.since(self.run.facts_since(id));
        let sight = Sight { stage: self.stage, read: self.seen, account: &account, units: &remembered };
        let values = values(&sight, rule, self.resource);
        if !values.contains(&Word::Text(value.to_owned())) {
            self.wrong(Invariant::OnlyWhatTheRulesSayIsWritten, || format!("{key}={value}; it could be {values:?}"));
        }
        let forbidden = |state: &Rc<State>| forbids(state, &self.account, key, value);
        if self.terms.checks_policies && account(&self.account).iter().all(forbidden) {
            self.wrong(Invariant::TagPoliciesAreObeyed, || format!("{key}={value}"));
        }
        self.stage.ledger.written.borrow_mut().insert((self.resource.clone(), key.to_owned()));
    }

    /// Whether the value that was there might be replaced.
    fn replaced(&self, rule: &Rule, was: Option<&String>) {
        let Some(was) = was else { return };
        let key = rule.key;
        let ours = self.stage.ledger.written.borrow().contains(&(self.resource.clone(), key.to_owned()));
        // Whoever saw none has replaced none.
        if self.things().any(|thing| !thing.tags.contains_key(key)) {
            return;
        }
        let is_marked = |thing: &Thing<'_>| marked(thing.tags).is_some_and(|keys| keys.contains(&key));
        if rule.from == Fact::Creator && ours && self.things().all(|thing| is_marked(&thing)) {
            self.wrong(Invariant::TheCreatorIsWrittenOnce, || format!("{key} instead of {was}"));
        }
        let may_be = match rule.overwrite {
            Overwrite::Never => false,
            Overwrite::Own => ours,
            Overwrite::Always => ours || self.things().any(|thing| !is_by_code(thing.tags)),
        };
        if !may_be {
            self.wrong(Invariant::OthersTagsAreUntouched, || format!("{key} instead of {was}, of somebody else"));
        }
    }
}
