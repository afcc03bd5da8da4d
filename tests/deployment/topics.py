"""Topics that alarms tell, each with a queue in which one sees what came."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from emulator.clients import HUB, REGION

from .local_aws import LocalAws
from .waiting import wait_until


@dataclass
class Topic:
    """A topic of the hub account that alarms of all accounts may tell."""

    aws: LocalAws
    name: str
    arn: str = field(init=False)
    _queue: str = field(init=False)
    _came: list[dict[str, Any]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        sns, sqs = self.aws.client("sns"), self.aws.client("sqs")
        self.arn = sns.create_topic(Name=self.name)["TopicArn"]
        ours = {"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:*:*:alarm:drawbridge/*"}}
        may = _allow("cloudwatch.amazonaws.com", "sns:Publish", self.arn, ours)
        sns.set_topic_attributes(TopicArn=self.arn, AttributeName="Policy", AttributeValue=may)
        self._queue = sqs.create_queue(QueueName=self.name)["QueueUrl"]
        queue = f"arn:aws:sqs:{REGION}:{HUB}:{self.name}"
        may = _allow("sns.amazonaws.com", "sqs:SendMessage", queue, {"ArnEquals": {"aws:SourceArn": self.arn}})
        sqs.set_queue_attributes(QueueUrl=self._queue, Attributes={"Policy": may})
        subscribed = {"RawMessageDelivery": "true"}
        sns.subscribe(TopicArn=self.arn, Protocol="sqs", Endpoint=queue, Attributes=subscribed)

    def told(self, alarm: str = "", state: str = "ALARM") -> list[dict[str, Any]]:
        """The messages so far about an alarm that went into a state; about any alarm without a name."""
        sqs = self.aws.client("sqs")
        while messages := sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._came.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return [
            message
            for message in self._came
            if message["AlarmName"] == (alarm or message["AlarmName"]) and message["NewStateValue"] == state
        ]

    def await_message(self, alarm: str, state: str = "ALARM") -> dict[str, Any]:
        """Wait until it is told that an alarm went into a state."""
        what = f"{self.name} is told that {alarm} is in {state}"
        return wait_until(what, lambda: self.told(alarm, state), explain=lambda: str(self._came))[0]


def _allow(service: str, action: str, resource: str, condition: dict[str, Any]) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": action,
        "Resource": resource,
        "Condition": condition,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
