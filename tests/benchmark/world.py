"""The local AWS of one turn: the sample Organization, fresh connection requests, and the proof that they were answered."""

from __future__ import annotations

import copy
import json
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deployment.local_aws import LocalAws
from emulator import organization_sample
from emulator.clients import HUB, REGION

SERVICE = "orders"
MEMBER = organization_sample.WORKLOADS_MEMBER
BUS = "drawbridge"
EVENT = Path(__file__).resolve().parents[1] / "cases/event/create_endpoint.json"
SERVICES_CALLED = ("ec2", "organizations", "events")


class NotDone(Exception):
    """A handler said that it was done, and it was not."""


@dataclass(frozen=True)
class Request:
    """A pending connection request of a member, and the event that tells of it."""

    endpoint_id: str
    event: dict[str, Any]


class World:
    """A local AWS as new, with the sample Organization."""

    def __init__(self, aws: LocalAws) -> None:
        self._aws = aws
        aws.control("POST", "reset")
        # The benchmark hands over the events itself; the local AWS should be busy with nothing else.
        aws.control("POST", "settings", {"trail_deliveries": 0})
        self._sample = organization_sample.build(aws.url)
        self._service = self._sample.services[SERVICE]
        self._template = json.loads(EVENT.read_text())["message"]
        aws.client("events").create_event_bus(Name=BUS)

    @property
    def organization_id(self) -> str:
        """The sample's Organization."""
        return self._sample.organization_id

    def variables(self) -> dict[str, str]:
        """The environment by which a handler works here, as the hub."""
        return self._aws.environment(HUB)

    def request(self, count: int, account: str = MEMBER) -> list[Request]:
        """Have an account ask for connections."""
        ids = [self._sample.request_connection(account, SERVICE) for _ in range(count)]
        return [Request(id, self._event(id, account)) for id in ids]

    def forget_calls(self) -> None:
        """Begin to count."""
        self._aws.control("DELETE", "calls")

    def calls(self) -> Counter[str]:
        """The API calls since then, by operation."""
        calls = self._aws.calls()
        failed = [f"{call['operation']}: {call['error']}" for call in calls if call["error"]]
        if failed:
            raise NotDone(f"calls failed: {', '.join(failed)}")
        return Counter(call["operation"] for call in calls)

    def check(self, requests: list[Request]) -> None:
        """Every connection is accepted and tagged, or `NotDone` is raised."""
        found = self._connections()
        for request in requests:
            connection = found[request.endpoint_id]
            if connection["VpcEndpointState"] != "available" or not connection.get("Tags"):
                raise NotDone(f"not accepted and tagged: {connection}")

    def state(self, request: Request) -> str:
        """What became of a request."""
        return self._connections()[request.endpoint_id]["VpcEndpointState"]

    def _connections(self) -> dict[str, dict[str, Any]]:
        ec2 = self._aws.client("ec2")
        pages = ec2.get_paginator("describe_vpc_endpoint_connections").paginate(
            Filters=[{"Name": "service-id", "Values": [self._service.id]}]
        )
        return {entry["VpcEndpointId"]: entry for page in pages for entry in page["VpcEndpointConnections"]}

    def withdraw(self, requests: list[Request]) -> None:
        """Delete the endpoints, so that every invocation finds the same little."""
        ids = [request.endpoint_id for request in requests]
        self._aws.client("ec2", MEMBER).delete_vpc_endpoints(VpcEndpointIds=ids)

    @contextmanager
    def distance(self, milliseconds: int) -> Iterator[None]:
        """While it lasts, every AWS call of the hub takes so much longer."""
        for service in SERVICES_CALLED:
            fault = {"service": service, "operation": "*", "account": HUB, "count": -1, "delay_ms": milliseconds}
            self._aws.control("POST", "faults", fault)
        try:
            yield
        finally:
            self._aws.control("DELETE", "faults")

    def _event(self, endpoint_id: str, account: str) -> dict[str, Any]:
        event = copy.deepcopy(self._template)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        event.update(id=str(uuid.uuid4()), account=account, region=REGION, time=now)
        detail = event["detail"]
        detail.update(eventID=str(uuid.uuid4()), eventTime=now, awsRegion=REGION, recipientAccountId=account)
        detail["requestParameters"]["CreateVpcEndpointRequest"]["ServiceName"] = self._service.name
        endpoint = detail["responseElements"]["CreateVpcEndpointResponse"]["vpcEndpoint"]
        endpoint.update(vpcEndpointId=endpoint_id, serviceName=self._service.name, ownerId=int(account))
        return event


def batch(requests: list[Request]) -> dict[str, Any]:
    """The events as a batch of the queue (AWS Lambda Developer Guide, "Using Lambda with Amazon SQS")."""
    return {"Records": [_record(request) for request in requests]}


def _record(request: Request) -> dict[str, Any]:
    return {
        "messageId": str(uuid.uuid4()),
        "receiptHandle": "receipt",
        "body": json.dumps(request.event),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1700000000000",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1700000000001",
        },
        "messageAttributes": {},
        "md5OfBody": "00000000000000000000000000000000",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{HUB}:drawbridge-accept-connections",
        "awsRegion": REGION,
    }
