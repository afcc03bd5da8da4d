"""Resource record sets: what a request says of one, and how it is listed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from . import names

APEX_TYPES = ("NS", "SOA")
# Members that choose between the sets of one name and type; each goes with a SetIdentifier.
ROUTING = ("Weight", "Region", "GeoLocation", "Failover", "MultiValueAnswer", "GeoProximityLocation")

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Alias:
    """The target of an alias record."""

    zone_id: str
    name: str
    evaluates_health: bool

    def describe(self) -> dict[str, Any]:
        """The structure AliasTarget."""
        return {"HostedZoneId": self.zone_id, "DNSName": self.name, "EvaluateTargetHealth": self.evaluates_health}


@dataclass(frozen=True)
class RecordSet:
    """One record set; it has either an alias, or a TTL and values."""

    name: str
    type: str
    identifier: str = ""
    ttl: int | None = None
    values: tuple[str, ...] = ()
    alias: Alias | None = None
    routing: dict[str, Any] = field(default_factory=dict, hash=False)
    health_check: str | None = None

    @property
    def key(self) -> Key:
        """What identifies it in its zone, in the order of listings."""
        return names.rank(self.name), self.type, self.identifier

    @property
    def content(self) -> tuple[Any, ...]:
        """What a deletion has to say exactly; the order of values doesn't matter."""
        return self.ttl, sorted(self.values), self.alias

    def describe(self) -> dict[str, Any]:
        """The structure ResourceRecordSet."""
        shown: dict[str, Any] = {"Name": self.name, "Type": self.type}
        if self.identifier:
            shown["SetIdentifier"] = self.identifier
        shown |= self.routing
        if self.alias is not None:
            shown["AliasTarget"] = self.alias.describe()
        else:
            shown["TTL"] = self.ttl
            shown["ResourceRecords"] = [{"Value": value} for value in self.values]
        if self.health_check:
            shown["HealthCheckId"] = self.health_check
        return shown


def parse(parameter: dict[str, Any]) -> RecordSet:
    """The record set of a request; InvalidName when its name, or the alias's, is none."""
    alias = parameter.get("AliasTarget")
    return RecordSet(
        name=names.normalize(parameter["Name"]),
        type=parameter["Type"],
        identifier=parameter.get("SetIdentifier") or "",
        ttl=parameter.get("TTL"),
        values=tuple(record["Value"] for record in parameter.get("ResourceRecords") or []),
        alias=None if alias is None else _parse_alias(alias),
        routing={name: parameter[name] for name in ROUTING if parameter.get(name) is not None},
        health_check=parameter.get("HealthCheckId"),
    )


def _parse_alias(parameter: dict[str, Any]) -> Alias:
    zone_id = parameter["HostedZoneId"].removeprefix("/hostedzone/")
    return Alias(zone_id, names.normalize(parameter["DNSName"]), bool(parameter["EvaluateTargetHealth"]))
