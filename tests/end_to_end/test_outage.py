"""The AWS side vanishes in the middle of the work, and comes back.

The local AWS keeps what AWS keeps durably (queues, connections, configuration) and refuses all connections for a while;
Lambda's machines, with the functions that run on them and the batches that they have in hand, may be lost with it.
"""

from __future__ import annotations

from typing import Any

import pytest
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import SANDBOX_MEMBER, WORKLOADS_MEMBER, EndpointService

from .function_calls import function_calls, naming
from .ordered_faults import clear, order

DOWN_MS = 3_000
ONCE = ["pendingAcceptance", "pending", "available"]


def process_ids(drawbridge: Drawbridge) -> set[int]:
    """The processes of the function's environments."""
    return {environment["pid"] for environment in drawbridge.accept_connections.environments()}


def request_and_vanish(drawbridge: Drawbridge, service: EndpointService, workers: bool) -> tuple[str, dict[str, Any]]:
    """A request, and an outage when the function is about to accept it; the endpoint, and what the outage did."""
    after = drawbridge.aws.last_call()
    # The call that is held never gets to EC2: it is refused afterwards, and nobody hears of it.
    operation = "AcceptVpcEndpointConnections"
    held = order(drawbridge, "ec2", operation, hold=True, code="InternalError")
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)

    def accepts() -> list[dict[str, Any]]:
        made = [call for call in function_calls(drawbridge, after) if call["operation"] == operation]
        return naming(made, endpoint)

    wait_until("the function accepts", accepts, explain=drawbridge.explain)
    outage = drawbridge.aws.control("POST", "outage", {"milliseconds": DOWN_MS, "workers": workers})
    clear(drawbridge, held)
    assert outage["connections_broken"] >= 1
    return endpoint, outage


@pytest.mark.usefixtures("single_environment")
def test_running_function_outlives_an_outage_and_does_its_work_when_the_message_comes_back(
    drawbridge: Drawbridge,
) -> None:
    service = drawbridge.offer_service(notified=["Connect"])
    running = process_ids(drawbridge)
    endpoint, outage = request_and_vanish(drawbridge, service, workers=False)
    assert outage["killed"] == []
    drawbridge.accept_connections.give_up()
    drawbridge.sync_dns.give_up()
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
    later = drawbridge.request_connection(SANDBOX_MEMBER, service)
    drawbridge.await_state(SANDBOX_MEMBER, later, "available")
    drawbridge.settle()
    assert drawbridge.histories(service) == {endpoint: ONCE, later: ONCE}
    assert process_ids(drawbridge) == running != set()


def test_request_that_lost_workers_had_in_hand_comes_back_and_is_accepted_once(
    drawbridge: Drawbridge, since: int
) -> None:
    service = drawbridge.offer_service(notified=["Connect"])
    running = process_ids(drawbridge)
    endpoint, outage = request_and_vanish(drawbridge, service, workers=True)
    assert set(outage["killed"]) >= running != set()
    assert drawbridge.accept_connections.waiting_messages() > 0
    assert drawbridge.state_of(WORKLOADS_MEMBER, endpoint) == "pendingAcceptance"
    drawbridge.accept_connections.give_up()
    drawbridge.sync_dns.give_up()
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
    drawbridge.settle()
    assert drawbridge.histories(service) == {endpoint: ONCE}
    assert len(drawbridge.log.decisions(since, vpc_endpoint_id=endpoint, decision="accept", result="done")) == 1
    assert drawbridge.accept_connections.dead_letters() == []
    assert process_ids(drawbridge).isdisjoint(outage["killed"])
