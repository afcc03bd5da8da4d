"""The hosted zones of all accounts, and the changes that are on their way to Route 53's servers.

A zone has two faces: what its owner has written (`records`, `vpcs`), and what is answered already (`served`); a change
goes from PENDING to INSYNC when the second has caught up.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from ..late_changes import LateChanges
from . import names
from .record_sets import Key, RecordSet
from .vpcs import Vpc

if TYPE_CHECKING:
    from ..settings import Settings

IDENTIFIER = string.ascii_uppercase + string.digits
NAME_SERVER_TTL = 172_800
SOA_TTL = 900
SOA_TIMES = "1 7200 900 1209600 86400"


@dataclass
class Change:
    """A change that was submitted."""

    id: str
    account: str
    comment: str | None
    submitted: datetime
    status: str = "PENDING"

    def describe(self) -> dict[str, Any]:
        """The structure ChangeInfo."""
        shown = {"Id": f"/change/{self.id}", "Status": self.status, "SubmittedAt": self.submitted}
        return shown | ({"Comment": self.comment} if self.comment else {})


@dataclass(frozen=True)
class Served:
    """What Route 53's servers answer of a zone."""

    records: dict[Key, RecordSet] = field(default_factory=dict)
    vpcs: frozenset[Vpc] = frozenset()


@dataclass
class HostedZone:
    """A hosted zone; `records` is never changed in place, so that it can be served later as it is now."""

    id: str
    account: str
    name: str
    reference: str
    private: bool
    comment: str | None
    name_servers: list[str]
    records: dict[Key, RecordSet] = field(default_factory=dict)
    vpcs: dict[Vpc, None] = field(default_factory=dict)
    authorized: dict[Vpc, None] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    served: Served = field(default_factory=Served)
    order: list[Key] | None = None
    managed_by: str | None = None  # the ARN of a namespace of Cloud Map, which alone writes records

    @property
    def arn(self) -> str:
        """Its ARN, which names neither Region nor account."""
        return f"arn:aws:route53:::hostedzone/{self.id}"

    def replace(self, records: dict[Key, RecordSet]) -> None:
        """Put other records in the place of the present ones."""
        self.records, self.order = records, None

    def sorted_keys(self) -> list[Key]:
        """The keys of its records in the order of listings."""
        if self.order is None:
            self.order = sorted(self.records)
        return self.order


@dataclass(frozen=True)
class ManagedZone:
    """A private zone that AWS keeps in its own account, for the private DNS names of an endpoint."""

    id: str
    name: str
    service: str
    endpoint_id: str
    answers: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Whether one of its names, or a wildcard among them, covers a name."""
        covering = [f"{names.WILDCARD}.{parent}" for parent in names.parents(name)[1:]]
        return any(answer in (name, *covering) for answer in self.answers)


class EndpointNames(Protocol):
    """What Route 53 asks of PrivateLink."""

    def managed_zones(self, vpc: Vpc) -> list[ManagedZone]:
        """The zones that stand for endpoints of the VPC."""

    def managed_zones_of(self, endpoint_id: str) -> list[ManagedZone]:
        """The zones that stand for one endpoint."""

    def is_endpoint(self, endpoint_id: str, account: str, region: str) -> bool:
        """Whether an account has the endpoint in a Region."""

    def public_domain(self, zone_id: str) -> str | None:
        """The domain of endpoints' public names in a hosted zone; None for another zone."""

    def is_managed(self, zone_id: str) -> bool:
        """Whether a zone is one that stands for an endpoint."""

    def has_name(self, name: str, kind: str) -> bool:
        """Whether an endpoint has the public name, with records of the type."""

    def addresses(self, name: str, kind: str) -> list[str] | None:
        """The addresses behind a name of an endpoint; None when no endpoint has the name (or none of the kind)."""

    def addresses_of(self, endpoint_id: str, kind: str) -> list[str]:
        """All addresses of an endpoint."""


