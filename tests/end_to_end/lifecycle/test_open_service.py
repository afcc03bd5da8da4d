"""A service that is open to everybody, at a hub that may not change services: it is told of."""

from __future__ import annotations

from deployment.drawbridge import FUNCTION_ROLE, Drawbridge
from emulator.organization_sample import EndpointService

from ..bus_listener import BusListener


def test_service_that_is_open_to_everybody_is_told_of_and_left_as_it_is(
    drawbridge: Drawbridge, service: EndpointService, listener: BusListener, since: int
) -> None:
    ec2 = drawbridge.aws.client("ec2", service.account)
    ec2.modify_vpc_endpoint_service_configuration(ServiceId=service.id, AcceptanceRequired=False)
    after = drawbridge.aws.last_call()
    drawbridge.sweep()
    listener.await_event(service.id, "Service Open")
    drawbridge.settle()
    line = drawbridge.log.decisions(since, service_id=service.id, reason="OPEN_TO_EVERYBODY")[0]
    assert (line["decision"], line["level"]) == ("hold", "WARN")
    made = {call["operation"] for call in drawbridge.aws.calls(role=FUNCTION_ROLE, after=after)}
    assert not any(operation.startswith("Modify") for operation in made)
    ec2.modify_vpc_endpoint_service_configuration(ServiceId=service.id, AcceptanceRequired=True)
