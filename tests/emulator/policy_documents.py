"""What an IAM policy document says about one request: identity, resource and trust policies alike.

Follows the IAM User Guide, "Policy evaluation logic", "IAM JSON policy elements" and "condition operators". An element
or operator that isn't understood never grants: it makes the judgement a refusal that names it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

ContextValue = str | Iterable[str]


@dataclass(frozen=True)
class Principal:
    """Who asks: an account's role or user (`arns`: its role, its session), a whole account, or an AWS service."""

    account: str | None = None
    arns: frozenset[str] = frozenset()
    service: str | None = None


@dataclass(frozen=True)
class AccessRequest:
    """One action on one resource, with the condition keys that AWS would send along."""

    principal: Principal
    action: str
    resource: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)

    def values(self, key: str) -> list[str] | None:
        """The values of a condition key (its name ignores case), or None when the request doesn't carry it."""
        for name, value in self.context.items():
            if name.lower() == key.lower():
                return [value] if isinstance(value, str) else list(value)
        return None


@dataclass(frozen=True)
class Judgement:
    """`allowed` needs an Allow and no Deny; `denied` says that a Deny (or something not understood) was the cause."""

    allowed: bool
    denied: bool
    reason: str


class NotUnderstood(Exception):
    """A policy uses something this evaluation doesn't know."""


def judge(policy: str | Mapping[str, Any] | None, request: AccessRequest, *, with_principal: bool = True) -> Judgement:
    """Judge one document; `with_principal` is False for identity policies, which name none."""
    return judge_all([] if policy is None else [policy], request, with_principal=with_principal)


def judge_all(
    policies: Iterable[str | Mapping[str, Any]], request: AccessRequest, *, with_principal: bool = True
) -> Judgement:
    """Judge several documents together, as IAM does with all policies of one role."""
    allowed = False
    for statement in _statements(policies):
        try:
            if not _applies(statement, request, with_principal):
                continue
        except NotUnderstood as unknown:
            return Judgement(False, True, f"policy statement {_name(statement)}: {unknown}")
        if statement.get("Effect") == "Deny":
            return Judgement(False, True, f"denied by statement {_name(statement)}")
        allowed = allowed or statement.get("Effect") == "Allow"
    if allowed:
        return Judgement(True, False, "allowed")
    return Judgement(False, False, f"no statement allows {request.action} on {request.resource}")


