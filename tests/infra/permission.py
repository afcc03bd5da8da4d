"""IAM policies: does one of these statements allow this request, or deny it?

Sources: IAM user guide, "IAM JSON policy elements reference". What isn't known here raises, so that a policy cannot pass
because it wasn't understood. How several policies decide together is in authorization.py.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from infra.conditions import Context, conditions_hold, filled, like, listed

Statement: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """An API call as IAM sees it. Condition keys are lower case here: IAM doesn't tell their cases apart."""

    action: str
    resource: str = "*"
    context: Context = field(default_factory=dict)
    service: str | None = None
    """The service principal that calls, for resource policies and trust policies."""
    account: str | None = None
    """The account whose principal calls, for the same."""
    arns: frozenset[str] = frozenset()
    """By which such a policy may name the principal itself: its role's ARN, its session's."""


class Verdict(Enum):
    """What statements say together."""

    ALLOW = "allow"
    DENY = "deny"
    SILENCE = "silence"


_KNOWN = {"Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"}


def allowed(statements: Iterable[Statement], request: Request) -> bool:
    """Whether a statement allows the request, and none denies it."""
    return verdict(statements, request) is Verdict.ALLOW


def verdict(statements: Iterable[Statement], request: Request) -> Verdict:
    """What the statements say of the request; one that denies stands above all others."""
    effects = {_effect(statement) for statement in statements if _applies(statement, request)}
    if "Deny" in effects:
        return Verdict.DENY
    return Verdict.ALLOW if "Allow" in effects else Verdict.SILENCE


def actions(statements: Iterable[Statement]) -> set[str]:
    """All actions that the statements name."""
    return {action for statement in statements for action in listed(statement["Action"])}


def _effect(statement: Statement) -> str:
    if statement["Effect"] not in ("Allow", "Deny"):
        raise NotImplementedError(statement)
    return statement["Effect"]


def _applies(statement: Statement, request: Request) -> bool:
    if not set(statement) <= _KNOWN:
        raise NotImplementedError(statement)
    named_action = any(
        like(action.lower(), request.action.lower()) for action in listed(_either(statement, "Action", "NotAction"))
    )
    return (
        named_action is ("Action" in statement)
        and _names_resource(statement, request)
        and ("Principal" not in statement or _principal(statement["Principal"], request))
        and conditions_hold(statement.get("Condition", {}), request.context)
    )


def _either(statement: Statement, element: str, negation: str) -> Any:
    if (element in statement) is (negation in statement):
        raise NotImplementedError(statement)
    return statement.get(element, statement.get(negation))


def _names_resource(statement: Statement, request: Request) -> bool:
    if not {"Resource", "NotResource"} & set(statement):
        # A trust policy is about the role that it belongs to.
        return True
    patterns = listed(_either(statement, "Resource", "NotResource"))
    named = any(like(filled(pattern, request.context), request.resource) for pattern in patterns)
    return named is ("Resource" in statement)


def _principal(principal: Any, request: Request) -> bool:
    if principal == "*":
        return True
    if not isinstance(principal, dict) or not set(principal) <= {"Service", "AWS"}:
        raise NotImplementedError(principal)
    return request.service in listed(principal.get("Service", [])) or any(
        _is_named(name, request) for name in listed(principal.get("AWS", []))
    )


def _is_named(name: str, request: Request) -> bool:
    """Whether a name is `*`, of the caller's account, or of the caller itself: wildcards are none within it."""
    account = re.fullmatch(r"(?:arn:aws:iam::)?(\d{12})(?::root)?", name)
    if account:
        return request.account == account[1]
    if name != "*" and ("*" in name or not re.match(r"arn:aws:(iam|sts)::\d{12}:(role|assumed-role|user)/", name)):
        raise NotImplementedError(name)
    return name == "*" or name in request.arns
