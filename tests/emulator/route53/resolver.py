"""The resolver of a VPC, and the public DNS: what a name resolves to, and which zone says so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from . import alias_targets, names
from .record_sets import RecordSet
from .sources import ProfileContents, Source, sources_of
from .vpcs import Vpc, asks_resolver
from .zone_answers import delegated_below, look_up
from .zones import HostedZone, ManagedZone, Zones, most_specific

MOST_VALUES = 8
LONGEST_CHAIN = 10
# Status of an answer besides DNS's own: the VPC has no resolver; a rule sends the question away; nobody here knows.
NO_RESOLVER = "NO_RESOLVER"
FORWARDED = "FORWARDED"
NOT_HERE = "NOT_HERE"
ALIAS_TTL = 60


class Unresolvable(Exception):
    """A question that the emulator can't answer as AWS would."""


@dataclass
class Answer:
    """What became of a question; `steps` says who was asked, for the name itself and then for what it points to."""

    name: str
    type: str
    status: str = ""
    records: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)

    def describe(self) -> dict[str, Any]:
        """For the control API; `zone` is the one that answered for the name itself."""
        return {
            "name": self.name,
            "type": self.type,
            "status": self.status,
            "answers": self.records,
            "zone": self.steps[0] if self.steps else None,
            "steps": self.steps,
        }

    def add(self, name: str, kind: str, ttl: int | None, values: list[str]) -> None:
        """Take up records."""
        self.records += [{"name": name, "type": kind, "ttl": ttl, "value": value} for value in values]
        self.status = "NOERROR"


class Resolver:
    """Answers questions as the resolver of a VPC does, or (without a VPC) as the public DNS does."""

    def __init__(self, zones: Zones) -> None:
        self._zones = zones
        self.profiles: ProfileContents  # set by Profiles

    def resolve(self, name: str, kind: str, vpc: Vpc | None = None, account: str = "") -> Answer:
        """Answer a question, following CNAME records."""
        self._zones.settle()
        answer = Answer(names.normalize(name), kind)
        asked = answer.name
        for _ in range(LONGEST_CHAIN):
            target = self._ask(answer, asked, vpc, account)
            if target is None:
                return answer
            asked = target
        answer.status = "SERVFAIL"
        return answer

    def _ask(self, answer: Answer, name: str, vpc: Vpc | None, account: str) -> str | None:
        """Ask for one name; the name to ask for next when it is a CNAME."""
        if vpc is not None:
            if not asks_resolver(vpc, account):
                answer.status = NO_RESOLVER
                return None
            sources = sources_of(self._zones, self.profiles, vpc, account, name)
            if sources:
                return self._ask_source(answer, sources[0], name)
        return self._ask_public(answer, name)

    def _ask_source(self, answer: Answer, source: Source, name: str) -> str | None:
        if source.is_rule:
            rule = source.holder
            shown = {"kind": "resolver-rule", "id": rule.id, "name": source.domain, "owner": rule.account_id}
            answer.steps.append({**shown, "through": source.through, "asked": name, "targets": rule.target_ips or []})
            answer.status = FORWARDED
            return None
        if isinstance(source.holder, ManagedZone):
            return self._ask_managed(answer, source.holder, source.through, name)
        return self._ask_zone(answer, source.holder, source.through, name)

    def _ask_public(self, answer: Answer, name: str) -> str | None:
        zone = most_specific(self._zones.public(), name)
        if zone is not None:
            if delegated_below(zone.served.records, zone.name, name):
                answer.steps.append(_step(zone, "public", name))
                answer.status = NOT_HERE
                return None
            return self._ask_zone(answer, zone, "public", name)
        addresses = self._zones.endpoints.addresses(name, answer.type)
        if addresses is None:
            answer.status = NOT_HERE
            return None
        answer.steps.append({"kind": "endpoint-names", "through": "public", "asked": name})
        self._add_addresses(answer, name, addresses)
        return None

    @staticmethod
    def _add_addresses(answer: Answer, name: str, addresses: list[str]) -> None:
        if addresses:
            answer.add(name, answer.type, ALIAS_TTL, addresses)
        else:
            answer.status = "NODATA"

    def _ask_zone(self, answer: Answer, zone: HostedZone, through: str, name: str) -> str | None:
        answer.steps.append(_step(zone, through, name))
        if len(answer.steps) > LONGEST_CHAIN:
            answer.status = "SERVFAIL"
            return None
        found = look_up(zone.served.records, zone.name, name, answer.type)
        if not found.records:
            answer.status = "NODATA" if found.name_exists else "NXDOMAIN"
            return None
        record = _all_in_one(zone, found.records)
        if record is None:
            raise Unresolvable(f"{name} has routing policies in {zone.id}: resolve doesn't choose between record sets")
        if record.alias is not None:
            self._follow_alias(answer, zone, through, record)
            return None
        answer.add(name, record.type, record.ttl, list(record.values))
        if record.type == "CNAME" and answer.type != "CNAME":
            return names.normalize(record.values[0])
        return None

    def _follow_alias(self, answer: Answer, zone: HostedZone, through: str, record: RecordSet) -> None:
        """An alias is answered in the asked name's own place: with addresses, not with the target's name."""
        alias, name = record.alias, answer.steps[-1]["asked"]
        assert alias is not None
        if alias.zone_id == zone.id:
            aliased = Answer(alias.name, answer.type, steps=answer.steps)
            if self._ask_zone(aliased, zone, through, alias.name) is not None:
                raise Unresolvable(f"{name} is an alias of a CNAME, {alias.name}")
            answer.status = aliased.status
            answer.records += [{**found, "name": name} for found in aliased.records]
            return
        if alias.zone_id == alias_targets.LOAD_BALANCERS:
            raise Unresolvable(f"{name} is an alias of a load balancer, {alias.name}: its addresses aren't modelled")
        self._add_addresses(answer, name, self._zones.endpoints.addresses(alias.name, answer.type) or [])

    def _ask_managed(self, answer: Answer, zone: ManagedZone, through: str, name: str) -> None:
        shown = {"kind": "endpoint-zone", "id": zone.id, "name": zone.name, "owner": zone.service}
        answer.steps.append({**shown, "endpoint": zone.endpoint_id, "through": through, "asked": name})
        if not zone.has(name):
            answer.status = "NODATA" if name == zone.name else "NXDOMAIN"
            return
        self._add_addresses(answer, name, self._zones.endpoints.addresses_of(zone.endpoint_id, answer.type))


def _all_in_one(zone: HostedZone, records: tuple[RecordSet, ...]) -> RecordSet | None:
    """What answers where nothing is to be chosen, else None: the only record set, in a zone of Cloud Map also several.

    Route 53 answers with eight multivalue records at the most; here they are the first.
    """
    first = records[0]
    if zone.managed_by is None:
        return first if len(records) == 1 and not first.identifier else None
    if all(record.routing.get("MultiValueAnswer") for record in records):
        values = [value for record in records for value in record.values]
        return replace(first, values=tuple(values[:MOST_VALUES]))
    return first if len(records) == 1 else None


def _step(zone: HostedZone, through: str, name: str) -> dict[str, Any]:
    kind = "private-zone" if zone.private else "public-zone"
    return {
        "kind": kind,
        "id": zone.id,
        "name": zone.name,
        "owner": zone.account,
        "through": through,
        "asked": name,
    }
