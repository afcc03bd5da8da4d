"""The requests of the demo, and what should become of each."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from deployment.drawbridge import Drawbridge
from emulator.organization_sample import SANDBOX_MEMBER, STRANGER, SUSPENDED_MEMBER, WORKLOADS_MEMBER

from .people import People
from .screen import Screen

if TYPE_CHECKING:
    from .events import Follower

CONNECTED, WAITING = "available", "pendingAcceptance"
PAUSE_SECONDS = 0.7


@dataclass(frozen=True)
class Expected:
    """How a request should end."""

    decision: str
    reason: str
    state: str


MEMBER = Expected("accept", "ORG_MEMBER", CONNECTED)
OUTSIDER = Expected("hold", "OUTSIDE_ORGANIZATION", WAITING)
SUSPENDED = Expected("hold", "ACCOUNT_SUSPENDED", WAITING)
NOT_SELECTED = Expected("ignore", "NOT_SELECTED", WAITING)

SCENES = [
    (WORKLOADS_MEMBER, "orders", MEMBER),
    (SANDBOX_MEMBER, "orders", MEMBER),
    (STRANGER, "orders", OUTSIDER),
    (SUSPENDED_MEMBER, "orders", SUSPENDED),
    (WORKLOADS_MEMBER, "reports", MEMBER),
    (WORKLOADS_MEMBER, "billing", NOT_SELECTED),
]


@dataclass
class Request:
    """One request for a connection, and what was decided so far."""

    owner: str
    service: str
    service_id: str
    expected: Expected
    asked_at: float
    endpoint: str = ""
    decisions: list[dict[str, Any]] = field(default_factory=list)
    milliseconds: int | None = None
    state: str = ""

    @property
    def decision(self) -> dict[str, Any]:
        """The decision that stands."""
        return self.decisions[-1] if self.decisions else {}

    @property
    def faults(self) -> list[str]:
        """What did not end as it should."""
        found = {"decision": self.decision.get("decision"), "reason": self.decision.get("reason"), "state": self.state}
        wanted = vars(self.expected)
        return [f"{name} {found[name]!r}, expected {wanted[name]!r}" for name in wanted if found[name] != wanted[name]]


def ask_all(drawbridge: Drawbridge, people: People, screen: Screen, follower: Follower) -> list[Request]:
    """Let everybody ask, and wait until everything is decided."""
    screen.title("Accounts ask for connections (mode enforce)")
    for name in ("orders", "billing"):
        drawbridge.notify_of(drawbridge.sample.services[name])
    drawbridge.settle()
    requests = []
    for owner, service, expected in SCENES:
        requests.append(ask(drawbridge, people, screen, follower, owner, service, expected))
        time.sleep(PAUSE_SECONDS)
    follower.await_decisions()
    drawbridge.settle()
    for request in requests:
        request.state = drawbridge.state_of(request.owner, request.endpoint)
    return requests


def ask(
    drawbridge: Drawbridge,
    people: People,
    screen: Screen,
    follower: Follower,
    owner: str,
    service: str,
    expected: Expected,
) -> Request:
    """Let one account ask."""
    offered = drawbridge.sample.services[service]
    request = Request(owner, service, offered.id, expected, time.time())
    request.endpoint = drawbridge.request_connection(owner, offered)
    screen.told("asks", f"{people.who(owner)} -> {service}: {request.endpoint}")
    follower.follow(request)
    return request
