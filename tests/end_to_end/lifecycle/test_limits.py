"""More connections are to be cut off than one run may: none is, and a person is asked."""

from __future__ import annotations

from typing import Any

import pytest
from deployment.drawbridge import Drawbridge
from emulator.organization_sample import EndpointService

from ..bus_listener import BusListener
from ..guests import Guests

AT_ONCE = {"grace": "0s"}


def leave_together(drawbridge: Drawbridge, accounts: list[str]) -> None:
    """The accounts leave, and one run finds it of all."""
    drawbridge.watch_organization.enable_mapping(False)
    for account in accounts:
        drawbridge.sample.remove(account)
    drawbridge.accept_connections.end_environments()
    drawbridge.sweep()
    drawbridge.accept_connections.settle()
    drawbridge.watch_organization.forget_messages()
    drawbridge.watch_organization.enable_mapping(True)


@pytest.mark.usefixtures("changed_configuration")
@pytest.mark.parametrize(
    "limits", [{"most": 2, "most-percent": 100}, {"most": 10, "most-percent": 50}], ids=["most", "percent"]
)
def test_too_many_revocations_are_withheld_until_a_person_raises_the_limit(
    drawbridge: Drawbridge,
    guests: Guests,
    service: EndpointService,
    listener: BusListener,
    since: int,
    limits: dict[str, Any],
) -> None:
    drawbridge.reconfigure(revocation=AT_ONCE | limits)
    leavers, other = [guests.member(), guests.member()], guests.member()
    owners = {guests.connect(account, service): account for account in (leavers[0], *leavers)}
    of_other = guests.connect(other, service)
    leave_together(drawbridge, leavers)
    for endpoint in owners:
        line = drawbridge.await_decision(vpc_endpoint_id=endpoint, reason="LIMIT_REACHED")
        assert (line["decision"], line["level"]) == ("hold", "WARN")
        assert "revoke for LEFT_ORGANIZATION" in line["detail"]
    drawbridge.settle()
    assert {drawbridge.state_of(account, endpoint) for endpoint, account in owners.items()} == {"available"}
    assert drawbridge.log.metric("RevocationsWithheld", since) == len(owners)
    told = [event for endpoint in owners for event in listener.heard(endpoint, "Revocation Withheld")]
    assert [event["detail"]["reason"] for event in told] == ["LIMIT_REACHED"]

    drawbridge.reconfigure(revocation=AT_ONCE | {"most": 10, "most-percent": 100})
    drawbridge.sweep()
    for endpoint, account in owners.items():
        drawbridge.await_state(account, endpoint, "rejected")
        assert listener.await_event(endpoint, "Connection Revoked")["detail"]["reason"] == "LEFT_ORGANIZATION"
    assert drawbridge.state_of(other, of_other) == "available"


@pytest.mark.usefixtures("changed_configuration")
def test_connections_of_a_single_account_are_cut_off_whatever_their_part_of_the_service(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService
) -> None:
    drawbridge.reconfigure(revocation=AT_ONCE)
    account = guests.member()
    endpoints = [guests.connect(account, service) for _ in range(2)]
    drawbridge.sample.remove(account)
    for endpoint in endpoints:
        drawbridge.await_state(account, endpoint, "rejected")
