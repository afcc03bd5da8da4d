"""The operations that look at stacks, templates and change sets."""

from __future__ import annotations

import json
from typing import Any

from ..api_call import ApiCall, AwsError
from .parameters import text_of
from .stack import Stack
from .stacks import IAM_NAMES, IAM_TYPES, Stacks
from .template import Template, validation_error

PAGE = 100


class Queries:
    """They change nothing (but for the termination protection)."""

    def __init__(self, stacks: Stacks) -> None:
        self._stacks = stacks

    def describe_stacks(self, call: ApiCall) -> dict[str, Any]:
        """DescribeStacks: one, or all that aren't deleted."""
        if call.parameter("StackName"):
            return {"Stacks": [self._demand(call).describe()]}
        present = [stack for stack in self._stacks.of(call) if stack.status != "DELETE_COMPLETE"]
        return _page(call, "Stacks", [stack.describe() for stack in present[::-1]])

    def list_stacks(self, call: ApiCall) -> dict[str, Any]:
        """ListStacks, deleted ones included."""
        wanted = call.parameter("StackStatusFilter", [])
        found = [stack.summarize() for stack in self._stacks.of(call) if not wanted or stack.status in wanted]
        return _page(call, "StackSummaries", found[::-1])

    def describe_stack_events(self, call: ApiCall) -> dict[str, Any]:
        """DescribeStackEvents, the newest first."""
        return _page(call, "StackEvents", self._demand(call).events[::-1])

    def describe_stack_resources(self, call: ApiCall) -> dict[str, Any]:
        """DescribeStackResources."""
        stack, wanted = self._demand(call), call.parameter("LogicalResourceId")
        found = [resource for name, resource in stack.resources.items() if wanted in (None, name)]
        return {"StackResources": [resource.describe(stack) for resource in found]}

    def describe_stack_resource(self, call: ApiCall) -> dict[str, Any]:
        """DescribeStackResource."""
        stack, wanted = self._demand(call), call.parameter("LogicalResourceId")
        if wanted not in stack.resources:
            raise validation_error(f"Resource {wanted} does not exist for stack {stack.name}")
        return {"StackResourceDetail": stack.resources[wanted].describe(stack)}

    def list_stack_resources(self, call: ApiCall) -> dict[str, Any]:
        """ListStackResources."""
        stack = self._demand(call)
        return _page(
            call, "StackResourceSummaries", [resource.describe(stack) for resource in stack.resources.values()]
        )

    def get_template(self, call: ApiCall) -> dict[str, Any]:
        """GetTemplate, of a stack or of a change set."""
        if call.parameter("ChangeSetName"):
            definition = self._stacks.demand_change_set(call).definition
        else:
            definition = self._demand(call).definition
        if definition is None:
            raise validation_error(f"Stack with id {call.parameter('StackName')} has no template yet")
        return {"TemplateBody": definition.template.body, "StagesAvailable": ["Original", "Processed"]}

    def get_template_summary(self, call: ApiCall) -> dict[str, Any]:
        """GetTemplateSummary, of a stack or of a template."""
        definition = self._demand(call).definition if call.parameter("StackName") else None
        template = definition.template if definition else self._stacks.template_of(call)
        summary = _summary(template)
        parameters = []
        for name, declaration in template.parameters.items():
            shown = _declared(name, declaration) | {"ParameterType": declaration.get("Type", "String")}
            if "AllowedValues" in declaration:
                shown["ParameterConstraints"] = {
                    "AllowedValues": [text_of(value) for value in declaration["AllowedValues"]]
                }
            parameters.append(shown)
        summary |= {"Parameters": parameters, "ResourceTypes": template.types, "Version": "2010-09-09"}
        if "Metadata" in template.sections:
            summary["Metadata"] = json.dumps(template.sections["Metadata"])
        return summary

    def validate_template(self, call: ApiCall) -> dict[str, Any]:
        """ValidateTemplate: its form only, as AWS does."""
        template = self._stacks.template_of(call)
        parameters = [_declared(name, declaration) for name, declaration in template.parameters.items()]
        return _summary(template) | {"Parameters": parameters}

    def describe_change_set(self, call: ApiCall) -> dict[str, Any]:
        """DescribeChangeSet."""
        return self._stacks.demand_change_set(call).describe()

    def list_change_sets(self, call: ApiCall) -> dict[str, Any]:
        """ListChangeSets."""
        found = self._stacks.change_sets_of(self._demand(call))
        return _page(call, "Summaries", [change_set.summarize() for change_set in found])

    def list_exports(self, call: ApiCall) -> dict[str, Any]:
        """ListExports."""
        return _page(call, "Exports", self._stacks.exports(call.account, call.region))

    def list_imports(self, call: ApiCall) -> dict[str, Any]:
        """ListImports."""
        name = call.parameter("ExportName")
        found = self._stacks.importers(call, name)
        if not found:
            raise validation_error(f"Export '{name}' is not imported by any stack.")
        return _page(call, "Imports", found)

    def update_termination_protection(self, call: ApiCall) -> dict[str, Any]:
        """UpdateTerminationProtection."""
        stack = self._demand(call)
        stack.protected = bool(call.parameter("EnableTerminationProtection"))
        return {"StackId": stack.id}

    def _demand(self, call: ApiCall) -> Stack:
        return self._stacks.demand(call, call.parameter("StackName"))


def _declared(name: str, declaration: dict[str, Any]) -> dict[str, Any]:
    shown = {"ParameterKey": name, "NoEcho": str(declaration.get("NoEcho", False)).lower() == "true"}
    if "Default" in declaration:
        shown["DefaultValue"] = text_of(declaration["Default"])
    if "Description" in declaration:
        shown["Description"] = declaration["Description"]
    return shown


def _summary(template: Template) -> dict[str, Any]:
    iam = [resource for resource in template.resources.values() if IAM_TYPES.fullmatch(resource["Type"])]
    summary: dict[str, Any] = {"Description": template.sections.get("Description", "")}
    if iam:
        named = any(name in (resource.get("Properties") or {}) for resource in iam for name in IAM_NAMES)
        kinds = ", ".join(sorted({resource["Type"] for resource in iam}))
        summary["Capabilities"] = ["CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"]
        summary["CapabilitiesReason"] = f"The following resource(s) require capabilities: [{kinds}]"
    return summary


def _page(call: ApiCall, member: str, items: list[Any]) -> dict[str, Any]:
    begin = int(call.parameter("NextToken", 0))
    answer: dict[str, Any] = {member: items[begin : begin + PAGE]}
    if begin + PAGE < len(items):
        answer["NextToken"] = str(begin + PAGE)
    return answer


def refuse(call: ApiCall) -> None:
    """Whatever CloudFormation has and the emulator hasn't: moto's own would leave out resources without a word."""
    raise AwsError("NotImplemented", f"the emulator has no cloudformation:{call.operation}", 501)
