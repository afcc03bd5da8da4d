"""An account is moved to a unit that a policy forbids, and back; units change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from deployment.configuration import POLICY
from deployment.drawbridge import FUNCTION_ROLE, Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import MANAGEMENT, ORGANIZATIONS_REGION, EndpointService

from ..bus_listener import BusListener
from ..guests import Guests

QUARANTINE = "quarantine"
FORBIDDING = """
@id("no-quarantine")
@reason("QUARANTINE")
forbid (
    principal in Drawbridge::OrganizationalUnit::"{unit}",
    action == Drawbridge::Action::"Connect",
    resource
);
"""


@dataclass
class Unit:
    """An organizational unit that the policy in force forbids to connect."""

    drawbridge: Drawbridge
    policy: str

    def put_in_force(self, grace: str) -> None:
        """Put the policy in force, with this grace."""
        self.drawbridge.reconfigure(self.policy, revocation={"grace": grace})


@pytest.fixture(scope="module")
def unit_id(drawbridge: Drawbridge) -> Iterator[str]:
    """The unit, below the root."""
    organizations = drawbridge.aws.client("organizations", MANAGEMENT, ORGANIZATIONS_REGION)
    made = organizations.create_organizational_unit(ParentId=drawbridge.sample.root_id, Name=QUARANTINE)
    drawbridge.sample.units[QUARANTINE] = made["OrganizationalUnit"]["Id"]
    drawbridge.settle()
    yield drawbridge.sample.units[QUARANTINE]
    del drawbridge.sample.units[QUARANTINE]


@pytest.fixture
def forbidden(drawbridge: Drawbridge, unit_id: str, changed_configuration: None) -> Unit:
    """The unit, and the policy of the stack with one more that forbids it."""
    return Unit(drawbridge, drawbridge.configuration.first_version(POLICY) + FORBIDDING.format(unit=unit_id))


def test_connection_of_a_moved_account_gets_a_grace_that_its_return_cancels(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, listener: BusListener, forbidden: Unit
) -> None:
    forbidden.put_in_force(grace="24h")
    account = guests.member("workloads")
    endpoint = guests.connect(account, service)
    drawbridge.sample.move(account, QUARANTINE)
    line = drawbridge.await_decision(vpc_endpoint_id=endpoint, reason="QUARANTINE")
    assert (line["decision"], line["policy"]) == ("hold", "no-quarantine")
    assert drawbridge.sample.units[QUARANTINE] in line["facts"]["account"]
    listener.await_event(endpoint, "Revocation Scheduled")
    drawbridge.sample.move(account, "workloads")
    listener.await_event(endpoint, "Revocation Cancelled")
    drawbridge.settle()
    assert drawbridge.tags_of(service, endpoint)["drawbridge:revoke-after"] == ""
    assert drawbridge.state_of(account, endpoint) == "available"


def test_connection_of_a_moved_account_is_cut_off_and_its_request_rejected(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, listener: BusListener, forbidden: Unit
) -> None:
    forbidden.put_in_force(grace="1s")
    account = guests.member("workloads")
    endpoint = guests.connect(account, service)
    drawbridge.sample.move(account, QUARANTINE)
    drawbridge.await_decision(vpc_endpoint_id=endpoint, reason="QUARANTINE", decision="hold")
    request = drawbridge.request_connection(account, service)
    drawbridge.await_state(account, request, "rejected")
    drawbridge.sweep_until(lambda: drawbridge.state_of(account, endpoint) == "rejected")
    drawbridge.settle()
    tags = {id: drawbridge.tags_of(service, id) for id in (endpoint, request)}
    assert [tags[id]["drawbridge:decision"] for id in (endpoint, request)] == ["revoke", "reject"]
    for id, detail_type in ((endpoint, "Connection Revoked"), (request, "Connection Rejected")):
        assert tags[id]["drawbridge:reason"] == "QUARANTINE"
        assert tags[id]["drawbridge:policy"] == "no-quarantine"
        event = listener.await_event(id, detail_type)
        assert event["detail"]["policies"] == ["no-quarantine"]


def test_change_of_the_units_has_everything_looked_at_again(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService
) -> None:
    account = guests.member()
    guests.connect(account, service)
    drawbridge.settle()
    after = drawbridge.aws.last_call()
    organizations = drawbridge.aws.client("organizations", MANAGEMENT, ORGANIZATIONS_REGION)
    organizations.create_organizational_unit(ParentId=drawbridge.sample.root_id, Name=f"unit of {account}")
    asked = {"decision": "review", "reason": "ORGANIZATION_CHANGED", "result": "done"}
    watching = drawbridge.watch_organization.log
    wait_until("a sweep is asked for", lambda: watching.decisions(**asked), explain=drawbridge.explain)
    drawbridge.settle()
    looked = drawbridge.aws.calls(role=FUNCTION_ROLE, operation="DescribeVpcEndpointConnections", after=after)
    assert any(service.id in str(call["parameters"]) for call in looked)
