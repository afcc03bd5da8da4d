"""EventBridge event patterns: does this event match?

Source: EventBridge user guide, "Creating Amazon EventBridge event patterns" and "Comparison operators for use in event
patterns"; for arrays of objects the guide of the event-ruler library, which EventBridge runs. A pattern that EventBridge
would refuse, or an operator that isn't known here, raises.
"""

import ipaddress
import json
import re
from collections.abc import Callable
from typing import Any, TypeAlias

LIMIT = 2048
"""Characters in a pattern, by default (EventBridge quotas)."""

Pattern: TypeAlias = dict[str, Any]
Event: TypeAlias = dict[str, Any]


class PatternError(ValueError):
    """EventBridge would refuse the pattern."""


def matches(pattern: Pattern, event: Event) -> bool:
    """Whether the rule with this pattern would invoke its targets for the event."""
    check(pattern)
    return _object(pattern, event)


def check(pattern: Pattern) -> None:
    """Refuses what EventBridge refuses."""
    if not isinstance(pattern, dict) or not pattern:
        raise PatternError(f"not an object with members: {pattern!r}")
    for name, wanted in pattern.items():
        if name == "$or":
            if not isinstance(wanted, list) or len(wanted) < 2:
                raise PatternError("$or needs two alternatives or more")
            for alternative in wanted:
                check(alternative)
        elif isinstance(wanted, dict):
            check(wanted)
        elif not isinstance(wanted, list) or not wanted:
            raise PatternError(f"{name}: a value must be a list with items, not {wanted!r}")
        else:
            for test in wanted:
                _check_test(name, test)


def _check_test(name: str, test: Any) -> None:
    if isinstance(test, list):
        raise PatternError(f"{name}: a list in a list")
    if isinstance(test, dict):
        if len(test) != 1:
            raise PatternError(f"{name}: one operator at a time, not {sorted(test)}")
        (operator, argument), *_ = test.items()
        if operator != "exists" and operator not in _OPERATORS:
            raise PatternError(f"{name}: unknown operator {operator}")
        if operator == "exists" and not isinstance(argument, bool):
            raise PatternError(f"{name}: exists takes true or false")


def _object(pattern: Pattern, event: Any) -> bool:
    """Every member matches. In a list of objects one and the same element has to match them all."""
    if isinstance(event, list):
        if _asks_for_absence(pattern):
            raise NotImplementedError("exists: false within a list of objects is not documented")
        return any(_object(pattern, element) for element in event)
    members = event if isinstance(event, dict) else {}
    return all(
        any(_object(alternative, members) for alternative in wanted)
        if name == "$or"
        else _object(wanted, members.get(name))
        if isinstance(wanted, dict)
        else _leaf(wanted, members.get(name, _ABSENT))
        for name, wanted in pattern.items()
    )


def _asks_for_absence(pattern: Pattern) -> bool:
    return '"exists": false' in json.dumps(pattern)


_ABSENT = object()


def _leaf(tests: list[Any], value: Any) -> bool:
    """One test matches one of the values. `exists` sees leaves only: an object or an empty list isn't one."""
    if value is _ABSENT or isinstance(value, dict):
        values: list[Any] = []
    else:
        values = [item for item in value if not isinstance(item, dict)] if isinstance(value, list) else [value]
    for test in tests:
        if isinstance(test, dict) and "exists" in test:
            if test["exists"] == bool(values):
                return True
        elif any(_value(test, item) for item in values):
            return True
    return False


def _value(test: Any, value: Any) -> bool:
    if isinstance(test, dict):
        (operator, argument), *_ = test.items()
        return _OPERATORS[operator](argument, value)
    return _same(test, value)


def _same(wanted: Any, value: Any) -> bool:
    """Equality as JSON writes it: 1, 1.0, "1" and true all differ."""
    return type(wanted) is type(value) and wanted == value


def _prefix(argument: Any, value: Any) -> bool:
    if isinstance(argument, dict):
        return isinstance(value, str) and value.lower().startswith(_ignoring_case(argument))
    return isinstance(value, str) and value.startswith(_text(argument))


def _suffix(argument: Any, value: Any) -> bool:
    if isinstance(argument, dict):
        return isinstance(value, str) and value.lower().endswith(_ignoring_case(argument))
    return isinstance(value, str) and value.endswith(_text(argument))


def _equals_ignore_case(argument: Any, value: Any) -> bool:
    return isinstance(value, str) and value.lower() == _text(argument).lower()


def _wildcard(argument: Any, value: Any) -> bool:
    """`*` stands for any characters; `\\*` and `\\\\` for themselves. Two in a row are refused."""
    pattern, position, text = "", 0, _text(argument)
    if re.search(r"(?<!\\)\*\*", text):
        raise PatternError("wildcard: ** is not allowed")
    while position < len(text):
        if text[position] == "\\":
            position += 1
            if position == len(text) or text[position] not in "*\\":
                raise PatternError("wildcard: a backslash before neither * nor backslash")
            pattern += re.escape(text[position])
        else:
            pattern += ".*" if text[position] == "*" else re.escape(text[position])
        position += 1
    return isinstance(value, str) and re.fullmatch(pattern, value, re.DOTALL) is not None


def _numeric(argument: Any, value: Any) -> bool:
    if not isinstance(argument, list) or not argument or len(argument) % 2:
        raise PatternError("numeric takes pairs of a comparison and a number")
    comparisons: dict[str, Callable[[float, float], bool]] = {
        "=": lambda a, b: a == b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }
    pairs = list(zip(argument[::2], argument[1::2], strict=True))
    if any(sign not in comparisons or not _is_number(bound) for sign, bound in pairs):
        raise PatternError(f"numeric: {argument}")
    return _is_number(value) and all(comparisons[sign](value, bound) for sign, bound in pairs)


def _cidr(argument: Any, value: Any) -> bool:
    network = ipaddress.ip_network(_text(argument), strict=False)
    try:
        return isinstance(value, str) and ipaddress.ip_address(value) in network
    except ValueError:
        return False


def _anything_but(argument: Any, value: Any) -> bool:
    """Any value that is there and isn't one of these; of several operators each may take a list."""
    if isinstance(argument, dict):
        if len(argument) != 1 or next(iter(argument)) not in ("prefix", "suffix", "equals-ignore-case", "wildcard"):
            raise PatternError(f"anything-but: {argument}")
        (operator, inner), *_ = argument.items()
        return not any(_OPERATORS[operator](item, value) for item in (inner if isinstance(inner, list) else [inner]))
    refused = argument if isinstance(argument, list) else [argument]
    if not refused or not all(isinstance(item, str) or _is_number(item) for item in refused):
        raise PatternError(f"anything-but: {argument}")
    return not any(_same(item, value) for item in refused)


def _text(argument: Any) -> str:
    if not isinstance(argument, str) or not argument:
        raise PatternError(f"text expected, not {argument!r}")
    return argument


def _ignoring_case(argument: dict[str, Any]) -> str:
    if list(argument) != ["equals-ignore-case"]:
        raise PatternError(f"equals-ignore-case expected, not {argument}")
    return _text(argument["equals-ignore-case"]).lower()


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
    "numeric": _numeric,
    "cidr": _cidr,
    "anything-but": _anything_but,
}
