"""AWS::Events::*."""

from __future__ import annotations

import json
from typing import Any

from .base import (
    Made,
    Making,
    ResourceFailed,
    ResourceType,
    ServiceRefused,
    document,
    ignoring,
    only,
    resource_type,
    tag_list,
)

GONE = ("ResourceNotFoundException",)


@resource_type
class EventBus(ResourceType):
    """An event bus; Ref is its name."""

    name = "AWS::Events::EventBus"
    properties = ("Name", "Description", "KmsKeyIdentifier", "DeadLetterConfig", "EventSourceName", "Policy", "Tags")
    required = ("Name",)
    replaced_by = ("Name", "EventSourceName")
    name_property = "Name"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateEventBus, and its policy."""
        settings = only(properties, "Name", "Description", "KmsKeyIdentifier", "DeadLetterConfig", "EventSourceName")
        tags = tag_list(making.all_tags(properties.get("Tags")))
        arn = making.call("events", "CreateEventBus", Tags=tags, **settings)["EventBusArn"]
        if properties.get("Policy"):
            policy = document(properties["Policy"])
            making.call("events", "PutPermission", EventBusName=properties["Name"], Policy=policy)
        return Made(properties["Name"], {"Arn": arn, "Name": properties["Name"], "Policy": properties.get("Policy")})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """UpdateEventBus; the policy anew."""
        settings = only(new, "Description", "KmsKeyIdentifier", "DeadLetterConfig")
        making.call("events", "UpdateEventBus", Name=made.physical_id, **settings)
        if new.get("Policy"):
            making.call("events", "PutPermission", EventBusName=made.physical_id, Policy=document(new["Policy"]))
        elif old.get("Policy"):
            making.call("events", "RemovePermission", EventBusName=made.physical_id, RemoveAllPermissions=True)
        making.call(
            "events", "TagResource", ResourceARN=made.attributes["Arn"], Tags=tag_list(making.all_tags(new.get("Tags")))
        )
        return Made(made.physical_id, made.attributes | {"Policy": new.get("Policy")})

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteEventBus."""
        ignoring(GONE, lambda: making.call("events", "DeleteEventBus", Name=made.physical_id))


