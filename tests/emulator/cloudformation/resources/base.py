"""What every resource type has in common."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from botocore.exceptions import ClientError, ParamValidationError

from ..caller import Clients, fitted

SUFFIX = string.ascii_uppercase + string.digits


class ResourceFailed(Exception):
    """A resource could not be made, changed or deleted; the message is the ResourceStatusReason."""


@dataclass(frozen=True)
class Made:
    """A resource: its physical id, what Fn::GetAtt knows of it, and what Ref is (the physical id by default)."""

    physical_id: str
    attributes: dict[str, Any] = field(default_factory=dict)
    ref: str | None = None


@dataclass(frozen=True)
class Making:
    """For which stack a resource is made, and the way to the services."""

    clients: Clients
    access_key: str
    account: str
    region: str
    stack_name: str
    stack_id: str
    logical_id: str
    tags: Mapping[str, str]
    epoch: int = 0

    def call(self, service: str, operation: str, region: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Call an operation with a template's values; what the service refuses raises ResourceFailed."""
        if self.epoch != self.clients.epoch:
            raise ResourceFailed("the emulator was reset")
        client = self.clients.get(service, region or self.region, self.access_key)
        model = client.meta.service_model.operation_model(operation)
        given = {name: value for name, value in parameters.items() if value is not None}
        try:
            if model.input_shape is not None:
                given = fitted(model.input_shape, given)
            method = next(name for name, known in client.meta.method_to_api_mapping.items() if known == operation)
            return getattr(client, method)(**given)
        except ClientError as error:
            details = error.response["Error"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            raise ServiceRefused(
                f'Resource handler returned message: "{details.get("Message")} (Service: {service}, '
                f'Status Code: {status}, Error Code: {details.get("Code")})"',
                str(details.get("Code")),
            ) from error
        except (ParamValidationError, ValueError, TypeError) as error:
            raise ResourceFailed(f"Properties validation failed for resource {self.logical_id}: {error}") from error

    def name(self, longest: int = 64, lower: bool = False) -> str:
        """A name as CloudFormation generates it, from stack, logical id and twelve random characters."""
        suffix = "".join(random.choices(SUFFIX, k=12))
        stem = f"{self.stack_name}-{self.logical_id}"[: longest - len(suffix) - 1].rstrip("-")
        return f"{stem}-{suffix}".lower() if lower else f"{stem}-{suffix}"

    def all_tags(self, own: Any) -> dict[str, str]:
        """The resource's tags over those of the stack; `own` is a list of keys and values, or an object."""
        if isinstance(own, dict):
            return {**self.tags, **{key: str(value) for key, value in own.items()}}
        return {**self.tags, **{tag["Key"]: str(tag["Value"]) for tag in own or []}}


class ServiceRefused(ResourceFailed):
    """A service answered with an error code."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class ResourceType:
    """A type of resources. `properties` are all it takes: any other fails the resource, by name."""

    name: ClassVar[str]
    properties: ClassVar[tuple[str, ...]]
    required: ClassVar[tuple[str, ...]] = ()
    # Properties whose change makes a new resource; None: every change does.
    replaced_by: ClassVar[tuple[str, ...] | None] = ()
    # The property that names the resource, if it can be named.
    name_property: ClassVar[str | None] = None
    note: ClassVar[str | None] = None

    def check(self, logical_id: str, properties: Mapping[str, Any]) -> None:
        """Refuse properties that are missing or not known."""
        problems = [
            f"extraneous key [{name}] is not permitted, or not there in the emulator"
            for name in properties
            if name not in self.properties
        ]
        problems += [f"required key [{name}] not found" for name in self.required if name not in properties]
        if problems:
            raise ResourceFailed(
                f"Properties validation failed for resource {logical_id} with message:\n#: {'; '.join(problems)}"
            )

    def replaces(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        """Whether going from the old properties to the new makes a new resource."""
        changed = changed_properties(old, new)
        return bool(changed) and (self.replaced_by is None or bool(changed & set(self.replaced_by)))

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """Make the resource."""
        raise NotImplementedError

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Change it in place."""
        raise NotImplementedError

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """Delete it; one that is gone already is as good as deleted."""
        raise NotImplementedError


TYPES: dict[str, ResourceType] = {}


def resource_type(kind: type[ResourceType]) -> type[ResourceType]:
    """Register a resource type."""
    TYPES[kind.name] = kind()
    return kind


def changed_properties(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """The names of properties that differ."""
    return {name for name in {*old, *new} if name not in old or name not in new or old[name] != new[name]}


def document(value: Any) -> str | None:
    """A policy document, or any other JSON property, as a text."""
    return value if value is None or isinstance(value, str) else json.dumps(value)


def tag_list(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags as a list."""
    return [{key: name, value: text} for name, text in tags.items()]


def only(properties: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Some of the properties."""
    return {name: properties[name] for name in names if name in properties}


def ignoring(codes: Iterable[str], function: Callable[[], Any]) -> None:
    """Do something, and don't mind the error codes that say that it is done already."""
    try:
        function()
    except ServiceRefused as refused:
        if refused.code not in codes:
            raise
