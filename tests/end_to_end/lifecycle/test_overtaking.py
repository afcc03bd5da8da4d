"""Two runs about one request at the same moment: what the slower one writes must not undo what the other has found."""

from __future__ import annotations

import pytest
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import EndpointService

from ..guests import Guests
from ..ordered_faults import clear, hits, order


@pytest.mark.usefixtures("changed_configuration")
def test_connection_that_one_run_accepted_while_another_held_it_is_cut_off_all_the_same(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService
) -> None:
    drawbridge.reconfigure(revocation={"grace": "0s"})
    account = guests.member()
    drawbridge.settle()
    # One run accepts for a member; the account leaves; another run holds the request, which still waits.
    accept = order(drawbridge, "ec2", "AcceptVpcEndpointConnections", hold=True)
    endpoint = drawbridge.request_connection(account, service)
    wait_until("one run accepts", lambda: hits(drawbridge, accept), explain=drawbridge.explain)
    record = order(drawbridge, "ec2", "CreateTags", hold=True)
    drawbridge.sample.remove(account)
    wait_until("another run records", lambda: hits(drawbridge, record), explain=drawbridge.explain)
    # The acceptance gets through and is recorded, and after it comes the other record.
    clear(drawbridge, accept)
    drawbridge.await_tag(service, endpoint, "drawbridge:decision", "accept")
    clear(drawbridge, record)
    drawbridge.accept_connections.give_up()
    assert drawbridge.histories(service)[endpoint][:3] == ["pendingAcceptance", "pending", "available"]
    drawbridge.end_environments()
    drawbridge.sweep()
    drawbridge.settle()
    assert drawbridge.state_of(account, endpoint) == "rejected", drawbridge.tags_of(service, endpoint)
