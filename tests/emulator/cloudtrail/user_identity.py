"""Who called, as `userIdentity` of a record says it (CloudTrail User Guide, "CloudTrail userIdentity element")."""

from __future__ import annotations

from typing import Any

from ..api_call import Caller


def user_identity(caller: Caller) -> dict[str, Any]:
    """`userIdentity`; a role session tells its role as `sessionContext.sessionIssuer`, of which loop guards live."""
    identity: dict[str, Any] = {
        "type": caller.kind,
        "principalId": caller.principal_id,
        "arn": caller.arn,
        "accountId": caller.account,
        "accessKeyId": caller.access_key,
    }
    if caller.kind == "IAMUser":
        identity["userName"] = caller.user_name
    if caller.kind == "AssumedRole":
        identity["sessionContext"] = _session_context(caller)
    return identity


def _session_context(caller: Caller) -> dict[str, Any]:
    assert caller.session_started is not None
    context: dict[str, Any] = {
        "sessionIssuer": {
            "type": "Role",
            "principalId": caller.role_id,
            "arn": caller.role_arn,
            "accountId": caller.account,
            "userName": caller.role_name,
        },
        "attributes": {
            "creationDate": caller.session_started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "mfaAuthenticated": "false",
        },
    }
    if caller.source_identity:
        context["sourceIdentity"] = caller.source_identity
    return context
