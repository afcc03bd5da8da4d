"""The targets of rules and schedules: delivery by kind of target, and dead letters.

EventBridge User Guide: "Event bus targets", "Using resource-based policies", "Using dead-letter queues".
"""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any

from moto.logs.models import logs_backends

from ..api_call import AwsError
from ..permissions import account_of
from .queues import deliver_to_queue
from .sender import Sender
from .target_input import target_input
from .topics import deliver_to_topic
from .undeliverable import Undeliverable, no_resource

if TYPE_CHECKING:
    from ..server import Emulator

KINDS = ("sqs", "sns", "lambda", "logs", "events")


def check_target(target: dict[str, Any]) -> None:
    """Refuse a target that the emulator can't deliver to, when it is made."""
    service = target["Arn"].split(":")[2] if target["Arn"].count(":") >= 5 else ""
    if service and (service not in KINDS or ":api-destination/" in target["Arn"]):
        raise AwsError("NotImplemented", f"the emulator can't deliver to {target['Arn']}", 501)


def deliver_to_target(app: Emulator, sender: Sender, target: dict[str, Any], event: dict[str, Any]) -> None:
    """Deliver an event to a target that isn't a bus; raises Undeliverable."""
    deliver_text(app, sender, target, target_input(target, event, sender.source))


def deliver_text(app: Emulator, sender: Sender, target: dict[str, Any], text: str) -> None:
    """Deliver a ready text to a queue, topic, function or log group; raises Undeliverable."""
    arn = target["Arn"]
    service = arn.split(":")[2]
    if service == "sqs":
        group_id = (target.get("SqsParameters") or {}).get("MessageGroupId")
        deliver_to_queue(sender, arn, text, group_id=group_id)
    elif service == "sns":
        deliver_to_topic(sender, arn, text)
    elif service == "lambda":
        app.functions.deliver(sender, arn, text)
    elif service == "logs":
        _deliver_to_log_group(sender, arn, text)
    else:
        raise Undeliverable("UNSUPPORTED", f"the emulator can't deliver to {arn}")


def _deliver_to_log_group(sender: Sender, arn: str, text: str) -> None:
    region, name = arn.split(":")[3], arn.split(":")[6]
    backend = logs_backends[account_of(arn)][region]
    if name not in backend.groups:
        raise no_resource(arn)
    policies = [json.loads(policy.policy_document) for policy in backend.resource_policies.values()]
    statements = [statement for policy in policies for statement in policy["Statement"]]
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        sender.demand(action, f"{arn.removesuffix(':*')}:*", {"Statement": statements})
    stream = str(uuid.uuid4())
    backend.create_log_stream(name, stream)
    backend.put_log_events(name, stream, [{"timestamp": int(time.time() * 1000), "message": text}])


def dead_letter(
    app: Emulator,
    sender: Sender,
    target: dict[str, Any],
    event: Any,
    failure: Undeliverable,
    attributes: dict[str, str] | None = None,
) -> None:
    """Send what could not be delivered to the target's dead-letter queue, and write it down in any case.

    A rule reaches that queue as the service, by the queue's policy. A schedule, which brings `attributes` of its own,
    does so by its execution role.
    """
    reason = str(failure)
    if attributes is None:
        sender = Sender(sender.service, sender.source, sender.source_account)
        attributes = {"RULE_ARN": sender.source}
    queue_arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    if queue_arn:
        attributes |= {
            "TARGET_ARN": target["Arn"],
            "ERROR_CODE": failure.code,
            "ERROR_MESSAGE": failure.message,
            "RETRY_ATTEMPTS": "0",
        }
        body = event if isinstance(event, str) else json.dumps(event)
        try:
            letter = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
            deliver_to_queue(sender, queue_arn, body, letter)
            reason += f"; sent to {queue_arn}"
        except Undeliverable as second:
            reason += f"; dead letter queue {queue_arn}: {second}"
    app.dropped.record(sender.source, target["Arn"], reason, event)
