//! Calls that failed: what kind of failure it is, what it comes from, and what helps.

use std::fmt;

/// A call that did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{call} in {place}: {message}")]
pub struct PortError {
    /// The call as IAM names it, such as `ec2:AcceptVpcEndpointConnections`.
    pub call: &'static str,
    /// Where: account and Region, or what stands for them.
    pub place: String,
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// The error code of AWS, if it sent one.
    pub code: Option<String>,
    /// What AWS said, in one line.
    pub message: String,
}

impl PortError {
    /// Whether the same call may work later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        self.kind == FailureKind::Retry
    }
}

/// What can be done about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailureKind {
    /// Throttled, unavailable or timed out: later it may work. Whether a write took effect is not known.
    Retry,
    /// Permission is missing.
    Denied,
    /// What it was about is gone.
    Gone,
    /// What it was about stands otherwise by now: somebody else was faster.
    Overtaken,
    /// The call is wrong, or comes at the wrong time; trying it again as it is doesn't help.
    Refused,
}

impl FailureKind {
    /// The word in logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Denied => "denied",
            Self::Gone => "gone",
            Self::Overtaken => "overtaken",
            Self::Refused => "refused",
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What a failure comes from, as far as AWS says it, so that a report can tell what to do about it.
///
/// Sources: IAM user guide, "Troubleshoot access denied error messages", for the words that tell one denial from the other;
/// EC2 API reference, error codes, for `AuthFailure` in a Region that the account hasn't enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The role isn't there, or doesn't let us in.
    RoleNotAssumable,
    /// The role is there, and its policies don't have the call.
    NotPermitted,
    /// A policy of the Organization denies the call, whatever the role may do.
    DeniedByOrganization,
    /// Denied by something else, or AWS doesn't say by what.
    Denied,
    /// AWS Organizations doesn't answer this account.
    NotDelegated,
    /// The account doesn't take part in the Region.
    RegionDisabled,
    /// There were too many calls.
    Throttled,
    /// No answer, or none yet.
    Unavailable,
    /// AWS doesn't take the call as it is.
    Refused,
}

impl Cause {
    /// A stable code, in logs and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RoleNotAssumable => "ROLE_NOT_ASSUMABLE",
            Self::NotPermitted => "NOT_PERMITTED",
            Self::DeniedByOrganization => "DENIED_BY_ORGANIZATION",
            Self::Denied => "DENIED",
            Self::NotDelegated => "NOT_DELEGATED",
            Self::RegionDisabled => "REGION_DISABLED",
            Self::Throttled => "THROTTLED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Refused => "REFUSED",
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::RoleNotAssumable => {
                "deploy infra/member.yaml there (the stack set does), with this hub's account and the external id of the configuration"
            }
            Self::NotPermitted => {
                "update the stack of the role to this version's template, and switch on what the configuration asks for"
            }
            Self::DeniedByOrganization => {
                "exempt the role in the policy of the Organization that denies it, or take the account off the configuration"
            }
            Self::Denied => "see which policy denies it: of the role, its permissions boundary, or the resource",
            Self::NotDelegated => {
                "deploy infra/management.yaml in the management account with CreateDelegationPolicy=yes, or add its statement to the Organization's delegation policy"
            }
            Self::RegionDisabled => "enable the Region in that account, or take it off the configuration",
            Self::Throttled => "nothing: it is tried again; if it stays, others use up the account's calls",
            Self::Unavailable => "nothing: it is tried again",
            Self::Refused => "read what AWS says, in the log",
        }
    }
}

impl PortError {
    /// What it comes from.
    #[must_use]
    pub fn cause(&self) -> Cause {
        let says = |words: &str| self.message.contains(words);
        match self.kind {
            FailureKind::Retry if self.is_throttled() => Cause::Throttled,
            FailureKind::Retry => Cause::Unavailable,
            FailureKind::Gone | FailureKind::Overtaken | FailureKind::Refused => Cause::Refused,
            FailureKind::Denied if says("sts:AssumeRole") => Cause::RoleNotAssumable,
            FailureKind::Denied if self.call.starts_with("organizations:") => Cause::NotDelegated,
            FailureKind::Denied if says("service control policy") || says("resource control policy") => {
                Cause::DeniedByOrganization
            }
            FailureKind::Denied if says("no identity-based policy allows") => Cause::NotPermitted,
            FailureKind::Denied if matches!(self.code.as_deref(), Some("AuthFailure" | "OptInRequired")) => {
                Cause::RegionDisabled
            }
            FailureKind::Denied => Cause::Denied,
        }
    }

    /// Whether AWS has said that there were too many calls.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        let code = self.code.as_deref().unwrap_or_default();
        code.contains("Throttl")
            || matches!(
                code,
                "RequestLimitExceeded" | "TooManyRequestsException" | "SlowDown" | "PriorRequestNotComplete"
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(call: &'static str, message: &str) -> PortError {
        let (kind, message) = (FailureKind::Denied, message.to_owned());
        PortError { call, place: "333333333333/eu-west-1".to_owned(), kind, code: None, message }
    }

    #[test]
    fn denial_is_told_from_another_by_what_aws_says() {
        let user = "User: arn:aws:sts::222222222222:assumed-role/a/b is not authorized to perform:";
        let read = "ec2:DescribeVpcEndpointConnections";
        for (message, cause) in [
            (
                format!("AccessDenied: {user} sts:AssumeRole on resource: arn:aws:iam::3:role/m"),
                Cause::RoleNotAssumable,
            ),
            (format!("{user} {read} because no identity-based policy allows the {read} action"), Cause::NotPermitted),
            (format!("{user} {read} with an explicit deny in a service control policy"), Cause::DeniedByOrganization),
            (format!("{user} {read} because no service control policy allows it"), Cause::DeniedByOrganization),
            (format!("{user} {read} with an explicit deny in a permissions boundary"), Cause::Denied),
            ("You are not authorized to perform this operation.".to_owned(), Cause::Denied),
        ] {
            assert_eq!(denied(read, &message).cause(), cause, "{message}");
        }
        assert_eq!(denied("organizations:DescribeAccount", "not allowed").cause(), Cause::NotDelegated);
    }

    #[test]
    fn code_tells_a_region_that_is_off_from_a_denial_and_throttling_from_an_outage() {
        let error =
            |kind, code: &str| PortError { kind, code: Some(code.to_owned()), ..denied("ec2:DescribeVpcs", "") };
        assert_eq!(error(FailureKind::Denied, "AuthFailure").cause(), Cause::RegionDisabled);
        assert_eq!(error(FailureKind::Retry, "RequestLimitExceeded").cause(), Cause::Throttled);
        assert_eq!(error(FailureKind::Retry, "InternalError").cause(), Cause::Unavailable);
        assert_eq!(error(FailureKind::Refused, "InvalidParameter").cause(), Cause::Refused);
    }
}
