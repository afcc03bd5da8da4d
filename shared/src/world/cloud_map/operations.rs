//! Operations of Cloud Map, in memory: what they were begun for is done when they end.

use jiff::Timestamp;

use super::{OPERATION, SharedNamespace, State, World};
use crate::{
    model::{AccountId, Attributes, Operation, OperationFailure, Resource, ResourceKind, Tags},
    port::{Clock, later},
};

/// An operation and what it will have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// When it ends.
    pub due: Timestamp,
    /// Whose it is.
    pub account: AccountId,
    /// The ARN of the Cloud Map service; nothing for one on namespaces.
    pub scope: String,
    /// What is told of it.
    pub operation: Operation,
    /// Why it will fail, if it will.
    pub fails: Option<OperationFailure>,
    change: Change,
}

/// What an operation changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Make(Box<SharedNamespace>, Tags),
    Unmake(String),
    Register(String, Attributes),
    Deregister(String),
}

impl State {
    pub(super) fn begin_operation(
        &mut self,
        (account, now): (&AccountId, Timestamp),
        scope: &str,
        targets: &[&str],
        change: Change,
    ) {
        self.ids += 1;
        let fails = targets.iter().find_map(|target| self.failing_operations.remove(*target));
        let targets = targets.iter().map(|target| (*target).to_owned()).collect();
        let operation = Operation { id: format!("op-{}", self.ids), targets, failure: None, updated: now };
        let (account, scope) = (account.clone(), scope.to_owned());
        self.operations.push(Pending { due: later(now, OPERATION), account, scope, operation, fails, change });
    }

    pub(super) fn is_under_way(&self, scope: &str, target: &str) -> bool {
        let mut pending = self.operations.iter().filter(|pending| pending.scope == scope);
        pending.any(|pending| pending.operation.failure.is_none() && pending.operation.targets.contains(target))
    }

    /// Does what an operation was begun for.
    fn finish(&mut self, pending: Pending) {
        let Pending { scope, change, .. } = pending;
        match change {
            Change::Make(made, tags) => {
                let resource = Resource::new(ResourceKind::CloudMapNamespace, made.namespace.arn.as_str());
                let place = (made.namespace.owner.clone(), made.region.clone(), resource);
                self.resource_tags.insert(place, tags);
                self.namespaces.insert(made.namespace.arn.clone(), *made);
            }
            Change::Unmake(arn) => {
                self.namespaces.remove(&arn);
                self.resource_tags.retain(|(_, _, resource), _| *resource.id != *arn);
            }
            Change::Register(id, attributes) => {
                if let Some(discovery) = self.cloud_map_services.get_mut(&scope) {
                    discovery.instances.insert(id, attributes);
                }
            }
            Change::Deregister(id) => {
                if let Some(discovery) = self.cloud_map_services.get_mut(&scope) {
                    discovery.instances.remove(&id);
                    discovery.health.remove(&id);
                }
            }
        }
    }
}

impl World {
    /// Ends the operations whose time has come.
    pub(in crate::world) fn end_operations(&self) {
        let now = self.now();
        let is_due = |pending: &Pending| pending.operation.failure.is_none() && pending.due <= now;
        if !self.state().operations.iter().any(is_due) {
            return;
        }
        let mut state = self.change();
        let (due, mut rest): (Vec<_>, Vec<_>) = std::mem::take(&mut state.operations).into_iter().partition(is_due);
        for mut pending in due {
            match pending.fails.take() {
                Some(failure) => {
                    pending.operation.failure = Some(failure);
                    pending.operation.updated = pending.due;
                    rest.push(pending);
                }
                None => state.finish(pending),
            }
        }
        state.operations = rest;
    }
}
