"""Alarms on queues, judged when they are told to be: by how many messages a queue has now.

Control API: `POST alarms/judge`. Each alarm on a metric `ApproximateNumberOfMessages…` of AWS/SQS gets its state, and its
change is told, as SetAlarmState would tell it. Periods aren't waited for, and other alarms are left alone.
Amazon SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS".
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from moto.sqs.models import Queue, sqs_backends

from ..control_api import ControlRequest
from .alarm import Alarm
from .registry import Registry
from .shapes import SERVICE
from .states import Delivery, States

if TYPE_CHECKING:
    from ..server import Emulator

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


def install(app: Emulator, registry: Registry, states: States) -> None:
    """Judge alarms on demand."""

    def judge_all(_: ControlRequest) -> dict[str, Any]:
        """The states by the names of the alarms."""
        found: dict[str, str] = {}
        told: list[Delivery] = []
        with app.exclusively(SERVICE):
            for alarm in registry.all():
                queue = _queue_of(alarm)
                if queue is not None:
                    messages = getattr(queue, METRICS[alarm.configuration["MetricName"]])
                    told += _judge(states, alarm, messages)
                    found[alarm.name] = alarm.state.value
        for delivery in told:
            delivery()
        return {"states": found}

    app.control("POST", "alarms/judge", judge_all)


def _queue_of(alarm: Alarm) -> Queue | None:
    watched = alarm.configuration
    if watched.get("Namespace") != NAMESPACE or watched.get("MetricName") not in METRICS:
        return None
    names = [dimension["Value"] for dimension in watched.get("Dimensions", []) if dimension["Name"] == "QueueName"]
    return sqs_backends[alarm.account][alarm.region].queues.get(names[0]) if names else None


def _judge(states: States, alarm: Alarm, messages: int) -> list[Delivery]:
    threshold = alarm.configuration["Threshold"]
    rings = COMPARISONS[alarm.configuration["ComparisonOperator"]](messages, threshold)
    state = "ALARM" if rings else "OK"
    if alarm.state.value == state:
        return []
    return states.set(alarm, state, f"Threshold Crossed: {messages} messages, threshold {threshold}")
