"""AWS::Oam::*."""

from __future__ import annotations

from typing import Any

from .base import Made, Making, ResourceType, document, ignoring, resource_type

GONE = ("ResourceNotFoundException",)


@resource_type
class Sink(ResourceType):
    """A sink; Ref is its ARN."""

    name = "AWS::Oam::Sink"
    properties = ("Name", "Policy", "Tags")
    required = ("Name",)
    replaced_by = ("Name",)
    name_property = "Name"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateSink, and its policy."""
        tags = making.all_tags(properties.get("Tags"))
        arn = making.call("oam", "CreateSink", Name=properties["Name"], Tags=tags)["Arn"]
        made = Made(arn, {"Arn": arn})
        return self.update(making, made, {}, properties)

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """PutSinkPolicy."""
        policy = document(new.get("Policy"))
        if policy is not None:
            making.call("oam", "PutSinkPolicy", SinkIdentifier=made.physical_id, Policy=policy)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteSink."""
        ignoring(GONE, lambda: making.call("oam", "DeleteSink", Identifier=made.physical_id))


@resource_type
class Link(ResourceType):
    """A link; Ref is its ARN."""

    name = "AWS::Oam::Link"
    properties = ("LabelTemplate", "LinkConfiguration", "ResourceTypes", "SinkIdentifier", "Tags")
    required = ("ResourceTypes", "SinkIdentifier")
    replaced_by = ("LabelTemplate", "SinkIdentifier")

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateLink."""
        given = {"LabelTemplate": "$AccountName"} | properties | {"Tags": making.all_tags(properties.get("Tags"))}
        made = making.call("oam", "CreateLink", **given)
        return Made(made["Arn"], {name: made[name] for name in ("Arn", "Label")})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """UpdateLink."""
        changed = {name: new[name] for name in ("ResourceTypes", "LinkConfiguration") if name in new}
        making.call("oam", "UpdateLink", Identifier=made.physical_id, **changed)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteLink."""
        ignoring(GONE, lambda: making.call("oam", "DeleteLink", Identifier=made.physical_id))
