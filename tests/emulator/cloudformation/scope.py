"""Where the names of a template get their values: parameters, pseudo parameters, the stack's resources, other stacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.ssm.models import ssm_backends

from .dependencies import check_references, in_order
from .functions import NO_VALUE, Resolver, Unknown
from .rules import check as check_rules
from .stack import Definition, Resource, Stack
from .template import validation_error

# Finds an export of the same account and Region by its name: the id of its stack, and its value.
Export = Callable[[str], tuple[str, str] | None]


def look_up_parameter(account: str, region: str) -> Callable[[str], str]:
    """A reader of Systems Manager's parameters."""

    def look_up(name: str) -> str:
        try:
            parameter = ssm_backends[account][region].get_parameter(name)
        except Exception as error:  # moto raises several kinds for a name it doesn't like
            raise validation_error(f"Unable to fetch parameter [{name}] from parameter store: {error}") from error
        if parameter is None:
            raise validation_error(f"Parameters [{name}] could not be found in parameter store.")
        return str(parameter.value)

    return look_up


class StackScope:
    """The scope of a definition on top of a stack's resources.

    A resource that isn't there yet has no value while the stack is made (that is an error), and an unknown one while
    changes are foretold.
    """

    def __init__(self, stack: Stack, definition: Definition, export: Export, foretelling: bool = False) -> None:
        self.parameters: dict[str, Any] = {
            "AWS::AccountId": stack.account,
            "AWS::NotificationARNs": stack.notification_arns,
            "AWS::Partition": "aws",
            "AWS::Region": stack.region,
            "AWS::StackId": stack.id,
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": NO_VALUE,
            **{name: parameter.value for name, parameter in definition.parameters.items()},
        }
        self.mappings: Mapping[str, Any] = definition.template.sections.get("Mappings") or {}
        self.conditions: Mapping[str, Any] = definition.template.conditions
        self.imports: set[str] = set()
        self.unknown: set[str] = set()
        self._stack = stack
        self._export = export
        self._foretelling = foretelling

    def resource_ref(self, logical_id: str) -> Any:
        """Ref of a resource."""
        resource = self._resource(logical_id)
        return resource if isinstance(resource, Unknown) else resource.ref

    def resource_attribute(self, logical_id: str, name: str) -> Any:
        """Fn::GetAtt of a resource."""
        resource = self._resource(logical_id)
        if isinstance(resource, Unknown):
            return resource
        try:
            return resource.attributes[name]
        except KeyError as error:
            message = f"Template error: resource {logical_id} does not support attribute type {name} in Fn::GetAtt"
            raise validation_error(message) from error

    def imported(self, name: str) -> str:
        """The value of an export of the same account and Region."""
        found = self._export(name)
        if found is None:
            raise validation_error(f"No export named {name} found.")
        self.imports.add(name)
        return found[1]

    def dynamic(self, service: str, reference: str) -> str:
        """A dynamic reference to a parameter of Systems Manager."""
        if service != "ssm":
            raise validation_error(f"the emulator has no dynamic references to {service}")
        return look_up_parameter(self._stack.account, self._stack.region)(reference.split(":")[0])

    def _resource(self, logical_id: str) -> Resource | Unknown:
        if logical_id in self._stack.resources and logical_id not in self.unknown:
            return self._stack.resources[logical_id]
        if self._foretelling:
            return Unknown(logical_id)
        raise validation_error(f"Template format error: Unresolved resource dependencies [{logical_id}]")


class Plan:
    """A definition seen in a scope: which resources are wanted, in which order."""

    def __init__(self, stack: Stack, definition: Definition, export: Export, foretelling: bool = False) -> None:
        self.scope = StackScope(stack, definition, export, foretelling)
        self.resolver = Resolver(self.scope)
        self.template = definition.template
        self.active = {
            name: resource
            for name, resource in self.template.resources.items()
            if "Condition" not in resource or self.resolver.condition(resource["Condition"])
        }
        check_references(self.template, self.active, self.resolver.condition)
        self.order = in_order(self.template, self.active, self.resolver.condition)
        check_rules(self.template, self.resolver, definition.parameters)

    def properties(self, logical_id: str) -> dict[str, Any]:
        """The resolved properties of a resource."""
        return self.resolver.resolve(self.active[logical_id].get("Properties") or {})

    def outputs(self) -> list[dict[str, Any]]:
        """The resolved outputs."""
        shown = []
        for name, output in self.template.outputs.items():
            if "Condition" in output and not self.resolver.condition(output["Condition"]):
                continue
            value = self.resolver.resolve(output["Value"])
            if isinstance(value, list | dict):
                raise validation_error(
                    f"Template format error: The Value field of Outputs.{name} must evaluate to a String."
                )
            text = str(value).lower() if isinstance(value, bool) else str(value)
            entry = {"OutputKey": name, "OutputValue": text}
            if output.get("Description"):
                entry["Description"] = output["Description"]
            if output.get("Export"):
                entry["ExportName"] = str(self.resolver.resolve(output["Export"]["Name"]))
            shown.append(entry)
        return shown
