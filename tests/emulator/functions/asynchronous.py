"""Asynchronous invocations: accepted at once, run later, repeated after errors, with destinations for the outcome.

AWS Lambda Developer Guide: "Invoking a Lambda function asynchronously", "How Lambda handles errors and retries with
asynchronous invocation", "Retaining records of asynchronous invocations", "Dead-letter queues".
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaFunction
from moto.core.exceptions import ServiceException

from ..delivery.buses import find_bus, make_event
from ..delivery.queues import deliver_to_queue
from ..delivery.sender import Sender
from ..delivery.topics import deliver_to_topic
from ..delivery.undeliverable import Undeliverable, no_resource
from . import function as functions_of_moto
from .configuration import SERVICE, extra_configuration
from .invocation import Result, TooManyRequests

if TYPE_CHECKING:
    from ..server import Emulator
    from .functions import Functions

RETRIES = 2
OLDEST_SECONDS = 6 * 3600
THROTTLED_SECONDS = 1.0
LONGEST_THROTTLED_SECONDS = 300.0


class AsynchronousInvocations:
    """The queue of events that Lambda keeps for asynchronous invocations."""

    def __init__(self, app: Emulator, functions: Functions) -> None:
        self._app = app
        self._functions = functions
        self._ended = threading.Event()

    def submit(self, function_arn: str, payload: bytes) -> str:
        """Accept an event; returns the request id."""
        request_id = str(uuid.uuid4())
        arguments = (function_arn, payload, request_id, self._ended)
        threading.Thread(target=self._work, args=arguments, name="asynchronous-invocation", daemon=True).start()
        return request_id

    def reset(self) -> None:
        """Drop all events that wait."""
        self._ended.set()
        self._ended = threading.Event()

    def _work(self, function_arn: str, payload: bytes, request_id: str, ended: threading.Event) -> None:
        """Invoke until the function succeeds, its retries are used up or the event is too old."""
        began, attempts, throttled = time.monotonic(), 0, THROTTLED_SECONDS
        while True:
            try:
                record = functions_of_moto.find(function_arn)
            except UnknownFunctionException:
                self._app.dropped.record(SERVICE, function_arn, "NO_RESOURCE: the function is gone", _parsed(payload))
                return
            settings = _settings(record)
            retries = settings.get("MaximumRetryAttempts", RETRIES)
            oldest = settings.get("MaximumEventAgeInSeconds", OLDEST_SECONDS)
            result, condition, wait = None, "EventAgeExceeded", throttled
            try:
                result = self._functions.invoke(record, payload)
                attempts += 1
                if not result.failed:
                    self._finish(record, payload, request_id, attempts, result, "Success")
                    return
                condition = "RetriesExhausted"
                waits = self._app.settings["asynchronous_retry_seconds"]
                wait = waits[min(attempts, len(waits)) - 1]
            except (TooManyRequests, ServiceException):
                throttled = min(throttled * 2, LONGEST_THROTTLED_SECONDS)
            if (result is not None and attempts > retries) or time.monotonic() + wait - began > oldest:
                self._finish(record, payload, request_id, attempts, result, condition)
                return
            if ended.wait(wait):
                return

    def _finish(
        self,
        record: LambdaFunction,
        payload: bytes,
        request_id: str,
        attempts: int,
        result: Result | None,
        condition: str,
    ) -> None:
        destinations = _settings(record).get("DestinationConfig") or {}
        kind = "OnSuccess" if condition == "Success" else "OnFailure"
        destination = (destinations.get(kind) or {}).get("Destination")
        dead_letters = (extra_configuration(record).get("DeadLetterConfig") or {}).get("TargetArn")
        event = _parsed(payload)
        if destination:
            outcome = _outcome(record, event, request_id, attempts, result, condition)
            self._send(record, destination, outcome, f"Lambda Function Invocation Result - {condition}")
        if condition == "Success":
            return
        if dead_letters:
            self._send_dead_letter(record, dead_letters, event, request_id, result)
        if not destination and not dead_letters:
            self._app.dropped.record(record.function_arn, "asynchronous invocation", condition, event)

    def _send(self, record: LambdaFunction, destination: str, outcome: dict[str, Any], detail_type: str) -> None:
        sender = Sender(SERVICE, record.function_arn, record.account_id, record.role)
        text, service = json.dumps(outcome), destination.split(":")[2]
        try:
            if service == "sqs":
                deliver_to_queue(sender, destination, text)
            elif service == "sns":
                deliver_to_topic(sender, destination, text)
            elif service == "lambda":
                self._functions.deliver(sender, destination, text)
            elif service == "events":
                bus = find_bus(destination)
                if bus is None:
                    raise no_resource(destination)
                sender.demand("events:PutEvents", destination, bus.policy)
                resources = [destination, record.function_arn]
                event = make_event(record.account_id, record.region, "lambda", detail_type, outcome, resources)
                self._app.buses.publish(event, bus)
            else:
                raise Undeliverable("UNSUPPORTED", f"the emulator can't deliver to {destination}")
        except Undeliverable as failure:
            self._app.dropped.record(record.function_arn, destination, str(failure), outcome)

    def _send_dead_letter(
        self, record: LambdaFunction, target: str, event: Any, request_id: str, result: Result | None
    ) -> None:
        sender = Sender(SERVICE, record.function_arn, record.account_id, record.role)
        message = json.loads(result.payload).get("errorMessage", "") if result else "Rate Exceeded."
        values = {"RequestID": ("String", request_id), "ErrorCode": ("Number", "200" if result else "429")}
        values["ErrorMessage"] = ("String", message[:1024])
        try:
            if target.split(":")[2] == "sqs":
                attributes = {name: {"DataType": kind, "StringValue": value} for name, (kind, value) in values.items()}
                deliver_to_queue(sender, target, json.dumps(event), attributes)
            else:
                attributes = {name: {"Type": kind, "Value": value} for name, (kind, value) in values.items()}
                deliver_to_topic(sender, target, json.dumps(event), attributes=attributes)
        except Undeliverable as failure:
            self._app.dropped.record(record.function_arn, target, str(failure), event)


def _settings(record: LambdaFunction) -> dict[str, Any]:
    return record.event_invoke_config[0].config if record.event_invoke_config else {}


def _parsed(payload: bytes) -> Any:
    return json.loads(payload) if payload else {}


def _outcome(
    record: LambdaFunction, event: Any, request_id: str, attempts: int, result: Result | None, condition: str
) -> dict[str, Any]:
    """The record that a destination gets."""
    outcome: dict[str, Any] = {
        "version": "1.0",
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "requestContext": {
            "requestId": request_id,
            "functionArn": f"{record.function_arn}:{record.version}",
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": event,
    }
    if result is not None:
        outcome["responseContext"] = {"statusCode": 200, "executedVersion": str(record.version)}
        if result.failed:
            outcome["responseContext"]["functionError"] = "Unhandled"
        try:
            outcome["responsePayload"] = json.loads(result.payload)
        except ValueError:
            outcome["responsePayload"] = result.payload.decode(errors="replace")
    return outcome
