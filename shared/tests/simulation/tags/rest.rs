//! What must be so of tags when nothing happens any more, and all sweeps are done.

use std::rc::Rc;

use drawbridge::{
    model::{AccountId, Resource},
    world::State,
};

use super::{
    policy::forbids,
    reckoning::{Sight, Word, values},
    terms::{Fact, Overwrite, Rule, Terms},
    thing::{Thing, all, find, is_by_code, marked},
};
use crate::{
    stage::{Invariant, Stage},
    version::Version,
};

pub fn check(stage: &Stage, version: &Version) {
    let Some(terms) = version.tags() else { return };
    let state = [stage.world.snapshot()];
    let rest = Rest { stage, terms, state: &state };
    for resource in all(&state[0]) {
        let Some(thing) = find(&state[0], &resource) else { continue };
        if !thing.is_somebody_elses() && thing.is_looked_after(resource.kind) {
            terms.rules_for(resource.kind).for_each(|rule| rest.tag(rule, &resource, &thing));
        }
    }
}

struct Rest<'a> {
    stage: &'a Stage,
    terms: &'static Terms,
    state: &'a [Rc<State>; 1],
}

impl Rest<'_> {
    fn tag(&self, rule: &Rule, resource: &Resource, thing: &Thing<'_>) {
        let current = thing.tags.get(rule.key);
        let ours = marked(thing.tags).is_some_and(|keys| keys.contains(&rule.key));
        let written = self.stage.ledger.written.borrow().contains(&(resource.clone(), rule.key.to_owned()));
        if written && !ours && current.is_some() && !self.stage.ledger.unmarked.borrow().contains(resource) {
            self.stage.count("mark of ours lost to a run beside");
        }
        let stays = match rule.overwrite {
            Overwrite::Never => true,
            Overwrite::Own => !ours,
            Overwrite::Always => !ours && is_by_code(thing.tags),
        };
        // Of what says already who made it, whoever wrote that, the history isn't read.
        if current.is_some() && (stays || rule.from == Fact::Creator) {
            return;
        }
        let account = |_: &AccountId| self.state.to_vec();
        let sight = Sight { stage: self.stage, read: self.state, account: &account, units: self.state };
        let values = values(&sight, rule, resource);
        let texts = values.iter().filter_map(|word| match word {
            Word::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        });
        let texts: Vec<&String> = texts.collect();
        // Nothing to write, or nobody can tell what.
        if texts.is_empty()
            || values.contains(&Word::Unknown)
            || (rule.from == Fact::Creator && !self.is_told(resource, thing))
        {
            return;
        }
        let forbidden = |text: &&&String| forbids(&self.state[0], thing.account, rule.key, text);
        if current.is_some_and(|current| texts.contains(&current))
            || (self.terms.checks_policies && texts.iter().any(|text| forbidden(&text)))
            || !self.has_room(rule, resource, thing)
        {
            return;
        }
        self.stage.violate(Invariant::RestIsRight, || {
            format!("{} of {} {resource} is {current:?}, and should be {texts:?}", rule.key, resource.kind)
        });
    }

    /// Whether a sweep can find in the history who made it, or that nobody knows it any more.
    fn is_told(&self, resource: &Resource, thing: &Thing<'_>) -> bool {
        let long_ago = self.stage.now() - std::time::Duration::from_hours(90 * 24);
        let created = thing.endpoint.and_then(|endpoint| endpoint.created);
        let maker = thing.endpoint.map(|endpoint| endpoint.key.endpoint.as_str());
        let recorded = self.state[0]
            .creations
            .iter()
            .any(|(_, _, creation)| &*creation.resource.id == maker.unwrap_or(&resource.id));
        created.is_some_and(|created| created < long_ago) || (recorded && self.terms.look_up_creators)
    }

    /// Whether there is room for all tags that may be missing.
    fn has_room(&self, rule: &Rule, resource: &Resource, thing: &Thing<'_>) -> bool {
        let missing = self.terms.rules_for(resource.kind).filter(|rule| !thing.tags.contains_key(rule.key)).count();
        let mark = usize::from(!thing.tags.contains_key("drawbridge:tags"));
        let own = thing.tags.keys().filter(|key| !key.starts_with("aws:")).count();
        let needed = if thing.tags.contains_key(rule.key) { mark } else { missing + mark };
        own + needed <= 50
    }
}
