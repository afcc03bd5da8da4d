"""What a zone answers to a question: its records, a wildcard's, nothing of that type, or no such name (RFC 1034, 4592)."""

from __future__ import annotations

from dataclasses import dataclass

from . import names
from .record_sets import Key, RecordSet


@dataclass(frozen=True)
class Found:
    """The record sets that answer (of the asked type, or one CNAME); without any, whether the name exists."""

    records: tuple[RecordSet, ...] = ()
    name_exists: bool = True


def look_up(records: dict[Key, RecordSet], zone_name: str, name: str, kind: str) -> Found:
    """What a zone's records say of a name that lies in the zone."""
    names_there = {record.name for record in records.values()}
    existing = {parent for there in names_there for parent in names.parents(there) if names.lies_in(parent, zone_name)}
    if name in existing:
        return Found(_of_type(records, name, kind))
    for parent in names.parents(name)[1:]:
        wildcard = f"{names.WILDCARD}.{parent}"
        if wildcard in names_there:
            return Found(_of_type(records, wildcard, kind))
        if parent in existing:  # the closest name that is there: only its own wildcard counts
            break
    return Found(name_exists=False)


def _of_type(records: dict[Key, RecordSet], name: str, kind: str) -> tuple[RecordSet, ...]:
    rank = names.rank(name)
    matching = tuple(record for key, record in records.items() if key[0] == rank and key[1] == kind)
    return matching or tuple(record for key, record in records.items() if key[0] == rank and key[1] == "CNAME")


def delegated_below(records: dict[Key, RecordSet], zone_name: str, name: str) -> str | None:
    """The domain below the apex for which other name servers are to be asked, if the name lies in one."""
    for domain in names.parents(name):
        if domain == zone_name:
            return None
        if (names.rank(domain), "NS", "") in records:
            return domain
    return None
