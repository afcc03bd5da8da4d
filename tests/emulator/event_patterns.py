"""EventBridge's event patterns: which events a rule takes (EventBridge User Guide, "Event patterns").

moto's matcher looks wrong inside arrays of objects and takes unknown filters for matches; this one replaces it, for
rules, TestEventPattern and the filter criteria of event source mappings.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from moto.events.models import EventPattern, EventPatternParser

from .api_call import ApiCall, AwsError
from .hooks import Hooks

if TYPE_CHECKING:
    from .server import Emulator

LONGEST_PATTERN = 2048
COMPARISONS = {
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
    "=": lambda value, limit: value == limit,
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
}


class InvalidPattern(ValueError):
    """The pattern is not one that EventBridge takes."""


def install(hooks: Hooks, _: Emulator) -> None:
    """Make moto's rules use this matcher."""
    hooks.wrap(EventPattern, "matches_event", lambda _, pattern, event: matches(pattern.get_pattern(), event))
    hooks.wrap(EventPatternParser, "parse", _parse_rule_pattern)
    hooks.operation("events", "TestEventPattern", _test_event_pattern)


def _parse_rule_pattern(_: Any, parser: EventPatternParser) -> dict[str, Any]:
    return parse_for_api(parser.pattern) if parser.pattern else {}


def parse_for_api(text: str) -> dict[str, Any]:
    """The pattern in `text`, or the error that the API answers."""
    try:
        return parse(text)
    except InvalidPattern as error:
        raise AwsError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {error}") from error


def _test_event_pattern(call: ApiCall) -> dict[str, Any]:
    try:
        event = json.loads(call.parameter("Event"))
    except ValueError as error:
        raise AwsError("ValidationException", "Parameter Event is not valid.") from error
    missing = [
        key for key in ("id", "account", "source", "time", "region", "resources", "detail-type") if key not in event
    ]
    if missing:
        raise AwsError("ValidationException", f"Parameter Event is not valid. Reason: missing {', '.join(missing)}.")
    return {"Result": matches(parse_for_api(call.parameter("EventPattern")), event)}


def parse(text: str) -> dict[str, Any]:
    """The pattern in `text`, checked."""
    if len(text) > LONGEST_PATTERN:
        raise InvalidPattern(f"longer than {LONGEST_PATTERN} characters")
    try:
        pattern = json.loads(text)
    except ValueError as error:
        raise InvalidPattern(f"not JSON: {error}") from error
    if not isinstance(pattern, dict):
        raise InvalidPattern("Filter is not an object")
    _check(pattern, ())
    return pattern


def _check(pattern: dict[str, Any], path: tuple[str, ...]) -> None:
    if not pattern:
        raise InvalidPattern("Empty objects are not allowed")
    for name, value in pattern.items():
        where = ".".join((*path, name))
        if name == "$or":
            if not isinstance(value, list) or len(value) < 2 or not all(isinstance(branch, dict) for branch in value):
                raise InvalidPattern("$or needs an array of at least two objects")
            for branch in value:
                _check(branch, path)
        elif isinstance(value, dict):
            _check(value, (*path, name))
        elif not isinstance(value, list):
            raise InvalidPattern(f'"{where}" must be an object or an array')
        elif not value:
            raise InvalidPattern("Empty arrays are not allowed")
        else:
            for expected in value:
                if isinstance(expected, list):
                    raise InvalidPattern(f'"{where}" holds an array inside an array')
                if isinstance(expected, dict):
                    _check_filter(expected, where)


def _check_filter(expected: dict[str, Any], where: str) -> None:
    if len(expected) != 1:
        raise InvalidPattern(f'"{where}": a match type needs exactly one key')
    (kind, argument), *_ = expected.items()
    if kind == "anything-but" and isinstance(argument, dict):
        (inner, _), *_ = argument.items() or [("nothing", None)]
        understood = inner in ("prefix", "suffix", "equals-ignore-case", "wildcard")
    elif kind in ("prefix", "suffix") and isinstance(argument, dict):
        understood = list(argument) == ["equals-ignore-case"]
    elif kind == "numeric":
        understood = isinstance(argument, list) and len(argument) in (2, 4) and set(argument[::2]) <= set(COMPARISONS)
    elif kind == "exists":
        understood = isinstance(argument, bool)
    else:
        understood = kind in ("prefix", "suffix", "anything-but", "cidr", "equals-ignore-case", "wildcard")
    if not understood:
        raise InvalidPattern(f"Unrecognized match type {kind} at {where}")


