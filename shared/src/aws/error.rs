//! SDK errors, classified once, by code.

use std::error::Error;

use aws_sdk_ec2::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;

use crate::port::{FailureKind, PortError};

/// What an error code means for us. A code that is not here is [`FailureKind::Refused`].
///
/// Sources: EC2 API error codes; errors of AWS Organizations, Elastic Load Balancing, the Resource Groups Tagging API,
/// Route 53, Cloud Map, CloudWatch, `EventBridge`, SQS, `AppConfig` and STS in their API references; the codes that the SDK retries as throttling.
const CODES: &[(&str, FailureKind)] = &[
    ("RequestLimitExceeded", FailureKind::Retry),
    ("Throttling", FailureKind::Retry),
    ("ThrottlingException", FailureKind::Retry),
    ("ThrottledException", FailureKind::Retry),
    ("RequestThrottled", FailureKind::Retry),
    ("RequestThrottledException", FailureKind::Retry),
    ("EC2ThrottledException", FailureKind::Retry),
    ("TooManyRequestsException", FailureKind::Retry),
    ("SlowDown", FailureKind::Retry),
    ("InternalError", FailureKind::Retry),
    ("InternalFailure", FailureKind::Retry),
    ("InternalException", FailureKind::Retry),
    ("InternalServerException", FailureKind::Retry),
    ("ServiceException", FailureKind::Retry),
    ("InternalServiceException", FailureKind::Retry),
    ("PaginationTokenExpiredException", FailureKind::Retry),
    ("Unavailable", FailureKind::Retry),
    ("ServiceUnavailable", FailureKind::Retry),
    ("RequestExpired", FailureKind::Retry),
    ("ExpiredToken", FailureKind::Retry),
    ("ExpiredTokenException", FailureKind::Retry),
    ("ConcurrentModificationException", FailureKind::Retry),
    ("ConcurrentModification", FailureKind::Retry),
    ("PriorRequestNotComplete", FailureKind::Retry),
    ("KmsThrottled", FailureKind::Retry),
    ("KMS.ThrottlingException", FailureKind::Retry),
    ("AccessDenied", FailureKind::Denied),
    ("AccessDeniedException", FailureKind::Denied),
    ("UnauthorizedOperation", FailureKind::Denied),
    ("AuthFailure", FailureKind::Denied),
    ("AWSOrganizationsNotInUseException", FailureKind::Denied),
    ("OptInRequired", FailureKind::Denied),
    ("NotAuthorizedException", FailureKind::Denied),
    ("InvalidState", FailureKind::Overtaken),
    ("IncorrectState", FailureKind::Overtaken),
    ("NamespaceAlreadyExists", FailureKind::Overtaken),
    ("ServiceAlreadyExists", FailureKind::Overtaken),
    ("ResourceInUse", FailureKind::Overtaken),
    ("InvalidID", FailureKind::Gone),
    ("AccountNotFoundException", FailureKind::Gone),
    ("ResourceNotFoundException", FailureKind::Gone),
    ("OrganizationalUnitNotFoundException", FailureKind::Gone),
    ("LoadBalancerNotFound", FailureKind::Gone),
    ("ListenerNotFound", FailureKind::Gone),
    ("ResourceNotFound", FailureKind::Gone),
    ("DashboardNotFoundError", FailureKind::Gone),
    ("InternalServiceFault", FailureKind::Retry),
    ("InternalServiceError", FailureKind::Retry),
    ("TargetGroupNotFound", FailureKind::Gone),
    ("NoSuchHostedZone", FailureKind::Gone),
    ("NoSuchChange", FailureKind::Gone),
    ("NamespaceNotFound", FailureKind::Gone),
    ("ServiceNotFound", FailureKind::Gone),
    ("InstanceNotFound", FailureKind::Gone),
    ("OperationNotFound", FailureKind::Gone),
    ("QueueDoesNotExist", FailureKind::Gone),
    ("AWS.SimpleQueueService.NonExistentQueue", FailureKind::Gone),
];

