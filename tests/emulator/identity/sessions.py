"""STS: who am I, and role sessions.

moto lets anybody assume any role, existing or not. Here the role must exist, its trust policy must allow the caller
(with `sts:SetSourceIdentity` and `sts:TagSession` where those are used), and a caller that is itself a role session
needs the permission in its own policies too, as IAM asks of both sides across accounts. Session policies are kept with
the session: what it may do is judged by them, too.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from moto.sts.models import STSBackend, sts_backends

from ..api_call import ApiCall, AwsError, Caller
from ..permissions import account_of, caller_allows, find_role, managed_policy, organization_of, request_of
from ..policy_documents import Judgement, Principal, judge
from .callers import PARTITION, Callers, caller_keys

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

LARGEST_SESSION_POLICY = 2048  # characters
SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer STS, and know every session that moto makes, also those made for AWS's own services."""
    callers: Callers = app.callers

    def assume_in_backend(original: Any, backend: Any, *arguments: Any, **named: Any) -> Any:
        session = original(backend, *arguments, **named)
        callers.add_session(session)
        return session

    hooks.wrap(STSBackend, "assume_role", assume_in_backend)
    hooks.operation("sts", "GetCallerIdentity", get_caller_identity)
    hooks.operation("sts", "AssumeRole", lambda call: assume_role(callers, call))


def get_caller_identity(call: ApiCall) -> dict[str, Any]:
    """GetCallerIdentity."""
    return {"UserId": call.caller.principal_id, "Account": call.account, "Arn": call.caller.arn}


def assume_role(callers: Callers, call: ApiCall) -> dict[str, Any]:
    """AssumeRole."""
    name, role_arn = call.parameter("RoleSessionName", ""), call.parameter("RoleArn", "")
    if not SESSION_NAME.fullmatch(name):
        raise AwsError("ValidationError", f"The session name '{name}' must match {SESSION_NAME.pattern}")
    if len(role_arn.split(":")) != 6:
        raise AwsError("ValidationError", f"{role_arn} is invalid")
    policies = _session_policies(call, role_arn)
    _check_trust(call, role_arn)
    backend = sts_backends[call.account][PARTITION]
    session = backend.assume_role(
        region_name=call.region,
        role_session_name=name,
        role_arn=role_arn,
        policy=call.parameter("Policy"),
        duration=call.parameter("DurationSeconds", 3600),
        external_id=call.parameter("ExternalId"),
    )
    callers.add_session(session, _source_identity(call), policies)
    return {
        "Credentials": {
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "SessionToken": session.session_token,
            "Expiration": session.expiration,
        },
        "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
        "SourceIdentity": _source_identity(call),
    }


def _session_policies(call: ApiCall, role_arn: str) -> tuple[str, ...]:
    """The documents by which the session may do less than its role: one given inline, others by their ARNs."""
    inline = call.parameter("Policy")
    if inline and len(inline) > LARGEST_SESSION_POLICY:
        raise AwsError("PackedPolicyTooLarge", "The session policy is too large.")
    documents = [inline] if inline else []
    try:
        json.loads(inline or "{}")
    except ValueError:
        raise AwsError("MalformedPolicyDocument", "The session policy is not JSON.") from None
    for entry in call.parameter("PolicyArns", []):
        found = managed_policy(account_of(role_arn), entry.get("arn", ""))
        if found is None:
            raise AwsError("ValidationError", f"The policy {entry.get('arn')} doesn't exist.")
        documents.append(found)
    return tuple(documents)


def _source_identity(call: ApiCall) -> str | None:
    """A source identity stays with all sessions that come from a session that has one."""
    return call.caller.source_identity or call.parameter("SourceIdentity")


def _check_trust(call: ApiCall, role_arn: str) -> None:
    caller = call.caller
    role = find_role(role_arn)
    context = _context(call)
    actions = ["sts:AssumeRole"]
    actions += ["sts:SetSourceIdentity"] if call.parameter("SourceIdentity") else []
    actions += ["sts:TagSession"] if call.parameter("Tags") else []
    for action in actions:
        trusted = role is not None and _is_trusted(role, role_arn, caller, action, context)
        if not trusted or not _may_ask(role, role_arn, caller, action, context):
            raise AwsError(
                "AccessDenied",
                f"User: {caller.arn} is not authorized to perform: {action} on resource: {role_arn}",
                403,
            )


def _is_trusted(role: Any, role_arn: str, caller: Caller, action: str, context: dict[str, Any]) -> bool:
    principal = Principal(account=caller.account, arns=caller.policy_arns)
    return judge(role.assume_role_policy_document, request_of(principal, action, role_arn, context)).allowed


def _may_ask(role: Any, role_arn: str, caller: Caller, action: str, context: dict[str, Any]) -> bool:
    """What the caller's own policies say: asked of role sessions only, as only roles have their policies judged here.

    Within an account a trust policy that names the role itself (and not just its account) is enough.
    """
    if caller.role_arn is None:
        return True
    own: Judgement = caller_allows(caller, action, role_arn, context)
    if own.allowed or own.denied or caller.account != account_of(role_arn):
        return own.allowed
    by_name = Principal(arns=caller.policy_arns)
    return judge(role.assume_role_policy_document, request_of(by_name, action, role_arn, context)).allowed


def _context(call: ApiCall) -> dict[str, Any]:
    """The condition keys of the request (IAM User Guide, "IAM and AWS STS condition context keys")."""
    role_arn = call.parameter("RoleArn")
    context: dict[str, Any] = {
        **caller_keys(call.caller),
        "sts:RoleSessionName": call.parameter("RoleSessionName"),
        "aws:ResourceAccount": account_of(role_arn),
        "aws:RequestedRegion": call.region,
    }
    organization = organization_of(account_of(role_arn))
    if organization:
        context["aws:ResourceOrgID"] = organization[0]
    for key, value in (
        ("sts:ExternalId", call.parameter("ExternalId")),
        ("sts:SourceIdentity", call.parameter("SourceIdentity")),
    ):
        if value:
            context[key] = value
    for tag in call.parameter("Tags", []):
        context[f"aws:RequestTag/{tag['Key']}"] = tag["Value"]
    return context