def matches(pattern: dict[str, Any], event: Any) -> bool:
    """Whether `event` has what the pattern asks for."""
    return _object_matches(pattern, event, event, ())


def _object_matches(pattern: dict[str, Any], node: Any, event: Any, path: tuple[str, ...]) -> bool:
    """Match an object of the pattern against `node`; of an array of objects, one element must satisfy it as a whole."""
    if isinstance(node, list):
        return any(_object_matches(pattern, element, event, path) for element in node)
    for name, expected in pattern.items():
        if name == "$or":
            if not any(_object_matches(branch, node, event, path) for branch in expected):
                return False
            continue
        child = node.get(name) if isinstance(node, dict) else None
        where = (*path, name)
        if isinstance(expected, dict):
            if not _object_matches(expected, child, event, where):
                return False
        elif not _leaf_matches(expected, child if _has(node, name) else [], event, where):
            return False
    return True


def _has(node: Any, name: str) -> bool:
    return isinstance(node, dict) and name in node


def _leaf_matches(expected: list[Any], value: Any, event: Any, path: tuple[str, ...]) -> bool:
    values = list(_leaves(value))
    for candidate in expected:
        if isinstance(candidate, dict) and "exists" in candidate:
            # Absence is about the field in the whole event, not in one element of an array.
            if candidate["exists"] and values or not candidate["exists"] and not _present(event, path):
                return True
        elif any(_value_matches(candidate, actual) for actual in values):
            return True
    return False


def _leaves(value: Any) -> Iterator[Any]:
    """The scalars of a value; objects have none (they are no leaf), nor have empty arrays."""
    if isinstance(value, list):
        for element in value:
            yield from _leaves(element)
    elif not isinstance(value, dict):
        yield value


def _present(node: Any, path: tuple[str, ...]) -> bool:
    if isinstance(node, list) and path:
        return any(_present(element, path) for element in node)
    if not path:
        return any(True for _ in _leaves(node))
    return _has(node, path[0]) and _present(node[path[0]], path[1:])


def _value_matches(expected: Any, actual: Any) -> bool:
    if not isinstance(expected, dict):
        return _same(expected, actual)
    (kind, argument), *_ = expected.items()
    if kind == "anything-but":
        if isinstance(argument, dict):
            (inner, operands), *_ = argument.items()
            return not any(_value_matches({inner: operand}, actual) for operand in _list(operands))
        return not any(_same(operand, actual) for operand in _list(argument))
    if kind == "numeric":
        return _is_number(actual) and all(
            COMPARISONS[operator](actual, limit) for operator, limit in zip(argument[::2], argument[1::2], strict=True)
        )
    return isinstance(actual, str) and _text_matches(kind, argument, actual)


def _text_matches(kind: str, argument: Any, actual: str) -> bool:
    if kind in ("prefix", "suffix"):
        if isinstance(argument, dict):
            argument, actual = argument["equals-ignore-case"].lower(), actual.lower()
        return actual.startswith(argument) if kind == "prefix" else actual.endswith(argument)
    if kind == "equals-ignore-case":
        return actual.lower() == argument.lower()
    if kind == "wildcard":
        return re.fullmatch(_wildcard(argument), actual, re.DOTALL) is not None
    if kind == "cidr":
        try:
            return ipaddress.ip_address(actual) in ipaddress.ip_network(argument)
        except ValueError:
            return False
    raise InvalidPattern(f"Unrecognized match type {kind}")


def _wildcard(pattern: str) -> str:
    parts = re.findall(r"\\[*\\]|\*|[^*\\]+|\\", pattern)
    return "".join(
        ".*" if part == "*" else re.escape(part[1:] if len(part) == 2 and part[0] == "\\" else part) for part in parts
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(expected: Any, actual: Any) -> bool:
    if _is_number(expected) and _is_number(actual):
        return expected == actual
    return type(expected) is type(actual) and expected == actual
