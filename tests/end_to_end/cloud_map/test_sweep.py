"""The sweep finds what no event told of, costs reads alone when all is in step, and takes away no more than it may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from deployment.developer import Developer
from deployment.discovery import Discovery
from deployment.drawbridge import Drawbridge
from deployment.target_groups import TargetGroup
from emulator.organization_sample import EndpointService

from ..bus_listener import BusListener
from ..function_calls import count_operations, writing
from .found import (
    NAME,
    NAMESPACE,
    await_found,
    await_held,
    await_targets,
    calls_after,
    connect,
    sweep,
    unheard,
    untag,
    written,
)


def test_sweep_of_a_world_in_step_reads_each_thing_once_and_writes_nothing(
    drawbridge: Drawbridge,
    developer: Developer,
    offered: EndpointService,
    discovery: Discovery,
    at_provider: Discovery,
    group: TargetGroup,
    tasks: dict[str, Any],
    addresses: list[str],
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    await_found(drawbridge, discovery, endpoint)
    for address in addresses[:2]:
        at_provider.run_task(tasks, address)
    await_targets(drawbridge, group, addresses[:2])
    sweep(drawbridge)
    # Cold, so that nothing is remembered.
    drawbridge.end_environments()
    after = drawbridge.aws.last_call()
    sweep(drawbridge)
    calls = calls_after(drawbridge, after)
    assert [call["operation"] for call in writing(calls)] == []
    # Of the hub's account there is no namespace; of the member's one, with one service. The other service is the tasks'.
    of_cloud_map = count_operations([call for call in calls if call["service"] == "servicediscovery"])
    assert of_cloud_map == {"ListNamespaces": 2, "ListServices": 1, "ListInstances": 2, "GetService": 1}
    # Two accounts may have target groups; one has.
    of_groups = count_operations([call for call in calls if "Target" in call["operation"]])
    assert of_groups == {"DescribeTargetGroups": 1, "DescribeTargetGroupAttributes": 1, "DescribeTargetHealth": 1}
    assert count_operations(calls)["GetResources"] == 2


def test_endpoint_that_no_event_told_of_is_found_and_goes_by_the_sweep(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery
) -> None:
    with unheard(drawbridge):
        endpoint = connect(drawbridge, developer, offered)
    assert discovery.found(NAMESPACE, NAME) == {}
    sweep(drawbridge)
    await_found(drawbridge, discovery, endpoint)
    drawbridge.settle()
    with unheard(drawbridge):
        developer.delete_endpoints()
    assert discovery.found(NAMESPACE, NAME)
    sweep(drawbridge)
    drawbridge.later_until("it is found no more", lambda: not discovery.found(NAMESPACE, NAME))


def test_tasks_that_no_event_told_of_become_targets_and_end_by_the_sweep(
    drawbridge: Drawbridge, at_provider: Discovery, group: TargetGroup, tasks: dict[str, Any], addresses: list[str]
) -> None:
    first, second, *_ = addresses
    with unheard(drawbridge):
        at_provider.run_task(tasks, first)
        at_provider.run_task(tasks, second)
    assert group.states() == {}
    sweep(drawbridge)
    await_targets(drawbridge, group, [first, second])
    with unheard(drawbridge):
        at_provider.stop_task(tasks, first)
    assert group.targets() == {first, second}
    sweep(drawbridge)
    await_targets(drawbridge, group, [second])


def test_mode_observe_tells_what_would_be_done_and_does_nothing(
    drawbridge: Drawbridge,
    developer: Developer,
    reconfigured: Callable[..., None],
    offered: EndpointService,
    discovery: Discovery,
    at_provider: Discovery,
    group: TargetGroup,
    tasks: dict[str, Any],
    addresses: list[str],
    since: int,
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    found = await_found(drawbridge, discovery, endpoint)
    drawbridge.settle()
    reconfigured({"modes": {"sync-cloud-map": "observe"}})
    after = drawbridge.aws.last_call()
    untag(drawbridge, developer, endpoint)
    late = connect(drawbridge, developer, offered)
    at_provider.run_task(tasks, addresses[0])
    sweep(drawbridge)
    assert written(drawbridge, after) == []
    assert discovery.found(NAMESPACE, NAME) == found
    assert group.states() == {}
    proposed = drawbridge.sync_cloud_map.log.decisions(since, result="proposed", mode="observe")
    told = {(line["decision"], line.get("detail", "")) for line in proposed}
    assert told >= {("withdraw", instance) for instance in found}
    assert told >= {("publish", instance.replace(endpoint, late)) for instance in found}
    assert ("publish", f"{addresses[0]}:8080") in told


def test_more_instances_than_may_be_taken_away_at_once_stay_and_a_person_is_asked(
    drawbridge: Drawbridge,
    developer: Developer,
    reconfigured: Callable[..., None],
    offered: EndpointService,
    discovery: Discovery,
    since: int,
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    found = await_found(drawbridge, discovery, endpoint)
    drawbridge.settle()
    listener = BusListener(drawbridge)
    reconfigured(most_removals=1)
    after = drawbridge.aws.last_call()
    untag(drawbridge, developer, endpoint)
    sweep(drawbridge)
    event = listener.await_event(endpoint, "Deregistration Withheld")
    assert event["detail"]["account"] == developer.account
    line = await_held(drawbridge, since, "LIMIT_REACHED", endpoint)
    assert "cloud-map.most-removals" in line["detail"]
    assert written(drawbridge, after) == []
    assert discovery.found(NAMESPACE, NAME) == found
    reconfigured()
    sweep(drawbridge)
    drawbridge.later_until("it is found no more", lambda: not discovery.found(NAMESPACE, NAME))


def test_more_targets_than_may_be_taken_away_at_once_stay(
    drawbridge: Drawbridge,
    reconfigured: Callable[..., None],
    at_provider: Discovery,
    group: TargetGroup,
    tasks: dict[str, Any],
    addresses: list[str],
    since: int,
) -> None:
    for address in addresses[:3]:
        at_provider.run_task(tasks, address)
    await_targets(drawbridge, group, addresses[:3])
    reconfigured(most_removals=1)
    with unheard(drawbridge):
        for address in addresses[:2]:
            at_provider.stop_task(tasks, address)
    after = drawbridge.aws.last_call()
    sweep(drawbridge)
    await_held(drawbridge, since, "LIMIT_REACHED", group.name)
    assert written(drawbridge, after) == []
    assert group.targets() == {*addresses[:3]}
    reconfigured()
    sweep(drawbridge)
    await_targets(drawbridge, group, addresses[2:3])
