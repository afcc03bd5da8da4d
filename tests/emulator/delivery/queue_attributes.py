"""Attributes of queues that moto loses: the policy when others are set, and the policy of a dead-letter queue.

Amazon SQS API Reference, "SetQueueAttributes" (RedriveAllowPolicy).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.sqs.models import Queue

from ..api_call import AwsError

if TYPE_CHECKING:
    from ..hooks import Hooks


def install(hooks: Hooks) -> None:
    """Keep, show and obey them."""
    hooks.wrap(Queue, "_set_attributes", _set_attributes)
    hooks.wrap(Queue, "_setup_dlq", _set_dead_letter_queue)
    Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]


def _set_attributes(original: Any, queue: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
    policy = vars(queue).get("_policy_json")
    allowed = vars(queue).get("redrive_allow_policy")
    original(queue, attributes, now)
    if policy is not None and "Policy" not in attributes:
        queue._policy_json = policy
    given = attributes.get("RedriveAllowPolicy", allowed)
    queue.redrive_allow_policy = json.dumps(given) if isinstance(given, dict) else (given or None)  # type: ignore[attr-defined]


def _set_dead_letter_queue(original: Any, queue: Queue, policy: Any) -> None:
    original(queue, policy)
    letters = queue.dead_letter_queue
    allow = getattr(letters, "redrive_allow_policy", None)
    if letters is None or not allow:
        return
    rule = json.loads(allow)
    permission = rule.get("redrivePermission", "allowAll")
    if permission == "denyAll" or (permission == "byQueue" and queue.queue_arn not in rule.get("sourceQueueArns", [])):
        queue.redrive_policy, queue.dead_letter_queue = None, None
        message = f"Queue {queue.queue_arn} is not allowed to use {letters.queue_arn} as its dead-letter queue."
        raise AwsError("InvalidParameterValue", f"{message} (RedriveAllowPolicy: {permission})", 400)
