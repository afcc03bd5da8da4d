"""Tags of hosted zones; those of health checks stay moto's.

API Reference: ChangeTagsForResource, ListTagsForResource, ListTagsForResources (10 ids at the most).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall
from .operation import Operations, invalid_input, own_zone
from .zones import Zones

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

ZONE = "hostedzone"
HEALTH_CHECK = "healthcheck"
MOST_TAGS = 50
MOST_AT_ONCE = 10


def install(hooks: Hooks, _: Emulator, zones: Zones) -> None:
    """Answer the operations on tags."""
    operations = Operations(hooks, zones)
    operations.add("ChangeTagsForResource", change)
    operations.add("ListTagsForResource", list_one)
    operations.add("ListTagsForResources", list_some)


def change(zones: Zones, call: ApiCall) -> Any:
    """ChangeTagsForResource: additions and removals in one call, 10 of each at the most."""
    if _kind(call) == HEALTH_CHECK:
        return call.forward()
    zone = own_zone(zones, call, call.parameter("ResourceId"))
    added, removed = call.parameter("AddTags", []), call.parameter("RemoveTagKeys", [])
    if not (added or removed):
        raise invalid_input("At least one of AddTags and RemoveTagKeys must be specified.")
    if max(len(added), len(removed)) > MOST_AT_ONCE:
        raise invalid_input(f"A request can add and remove {MOST_AT_ONCE} tags at the most.")
    if any(tag["Key"].lower().startswith("aws:") for tag in added):
        raise invalid_input("Tag keys that begin with aws: are reserved.")
    tags = zone.tags | {tag["Key"]: tag.get("Value") or "" for tag in added}
    for key in removed:
        tags.pop(key, None)
    if len(tags) > MOST_TAGS:
        raise invalid_input(f"A resource can have {MOST_TAGS} tags at the most.")
    zone.tags = tags
    return {}


def list_one(zones: Zones, call: ApiCall) -> Any:
    """ListTagsForResource."""
    if _kind(call) == HEALTH_CHECK:
        return call.forward()
    return {"ResourceTagSet": _tags(zones, call, call.parameter("ResourceId"))}


def list_some(zones: Zones, call: ApiCall) -> Any:
    """ListTagsForResources: all of them, or an error."""
    if _kind(call) == HEALTH_CHECK:
        return call.forward()
    ids = call.parameter("ResourceIds", [])
    if not 1 <= len(ids) <= MOST_AT_ONCE:
        raise invalid_input(f"ListTagsForResources takes 1 to {MOST_AT_ONCE} ids, not {len(ids)}.")
    return {"ResourceTagSets": [_tags(zones, call, zone_id) for zone_id in ids]}


def _tags(zones: Zones, call: ApiCall, zone_id: str) -> dict[str, Any]:
    zone = own_zone(zones, call, zone_id)
    tags = [{"Key": key, "Value": value} for key, value in zone.tags.items()]
    return {"ResourceType": ZONE, "ResourceId": zone.id, "Tags": tags}


def _kind(call: ApiCall) -> str:
    kind = str(call.parameter("ResourceType"))
    if kind not in (ZONE, HEALTH_CHECK):
        raise invalid_input(f"ResourceType can't be {kind}.")
    return kind
