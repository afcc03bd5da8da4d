//! The public zones that were read as a whole: one call tells what two calls for each service would, and Route 53 takes ten
//! a second of an account.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use crate::model::{DomainName, RecordSet, Zone, ZoneKey};

/// How many records one call lists.
///
/// Source: Route 53 API reference, `ListResourceRecordSets`, `MaxItems`.
const RECORDS_OF_A_CALL: u64 = 300;
/// The calls that a service takes in a zone that wasn't read as a whole: for its registration, and for its record.
const CALLS_OF_A_SERVICE: u64 = 2;

/// Whether the registrations of a zone come with all its records in one call.
pub(super) fn is_one_call(zone: &Zone) -> bool {
    zone.records <= RECORDS_OF_A_CALL
}

/// Whether a zone is read in fewer calls as a whole than for each of its services.
pub(super) fn is_fewer_calls(zone: &Zone, services: usize) -> bool {
    zone.records.div_ceil(RECORDS_OF_A_CALL) < CALLS_OF_A_SERVICE.saturating_mul(services as u64)
}

/// All records of zones, as they were read for what is looked at now. It is forgotten with the next thing that is located.
#[derive(Debug, Default)]
pub(super) struct ReadZones {
    records: RefCell<BTreeMap<ZoneKey, Rc<Vec<RecordSet>>>>,
}

impl ReadZones {
    /// Something new is located: what was read before may be why.
    pub fn forget_all(&self) {
        self.records.borrow_mut().clear();
    }

    /// A zone is written.
    pub fn forget(&self, zone: &ZoneKey) {
        self.records.borrow_mut().remove(zone);
    }

    /// A zone was read.
    pub fn keep(&self, zone: &ZoneKey, records: &[RecordSet]) {
        self.records.borrow_mut().insert(zone.clone(), Rc::new(records.to_vec()));
    }

    /// The records at a name; `None` when the zone wasn't read as a whole.
    pub fn at(&self, zone: &ZoneKey, name: &DomainName) -> Option<Vec<RecordSet>> {
        let all = self.records.borrow().get(zone).cloned()?;
        Some(all.iter().filter(|record| record.name == *name).cloned().collect())
    }
}
