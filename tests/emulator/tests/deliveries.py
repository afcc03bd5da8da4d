"""What the tests of deliveries have in common: queues with policies, rules, events, and what arrived."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .running import HUB, RunningEmulator

Client = Callable[..., Any]
MEMBER = "444444444444"
REGION = "eu-west-1"
EVENTS = "events.amazonaws.com"
SNS = "sns.amazonaws.com"


def arn(service: str, resource: str, account: str = HUB, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def queue_for(client: Client, name: str, service: str = EVENTS, condition: Any = None, **where: str) -> str:
    """A queue into which a service may send; returns its URL."""
    account, region = where.get("account", HUB), where.get("region", REGION)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sqs:SendMessage",
        "Resource": arn("sqs", name, account, region),
    }
    policy = {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}
    attributes = {"Policy": json.dumps(policy)}
    return client("sqs", **where).create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]


def received(client: Client, url: str, **where: str) -> list[dict[str, Any]]:
    """The bodies of all messages of a queue, as JSON."""
    answer = client("sqs", **where).receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def rule(client: Client, name: str, target: dict[str, Any] | str, bus: str = "default", **where: str) -> None:
    """A rule that sends events of source `drawbridge` to one target."""
    events = client("events", **where)
    events.put_rule(Name=name, EventBusName=bus, EventPattern='{"source": ["drawbridge"]}')
    target = {"Arn": target} if isinstance(target, str) else target
    answer = events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "target"} | target])
    assert answer["FailedEntryCount"] == 0


def put(client: Client, bus: str | None = None, **where: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "Source": "drawbridge",
        "DetailType": "Decision",
        "Detail": '{"id": "vpce-1", "tags": ["a"]}',
        "Resources": ["arn:aws:ec2:eu-west-1:444444444444:vpc-endpoint/vpce-1"],
        "Time": datetime(2026, 11, 2, 9, 15, 30, tzinfo=UTC),
    }
    return client("events", **where).put_events(Entries=[entry | ({"EventBusName": bus} if bus else {})])


def dropped(emulator: RunningEmulator) -> list[dict[str, Any]]:
    return emulator.control("GET", "dropped")["dropped"]
