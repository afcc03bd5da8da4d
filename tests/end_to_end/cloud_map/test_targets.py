"""Targets are what the healthy instances of a Cloud Map service are, and the last that answers is never taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from deployment.discovery import CHECKED, Discovery
from deployment.drawbridge import CLOUD_MAP_ROLE, Drawbridge
from deployment.target_groups import TargetGroup
from deployment.waiting import wait_until

from .. import ordered_faults
from .found import DEPLOYMENT, UNTIL_ENDED_MS, await_held, await_targets, sweep, unheard, written


@pytest.fixture
def followed(
    drawbridge: Drawbridge, at_provider: Discovery, group: TargetGroup, tasks: dict[str, Any], addresses: list[str]
) -> dict[str, Any]:
    """The service of two tasks, which the group has as its targets."""
    for address in addresses[:2]:
        at_provider.run_task(tasks, address)
    await_targets(drawbridge, group, addresses[:2])
    return tasks


def test_targets_follow_tasks_that_begin_and_end(
    drawbridge: Drawbridge,
    at_provider: Discovery,
    group: TargetGroup,
    followed: dict[str, Any],
    addresses: list[str],
    since: int,
) -> None:
    assert group.tags()["drawbridge:owner"] == DEPLOYMENT
    first, second, third, _ = addresses
    at_provider.run_task(followed, third)
    at_provider.stop_task(followed, first)
    await_targets(drawbridge, group, [second, third])
    for address in (second, third):
        at_provider.stop_task(followed, address)
    await_held(drawbridge, since, "NO_HEALTHY_INSTANCE", group.name)
    stays = group.states()
    assert set(stays.values()) == {"healthy"}
    sweep(drawbridge)
    assert group.states() == stays


def test_event_of_a_task_is_enough(
    drawbridge: Drawbridge,
    at_provider: Discovery,
    group: TargetGroup,
    followed: dict[str, Any],
    addresses: list[str],
) -> None:
    # CloudTrail, which tells of calls on Cloud Map, is best effort.
    drawbridge.aws.control("POST", "settings", {"trail_deliveries": 0})
    first, second, third, _ = addresses
    at_provider.run_task(followed, third)
    await_targets(drawbridge, group, [first, second, third])
    at_provider.stop_task(followed, third)
    await_targets(drawbridge, group, [first, second])


def test_last_target_that_answers_stays_until_another_one_does(
    drawbridge: Drawbridge,
    at_provider: Discovery,
    group: TargetGroup,
    followed: dict[str, Any],
    addresses: list[str],
    since: int,
) -> None:
    first, second, third, _ = addresses
    at_provider.stop_task(followed, second)
    await_targets(drawbridge, group, [first])
    drawbridge.aws.control("POST", "settings", {"target_initial_ms": UNTIL_ENDED_MS})
    at_provider.run_task(followed, third)
    at_provider.stop_task(followed, first)
    await_held(drawbridge, since, "LAST_TARGET", group.name)
    sweep(drawbridge)
    assert group.states() == {first: "healthy", third: "initial"}
    drawbridge.aws.control("POST", "settings", {"target_initial_ms": 0})
    await_targets(drawbridge, group, [third])


def test_target_that_drains_is_left_to_it_and_registered_again_when_it_is_wanted_again(
    drawbridge: Drawbridge,
    at_provider: Discovery,
    group: TargetGroup,
    followed: dict[str, Any],
    addresses: list[str],
) -> None:
    first, second, *_ = addresses
    drawbridge.aws.control("POST", "settings", {"target_draining_ms": UNTIL_ENDED_MS})
    at_provider.stop_task(followed, first)
    draining = {first: "draining", second: "healthy"}
    drawbridge.later_until("it drains", lambda: group.states() == draining)
    drawbridge.settle()
    after = drawbridge.aws.last_call()
    sweep(drawbridge)
    assert written(drawbridge, after) == []
    at_provider.run_task(followed, first)
    await_targets(drawbridge, group, [first, second])


def test_target_whose_instance_is_said_to_be_ill_is_taken_away_unless_all_are(
    drawbridge: Drawbridge,
    at_provider: Discovery,
    make_group: Callable[..., TargetGroup],
    tasks: dict[str, Any],
    addresses: list[str],
    since: int,
) -> None:
    checked = at_provider.make_service({"Id": tasks["NamespaceId"]}, "checked", **CHECKED)
    group = make_group(cloud_map=checked["Arn"])
    well, ill = addresses[:2]
    for address in (well, ill):
        at_provider.run_task(checked, address)
    await_targets(drawbridge, group, [well, ill])
    at_provider.judge_task(checked, ill, "UNHEALTHY")
    await_targets(drawbridge, group, [well])
    at_provider.judge_task(checked, ill, "HEALTHY")
    await_targets(drawbridge, group, [well, ill])
    with unheard(drawbridge):
        for address in (well, ill):
            at_provider.judge_task(checked, address, "UNHEALTHY")
    after = drawbridge.aws.last_call()
    sweep(drawbridge)
    await_held(drawbridge, since, "NO_HEALTHY_INSTANCE", group.name)
    assert written(drawbridge, after) == []
    assert group.states() == {well: "healthy", ill: "healthy"}


def test_targets_stay_as_long_as_instances_cannot_be_read(
    drawbridge: Drawbridge,
    at_provider: Discovery,
    group: TargetGroup,
    followed: dict[str, Any],
    addresses: list[str],
) -> None:
    first, second, *_ = addresses
    with unheard(drawbridge):
        at_provider.stop_task(followed, first)
    after = drawbridge.aws.last_call()
    named = {"role": CLOUD_MAP_ROLE, "code": "AccessDeniedException", "count": ordered_faults.UNTIL_CLEARED}
    fault = ordered_faults.order(drawbridge, "servicediscovery", "ListInstances", **named)
    drawbridge.sweep()

    def refused() -> bool:
        return ordered_faults.hits(drawbridge, fault) > 0 and not drawbridge.sync_cloud_map.at_work()

    wait_until("the read was refused", refused, explain=drawbridge.explain)
    assert written(drawbridge, after) == []
    assert group.states() == {first: "healthy", second: "healthy"}
    ordered_faults.clear(drawbridge, fault)
    # What failed would come back much later than a test lasts.
    drawbridge.forget_messages()
    sweep(drawbridge)
    await_targets(drawbridge, group, [second])


def test_target_of_somebody_else_stays_and_keeps_the_group_from_being_ours(
    drawbridge: Drawbridge,
    at_provider: Discovery,
    make_group: Callable[..., TargetGroup],
    tasks: dict[str, Any],
    addresses: list[str],
    since: int,
) -> None:
    stranger, first, second, _ = addresses
    # A group is ours as soon as Cloud Map knows all of its targets, so it has one before it follows anything.
    group = make_group()
    group.register(stranger)
    at_provider.run_task(tasks, first)
    group.tag(cloud_map=tasks["Arn"])
    await_targets(drawbridge, group, [stranger, first])
    at_provider.stop_task(tasks, first)
    line = await_held(drawbridge, since, "NOT_OWNED", group.name)
    assert stranger in line["detail"]
    sweep(drawbridge)
    assert group.states() == {stranger: "healthy", first: "healthy"}
    assert "drawbridge:owner" not in group.tags()
    # A person gives the group to Drawbridge, and a task begins: what isn't known goes.
    group.tag(owner=DEPLOYMENT)
    at_provider.run_task(tasks, second)
    await_targets(drawbridge, group, [second])


def test_throttled_registration_of_targets_comes_back(
    drawbridge: Drawbridge,
    at_provider: Discovery,
    group: TargetGroup,
    tasks: dict[str, Any],
    addresses: list[str],
) -> None:
    throttled = {"role": CLOUD_MAP_ROLE, "code": "Throttling", "count": ordered_faults.UNTIL_CLEARED}
    fault = ordered_faults.order(drawbridge, "elbv2", "RegisterTargets", **throttled)
    at_provider.run_task(tasks, addresses[0])
    wait_until("it was throttled", lambda: ordered_faults.hits(drawbridge, fault) > 0)
    ordered_faults.clear(drawbridge, fault)
    # What failed would come back much later than a test lasts.
    drawbridge.forget_messages()
    sweep(drawbridge)
    await_targets(drawbridge, group, addresses[:1])
