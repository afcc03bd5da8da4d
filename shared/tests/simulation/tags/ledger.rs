//! What the simulation itself knows of tags: who made what, and which keys the function wrote.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use drawbridge::model::{AccountId, Creation, Creator, Resource};
use jiff::Timestamp;

use crate::{agenda::Entry, cast::REGION, stage::Stage};

/// Those who make things.
pub const CREATORS: [&str; 5] = ["alice", "deployer", "pipeline", "bob+ops", "Zoe & co <x>"];

#[derive(Debug, Default)]
pub struct Ledger {
    /// Who made what, whether anybody can read it or not.
    pub made: RefCell<BTreeMap<Resource, &'static str>>,
    /// The keys of each resource that the function wrote.
    pub written: RefCell<BTreeSet<(Resource, String)>>,
    /// What people have changed the mark of.
    pub unmarked: RefCell<BTreeSet<Resource>>,
}

/// Notes who makes something. `CloudTrail` tells the time in whole seconds.
pub fn make(stage: &Stage, resource: Resource, by: &'static str) -> Timestamp {
    stage.ledger.made.borrow_mut().insert(resource, by);
    whole_seconds(stage.now())
}

pub fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap()
}

/// Has the making told by the history of the account from a time on.
pub fn record(stage: &Stage, account: &AccountId, resource: Resource, at: Timestamp, from: Timestamp) {
    let Some(by) = stage.ledger.made.borrow().get(&resource).copied() else { return };
    let creator = Creator {
        kind: "AssumedRole".to_owned(),
        name: by.to_owned(),
        session: None,
        account: Some(account.clone()),
        invoked_by: None,
    };
    let creation = Creation { resource, creator, at };
    stage.agenda.enter(from, Entry::Recorded(account.clone(), creation));
}

/// The history has it.
pub fn recorded(stage: &Stage, account: AccountId, creation: Creation) {
    stage.tell(|| format!("the history of {account} tells who made {}", creation.resource));
    stage.world.change().creations.push((account, REGION.parse().unwrap(), creation));
}
