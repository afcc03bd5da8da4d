"""The message that a topic gets of an alarm (CloudWatch User Guide, "Notifying users on alarm changes")."""

from __future__ import annotations

from typing import Any

from .alarm import COMPOSITE, Alarm, State
from .events import moment

TRIGGER = (
    "Period",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "ComparisonOperator",
    "Threshold",
    "ThresholdMetricId",
    "TreatMissingData",
    "EvaluateLowSampleCountPercentile",
)


def subject(alarm: Alarm, state: State) -> str:
    """The subject, which has 100 characters at the most."""
    return f'{state.value}: "{alarm.name}" in {alarm.region}'[:100]


def message(alarm: Alarm, before: State, after: State) -> dict[str, Any]:
    """The message."""
    shown = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.configuration.get("AlarmDescription"),
        "AWSAccountId": alarm.account,
        "AlarmArn": alarm.arn,
        "NewStateValue": after.value,
        "NewStateReason": after.reason,
        "StateChangeTime": moment(after.since),
        "Region": alarm.region,
        "OldStateValue": before.value,
        "OKActions": alarm.configuration.get("OKActions", []),
        "AlarmActions": alarm.configuration.get("AlarmActions", []),
        "InsufficientDataActions": alarm.configuration.get("InsufficientDataActions", []),
    }
    if alarm.kind == COMPOSITE:
        return shown | {"AlarmRule": alarm.configuration["AlarmRule"]}
    return shown | {"Trigger": _trigger(alarm.configuration)}


def _trigger(configuration: dict[str, Any]) -> dict[str, Any]:
    shown = {name: configuration[name] for name in TRIGGER if name in configuration}
    shown.setdefault("TreatMissingData", "missing")
    if configuration.get("Metrics"):
        return shown | {"Metrics": configuration["Metrics"]}
    dimensions = [{"name": d["Name"], "value": d["Value"]} for d in configuration.get("Dimensions", [])]
    metric = {name: configuration.get(name) for name in ("Namespace", "MetricName", "Unit", "Statistic")}
    return shown | metric | {"Dimensions": dimensions}