/// Classifies an error code. Of EC2's many `Invalid….NotFound` not every one is documented, and they mean the same.
pub fn classify(code: &str) -> FailureKind {
    match CODES.iter().find(|(known, _)| *known == code) {
        Some((_, kind)) => *kind,
        None if code.ends_with(".NotFound") => FailureKind::Gone,
        None => FailureKind::Refused,
    }
}

/// The error of a call, in our words.
pub fn port_error<E>(call: &'static str, place: String, error: &SdkError<E, HttpResponse>) -> PortError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let role = assumed_role(error);
    let code = role.and_then(ProvideErrorMetadata::code).or(error.code()).map(ToOwned::to_owned);
    let kind = match error {
        SdkError::ServiceError(_) => match code.as_deref().map(classify) {
            Some(known) if known != FailureKind::Refused => known,
            // A 5xx of whatever code, or of none: a proxy's or a load balancer's.
            _ if status(error).is_some_and(|status| status >= 500) => FailureKind::Retry,
            _ => FailureKind::Refused,
        },
        SdkError::ConstructionFailure(_) => FailureKind::Refused,
        _ if role.and_then(ProvideErrorMetadata::code).map(classify) == Some(FailureKind::Denied) => {
            FailureKind::Denied
        }
        _ => FailureKind::Retry,
    };
    let message = match (&code, role.and_then(ProvideErrorMetadata::message).or(error.message())) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.clone(),
        (None, _) => error_chain(error),
    };
    PortError { call, place, kind, code, message: one_line(&message) }
}

fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

/// Why a call was never sent, when its role could not be assumed.
fn assumed_role<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a AssumeRoleError> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(assumed) = error.downcast_ref::<AssumeRoleError>() {
            return Some(assumed);
        }
        cause = error.source();
    }
    None
}

/// An error with all its causes, in one line.
#[must_use]
pub fn error_chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        // Some errors repeat their cause.
        if !text.ends_with(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}

/// Messages of AWS can hold an encoded authorization failure of thousands of characters.
const MESSAGE_LIMIT: usize = 500;

fn one_line(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { ' ' } else { char }).take(MESSAGE_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_classified_by_the_table_and_an_unknown_one_is_refused() {
        assert_eq!(classify("RequestLimitExceeded"), FailureKind::Retry);
        assert_eq!(classify("UnauthorizedOperation"), FailureKind::Denied);
        assert_eq!(classify("InvalidVpcEndpoint.NotFound"), FailureKind::Gone);
        assert_eq!(classify("InvalidVpcEndpointConnectionId.NotFound"), FailureKind::Gone);
        assert_eq!(classify("InvalidState"), FailureKind::Overtaken);
        assert_eq!(classify("InvalidParameter"), FailureKind::Refused);
        assert_eq!(classify("PriorRequestNotComplete"), FailureKind::Retry);
        assert_eq!(classify("NoSuchHostedZone"), FailureKind::Gone);
        assert_eq!(classify("NotAuthorizedException"), FailureKind::Denied);
        assert_eq!(classify("ServiceNotFound"), FailureKind::Gone);
        assert_eq!(classify("ServiceAlreadyExists"), FailureKind::Overtaken);
        for refused in ["InvalidChangeBatch", "ConflictingDomainExists", "LastVPCAssociation", "LimitsExceeded"] {
            assert_eq!(classify(refused), FailureKind::Refused, "{refused}");
        }
    }

    #[test]
    fn each_code_stands_in_the_table_once() {
        let mut codes: Vec<_> = CODES.iter().map(|(code, _)| code).collect();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), CODES.len());
    }

    #[test]
    fn message_is_one_line_of_bounded_length() {
        assert_eq!(one_line("a\nb\u{1b}[31m"), "a b [31m");
        assert_eq!(one_line(&"x".repeat(10_000)).len(), MESSAGE_LIMIT);
    }
}
