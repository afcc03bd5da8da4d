"""Tags of accounts, units, the root and policies.

Organizations API Reference: TagResource, UntagResource, ListTagsForResource; User Guide, "Tagging AWS Organizations
resources" (at most 50 of one's own, keys that begin with `aws:` are AWS's). How many tags AWS puts on a page isn't
documented, but it gives tokens: the setting `organization_tags_page` makes pages small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from .delegation import Delegation
from .membership import organization_backend
from .pages import next_token, page

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

MOST_TAGS = 50


class Tags:
    """The operations on tags; those of the delegation policy are kept with it."""

    def __init__(self, delegation: Delegation) -> None:
        self._delegation = delegation

    def install(self, hooks: Hooks, app: Emulator) -> None:
        """Answer the operations."""
        app.settings.define(
            "organization_tags_page",
            MOST_TAGS,
            lambda value: isinstance(value, int) and 1 <= value <= MOST_TAGS,
            "how many tags ListTagsForResource of Organizations puts on a page",
        )
        self._settings = app.settings
        hooks.operation("organizations", "ListTagsForResource", self.list)
        hooks.operation("organizations", "TagResource", self.tag)
        hooks.operation("organizations", "UntagResource", self.untag)

    def list(self, call: ApiCall) -> dict[str, Any]:
        """ListTagsForResource."""
        tags, size = self._of(call), self._settings["organization_tags_page"]
        shown, token = page(list(tags.items()), lambda tag: tag[0], size, call.parameter("NextToken"))
        return {"Tags": [{"Key": key, "Value": value} for key, value in shown], **next_token(token)}

    def tag(self, call: ApiCall) -> None:
        """TagResource: all of the tags, or none."""
        tags = self._of(call)
        wanted = {entry["Key"]: entry["Value"] for entry in call.parameter("Tags", [])}
        if any(key.lower().startswith("aws:") for key in wanted):
            raise AwsError("InvalidInputException", "Tag keys that begin with aws: are reserved.")
        if len(tags | wanted) > MOST_TAGS:
            raise AwsError("ConstraintViolationException", f"A resource can have {MOST_TAGS} tags at the most.")
        tags.update(wanted)

    def untag(self, call: ApiCall) -> None:
        """UntagResource; a key that isn't there is no error."""
        tags = self._of(call)
        for key in call.parameter("TagKeys", []):
            tags.pop(key, None)

    def _of(self, call: ApiCall) -> dict[str, str]:
        """The tags of the resource; TargetNotFoundException when there is no such resource."""
        backend, resource = organization_backend(call.account), call.parameter("ResourceId")
        own = self._delegation.tags_of(backend.account_id, resource)
        return backend._get_resource_for_tagging(resource).tags if own is None else own
