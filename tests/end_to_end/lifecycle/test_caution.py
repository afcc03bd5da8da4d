"""Where Drawbridge leaves things to people: what it never let in, what it only observes, what has waited too long."""

from __future__ import annotations

import pytest
from deployment.drawbridge import FUNCTION_ROLE, Drawbridge
from emulator.organization_sample import EndpointService

from ..bus_listener import BusListener
from ..function_calls import writing
from ..guests import Guests

AT_ONCE = {"grace": "0s"}


def accept_by_hand(drawbridge: Drawbridge, service: EndpointService, endpoint: str) -> None:
    """A person of the provider accepts a request."""
    ec2 = drawbridge.aws.client("ec2", service.account)
    answer = ec2.accept_vpc_endpoint_connections(ServiceId=service.id, VpcEndpointIds=[endpoint])
    assert answer["Unsuccessful"] == []


@pytest.mark.usefixtures("changed_configuration")
def test_connection_that_a_person_accepted_stays_unless_the_configuration_says_otherwise(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, listener: BusListener, since: int
) -> None:
    drawbridge.reconfigure(revocation=AT_ONCE)
    account = guests.stranger()
    endpoint = drawbridge.request_connection(account, service)
    drawbridge.await_decision(vpc_endpoint_id=endpoint, decision="hold")
    accept_by_hand(drawbridge, service, endpoint)
    drawbridge.sweep()
    drawbridge.await_decision(since, vpc_endpoint_id=endpoint, reason="OUTSIDE_ORGANIZATION", state="available")
    drawbridge.settle()
    assert drawbridge.state_of(account, endpoint) == "available"
    assert drawbridge.tags_of(service, endpoint)["drawbridge:decision"] == "hold"

    drawbridge.reconfigure(revocation=AT_ONCE | {"of": ["forbidden", "lost", "never-permitted"]})
    drawbridge.sweep()
    drawbridge.await_state(account, endpoint, "rejected")
    assert listener.await_event(endpoint, "Connection Revoked")["detail"]["reason"] == "OUTSIDE_ORGANIZATION"


@pytest.mark.usefixtures("changed_configuration")
def test_observe_says_who_would_be_cut_off_and_does_nothing(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, listener: BusListener
) -> None:
    account = guests.member()
    endpoint = guests.connect(account, service)
    drawbridge.reconfigure(mode="observe", revocation=AT_ONCE)
    tags, after = drawbridge.tags_of(service, endpoint), drawbridge.aws.last_call()
    drawbridge.sample.remove(account)
    # Reviews are asked for by an event, which is not sent in this mode.
    drawbridge.sweep()
    line = drawbridge.await_decision(vpc_endpoint_id=endpoint, decision="revoke")
    assert (line["result"], line["reason"], line["mode"]) == ("proposed", "LEFT_ORGANIZATION", "observe")
    drawbridge.settle()
    assert writing(drawbridge.aws.calls(role=FUNCTION_ROLE, after=after)) == []
    assert drawbridge.tags_of(service, endpoint) == tags
    assert drawbridge.state_of(account, endpoint) == "available"
    assert listener.heard(endpoint, "Connection Revoked") == []


@pytest.mark.usefixtures("changed_configuration")
def test_request_that_has_waited_too_long_is_rejected(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, listener: BusListener
) -> None:
    account = guests.stranger()
    endpoint = drawbridge.request_connection(account, service)
    drawbridge.await_decision(vpc_endpoint_id=endpoint, decision="hold", reason="OUTSIDE_ORGANIZATION")
    drawbridge.reconfigure(requests={"reject-after": "1s"})
    drawbridge.sweep_until(lambda: drawbridge.state_of(account, endpoint) == "rejected")
    told = listener.await_event(endpoint, "Connection Rejected")
    assert told["detail"]["reason"] == "HELD_TOO_LONG"
    assert "OUTSIDE_ORGANIZATION" in told["detail"]["detail"]
