"""ListTagsForResource, TagResource and UntagResource, of alarms and of Contributor Insights rules (API Reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from ..tagging.cloudwatch import CloudWatch
from ..tagging.keeper import RESERVED, Place, is_arn
from . import shapes
from .putting import tags_of
from .registry import Registry
from .shapes import SERVICE

if TYPE_CHECKING:
    from ..hooks import Hooks


class NoSuchResource(AwsError):
    """What a tag operation says of a resource that isn't there."""

    def __init__(self, arn: str) -> None:
        super().__init__("ResourceNotFoundException", "Unknown", 404)
        self.ResourceType = "cloudwatch:alarm"
        self.ResourceId = arn


def install(hooks: Hooks, registry: Registry) -> None:
    """Answer the operations."""
    keeper = CloudWatch(registry)

    def _resource(call: ApiCall) -> tuple[Place, str, dict[str, str]]:
        shapes.check(call)
        arn, place = call.parameters["ResourceARN"], Place(call.account, call.region)
        if not is_arn(arn) or arn.split(":")[2] != SERVICE:
            raise AwsError("InvalidParameterValue", f"The value '{arn}' for parameter ResourceARN is invalid.")
        found = keeper.find(place, arn)
        if found is None:
            raise NoSuchResource(arn)
        return place, arn, found.tags

    def list_tags(call: ApiCall) -> dict[str, Any]:
        _, _, tags = _resource(call)
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def tag(call: ApiCall) -> dict[str, Any]:
        place, arn, _ = _resource(call)
        wanted = tags_of(call)
        reserved = next((key for key in wanted if key.lower().startswith(RESERVED)), None)
        if reserved is not None:
            raise AwsError("InvalidParameterValue", f"The tag key '{reserved}' is reserved.")
        keeper.write(place, arn, wanted)
        return {}

    def untag(call: ApiCall) -> dict[str, Any]:
        place, arn, _ = _resource(call)
        keeper.take(place, arn, call.parameter("TagKeys", []))
        return {}

    hooks.operation(SERVICE, "ListTagsForResource", list_tags)
    hooks.operation(SERVICE, "TagResource", tag)
    hooks.operation(SERVICE, "UntagResource", untag)
