"""AWS::Scheduler::*."""

from __future__ import annotations

from typing import Any

from .base import Made, Making, ResourceType, ignoring, only, resource_type, tag_list

GONE = ("ResourceNotFoundException",)
SETTINGS = (
    "GroupName",
    "Description",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "EndDate",
    "FlexibleTimeWindow",
    "State",
    "Target",
    "KmsKeyArn",
)


@resource_type
class Schedule(ResourceType):
    """A schedule; Ref is its name."""

    name = "AWS::Scheduler::Schedule"
    properties = ("Name", *SETTINGS)
    required = ("ScheduleExpression", "FlexibleTimeWindow", "Target")
    replaced_by = ("Name", "GroupName")
    name_property = "Name"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateSchedule."""
        name = properties.get("Name") or making.name(64)
        arn = making.call("scheduler", "CreateSchedule", Name=name, **only(properties, *SETTINGS))["ScheduleArn"]
        return Made(name, {"Arn": arn})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """UpdateSchedule replaces everything."""
        making.call("scheduler", "UpdateSchedule", Name=made.physical_id, **only(new, *SETTINGS))
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteSchedule."""
        group = properties.get("GroupName")
        ignoring(GONE, lambda: making.call("scheduler", "DeleteSchedule", Name=made.physical_id, GroupName=group))


@resource_type
class ScheduleGroup(ResourceType):
    """A schedule group; Ref is its name."""

    name = "AWS::Scheduler::ScheduleGroup"
    properties = ("Name", "Tags")
    replaced_by = ("Name",)
    name_property = "Name"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateScheduleGroup."""
        name = properties.get("Name") or making.name(64)
        tags = tag_list(making.all_tags(properties.get("Tags")))
        arn = making.call("scheduler", "CreateScheduleGroup", Name=name, Tags=tags)["ScheduleGroupArn"]
        return Made(name, {"Arn": arn})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Tags anew."""
        tags = tag_list(making.all_tags(new.get("Tags")))
        making.call("scheduler", "TagResource", ResourceArn=made.attributes["Arn"], Tags=tags)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteScheduleGroup."""
        ignoring(GONE, lambda: making.call("scheduler", "DeleteScheduleGroup", Name=made.physical_id))
