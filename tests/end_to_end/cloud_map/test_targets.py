"""The targets of a target group follow the healthy instances of the Cloud Map service that its tag names."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

import pytest
from deployment.cloud_map import CloudMap
from deployment.drawbridge import CLOUD_MAP_ROLE, Drawbridge
from deployment.targets import TargetGroup
from deployment.tasks import Tasks
from emulator.organization_sample import HUB

from ..function_calls import function_calls, writing
from ..ordered_faults import UNTIL_CLEARED, clear, hits, order
from . import rules
from .found import await_failure, await_held, sweep


@pytest.fixture
def addresses(drawbridge: Drawbridge) -> list[str]:
    """Addresses for tasks in the subnets of the hub, in turn."""
    subnets = drawbridge.sample.networks[HUB].subnet_ids
    found = drawbridge.aws.client("ec2", HUB).describe_subnets(SubnetIds=subnets)["Subnets"]
    blocks = [ipaddress.ip_network(subnet["CidrBlock"]) for subnet in found]
    return [str(block[200 + number]) for number in range(2) for block in blocks]


@pytest.fixture
def tasks_of(drawbridge: Drawbridge, of_hub: CloudMap, tasks: dict[str, Any], name: str) -> Iterator[Tasks]:
    """The tasks of an ECS service, with a health check that ECS answers."""
    made = of_hub.make_service(tasks, name, checked=True)
    yield Tasks(of_hub, name, made["Arn"])
    for instance in of_hub.discover("tasks", name):
        of_hub.deregister(made["Id"], instance)
    of_hub.api.delete_service(Id=made["Id"])
    drawbridge.settle()


@pytest.fixture
def followed(drawbridge: Drawbridge, tasks_of: Tasks, group: TargetGroup, addresses: list[str]) -> Tasks:
    """Two tasks, which the group has as its targets."""
    for address in addresses[:2]:
        tasks_of.start(address)
    group.follow(tasks_of.arn)
    await_targets(drawbridge, group, addresses[:2])
    drawbridge.later_until("the targets answer", lambda: {*group.states().values()} == {"healthy"})
    return tasks_of


def await_targets(drawbridge: Drawbridge, group: TargetGroup, wanted: list[str]) -> None:
    """Wait until the group has exactly these targets, and nothing is left to do."""
    drawbridge.later_until(f"the targets are {wanted}", lambda: group.targets() == {*wanted})
    drawbridge.settle()
    assert group.targets() == {*wanted}


def written(drawbridge: Drawbridge, after: int, group: TargetGroup) -> list[str]:
    """The calls that sync-cloud-map made to change the group, after that number."""
    calls = writing(function_calls(drawbridge, after, CLOUD_MAP_ROLE))
    return [call["operation"] for call in calls if group.arn in str(call["parameters"])]


def test_task_that_starts_becomes_a_target_and_one_that_stops_drains(
    drawbridge: Drawbridge, followed: Tasks, group: TargetGroup, addresses: list[str]
) -> None:
    assert group.tags()["drawbridge:owner"] == rules.DEPLOYMENT
    followed.start(addresses[2])
    await_targets(drawbridge, group, addresses[:3])
    drawbridge.aws.control("POST", "settings", {"target_draining_ms": 3_600_000})
    try:
        followed.stop(addresses[0])
        await_targets(drawbridge, group, addresses[1:3])
        assert group.states()[addresses[0]] == "draining"
        after = drawbridge.aws.last_call()
        sweep(drawbridge)
        assert written(drawbridge, after, group) == [], "what drains is left to it"
    finally:
        drawbridge.aws.control("POST", "settings", {"target_draining_ms": 500})


def test_event_of_a_task_is_enough(
    drawbridge: Drawbridge, followed: Tasks, group: TargetGroup, addresses: list[str]
) -> None:
    # CloudTrail, which tells of calls on Cloud Map, is best effort.
    drawbridge.aws.control("POST", "settings", {"trail_deliveries": 0})
    followed.start(addresses[2])
    await_targets(drawbridge, group, addresses[:3])
    followed.stop(addresses[2])
    await_targets(drawbridge, group, addresses[:2])


def test_targets_stay_when_the_last_instance_is_gone(
    drawbridge: Drawbridge, followed: Tasks, group: TargetGroup, addresses: list[str], since: int
) -> None:
    followed.stop(addresses[0])
    await_targets(drawbridge, group, addresses[1:2])
    followed.stop(addresses[1])
    await_held(drawbridge, since, group.name, "NO_HEALTHY_INSTANCE")
    drawbridge.settle()
    assert group.targets() == {addresses[1]}


def test_instance_that_fails_its_check_is_no_target(
    drawbridge: Drawbridge, followed: Tasks, group: TargetGroup, addresses: list[str]
) -> None:
    followed.check(addresses[0], "UNHEALTHY")
    await_targets(drawbridge, group, addresses[1:2])
    followed.check(addresses[0], "HEALTHY")
    await_targets(drawbridge, group, addresses[:2])


def test_target_that_answers_stays_until_another_one_does(
    drawbridge: Drawbridge, followed: Tasks, group: TargetGroup, addresses: list[str], since: int
) -> None:
    followed.stop(addresses[1])
    await_targets(drawbridge, group, addresses[:1])
    drawbridge.aws.control("POST", "settings", {"target_initial_ms": 3_600_000})
    try:
        followed.start(addresses[2])
        followed.stop(addresses[0])
        await_held(drawbridge, since, group.name, "LAST_TARGET")
        drawbridge.settle()
        assert group.targets() == {addresses[0], addresses[2]}
    finally:
        drawbridge.aws.control("POST", "settings", {"target_initial_ms": 200})
    await_targets(drawbridge, group, addresses[2:3])


def test_nothing_is_taken_from_a_group_with_targets_of_somebody_else(
    drawbridge: Drawbridge, tasks_of: Tasks, group: TargetGroup, addresses: list[str], since: int
) -> None:
    group.register(addresses[3])
    for address in addresses[:2]:
        tasks_of.start(address)
    group.follow(tasks_of.arn)
    await_targets(drawbridge, group, [*addresses[:2], addresses[3]])
    line = await_held(drawbridge, since, group.name, "NOT_OWNED")
    assert addresses[3] in line["detail"]
    tasks_of.stop(addresses[0])
    drawbridge.settle()
    sweep(drawbridge)
    assert group.targets() == {*addresses[:2], addresses[3]}
    assert "drawbridge:owner" not in group.tags()
    assert "DeregisterTargets" not in [
        call["operation"] for call in drawbridge.aws.calls(service="elbv2", role=CLOUD_MAP_ROLE)
    ]


def test_throttled_target_comes_back_and_is_registered(
    drawbridge: Drawbridge, followed: Tasks, group: TargetGroup, addresses: list[str], since: int
) -> None:
    throttled = {"code": "Throttling", "message": "Rate exceeded", "http_status": 400}
    named = {"role": CLOUD_MAP_ROLE, "count": UNTIL_CLEARED}
    fault = order(drawbridge, "elbv2", "RegisterTargets", **named, **throttled)
    followed.start(addresses[2])
    await_failure(drawbridge, since, "elasticloadbalancing:RegisterTargets", "Throttling")
    assert hits(drawbridge, fault) > 1, "the SDK tries again by itself"
    assert group.targets() == {*addresses[:2]}
    clear(drawbridge, fault)
    # The message is in the queue still, and comes back.
    drawbridge.sync_cloud_map.give_up()
    await_targets(drawbridge, group, addresses[:3])
    assert drawbridge.sync_cloud_map.dead_letters() == []


def test_group_whose_service_is_gone_stays_as_it_is(
    drawbridge: Drawbridge, followed: Tasks, group: TargetGroup, addresses: list[str], since: int
) -> None:
    group.follow(f"{followed.arn}x")
    sweep(drawbridge)
    await_held(drawbridge, since, group.name, "NO_CLOUD_MAP_SERVICE")
    drawbridge.settle()
    assert group.targets() == {*addresses[:2]}
