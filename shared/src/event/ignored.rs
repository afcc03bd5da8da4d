//! Why a message asks for nothing, as stable codes.

/// Ties each reason to its code, so that none can be without one.
macro_rules! ignored {
    ($($(#[$doc:meta])* $name:ident => $code:literal,)+) => {
        /// Why a message asks for nothing. The codes are stable: they are a metric's dimension.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Ignored {
            $($(#[$doc])* $name,)+
        }

        impl Ignored {
            /// Every reason there is.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The stable code.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }
        }
    };
}

ignored! {
    /// No (source, detail-type, version) that is known here.
    UnknownEvent => "UNKNOWN_EVENT",
    /// A call that is none of ours.
    UnrelatedCall => "UNRELATED_CALL",
    /// The call failed: nothing has changed.
    FailedCall => "FAILED_CALL",
    /// What was asked for is still under way, and will be told of when it is done.
    NotFinished => "NOT_FINISHED",
    /// A gateway endpoint, or another kind that has neither connection request nor names.
    NotAnInterfaceEndpoint => "NOT_AN_INTERFACE_ENDPOINT",
    /// An endpoint without names, of a service that AWS or a marketplace seller runs under a name of its own.
    NotAnEndpointService => "NOT_AN_ENDPOINT_SERVICE",
    /// Where a service's notifications go was changed; no connection was.
    NotificationSettings => "NOTIFICATION_SETTINGS",
    /// A call made by one of our own roles.
    OwnCall => "OWN_CALL",
    /// What we have said about our own decisions.
    OwnDecision => "OWN_DECISION",
    /// Everything the call named failed in it.
    NothingSucceeded => "NOTHING_SUCCEEDED",
    /// A tag change on another kind of resource.
    UnrelatedTag => "UNRELATED_TAG",
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_fit_for_a_metric_dimension() {
        let codes: BTreeSet<_> = Ignored::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), Ignored::ALL.len());
        for code in codes {
            assert!(code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'), "{code}");
        }
    }
}
