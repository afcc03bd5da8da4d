"""An environment that ends in the middle of a batch loses nothing."""

from __future__ import annotations

import pytest
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import WORKLOADS_MEMBER

from .function_calls import function_calls, naming
from .ordered_faults import clear, order


@pytest.mark.parametrize("operation", ["DescribeVpcEndpointConnections", "AcceptVpcEndpointConnections"])
def test_request_of_a_killed_batch_comes_back_and_is_accepted_once(
    drawbridge: Drawbridge, since: int, operation: str
) -> None:
    service = drawbridge.offer_service(notified=["Connect"])
    after = drawbridge.aws.last_call()
    # The call never gets as far as EC2: it is refused when nobody waits for it any more.
    held = order(drawbridge, "ec2", operation, hold=True, code="InternalError")
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)

    def calls() -> list[dict[str, object]]:
        made = [call for call in function_calls(drawbridge, after) if call["operation"] == operation]
        return naming(made, service.id)

    wait_until(f"the function calls {operation}", calls, explain=drawbridge.explain)
    killed = drawbridge.accept_connections.kill()
    assert len(killed) >= 1
    clear(drawbridge, held)
    drawbridge.accept_connections.give_up()
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
    drawbridge.settle()
    accepted = drawbridge.log.decisions(since, vpc_endpoint_id=endpoint, decision="accept", result="done")
    assert len(accepted) == 1
    assert drawbridge.tags_of(service, endpoint)["drawbridge:decision"] == "accept"
