"""AWS::CloudFormation::StackSet."""

from __future__ import annotations

import time
from typing import Any

from .base import Made, Making, ResourceFailed, ResourceType, ignoring, only, resource_type, tag_list

OF_THE_SET = ("Description", "AutoDeployment", "ManagedExecution", "Capabilities", "Parameters")


@resource_type
class StackSet(ResourceType):
    """A stack set with its instances; Ref is its id. It fails when an operation does."""

    name = "AWS::CloudFormation::StackSet"
    properties = (
        *OF_THE_SET,
        "CallAs",
        "OperationPreferences",
        "PermissionModel",
        "StackInstancesGroup",
        "StackSetName",
        "Tags",
        "TemplateBody",
        "TemplateURL",
    )
    required = ("PermissionModel", "StackSetName")
    replaced_by = ("CallAs", "PermissionModel", "StackSetName")
    name_property = "StackSetName"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateStackSet, then CreateStackInstances for each group."""
        named = only(properties, "StackSetName", "PermissionModel", "CallAs")
        identifier = making.call("cloudformation", "CreateStackSet", **named, **_definition(making, properties))[
            "StackSetId"
        ]
        made = Made(identifier, {"StackSetId": identifier})
        try:
            for group in properties.get("StackInstancesGroup", []):
                _operate(making, properties, "CreateStackInstances", **group)
        except ResourceFailed:
            # A resource that was not made leaves nothing behind.
            self.delete(making, made, properties)
            raise
        return made

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """UpdateStackSet, then instances that are no longer wanted go, and new ones come."""
        _operate(making, new, "UpdateStackSet", **_definition(making, new))
        before, after = (properties.get("StackInstancesGroup", []) for properties in (old, new))
        for group in _less(before, after):
            _operate(making, new, "DeleteStackInstances", RetainStacks=False, **group)
        for group in _less(after, before):
            _operate(making, new, "CreateStackInstances", **group)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteStackInstances of all groups, then DeleteStackSet."""
        gone = ("StackSetNotFoundException",)
        named = only(properties, "StackSetName", "CallAs")

        def remove() -> None:
            for group in properties.get("StackInstancesGroup", []):
                places = only(group, "DeploymentTargets", "Regions")
                _operate(making, properties, "DeleteStackInstances", RetainStacks=False, **places)
            making.call("cloudformation", "DeleteStackSet", **named)

        ignoring(gone, remove)


def _definition(making: Making, properties: dict[str, Any]) -> dict[str, Any]:
    tags = making.all_tags(properties.get("Tags"))
    return only(properties, *OF_THE_SET, "TemplateBody", "TemplateURL") | {"Tags": tag_list(tags)}


def _operate(making: Making, properties: dict[str, Any], operation: str, **parameters: Any) -> None:
    """Begin an operation of the stack set, and wait for its end."""
    named = only(properties, "StackSetName", "CallAs")
    preferences = properties.get("OperationPreferences")
    started = making.call("cloudformation", operation, **named, **parameters, OperationPreferences=preferences)[
        "OperationId"
    ]
    while True:
        found = making.call("cloudformation", "DescribeStackSetOperation", **named, OperationId=started)
        status = found["StackSetOperation"]["Status"]
        if status == "SUCCEEDED":
            return
        if status not in ("RUNNING", "QUEUED"):
            results = making.call("cloudformation", "ListStackSetOperationResults", **named, OperationId=started)
            reasons = [
                f"{one['Account']} in {one['Region']}: {one.get('StatusReason')}"
                for one in results["Summaries"]
                if one["Status"] == "FAILED"
            ]
            raise ResourceFailed(f"Operation {started} of the stack set ended {status}. {'; '.join(reasons)}")
        time.sleep(0.2)


def _less(groups: list[dict[str, Any]], others: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Places of these groups that the others lack, a group for each unit."""
    there = {place for group in others for place in _places(group)}
    wanted: dict[str, list[str]] = {}
    for group in groups:
        for unit, region in _places(group):
            if (unit, region) not in there:
                wanted.setdefault(unit, []).append(region)
    return [
        {"DeploymentTargets": {"OrganizationalUnitIds": [unit]}, "Regions": regions} for unit, regions in wanted.items()
    ]


def _places(group: dict[str, Any]) -> list[tuple[str, str]]:
    units = group["DeploymentTargets"].get("OrganizationalUnitIds", [])
    return [(unit, region) for unit in units for region in group["Regions"]]
