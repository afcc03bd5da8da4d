//! The plan in the making: what becomes of each record, and with it what has to be registered for each key.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    Which,
    change::{Group, Held, RecordPlan, Standing},
    grouping,
    outcome::{Judge, Leftover, Outcome, taken},
    registering::Registering,
    survey::Survey,
    wish::{Obstacle, Wish, against_record, against_registration},
};
use crate::{
    model::{RecordChange, RecordKey, RecordSet, RecordType, reason},
    policy::DnsPolicy,
};

/// What is planned for.
pub struct Scope<'a> {
    which: &'a Which,
    /// The keys that nothing is done for, though they are asked about.
    refused: BTreeSet<&'a str>,
    /// What is wanted by somebody, whether it can be had or not: it is never deleted.
    spared: BTreeSet<RecordKey>,
}

impl Scope<'_> {
    /// Whether what is registered for a key is decided on.
    pub fn includes(&self, key: &str) -> bool {
        self.which.includes(key) && !self.refused.contains(key)
    }

    /// Whether a record is wanted by somebody.
    pub fn is_spared(&self, key: &RecordKey) -> bool {
        self.spared.contains(key)
    }
}

/// What is wanted at a name and type, by key.
type Claims<'a> = BTreeMap<RecordKey, BTreeMap<&'a str, BTreeSet<&'a RecordSet>>>;

/// The plan in the making.
pub struct Draft<'a> {
    survey: &'a Survey<'a>,
    policy: DnsPolicy,
    /// Changes of records, each with the keys whose registrations change with it.
    changes: Vec<(RecordChange, BTreeSet<&'a str>)>,
    /// The key that each record is wanted for and will be registered for.
    holders: BTreeMap<RecordKey, &'a str>,
    /// What will be registered for each key that is planned for.
    registering: Registering<'a>,
    held: Vec<Held>,
    standing: Vec<Standing>,
}

impl<'a> Draft<'a> {
    /// Decides what becomes of each record. `refused` has the keys that turned out to be impossible to register.
    pub fn of(
        survey: &'a Survey<'a>,
        wishes: &'a BTreeMap<&'a str, Wish<'a>>,
        which: &'a Which,
        policy: DnsPolicy,
        refused: &BTreeMap<&'a str, Obstacle>,
    ) -> Self {
        let mut draft = Self {
            survey,
            policy,
            changes: Vec::new(),
            holders: BTreeMap::new(),
            registering: Registering::new(survey, wishes),
            held: Vec::new(),
            standing: Vec::new(),
        };
        let mut scope = Scope { which, refused: BTreeSet::new(), spared: BTreeSet::new() };
        let claims = draft.claims(wishes, &mut scope, refused);
        let judge = Judge { survey, scope: &scope, policy };
        for (name, claimants) in &claims {
            draft.judge(&judge, name, claimants);
        }
        draft.review_registered(&judge);
        if *which == Which::All {
            draft.report_unreadable();
        }
        draft
    }

