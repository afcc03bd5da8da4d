"""CreateTags: all of the tags on all of the resources, or nothing.

EC2 API Reference, CreateTags (1000 resources) and error `TagLimitExceeded`. Which code AWS has for too many resources isn't
documented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends, validate_resource_ids

from ..api_call import ApiCall, AwsError
from .operation import Operations, refuse_dry_run
from .registry import Registry
from .tag_rules import MOST_TAGS, RESERVED, checked, invalid_value

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

MOST_RESOURCES = 1_000


def install(hooks: Hooks, app: Emulator, registry: Registry) -> None:
    """Answer CreateTags."""
    Operations(hooks, registry).add("CreateTags", create_tags)


def create_tags(_: Registry, call: ApiCall) -> dict[str, Any]:
    """CreateTags; resources are those of the caller, of whatever kinds."""
    resources = list(dict.fromkeys(call.parameter("Resources", [])))
    validate_resource_ids(resources)
    if len(resources) > MOST_RESOURCES:
        raise invalid_value(f"{len(resources)} resources are more than the {MOST_RESOURCES} of a request")
    tags = checked(call.parameter("Tags", []))
    if not tags:
        raise AwsError("MissingParameter", "The request must contain the parameter tagSet")
    write(call.account, call.region, resources, tags, lambda: refuse_dry_run(call))
    return {}


def write(account: str, region: str, resources: list[str], tags: dict[str, str], last_check: Any = None) -> None:
    """Give the tags to all of the resources; `last_check` may refuse when all is known to be right."""
    backend = ec2_backends[account][region]
    backend.do_resources_exist(resources)
    for resource in resources:
        own = [key for key in {**backend.tags.get(resource, {}), **tags} if not key.startswith(RESERVED)]
        if len(own) > MOST_TAGS:
            message = f"The maximum number of Tags for a resource ({MOST_TAGS}) has been reached: {resource}."
            raise AwsError("TagLimitExceeded", message)
    if last_check is not None:
        last_check()
    for resource in resources:
        backend.tags[resource].update(tags)
