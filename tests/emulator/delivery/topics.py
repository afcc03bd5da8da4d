"""Delivery by SNS topics: who may publish, who may subscribe, and the way to queues and functions.

Amazon SNS Developer Guide: "Fanout to Amazon SQS queues", "Sending messages to a queue in a different account",
"Message delivery", "Dead-letter queues", "Verifying the signatures of messages".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.sns.models import SNSBackend, Subscription, Topic, sns_backends

from ..permissions import account_of
from .notification import envelope_for_function, envelope_for_queue
from .queues import deliver_to_queue
from .sender import Sender
from .undeliverable import Undeliverable, no_resource

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

SERVICE = "sns.amazonaws.com"


def install(hooks: Hooks, app: Emulator) -> None:
    """Deliver by policy, in moto's place."""

    def publish(_: Any, subscription: Subscription, message: str, message_id: str, **details: Any) -> None:
        _deliver(app, subscription, message, message_id, **details)

    hooks.wrap(Subscription, "publish", publish)


def find_topic(topic_arn: str) -> Topic | None:
    """The topic of an ARN."""
    return sns_backends[account_of(topic_arn)][topic_arn.split(":")[3]].topics.get(topic_arn)


def deliver_to_topic(
    sender: Sender,
    topic_arn: str,
    message: str,
    subject: str | None = None,
    attributes: dict[str, Any] | None = None,
) -> str:
    """Publish if the topic's policy and key allow it, and return the message's id; raises Undeliverable otherwise."""
    topic = find_topic(topic_arn)
    if topic is None:
        raise no_resource(topic_arn)
    sender.demand("sns:Publish", topic_arn, topic.policy)
    sender.demand_key(topic.kms_master_key_id, "alias/aws/sns", topic_arn)
    backend: SNSBackend = topic.sns_backend
    return backend.publish(message, arn=topic_arn, subject=subject, message_attributes=attributes or {})


def _deliver(
    app: Emulator,
    subscription: Subscription,
    message: str,
    message_id: str,
    subject: str | None = None,
    message_attributes: dict[str, Any] | None = None,
    group_id: str | None = None,
    deduplication_id: str | None = None,
    message_structure: str | None = None,
) -> None:
    if subscription.attributes.get("PendingConfirmation") in (True, "true"):
        return
    matcher = subscription._filter_policy_matcher
    if matcher is not None and not matcher.matches(message_attributes, message):
        return
    if message_structure == "json":
        message = subscription._parse_message_structure(message, subscription.protocol)
    topic = subscription.topic
    sender = Sender(SERVICE, topic.arn, topic.account_id)
    try:
        if subscription.protocol == "sqs":
            raw = str(subscription.attributes.get("RawMessageDelivery")).lower() == "true"
            body = message
            attributes = _queue_attributes(message_attributes) if raw else None
            if not raw:
                body = envelope_for_queue(subscription, message_id, message, subject, message_attributes)
            deliver_to_queue(sender, subscription.endpoint, body, attributes, group_id, deduplication_id)
        elif subscription.protocol == "lambda":
            event = envelope_for_function(subscription, message_id, message, subject, message_attributes)
            app.functions.deliver(sender, subscription.endpoint, json.dumps(event))
        else:
            raise Undeliverable("UNSUPPORTED", f"the emulator doesn't deliver by {subscription.protocol}")
    except Undeliverable as failure:
        _dead_letter(app, sender, subscription, message, failure)


def _queue_attributes(message_attributes: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Message attributes in SQS's form, for raw delivery."""
    return {
        name: {
            "DataType": attribute["Type"],
            "BinaryValue" if attribute["Type"].startswith("Binary") else "StringValue": attribute["Value"],
        }
        for name, attribute in (message_attributes or {}).items()
    }


def _dead_letter(
    app: Emulator, sender: Sender, subscription: Subscription, message: str, failure: Undeliverable
) -> None:
    reason = str(failure)
    redrive = subscription.attributes.get("RedrivePolicy")
    if redrive:
        queue_arn = json.loads(redrive)["deadLetterTargetArn"]
        try:
            deliver_to_queue(sender, queue_arn, message)
            reason += f"; sent to {queue_arn}"
        except Undeliverable as second:
            reason += f"; dead letter queue {queue_arn}: {second}"
    app.dropped.record(subscription.topic.arn, subscription.endpoint, reason, message)
