"""Authorizations: the owner of a private zone lets a VPC of another account be associated with it.

API Reference: CreateVPCAssociationAuthorization, ListVPCAssociationAuthorizations, DeleteVPCAssociationAuthorization. An
authorization stays until it is deleted, associated or not; deleting it leaves the association alone. Whether the VPC
exists isn't looked at: AWS documents no way to ask in another account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from . import vpcs
from .operation import Operations, invalid_input, own_zone, page_size, read_token, write_token
from .zones import HostedZone, Zones

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

LARGEST_PAGE = 50


def install(hooks: Hooks, app: Emulator, zones: Zones) -> None:
    """Answer the operations on authorizations."""
    app.settings.define(
        "vpc_authorizations_per_hosted_zone",
        1_000,
        lambda value: isinstance(value, int) and value > 0,
        "quota of Route 53: authorizations to associate VPCs with a private hosted zone",
    )
    operations = Operations(hooks, zones)
    operations.add("CreateVPCAssociationAuthorization", authorize)
    operations.add("ListVPCAssociationAuthorizations", list_all)
    operations.add("DeleteVPCAssociationAuthorization", withdraw)


def authorize(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """CreateVPCAssociationAuthorization; once more changes nothing."""
    zone = _private_zone(zones, call)
    vpc = vpcs.vpc_of(call.parameter("VPC"))
    quota = zones.settings["vpc_authorizations_per_hosted_zone"]
    if vpc not in zone.authorized and len(zone.authorized) >= quota:
        raise AwsError(
            "TooManyVPCAssociationAuthorizations",
            f"You've created the maximum number of authorizations ({quota}) that can be created for the hosted zone.",
        )
    zone.authorized[vpc] = None
    return {"HostedZoneId": zone.id, "VPC": vpc.describe()}


def list_all(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """ListVPCAssociationAuthorizations: pages of 50 at the most."""
    zone = _private_zone(zones, call)
    size = page_size(call, "MaxResults", LARGEST_PAGE)
    after = read_token(call.parameter("NextToken"))
    rest = [vpc for vpc in sorted(zone.authorized) if after is None or f"{vpc.region}/{vpc.id}" > after]
    answer: dict[str, Any] = {"HostedZoneId": zone.id, "VPCs": [vpc.describe() for vpc in rest[:size]]}
    if len(rest) > size:
        answer["NextToken"] = write_token(f"{rest[size - 1].region}/{rest[size - 1].id}")
    return answer


def withdraw(zones: Zones, call: ApiCall) -> None:
    """DeleteVPCAssociationAuthorization."""
    zone = _private_zone(zones, call)
    vpc = vpcs.vpc_of(call.parameter("VPC"))
    if vpc not in zone.authorized:
        raise AwsError(
            "VPCAssociationAuthorizationNotFound",
            "The VPC that you specified is not authorized to be associated with the hosted zone.",
        )
    del zone.authorized[vpc]


def _private_zone(zones: Zones, call: ApiCall) -> HostedZone:
    zone = own_zone(zones, call, call.parameter("HostedZoneId"))
    if not zone.private:
        raise invalid_input(f"The hosted zone {zone.id} is public: VPCs can't be associated with it.")
    return zone
