"""Queues that tests listen on."""

from __future__ import annotations

import json
from typing import Any

from .parties import Party

ROUNDS = 50


class Queue:
    """A queue that EventBridge and SNS may send to."""

    def __init__(self, party: Party, name: str) -> None:
        self._sqs = party.client("sqs")
        self.arn = f"arn:aws:sqs:{party.region}:{party.account}:{name}"
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": ["events.amazonaws.com", "sns.amazonaws.com"]},
            "Action": "sqs:SendMessage",
            "Resource": self.arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})

    def read(self, wanted: int) -> list[str]:
        """Bodies of exactly so many messages; more or fewer are a failure."""
        bodies: list[str] = []
        for _ in range(ROUNDS):
            answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            messages = answer.get("Messages", [])
            for message in messages:
                bodies.append(message["Body"])
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            if len(bodies) >= wanted and not messages:
                break
        assert len(bodies) == wanted, f"{len(bodies)} messages instead of {wanted}"
        return bodies


def subscribe_queue(party: Party, pattern: dict[str, Any], name: str = "events") -> Queue:
    """A queue that gets the events of the account's default bus that match `pattern`."""
    queue = Queue(party, name)
    events = party.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": queue.arn}])
    return queue
