"""Policies of event buses as AWS keeps them: the whole document, whatever principals it names.

moto keeps one statement per principal, needs a Sid, and writes `*` as an account.
"""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any

from moto.events.models import EventBus, EventBusPolicyStatement, events_backends

from ..api_call import ApiCall, AwsError

if TYPE_CHECKING:
    from ..hooks import Hooks

STATEMENT_ID = re.compile(r"[a-zA-Z0-9-_]{1,64}")
LARGEST_POLICY = 10240


def install(hooks: Hooks) -> None:
    """Answer PutPermission and RemovePermission."""
    hooks.operation("events", "PutPermission", _put_permission)
    hooks.operation("events", "RemovePermission", _remove_permission)


def _bus(call: ApiCall) -> EventBus:
    return events_backends[call.account][call.region].describe_event_bus(call.parameter("EventBusName", "default"))


def _put_permission(call: ApiCall) -> None:
    bus = _bus(call)
    if call.parameter("Policy"):
        _replace_policy(bus, call.parameter("Policy"))
        return
    statement_id, principal = call.parameter("StatementId", ""), call.parameter("Principal", "")
    if call.parameter("Action") != "events:PutEvents":
        raise AwsError("ValidationException", "Provided value in parameter 'action' is not supported.")
    if not STATEMENT_ID.fullmatch(statement_id):
        raise AwsError("ValidationException", "StatementId must match ^[a-zA-Z0-9-_]{1,64}$")
    if not re.fullmatch(r"\d{12}|\*", principal):
        raise AwsError("ValidationException", f"Provided value in parameter 'principal' is not valid: {principal!r}")
    statement: dict[str, Any] = {
        "Sid": statement_id,
        "Effect": "Allow",
        "Principal": "*" if principal == "*" else {"AWS": f"arn:aws:iam::{principal}:root"},
        "Action": "events:PutEvents",
        "Resource": bus.arn,
    }
    condition = call.parameter("Condition")
    if condition:
        statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    bus._statements[statement_id] = EventBusPolicyStatement.from_dict(statement)


def _replace_policy(bus: EventBus, text: str) -> None:
    if len(text) > LARGEST_POLICY:
        raise AwsError("PolicyLengthExceededException", "The event bus policy is too long.")
    try:
        statements = json.loads(text)["Statement"]
        statements = [statements] if isinstance(statements, dict) else statements
        parsed = [EventBusPolicyStatement.from_dict({"Sid": uuid.uuid4().hex} | statement) for statement in statements]
    except (ValueError, KeyError, TypeError) as error:
        raise AwsError("ValidationException", f"The policy is not valid: {error!r}") from error
    for statement in parsed:
        if statement.resource != bus.arn and statement.resource != [bus.arn]:
            raise AwsError("ValidationException", f"Resource of statement {statement.sid} must be {bus.arn}")
    bus._statements.clear()
    bus._statements.update({statement.sid: statement for statement in parsed})


def _remove_permission(call: ApiCall) -> None:
    bus = _bus(call)
    if call.parameter("RemoveAllPermissions"):
        bus._statements.clear()
    elif bus._statements.pop(call.parameter("StatementId", ""), None) is None:
        raise AwsError("ResourceNotFoundException", "Statement with the provided id does not exist.")
