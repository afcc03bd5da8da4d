//! A subject as JSON, so that a message can name it again later: a record that Route 53 has yet to spread, a name that
//! has yet to be verified.
//!
//! The kind is the word that the subject is shown with, the rest are its names. What is written is read as the same
//! subject.

use std::str::FromStr;

use serde_json::{Value, json};

use super::{
    ConnectionReference, CreationReference, EndpointReference, ServiceReference, Subject, Trigger, Unparsable,
    ZoneReference, envelope::Envelope, field::Field,
};
use crate::model::{AccountId, InvalidIdentifier};

const KIND: &str = "everything, place, load balancers, cloud map, service, review, owner, endpoint, connection or zone";
const NAME: &str = "an identifier that the kind of subject needs";

/// Reads the subject of a message that asks to look at it again.
pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    let subject = envelope.detail()?.required("subject", "what to look at again")?;
    Ok(read_subject(&subject)?.into())
}

/// Writes a subject down.
pub(super) fn write_subject(subject: &Subject) -> Value {
    match subject {
        Subject::Everything => json!({ "kind": "everything" }),
        Subject::Place { account, region } => json!({ "kind": "place", "account": account, "region": region }),
        Subject::LoadBalancers { account, region } => {
            json!({ "kind": "load balancers", "account": account, "region": region })
        }
        Subject::CloudMap { account, region } => json!({ "kind": "cloud map", "account": account, "region": region }),
        Subject::Service(reference) => write_service("service", reference),
        Subject::ServiceReview(reference) => write_service("review", reference),
        Subject::Owner(account) => json!({ "kind": "owner", "account": account }),
        Subject::Endpoint(EndpointReference { account, region, endpoint }) => {
            json!({ "kind": "endpoint", "account": account, "region": region, "endpoint": endpoint })
        }
        Subject::Zone(ZoneReference { account, zone }) => json!({ "kind": "zone", "account": account, "zone": zone }),
        Subject::Connection(ConnectionReference { account, region, service, endpoint }) => {
            json!({ "kind": "connection", "account": account, "region": region, "service": service, "endpoint": endpoint })
        }
        // Who made something is believed in the name of AWS alone, and this message is ours: the place is looked at.
        Subject::Creation(CreationReference { account, region, .. }) => write_subject(&Subject::place(account, region)),
    }
}

fn write_service(kind: &str, ServiceReference { account, region, service }: &ServiceReference) -> Value {
    json!({ "kind": kind, "account": account, "region": region, "service": service })
}

fn read_subject(subject: &Field<'_>) -> Result<Subject, Unparsable> {
    let kind = subject.required("kind", KIND)?;
    Ok(match kind.text(KIND)? {
        "everything" => Subject::Everything,
        "place" => Subject::Place { account: name(subject, "account")?, region: name(subject, "region")? },
        "load balancers" => {
            Subject::LoadBalancers { account: name(subject, "account")?, region: name(subject, "region")? }
        }
        "cloud map" => Subject::CloudMap { account: name(subject, "account")?, region: name(subject, "region")? },
        "service" => Subject::Service(read_service(subject)?),
        "review" => Subject::ServiceReview(read_service(subject)?),
        "owner" => Subject::Owner(name(subject, "account")?),
        "endpoint" => {
            let (account, region) = (name(subject, "account")?, name(subject, "region")?);
            Subject::Endpoint(EndpointReference { account, region, endpoint: name(subject, "endpoint")? })
        }
        "connection" => Subject::Connection(ConnectionReference {
            account: name(subject, "account")?,
            region: name(subject, "region")?,
            service: name(subject, "service")?,
            endpoint: name(subject, "endpoint")?,
        }),
        "zone" => Subject::Zone(ZoneReference { account: account_if_known(subject)?, zone: name(subject, "zone")? }),
        _ => return Err(kind.unexpected(KIND)),
    })
}

fn read_service(subject: &Field<'_>) -> Result<ServiceReference, Unparsable> {
    let (account, region) = (account_if_known(subject)?, name(subject, "region")?);
    Ok(ServiceReference { account, region, service: name(subject, "service")? })
}

fn account_if_known(subject: &Field<'_>) -> Result<Option<AccountId>, Unparsable> {
    subject.member("account").map(|account| account.identifier()).transpose()
}

fn name<T: FromStr<Err = InvalidIdentifier>>(subject: &Field<'_>, member: &str) -> Result<T, Unparsable> {
    subject.required(member, NAME)?.identifier()
}
