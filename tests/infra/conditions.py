"""Condition blocks of IAM policies: do they hold for the keys of a request?

Source: IAM user guide, "IAM JSON policy elements: Condition operators" and "Conditions with multiple context keys or
values". An operator that isn't known here raises.
"""

import fnmatch
import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Context: TypeAlias = Mapping[str, str | list[str]]
"""Condition keys in lower case: IAM doesn't tell their cases apart. What has several values is a list."""

FOR_ALL, FOR_ANY = "ForAllValues", "ForAnyValue"


def conditions_hold(block: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Whether all conditions of a statement hold."""
    return all(
        holds(operator, [filled(text(value), context) for value in listed(wanted)], context.get(key.lower()), key)
        for operator, keys in block.items()
        for key, wanted in keys.items()
    )


def filled(pattern: str, context: Context) -> str:
    """A pattern with its policy variables replaced; one that the request doesn't carry matches nothing."""

    def value(match: re.Match[str]) -> str:
        found = context.get(match[1].lower(), "\0")
        if isinstance(found, list) or match[1] in "*?$" or set(found) & set("*?["):
            raise NotImplementedError(pattern)
        return found

    return re.sub(r"\$\{([^}]*)\}", value, pattern)


def holds(operator: str, wanted: Any, found: str | list[str] | None, key: str = "the key") -> bool:
    """Whether one condition holds for what a request has of its key; None when the request lacks it."""
    if operator == "Null":
        return (found is None) == (listed(wanted) == ["true"])
    quantifier, _, name = operator.rpartition(":")
    base = name.removesuffix("IfExists")
    negated = base in _NEGATIONS
    compare = _COMPARISONS[_NEGATIONS.get(base, base)]
    if found is None:
        # The trap of these: a key that isn't there satisfies negations, IfExists, and ForAllValues.
        return negated or name != base or quantifier == FOR_ALL
    values = listed(found)
    if len(values) != 1 and not quantifier:
        raise NotImplementedError(f"{key} has several values, and {operator} no set operator")
    each = [any(compare(pattern, value) for pattern in listed(wanted)) is not negated for value in values]
    if quantifier not in ("", FOR_ALL, FOR_ANY):
        raise NotImplementedError(operator)
    return any(each) if quantifier == FOR_ANY else all(each)


def like(pattern: str, value: str) -> bool:
    """Whether a value matches a pattern in which `*` and `?` are wildcards."""
    if "[" in pattern:
        raise NotImplementedError(pattern)
    return fnmatch.fnmatchcase(value, pattern)


def listed(value: Any) -> list[Any]:
    """A list, also of what stands alone."""
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """A value of a policy as the text that it stands for."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _arn_like(pattern: str, value: str) -> bool:
    """Each of the six parts between colons by itself: a wildcard doesn't reach over a colon."""
    patterns, values = pattern.split(":", 5), value.split(":", 5)
    return len(patterns) == len(values) == 6 and all(map(like, patterns, values))


def _in_network(wanted: str, value: str) -> bool:
    return ipaddress.ip_address(value) in ipaddress.ip_network(wanted)


_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
    "IpAddress": _in_network,
    "NumericEquals": lambda wanted, value: float(value) == float(wanted),
    "NumericLessThan": lambda wanted, value: float(value) < float(wanted),
    "NumericLessThanEquals": lambda wanted, value: float(value) <= float(wanted),
    "NumericGreaterThan": lambda wanted, value: float(value) > float(wanted),
    "NumericGreaterThanEquals": lambda wanted, value: float(value) >= float(wanted),
}
_NEGATIONS = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
}
