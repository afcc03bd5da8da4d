"""IAM policies: is this request allowed?

Only what our policies use: Allow statements, actions and resources with wildcards, the condition operators below. Source:
IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements: Condition operators". Anything else raises, so
that a policy cannot pass because it wasn't understood.
"""

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Statement: TypeAlias = dict[str, Any]
Context: TypeAlias = Mapping[str, str | list[str]]


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


_KNOWN = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}


def allowed(statements: Iterable[Statement], request: Request) -> bool:
    """Whether a statement allows the request, and none denies it."""
    statements = list(statements)
    denying = [statement for statement in statements if statement["Effect"] == "Deny"]
    allowing = [statement for statement in statements if statement["Effect"] != "Deny"]
    denied = any(_applies(statement | {"Effect": "Allow"}, request) for statement in denying)
    return not denied and any(_applies(statement, request) for statement in allowing)


def actions(statements: Iterable[Statement]) -> set[str]:
    """All actions that the statements name."""
    return {action for statement in statements for action in _listed(statement["Action"])}


def _applies(statement: Statement, request: Request) -> bool:
    if statement["Effect"] != "Allow" or not set(statement) <= _KNOWN:
        raise NotImplementedError(statement)
    return (
        any(_like(action.lower(), request.action.lower()) for action in _listed(statement["Action"]))
        and any(_like(resource, request.resource) for resource in _listed(statement.get("Resource", "*")))
        and ("Principal" not in statement or _principal(statement["Principal"], request))
        and all(
            _condition(operator, key.lower(), _listed(values), request.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _principal(principal: Any, request: Request) -> bool:
    if principal == "*":
        return True
    if not isinstance(principal, dict) or not set(principal) <= {"Service", "AWS"}:
        raise NotImplementedError(principal)
    services = _listed(principal.get("Service", []))
    accounts = [_account_root(arn) for arn in _listed(principal.get("AWS", []))]
    return (request.service is not None and request.service in services) or (
        request.account is not None and request.account in accounts
    )


def _account_root(arn: str) -> str:
    found = re.fullmatch(r"(?:arn:aws:iam::)?(\d{12})(?::root)?", arn)
    if not found:
        raise NotImplementedError(arn)
    return found[1]


def _condition(operator: str, key: str, wanted: list[str], context: Context) -> bool:
    found = context.get(key)
    if operator == "StringNotEquals":
        # True when the key is absent, too.
        return found not in wanted
    if operator == "Null":
        return (found is None) == (wanted == ["true"])
    for_all = operator.startswith("ForAllValues:")
    compare = _COMPARISONS[operator.removeprefix("ForAllValues:")]
    if for_all:
        # True when the key is absent, too: that is the trap of this operator.
        return all(any(compare(pattern, value) for pattern in wanted) for value in _listed(found or []))
    if isinstance(found, list):
        raise NotImplementedError(f"{key} has several values, and {operator} no set operator")
    return found is not None and any(compare(pattern, found) for pattern in wanted)


def _like(pattern: str, value: str) -> bool:
    if "[" in pattern:
        raise NotImplementedError(pattern)
    return fnmatch.fnmatchcase(value, pattern)


def _arn_like(pattern: str, value: str) -> bool:
    """Each of the six parts between colons by itself: a wildcard doesn't reach over a colon."""
    patterns, values = pattern.split(":", 5), value.split(":", 5)
    return len(patterns) == len(values) == 6 and all(map(_like, patterns, values))


_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
