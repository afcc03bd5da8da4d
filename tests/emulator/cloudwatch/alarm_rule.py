"""The rules of composite alarms: which alarms they name, and whether they hold.

API Reference, PutCompositeAlarm: `ALARM(name or ARN)`, `OK(…)`, `INSUFFICIENT_DATA(…)`, `TRUE`, `FALSE`, `AND`, `OR`, `NOT`
and parentheses; names may stand in double quotes; 100 children and 500 elements at the most. NOT binds more closely than
AND, AND more closely than OR.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from .alarm import STATES

MOST_CHILDREN = 100
MOST_ELEMENTS = 500
TOKEN = re.compile(
    r"\s*(?:(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:\"(?P<quoted>[^\"]+)\"|(?P<plain>[^\s()\"]+))\s*\)"
    r"|(?P<word>TRUE|FALSE|AND|OR|NOT)\b|(?P<sign>[()]))",
    re.IGNORECASE,
)

# Says of a name what state the alarm has.
StateOf = Callable[[str], str]
Holds = Callable[[StateOf], bool]


class BadRule(Exception):
    """A rule that doesn't parse."""


@dataclass(frozen=True)
class Rule:
    """A rule: the names or ARNs in it, in their order, and whether it holds for given states."""

    children: tuple[str, ...]
    holds: Holds


def parse(text: str) -> Rule:
    """The rule of a text."""
    return _Parser(text).rule()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._children: dict[str, None] = {}
        place, end = 0, len(text.rstrip())
        while place < end:
            match = TOKEN.match(text, place)
            if match is None:
                raise BadRule(f"unexpected text at '{text[place:].strip()[:40]}'")
            if match["state"]:
                self._tokens.append((match["state"].upper(), match["quoted"] or match["plain"]))
            else:
                self._tokens.append(((match["word"] or match["sign"]).upper(), ""))
            place = match.end()
        self._next = 0

    def rule(self) -> Rule:
        holds = self._either()
        if self._next < len(self._tokens):
            raise BadRule(f"unexpected '{self._tokens[self._next][0]}'")
        if len(self._children) > MOST_CHILDREN:
            raise BadRule(f"it names more than {MOST_CHILDREN} alarms")
        if sum(kind not in ("AND", "OR", "NOT") for kind, _ in self._tokens) > MOST_ELEMENTS:
            raise BadRule(f"it has more than {MOST_ELEMENTS} elements")
        return Rule(tuple(self._children), holds)

    def _either(self) -> Holds:
        parts = [self._both()]
        while self._at("OR"):
            parts.append(self._both())
        return lambda state_of: any(part(state_of) for part in parts)

    def _both(self) -> Holds:
        parts = [self._negation()]
        while self._at("AND"):
            parts.append(self._negation())
        return lambda state_of: all(part(state_of) for part in parts)

    def _negation(self) -> Holds:
        if self._at("NOT"):
            inner = self._negation()
            return lambda state_of: not inner(state_of)
        return self._element()

    def _element(self) -> Holds:
        if self._next >= len(self._tokens):
            raise BadRule("it ends too early")
        kind, name = self._tokens[self._next]
        self._next += 1
        if kind in STATES:
            self._children[name] = None
            return lambda state_of: state_of(name) == kind
        if kind in ("TRUE", "FALSE"):
            return lambda _: kind == "TRUE"
        if kind != "(":
            raise BadRule(f"unexpected '{kind}'")
        inner = self._either()
        if not self._at(")"):
            raise BadRule("a parenthesis isn't closed")
        return inner

    def _at(self, kind: str) -> bool:
        found = self._next < len(self._tokens) and self._tokens[self._next][0] == kind
        self._next += found
        return found
