"""AWS::SNS::*."""

from __future__ import annotations

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
    tag_list,
)

GONE = ("NotFound", "NotFoundException")
TOPIC_ATTRIBUTES = {
    "DisplayName": "",
    "KmsMasterKeyId": "",
    "ContentBasedDeduplication": "false",
    "SignatureVersion": "1",
    "TracingConfig": "PassThrough",
}


@resource_type
class Topic(ResourceType):
    """A topic; Ref is its ARN."""

    name = "AWS::SNS::Topic"
    properties = ("TopicName", "FifoTopic", "Subscription", "Tags", *TOPIC_ATTRIBUTES)
    replaced_by = ("TopicName", "FifoTopic")
    name_property = "TopicName"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateTopic, which would take an existing topic for the new one."""
        is_fifo = str(properties.get("FifoTopic", "")).lower() == "true"
        name = properties.get("TopicName") or making.name(251) + (".fifo" if is_fifo else "")
        arn = f"arn:aws:sns:{making.region}:{making.account}:{name}"
        try:
            making.call("sns", "GetTopicAttributes", TopicArn=arn)
        except ServiceRefused as refused:
            if refused.code not in GONE:
                raise
        else:
            raise ResourceFailed(f"Resource of type 'AWS::SNS::Topic' with identifier '{arn}' already exists.")
        attributes = {key: _text(properties[key]) for key in TOPIC_ATTRIBUTES if key in properties}
        if is_fifo:
            attributes["FifoTopic"] = "true"
        tags = tag_list(making.all_tags(properties.get("Tags")))
        making.call("sns", "CreateTopic", Name=name, Attributes=attributes, Tags=tags)
        for subscription in properties.get("Subscription") or []:
            making.call("sns", "Subscribe", TopicArn=arn, **subscription)
        return Made(arn, {"TopicArn": arn, "TopicName": name})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Set the attributes that changed; subscriptions and tags anew."""
        for key in changed_properties(old, new) & set(TOPIC_ATTRIBUTES):
            value = _text(new[key]) if key in new else TOPIC_ATTRIBUTES[key]
            making.call("sns", "SetTopicAttributes", TopicArn=made.physical_id, AttributeName=key, AttributeValue=value)
        for subscription in new.get("Subscription") or []:
            making.call("sns", "Subscribe", TopicArn=made.physical_id, **subscription)
        before = making.call("sns", "ListTagsForResource", ResourceArn=made.physical_id)["Tags"]
        after = making.all_tags(new.get("Tags"))
        gone = [tag["Key"] for tag in before if tag["Key"] not in after]
        if gone:
            making.call("sns", "UntagResource", ResourceArn=made.physical_id, TagKeys=gone)
        if after:
            making.call("sns", "TagResource", ResourceArn=made.physical_id, Tags=tag_list(after))
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteTopic."""
        ignoring(GONE, lambda: making.call("sns", "DeleteTopic", TopicArn=made.physical_id))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@resource_type
class TopicPolicy(ResourceType):
    """The policy of one or more topics."""

    name = "AWS::SNS::TopicPolicy"
    properties = ("Topics", "PolicyDocument")
    required = ("Topics", "PolicyDocument")

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """Set the policy."""
        for topic in properties["Topics"]:
            self._put(making, topic, document(properties["PolicyDocument"]) or "")
        identifier = making.name(80)
        return Made(identifier, {"Id": identifier})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Set the new one, and the default policy where it is no longer named."""
        for topic in new["Topics"]:
            self._put(making, topic, document(new["PolicyDocument"]) or "")
        for topic in old["Topics"]:
            if topic not in new["Topics"]:
                self._restore(making, topic)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """Set the default policy."""
        for topic in properties["Topics"]:
            self._restore(making, topic)

    @staticmethod
    def _put(making: Making, topic: str, policy: str) -> None:
        making.call("sns", "SetTopicAttributes", TopicArn=topic, AttributeName="Policy", AttributeValue=policy)

    def _restore(self, making: Making, topic: str) -> None:
        """The policy of a new topic: its account may do everything."""
        actions = ["Publish", "Subscribe", "GetTopicAttributes", "SetTopicAttributes", "AddPermission"]
        actions += ["RemovePermission", "DeleteTopic", "ListSubscriptionsByTopic"]
        statement = {
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": [f"SNS:{action}" for action in actions],
            "Resource": topic,
            "Condition": {"StringEquals": {"AWS:SourceOwner": making.account}},
        }
        policy = document({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]})
        ignoring(GONE, lambda: self._put(making, topic, policy or ""))


@resource_type
class Subscription(ResourceType):
    """A subscription, in the topic's Region; Ref is its ARN."""

    name = "AWS::SNS::Subscription"
    attributes = (
        "RawMessageDelivery",
        "FilterPolicyScope",
        "FilterPolicy",
        "RedrivePolicy",
        "DeliveryPolicy",
        "SubscriptionRoleArn",
    )
    properties = ("TopicArn", "Protocol", "Endpoint", "Region", *attributes)
    required = ("TopicArn", "Protocol")
    replaced_by = ("TopicArn", "Protocol", "Endpoint")

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """Subscribe."""
        given = {key: self._text(properties[key]) for key in self.attributes if key in properties}
        arn = making.call(
            "sns",
            "Subscribe",
            properties.get("Region"),
            TopicArn=properties["TopicArn"],
            Protocol=properties["Protocol"],
            Endpoint=properties.get("Endpoint"),
            Attributes=given,
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        return Made(arn, {"Arn": arn})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Set the attributes that changed, the scope of a filter before the filter."""
        for key in self.attributes:
            if key in changed_properties(old, new):
                value = self._text(new[key]) if key in new else ("false" if key == "RawMessageDelivery" else "")
                arguments = {"SubscriptionArn": made.physical_id, "AttributeName": key, "AttributeValue": value}
                making.call("sns", "SetSubscriptionAttributes", new.get("Region"), **arguments)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """Unsubscribe."""
        region = properties.get("Region")
        ignoring(GONE, lambda: making.call("sns", "Unsubscribe", region, SubscriptionArn=made.physical_id))

    @staticmethod
    def _text(value: Any) -> str:
        return (document(value) or "") if isinstance(value, dict) else _text(value)
