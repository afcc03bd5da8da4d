"""Subscriptions across accounts: who may subscribe, and whose confirmation is needed.

Amazon SNS Developer Guide, "Sending Amazon SNS messages to an Amazon SQS queue in a different account": a queue's owner
subscribes it without confirmation (the topic's policy must allow it); when the topic's owner subscribes somebody else's
queue, the subscription stays pending until the queue's owner confirms with the token that the queue was sent.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from moto.sns.models import SNSBackend, Subscription, Topic, sns_backends

from ..api_call import ApiCall, AwsError
from ..permissions import account_of, request_of
from ..policy_documents import Principal, judge
from .notification import confirmation
from .queues import deliver_to_queue
from .sender import Sender
from .topics import SERVICE, find_topic
from .undeliverable import Undeliverable

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator


def install(hooks: Hooks, app: Emulator) -> None:
    """Keep subscriptions with the topic (where it delivers) and with the subscriber (who owns them)."""

    def subscribe(original: Any, backend: SNSBackend, topic_arn: str, endpoint: str, protocol: str) -> Subscription:
        return _subscribe(app, original, backend, topic_arn, endpoint, protocol)

    hooks.wrap(SNSBackend, "subscribe", subscribe)
    hooks.wrap(SNSBackend, "unsubscribe", _unsubscribe)
    hooks.wrap(SNSBackend, "delete_topic_subscriptions", _delete_topic_subscriptions)
    hooks.operation("sns", "Subscribe", _answer_subscribe)
    hooks.operation("sns", "ConfirmSubscription", _confirm)


def _subscribe(
    app: Emulator, original: Any, backend: SNSBackend, topic_arn: str, endpoint: str, protocol: str
) -> Subscription:
    topic: Topic = backend.get_topic(topic_arn)
    if topic.account_id != backend.account_id:
        _demand_permission(topic, backend.account_id, endpoint, protocol)
    owners = sns_backends[topic.account_id][topic.sns_backend.region_name]
    known = owners._find_subscription(topic_arn, endpoint, protocol)
    if known is not None:
        return known
    subscription: Subscription = original(owners, topic_arn, endpoint, protocol)
    subscription.account_id = subscription.owner = backend.account_id
    subscription.attributes["Owner"] = backend.account_id
    backend.subscriptions[subscription.arn] = subscription
    if protocol in ("sqs", "lambda") and account_of(endpoint) != backend.account_id:
        _ask_for_confirmation(app, subscription)
    return subscription


def _demand_permission(topic: Topic, account: str, endpoint: str, protocol: str) -> None:
    context = {"sns:Endpoint": endpoint, "sns:Protocol": protocol}
    request = request_of(Principal(account=account), "sns:Subscribe", topic.arn, context)
    judgement = judge(topic.policy, request)
    if not judgement.allowed:
        message = f"account {account} is not authorized to perform: SNS:Subscribe on resource: {topic.arn}"
        raise AwsError("AuthorizationError", f"{message} ({judgement.reason})", 403)


def _ask_for_confirmation(app: Emulator, subscription: Subscription) -> None:
    token = secrets.token_hex(128)
    subscription.attributes |= {"PendingConfirmation": True, "ConfirmationWasAuthenticated": False}
    subscription.token = token  # type: ignore[attr-defined]
    topic = subscription.topic
    try:
        if subscription.protocol != "sqs":
            raise Undeliverable("UNSUPPORTED", f"no confirmation can be sent by {subscription.protocol}")
        text = confirmation(subscription, token)
        deliver_to_queue(Sender(SERVICE, topic.arn, topic.account_id), subscription.endpoint, text)
    except Undeliverable as failure:
        app.dropped.record(topic.arn, subscription.endpoint, str(failure), "SubscriptionConfirmation")


def _answer_subscribe(call: ApiCall) -> Any:
    response = call.forward()
    if response.status_code >= 400 or call.parameter("ReturnSubscriptionArn"):
        return response
    topic = find_topic(call.parameter("TopicArn"))
    found = topic and topic.sns_backend._find_subscription(
        topic.arn, call.parameter("Endpoint"), call.parameter("Protocol")
    )
    pending = found and found.attributes.get("PendingConfirmation") is True
    return {"SubscriptionArn": "pending confirmation"} if pending else response


def _confirm(call: ApiCall) -> dict[str, Any]:
    topic = find_topic(call.parameter("TopicArn"))
    if topic is None:
        raise AwsError("NotFound", "Topic does not exist", 404)
    for subscription in topic.sns_backend.subscriptions.values():
        if getattr(subscription, "token", None) == call.parameter("Token"):
            subscription.attributes |= {"PendingConfirmation": False, "ConfirmationWasAuthenticated": True}
            return {"SubscriptionArn": subscription.arn}
    raise AwsError("InvalidParameter", "Invalid parameter: Token", 400)


def _unsubscribe(_: Any, backend: SNSBackend, subscription_arn: str) -> None:
    subscription = backend.subscriptions.pop(subscription_arn, None)
    if subscription is not None:
        for account in (subscription.account_id, subscription.topic.account_id):
            sns_backends[account][backend.region_name].subscriptions.pop(subscription_arn, None)


def _delete_topic_subscriptions(_: Any, backend: SNSBackend, topic: Topic) -> None:
    for subscription in [*backend.subscriptions.values()]:
        if subscription.topic is topic:
            _unsubscribe(None, backend, subscription.arn)
