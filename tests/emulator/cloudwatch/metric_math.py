"""Metric math in alarms: which ids and functions an expression names (CloudWatch User Guide, "Using metric math")."""

from __future__ import annotations

import re

FUNCTIONS = frozenset(
    [
        "ABS",
        "ANOMALY_DETECTION_BAND",
        "AVG",
        "CEIL",
        "DATAPOINT_COUNT",
        "DAY",
        "DB_PERF_INSIGHTS",
        "DIFF",
        "DIFF_TIME",
        "EPOCH",
        "FILL",
        "FIRST",
        "FLOOR",
        "HOUR",
        "IF",
        "INSIGHT_RULE_METRIC",
        "LAMBDA",
        "LAST",
        "LOG",
        "LOG10",
        "MAX",
        "METRIC_COUNT",
        "METRICS",
        "MIN",
        "MINUTE",
        "MONTH",
        "PERIOD",
        "RATE",
        "REMOVE_EMPTY",
        "RUNNING_SUM",
        "SEARCH",
        "SERVICE_QUOTA",
        "SLICE",
        "SORT",
        "STDDEV",
        "SUM",
        "TIME_SERIES",
        "YEAR",
    ]
)
WORDS = frozenset(["AND", "OR", "REPEAT", "LINEAR", "ASC", "DESC", "DATE"])
TOKEN = re.compile(
    r"\s*(?:(?P<text>\"[^\"]*\"|'[^']*')|(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<word>[A-Za-z_]\w*)|(?P<sign>\S))"
)
SIGNS = frozenset("+-*/^(),[]<>=!&|")
ID = re.compile(r"[a-z][a-zA-Z0-9_]*")
BAND = re.compile(r"\s*ANOMALY_DETECTION_BAND\s*\(")


class BadExpression(Exception):
    """An expression that can't be evaluated."""


def check(expression: str, ids: set[str]) -> None:
    """Refuse what isn't an expression over these ids."""
    depth = 0
    tokens = [(match.lastgroup, match[match.lastgroup or 0]) for match in TOKEN.finditer(expression.rstrip())]
    for place, (kind, token) in enumerate(tokens):
        following = tokens[place + 1][1] if place + 1 < len(tokens) else ""
        if kind == "word" and following == "(" and token not in FUNCTIONS | WORDS:
            raise BadExpression(f"Unsupported function {token}")
        if kind == "word" and following != "(" and token not in WORDS and token not in ids:
            raise BadExpression(f"Undefined variable {token}")
        if kind == "sign" and token not in SIGNS:
            raise BadExpression(f"Unexpected character {token}")
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token, 0) if kind == "sign" else 0
        if depth < 0:
            raise BadExpression("A parenthesis is closed that wasn't opened")
    if depth or not tokens:
        raise BadExpression("A parenthesis isn't closed" if tokens else "The expression is empty")


def is_band(expression: str | None) -> bool:
    """Whether an expression is an anomaly detection band."""
    return BAND.match(expression or "") is not None
