"""The events of alarms on the default bus: their state or their configuration changed.

Amazon CloudWatch User Guide, "Alarm events and EventBridge"; times there have an offset without a colon.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .alarm import COMPOSITE, Alarm, State

STATE_CHANGE = "CloudWatch Alarm State Change"
CONFIGURATION_CHANGE = "CloudWatch Alarm Configuration Change"
SOURCE = "aws.cloudwatch"
Previous = tuple[dict[str, Any], datetime]  # a configuration, and since when it was the alarm's
# What is in the configuration of a configuration change, in the API's names.
METRIC_MEMBERS = (
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ThresholdMetricId",
    "ComparisonOperator",
    "TreatMissingData",
    "EvaluateLowSampleCountPercentile",
)
COMPOSITE_MEMBERS = (
    "AlarmRule",
    "ActionsSuppressor",
    "ActionsSuppressorWaitPeriod",
    "ActionsSuppressorExtensionPeriod",
)


def moment(time: datetime) -> str:
    """A time as CloudWatch writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


def describe_state(state: State) -> dict[str, Any]:
    """A state as events have it."""
    shown = {
        "value": state.value,
        "reason": state.reason,
        "timestamp": moment(state.since),
        "reasonData": state.reason_data,
        "actionsSuppressedBy": state.suppressed_by,
        "actionsSuppressedReason": state.suppressed_reason,
    }
    return {name: value for name, value in shown.items() if value is not None}


def state_change(alarm: Alarm, before: State, after: State) -> dict[str, Any]:
    """The detail of a state's change."""
    if alarm.kind == COMPOSITE:
        configuration = _members(alarm.configuration, COMPOSITE_MEMBERS)
    else:
        configuration = {"metrics": metrics(alarm.configuration)}
    if alarm.configuration.get("AlarmDescription"):
        configuration["description"] = alarm.configuration["AlarmDescription"]
    return {
        "alarmName": alarm.name,
        "configuration": configuration,
        "previousState": describe_state(before),
        "state": describe_state(after),
    }


def configuration_change(alarm: Alarm, operation: str, previous: Previous | None = None) -> dict[str, Any]:
    """The detail of a configuration's change: `create`, `update` or `delete`."""
    detail = {
        "alarmName": alarm.name,
        "operation": operation,
        "state": describe_state(alarm.state),
        "configuration": _configuration(alarm, alarm.configuration, alarm.configured),
    }
    if previous is not None:
        detail["previousConfiguration"] = _configuration(alarm, *previous)
    return detail


def _configuration(alarm: Alarm, configuration: dict[str, Any], configured: datetime) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "alarmName": alarm.name,
        "description": configuration.get("AlarmDescription", ""),
        "actionsEnabled": configuration.get("ActionsEnabled", True),
        "timestamp": moment(configured),
        "okActions": configuration.get("OKActions", []),
        "alarmActions": configuration.get("AlarmActions", []),
        "insufficientDataActions": configuration.get("InsufficientDataActions", []),
    }
    if alarm.kind == COMPOSITE:
        return shown | _members(configuration, COMPOSITE_MEMBERS)
    return shown | _members(configuration, METRIC_MEMBERS) | {"metrics": metrics(configuration)}


def _members(configuration: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name[:1].lower() + name[1:]: configuration[name] for name in names if name in configuration}


def metrics(configuration: dict[str, Any]) -> list[dict[str, Any]]:
    """What a metric alarm watches."""
    if configuration.get("Metrics"):
        return [_query(query) for query in configuration["Metrics"]]
    stat = {
        "metric": _metric(configuration),
        "period": configuration.get("Period"),
        "stat": configuration.get("Statistic") or configuration.get("ExtendedStatistic"),
    }
    return [{"id": "m1", "metricStat": stat, "returnData": True}]


def _query(query: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": query["Id"], "returnData": query.get("ReturnData", True)}
    for name in ("Expression", "Label", "Period", "AccountId"):
        if name in query:
            shown[name[:1].lower() + name[1:]] = query[name]
    if "MetricStat" in query:
        stat = query["MetricStat"]
        shown["metricStat"] = {"metric": _metric(stat["Metric"]), "period": stat["Period"], "stat": stat["Stat"]}
    return shown


def _metric(metric: dict[str, Any]) -> dict[str, Any]:
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in metric.get("Dimensions", [])}
    return {"namespace": metric.get("Namespace"), "name": metric.get("MetricName"), "dimensions": dimensions}
