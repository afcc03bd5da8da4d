"""A thousand events of all kinds, in an order that a seed draws, and a reckoning of what has to come of them.

The reckoning knows the accounts and services of the test and the rules in docs, and nothing of how Drawbridge works.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from deployment.drawbridge import Drawbridge
from emulator.organization_sample import HUB, OPT_IN, PROVIDER, REGION, EndpointService

from ..guests import Guests

# How many of each kind there are: a thousand.
MIX = {
    "connect": 506,
    "delete": 110,
    "move": 60,
    "change a service": 60,
    "ask again": 150,
    "forge a call": 40,
    "forge a request": 20,
    "send garbage": 24,
    "put garbage on the bus": 12,
}
# Each happens once to each account (or service), in the middle of the others.
ONCE = {"leave": 4, "be forbidden": 4, "join": 4, "opt in": 1, "come and go": 5}
# The part of the requests that come before all else, so that there is something for it to happen to.
AT_FIRST = 0.1
STEADY, MOVING, STRANGERS = 7, 2, 4
OPTED_IN = {HUB: 5, PROVIDER: 2}


@dataclass
class Accounts:
    """The accounts by what becomes of them."""

    steady: list[str]
    moving: list[str]
    leaving: list[str]
    forbidden: list[str]
    joining: list[str]
    strangers: list[str]

    def everybody(self) -> list[str]:
        """All of them."""
        members = [*self.steady, *self.moving, *self.leaving, *self.forbidden]
        return [*members, *self.joining, *self.strangers]


def make_accounts(guests: Guests) -> Accounts:
    """The accounts, as they are at the beginning."""
    return Accounts(
        steady=[guests.member() for _ in range(STEADY)],
        moving=[guests.member() for _ in range(MOVING)],
        leaving=[guests.member() for _ in range(ONCE["leave"])],
        forbidden=[guests.member() for _ in range(ONCE["be forbidden"])],
        joining=[guests.stranger() for _ in range(ONCE["join"])],
        strangers=[guests.stranger() for _ in range(STRANGERS)],
    )


@dataclass
class MixedEvents:
    """Makes the events, and keeps what the reckoning needs."""

    drawbridge: Drawbridge
    accounts: Accounts
    forbidding_unit: str
    seed: int
    endpoints: dict[str, tuple[str, EndpointService]] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    poison: set[str] = field(default_factory=set)
    made: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)
        accounts = [account for account, number in OPTED_IN.items() for _ in range(number)]
        self.services = [self._offer(account) for account in accounts]
        self.late, self.closed = (self._offer(HUB, opted_in=False) for _ in range(2))
        self.drawbridge.settle()
        self._left = {"leave": [*self.accounts.leaving], "be forbidden": [*self.accounts.forbidden]}
        self._left["join"] = [*self.accounts.joining]

    def _offer(self, account: str, opted_in: bool = True) -> EndpointService:
        return self.drawbridge.offer_service(account, opted_in, notified=["Connect"], settled=False)

    def all_services(self) -> list[EndpointService]:
        """All services with endpoints."""
        return [*self.services, self.late, self.closed]

    def happen(self) -> None:
        """All of it, one after the other, as fast as the local AWS takes it."""
        for kind in self._order():
            self._does()[kind]()
            self.made[kind] += 1

    def _order(self) -> list[str]:
        kinds = [kind for kind, number in MIX.items() for _ in range(number)]
        self._draw.shuffle(kinds)
        kinds.sort(
            key=lambda kind: kind != "connect" or self._draw.random() > AT_FIRST
        )  # keeps the order of the others
        for kind, number in ONCE.items():
            for _ in range(number):
                kinds.insert(self._draw.randrange(len(kinds) // 3, 2 * len(kinds) // 3), kind)
        return kinds

    def _does(self) -> dict[str, Callable[[], None]]:
        return {
            "connect": self._connect,
            "delete": self._delete,
            "move": self._move,
            "change a service": self._change_service,
            "ask again": self._ask_again,
            "forge a call": self._forge_call,
            "forge a request": self._forge_request,
            "send garbage": self._send_garbage,
            "put garbage on the bus": self._put_garbage,
            "leave": lambda: self.drawbridge.sample.remove(self._left["leave"].pop()),
            "be forbidden": lambda: self.drawbridge.sample.move(self._left["be forbidden"].pop(), self.forbidding_unit),
            "join": lambda: self.drawbridge.sample.admit(self._left["join"].pop(), "workloads"),
            "opt in": self._opt_in,
            "come and go": self._come_and_go,
        }

    # Consumers and providers.

    def _connect(self) -> None:
        account, service = self._draw.choice(self.accounts.everybody()), self._draw.choice(self.all_services())
        self.endpoints[self.drawbridge.request_connection(account, service)] = (account, service)

    def _delete(self) -> None:
        endpoint = self._draw.choice([endpoint for endpoint in self.endpoints if endpoint not in self.deleted])
        ec2 = self.drawbridge.aws.client("ec2", self.endpoints[endpoint][0])
        assert ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])["Unsuccessful"] == []
        self.deleted.add(endpoint)

    def _change_service(self) -> None:
        """A tag that means nothing, or an allowed principal more."""
        service = self._draw.choice(self.all_services())
        ec2, number = self.drawbridge.aws.client("ec2", service.account), self._draw.randrange(100)
        if number % 2:
            ec2.create_tags(Resources=[service.id], Tags=[{"Key": "team", "Value": f"team-{number}"}])
        else:
            principal = f"arn:aws:iam::{self._draw.choice(self.accounts.steady)}:root"
            ec2.modify_vpc_endpoint_service_permissions(ServiceId=service.id, AddAllowedPrincipals=[principal])

    def _opt_in(self) -> None:
        self.drawbridge.aws.client("ec2", self.late.account).create_tags(Resources=[self.late.id], Tags=[OPT_IN])

    def _come_and_go(self) -> None:
        """A service that is there for a moment only."""
        ec2 = self.drawbridge.aws.client("ec2")
        balancer = self.drawbridge.make_balancer(HUB, f"momentary-{self.made['come and go']}")
        made = ec2.create_vpc_endpoint_service_configuration(
            NetworkLoadBalancerArns=[balancer],
            AcceptanceRequired=True,
            TagSpecifications=[{"ResourceType": "vpc-endpoint-service", "Tags": [OPT_IN]}],
        )["ServiceConfiguration"]
        ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[made["ServiceId"]])

    def _move(self) -> None:
        """Between units that the policy treats alike."""
        account = self._draw.choice(self.accounts.moving)
        self.drawbridge.sample.move(account, "sandbox")
        self.drawbridge.sample.move(account, "workloads")

    # The bus, and who has put rights there or at the queue.

    def _ask_again(self) -> None:
        """A request of ours that was heard before: half of them the same message again, half of them by the bus."""
        service = self._draw.choice(self.all_services())
        detail = {"account": service.account, "region": REGION, "services": [service.id]}
        if self._draw.random() < 0.5:
            self._put("Review Requested", detail)
        else:
            self._send(envelope("drawbridge", "Review Requested", HUB, detail))

    def _forge_call(self) -> None:
        """A record that says that a stranger's endpoint is a member's, and is available."""
        service = self._draw.choice(self.services)
        of_strangers = [id for id, (account, _) in self.endpoints.items() if account in self.accounts.strangers]
        endpoint = self._draw.choice(of_strangers)
        owner = self._draw.choice(self.accounts.steady)
        shown = {"vpcEndpointId": endpoint, "ownerId": owner, "serviceName": service.name, "state": "available"}
        detail = {
            "eventVersion": "1.11",
            "eventSource": "ec2.amazonaws.com",
            "eventName": "CreateVpcEndpoint",
            "awsRegion": REGION,
            "recipientAccountId": owner,
            "userIdentity": {"type": "AssumedRole", "accountId": owner},
            "requestParameters": {"CreateVpcEndpointRequest": {"ServiceName": service.name}},
            "responseElements": {"CreateVpcEndpointResponse": {"vpcEndpoint": shown}},
        }
        self._send(envelope("aws.ec2", "AWS API Call via CloudTrail", owner, detail))

    def _forge_request(self) -> None:
        """A member or a stranger asks in our name: refused by the bus."""
        account = self._draw.choice([*self.accounts.steady, *self.accounts.strangers])
        with pytest.raises(ClientError, match="AccessDenied"):
            self._put("Sweep Requested", {}, account)

    def _send_garbage(self) -> None:
        text = self._draw.choice(["{name} is no event", '{{"{name}": ', '["{name}"]', '"{name}"'])
        self._send(text.format(name=self._new_poison()))

    def _put_garbage(self) -> None:
        self._put("Review Requested", {"account": HUB, "region": REGION, "services": [""], "name": self._new_poison()})

    def _new_poison(self) -> str:
        name = f"poison-{len(self.poison):03}"
        self.poison.add(name)
        return name

    def _send(self, body: str) -> None:
        url = self.drawbridge.accept_connections.queue_url
        self.drawbridge.aws.client("sqs").send_message(QueueUrl=url, MessageBody=body)

    def _put(self, detail_type: str, detail: dict[str, Any], account: str = HUB) -> None:
        bus = f"arn:aws:events:{REGION}:{HUB}:event-bus/drawbridge"
        entry = {"Source": "drawbridge", "DetailType": detail_type, "Detail": json.dumps(detail), "EventBusName": bus}
        answer = self.drawbridge.aws.client("events", account).put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0

    # The reckoning.

    def owners(self, accounts: list[str], services: list[EndpointService]) -> set[str]:
        """The endpoints of these accounts at these services that are still there."""
        return {
            endpoint
            for endpoint, (account, service) in self.endpoints.items()
            if account in accounts and service in services and endpoint not in self.deleted
        }

    def welcome(self) -> set[str]:
        """The endpoints that have to be connected, by the events alone."""
        accounts = [*self.accounts.steady, *self.accounts.moving, *self.accounts.joining]
        return self.owners(accounts, [*self.services, self.late])

    def last_state(self, endpoint: str, past: list[str]) -> str:
        """The state in which an endpoint has to be when everything was looked at, given what it went through."""
        account, service = self.endpoints[endpoint]
        if endpoint in self.deleted:
            return "deleting"
        if service == self.closed or account in self.accounts.strangers:
            return "pendingAcceptance"
        if account in self.accounts.forbidden:
            return "rejected"
        if account in self.accounts.leaving:
            return "rejected" if "available" in past else "pendingAcceptance"
        return "available"


def envelope(source: str, detail_type: str, account: str, detail: dict[str, Any]) -> str:
    """An event as EventBridge sends it to a queue; always of the same id and time."""
    event = {
        "version": "0",
        "id": "2d1f4c5a-0b7e-4d59-8f0a-6f1f2f6c9b21",
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": "2026-11-23T00:00:00Z",
        "region": REGION,
        "resources": [],
        "detail": detail,
    }
    return json.dumps(event)
