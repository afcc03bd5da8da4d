"""Tags of Profiles and of their associations with VPCs: TagResource, UntagResource, ListTagsForResource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall
from .operation import Operations, invalid_parameter, not_found
from .registry import Profiles

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

MOST_TAGS = 200


def install(hooks: Hooks, _: Emulator, profiles: Profiles) -> None:
    """Answer the operations."""
    operations = Operations(hooks, profiles)
    operations.add("TagResource", tag)
    operations.add("UntagResource", untag)
    operations.add("ListTagsForResource", list_tags)


def _tags(profiles: Profiles, call: ApiCall) -> dict[str, str]:
    """The tags of the caller's resource."""
    arn = call.parameter("ResourceArn", "")
    for profile in profiles.of_region(call.region):
        for resource in (profile, *profile.vpcs.values()):
            if resource.arn == arn and resource.account == call.account:
                return resource.tags
    raise not_found("Resource", arn)


def tag(profiles: Profiles, call: ApiCall) -> None:
    """TagResource."""
    tags, added = _tags(profiles, call), call.parameter("Tags", {})
    if len(tags | added) > MOST_TAGS:
        raise invalid_parameter(f"A resource can have {MOST_TAGS} tags at the most.")
    tags.update(added)


def untag(profiles: Profiles, call: ApiCall) -> None:
    """UntagResource; a key that isn't there is no error."""
    tags = _tags(profiles, call)
    for key in call.parameter("TagKeys", []):
        tags.pop(key, None)


def list_tags(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    """ListTagsForResource."""
    return {"Tags": _tags(profiles, call)}
