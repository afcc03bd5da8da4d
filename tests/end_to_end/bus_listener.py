"""A listener at the hub's bus: what other teams would see of Drawbridge's decisions."""

from __future__ import annotations

import json
from typing import Any

from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.clients import HUB, REGION

NAME = "listener"
PATTERN = {"source": ["drawbridge"]}


class BusListener:
    """A queue behind a rule of the hub's bus."""

    def __init__(self, drawbridge: Drawbridge) -> None:
        self._sqs = drawbridge.aws.client("sqs")
        self._heard: list[dict[str, Any]] = []
        self._url = self._sqs.create_queue(QueueName=NAME)["QueueUrl"]
        events = drawbridge.aws.client("events")
        rule = events.put_rule(Name=NAME, EventBusName="drawbridge", EventPattern=json.dumps(PATTERN))["RuleArn"]
        queue = f"arn:aws:sqs:{REGION}:{HUB}:{NAME}"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
        events.put_targets(Rule=NAME, EventBusName="drawbridge", Targets=[{"Id": NAME, "Arn": queue}])

    def heard(self, resource: str, detail_type: str | None = None) -> list[dict[str, Any]]:
        """The events so far that name an endpoint or a service, of one type or of any."""
        while messages := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._heard.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return [
            event
            for event in self._heard
            if resource in (event["detail"].get("vpc_endpoint_id"), event["detail"].get("service_id"))
            and event["detail-type"] == (detail_type or event["detail-type"])
        ]

    def await_event(self, resource: str, detail_type: str) -> dict[str, Any]:
        """Wait for the first event of this type that names an endpoint or a service."""
        what = f"an event {detail_type} about {resource}"
        return wait_until(what, lambda: self.heard(resource, detail_type), explain=lambda: str(self.heard(resource)))[0]
