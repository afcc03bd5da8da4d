"""The namespaces of all accounts with their services and instances, and the operations that change them."""

from __future__ import annotations

import secrets
import string
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..late_changes import LateChanges

if TYPE_CHECKING:
    from ..route53.zones import Zones
    from ..settings import Settings

IDENTIFIER = string.ascii_lowercase + string.digits
DELAY = "cloud_map_operation_ms"
UNDER_WAY = ("SUBMITTED", "PENDING")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Instance:
    """An instance; `health` is the status of its custom health check, None where the service has none."""

    id: str
    attributes: dict[str, str]
    created_by: str
    health: str | None
    creator_request_id: str | None = None


@dataclass
class Namespace:
    """A namespace; `kind` is HTTP or DNS_PRIVATE, and the latter has a hosted zone."""

    id: str
    account: str
    region: str
    name: str
    kind: str
    creator_request_id: str
    description: str | None
    tags: dict[str, str]
    zone_id: str | None = None
    soa_ttl: int | None = None
    services: dict[str, Service] = field(default_factory=dict)
    created: datetime = field(default_factory=_now)

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:aws:servicediscovery:{self.region}:{self.account}:namespace/{self.id}"


@dataclass
class Service:
    """A service; `revision` grows by each change of its instances."""

    id: str
    namespace: Namespace
    name: str
    kind: str
    created_by: str
    creator_request_id: str
    description: str | None
    dns: dict[str, Any] | None
    custom_health: dict[str, Any] | None
    tags: dict[str, str]
    instances: dict[str, Instance] = field(default_factory=dict)
    revision: int = 1
    created: datetime = field(default_factory=_now)

    @property
    def arn(self) -> str:
        """Its ARN, which has the account of the namespace."""
        return f"arn:aws:servicediscovery:{self.namespace.region}:{self.namespace.account}:service/{self.id}"

    @property
    def record_types(self) -> dict[str, int]:
        """The types of the records of an instance, with their TTL."""
        return {record["Type"]: int(record["TTL"]) for record in (self.dns or {}).get("DnsRecords", [])}


@dataclass
class Operation:
    """An operation; `account` asked for it, `owner` has the namespace."""

    id: str
    account: str
    region: str
    namespace: Namespace
    type: str
    targets: dict[str, str]
    service: Service | None = None
    status: str = "SUBMITTED"
    error: tuple[str, str] | None = None
    created: datetime = field(default_factory=_now)
    updated: datetime = field(default_factory=_now)

    @property
    def owner(self) -> str:
        """The account of the namespace."""
        return self.namespace.account

    def become(self, status: str, error: tuple[str, str] | None = None) -> None:
        """Take on another status."""
        self.status, self.error, self.updated = status, error, _now()


class OperationFailed(Exception):
    """An operation ends in FAIL, with this code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class OrderedFailure:
    """Lets the next operations end in FAIL: of a service or an instance, by id or name; of all when neither is named."""

    error_code: str
    service: str | None
    instance: str | None
    times: int

    def hits(self, operation: Operation) -> bool:
        """Whether it is meant."""
        service = operation.service
        named = (service.id, service.name, service.arn) if service else ()
        return (
            self.times > 0
            and (self.service is None or self.service in named)
            and self.instance in (None, operation.targets.get("INSTANCE"))
        )


class Registry:
    """Everything Cloud Map knows; its own lock guards what Route 53 makes it carry out."""

    def __init__(self, settings: Settings, zones: Zones) -> None:
        self.settings = settings
        self.zones = zones
        self.namespaces: dict[str, Namespace] = {}
        self.operations: dict[str, Operation] = {}
        self.failures: list[OrderedFailure] = []
        self._lock = threading.RLock()
        self._late = LateChanges(settings, DELAY)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._late.clear()
            self.namespaces.clear()
            self.operations.clear()
            self.failures.clear()

    def settle(self) -> None:
        """Let the operations go on; everybody who reads begins with it."""
        with self._lock:
            for operation in self.under_way():
                operation.status = "PENDING"
            self._late.settle()

    def end(self) -> list[str]:
        """End all operations that are under way: their ids."""
        with self._lock:
            ended = [operation.id for operation in self.under_way()]
            self._late.finish()
            return ended

    def age(self, by: timedelta) -> None:
        """Have all operations that have ended be older."""
        with self._lock:
            for operation in self.operations.values():
                if operation.status not in UNDER_WAY:
                    operation.created -= by
                    operation.updated -= by

    def under_way(self) -> list[Operation]:
        """The operations that haven't ended."""
        return [operation for operation in self.operations.values() if operation.status in UNDER_WAY]

    def start(self, operation: Operation, carry_out: Callable[[], None]) -> dict[str, Any]:
        """Let an operation begin: the answer that names it."""

        def end() -> None:
            failure = next((failure for failure in self.failures if failure.hits(operation)), None)
            if failure is not None:
                failure.times -= 1
                operation.become("FAIL", (failure.error_code, "This failure was ordered."))
                return
            try:
                carry_out()
            except OperationFailed as failed:
                operation.become("FAIL", (failed.code, str(failed)))
            else:
                operation.become("SUCCESS")

        with self._lock:
            self.operations[operation.id] = operation
            self._late.later(end)
        return {"OperationId": operation.id}

    def services(self) -> list[Service]:
        """All services, of whomever."""
        return [service for namespace in self.namespaces.values() for service in namespace.services.values()]

    def find_service(self, service_id: str) -> Service | None:
        """A service of anybody."""
        return next((service for service in self.services() if service.id == service_id), None)


def new_id(prefix: str) -> str:
    """An id as Cloud Map makes them."""
    return f"{prefix}-" + "".join(secrets.choice(IDENTIFIER) for _ in range(16))


def new_operation_id() -> str:
    """The id of an operation."""
    return f"{uuid.uuid4().hex[:26]}-{secrets.token_hex(4)}"
