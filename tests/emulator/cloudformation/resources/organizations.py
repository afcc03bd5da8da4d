"""AWS::Organizations::ResourcePolicy; other types of Organizations aren't there."""

from __future__ import annotations

from typing import Any

from .base import (
    Made,
    Making,
    ResourceFailed,
    ResourceType,
    ServiceRefused,
    document,
    ignoring,
    resource_type,
    tag_list,
)

GONE = "ResourcePolicyNotFoundException"


@resource_type
class ResourcePolicy(ResourceType):
    """The delegation policy of an Organization, which has one at the most; Ref is its id.

    An existing policy isn't taken over: AWS's handler asks for it first, and fails.
    """

    name = "AWS::Organizations::ResourcePolicy"
    properties = ("Content", "Tags")
    required = ("Content",)

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """PutResourcePolicy, when there is none."""
        try:
            making.call("organizations", "DescribeResourcePolicy")
        except ServiceRefused as refused:
            if refused.code != GONE:
                raise
        else:
            raise ResourceFailed("There is already a ResourcePolicy in the Organization!")
        tags = tag_list(making.all_tags(properties.get("Tags")))
        return self._put(making, properties, Tags=tags or None)

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """PutResourcePolicy; tags by operations of their own."""
        self._put(making, new)
        before, after = making.all_tags(old.get("Tags")), making.all_tags(new.get("Tags"))
        gone = sorted(set(before) - set(after))
        if gone:
            making.call("organizations", "UntagResource", ResourceId=made.physical_id, TagKeys=gone)
        if after:
            making.call("organizations", "TagResource", ResourceId=made.physical_id, Tags=tag_list(after))
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteResourcePolicy."""
        ignoring((GONE,), lambda: making.call("organizations", "DeleteResourcePolicy"))

    @staticmethod
    def _put(making: Making, properties: dict[str, Any], **tags: Any) -> Made:
        content = document(properties["Content"])
        answer = making.call("organizations", "PutResourcePolicy", Content=content, **tags)
        summary = answer["ResourcePolicy"]["ResourcePolicySummary"]
        return Made(summary["Id"], {"Id": summary["Id"], "Arn": summary["Arn"]})
