"""Delivery into SQS queues, and receiving from them by several threads at once."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

from ..hooks import Hooks
from ..permissions import account_of
from .sender import Sender
from .undeliverable import no_resource

# How often a long poll looks again: messages whose visibility timeout ends come back without a notice.
LOOK_AGAIN_SECONDS = 0.2
BLOCKED_SECONDS = 0.02


def install(hooks: Hooks) -> None:
    """Make queues safe against several threads: moto may hand one message to two receivers, and lose one that is sent
    while another is deleted."""
    hooks.wrap(SQSBackend, "receive_message", _receive_message)
    hooks.wrap(Queue, "delete_message", _delete_message)


def _delete_message(original: Any, queue: Queue, receipt_handle: str) -> None:
    with queue._messages_lock:
        original(queue, receipt_handle)


def _receive_message(
    original: Any,
    backend: SQSBackend,
    queue_name: str,
    count: int,
    wait_seconds_timeout: int,
    visibility_timeout: int,
    message_attribute_names: list[str] | None = None,
) -> list[Message]:
    """Poll until there is a message or the wait is over; each look is atomic, and waiting holds no lock."""
    end = time.monotonic() + (wait_seconds_timeout or 0)
    while True:
        messages = _receive_now(original, backend, queue_name, count, visibility_timeout, message_attribute_names)
        remaining = end - time.monotonic()
        if messages or remaining <= 0:
            return messages
        wait_for_messages(backend.get_queue(queue_name), remaining)


def _receive_now(
    original: Any, backend: SQSBackend, queue_name: str, count: int, visibility_timeout: int, names: list[str] | None
) -> list[Message]:
    queue = backend.get_queue(queue_name)
    with queue._messages_lock:
        before = [*queue._messages] if queue.dead_letter_queue else []
        messages = original(backend, queue_name, count, 0, visibility_timeout, names)
        for message in before:
            if message not in queue._messages:
                # It has just become a dead letter: a redrive has to know where it came from.
                message.dead_letter_source = queue.queue_arn  # type: ignore[attr-defined]
    return messages


def wait_for_messages(queue: Queue, seconds: float) -> None:
    """Wait until the queue may have something to receive; returns early, but never at once."""
    if queue.messages:
        # Visible, yet not receivable: their FIFO group is at work. No notice will come when it is done.
        time.sleep(min(BLOCKED_SECONDS, seconds))
    else:
        queue.wait_for_messages(min(LOOK_AGAIN_SECONDS, seconds))  # type: ignore[arg-type]


def find_queue(queue_arn: str) -> Queue | None:
    """The queue of an ARN; None when there is none."""
    parts = queue_arn.split(":")
    return sqs_backends[parts[4]][parts[3]].queues.get(parts[5]) if len(parts) == 6 else None


def receive(queue: Queue, count: int) -> list[Message]:
    """Take up to `count` messages now, under the queue's visibility timeout, with all their attributes."""
    backend = sqs_backends[queue.account_id][queue.region]
    timeout = queue.visibility_timeout  # type: ignore[attr-defined]
    return backend.receive_message(queue.name, count, 0, timeout, ["All"])


def delete(queue: Queue, message: Message) -> None:
    """Delete a message that was received; nothing happens if it is gone already."""
    with contextlib.suppress(ReceiptHandleIsInvalid):
        queue.delete_message(str(message.receipt_handle))


def deliver_to_queue(
    sender: Sender,
    queue_arn: str,
    body: str,
    attributes: dict[str, dict[str, Any]] | None = None,
    group_id: str | None = None,
    deduplication_id: str | None = None,
) -> str:
    """Send a message if the queue's policy and key allow it, and return its id; raises Undeliverable otherwise."""
    queue = find_queue(queue_arn)
    if queue is None:
        raise no_resource(queue_arn)
    sender.demand("sqs:SendMessage", queue_arn, queue.policy)
    sender.demand_key(queue.kms_master_key_id, "alias/aws/sqs", queue_arn)  # type: ignore[attr-defined]
    message = sqs_backends[account_of(queue_arn)][queue.region].send_message(
        queue.name,
        body,
        message_attributes=attributes,
        group_id=group_id,
        deduplication_id=deduplication_id,
    )
    return message.id
