//! Changes in as few calls as the limits of Route 53 allow.

use std::collections::BTreeSet;

use super::records::{Group, sort};
use crate::model::{RecordChange, RecordData};

/// Most `ResourceRecord` elements of a call. Source: Route 53 developer guide, quotas, `ChangeResourceRecordSets`.
///
/// Whether an alias record, which has no such element, counts is not said. It is counted as one.
pub const ELEMENT_LIMIT: usize = 1_000;

/// Most characters of all `Value` elements of a call. Source: as for [`ELEMENT_LIMIT`].
pub const CHARACTER_LIMIT: usize = 32_000;

/// What changes take of a call's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Of [`ELEMENT_LIMIT`].
    pub elements: usize,
    /// Of [`CHARACTER_LIMIT`].
    pub characters: usize,
}

impl Cost {
    /// Of one change. What is put in the place of something counts twice.
    #[must_use]
    pub fn of(change: &RecordChange) -> Self {
        let times = if matches!(change, RecordChange::Upsert(_)) { 2 } else { 1 };
        match &change.record().data {
            RecordData::Values { values, .. } => Self {
                elements: times * values.len().max(1),
                characters: times * values.iter().map(|value| value.chars().count()).sum::<usize>(),
            },
            RecordData::Alias { .. } | RecordData::Other => Self { elements: times, characters: 0 },
        }
    }

    /// Of several changes.
    #[must_use]
    pub fn of_all(changes: &[RecordChange]) -> Self {
        changes.iter().map(Self::of).fold(Self::default(), Self::plus)
    }

    fn plus(self, other: Self) -> Self {
        Self { elements: self.elements + other.elements, characters: self.characters + other.characters }
    }

    /// Whether a call may take so much.
    #[must_use]
    pub fn fits(self) -> bool {
        self.elements <= ELEMENT_LIMIT && self.characters <= CHARACTER_LIMIT
    }
}

/// The changes of one call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// The keys of what the records are for.
    pub keys: BTreeSet<String>,
    /// The changes, sorted by name.
    pub changes: Vec<RecordChange>,
}

/// A group that no call can take, and that must not be split.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the changes for {} belong together and take {} elements and {} characters, and a call takes {ELEMENT_LIMIT} and \
     {CHARACTER_LIMIT}",
    .group.keys.iter().map(String::as_str).collect::<Vec<_>>().join(" "), .cost.elements, .cost.characters
)]
pub struct Oversized {
    /// The group.
    pub group: Group,
    /// What it takes.
    pub cost: Cost,
}

/// Groups in calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Packed {
    /// What each call changes.
    pub batches: Vec<Batch>,
    /// What no call can take.
    pub oversized: Vec<Oversized>,
}

/// Puts groups into calls. Each goes into the first call that has room for it.
#[must_use]
pub fn pack(groups: Vec<Group>) -> Packed {
    let mut batches: Vec<(Cost, Batch)> = Vec::new();
    let mut oversized = Vec::new();
    for group in groups {
        let cost = Cost::of_all(&group.changes);
        if !cost.fits() {
            oversized.push(Oversized { group, cost });
            continue;
        }
        match batches.iter_mut().find(|(filled, _)| filled.plus(cost).fits()) {
            Some((filled, batch)) => {
                *filled = filled.plus(cost);
                batch.keys.extend(group.keys);
                batch.changes.extend(group.changes);
            }
            None => batches.push((cost, Batch { keys: group.keys, changes: group.changes })),
        }
    }
    let sorted = |(_, mut batch): (Cost, Batch)| {
        sort(&mut batch.changes);
        batch
    };
    Packed { batches: batches.into_iter().map(sorted).collect(), oversized }
}

#[cfg(test)]
mod tests;
