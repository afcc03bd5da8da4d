"""Alarms for tests, and who hears of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .deliveries import received
from .running import HUB, REGION

Client = Callable[..., Any]
TOPIC = f"arn:aws:sns:{REGION}:{HUB}:alarms"
QUEUE = f"arn:aws:sqs:{REGION}:{HUB}:work"
# Without a name.
ALARM: dict[str, Any] = {
    "Namespace": "AWS/Lambda",
    "MetricName": "Errors",
    "Dimensions": [{"Name": "FunctionName", "Value": "worker"}],
    "Statistic": "Sum",
    "Period": 300,
    "EvaluationPeriods": 1,
    "Threshold": 0.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
ON_METRICS: dict[str, Any] = {name: ALARM[name] for name in ("EvaluationPeriods", "Threshold", "ComparisonOperator")}
BY_ENDPOINT = (
    'SELECT SUM(PacketsDropped) FROM "AWS/PrivateLinkEndpoints" GROUP BY "VPC Endpoint Id" ORDER BY SUM() DESC'
)


def query(expression: str, **more: Any) -> dict[str, Any]:
    """One of Metrics, with an expression."""
    return {"Id": "q1", "Expression": expression, **more}


def metric(identifier: str, returned: bool = False) -> dict[str, Any]:
    """One of Metrics, with a metric."""
    watched = {name: ALARM[name] for name in ("Namespace", "MetricName", "Dimensions")}
    stat = {"Metric": watched, "Period": 300, "Stat": "Sum"}
    return {"Id": identifier, "MetricStat": stat, "ReturnData": returned}


def put(client: Client, *names: str, **more: Any) -> None:
    """Metric alarms of these names."""
    for name in names:
        client("cloudwatch").put_metric_alarm(AlarmName=name, **ALARM | more)


def become(client: Client, name: str, state: str) -> None:
    """Give an alarm a state."""
    client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")


def described(client: Client, name: str) -> dict[str, Any]:
    """An alarm, of whatever type."""
    kinds = ["MetricAlarm", "CompositeAlarm"]
    answer = client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=kinds)
    (alarm,) = answer["MetricAlarms"] + answer["CompositeAlarms"]
    return alarm


class Listener:
    """Hears of alarms by a topic and by events, both in one queue."""

    def __init__(self, client: Client) -> None:
        self._client = client
        services = {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]}
        policy = _policy(services, "sqs:SendMessage", QUEUE)
        self._url = client("sqs").create_queue(QueueName="work", Attributes={"Policy": policy})["QueueUrl"]
        client("sns").create_topic(Name="alarms")
        policy = _policy({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish", TOPIC)
        client("sns").set_topic_attributes(TopicArn=TOPIC, AttributeName="Policy", AttributeValue=policy)
        client("sns").subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=QUEUE)
        client("events").put_rule(Name="alarms", EventPattern='{"source": ["aws.cloudwatch"]}')
        client("events").put_targets(Rule="alarms", Targets=[{"Id": "queue", "Arn": QUEUE}])

    def hear(self) -> list[dict[str, Any]]:
        """What has come since: events, and the messages of notifications."""
        heard: list[dict[str, Any]] = []
        while bodies := received(self._client, self._url):
            heard += [json.loads(body["Message"]) if body.get("Type") == "Notification" else body for body in bodies]
        return heard

    def changes(self) -> list[tuple[str, str, str | None]]:
        """The changes of state since: alarm, state, and by what its actions are held back."""
        states = [
            event["detail"] for event in self.hear() if event.get("detail-type") == "CloudWatch Alarm State Change"
        ]
        return [(one["alarmName"], one["state"]["value"], one["state"].get("actionsSuppressedBy")) for one in states]

    def notified(self) -> list[tuple[str, str]]:
        """The notifications since: alarm and state."""
        return [(one["AlarmName"], one["NewStateValue"]) for one in self.hear() if "AlarmName" in one]


def _policy(principal: dict[str, Any], action: str, resource: str) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
