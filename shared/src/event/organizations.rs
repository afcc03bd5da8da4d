//! What happens in the Organization, recorded in us-east-1: accounts come and go, move, are closed, get tags.
//!
//! Parameters are plain JSON. `CreateAccount` and `CloseAccount` answer before they are done; how they ended is told by a
//! service event of its own. Source: Organizations user guide, "Logging API calls with AWS CloudTrail".

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Subject, Trigger, Unparsable,
    cloudtrail::{self, Record, Service},
    envelope::Envelope,
    field::Field,
    ignored::Ignored,
};
use crate::model::AccountId;

const REQUEST: &str = "the call's parameters";
const DETAILS: &str = "what the service event is about";
const ACCOUNT: &str = "the account's id";

pub(super) const SERVICE: Service = Service {
    event_source: "organizations.amazonaws.com",
    calls: &[
        ("MoveAccount", account_changed),
        ("CloseAccount", account_changed),
        ("RemoveAccountFromOrganization", account_changed),
        ("LeaveOrganization", caller_left),
        ("AcceptHandshake", handshake_accepted),
        ("TagResource", tags_changed),
        ("UntagResource", tags_changed),
        ("CreateOrganizationalUnit", units_changed),
        ("UpdateOrganizationalUnit", units_changed),
        ("DeleteOrganizationalUnit", units_changed),
        ("CreateAccountResult", account_created),
        ("CloseAccountResult", account_closed),
        ("AccountJoinedOrganization", membership_changed),
        ("AccountDepartedOrganization", membership_changed),
    ],
    is_trial: |_| false,
};

/// Reads the record of a call or of a service event.
pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    cloudtrail::read(envelope, &SERVICE)
}

/// Calls of the management account on the account that they name.
fn account_changed(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    owner(&record.required("requestParameters", REQUEST)?)
}

/// `LeaveOrganization`: called by the account that leaves.
fn caller_left(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    Ok(Subject::Owner(record.caller()?).into())
}

/// `AcceptHandshake`: an invitation is accepted by the account that joins. The other handshakes, which the reply tells
/// apart, move no account.
fn handshake_accepted(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    const ACTION: &str = "the handshake's action such as INVITE";
    let handshake = record.section("responseElements").and_then(|response| response.member("handshake"));
    if let Some(action) = handshake.and_then(|handshake| handshake.member("action"))
        && action.text(ACTION)? != "INVITE"
    {
        return Ok(Ignored::UnrelatedCall.into());
    }
    Ok(Subject::Owner(record.caller()?).into())
}

/// `TagResource`, `UntagResource`: of an account, whose id is all digits; or of a root, unit or policy, whose id begins
/// with its kind (`ou-…`).
fn tags_changed(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    const RESOURCE: &str = "the id of an account, root, organizational unit or policy";
    let resource = record.required("requestParameters", REQUEST)?.required("resourceId", RESOURCE)?;
    let id = resource.text(RESOURCE)?;
    if let Ok(account) = id.parse() {
        return Ok(Subject::Owner(account).into());
    }
    let kind = id.split_once('-').map(|(kind, _)| kind);
    if kind.is_some_and(|kind| !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_lowercase())) {
        return Ok(Ignored::UnrelatedTag.into());
    }
    Err(resource.unexpected(RESOURCE))
}

/// Calls on organizational units: the path of any account may have changed.
#[expect(clippy::unnecessary_wraps, reason = "a reader of the table of calls")]
fn units_changed(_: &Record<'_>) -> Result<Trigger, Unparsable> {
    Ok(Trigger::everything())
}

/// `CreateAccountResult`: there is an account only if it succeeded.
fn account_created(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    const STATE: &str = "SUCCEEDED, FAILED or IN_PROGRESS";
    let status = status(record, "createAccountStatus")?;
    let state = status.required("state", STATE)?;
    match state.text(STATE)? {
        "SUCCEEDED" => owner(&status),
        "FAILED" => Ok(Ignored::FailedCall.into()),
        "IN_PROGRESS" => Ok(Ignored::NotFinished.into()),
        _ => Err(state.unexpected(STATE)),
    }
}

/// `CloseAccountResult`, however it ended: a closure that failed gives the account back.
fn account_closed(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    owner(&status(record, "closeAccountStatus")?)
}

/// `AccountJoinedOrganization`, `AccountDepartedOrganization`: told to the management account of every account that
/// comes or goes, by whatever way, and once more when a closed one is cleaned away.
///
/// The Organizations API reference says that they are logged (`AcceptHandshake`, `LeaveOrganization`, `CloseAccount`), not
/// under which names their accounts stand. So account ids are looked for in all that such an event says; one too many
/// costs a look-up. One that names none may be about any account.
#[expect(clippy::unnecessary_wraps, reason = "a reader of the table of calls")]
fn membership_changed(record: &Record<'_>) -> Result<Trigger, Unparsable> {
    let sections = ["serviceEventDetails", "requestParameters", "additionalEventData"];
    let mut accounts = BTreeSet::new();
    for section in sections.into_iter().filter_map(|name| record.section(name)) {
        collect_accounts(section.value, &mut accounts);
    }
    if accounts.is_empty() {
        return Ok(Trigger::everything());
    }
    Ok(Trigger::naming(accounts.into_iter().map(Subject::Owner).collect(), Subject::Everything))
}

fn collect_accounts(value: &Value, accounts: &mut BTreeSet<AccountId>) {
    match value {
        Value::String(text) => accounts.extend(text.parse::<AccountId>()),
        Value::Array(list) => list.iter().for_each(|element| collect_accounts(element, accounts)),
        Value::Object(object) => object.values().for_each(|member| collect_accounts(member, accounts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn status<'message>(record: &Record<'message>, name: &str) -> Result<Field<'message>, Unparsable> {
    record.required("serviceEventDetails", DETAILS)?.required(name, "how the request ended")
}

fn owner(of: &Field<'_>) -> Result<Trigger, Unparsable> {
    Ok(Subject::Owner(of.required("accountId", ACCOUNT)?.identifier()?).into())
}
