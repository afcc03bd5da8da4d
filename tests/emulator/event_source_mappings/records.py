"""The event that a function gets for a batch of messages, and the reading of its answer.

AWS Lambda Developer Guide, "Using Lambda with Amazon SQS" (example event), "Handling errors for an SQS event source"
(partial batch responses) and "Using event filtering with an Amazon SQS event source".
"""

from __future__ import annotations

import base64
import json
from typing import Any

from moto.sqs.models import Message, Queue

from ..event_patterns import matches
from ..functions.invocation import Result


class MalformedAnswer(Exception):
    """The answer isn't a partial batch response, so the whole batch has failed."""


def record(message: Message, queue: Queue) -> dict[str, Any]:
    """One message as a function sees it."""
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    optional = {
        "MessageGroupId": message.group_id,
        "MessageDeduplicationId": message.deduplication_id,
        "SequenceNumber": message.sequence_number,
        "DeadLetterQueueSourceArn": getattr(message, "dead_letter_source", None),
        "AWSTraceHeader": ((message.system_attributes or {}).get("AWSTraceHeader") or {}).get("StringValue"),
    }
    shown = {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes | {name: value for name, value in optional.items() if value is not None},
        "messageAttributes": {name: _attribute(value) for name, value in message.message_attributes.items()},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.queue_arn,
        "awsRegion": queue.region,
    }
    if message.message_attributes:
        shown["md5OfMessageAttributes"] = message.attribute_md5
    return shown


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
    if "StringValue" in value:
        shown["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        binary = value["BinaryValue"]
        shown["binaryValue"] = base64.b64encode(binary).decode() if isinstance(binary, bytes) else binary
    return shown


def is_wanted(shown: dict[str, Any], filters: list[dict[str, Any]]) -> bool:
    """Whether a message passes the filters of its mapping; a body that is JSON is matched as such."""
    if not filters:
        return True
    try:
        body = json.loads(shown["body"])
    except ValueError:
        body = shown["body"]
    return any(matches(pattern, shown | {"body": body}) for pattern in filters)


def failed_ids(result: Result, sent: set[str], reports_failures: bool) -> set[str]:
    """The ids of the messages that stay in the queue: none, those that the function names, or all of them."""
    if result.failed:
        return sent
    if not reports_failures:
        return set()
    try:
        return _reported(result.payload, sent)
    except MalformedAnswer:
        return sent


def _reported(payload: bytes, sent: set[str]) -> set[str]:
    try:
        answer = json.loads(payload) if payload.strip() else None
    except ValueError as error:
        raise MalformedAnswer("not JSON") from error
    if answer is None:
        return set()
    if not isinstance(answer, dict):
        raise MalformedAnswer("not an object")
    failures = answer.get("batchItemFailures")
    if failures is None:
        return set()
    if not isinstance(failures, list):
        raise MalformedAnswer("batchItemFailures is not a list")
    named = {failure.get("itemIdentifier") if isinstance(failure, dict) else None for failure in failures}
    if not named <= sent:
        raise MalformedAnswer(f"unknown identifiers {named - sent}")
    return named
