"""The state of PrivateLink in all accounts and Regions, and its changes that take time.

Services are found by name and id, endpoints by id and by service, so that no call walks over all of them.
"""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends

from ..late_changes import LateChanges

if TYPE_CHECKING:
    from ..route53.resolver import Resolver
    from ..route53.zones import Zones
    from ..settings import Settings

LARGEST_PAGE = 1_000
FOR_ENDPOINTS = "vpc-endpoint"
INTERFACE = "Interface"
GATEWAY = "GatewayLoadBalancer"  # what services and endpoints of Gateway Load Balancers are called
ACTIVE_STATES = frozenset({"pendingAcceptance", "pending", "available"})


@dataclass
class Permission:
    """One allowed principal of a service; `purpose` is EC2's PermissionType."""

    id: str
    principal: str
    kind: str
    purpose: str
    number: int


@dataclass
class PrivateName:
    """The private DNS name of a service and the TXT record that proves who owns its domain."""

    name: str
    state: str
    record_name: str
    record_value: str


@dataclass
class Service:
    """An endpoint service."""

    id: str
    number: int
    account: str
    region: str
    load_balancer_arns: list[str]
    acceptance_required: bool
    supported_regions: list[str]
    ip_address_types: list[str]
    # The Availability Zones that it is offered in, by name: those of its load balancers when it was made or modified last.
    zones: list[str] = field(default_factory=list)
    kind: str = INTERFACE  # that of its endpoints: INTERFACE or GATEWAY
    private_name: PrivateName | None = None
    permissions: dict[tuple[str, str], Permission] = field(default_factory=dict)  # by purpose and principal
    endpoints: dict[str, Endpoint] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name by which consumers ask for it."""
        return f"com.amazonaws.vpce.{self.region}.{self.id}"

    def permits(self, principal: str) -> bool:
        """Whether a permission names the principal for VPC endpoints."""
        return (FOR_ENDPOINTS, principal) in self.permissions

    @property
    def permission_ids(self) -> list[str]:
        """The ids of its allowed principals."""
        return [permission.id for permission in self.permissions.values()]

    @property
    def arn(self) -> str:
        """Its ARN, which AWS gives as the source of notifications."""
        return f"arn:aws:ec2:{self.region}:{self.account}:vpc-endpoint-service/{self.id}"

    @property
    def tags(self) -> list[dict[str, str]]:
        """Its tags."""
        return tags_of(self.account, self.region, self.id)


@dataclass
class Endpoint:
    """An endpoint with network interfaces; towards a service of a customer it is also that service's connection."""

    id: str
    number: int
    account: str
    region: str
    vpc_id: str
    service_name: str
    service_region: str
    service: Service | None
    state: str
    subnet_ids: list[str]
    group_ids: list[str]
    ip_address_type: str
    dns_suffix: str
    kind: str = INTERFACE  # or GATEWAY
    private_names: list[str] = field(default_factory=list)
    private_dns_enabled: bool = False
    policy: str | None = None
    record_ip_type: str = ""  # DnsRecordIpType, when it isn't the address type's
    named_when_available: bool = False  # no DNS names before
    interfaces: dict[str, str] = field(default_factory=dict)  # subnet -> network interface
    connection_id: str = ""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    past: list[str] = field(default_factory=list)  # the states that it had before, the first one first

    def become(self, state: str) -> None:
        """Take on another state."""
        self.past.append(self.state)
        self.state = state

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:aws:ec2:{self.region}:{self.account}:vpc-endpoint/{self.id}"

    @property
    def tags(self) -> list[dict[str, str]]:
        """Its tags, which are the consumer's; the connection has tags of its own."""
        return tags_of(self.account, self.region, self.id)


def tags_of(account: str, region: str, resource_id: str) -> list[dict[str, str]]:
    """The tags of an EC2 resource, straight from where moto keeps them (its search looks at every tag there is)."""
    tags = ec2_backends[account][region].tags.get(resource_id, {})
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def new_id(prefix: str) -> str:
    """An id as EC2 makes them: 17 hexadecimal digits."""
    return f"{prefix}-0{secrets.token_hex(8)}"


class Registry:
    """Everything PrivateLink knows."""

    send_notification: Callable[[Any, Endpoint, str], None]  # set by `Notifications`
    zones: Zones  # Route 53's, set at installation, as is `resolver`
    resolver: Resolver

    def __init__(self, settings: Settings) -> None:
        settings.define(
            "state_delay_ms",
            0,
            lambda value: isinstance(value, int) and value >= 0,
            "milliseconds that `pending` and `deleting` last, and that a domain's verification takes",
        )
        settings.define(
            "largest_page",
            LARGEST_PAGE,
            lambda value: isinstance(value, int) and 1 <= value <= LARGEST_PAGE,
            "results on a page at the most, whatever MaxResults asks for",
        )
        self.settings = settings
        self.lock = threading.RLock()
        self._late = LateChanges(settings)
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self._numbers = itertools.count(1)
            self._late.clear()
            self._tokens: dict[tuple[str, str, str, str], tuple[dict[str, Any], str]] = {}
            self.services: dict[str, Service] = {}
            self.endpoints: dict[str, Endpoint] = {}
            self.ever: list[Endpoint] = []  # those that are gone, too
            self.notifications: dict[str, Any] = {}

    def next_number(self) -> int:
        """The rank of a new resource: listings are in order of creation."""
        return next(self._numbers)

    # Changes that take time.

    def later(self, change: Callable[[], None]) -> None:
        """Carry out a change of state after the configured delay; it becomes visible to the next call."""
        self._late.later(change)

    def settle(self) -> None:
        """Carry out the changes that are due; every operation begins with it."""
        self._late.settle()

    # Finding.

    def service(self, service_id: str, account: str, region: str) -> Service | None:
        """A service by id, as its owner sees it."""
        service = self.services.get(service_id)
        return service if service and (service.account, service.region) == (account, region) else None

    def service_by_name(self, name: str) -> Service | None:
        """A customer's service by the name consumers use."""
        service = self.services.get(name.rpartition(".")[2])
        return service if service and service.name == name else None

    def services_of(self, account: str, region: str) -> Iterable[Service]:
        """An account's services of one Region."""
        return [s for s in list(self.services.values()) if (s.account, s.region) == (account, region)]

    def endpoint(self, endpoint_id: str, account: str, region: str) -> Endpoint | None:
        """An endpoint with interfaces by id, as its owner sees it."""
        endpoint = self.endpoints.get(endpoint_id)
        return endpoint if endpoint and (endpoint.account, endpoint.region) == (account, region) else None

    def endpoints_of(self, account: str, region: str) -> Iterable[Endpoint]:
        """An account's endpoints with interfaces, of one Region."""
        return [e for e in list(self.endpoints.values()) if (e.account, e.region) == (account, region)]

    # Idempotency.

    def known_token(self, scope: tuple[str, str, str], token: str | None, parameters: dict[str, Any]) -> Any:
        """The id that an earlier call with this ClientToken made; `None` for a new token.

        Raises LookupError when the earlier call had other parameters.
        """
        earlier = self._tokens.get((*scope, token)) if token else None
        if earlier is None:
            return None
        if earlier[0] != parameters:
            raise LookupError(token)
        return earlier[1]

    def remember_token(
        self, scope: tuple[str, str, str], token: str | None, parameters: dict[str, Any], made: str
    ) -> None:
        """Keep what a call with a ClientToken made."""
        if token:
            self._tokens[(*scope, token)] = (parameters, made)
