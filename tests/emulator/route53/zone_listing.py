"""Listings of hosted zones: an account's, by name, and those of a VPC.

API Reference: ListHostedZones, ListHostedZonesByName, ListHostedZonesByVPC. A page has 100 zones at the most. Markers name
the zone that the next page begins with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall
from . import names, vpcs
from .hosted_zones import describe
from .operation import (
    Operations,
    denied,
    domain_name,
    invalid_input,
    not_there,
    page_size,
    plain_id,
    read_token,
    write_token,
)
from .zones import HostedZone, Zones

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

LARGEST_PAGE = 100
PRIVATE_ONLY = "PrivateHostedZone"


def install(hooks: Hooks, _: Emulator, zones: Zones) -> None:
    """Answer the listings."""
    operations = Operations(hooks, zones)
    operations.add("ListHostedZones", list_all)
    operations.add("ListHostedZonesByName", list_by_name)
    operations.add("ListHostedZonesByVPC", list_by_vpc)


def list_all(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """ListHostedZones: in no order that means anything."""
    if call.parameter("DelegationSetId"):
        raise not_there("reusable delegation sets")
    kind, marker = call.parameter("HostedZoneType"), call.parameter("Marker")
    if kind not in (None, PRIVATE_ONLY):
        raise invalid_input(f"HostedZoneType can't be {kind}.")
    size = page_size(call, "MaxItems", LARGEST_PAGE)
    rest = [
        zone
        for zone in zones.of_account(call.account)
        if (kind is None or zone.private) and (marker is None or zone.id >= plain_id(marker))
    ]
    answer: dict[str, Any] = {
        "HostedZones": [describe(zone) for zone in rest[:size]],
        "IsTruncated": len(rest) > size,
        "MaxItems": str(size),
    }
    if marker is not None:
        answer["Marker"] = marker
    if len(rest) > size:
        answer["NextMarker"] = rest[size].id
    return answer


def list_by_name(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """ListHostedZonesByName: from a name on, in the order of reversed labels; later names follow, too."""
    name, zone_id = call.parameter("DNSName"), call.parameter("HostedZoneId")
    if zone_id is not None and name is None:
        raise invalid_input("If you specify a value for HostedZoneId, you must also specify a value for DNSName.")
    size = page_size(call, "MaxItems", LARGEST_PAGE)
    start = (names.rank(domain_name(name)), plain_id(zone_id or "")) if name else ("", "")
    rest = sorted((zone for zone in zones.of_account(call.account) if _rank(zone) >= start), key=_rank)
    answer: dict[str, Any] = {
        "HostedZones": [describe(zone) for zone in rest[:size]],
        "IsTruncated": len(rest) > size,
        "MaxItems": str(size),
    }
    if name is not None:
        answer["DNSName"] = name
    if zone_id is not None:
        answer["HostedZoneId"] = zone_id
    if len(rest) > size:
        answer |= {"NextDNSName": rest[size].name, "NextHostedZoneId": rest[size].id}
    return answer


def _rank(zone: HostedZone) -> tuple[str, str]:
    return names.rank(zone.name), zone.id


def list_by_vpc(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """ListHostedZonesByVPC: zones of all owners, and those AWS keeps for endpoints; not those that come by a Profile."""
    vpc = vpcs.vpc_of({"VPCId": call.parameter("VPCId"), "VPCRegion": call.parameter("VPCRegion")})
    if vpcs.owner_of(vpc) != call.account:
        raise denied(call)
    size = page_size(call, "MaxItems", LARGEST_PAGE)
    summaries = [
        {"HostedZoneId": zone.id, "Name": zone.name, "Owner": {"OwningAccount": zone.account}}
        for zone in zones.of_vpc(vpc)
    ] + [
        {"HostedZoneId": zone.id, "Name": zone.name, "Owner": {"OwningService": zone.service}}
        for zone in zones.endpoints.managed_zones(vpc)
    ]
    after = read_token(call.parameter("NextToken"))
    rest = [s for s in sorted(summaries, key=lambda s: s["HostedZoneId"]) if not after or s["HostedZoneId"] > after]
    answer: dict[str, Any] = {"HostedZoneSummaries": rest[:size], "MaxItems": str(size)}
    if len(rest) > size:
        answer["NextToken"] = write_token(rest[size - 1]["HostedZoneId"])
    return answer
