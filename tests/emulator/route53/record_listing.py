"""ListResourceRecordSets: in the order of reversed labels, then of types, then of identifiers; pages of 300.

API Reference, ListResourceRecordSets ("Sort order"): names are compared with their labels reversed and with the dot at
the end, so that `a-b.example.com.` comes before `a.example.com.`. Codes are compared as they are written (`\\052`).
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall
from . import names
from .operation import Operations, domain_name, invalid_input, own_zone, page_size
from .record_sets import Key
from .zones import Zones

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

LARGEST_PAGE = 300


def install(hooks: Hooks, _: Emulator, zones: Zones) -> None:
    """Answer the listing."""
    Operations(hooks, zones).add("ListResourceRecordSets", list_records)


def list_records(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """ListResourceRecordSets."""
    zone = own_zone(zones, call, call.parameter("HostedZoneId"))
    size = page_size(call, "MaxItems", LARGEST_PAGE)
    keys = zone.sorted_keys()
    first = bisect_left(keys, _start(call))
    shown = keys[first : first + size]
    answer: dict[str, Any] = {
        "ResourceRecordSets": [zone.records[key].describe() for key in shown],
        "IsTruncated": len(keys) > first + size,
        "MaxItems": str(size),
    }
    if answer["IsTruncated"]:
        following = zone.records[keys[first + size]]
        answer |= {"NextRecordName": following.name, "NextRecordType": following.type}
        if following.identifier:
            answer["NextRecordIdentifier"] = following.identifier
    return answer


def _start(call: ApiCall) -> Key:
    name, kind = call.parameter("StartRecordName"), call.parameter("StartRecordType")
    identifier = call.parameter("StartRecordIdentifier")
    if kind and not name:
        raise invalid_input("If you specify a value for StartRecordType, you must also specify StartRecordName.")
    if identifier and not kind:
        raise invalid_input("If you specify a value for StartRecordIdentifier, you must also specify StartRecordType.")
    if not name:
        return "", "", ""
    return names.rank(domain_name(name, "InvalidInput")), kind or "", identifier or ""
