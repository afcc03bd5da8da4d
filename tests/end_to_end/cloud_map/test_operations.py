"""Cloud Map works on its own time: what is under way is waited for, what failed is told, what was throttled is tried again."""

from __future__ import annotations

from deployment.cloud_map import CloudMap
from deployment.developer import Developer
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import EndpointService

from ..function_calls import MEMBER_ROLE
from ..ordered_faults import UNTIL_CLEARED, clear, hits, order
from . import rules
from .found import await_failure, await_found, await_held, connect, instances_of, sweep, written


def fail(drawbridge: Drawbridge, service: str, code: str, times: int) -> None:
    """The next operations on the instances of a service end in FAIL."""
    failure = {"service": service, "error_code": code, "times": times}
    drawbridge.aws.control("POST", "cloud-map/failures", failure)


def test_operation_that_fails_for_good_is_told_with_its_code_and_not_tried_again_at_once(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, of_consumer: CloudMap, name: str, since: int
) -> None:
    fail(drawbridge, name, "ACCESS_DENIED", len(developer.network.subnet_ids))
    after = drawbridge.aws.last_call()
    endpoint = connect(drawbridge, developer, service, name)

    def registered() -> int:
        return sum(
            call["parameters"]["InstanceId"].startswith(endpoint)
            for call in drawbridge.aws.calls(operation="RegisterInstance", after=after)
        )

    drawbridge.later_until(f"{endpoint} is being registered", lambda: registered() == 2)
    sweep(drawbridge)
    line = await_held(drawbridge, since, endpoint, "OPERATION_FAILED")
    assert "ACCESS_DENIED" in line["detail"]
    for _ in range(2):
        sweep(drawbridge)
    assert registered() == 2
    assert of_consumer.discover(rules.NAMESPACE, name) == {}


def test_operation_that_failed_for_now_is_tried_again(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, of_consumer: CloudMap, name: str
) -> None:
    fail(drawbridge, name, "THROTTLED_REQUEST", len(developer.network.subnet_ids))
    endpoint = connect(drawbridge, developer, service, name)
    await_found(drawbridge, of_consumer, name, instances_of(drawbridge, developer, endpoint))


def test_instance_that_is_under_way_is_left_alone(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, of_consumer: CloudMap, name: str, since: int
) -> None:
    other = connect(drawbridge, developer, service, name)
    interfaces = instances_of(drawbridge, developer, other)
    await_found(drawbridge, of_consumer, name, interfaces)
    drawbridge.aws.control("POST", "settings", {"cloud_map_operation_ms": 3_600_000})
    try:
        endpoint = connect(drawbridge, developer, service, name)
        await_begun(drawbridge, endpoint)
        after = drawbridge.aws.last_call()
        sweep(drawbridge)
        await_held(drawbridge, since, endpoint, "UNDER_WAY")
        assert written(drawbridge, after) == []
    finally:
        drawbridge.aws.control("POST", "settings", {"cloud_map_operation_ms": 300})
        drawbridge.aws.control("POST", "cloud-map/operations/end")
    await_found(drawbridge, of_consumer, name, {**interfaces, **instances_of(drawbridge, developer, endpoint)})


def await_begun(drawbridge: Drawbridge, endpoint: str) -> None:
    """Wait until each of an endpoint's instances is being registered."""

    def look() -> bool:
        calls = drawbridge.aws.calls(operation="RegisterInstance")
        return sum(call["parameters"]["InstanceId"].startswith(endpoint) for call in calls) == 2

    drawbridge.later_until(f"{endpoint} is being registered", look)


def test_throttled_registration_comes_back_and_succeeds(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, of_consumer: CloudMap, name: str, since: int
) -> None:
    throttled = {"code": "RequestLimitExceeded", "message": "Rate exceeded", "http_status": 400}
    named = {"role": MEMBER_ROLE, "count": UNTIL_CLEARED}
    fault = order(drawbridge, "servicediscovery", "RegisterInstance", **named, **throttled)
    endpoint = connect(drawbridge, developer, service, name)
    interfaces = instances_of(drawbridge, developer, endpoint)
    await_throttled(drawbridge, since, endpoint, fault)
    clear(drawbridge, fault)
    drawbridge.sync_cloud_map.give_up()
    sweep(drawbridge)
    await_found(drawbridge, of_consumer, name, interfaces)


def await_throttled(drawbridge: Drawbridge, since: int, endpoint: str, fault: str) -> None:
    """Wait until it is told that an endpoint couldn't be registered."""

    def look() -> bool:
        # Messages that fail stay in the queue, so it never settles here.
        drawbridge.sync_cloud_map.bring_forward()
        return hits(drawbridge, fault) > 0

    wait_until("the fault has hit", look, explain=drawbridge.explain)
    await_failure(drawbridge, since, "servicediscovery:RegisterInstance", "RequestLimitExceeded", endpoint)
