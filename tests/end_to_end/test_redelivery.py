"""Messages that come back while their first run is still at work: two runs about one request, and one acceptance."""

from __future__ import annotations

from typing import Any

from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import WORKLOADS_MEMBER

from .function_calls import function_calls, naming
from .ordered_faults import clear, order

ACCEPT = "AcceptVpcEndpointConnections"
ONCE = ["pendingAcceptance", "pending", "available"]


def test_request_whose_message_comes_back_during_its_first_run_is_accepted_once(
    drawbridge: Drawbridge, since: int
) -> None:
    service = drawbridge.offer_service(notified=["Connect"])
    drawbridge.aws.control("POST", "settings", {"trail_deliveries": 0})
    after = drawbridge.aws.last_call()
    held = order(drawbridge, "ec2", ACCEPT, hold=True)
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)

    def accepts() -> list[dict[str, Any]]:
        return [call for call in naming(function_calls(drawbridge, after), endpoint) if call["operation"] == ACCEPT]

    wait_until("the first run accepts", accepts, explain=drawbridge.explain)
    drawbridge.accept_connections.time_out_messages()
    # The second run accepts. The first one's call is still held: it gets to EC2 after that.
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
    clear(drawbridge, held)
    drawbridge.settle()
    assert len(accepts()) >= 2
    assert drawbridge.histories(service)[endpoint] == ONCE
    decided = drawbridge.log.decisions(since, vpc_endpoint_id=endpoint, decision="accept")
    assert len({line["function_request_id"] for line in decided}) == 2
    assert [line["result"] for line in decided].count("done") >= 1
    assert drawbridge.tags_of(service, endpoint)["drawbridge:decision"] == "accept"
    assert drawbridge.accept_connections.dead_letters() == []