def _statements(policies: Iterable[str | Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    for policy in policies:
        document = json.loads(policy) if isinstance(policy, str) else policy
        statements = document.get("Statement") or []
        yield from [statements] if isinstance(statements, Mapping) else statements


def _name(statement: Mapping[str, Any]) -> str:
    return str(statement.get("Sid") or "without Sid")


def _applies(statement: Mapping[str, Any], request: AccessRequest, with_principal: bool) -> bool:
    if with_principal and not _names_principal(statement, request.principal):
        return False
    if not _names(statement, "Action", request.action, request, ignore_case=True):
        return False
    # A role's trust policy has no Resource: it is about the role itself.
    has_resource = "Resource" in statement or "NotResource" in statement
    if has_resource and not _names(statement, "Resource", request.resource, request):
        return False
    return _conditions_hold(statement.get("Condition") or {}, request)


def _names(
    statement: Mapping[str, Any], element: str, value: str, request: AccessRequest, ignore_case: bool = False
) -> bool:
    negated = f"Not{element}" in statement
    patterns = [
        _substitute(pattern, request) for pattern in _list(statement.get(f"Not{element}" if negated else element))
    ]
    return any(glob(pattern, value, ignore_case) for pattern in patterns) != negated


def _names_principal(statement: Mapping[str, Any], principal: Principal) -> bool:
    if "NotPrincipal" in statement:
        return not _is_named(statement["NotPrincipal"], principal)
    return _is_named(statement.get("Principal"), principal)


def _is_named(element: Any, principal: Principal) -> bool:
    if element == "*":
        return True
    if not isinstance(element, Mapping):
        return False
    for kind, names in element.items():
        if kind not in ("AWS", "Service", "Federated", "CanonicalUser"):
            raise NotUnderstood(f"unknown kind of principal {kind}")
        for name in _list(names):
            if kind == "AWS" and (name == "*" or name in principal.arns or _is_account(name, principal)):
                return True
            if kind == "Service" and name in ("*", principal.service):
                return True
    return False


def _is_account(name: str, principal: Principal) -> bool:
    match = re.fullmatch(r"(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?", name)
    return bool(match and principal.account and match[1] == principal.account)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _substitute(pattern: str, request: AccessRequest) -> str:
    """Replace policy variables like `${aws:PrincipalAccount}`; one the request doesn't carry matches nothing."""

    def value(match: re.Match[str]) -> str:
        if match[1] in ("*", "?", "$"):
            return match[1]
        found = request.values(match[1])
        return found[0] if found else "\0"

    return re.sub(r"\$\{([^}]+)\}", value, pattern)


@lru_cache(maxsize=4096)
def _glob_expression(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(expression, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def glob(pattern: str, value: str, ignore_case: bool = False) -> bool:
    """Whether `value` matches an IAM pattern, in which `*` and `?` are the wildcards."""
    return _glob_expression(pattern, ignore_case).fullmatch(value) is not None


def _conditions_hold(conditions: Mapping[str, Any], request: AccessRequest) -> bool:
    return all(
        _condition_holds(operator, key, [_text(value) for value in _list(expected)], request)
        for operator, keys in conditions.items()
        for key, expected in keys.items()
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _condition_holds(operator: str, key: str, expected: list[str], request: AccessRequest) -> bool:
    quantifier, _, name = operator.rpartition(":")
    optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    actual = request.values(key)
    if name == "Null":
        return (actual is None) == (expected == ["true"])
    negated, compare = _comparison(name)
    expected = [_substitute(value, request) for value in expected]
    if actual is None:
        # A missing key satisfies negated operators, ...IfExists, and ForAllValues (the empty set).
        return optional or negated or quantifier == "ForAllValues"
    holds = [any(compare(value, pattern) for pattern in expected) != negated for value in actual]
    if quantifier == "ForAllValues":
        return all(holds)
    if quantifier == "ForAnyValue":
        return any(holds)
    if quantifier:
        raise NotUnderstood(f"unknown set operator {quantifier}")
    return all(holds) if negated else any(holds)


def _comparison(name: str) -> tuple[bool, Callable[[str, str], bool]]:
    comparisons: dict[str, Callable[[str, str], bool]] = {
        "StringEquals": lambda actual, expected: actual == expected,
        "StringEqualsIgnoreCase": lambda actual, expected: actual.lower() == expected.lower(),
        "StringLike": lambda actual, expected: glob(expected, actual),
        "ArnEquals": arn_like,
        "ArnLike": arn_like,
        "Bool": lambda actual, expected: actual.lower() == expected.lower(),
        "NumericEquals": lambda actual, expected: float(actual) == float(expected),
        "NumericLessThan": lambda actual, expected: float(actual) < float(expected),
        "NumericLessThanEquals": lambda actual, expected: float(actual) <= float(expected),
        "NumericGreaterThan": lambda actual, expected: float(actual) > float(expected),
        "NumericGreaterThanEquals": lambda actual, expected: float(actual) >= float(expected),
        "DateLessThan": lambda actual, expected: _time(actual) < _time(expected),
        "DateGreaterThan": lambda actual, expected: _time(actual) > _time(expected),
    }
    for negation, positive in (
        ("StringNotEquals", "StringEquals"),
        ("StringNotEqualsIgnoreCase", "StringEqualsIgnoreCase"),
        ("StringNotLike", "StringLike"),
        ("ArnNotEquals", "ArnEquals"),
        ("ArnNotLike", "ArnLike"),
        ("NumericNotEquals", "NumericEquals"),
    ):
        if name == negation:
            return True, comparisons[positive]
    if name not in comparisons:
        raise NotUnderstood(f"unknown condition operator {name}")
    return False, comparisons[name]


def arn_like(actual: str, expected: str) -> bool:
    """Compare two ARNs part by part: a wildcard doesn't reach over a colon of the first five."""
    parts, patterns = actual.split(":", 5), expected.split(":", 5)
    return len(parts) == len(patterns) and all(glob(p, v) for p, v in zip(patterns, parts, strict=True))


def _time(value: str) -> datetime:
    return datetime.fromisoformat(value)
