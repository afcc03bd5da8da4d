"""GetResources: what is tagged, or was, by ARNs or by filters, in pages (API Reference).

How many resources are on a page when nobody asks isn't documented: setting `tagging_page`; nor when AWS answers fewer than asked
for, even none, though there are more: setting `empty_tagging_pages`.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from moto.core.resource_tagging import make_tag_matcher, match_resource_type

from ..api_call import ApiCall, AwsError
from ..identity.demand import of_everything
from .former_tags import FormerTags
from .keeper import Keepers, Place, Tagged, is_arn

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

API = "resourcegroupstaggingapi"
LARGEST_PAGE = 100
FEWEST_TAGS, MOST_TAGS_ON_PAGE = 100, 500
MOST_ARNS = 100
MOST_FILTERS = 50
MOST_VALUES = 20
NOT_WITH_ARNS = ("TagFilters", "ResourceTypeFilters", "ResourcesPerPage", "TagsPerPage", "PaginationToken")
BEGINNING = "after:"


class Reading:
    """The operation."""

    def __init__(self, keepers: Keepers, former: FormerTags) -> None:
        self._keepers = keepers
        self._former = former

    def install(self, hooks: Hooks, app: Emulator) -> None:
        """Answer it, and have it judged."""
        app.settings.define(
            "tagging_page",
            LARGEST_PAGE,
            lambda value: isinstance(value, int) and 1 <= value <= LARGEST_PAGE,
            "resources on a page of GetResources at the most, whatever ResourcesPerPage asks for",
        )
        app.settings.define(
            "empty_tagging_pages",
            False,
            lambda value: isinstance(value, bool),
            "whether GetResources begins with an empty page and a token",
        )
        self._settings = app.settings
        hooks.operation(API, "GetResources", self.get)
        app.authorization.demand(API, "GetResources", of_everything)

    def get(self, call: ApiCall) -> dict[str, Any]:
        """GetResources."""
        if call.parameter("IncludeComplianceDetails") or call.parameter("ExcludeCompliantResources"):
            raise AwsError("NotImplemented", "the emulator doesn't know who complies with a tag policy", 501)
        arns = call.parameter("ResourceARNList", [])
        if arns:
            return _shown(self._of_arns(call, arns), "")
        _check(call)
        token = call.parameter("PaginationToken", "")
        if not token and self._settings["empty_tagging_pages"]:
            return _shown([], _token(""))
        return _shown(*self._page(call, self._matching(call), _read_token(token)))

    def _of_arns(self, call: ApiCall, arns: list[str]) -> list[Tagged]:
        given = [name for name in NOT_WITH_ARNS if call.parameter(name)]
        if given:
            raise invalid(f"ResourceARNList can't be specified together with {given[0]}.")
        if len(arns) > MOST_ARNS:
            raise invalid(f"ResourceARNList has {MOST_ARNS} ARNs at the most.")
        check_arns(arns)
        place, found = Place(call.account, call.region), []
        for arn in dict.fromkeys(arns):
            keeper = self._keepers.of(arn)
            with self._keepers.lock(keeper):
                resource = keeper.find(place, arn)
            if resource is not None and self._was_tagged(place, resource):
                found.append(resource)
        return found

    def _matching(self, call: ApiCall) -> list[Tagged]:
        """What the filters let through, in the order of the ARNs."""
        kinds, place = call.parameter("ResourceTypeFilters", []), Place(call.account, call.region)
        matches = make_tag_matcher(call.parameter("TagFilters", []))
        found: list[Tagged] = []
        for keeper in self._keepers.of_services({kind.partition(":")[0] for kind in kinds}):
            with self._keepers.lock(keeper):
                found += [
                    resource
                    for resource in keeper.list(place)
                    if self._was_tagged(place, resource)
                    and match_resource_type(resource.kind, kinds)
                    and matches(resource.tags)
                ]
        return sorted(found, key=lambda resource: resource.arn)

    def _was_tagged(self, place: Place, resource: Tagged) -> bool:
        return bool(resource.tags) or self._former.knows(place, resource.arn)

    def _page(self, call: ApiCall, found: list[Tagged], after: str) -> tuple[list[Tagged], str]:
        largest = self._settings["tagging_page"]
        size, tags = min(call.parameter("ResourcesPerPage", largest), largest), call.parameter("TagsPerPage")
        rest = [resource for resource in found if resource.arn > after]
        shown, room = [], tags
        for resource in rest[:size]:
            if room is not None:
                room -= max(len(resource.tags), 1)
                if room < 0:
                    break
            shown.append(resource)
        return shown, _token(shown[-1].arn) if len(shown) < len(rest) else ""


def _check(call: ApiCall) -> None:
    size, tags = call.parameter("ResourcesPerPage"), call.parameter("TagsPerPage")
    if size is not None and not 1 <= size <= LARGEST_PAGE:
        raise invalid(f"ResourcesPerPage must be between 1 and {LARGEST_PAGE}.")
    if tags is not None and not FEWEST_TAGS <= tags <= MOST_TAGS_ON_PAGE:
        raise invalid(f"TagsPerPage must be between {FEWEST_TAGS} and {MOST_TAGS_ON_PAGE}.")
    filters = call.parameter("TagFilters", [])
    if len(filters) > MOST_FILTERS or any(len(one.get("Values") or []) > MOST_VALUES for one in filters):
        raise invalid(f"A request has {MOST_FILTERS} keys with {MOST_VALUES} values each at the most.")
    if any(not one.get("Key") for one in filters):
        raise invalid("A tag filter needs a key.")


def _shown(resources: list[Tagged], token: str) -> dict[str, Any]:
    mapping = [
        {"ResourceARN": one.arn, "Tags": [{"Key": key, "Value": value} for key, value in one.tags.items()]}
        for one in resources
    ]
    return {"PaginationToken": token, "ResourceTagMappingList": mapping}


def _token(after: str) -> str:
    return base64.urlsafe_b64encode(f"{BEGINNING}{after}".encode()).decode()


def _read_token(token: str) -> str:
    try:
        text = base64.urlsafe_b64decode(token).decode() if token else BEGINNING
    except ValueError:
        text = ""
    if not text.startswith(BEGINNING):
        raise AwsError("PaginationTokenExpiredException", "The pagination token is invalid or has expired.")
    return text.removeprefix(BEGINNING)


def check_arns(arns: list[str]) -> None:
    """A text that isn't an ARN fails the whole call."""
    for arn in arns:
        if not is_arn(arn):
            raise invalid(f"{arn} is not a valid AmazonResourceName (ARN)")


def invalid(message: str) -> AwsError:
    """The error code for what the tagging API refuses."""
    return AwsError("InvalidParameterException", message)
