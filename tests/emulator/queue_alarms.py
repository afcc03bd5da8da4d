"""Alarms on queues, judged when they are told to be: by how many messages a queue has now.

Control API: `POST alarms/judge`. Each alarm on a metric `ApproximateNumberOfMessages…` of AWS/SQS gets its state, and its
change is told, as SetAlarmState would tell it. Periods aren't waited for, and other alarms are left alone.
Amazon SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS".
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend, cloudwatch_backends
from moto.sqs.models import Queue, sqs_backends

from .control_api import ControlRequest

if TYPE_CHECKING:
    from .hooks import Hooks
    from .server import Emulator

NAMESPACE = "AWS/SQS"
# Metrics of CloudWatch, and the attributes of a queue that moto counts the same by.
METRICS = {
    "ApproximateNumberOfMessagesVisible": "approximate_number_of_messages",
    "ApproximateNumberOfMessagesNotVisible": "approximate_number_of_messages_not_visible",
    "ApproximateNumberOfMessagesDelayed": "approximate_number_of_messages_delayed",
}
COMPARISONS = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def install(_hooks: Hooks, app: Emulator) -> None:
    """Judge alarms on demand."""
    app.control("POST", "alarms/judge", _judge_all)


def _judge_all(_: ControlRequest) -> dict[str, Any]:
    """The states by the names of the alarms."""
    states = {}
    for account, region, backend in [*cloudwatch_backends.iter_backends()]:
        for alarm in [*backend.alarms.values()]:
            queue = _queue_of(alarm, account, region)
            if queue is not None:
                states[alarm.name] = _judge(backend, alarm, getattr(queue, METRICS[alarm.metric_name]))
    return {"states": states}


def _queue_of(alarm: Alarm, account: str, region: str) -> Queue | None:
    if alarm.namespace != NAMESPACE or alarm.metric_name not in METRICS:
        return None
    names = [dimension.value for dimension in alarm.dimensions if dimension.name == "QueueName"]
    return sqs_backends[account][region].queues.get(names[0]) if names else None


def _judge(backend: CloudWatchBackend, alarm: Alarm, messages: int) -> str:
    rings = COMPARISONS[alarm.comparison_operator](messages, float(alarm.threshold))
    state = "ALARM" if rings else "OK"
    if alarm.state_value != state:
        reason = f"Threshold Crossed: {messages} messages, threshold {alarm.threshold}"
        backend.set_alarm_state(alarm.name, reason, "{}", state)
    return state
