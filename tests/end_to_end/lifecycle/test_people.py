"""People have their say by tags: on a connection, and on a service."""

from __future__ import annotations

from typing import Any

import pytest
from deployment.drawbridge import Drawbridge
from emulator.organization_sample import EndpointService

from ..bus_listener import BusListener
from ..guests import Guests

DRAIN = {"Key": "drawbridge:drain", "Value": "true"}


def say(drawbridge: Drawbridge, service: EndpointService, endpoint: str, word: str) -> None:
    """A person of the provider says a word on a connection."""
    connection = drawbridge.connections(service)[endpoint]["VpcEndpointConnectionId"]
    tags = [{"Key": "drawbridge:approval", "Value": word}]
    drawbridge.aws.client("ec2", service.account).create_tags(Resources=[connection], Tags=tags)


def recorded(drawbridge: Drawbridge, service: EndpointService, endpoint: str) -> tuple[str, str]:
    """The decision and the reason on a connection."""
    tags = drawbridge.tags_of(service, endpoint)
    return tags["drawbridge:decision"], tags["drawbridge:reason"]


def test_stranger_whom_a_person_approves_is_connected(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, listener: BusListener
) -> None:
    account = guests.stranger()
    endpoint = drawbridge.request_connection(account, service)
    line = drawbridge.await_decision(vpc_endpoint_id=endpoint, decision="hold", reason="OUTSIDE_ORGANIZATION")
    assert any("drawbridge:approval=approved" in change for change in line["would_change"])
    say(drawbridge, service, endpoint, "approved")
    drawbridge.sweep()
    drawbridge.await_state(account, endpoint, "available")
    drawbridge.settle()
    assert recorded(drawbridge, service, endpoint) == ("accept", "APPROVED")
    assert drawbridge.tags_of(service, endpoint)["drawbridge:membership"] == "outside"
    assert listener.await_event(endpoint, "Connection Accepted")["detail"]["reason"] == "APPROVED"


def test_established_connections_that_a_person_refuses_are_cut_off_at_once_however_many(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, listener: BusListener
) -> None:
    account = guests.member()
    endpoints = [guests.connect(account, service) for _ in range(2)]
    for endpoint in endpoints:
        say(drawbridge, service, endpoint, "refused")
    drawbridge.sweep()
    for endpoint in endpoints:
        drawbridge.await_state(account, endpoint, "rejected")
        assert listener.await_event(endpoint, "Connection Revoked")["detail"]["reason"] == "REFUSED"
    drawbridge.settle()
    assert {recorded(drawbridge, service, endpoint) for endpoint in endpoints} == {("revoke", "REFUSED")}


@pytest.mark.usefixtures("changed_configuration")
def test_drained_service_rejects_requests_and_cuts_off_after_the_grace(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, listener: BusListener
) -> None:
    drawbridge.reconfigure(revocation={"grace": "1s"})
    account = guests.member()
    endpoint = guests.connect(account, service)
    tag(drawbridge, service, DRAIN)
    listener.await_event(endpoint, "Revocation Scheduled")
    request = drawbridge.request_connection(account, service)
    drawbridge.await_state(account, request, "rejected")
    drawbridge.sweep_until(lambda: drawbridge.state_of(account, endpoint) == "rejected")
    drawbridge.settle()
    assert recorded(drawbridge, service, endpoint) == ("revoke", "DRAINING")
    assert recorded(drawbridge, service, request) == ("reject", "DRAINING")


def test_drain_that_is_taken_back_within_the_grace_leaves_all_as_it_was(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, listener: BusListener
) -> None:
    account = guests.member()
    endpoint = guests.connect(account, service)
    tag(drawbridge, service, DRAIN)
    listener.await_event(endpoint, "Revocation Scheduled")
    drawbridge.settle()
    drawbridge.aws.client("ec2", service.account).delete_tags(Resources=[service.id], Tags=[DRAIN])
    listener.await_event(endpoint, "Revocation Cancelled")
    drawbridge.settle()
    assert drawbridge.tags_of(service, endpoint)["drawbridge:revoke-after"] == ""
    assert drawbridge.state_of(account, endpoint) == "available"


def tag(drawbridge: Drawbridge, service: EndpointService, mark: dict[str, Any]) -> None:
    """Tag a service."""
    drawbridge.aws.client("ec2", service.account).create_tags(Resources=[service.id], Tags=[mark])
