"""A CloudFormation template, read and checked for its form.

AWS CloudFormation User Guide: "Template anatomy", "Resource attribute reference", "CloudFormation quotas".
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import yaml

from ..api_call import AwsError

LARGEST_BODY = 51_200  # bytes of a template in the request itself; larger ones come from S3
LARGEST_TEMPLATE = 1024 * 1024
MOST_RESOURCES = 500
VERSION = "2010-09-09"
SECTIONS = {
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Resources",
    "Outputs",
}
RESOURCE_ATTRIBUTES = {
    "Type",
    "Properties",
    "DependsOn",
    "Condition",
    "Metadata",
    "DeletionPolicy",
    "UpdateReplacePolicy",
}
POLICIES = {
    "DeletionPolicy": {"Delete", "Retain", "RetainExceptOnCreate"},
    "UpdateReplacePolicy": {"Delete", "Retain"},
}
LOGICAL_ID = re.compile(r"[A-Za-z0-9]{1,255}")
# The intrinsic functions that have a short form in YAML besides !Ref, !Condition and !GetAtt.
SHORT_FORMS = (
    "And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap", "GetAZs", "If",
    "ImportValue", "Join", "Not", "Or", "RefAll", "Select", "Split", "Sub", "ValueOf", "ValueOfAll",
)  # fmt: skip


def validation_error(message: str) -> AwsError:
    """What CloudFormation answers to a template or a request it can't take."""
    return AwsError("ValidationError", message, 400)


@dataclass(frozen=True)
class Template:
    """The sections of a template; `body` is its text."""

    body: str
    sections: dict[str, Any]

    @property
    def parameters(self) -> dict[str, Any]:
        """Declared parameters."""
        return self.sections.get("Parameters") or {}

    @property
    def conditions(self) -> dict[str, Any]:
        """Conditions."""
        return self.sections.get("Conditions") or {}

    @property
    def resources(self) -> dict[str, Any]:
        """Resources by logical id."""
        return self.sections["Resources"]

    @property
    def outputs(self) -> dict[str, Any]:
        """Outputs."""
        return self.sections.get("Outputs") or {}

    @property
    def types(self) -> list[str]:
        """The resource types, each once."""
        return sorted({resource["Type"] for resource in self.resources.values()})


# The parser in C where PyYAML comes with it: five times as fast.
class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML with CloudFormation's tags; dates stay text, and a key may be there only once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping without duplicate keys."""
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        duplicates = sorted({key for key in keys if keys.count(key) > 1})
        if duplicates:
            raise yaml.constructor.ConstructorError(None, None, f"duplicate keys {duplicates}", node.start_mark)
        return super().construct_mapping(node, deep)


Loader.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _construct_any(loader: Loader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)  # type: ignore[arg-type]


def _construct_short_form(loader: Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    value = _construct_any(loader, node)
    if name in ("Ref", "Condition"):
        return {name: value}
    if name == "GetAtt" and isinstance(value, str):
        return {"Fn::GetAtt": value.split(".", 1)}
    if name in SHORT_FORMS or name == "GetAtt":
        return {f"Fn::{name}": value}
    raise yaml.constructor.ConstructorError(None, None, f"unknown or unsupported function !{name}", node.start_mark)


Loader.add_multi_constructor("!", _construct_short_form)


def load(body: str) -> Template:
    """Read a template; raises the ValidationError that CloudFormation answers."""
    if len(body.encode()) > LARGEST_TEMPLATE:
        raise validation_error("Template may not exceed 1000000 bytes in size.")
    try:
        sections = json.loads(body) if body.lstrip().startswith("{") else yaml.load(body, Loader)
    except (ValueError, yaml.YAMLError) as error:
        raise validation_error(f"Template format error: not well-formed. ({error})") from error
    if not isinstance(sections, dict):
        raise validation_error("Template format error: unsupported structure.")
    _check_sections(sections)
    _check_resources(sections["Resources"])
    return Template(body, sections)


def _check_sections(sections: dict[str, Any]) -> None:
    if "Transform" in sections:
        raise AwsError("NotImplemented", f"the emulator runs no transforms ({sections['Transform']})", 501)
    unknown = sorted(set(sections) - SECTIONS)
    if unknown:
        raise validation_error(f"Invalid template property or properties [{', '.join(unknown)}]")
    if str(sections.get("AWSTemplateFormatVersion", VERSION)) != VERSION:
        raise validation_error("Template format error: Unsupported AWSTemplateFormatVersion.")
    for name in SECTIONS - {"AWSTemplateFormatVersion", "Description"}:
        if name in sections and not isinstance(sections[name], dict):
            raise validation_error(f"Template format error: {name} must be an object.")
    if not sections.get("Resources"):
        raise validation_error("Template format error: At least one Resources member must be defined.")
    if len(sections["Resources"]) > MOST_RESOURCES:
        raise validation_error(f"Template format error: Number of resources is greater than maximum {MOST_RESOURCES}")


def _check_resources(resources: dict[str, Any]) -> None:
    for name, resource in resources.items():
        if not LOGICAL_ID.fullmatch(str(name)):
            raise validation_error(f"Template format error: Resource name {name} is non alphanumeric.")
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            raise validation_error(
                f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
            )
        unknown = sorted(set(resource) - RESOURCE_ATTRIBUTES)
        if unknown:
            raise validation_error(
                f"Invalid template resource property '{unknown[0]}' (of {name}, or not there in the emulator)"
            )
        for attribute, allowed in POLICIES.items():
            if resource.get(attribute, "Delete") not in allowed:
                raise validation_error(
                    f"Template format error: Unrecognized {attribute} {resource[attribute]} for resource {name}"
                )
