"""A share of all calls fails, drawn by a seed: throttled, refused, cut off, or done without an answer."""

from __future__ import annotations

from typing import Any

from deployment.drawbridge import Drawbridge
from emulator.organization_sample import (
    HUB,
    PROVIDER,
    SANDBOX_MEMBER,
    STRANGER,
    SUSPENDED_MEMBER,
    WORKLOADS_MEMBER,
)

from .function_calls import MEMBER_ROLE, function_calls, writing
from .ordered_faults import UNTIL_CLEARED, clear, hits, order

OWNERS = [WORKLOADS_MEMBER, STRANGER, SANDBOX_MEMBER, SUSPENDED_MEMBER]
MEMBERS = {WORKLOADS_MEMBER, SANDBOX_MEMBER}
LEAST_ROUNDS, MOST_ROUNDS = 3, 40
SEED = 1
ACCEPTED_ONCE = ["pendingAcceptance", "pending", "available"]
FAILING = [
    {"service": "ec2", "operation": "*", "share": 0.3, "code": "RequestLimitExceeded"},
    {
        "service": "ec2",
        "operation": "AcceptVpcEndpointConnections",
        "share": 0.6,
        "after": True,
        "code": "InternalError",
    },
    {"service": "ec2", "operation": "*", "share": 0.3, "role": MEMBER_ROLE, "disconnect": True},
    {"service": "organizations", "operation": "*", "share": 0.4, "code": "TooManyRequestsException"},
    {"service": "sts", "operation": "AssumeRole", "share": 0.5, "code": "InternalFailure"},
    {"service": "events", "operation": "PutEvents", "share": 0.4, "code": "InternalException", "http_status": 500},
]


class Requests:
    """Requests of members and of others at two services, in rounds."""

    def __init__(self, drawbridge: Drawbridge) -> None:
        self.drawbridge = drawbridge
        self.services = [drawbridge.offer_service(account, notified=["Connect"]) for account in (HUB, PROVIDER)]
        self.owners: dict[str, str] = {}

    def make(self, number: int) -> None:
        """A round of requests, at the services in turn."""
        service = self.services[number % len(self.services)]
        for owner in OWNERS:
            self.owners[self.drawbridge.request_connection(owner, service)] = owner

    def members(self) -> set[str]:
        """The endpoints of members."""
        return {endpoint for endpoint, owner in self.owners.items() if owner in MEMBERS}

    def histories(self) -> dict[str, list[str]]:
        """What became of all requests."""
        told = [self.drawbridge.histories(service) for service in self.services]
        return {endpoint: states for histories in told for endpoint, states in histories.items()}

    def decisions(self) -> dict[str, str]:
        """The decisions that are recorded on the connections."""
        found = [item for service in self.services for item in self.drawbridge.connections(service).items()]
        tags = {endpoint: {tag["Key"]: tag["Value"] for tag in item["Tags"]} for endpoint, item in found}
        return {endpoint: values["drawbridge:decision"] for endpoint, values in tags.items()}


def work(drawbridge: Drawbridge) -> None:
    """Do all that waits; what failed comes back at once."""
    drawbridge.watch_organization.settle()
    drawbridge.accept_connections.give_up()
    drawbridge.sync_dns.give_up()


def sweep(drawbridge: Drawbridge) -> None:
    """Look at everything, by environments that remember nothing."""
    drawbridge.end_environments()
    drawbridge.sweep()
    work(drawbridge)


def writes(drawbridge: Drawbridge, after: int) -> list[dict[str, Any]]:
    """What was changed after that call."""
    return writing(function_calls(drawbridge, after) + function_calls(drawbridge, after, MEMBER_ROLE))


def test_requests_are_answered_rightly_and_once_though_a_share_of_all_calls_fails(
    drawbridge: Drawbridge,
) -> None:
    requests = Requests(drawbridge)
    drawbridge.end_environments()
    faults = [order(drawbridge, count=UNTIL_CLEARED, seed=SEED, **failing) for failing in FAILING]
    for number in range(MOST_ROUNDS):
        requests.make(number)
        work(drawbridge)
        sweep(drawbridge)
        if number + 1 >= LEAST_ROUNDS and all(hits(drawbridge, fault) for fault in faults):
            break
    assert all(hits(drawbridge, fault) for fault in faults)

    clear(drawbridge)
    sweep(drawbridge)
    members = requests.members()
    expected = {endpoint: ACCEPTED_ONCE if endpoint in members else ACCEPTED_ONCE[:1] for endpoint in requests.owners}
    assert requests.histories() == expected
    # Where the record of an acceptance got lost, the sweep found a connection that stands by policy and recorded that.
    let_in = {endpoint: decision in {"accept", "keep"} for endpoint, decision in requests.decisions().items()}
    assert let_in == {endpoint: endpoint in members for endpoint in requests.owners}
    held = {endpoint for endpoint, decision in requests.decisions().items() if decision == "hold"}
    assert held == requests.owners.keys() - members
    after = drawbridge.aws.last_call()
    sweep(drawbridge)
    assert writes(drawbridge, after) == []
