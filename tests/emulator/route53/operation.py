"""What all Route 53 operations have in common: settled state, whose zone it is, errors, pages."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from . import names
from .zones import HostedZone, Zones

if TYPE_CHECKING:
    from ..hooks import Hooks


class Operations:
    """Registers operations of Route 53, each run on settled state (the server runs them one at a time)."""

    def __init__(self, hooks: Hooks, zones: Zones) -> None:
        self._hooks = hooks
        self._zones = zones

    def add(self, name: str, function: Callable[[Zones, ApiCall], Any]) -> None:
        """Answer Route 53's operation `name` by `function(zones, call)`."""

        def answer(call: ApiCall) -> Any:
            self._zones.settle()
            return function(self._zones, call)

        self._hooks.operation("route53", name, answer)


def invalid_input(message: str) -> AwsError:
    """The error code for most of what Route 53 refuses."""
    return AwsError("InvalidInput", message)


def not_there(feature: str) -> AwsError:
    """A refusal of something that AWS has and the emulator hasn't."""
    return AwsError("NotImplemented", f"the emulator doesn't have {feature}", 501)


def plain_id(identifier: str) -> str:
    """An id without its kind: zones are also named `/hostedzone/Z…`."""
    return identifier.rpartition("/")[2]


def find_zone(zones: Zones, call: ApiCall, zone_id: str) -> HostedZone:
    """A zone of any customer; one that AWS keeps for an endpoint is denied, one that isn't there can't be found."""
    zone = zones.zones.get(plain_id(zone_id))
    if zone is None and zones.endpoints.is_managed(plain_id(zone_id)):
        raise denied(call)
    if zone is None:
        raise AwsError("NoSuchHostedZone", f"No hosted zone found with ID: {plain_id(zone_id)}")
    return zone


def own_zone(zones: Zones, call: ApiCall, zone_id: str) -> HostedZone:
    """The caller's zone; another account's is denied, one that isn't there can't be found."""
    zone = find_zone(zones, call, zone_id)
    if zone.account != call.account:
        raise denied(call)
    return zone


def writable_zone(zones: Zones, call: ApiCall, zone_id: str) -> HostedZone:
    """The caller's zone, unless it is Cloud Map's to write."""
    zone = own_zone(zones, call, zone_id)
    if zone.managed_by is not None:
        message = f"The resource hostedzone/{zone.id} can only be managed through AWS Cloud Map ({zone.managed_by})"
        raise AwsError("AccessDenied", message, 403)
    return zone


def denied(call: ApiCall) -> AwsError:
    """The refusal of a resource of another account."""
    return AwsError("AccessDenied", f"User: {call.caller.arn} is not authorized to access this resource", 403)


def domain_name(name: str, code: str = "InvalidDomainName") -> str:
    """A name as Route 53 keeps it, or the error `code`."""
    try:
        return names.normalize(name)
    except names.InvalidName as error:
        raise AwsError(code, f"FATAL problem: {error}") from None


def page_size(call: ApiCall, parameter: str, largest: int) -> int:
    """How many items a page has (on the wire it is a text): never more than Route 53's own limit."""
    asked = call.parameter(parameter)
    if asked is None:
        return largest
    if not str(asked).isdigit() or int(asked) < 1:
        raise invalid_input(f"{parameter} must be a number from 1 on, not '{asked}'.")
    return min(int(asked), largest)


def write_token(after: str) -> str:
    """A NextToken for the page that follows `after`."""
    return base64.urlsafe_b64encode(f"after:{after}".encode()).decode()


def read_token(token: str | None) -> str | None:
    """The rank after which a page begins."""
    if not token:
        return None
    try:
        word, _, after = base64.urlsafe_b64decode(token).decode().partition(":")
    except ValueError:
        word, after = "", ""
    if word != "after":
        raise AwsError("InvalidPaginationToken", "The pagination token is invalid.")
    return after