    /// What can't be registered, since it is more than a registration holds.
    pub fn excess(&self, now: Timestamp) -> BTreeMap<&'a str, Obstacle> {
        self.registering.excess(now)
    }

    /// Puts together what belongs together.
    pub fn finish(mut self, now: Timestamp) -> RecordPlan {
        let registrations = self.registering.changes(self.policy, now);
        let groups = grouping::groups(self.changes, self.registering.moves(), registrations);
        let (deletions, changes) = groups.into_iter().partition(Group::only_deletes);
        self.held.sort_by(|one, other| (&one.record, &one.key).cmp(&(&other.record, &other.key)));
        self.standing.sort_by(|one, other| (&one.record, &one.key).cmp(&(&other.record, &other.key)));
        RecordPlan { changes, deletions, held: self.held, standing: self.standing }
    }

    /// What is wanted and can be looked at; the rest is held.
    fn claims(
        &mut self,
        wishes: &BTreeMap<&'a str, Wish<'a>>,
        scope: &mut Scope<'a>,
        refused: &BTreeMap<&'a str, Obstacle>,
    ) -> Claims<'a> {
        let mut claims = Claims::new();
        for (key, wish) in wishes {
            let obstacle = refused.get(key).cloned().or_else(|| against_registration(self.survey, key, wish));
            if obstacle.is_some() {
                scope.refused.insert(key);
            }
            for record in &wish.records {
                let name = record.key();
                match obstacle.clone().or_else(|| against_record(self.survey, record)) {
                    Some(obstacle) => self.hold(key, &name, obstacle),
                    None => {
                        claims.entry(name.clone()).or_default().entry(key).or_default().insert(record);
                    }
                }
                scope.spared.insert(name);
            }
        }
        self.without_contradictions(claims)
    }

    /// Holds what excludes itself: two answers for one key, or a CNAME beside something else.
    fn without_contradictions(&mut self, claims: Claims<'a>) -> Claims<'a> {
        let mut kinds: BTreeMap<_, BTreeSet<RecordType>> = BTreeMap::new();
        for name in claims.keys() {
            kinds.entry(name.name.clone()).or_default().insert(name.kind.clone());
        }
        let excluded = |name: &RecordKey| {
            kinds.get(&name.name).is_some_and(|kinds| kinds.len() > 1 && kinds.contains(&RecordType::Cname))
        };
        let mut sound = Claims::new();
        for (name, claimants) in claims {
            for (key, records) in claimants {
                let why = match (excluded(&name), records.len()) {
                    (true, _) => format!("a CNAME is wanted at {}, and something else beside it", name.name),
                    (false, 1) => {
                        sound.entry(name.clone()).or_default().insert(key, records);
                        continue;
                    }
                    (false, _) => format!("{name} is wanted with different answers for {key}"),
                };
                self.hold(key, &name, Obstacle::new(reason::NOT_POSSIBLE, why, "want one of them"));
            }
        }
        sound
    }

    /// Decides about a name and type that is wanted: for one key, and the others have to do with it.
    fn judge(
        &mut self,
        judge: &Judge<'_, 'a>,
        name: &RecordKey,
        claimants: &BTreeMap<&'a str, BTreeSet<&'a RecordSet>>,
    ) {
        let answer = |key: &str| claimants.get(key).and_then(BTreeSet::first).copied();
        let has_it = |key: &&str| self.survey.registrars(name).any(|registrar| registrar == *key);
        let Some(holder) = claimants.keys().copied().find(has_it).or_else(|| claimants.keys().next().copied()) else {
            return;
        };
        let Some(record) = answer(holder) else { return };
        let outcome = judge.wanted(holder, record);
        for key in claimants.keys().copied().filter(|key| *key != holder) {
            let found = self.survey.simple(name);
            let answers = |record: &RecordSet| answer(key).is_some_and(|wanted| record.answers_as(wanted));
            match &outcome {
                _ if found.is_some_and(answers) => {
                    self.standing.push(Standing { key: key.to_owned(), record: name.clone(), registered: false });
                }
                Outcome::Held(obstacle) => self.hold(key, name, obstacle.clone()),
                _ if answers(record) => {}
                _ => self.hold(key, name, taken(name, holder)),
            }
        }
        let registered = match outcome {
            Outcome::Held(obstacle) => return self.hold(holder, name, obstacle),
            Outcome::Create => return self.change(judge, holder, RecordChange::Create(record.clone())),
            Outcome::Update => return self.change(judge, holder, RecordChange::Upsert(record.clone())),
            Outcome::Stands => true,
            Outcome::StandsElsewhere => false,
        };
        self.standing.push(Standing { key: holder.to_owned(), record: name.clone(), registered });
        if registered {
            self.take(judge, holder, name);
        }
    }

    fn change(&mut self, judge: &Judge<'_, 'a>, holder: &'a str, change: RecordChange) {
        let keys = self.take(judge, holder, &change.record().key());
        self.changes.push((change, keys));
    }

    /// Registers a record for a key, and for no other any more. Gives the keys whose registrations change for it.
    fn take(&mut self, judge: &Judge<'_, 'a>, holder: &'a str, name: &RecordKey) -> BTreeSet<&'a str> {
        let registrars = self.survey.registrars(name).filter(|registrar| judge.scope.includes(registrar));
        let keys: BTreeSet<&str> = registrars.chain([holder]).collect();
        self.registering.add(holder, name.clone());
        self.registering.link(&keys);
        self.holders.insert(name.clone(), holder);
        keys
    }

    /// Decides about what is registered for the keys that are planned for, and was not taken by any.
    fn review_registered(&mut self, judge: &Judge<'_, 'a>) {
        let mut deletions: BTreeMap<&RecordSet, BTreeSet<&str>> = BTreeMap::new();
        for key in self.survey.registered().filter(|key| judge.scope.includes(key)) {
            self.registering.open(key);
            let Some((registration, _)) = self.survey.registration(key) else { continue };
            for name in registration.records.iter().filter(|name| !self.holders.contains_key(name)) {
                let stays = match judge.leftover(name) {
                    _ if judge.scope.is_spared(name) => self.survey.simple(name).is_some(),
                    Leftover::Left => {
                        self.held.push(held(key, name, judge.left(name)));
                        true
                    }
                    Leftover::Delete(record) => {
                        deletions.entry(record).or_default().insert(key);
                        false
                    }
                    Leftover::Forgotten => false,
                };
                if stays {
                    self.registering.add(key, name.clone());
                }
            }
        }
        let deletions = deletions.into_iter().map(|(record, keys)| (RecordChange::Delete(record.clone()), keys));
        self.changes.extend(deletions);
    }

    fn report_unreadable(&mut self) {
        let report = |unreadable: &super::registry::Unreadable| Held {
            key: None,
            record: unreadable.record.clone(),
            reason: reason::NOT_OWNED,
            why: unreadable.to_string(),
            remedy: format!("look whose {} is, and remove it if it is nobody's", unreadable.record),
        };
        self.held.extend(self.survey.unreadable.iter().map(report));
    }

    fn hold(&mut self, key: &str, name: &RecordKey, obstacle: Obstacle) {
        self.held.push(held(key, name, obstacle));
    }
}

/// What is held for a key.
pub fn held(key: &str, name: &RecordKey, obstacle: Obstacle) -> Held {
    let Obstacle { reason, why, remedy } = obstacle;
    Held { key: Some(key.to_owned()), record: name.clone(), reason, why, remedy }
}
