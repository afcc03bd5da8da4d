"""CloudWatch alarms: they begin without data, and a change of their state is told to topics and to EventBridge.

Amazon CloudWatch User Guide, "Alarm events and EventBridge" and "Notifying users on alarm changes"; the API Reference of
PutMetricAlarm: a new alarm is INSUFFICIENT_DATA, and changing an alarm leaves its state as it is.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend

from .delivery import publish_as_service

if TYPE_CHECKING:
    from .hooks import Hooks
    from .server import Emulator

SERVICE = "cloudwatch.amazonaws.com"


def install(hooks: Hooks, app: Emulator) -> None:
    """Change how moto's alarms begin, and what SetAlarmState does."""
    hooks.wrap(CloudWatchBackend, "put_metric_alarm", _put_metric_alarm)

    def set_alarm_state(
        original: Any, backend: CloudWatchBackend, alarm_name: str, *arguments: Any, **named: Any
    ) -> None:
        alarm = backend.alarms.get(alarm_name)
        before = _state(alarm) if alarm else None
        original(backend, alarm_name, *arguments, **named)
        if alarm and before and before["value"] != alarm.state_value:
            _tell(app, backend, alarm, before)

    hooks.wrap(CloudWatchBackend, "set_alarm_state", set_alarm_state)


def _put_metric_alarm(original: Any, backend: CloudWatchBackend, *arguments: Any, **settings: Any) -> Any:
    known = backend.alarms.get(settings["name"])
    alarm = original(backend, *arguments, **settings)
    put: Alarm = backend.alarms[settings["name"]]
    if known is None:
        put.state_value = "INSUFFICIENT_DATA"
    else:
        for attribute in ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history"):
            setattr(put, attribute, getattr(known, attribute))
    return alarm


def _state(alarm: Alarm) -> dict[str, Any]:
    changed = alarm.state_updated_timestamp.replace(tzinfo=UTC)
    # CloudWatch writes the offset without a colon.
    timestamp = changed.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
    state = {"value": alarm.state_value, "reason": alarm.state_reason, "timestamp": timestamp}
    if alarm.state_reason_data and alarm.state_reason_data != "{}":
        state["reasonData"] = alarm.state_reason_data
    return state


def _tell(app: Emulator, backend: CloudWatchBackend, alarm: Alarm, before: dict[str, Any]) -> None:
    account, region = backend.account_id, backend.region_name
    detail = {
        "alarmName": alarm.name,
        "configuration": {"description": alarm.description or "", "metrics": _metrics(alarm)},
        "previousState": before,
        "state": _state(alarm),
    }
    kind = "CloudWatch Alarm State Change"
    app.buses.put_service_event(account, region, "aws.cloudwatch", kind, detail, [alarm.alarm_arn])
    if not alarm.actions_enabled:
        return
    actions = {
        "ALARM": alarm.alarm_actions,
        "OK": alarm.ok_actions,
        "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
    }[alarm.state_value]
    for action in actions or []:
        if action.split(":")[2] == "sns":
            subject = f'{alarm.state_value}: "{alarm.name}" in {region}'[:100]
            message = json.dumps(_notification(alarm, account, region, before))
            publish_as_service(app, SERVICE, alarm.alarm_arn, account, action, message, subject)
        else:
            app.dropped.record(
                alarm.alarm_arn, action, "UNSUPPORTED: the emulator has alarm actions for topics only", detail
            )


def _metrics(alarm: Alarm) -> list[dict[str, Any]]:
    if not alarm.metric_name:
        return [{"id": query.id, "expression": query.expression} for query in alarm.metric_data_queries]
    dimensions = {dimension.name: dimension.value for dimension in alarm.dimensions}
    metric = {"namespace": alarm.namespace, "name": alarm.metric_name, "dimensions": dimensions}
    stat = {"metric": metric, "period": alarm.period, "stat": alarm.statistic or alarm.extended_statistic}
    return [{"id": "m1", "metricStat": stat, "returnData": True}]


def _notification(alarm: Alarm, account: str, region: str, before: dict[str, Any]) -> dict[str, Any]:
    """The message that a topic gets."""
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": account,
        "AlarmArn": alarm.alarm_arn,
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000",
        "Region": region,
        "OldStateValue": before["value"],
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "Trigger": {
            "Namespace": alarm.namespace,
            "MetricName": alarm.metric_name,
            "Dimensions": [{"name": dimension.name, "value": dimension.value} for dimension in alarm.dimensions],
            "Statistic": alarm.statistic,
            "Period": alarm.period,
            "EvaluationPeriods": alarm.evaluation_periods,
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.treat_missing_data or "missing",
        },
    }
