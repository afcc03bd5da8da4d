"""AWS::SQS::*."""

from __future__ import annotations

import json
from typing import Any

from .base import (
    Made,
    Making,
    ResourceFailed,
    ResourceType,
    ServiceRefused,
    changed_properties,
    document,
    ignoring,
    resource_type,
)

GONE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
# Attributes and the values they have when a template doesn't name them.
DEFAULTS = {
    "DelaySeconds": "0",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "VisibilityTimeout": "30",
    "KmsMasterKeyId": "",
    "KmsDataKeyReusePeriodSeconds": "300",
    "SqsManagedSseEnabled": "true",
    "RedrivePolicy": "",
    "RedriveAllowPolicy": "",
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "FifoThroughputLimit": "perQueue",
}
FIFO_ONLY = ("ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit")


@resource_type
class Queue(ResourceType):
    """A queue; Ref is its URL."""

    name = "AWS::SQS::Queue"
    properties = ("QueueName", "FifoQueue", "Tags", *DEFAULTS)
    replaced_by = ("QueueName", "FifoQueue")
    name_property = "QueueName"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateQueue, which would take an existing queue for the new one."""
        is_fifo = str(properties.get("FifoQueue", "")).lower() == "true"
        name = properties.get("QueueName") or making.name(75) + (".fifo" if is_fifo else "")
        try:
            making.call("sqs", "GetQueueUrl", QueueName=name)
        except ServiceRefused as refused:
            if refused.code not in GONE:
                raise
        else:
            raise ResourceFailed(f"Resource of type 'AWS::SQS::Queue' with identifier '{name}' already exists.")
        attributes = {key: _text(properties[key]) for key in DEFAULTS if key in properties}
        if is_fifo:
            attributes["FifoQueue"] = "true"
        tags = making.all_tags(properties.get("Tags"))
        url = making.call("sqs", "CreateQueue", QueueName=name, Attributes=attributes, tags=tags)["QueueUrl"]
        return _made(making, name, url)

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """SetQueueAttributes; an attribute that is no longer named goes back to its default."""
        changed = changed_properties(old, new) - {"Tags"}
        attributes = {key: _text(new[key]) if key in new else DEFAULTS[key] for key in changed}
        if attributes:
            making.call("sqs", "SetQueueAttributes", QueueUrl=made.physical_id, Attributes=attributes)
        before = making.call("sqs", "ListQueueTags", QueueUrl=made.physical_id).get("Tags", {})
        after = making.all_tags(new.get("Tags"))
        if set(before) - set(after):
            making.call("sqs", "UntagQueue", QueueUrl=made.physical_id, TagKeys=sorted(set(before) - set(after)))
        if after:
            making.call("sqs", "TagQueue", QueueUrl=made.physical_id, Tags=after)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteQueue."""
        ignoring(GONE, lambda: making.call("sqs", "DeleteQueue", QueueUrl=made.physical_id))


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _made(making: Making, name: str, url: str) -> Made:
    arn = f"arn:aws:sqs:{making.region}:{making.account}:{name}"
    return Made(url, {"Arn": arn, "QueueName": name, "QueueUrl": url})


@resource_type
class QueuePolicy(ResourceType):
    """The policy of one or more queues."""

    name = "AWS::SQS::QueuePolicy"
    properties = ("Queues", "PolicyDocument")
    required = ("Queues", "PolicyDocument")

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """Set the policy."""
        self._put(making, properties["Queues"], document(properties["PolicyDocument"]) or "")
        identifier = making.name(80)
        return Made(identifier, {"Id": identifier})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Set the new one, and take it from queues that are no longer named."""
        self._put(making, new["Queues"], document(new["PolicyDocument"]) or "")
        self._put(making, [queue for queue in old["Queues"] if queue not in new["Queues"]], "")
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """Take the policy away."""
        self._put(making, properties["Queues"], "")

    @staticmethod
    def _put(making: Making, queues: list[str], policy: str) -> None:
        for queue in queues:
            attributes = {"Policy": policy}

            def put(url: str = queue, attributes: dict[str, str] = attributes) -> None:
                making.call("sqs", "SetQueueAttributes", QueueUrl=url, Attributes=attributes)

            if policy:
                put()
            else:
                ignoring(GONE, put)
