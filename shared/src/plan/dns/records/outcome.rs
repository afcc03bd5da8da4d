//! What becomes of each record: one that is wanted, and one that is registered and wanted no more.

use super::{draft::Scope, survey::Survey, wish::Obstacle};
use crate::{
    model::{RecordKey, RecordSet, RecordType, reason},
    policy::DnsPolicy,
};

/// What becomes of a record that is wanted.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is there, and ours.
    Stands,
    /// It is there, and left to whose it is.
    StandsElsewhere,
    /// It is made.
    Create,
    /// It is ours, and given the answer that is wanted.
    Update,
    /// It is left as it is.
    Held(Obstacle),
}

/// What becomes of a record that is registered and not wanted.
#[derive(Debug, PartialEq, Eq)]
pub enum Leftover<'a> {
    /// It is deleted, exactly as it was read.
    Delete(&'a RecordSet),
    /// The policy leaves it, and so it stays registered.
    Left,
    /// It is not there any more, or is somebody else's now: it only ceases to be registered.
    Forgotten,
}

/// Decides about records by what stands in the zone.
#[derive(Clone, Copy)]
pub struct Judge<'s, 'a> {
    pub survey: &'a Survey<'a>,
    pub scope: &'s Scope<'a>,
    pub policy: DnsPolicy,
}

impl<'a> Judge<'_, 'a> {
    /// Decides about a record that is wanted for a key.
    pub fn wanted(&self, key: &str, record: &RecordSet) -> Outcome {
        let name = record.key();
        let found = self.survey.simple(&name);
        let alike = found.is_some_and(|found| found.answers_as(record));
        if let Err(obstacle) = self.ownership(key, &name, found.is_some()) {
            return if alike { Outcome::StandsElsewhere } else { Outcome::Held(obstacle) };
        }
        match found {
            Some(found) if found == record => Outcome::Stands,
            Some(_) if !self.policy.updates() => Outcome::Held(self.left(&name)),
            found => match self.neighbour(record) {
                Some(obstacle) => Outcome::Held(obstacle),
                None if found.is_some() => Outcome::Update,
                None => Outcome::Create,
            },
        }
    }

    /// Whether the name and type are ours to write for a key.
    fn ownership(&self, key: &str, name: &RecordKey, found: bool) -> Result<(), Obstacle> {
        if let Some(other) = self.survey.other_owner(name) {
            let why = format!("{name} is registered by deployment {other}");
            return Err(Obstacle::new(reason::NOT_OWNED, why, "let one deployment alone look after the name"));
        }
        let mut registrars = self.survey.registrars(name).peekable();
        if registrars.peek().is_none() && found {
            let why = format!("{name} is there with another answer, and is not ours");
            let remedy = "remove it, or give it the answer that is wanted and adopt it, or choose another name";
            return Err(Obstacle::new(reason::CONFLICT, why, remedy));
        }
        if self.survey.registrars(name).any(|registrar| registrar == key) {
            return Ok(());
        }
        match registrars.find(|registrar| !self.scope.includes(registrar)) {
            Some(registrar) => Err(taken(name, registrar)),
            None => Ok(()),
        }
    }

    /// What stands at the name and tolerates nothing beside it.
    fn neighbour(&self, record: &RecordSet) -> Option<Obstacle> {
        let excludes = |found: &&RecordSet| {
            if !found.is_simple() {
                return true;
            }
            let cname = found.kind == RecordType::Cname || record.kind == RecordType::Cname;
            cname && found.kind != record.kind && !self.goes(&found.key())
        };
        let found = self.survey.at(&record.name).find(excludes)?;
        let why = if found.is_simple() {
            format!("{} stands at the name of {}, and a CNAME tolerates nothing beside it", found.key(), record.key())
        } else {
            format!("{} has a routing policy, which is never ours", found.key())
        };
        Some(Obstacle::new(reason::CONFLICT, why, format!("remove {}, or choose another name", found.key())))
    }

    /// Whether a record is deleted by this very plan.
    fn goes(&self, name: &RecordKey) -> bool {
        let mut registrars = self.survey.registrars(name).peekable();
        registrars.peek().is_some()
            && registrars.all(|registrar| self.scope.includes(registrar))
            && !self.scope.is_spared(name)
            && matches!(self.leftover(name), Leftover::Delete(_))
    }

    /// Decides about a record that is registered for keys that are planned for, and wanted by none.
    pub fn leftover(&self, name: &RecordKey) -> Leftover<'a> {
        let elsewhere = self.survey.other_owner(name).is_some()
            || self.survey.registrars(name).any(|registrar| !self.scope.includes(registrar));
        match self.survey.simple(name) {
            Some(found) if !elsewhere && self.policy.deletes() => Leftover::Delete(found),
            Some(_) if !elsewhere => Leftover::Left,
            _ => Leftover::Forgotten,
        }
    }

    /// What the policy leaves as it is.
    pub fn left(&self, name: &RecordKey) -> Obstacle {
        let why = format!("dns.policy is {}, which leaves {name} as it is", self.policy);
        Obstacle::new(reason::POLICY_LEAVES, why, "change it by hand, or set another dns.policy")
    }
}

/// A record that is another key's of ours.
pub fn taken(name: &RecordKey, by: &str) -> Obstacle {
    let why = format!("{name} is kept for {by}");
    Obstacle::new(reason::CONFLICT, why, "let one endpoint or service alone have the name")
}
