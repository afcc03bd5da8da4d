"""What a resource depends on, and the order that follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .functions import VARIABLE
from .template import Template, validation_error

PSEUDO = {
    "AWS::AccountId",
    "AWS::NotificationARNs",
    "AWS::NoValue",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
}


def references(value: Any, holds: Callable[[str], bool]) -> Iterator[str]:
    """Every name that a value refers to; of an Fn::If only the branch that is taken."""
    if isinstance(value, list):
        for item in value:
            yield from references(item, holds)
    elif isinstance(value, dict):
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name == "Ref":
                yield str(argument)
                return
            if name == "Fn::GetAtt":
                yield argument.split(".", 1)[0] if isinstance(argument, str) else str(argument[0])
                return
            if name == "Fn::If":
                yield from references(argument[1 if holds(argument[0]) else 2], holds)
                return
            if name == "Fn::Sub":
                yield from _of_sub(argument, holds)
                return
        for item in value.values():
            yield from references(item, holds)


def _of_sub(argument: Any, holds: Callable[[str], bool]) -> Iterator[str]:
    template, own = (argument, {}) if isinstance(argument, str) else argument
    yield from references(list(own.values()), holds)
    for match in VARIABLE.finditer(template):
        name = match[1].strip().split(".", 1)[0]
        if not name.startswith("!") and match[1].strip() not in own:
            yield name


def check_references(template: Template, active: Mapping[str, Any], holds: Callable[[str], bool]) -> None:
    """Raise unless every name that is used is a parameter, a pseudo parameter or a resource that is made."""
    known = PSEUDO | set(template.parameters) | set(active)
    sections = {"Resources": {name: resource.get("Properties") for name, resource in active.items()}}
    sections["Outputs"] = {
        name: output.get("Value")
        for name, output in template.outputs.items()
        if "Condition" not in output or holds(output["Condition"])
    }
    for section, values in sections.items():
        unresolved = sorted({name for name in references(values, holds) if name not in known})
        if unresolved:
            names = ", ".join(unresolved)
            raise validation_error(
                f"Template format error: Unresolved resource dependencies [{names}] in the {section} block of the template"
            )


def dependencies(resource: dict[str, Any], active: Mapping[str, Any], holds: Callable[[str], bool]) -> set[str]:
    """The resources that have to be there before this one; DependsOn on one that isn't made counts for nothing."""
    explicit = resource.get("DependsOn") or []
    names = {explicit} if isinstance(explicit, str) else set(explicit)
    return {name for name in names | set(references(resource.get("Properties"), holds)) if name in active}


def in_order(template: Template, active: Mapping[str, Any], holds: Callable[[str], bool]) -> list[str]:
    """The resources in an order in which each comes after all it depends on; raises when there is none."""
    for name, resource in template.resources.items():
        explicit = resource.get("DependsOn") or []
        for other in [explicit] if isinstance(explicit, str) else explicit:
            if other not in template.resources:
                raise validation_error(
                    f"Template format error: Unresolved resource dependencies [{other}] in the Resources block of the template ({name})"
                )
    waiting = {name: dependencies(resource, active, holds) for name, resource in active.items()}
    order: list[str] = []
    while waiting:
        ready = [name for name, needed in waiting.items() if not needed]
        if not ready:
            raise validation_error(f"Circular dependency between resources: [{', '.join(sorted(waiting))}]")
        for name in ready:
            del waiting[name]
            order.append(name)
        for needed in waiting.values():
            needed.difference_update(ready)
    return order
