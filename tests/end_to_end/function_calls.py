"""The API calls of the function, from the local AWS's list."""

from __future__ import annotations

from collections import Counter
from typing import Any

from deployment.drawbridge import FUNCTION_ROLE, Drawbridge

MEMBER_ROLE = "drawbridge-member"
CONFIGURATION_SERVICE = "appconfigdata"
READING = ("Describe", "Get", "List", "StartConfigurationSession", "AssumeRole")


def function_calls(drawbridge: Drawbridge, after: int, role: str = FUNCTION_ROLE) -> list[dict[str, Any]]:
    """The calls of the function after that number, without those for its configuration."""
    calls = drawbridge.aws.calls(role=role, after=after)
    return [call for call in calls if call["service"] != CONFIGURATION_SERVICE]


def count_operations(calls: list[dict[str, Any]]) -> Counter[str]:
    """How often each operation was called."""
    return Counter(call["operation"] for call in calls)


def writing(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The calls that change something."""
    return [call for call in calls if not call["operation"].startswith(READING)]


def naming(calls: list[dict[str, Any]], resource: str) -> list[dict[str, Any]]:
    """The calls that have this id in their parameters."""
    return [call for call in calls if resource in str(call["parameters"])]
