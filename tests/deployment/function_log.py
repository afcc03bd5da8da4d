"""What a function says: its log group, line by line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .local_aws import LocalAws


@dataclass(frozen=True)
class FunctionLog:
    """The log group of a function, read anew at each question."""

    aws: LocalAws
    group: str

    def messages(self, since: int = 0) -> list[str]:
        """The lines as they are, in order, `since` a time in milliseconds; Lambda's own (`platform.*`) included."""
        pages = self.aws.client("logs").get_paginator("filter_log_events")
        events = [
            event for page in pages.paginate(logGroupName=self.group, startTime=since) for event in page["events"]
        ]
        events.sort(key=lambda event: event["timestamp"])
        return [event["message"] for event in events]

    def lines(self, since: int = 0) -> list[dict[str, Any]]:
        """The lines that are JSON."""
        return [line for line in map(_parsed, self.messages(since)) if line is not None]

    def said(self, since: int = 0, **fields: Any) -> list[dict[str, Any]]:
        """The function's own lines that have these fields."""
        return [line for line in self.lines(since) if "message" in line and _has(line, fields)]

    def decisions(self, since: int = 0, **fields: Any) -> list[dict[str, Any]]:
        """Its decisions that have these fields."""
        return [line for line in self.said(since, **fields) if "decision" in line]

    def metrics(self, since: int = 0) -> list[dict[str, Any]]:
        """Its lines in the embedded metric format."""
        return [line for line in self.lines(since) if "_aws" in line]

    def metric(self, name: str, since: int = 0) -> int:
        """The sum of a counting metric of the function as a whole."""
        per_function = [line for line in self.metrics(since) if _dimensions(line) == [["Function"]]]
        return sum(line.get(name, 0) for line in per_function)


def _parsed(message: str) -> dict[str, Any] | None:
    try:
        line = json.loads(message)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def _has(line: dict[str, Any], fields: dict[str, Any]) -> bool:
    return all(line.get(name) == value for name, value in fields.items())


def _dimensions(line: dict[str, Any]) -> list[list[str]]:
    return line["_aws"]["CloudWatchMetrics"][0]["Dimensions"]
