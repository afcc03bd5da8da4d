//! A schedule's turn: time to sweep.

use super::{Trigger, Unparsable, envelope::Envelope};

/// Whatever it holds, it says no more than that it is time. The schedule of a rule sends an empty object (`EventBridge`
/// user guide, "Creating a rule that runs on a schedule"), that of `EventBridge` Scheduler the text `{}`.
#[expect(clippy::unnecessary_wraps, reason = "a reader of the registry")]
pub(super) fn read(_: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    Ok(Trigger::everything())
}