class Zones:
    """Everything Route 53 knows."""

    endpoints: EndpointNames  # set by PrivateLink

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.changes: dict[str, Change] = {}
        self.zones: dict[str, HostedZone] = {}
        # CallerReferences stay taken when their zone is deleted (HostedZoneAlreadyExists: "was already created with").
        self.references: set[tuple[str, str]] = set()
        # What has to be carried out before zones are read, by other services.
        self.before_reads: list[Callable[[], None]] = []
        self._late = LateChanges(settings)

    def clear(self) -> None:
        """Forget everything."""
        self._late.clear()
        self.changes.clear()
        self.zones.clear()
        self.references.clear()

    def settle(self) -> None:
        """Let what is due be answered; everybody who reads zones begins with it."""
        for settle in self.before_reads:
            settle()
        self._late.settle()

    def of_account(self, account: str) -> list[HostedZone]:
        """An account's zones in the order of their ids, so that a page can begin where one was deleted."""
        return sorted((zone for zone in self.zones.values() if zone.account == account), key=lambda zone: zone.id)

    def of_vpc(self, vpc: Vpc) -> list[HostedZone]:
        """The private zones that are associated with a VPC, whoever owns them."""
        return sorted((zone for zone in list(self.zones.values()) if vpc in zone.vpcs), key=lambda zone: zone.id)

    def public(self) -> Iterable[HostedZone]:
        """The public zones of all accounts that Route 53's servers know already."""
        return [zone for zone in list(self.zones.values()) if not zone.private and zone.served.records]

    def conflicting(self, vpc: Vpc, name: str) -> str | None:
        """The id of the zone by which a VPC has a domain of that name already: a hosted one, or an endpoint's."""
        mine = [zone.id for zone in self.of_vpc(vpc) if zone.name == name]
        managed = [zone.id for zone in self.endpoints.managed_zones(vpc) if zone.name == name]
        return next(iter(mine + managed), None)

    def submit(self, account: str, zone: HostedZone, comment: str | None = None) -> dict[str, Any]:
        """Take note of a change of the zone: a ChangeInfo; it is answered when the delay is over."""
        change = Change(new_id("C", 20), account, comment, datetime.now(UTC))
        self.changes[change.id] = change
        served = Served(zone.records, frozenset(zone.vpcs))

        def finish() -> None:
            zone.served = served
            change.status = "INSYNC"

        shown = change.describe()
        self._late.later(finish)
        return shown


def new_id(prefix: str, length: int = 13) -> str:
    """An id as Route 53 makes them."""
    return prefix + "".join(secrets.choice(IDENTIFIER) for _ in range(length))


def new_name_servers(private: bool) -> list[str]:
    """The four name servers of a new zone; all private zones have the same, which nobody can ask."""
    numbers = [0, 512, 1024, 1536] if private else [secrets.randbelow(512) + 512 * part for part in range(4)]
    ends = ("com", "net", "org", "co.uk")
    return [f"ns-{number}.awsdns-{number % 512 // 8:02}.{end}" for number, end in zip(numbers, ends, strict=True)]


def first_records(name: str, name_servers: list[str]) -> dict[Key, RecordSet]:
    """The NS and SOA records that every zone has at its apex."""
    servers = tuple(f"{server}." for server in name_servers)
    soa = f"{servers[0]} awsdns-hostmaster.amazon.com. {SOA_TIMES}"
    records = (
        RecordSet(name, "NS", ttl=NAME_SERVER_TTL, values=servers),
        RecordSet(name, "SOA", ttl=SOA_TTL, values=(soa,)),
    )
    return {record.key: record for record in records}


def most_specific(zones: Iterable[HostedZone], name: str) -> HostedZone | None:
    """The zone with the longest name that a name lies in; of several with one name the oldest."""
    matching = [zone for zone in zones if names.lies_in(name, zone.name)]
    return max(matching, key=lambda zone: zone.name.count("."), default=None)
