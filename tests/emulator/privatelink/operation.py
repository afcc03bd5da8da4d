"""What all PrivateLink operations have in common: the lock, dry runs, errors, filters and pages."""

from __future__ import annotations

import base64
import fnmatch
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from ..api_call import ApiCall, AwsError
from .registry import Registry, Service
from .tag_rules import checked

if TYPE_CHECKING:
    from ..hooks import Hooks

SERVICE_ID = re.compile(r"vpce-svc-[0-9a-f]{8,17}")
ENDPOINT_ID = re.compile(r"vpce-[0-9a-f]{8,17}")

MOST_FILTER_VALUES = 200  # of one filter (EC2 User Guide, "Filter your resources")

# Values of one resource by filter name; a callable is asked only when the filter is used.
FilterValues = Mapping[str, Any]


class Operations:
    """Registers PrivateLink operations of EC2, each run under the registry's lock on settled state."""

    def __init__(self, hooks: Hooks, registry: Registry) -> None:
        self._hooks = hooks
        self._registry = registry

    def add(self, name: str, function: Callable[[Registry, ApiCall], Any]) -> None:
        """Answer EC2's operation `name` by `function(registry, call)`."""

        def answer(call: ApiCall) -> Any:
            with self._registry.lock:
                self._registry.settle()
                return function(self._registry, call)

        self._hooks.operation("ec2", name, answer)


def refuse_dry_run(call: ApiCall) -> None:
    """Answer a dry run; called when all parameters have been checked."""
    if call.parameter("DryRun"):
        raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)


def invalid_parameter(message: str) -> AwsError:
    """The error code for most of what PrivateLink refuses."""
    return AwsError("InvalidParameter", message)


def not_there(feature: str) -> AwsError:
    """A refusal of something that AWS has and the emulator hasn't."""
    return AwsError("NotImplemented", f"the emulator doesn't have {feature}", 501)


def owned_service(registry: Registry, call: ApiCall, service_id: str) -> Service:
    """The caller's service, or AWS's error (the doubled `Id` of the code is AWS's)."""
    if not SERVICE_ID.fullmatch(service_id):
        raise AwsError("InvalidVpcEndpointServiceIdId.Malformed", f"Invalid Id: '{service_id}'")
    service = registry.service(service_id, call.account, call.region)
    if service is None:
        raise AwsError(
            "InvalidVpcEndpointServiceId.NotFound", f"The VpcEndpointService Id '{service_id}' does not exist"
        )
    return service


def unsuccessful(resource_id: str, code: str, message: str) -> dict[str, Any]:
    """An item of `unsuccessful`, which a call answers with HTTP 200."""
    return {"ResourceId": resource_id, "Error": {"Code": code, "Message": message}}


def specified_tags(call: ApiCall, resource_type: str) -> dict[str, str]:
    """The tags to give a new resource."""
    tags: dict[str, str] = {}
    for specification in call.parameter("TagSpecifications", []):
        if specification.get("ResourceType") != resource_type:
            raise AwsError(
                "InvalidParameterValue",
                f"'{specification.get('ResourceType')}' is not a valid taggable resource type for this operation.",
            )
        tags |= checked(specification.get("Tags", []))
    return tags


def once(
    registry: Registry, call: ApiCall, make: Callable[[], str], show: Callable[[str], dict[str, Any] | None]
) -> dict[str, Any]:
    """Answer a create call by its ClientToken: made once, shown again, refused with other parameters.

    `show` is None for what was deleted meanwhile; then it is made anew.
    """
    token = call.parameter("ClientToken")
    scope = (call.account, call.region, call.operation)
    try:
        known = registry.known_token(scope, token, call.parameters)
    except LookupError:
        raise AwsError(
            "IdempotentParameterMismatch",
            "The request uses the same client token as a previous, but non-identical request.",
        ) from None
    shown = show(known) if known is not None else None
    if shown is None:
        made = make()
        registry.remember_token(scope, token, call.parameters, made)
        shown = show(made)
        assert shown is not None
    return {**shown, "ClientToken": token}


# Filters and pages.


def filtered(
    call: ApiCall, items: Iterable[Any], values: Callable[[Any], FilterValues], known: set[str], lenient: bool = False
) -> list[Any]:
    """The items that match all filters of the call; a filter matches when any of its values does (`*`, `?` wildcards).

    `lenient` ignores a filter without any value that isn't empty, as DescribeVpcEndpointConnections does: a guard that
    callers need is then needed here too.
    """
    filters = []
    if any(len(entry.get("Values") or []) > MOST_FILTER_VALUES for entry in call.parameter("Filters", [])):
        raise AwsError("FilterLimitExceeded", "The request uses too many filters or too many filter values.")
    for entry in call.parameter("Filters", []):
        name, wanted = entry.get("Name", ""), entry.get("Values") or []
        if name not in known and not (name.startswith("tag:") and "tag-key" in known):
            raise AwsError("InvalidParameterValue", f"The filter '{name}' is invalid")
        if lenient and not any(wanted):
            continue
        filters.append((name, [_pattern(value) for value in wanted]))
    if not filters:
        return list(items)
    return [item for item in items if _matches(values(item), filters)]


@lru_cache(maxsize=2048)
def _pattern(value: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(value.replace("[", "[[]")))


def _matches(values: FilterValues, filters: list[tuple[str, list[re.Pattern[str]]]]) -> bool:
    return all(
        any(pattern.match(actual) for actual in _values_of(values, name) for pattern in patterns)
        for name, patterns in filters
    )


def _values_of(values: FilterValues, name: str) -> list[str]:
    if name.startswith("tag:") or name == "tag-key":
        tags = {tag["Key"]: tag["Value"] for tag in values["tags"]}
        return list(tags) if name == "tag-key" else [tags[name[4:]]] if name[4:] in tags else []
    value = values.get(name)
    value = value() if callable(value) else value
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


class Asking(Protocol):
    """What a page needs to know of a call."""

    operation: str

    def parameter(self, name: str) -> Any:
        """A request parameter by its AWS name."""


def page(
    registry: Registry, call: Asking, items: list[Any], number: Callable[[Any], int], smallest: int = 1
) -> tuple[list[Any], str | None]:
    """One page of `items` (in ascending order of `number`), and the token of the next."""
    size = call.parameter("MaxResults")
    if size is not None and size < smallest:
        raise AwsError(
            "InvalidParameterValue",
            f"Value ( {size} ) for parameter maxResults is invalid. Expecting a value of at least {smallest}.",
        )
    largest = registry.settings["largest_page"]
    size = min(size or largest, largest)
    after = _read_token(call.parameter("NextToken"), call.operation)
    rest = [item for item in items if number(item) > after]
    if len(rest) <= size:
        return rest, None
    token = json.dumps({"operation": call.operation, "after": number(rest[size - 1])})
    return rest[:size], base64.urlsafe_b64encode(token.encode()).decode()


def _read_token(token: str | None, operation: str) -> int:
    if not token:
        return 0
    try:
        content = json.loads(base64.urlsafe_b64decode(token))
        if content["operation"] == operation:
            return int(content["after"])
    except (ValueError, KeyError, TypeError):
        pass
    raise AwsError("InvalidNextToken", f"The token '{token}' is invalid")
