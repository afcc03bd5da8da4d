//! What Drawbridge tells others on its bus: the detail-types of its events, in one list.
//!
//! Whoever listens relies on these names. Those that say whether an endpoint is connected have us look at the names that
//! lead to it. The others come back to us where a rule matches all that we say; then they ask for nothing.

/// Ties each name to the list of all, so that none is told that isn't known to be ours.
macro_rules! told {
    ($($(#[$doc:meta])* $name:ident => $detail_type:literal,)+) => {
        $($(#[$doc])* pub const $name: &str = $detail_type;)+

        /// Every detail-type that we tell.
        pub const ALL: &[&str] = &[$($name),+];
    };
}

told! {
    /// A request was accepted.
    CONNECTION_ACCEPTED => "Connection Accepted",
    /// A request was rejected.
    CONNECTION_REJECTED => "Connection Rejected",
    /// A request was left to wait.
    CONNECTION_HELD => "Connection Held",
    /// An established connection was ended.
    CONNECTION_REVOKED => "Connection Revoked",
    /// An established connection will be ended when its grace is over.
    REVOCATION_SCHEDULED => "Revocation Scheduled",
    /// An established connection will not be ended after all.
    REVOCATION_CANCELLED => "Revocation Cancelled",
    /// More connections would be ended than one run may: none was, a person has to look.
    REVOCATION_WITHHELD => "Revocation Withheld",
    /// A principal was added to those that may connect to a service.
    PRINCIPAL_ALLOWED => "Principal Allowed",
    /// A principal was removed from those that may connect to a service.
    PRINCIPAL_REMOVED => "Principal Removed",
    /// A service accepts whoever asks.
    SERVICE_OPEN => "Service Open",
    /// A private DNS name is shown to be the provider's own.
    NAME_VERIFIED => "Private Name Verified",
    /// AWS can't find what shows that a private DNS name is the provider's own: new endpoints can't use it.
    VERIFICATION_FAILED => "Private Name Verification Failed",
    /// A private DNS name leads to an endpoint now.
    NAME_ENABLED => "Private Name Enabled",
    /// Records were written.
    RECORDS_PUBLISHED => "Records Published",
    /// Records were taken away.
    RECORDS_WITHDRAWN => "Records Withdrawn",
    /// A private zone answers in a VPC, or in those of a Profile.
    ZONE_ASSOCIATED => "Zone Associated",
    /// A private zone answers in a VPC no more, or in those of a Profile.
    ZONE_DISASSOCIATED => "Zone Disassociated",
    /// A VPC has a Profile, and knows the names that are in it.
    PROFILE_ASSOCIATED => "Profile Associated",
    /// A VPC doesn't have a Profile any more.
    PROFILE_DISASSOCIATED => "Profile Disassociated",
    /// A private DNS name leads to an endpoint no more from the VPCs of a Profile.
    NAME_WITHDRAWN => "Private Name Withdrawn",
    /// More names would be taken away than one run may: none was, a person has to look.
    WITHDRAWAL_WITHHELD => "Withdrawal Withheld",
    /// More alarms and dashboards would be taken away than one run may: none was, a person has to look.
    ALARMS_WITHHELD => "Alarm Removal Withheld",
    /// More instances and targets would be taken away than one run may: none was, a person has to look.
    DEREGISTRATION_WITHHELD => "Deregistration Withheld",
    /// A service that accepted whoever asked was made to ask us.
    ACCEPTANCE_REQUIRED => "Acceptance Required",
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::event::{Ignored, Trigger, own, parse};

    #[test]
    fn nothing_that_we_tell_wakes_us_but_the_end_or_beginning_of_a_connection() {
        let heard = [CONNECTION_ACCEPTED, CONNECTION_REJECTED, CONNECTION_REVOKED];
        for name in ALL.iter().filter(|name| !heard.contains(name)) {
            let event = json!({ "version": "0", "source": own::SOURCE, "detail-type": name, "detail": {} });
            assert_eq!(parse(&event), Ok(Trigger::Ignored(Ignored::OwnDecision)), "{name}");
        }
    }

    #[test]
    fn nothing_that_is_asked_of_us_is_told() {
        for name in [own::SWEEP_REQUESTED, own::REVIEW_REQUESTED, own::LOOK_AGAIN] {
            assert!(!ALL.contains(&name), "{name}");
        }
    }

    #[test]
    fn detail_type_is_told_under_one_name_and_short_enough_for_event_bridge() {
        let names: BTreeSet<_> = ALL.iter().collect();
        assert_eq!(names.len(), ALL.len());
        // EventBridge API reference, PutEventsRequestEntry: 128 characters at most.
        assert!(ALL.iter().all(|name| name.len() <= 128));
    }
}
