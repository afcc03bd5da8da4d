"""Cloud Map works on its own time: what is under way is waited for, what failed is told and tried again later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from deployment.developer import Developer
from deployment.discovery import Discovery
from deployment.domains import Domains
from deployment.drawbridge import CLOUD_MAP_ROLE, Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import EndpointService

from .. import ordered_faults
from ..function_calls import MEMBER_ROLE, writing
from .found import (
    NAME,
    NAMESPACE,
    UNTIL_ENDED_MS,
    await_found,
    await_held,
    calls_after,
    connect,
    sweep,
    untag,
    written,
)

# How long an operation that failed is not tried again (docs/cloud-map.md).
FAILURE_STANDS_SECONDS = 15 * 60
LOOKED_AT_AGAIN_SECONDS = 10


def fail(drawbridge: Drawbridge, service: str, code: str, times: int = 2) -> None:
    """The next operations on the instances of a service, by its name, end in FAIL."""
    failure = {"service": service, "error_code": code, "times": times}
    drawbridge.aws.control("POST", "cloud-map/failures", failure)


def let_failures_pass(drawbridge: Drawbridge) -> None:
    """The time comes at which what failed is tried again."""
    drawbridge.aws.control("POST", "cloud-map/operations/age", {"seconds": FAILURE_STANDS_SECONDS})


def begun(drawbridge: Drawbridge, operation: str, endpoint: str) -> list[dict[str, Any]]:
    """The calls of an operation on instances of an endpoint."""
    calls = drawbridge.aws.calls(operation=operation, role=MEMBER_ROLE)
    return [call for call in calls if call["parameters"]["InstanceId"].startswith(endpoint)]


def put_off(drawbridge: Drawbridge, endpoint: str) -> list[int]:
    """The seconds by which the function put off looks at an endpoint."""
    calls = drawbridge.aws.calls(service="sqs", operation="SendMessage", role=CLOUD_MAP_ROLE)
    asked = [call["parameters"] for call in calls]
    return [parameters.get("DelaySeconds", 0) for parameters in asked if endpoint in parameters["MessageBody"]]


def test_instance_that_is_under_way_is_looked_at_again_and_not_registered_twice(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery, since: int
) -> None:
    first = connect(drawbridge, developer, offered)
    ours = await_found(drawbridge, discovery, first)
    drawbridge.aws.control("POST", "settings", {"cloud_map_operation_ms": UNTIL_ENDED_MS})
    second = connect(drawbridge, developer, offered)
    drawbridge.later_until("it is being registered", lambda: len(begun(drawbridge, "RegisterInstance", second)) == 2)
    drawbridge.settle()
    before = put_off(drawbridge, second)
    assert before
    after = drawbridge.aws.last_call()
    sweep(drawbridge)
    await_held(drawbridge, since, "UNDER_WAY", second)
    assert written(drawbridge, after) == []
    looks = put_off(drawbridge, second)
    assert len(looks) > len(before)
    assert {*looks} == {LOOKED_AT_AGAIN_SECONDS}
    assert discovery.found(NAMESPACE, NAME) == ours
    drawbridge.aws.control("POST", "cloud-map/operations/end")
    await_found(drawbridge, discovery, second)
    sweep(drawbridge)
    assert written(drawbridge, after) == []


def test_operation_that_fails_for_good_is_told_and_tried_again_only_later(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery, since: int
) -> None:
    fail(drawbridge, NAME, "ACCESS_DENIED")
    endpoint = connect(drawbridge, developer, offered)
    drawbridge.later_until("both fail", lambda: len(begun(drawbridge, "RegisterInstance", endpoint)) == 2)
    drawbridge.aws.control("POST", "cloud-map/operations/end")
    sweep(drawbridge)
    line = await_held(drawbridge, since, "OPERATION_FAILED", endpoint)
    assert "ACCESS_DENIED" in line["detail"]
    assert line["vpc_endpoint_id"] == endpoint
    after = drawbridge.aws.last_call()
    sweep(drawbridge)
    assert writing(calls_after(drawbridge, after)) == []
    assert discovery.found(NAMESPACE, NAME) == {}
    let_failures_pass(drawbridge)
    sweep(drawbridge)
    await_found(drawbridge, discovery, endpoint)


def test_operation_that_failed_for_now_is_tried_again_at_the_next_look(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery
) -> None:
    fail(drawbridge, NAME, "THROTTLED_REQUEST")
    endpoint = connect(drawbridge, developer, offered)
    await_found(drawbridge, discovery, endpoint)
    assert len(begun(drawbridge, "RegisterInstance", endpoint)) == 4


def test_instance_whose_removal_failed_is_told_and_goes_later(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery, since: int
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    ours = await_found(drawbridge, discovery, endpoint)
    fail(drawbridge, NAME, "ACCESS_DENIED")
    untag(drawbridge, developer, endpoint)
    drawbridge.later_until("both fail", lambda: len(begun(drawbridge, "DeregisterInstance", endpoint)) == 2)
    drawbridge.aws.control("POST", "cloud-map/operations/end")
    sweep(drawbridge)
    line = await_held(drawbridge, since, "OPERATION_FAILED", endpoint)
    assert "ACCESS_DENIED" in line["detail"]
    assert discovery.found(NAMESPACE, NAME) == ours
    let_failures_pass(drawbridge)
    sweep(drawbridge)
    drawbridge.later_until("it is found no more", lambda: not discovery.found(NAMESPACE, NAME))


def test_namespace_that_cannot_be_made_is_told_and_made_later(
    drawbridge: Drawbridge,
    reconfigured: Callable[..., None],
    developer: Developer,
    offered: EndpointService,
    discovery: Discovery,
    since: int,
) -> None:
    name = "taken.internal"
    reconfigured(namespace=name, make="private-dns-namespace")
    domains = Domains(drawbridge.aws, developer.account)
    zone = domains.make_zone(name, developer.network.vpc_id)
    endpoint = connect(drawbridge, developer, offered)

    def told() -> list[dict[str, Any]]:
        return drawbridge.sync_cloud_map.log.decisions(since, decision="hold", reason="OPERATION_FAILED")

    (line, *_) = drawbridge.later_until("the failure is told", told)
    assert "CANNOT_CREATE_HOSTED_ZONE" in line["detail"]
    assert name in line["message"]
    domains.api.delete_hosted_zone(Id=zone)
    let_failures_pass(drawbridge)
    sweep(drawbridge)
    drawbridge.later_until("it is found", lambda: endpoint in discovery.found(name, NAME))
    developer.delete_endpoints()
    reconfigured(namespace=name, endpoints="remove")
    sweep(drawbridge)
    drawbridge.later_until("the namespace is gone", lambda: discovery.namespace(name) is None)


def test_throttled_registration_comes_back(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery
) -> None:
    throttled = {"role": MEMBER_ROLE, "code": "RequestLimitExceeded", "count": ordered_faults.UNTIL_CLEARED}
    fault = ordered_faults.order(drawbridge, "servicediscovery", "RegisterInstance", **throttled)
    endpoint = connect(drawbridge, developer, offered)

    def hit() -> bool:
        # What failed is in no hand and comes back much later, so the queue never settles here.
        drawbridge.sync_cloud_map.bring_forward()
        return ordered_faults.hits(drawbridge, fault) > 0

    wait_until("it was throttled", hit, explain=drawbridge.explain)
    ordered_faults.clear(drawbridge, fault)
    drawbridge.forget_messages()
    sweep(drawbridge)
    await_found(drawbridge, discovery, endpoint)