@resource_type
class EventBusPolicy(ResourceType):
    """One statement of a bus's policy."""

    name = "AWS::Events::EventBusPolicy"
    properties = ("EventBusName", "StatementId", "Statement", "Action", "Principal", "Condition")
    required = ("StatementId",)
    replaced_by = ("EventBusName", "StatementId")

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """Add the statement to those that are there."""
        self._put(making, properties)
        return Made(
            f"{properties.get('EventBusName', 'default')}|{properties['StatementId']}", {}, properties["StatementId"]
        )

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Put the statement in the place of the old one."""
        self._put(making, new)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """Remove the statement."""
        bus = properties.get("EventBusName", "default")
        arguments = {"EventBusName": bus, "StatementId": properties["StatementId"]}
        ignoring(GONE, lambda: making.call("events", "RemovePermission", **arguments))

    @staticmethod
    def _put(making: Making, properties: dict[str, Any]) -> None:
        bus = properties.get("EventBusName", "default")
        if "Statement" not in properties:
            details = only(properties, "StatementId", "Action", "Principal", "Condition")
            making.call("events", "PutPermission", EventBusName=bus, **details)
            return
        policy = making.call("events", "DescribeEventBus", Name=bus).get("Policy")
        statements = json.loads(policy)["Statement"] if policy else []
        kept = [statement for statement in statements if statement.get("Sid") != properties["StatementId"]]
        added = {"Sid": properties["StatementId"], **properties["Statement"]}
        whole = json.dumps({"Version": "2012-10-17", "Statement": [*kept, added]})
        making.call("events", "PutPermission", EventBusName=bus, Policy=whole)


@resource_type
class Rule(ResourceType):
    """A rule with its targets; Ref is its name, after that of its bus if that isn't the default one."""

    name = "AWS::Events::Rule"
    settings = ("Description", "EventPattern", "ScheduleExpression", "State", "RoleArn", "EventBusName")
    properties = ("Name", "Targets", "Tags", *settings)
    replaced_by = ("Name", "EventBusName")
    name_property = "Name"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """PutRule, which would take an existing rule for the new one, and PutTargets."""
        name = properties.get("Name") or making.name()
        bus = properties.get("EventBusName")
        try:
            making.call("events", "DescribeRule", Name=name, EventBusName=bus)
        except ServiceRefused as refused:
            if refused.code not in GONE:
                raise
        else:
            raise ResourceFailed(f"{name} already exists on the event bus")
        arn = self._put(making, name, properties)
        self._put_targets(making, name, bus, properties.get("Targets") or [])
        short = (bus or "default").rsplit("/", 1)[-1]
        reference = name if short == "default" else f"{short}|{name}"
        return Made(name, {"Arn": arn}, reference)

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """PutRule; targets anew, and those that are no longer named removed."""
        self._put(making, made.physical_id, new)
        kept = {target["Id"] for target in new.get("Targets") or []}
        gone = [target["Id"] for target in old.get("Targets") or [] if target["Id"] not in kept]
        if gone:
            arguments = {"Rule": made.physical_id, "EventBusName": new.get("EventBusName"), "Ids": gone}
            making.call("events", "RemoveTargets", **arguments)
        self._put_targets(making, made.physical_id, new.get("EventBusName"), new.get("Targets") or [])
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """Remove the targets, then the rule."""
        where = {"EventBusName": properties.get("EventBusName")}

        def delete() -> None:
            targets = making.call("events", "ListTargetsByRule", Rule=made.physical_id, **where)["Targets"]
            if targets:
                ids = [target["Id"] for target in targets]
                making.call("events", "RemoveTargets", Rule=made.physical_id, Ids=ids, **where)
            making.call("events", "DeleteRule", Name=made.physical_id, **where)

        ignoring(GONE, delete)

    def _put(self, making: Making, name: str, properties: dict[str, Any]) -> str:
        settings = only(properties, *self.settings)
        if "EventPattern" in settings:
            settings["EventPattern"] = document(settings["EventPattern"])
        tags = tag_list(making.all_tags(properties.get("Tags")))
        return making.call("events", "PutRule", Name=name, Tags=tags, **settings)["RuleArn"]

    @staticmethod
    def _put_targets(making: Making, name: str, bus: str | None, targets: list[dict[str, Any]]) -> None:
        if targets:
            answer = making.call("events", "PutTargets", Rule=name, EventBusName=bus, Targets=targets)
            if answer["FailedEntryCount"]:
                raise ResourceFailed(f"targets failed: {answer['FailedEntries']}")


@resource_type
class Archive(ResourceType):
    """An archive of a bus; Ref is its name."""

    name = "AWS::Events::Archive"
    properties = ("ArchiveName", "SourceArn", "Description", "EventPattern", "RetentionDays")
    required = ("SourceArn",)
    replaced_by = ("ArchiveName", "SourceArn")
    name_property = "ArchiveName"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateArchive."""
        name = properties.get("ArchiveName") or making.name(48)
        answer = making.call(
            "events",
            "CreateArchive",
            ArchiveName=name,
            EventSourceArn=properties["SourceArn"],
            **self._settings(properties),
        )
        return Made(name, {"Arn": answer["ArchiveArn"], "ArchiveName": name})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """UpdateArchive."""
        making.call("events", "UpdateArchive", ArchiveName=made.physical_id, **self._settings(new))
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteArchive."""
        ignoring(GONE, lambda: making.call("events", "DeleteArchive", ArchiveName=made.physical_id))

    @staticmethod
    def _settings(properties: dict[str, Any]) -> dict[str, Any]:
        settings = only(properties, "Description", "RetentionDays")
        return settings | {"EventPattern": document(properties.get("EventPattern"))}
