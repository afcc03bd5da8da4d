"""What a target group follows may be shared from another account; what it can't follow is told, and it stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from deployment.discovery import Discovery
from deployment.drawbridge import Drawbridge
from deployment.target_groups import TargetGroup
from emulator.organization_sample import HUB

from .found import await_held, await_targets, sweep, written

MakeGroup = Callable[..., TargetGroup]


@pytest.mark.parametrize(
    ("kind", "followed", "reason", "said"),
    [
        ("instance", "{arn}", "WRONG_TARGET_GROUP", "type instance"),
        ("ip", "orders", "INVALID_TAG", "drawbridge:cloud-map"),
        ("ip", "{arn}x", "NO_CLOUD_MAP_SERVICE", "stays as it is"),
    ],
)
def test_group_that_can_follow_nothing_is_told_and_stays_as_it_is(
    drawbridge: Drawbridge,
    at_provider: Discovery,
    make_group: MakeGroup,
    tasks: dict[str, Any],
    addresses: list[str],
    since: int,
    kind: str,
    followed: str,
    reason: str,
    said: str,
) -> None:
    after = drawbridge.aws.last_call()
    group = make_group(kind, cloud_map=followed.format(arn=tasks["Arn"]))
    at_provider.run_task(tasks, addresses[0])
    line = await_held(drawbridge, since, reason, group.name)
    assert said in line["detail"]
    sweep(drawbridge)
    assert written(drawbridge, after) == []
    assert group.states() == {}


def test_group_whose_service_is_gone_keeps_its_targets(
    drawbridge: Drawbridge,
    at_provider: Discovery,
    group: TargetGroup,
    tasks: dict[str, Any],
    addresses: list[str],
    since: int,
) -> None:
    at_provider.run_task(tasks, addresses[0])
    await_targets(drawbridge, group, addresses[:1])
    at_provider.deregister(tasks, f"task-{addresses[0]}")
    at_provider.api.delete_service(Id=tasks["Id"])
    sweep(drawbridge)
    await_held(drawbridge, since, "NO_CLOUD_MAP_SERVICE", group.name)
    assert group.states() == {addresses[0]: "healthy"}


def test_group_that_is_exempt_stays_as_it_is(
    drawbridge: Drawbridge,
    at_provider: Discovery,
    make_group: MakeGroup,
    tasks: dict[str, Any],
    addresses: list[str],
    since: int,
) -> None:
    group = make_group(cloud_map=tasks["Arn"], ignore="true")
    at_provider.run_task(tasks, addresses[0])
    await_held(drawbridge, since, "EXEMPT", group.name)
    assert group.states() == {}
    group.tag(ignore="false")
    await_targets(drawbridge, group, addresses[:1])


def test_instance_outside_the_vpc_is_a_target_only_by_a_private_address(
    drawbridge: Drawbridge, at_provider: Discovery, group: TargetGroup, tasks: dict[str, Any], since: int
) -> None:
    inside_nothing, public = "172.31.9.9", "203.0.113.9"
    at_provider.run_task(tasks, inside_nothing)
    at_provider.run_task(tasks, public)
    line = await_held(drawbridge, since, "NOT_POSSIBLE", group.name)
    assert public in line["detail"]
    await_targets(drawbridge, group, [inside_nothing])
    assert group.zones() == {inside_nothing: "all"}


def test_instance_without_an_address_is_told_and_the_others_are_targets(
    drawbridge: Drawbridge,
    at_provider: Discovery,
    group: TargetGroup,
    tasks: dict[str, Any],
    addresses: list[str],
    since: int,
) -> None:
    at_provider.register(tasks, "nowhere", version="1")
    at_provider.run_task(tasks, addresses[0])
    line = await_held(drawbridge, since, "NO_ADDRESS", group.name)
    assert "nowhere" in line["detail"]
    await_targets(drawbridge, group, addresses[:1])


def test_zone_without_a_target_is_told_where_nothing_is_sent_across_zones(
    drawbridge: Drawbridge,
    at_provider: Discovery,
    group: TargetGroup,
    tasks: dict[str, Any],
    addresses: list[str],
    since: int,
) -> None:
    at_provider.run_task(tasks, addresses[0])
    line = await_held(drawbridge, since, "ZONE_MISMATCH", group.name)
    assert "nothing to send to" in line["detail"]
    await_targets(drawbridge, group, addresses[:1])


def test_group_follows_a_service_of_another_account_when_that_shares_it(
    drawbridge: Drawbridge,
    at_provider: Discovery,
    discovery: Discovery,
    make_group: MakeGroup,
    addresses: list[str],
    since: int,
) -> None:
    namespace = discovery.make_namespace("inner-shared")
    service = discovery.make_service(namespace, "orders")
    group = make_group(cloud_map=service["Arn"])
    discovery.run_task(service, addresses[0])
    await_held(drawbridge, since, "NO_CLOUD_MAP_SERVICE", group.name)
    assert group.states() == {}
    with discovery.sharing(namespace, HUB):
        sweep(drawbridge)
        await_targets(drawbridge, group, addresses[:1])
        discovery.run_task(service, addresses[1])
        await_targets(drawbridge, group, addresses[:2])
        discovery.stop_task(service, addresses[0])
        await_targets(drawbridge, group, addresses[1:2])
    discovery.stop_task(service, addresses[1])
    sweep(drawbridge)
    assert group.states() == {addresses[1]: "healthy"}
    discovery.api.delete_service(Id=service["Id"])
    discovery.api.delete_namespace(Id=namespace["Id"])
