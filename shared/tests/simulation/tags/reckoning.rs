//! The simulation's own reckoning: which values a tag may have, said again in few words and apart from the code under test.
//! Sources: `docs/tags.md`, and the comments of the configuration's schema.

use std::{collections::BTreeSet, rc::Rc};

use drawbridge::{
    model::{Account, AccountId, Membership, Resource, ResourceKind},
    world::State,
};

use super::{
    terms::{Fact, Rule},
    thing::{Thing, find, marked},
};
use crate::stage::Stage;

/// What a fact is, as far as it may have been seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    Text(String),
    /// There is none.
    Absent,
    /// It can't be told.
    Unknown,
    /// Services that share it disagree.
    Several,
}

/// What may have been seen.
pub struct Sight<'a> {
    pub stage: &'a Stage,
    /// Resources.
    pub read: &'a [Rc<State>],
    /// Of an account.
    pub account: &'a dyn Fn(&AccountId) -> Vec<Rc<State>>,
    /// Names of units.
    pub units: &'a [Rc<State>],
}

/// The values that a tag may get: those of its fact, and the default where that may be missing.
pub fn values(sight: &Sight<'_>, rule: &Rule, resource: &Resource) -> BTreeSet<Word> {
    let mut values = BTreeSet::new();
    for state in sight.read {
        if let Some(thing) = find(state, resource) {
            values.extend(sight.words(rule, resource, &thing));
        }
    }
    let default = rule.default.filter(|_| values.contains(&Word::Absent));
    values.extend(default.map(|default| Word::Text(default.to_owned())));
    if rule.default.is_some() {
        values.remove(&Word::Absent);
    }
    values.into_iter().map(fit).collect()
}

/// A value as every service of AWS takes it.
fn fit(word: Word) -> Word {
    let Word::Text(text) = word else { return word };
    let is_fine = |each: char| each.is_alphanumeric() || " _.:/=+-@".contains(each);
    let text: String = text.chars().map(|each| if is_fine(each) { each } else { '_' }).collect();
    Word::Text(text.trim().chars().take(256).collect())
}

fn text(text: Option<&String>) -> Word {
    text.filter(|text| !text.trim().is_empty()).map_or(Word::Absent, |text| Word::Text(text.clone()))
}

impl Sight<'_> {
    fn words(&self, rule: &Rule, resource: &Resource, thing: &Thing<'_>) -> Vec<Word> {
        match rule.from {
            Fact::Text(text) => vec![Word::Text(text.to_owned())],
            Fact::AccountName => self.of_account(thing.account, |account| vec![text(account.name.as_ref())]),
            Fact::AccountTag(key) => self.of_account(thing.account, |account| vec![text(account.tags.get(key))]),
            Fact::UnitPath => self.of_account(thing.account, |account| self.unit_paths(account)),
            Fact::Consumer => thing.connection.map_or(vec![Word::Absent], |connection| {
                let names = self.of_account(&connection.owner, |account| vec![text(account.name.as_ref())]);
                let label = |word| match word {
                    Word::Text(name) => Word::Text(format!("{name} ({})", connection.owner)),
                    other => other,
                };
                names.into_iter().map(label).collect()
            }),
            Fact::Creator => self.creators(rule, resource, thing),
            Fact::ServiceTag(key) => {
                let tags: BTreeSet<_> = thing.services.iter().map(|service| service.tags.get(key)).collect();
                match tags.iter().collect::<Vec<_>>().as_slice() {
                    [] => vec![Word::Absent],
                    [one] => vec![text(**one)],
                    _ => vec![Word::Several],
                }
            }
            Fact::EndpointTag(key) => vec![text(thing.endpoint.and_then(|endpoint| endpoint.tags.get(key)))],
        }
    }

    fn of_account(&self, id: &AccountId, words: impl Fn(&Account) -> Vec<Word>) -> Vec<Word> {
        let of = |state: &Rc<State>| match state.accounts.get(id) {
            Some(Membership::Member(account)) => words(account),
            Some(Membership::Unknown { .. }) => vec![Word::Unknown],
            Some(Membership::Outside) | None => vec![Word::Absent],
        };
        (self.account)(id).iter().flat_map(of).collect()
    }

    fn unit_paths(&self, account: &Account) -> Vec<Word> {
        // All members here are in one unit below the root.
        let Some(unit) = account.path.parents.get(1) else { return vec![Word::Text("Root".to_owned())] };
        self.units
            .iter()
            .map(|state| state.units.get(unit).map_or(Word::Unknown, |name| Word::Text(name.clone())))
            .collect()
    }

    /// Who made it. Before the history of 90 days nobody knows it.
    fn creators(&self, rule: &Rule, resource: &Resource, thing: &Thing<'_>) -> Vec<Word> {
        let maker =
            thing.endpoint.map(|endpoint| Resource::new(ResourceKind::Endpoint, endpoint.key.endpoint.as_str()));
        let made = self.stage.ledger.made.borrow();
        let truth = made.get(maker.as_ref().unwrap_or(resource)).map(|by| Word::Text((*by).to_owned()));
        // An interface is said to be made by whoever its endpoint's tag names, if we wrote that once.
        let endpoint = thing.endpoint.filter(|_| resource.kind == ResourceKind::NetworkInterface);
        let is_ours = |endpoint: &&drawbridge::model::Endpoint| {
            marked(&endpoint.tags).is_some_and(|keys| keys.contains(&rule.key))
        };
        let inherited = endpoint.filter(is_ours).and_then(|endpoint| endpoint.tags.get(rule.key)).cloned();
        let long_ago = self.stage.now() - std::time::Duration::from_hours(90 * 24);
        if thing.endpoint.and_then(|endpoint| endpoint.created).is_some_and(|created| created < long_ago) {
            return vec![inherited.map_or(Word::Absent, Word::Text)];
        }
        truth.into_iter().chain(inherited.map(Word::Text)).collect()
    }
}
