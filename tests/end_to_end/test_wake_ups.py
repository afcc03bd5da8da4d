"""Each way by which the function is woken is enough on its own."""

from __future__ import annotations

from deployment.drawbridge import Drawbridge
from emulator.organization_sample import SANDBOX_MEMBER, WORKLOADS_MEMBER


def test_forwarded_call_of_the_consumer_is_enough(drawbridge: Drawbridge) -> None:
    service = drawbridge.offer_service(notified=[])
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")


def test_notification_is_enough(drawbridge: Drawbridge) -> None:
    service = drawbridge.offer_service()
    drawbridge.aws.control("POST", "settings", {"trail_deliveries": 0})
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")


def test_sweep_finds_a_request_that_nobody_told_of(drawbridge: Drawbridge) -> None:
    service = drawbridge.offer_service(notified=[])
    drawbridge.aws.control("POST", "settings", {"trail_deliveries": 0})
    endpoint = drawbridge.request_connection(SANDBOX_MEMBER, service)
    drawbridge.settle()
    assert drawbridge.state_of(SANDBOX_MEMBER, endpoint) == "pendingAcceptance"
    drawbridge.sweep()
    drawbridge.await_state(SANDBOX_MEMBER, endpoint, "available")


def test_doubled_events_change_nothing_more(drawbridge: Drawbridge) -> None:
    service = drawbridge.offer_service()
    drawbridge.aws.control("POST", "settings", {"trail_deliveries": 2})
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
    drawbridge.settle()
    assert len(drawbridge.log.decisions(vpc_endpoint_id=endpoint, decision="accept", result="done")) == 1


def test_opting_in_wakes_for_the_requests_that_wait(drawbridge: Drawbridge) -> None:
    service = drawbridge.offer_service(opted_in=False)
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    drawbridge.settle()
    assert drawbridge.state_of(WORKLOADS_MEMBER, endpoint) == "pendingAcceptance"
    ec2 = drawbridge.aws.client("ec2", service.account)
    ec2.create_tags(Resources=[service.id], Tags=[{"Key": "drawbridge:enabled", "Value": "true"}])
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
