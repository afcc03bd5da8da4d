"""What these tests configure, and which alarms the sample Organization gets by it."""

from __future__ import annotations

from typing import Any

DEPLOYMENT = "drawbridge"
OWNER = {"drawbridge:owner": DEPLOYMENT}
OPT_IN = {"alarms": "true"}
RUNBOOK = "https://wiki.example/runbook"
SEVERITIES = ("critical", "warning", "info")
# An endpoint is idle after a week at the earliest: these tests don't see that one.
OF_ENDPOINT = {"packets-dropped", "resets-received"}
OF_SERVICE = {"resets-sent", "endpoints-drop"}
# Missed only when somebody has been connected for a day.
OF_CONSUMERS = {"no-traffic"}
OF_BALANCER = {"port-allocation-errors", "target-resets", "blocked-flows", "rejected-flows"}
COMPOSITES = {"down", "degraded"}
ZONES = ("eu-west-1a", "eu-west-1b")


def alarms(topics: dict[str, str], **otherwise: Any) -> dict[str, Any]:
    """The part `alarms` of the configuration; `topics` are ARNs by severity."""
    told = {severity: [arn] for severity, arn in topics.items()}
    return {"endpoints": "each", "services": "each", "topics": told, "runbook": RUNBOOK} | otherwise
