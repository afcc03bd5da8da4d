"""ChangeResourceRecordSets: a batch is carried out as a whole, change by change, or refused as a whole; and GetChange."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from moto.route53.models import route53_backends

from ..api_call import ApiCall, AwsError
from . import alias_targets, names, record_values
from .change_requests import check_form, invalid_batch
from .operation import Operations, plain_id, writable_zone
from .record_sets import APEX_TYPES, Key, RecordSet, parse
from .zones import HostedZone, Zones

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

PARTITION = "aws"


def install(hooks: Hooks, app: Emulator, zones: Zones) -> None:
    """Answer the operations."""
    app.settings.define(
        "records_per_hosted_zone",
        10_000,
        lambda value: isinstance(value, int) and value > 0,
        "quota of Route 53: record sets in a hosted zone",
    )
    operations = Operations(hooks, zones)
    operations.add("ChangeResourceRecordSets", change)
    operations.add("GetChange", get_change)


def change(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """ChangeResourceRecordSets."""
    zone = writable_zone(zones, call, call.parameter("HostedZoneId"))
    batch = call.parameter("ChangeBatch", {})
    changes = batch.get("Changes") or []
    check_form(changes)
    wanted, problems = _parse_all(changes)
    if problems:
        raise invalid_batch(problems)
    _check_health_checks(call, [record for _, record in wanted])
    records = dict(zone.records)
    for action, record in wanted:
        problem = _carry_out(zone, records, action, record)
        problems += [problem] if problem else []
    problems += _problems_afterwards(zones, zone, records, wanted)
    if problems:
        raise invalid_batch(list(dict.fromkeys(problems)))
    zone.replace(records)
    return {"ChangeInfo": zones.submit(call.account, zone, batch.get("Comment"))}


def _parse_all(changes: list[dict[str, Any]]) -> tuple[list[tuple[str, RecordSet]], list[str]]:
    wanted, problems = [], []
    for item in changes:
        try:
            record = parse(item["ResourceRecordSet"])
        except names.InvalidName as error:
            problems.append(f"FATAL problem: {error}")
            continue
        if item["Action"] != "DELETE":
            problems += record_values.check(record.type, record.values)
        wanted.append((item["Action"], record))
    return wanted, problems


def _check_health_checks(call: ApiCall, records: list[RecordSet]) -> None:
    known = route53_backends[call.account][PARTITION].health_checks
    for record in records:
        if record.health_check and record.health_check not in known:
            raise AwsError("NoSuchHealthCheck", f"No health check exists with the specified ID {record.health_check}")


def _carry_out(zone: HostedZone, records: dict[Key, RecordSet], action: str, record: RecordSet) -> str | None:
    """Carry out one change on `records`, or say why not."""
    if not names.lies_in(record.name, zone.name):
        return f"RRSet with DNS name {record.name} is not permitted in zone {zone.name}"
    which = f"resource record set [name='{record.name}', type='{record.type}'{_identified(record)}]"
    present = records.get(record.key)
    if action == "DELETE":
        if present is None:
            return f"Tried to delete {which} but it was not found"
        if not _is_same(present, record):
            return f"Tried to delete {which} but the values provided do not match the current values"
        del records[record.key]
        return None
    if action == "CREATE" and present is not None:
        return f"Tried to create {which} but it already exists"
    records[record.key] = record
    return None


def _identified(record: RecordSet) -> str:
    return f", set identifier='{record.identifier}'" if record.identifier else ""


def _is_same(present: RecordSet, asked: RecordSet) -> bool:
    """Whether a deletion says what is there; what chooses between sets may be left out, as Terraform does."""
    if present.content != asked.content:
        return False
    chosen = all(present.routing.get(name) == value for name, value in asked.routing.items())
    return chosen and asked.health_check in (None, present.health_check)


def _problems_afterwards(
    zones: Zones, zone: HostedZone, records: dict[Key, RecordSet], wanted: list[tuple[str, RecordSet]]
) -> list[str]:
    """What is wrong with the zone as it would be after the batch."""
    problems = []
    apex = names.rank(zone.name)
    if (apex, "NS", "") not in records:
        problems.append("A HostedZone must contain at least one NS record for the zone itself.")
    if (apex, "SOA", "") not in records:
        problems.append("A HostedZone must contain exactly one SOA record.")
    quota = zones.settings["records_per_hosted_zone"]
    if len(records) > max(quota, len(zone.records)):
        problems.append(f"The hosted zone would have more than {quota} resource record sets, its quota.")
    written = [record for action, record in wanted if action != "DELETE" and records.get(record.key) is record]
    types = _types_by_name(records, written)
    for record in written:
        problems += _problems_of_name(zone, record, types[names.rank(record.name)])
        if record.alias is not None:
            problem = alias_targets.problem(zones, zone, records, record)
            problems += [problem] if problem else []
    return problems


def _types_by_name(records: dict[Key, RecordSet], written: list[RecordSet]) -> dict[str, Counter[tuple[str, bool]]]:
    """For each written name the types it has, with and without identifier."""
    types: dict[str, Counter[tuple[str, bool]]] = {names.rank(record.name): Counter() for record in written}
    for name, kind, identifier in records:
        if name in types:
            types[name][kind, bool(identifier)] += 1
    return types


def _problems_of_name(zone: HostedZone, record: RecordSet, types: Counter[tuple[str, bool]]) -> list[str]:
    if record.type == "CNAME" and record.name == zone.name:
        return [f"RRSet of type CNAME with DNS name {record.name} is not permitted at apex in zone {zone.name}"]
    if record.type == "SOA" and record.name != zone.name:
        return [f"RRSet of type SOA with DNS name {record.name} is only permitted at apex in zone {zone.name}"]
    problems = []
    kinds = {kind for kind, _ in types}
    if "CNAME" in kinds and len(kinds) > 1:
        problems.append(
            f"RRSet of type {record.type} with DNS name {record.name} is not permitted because a conflicting RRSet "
            f"of type {'CNAME' if record.type != 'CNAME' else min(kinds - {'CNAME'})} with the same DNS name already "
            f"exists in zone {zone.name}"
        )
    if types[record.type, True] and types[record.type, False]:
        problems.append(
            f"RRSet with DNS name {record.name}, type {record.type}, SetIdentifier {record.identifier or 'null'} cannot "
            "be created because a non multivalue answer rrset exists with the same name and type."
        )
    if record.type in APEX_TYPES and record.name == zone.name and record.alias is not None:
        problems.append(f"RRSet of type {record.type} at the apex of zone {zone.name} can't be an alias")
    return problems


def get_change(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """GetChange: PENDING, then INSYNC."""
    change_id = plain_id(call.parameter("Id"))
    found = zones.changes.get(change_id)
    if found is None or found.account != call.account:
        raise AwsError("NoSuchChange", f"Could not find resource with ID: {change_id}")
    return {"ChangeInfo": found.describe()}
