"""The form of a request to change records: what Route 53 refuses before it looks into the zone.

API Reference, ChangeResourceRecordSets; quotas: 1,000 ResourceRecord elements (an alias counts as one) and 32,000
characters of values in a request, in which UPSERT counts twice.
"""

from __future__ import annotations

from typing import Any

from ..api_call import AwsError
from .operation import invalid_input, not_there
from .record_sets import ROUTING

ACTIONS = ("CREATE", "DELETE", "UPSERT")
MOST_ELEMENTS = 1_000
MOST_CHARACTERS = 32_000
LONGEST_TTL = 2_147_483_647
EITHER = "[AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]"


def invalid_batch(messages: list[str]) -> AwsError:
    """InvalidChangeBatch with all that is wrong, in brackets as AWS writes it."""
    return AwsError("InvalidChangeBatch", f"[{', '.join(messages)}]")


def check_form(changes: list[dict[str, Any]]) -> None:
    """Refuse a batch by its form or its size."""
    if not changes:
        raise invalid_input("Invalid request: a change batch needs at least one change.")
    for change in changes:
        _check_change(change)
    elements = sum(_weight(change) * max(1, len(_values(change))) for change in changes)
    characters = sum(_weight(change) * len(value) for change in changes for value in _values(change))
    if elements > MOST_ELEMENTS:
        raise invalid_batch([f"Number of records limit of {MOST_ELEMENTS} exceeded."])
    if characters > MOST_CHARACTERS:
        raise invalid_batch([f"Number of characters limit of {MOST_CHARACTERS} exceeded."])


def _weight(change: dict[str, Any]) -> int:
    return 2 if change["Action"] == "UPSERT" else 1


def _values(change: dict[str, Any]) -> list[str]:
    return [record["Value"] for record in change["ResourceRecordSet"].get("ResourceRecords") or []]


def _check_change(change: dict[str, Any]) -> None:
    action, record = change.get("Action"), change.get("ResourceRecordSet")
    if action not in ACTIONS:
        raise invalid_input(f"Invalid request: '{action}' is no action; the actions are {', '.join(ACTIONS)}.")
    if not record or not record.get("Name") or not record.get("Type"):
        raise invalid_input("Invalid request: every change needs a record set with Name and Type.")
    where = (
        f"in Change with [Action={action}, Name={record['Name']}, Type={record['Type']}, "
        f"SetIdentifier={record.get('SetIdentifier') or 'null'}]"
    )
    for feature in ("TrafficPolicyInstanceId", "CidrRoutingConfig"):
        if record.get(feature):
            raise not_there(f"records with {feature}")
    _check_content(record, where)
    _check_routing(record, where)


def _check_content(record: dict[str, Any], where: str) -> None:
    has_values = bool(record.get("ResourceRecords"))
    has_ttl = record.get("TTL") is not None
    has_alias = record.get("AliasTarget") is not None
    if has_alias and (has_values or has_ttl):
        raise invalid_input(f"Invalid request: Expected exactly one of {EITHER}, but found more than one {where}")
    if not has_alias and not (has_values and has_ttl):
        raise invalid_input(f"Invalid request: Expected exactly one of {EITHER}, but found none {where}")
    if has_ttl and not 0 <= record["TTL"] <= LONGEST_TTL:
        raise invalid_input(f"Invalid request: TTL must be from 0 to {LONGEST_TTL} {where}")


def _check_routing(record: dict[str, Any], where: str) -> None:
    found = [name for name in ROUTING if record.get(name) is not None]
    if found and not record.get("SetIdentifier"):
        raise invalid_input(f"Invalid request: Missing field 'SetIdentifier' {where}")
    if record.get("SetIdentifier") and len(found) != 1:
        number = "more than one" if found else "none"
        raise invalid_input(
            f"Invalid request: Expected exactly one of [{', '.join(ROUTING)}], but found {number} {where}"
        )
