"""The grammar of Metrics Insights queries.

Amazon CloudWatch User Guide, "Metrics Insights query components and syntax" and "Metrics Insights limits":
`SELECT f(metric) FROM namespace | SCHEMA(namespace, label…) [WHERE label = 'v' [AND …]] [GROUP BY label…]
[ORDER BY f() [ASC | DESC]] [LIMIT n]`; names with other characters than letters, digits and _ stand in double quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

FUNCTIONS = ("AVG", "COUNT", "MAX", "MIN", "SUM")
KEYWORDS = {"SELECT", "FROM", "SCHEMA", "WHERE", "AND", "GROUP", "BY", "ORDER", "ASC", "DESC", "LIMIT"}
MOST_SERIES = 500
TOKEN = re.compile(
    r"""\s*(?: (?P<quoted>"[^"]+") | (?P<text>'[^']*') | (?P<number>\d+) | (?P<sign>!=|[(),=]) |"""
    r""" (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?) )""",
    re.VERBOSE,
)


class BadQuery(Exception):
    """A query that doesn't parse; the message says where."""


@dataclass
class Query:
    """What a query asks for."""

    function: str = ""
    metric: str = ""
    namespace: str = ""
    schema: list[str] = field(default_factory=list)
    conditions: list[tuple[str, str, str]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    order: str | None = None
    limit: int | None = None


def parse(text: str) -> Query:
    """The query of a text."""
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        place, end = 0, len(text.rstrip())
        while place < end:
            match = TOKEN.match(text, place)
            if match is None:
                raise BadQuery(f"unexpected character '{text[place:].lstrip()[:1]}'")
            self._tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
            place = match.end()
        self._next = 0

    def query(self) -> Query:
        found = Query()
        self._keyword("SELECT")
        found.function = self._function()
        self._sign("(")
        found.metric = self._name("a metric")
        self._sign(")")
        self._keyword("FROM")
        self._source(found)
        if self._at("WHERE"):
            found.conditions.append(self._condition())
            while self._at("AND"):
                found.conditions.append(self._condition())
        if self._at("GROUP"):
            self._keyword("BY")
            found.groups = self._names()
        if self._at("ORDER"):
            self._keyword("BY")
            found.order = self._order()
        if self._at("LIMIT"):
            found.limit = self._limit()
        if self._next < len(self._tokens):
            raise BadQuery(f"unexpected '{self._tokens[self._next][1]}'")
        return found

    def _source(self, found: Query) -> None:
        if self._at("SCHEMA"):
            self._sign("(")
            found.namespace, *found.schema = self._names()
            self._sign(")")
        else:
            found.namespace = self._name("a namespace")

    def _condition(self) -> tuple[str, str, str]:
        label = self._name("a label")
        kind, sign = self._take("= or !=")
        if kind != "sign" or sign not in ("=", "!="):
            raise BadQuery(f"expected = or != after {label}, found '{sign}'")
        kind, value = self._take("a value in single quotes")
        if kind != "text":
            raise BadQuery(f"the value of {label} must stand in single quotes, found '{value}'")
        return label, sign, value[1:-1]

    def _order(self) -> str:
        function = self._function()
        self._sign("(")
        self._sign(")")
        direction = "DESC" if self._at("DESC") else "ASC"
        if direction == "ASC":
            self._at("ASC")
        return f"{function}() {direction}"

    def _limit(self) -> int:
        kind, number = self._take("a number")
        if kind != "number" or not 1 <= int(number) <= MOST_SERIES:
            raise BadQuery(f"LIMIT must be a number of 1 to {MOST_SERIES}, found '{number}'")
        return int(number)

    def _names(self) -> list[str]:
        names = [self._name("a name")]
        while self._next < len(self._tokens) and self._tokens[self._next] == ("sign", ","):
            self._next += 1
            names.append(self._name("a name"))
        return names

    def _name(self, what: str) -> str:
        kind, token = self._take(what)
        if kind == "quoted":
            return token[1:-1]
        if kind != "word" or token.upper() in KEYWORDS:
            raise BadQuery(f"expected {what}, found '{token}' (names like this one stand in double quotes)")
        return token

    def _function(self) -> str:
        kind, token = self._take("a function")
        if kind != "word" or token.upper() not in FUNCTIONS:
            raise BadQuery(f"expected one of {', '.join(FUNCTIONS)}, found '{token}'")
        return token.upper()

    def _keyword(self, keyword: str) -> None:
        kind, token = self._take(keyword)
        if kind != "word" or token.upper() != keyword:
            raise BadQuery(f"expected {keyword}, found '{token}'")

    def _sign(self, sign: str) -> None:
        if self._take(sign) != ("sign", sign):
            raise BadQuery(f"expected '{sign}', found '{self._tokens[self._next - 1][1]}'")

    def _at(self, keyword: str) -> bool:
        here = self._tokens[self._next] if self._next < len(self._tokens) else ("", "")
        if here[0] != "word" or here[1].upper() != keyword:
            return False
        self._next += 1
        return True

    def _take(self, what: str) -> tuple[str, str]:
        if self._next >= len(self._tokens):
            raise BadQuery(f"expected {what}, but the query ends")
        self._next += 1
        return self._tokens[self._next - 1]
