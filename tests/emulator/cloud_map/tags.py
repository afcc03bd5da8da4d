"""Tags of namespaces and services: TagResource, UntagResource, ListTagsForResource; for their owner only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from ..tagging.keeper import refuse_too_many
from .call import Calls, tags_of
from .registry import Namespace, Registry, Service

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator


def install(hooks: Hooks, _: Emulator, registry: Registry) -> None:
    """Answer the operations."""
    calls = Calls(hooks, registry)
    calls.add("TagResource", tag)
    calls.add("UntagResource", untag)
    calls.add("ListTagsForResource", list_tags)


def taggable(registry: Registry, account: str, region: str) -> list[Namespace | Service]:
    """All that an account can tag."""
    mine = [n for n in list(registry.namespaces.values()) if (n.account, n.region) == (account, region)]
    return [*mine, *(service for namespace in mine for service in list(namespace.services.values()))]


def find(registry: Registry, account: str, region: str, arn: str) -> Namespace | Service:
    """One of them."""
    for resource in taggable(registry, account, region):
        if resource.arn == arn:
            return resource
    raise AwsError("ResourceNotFoundException", f"Resource not found: {arn}")


def write(resource: Namespace | Service, tags: dict[str, str]) -> None:
    """Give a resource tags."""
    refuse_too_many(resource.tags | tags, "TooManyTagsException")
    resource.tags.update(tags)


def take(resource: Namespace | Service, keys: list[str]) -> None:
    """Take tags from it; one that isn't there is no error."""
    for key in keys:
        resource.tags.pop(key, None)


def _asked(registry: Registry, call: ApiCall) -> Namespace | Service:
    return find(registry, call.account, call.region, call.parameter("ResourceARN"))


def tag(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """TagResource."""
    write(_asked(registry, call), tags_of(call))
    return {}


def untag(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """UntagResource."""
    take(_asked(registry, call), call.parameter("TagKeys"))
    return {}


def list_tags(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """ListTagsForResource."""
    return {"Tags": [{"Key": key, "Value": value} for key, value in _asked(registry, call).tags.items()]}
