"""How the tag policies on the way from the root to an account become one.

Organizations User Guide, "Inheritance operators" and "Inheritance examples": a lower level overwrites (`@@assign`), adds to
(`@@append`) or takes from (`@@remove`) what it inherits, as far as the levels above allow it; on one level the first
attached policy assigns; a setting from which everything was taken is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

ASSIGN, APPEND, REMOVE = "@@assign", "@@append", "@@remove"
OPERATORS = frozenset({ASSIGN, APPEND, REMOVE})
CONTROL = "@@operators_allowed_for_child_policies"
ALL, NONE = "@@all", "@@none"
TOP = "tags"

Policy = Mapping[str, Any]


class Unreadable(Exception):
    """A document that is no tag policy."""


class BeyondUs(Exception):
    """A tag policy that AWS takes, and the emulator can't merge."""


@dataclass
class Setting:
    """One setting of one tag while the levels are gone through."""

    value: Any = None
    allowed: frozenset[str] = OPERATORS


@dataclass
class Level:
    """What was done on the present level."""

    assigned: set[tuple[str, str]] = field(default_factory=set)
    allowed: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)


def check(policy: Any) -> None:
    """Refuse what `effective` couldn't read."""
    for _ in _settings(policy):
        pass


def effective(levels: Iterable[Iterable[Policy]]) -> dict[str, Any]:
    """The policy that results: of each level its policies in the order of their attachment, the root's level first."""
    settings: dict[tuple[str, str], Setting] = {}
    for policies in levels:
        level = Level()
        for policy in policies:
            for place, operations in _settings(policy):
                _apply(settings.setdefault(place, Setting()), place, operations, level)
        for place, allowed in level.allowed.items():
            settings[place].allowed &= allowed
    tags: dict[str, dict[str, Any]] = {}
    for (key, name), setting in settings.items():
        if setting.value not in (None, []):
            tags.setdefault(key, {})[name] = setting.value
    return {TOP: tags} if tags else {}


def _apply(setting: Setting, place: tuple[str, str], operations: Policy, level: Level) -> None:
    control = operations.get(CONTROL)
    if control is not None:
        level.allowed[place] = level.allowed.get(place, OPERATORS) & _allowed(control)
    if ASSIGN in operations and ASSIGN in setting.allowed and place not in level.assigned:
        setting.value = operations[ASSIGN]
        level.assigned.add(place)
    inherited = setting.value if isinstance(setting.value, list) else []
    if APPEND in operations and APPEND in setting.allowed:
        setting.value = inherited + [value for value in operations[APPEND] if value not in inherited]
    elif REMOVE in operations and REMOVE in setting.allowed:
        setting.value = [value for value in inherited if value not in operations[REMOVE]]


def _allowed(control: Any) -> frozenset[str]:
    words = set(control)
    return OPERATORS if ALL in words else frozenset() if NONE in words else OPERATORS & words


def _settings(policy: Any) -> Iterable[tuple[tuple[str, str], Policy]]:
    """The settings of a policy with their operators, by policy key (which has no case) and name."""
    if not isinstance(policy, dict) or set(policy) != {TOP} or not isinstance(policy[TOP], dict):
        raise Unreadable(f"a tag policy has one member, {TOP}")
    for key, named in policy[TOP].items():
        if key == CONTROL:
            raise BeyondUs(f"{CONTROL} outside of a setting")
        if not isinstance(named, dict):
            raise Unreadable(f"{key} has no settings")
        for name, operations in named.items():
            if name == CONTROL:
                raise BeyondUs(f"{CONTROL} outside of a setting")
            if not isinstance(operations, dict) or not set(operations) <= {*OPERATORS, CONTROL}:
                raise Unreadable(f"{key}.{name} has other members than operators")
            lists = [operations[one] for one in (APPEND, REMOVE, CONTROL) if one in operations]
            if not all(isinstance(one, list) for one in lists):
                raise Unreadable(f"{key}.{name}: operators other than {ASSIGN} have lists")
            if {APPEND, REMOVE} <= set(operations):
                raise BeyondUs(f"{APPEND} and {REMOVE} in one setting")
            yield (key.lower(), name), operations
