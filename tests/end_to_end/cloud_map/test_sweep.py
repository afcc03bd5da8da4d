"""The sweep costs reads alone when all is in step, and neither writes in mode observe nor takes away more than it may."""

from __future__ import annotations

from collections.abc import Callable

from deployment.cloud_map import CloudMap
from deployment.developer import Developer
from deployment.drawbridge import Drawbridge
from deployment.targets import TargetGroup
from deployment.waiting import wait_until
from emulator.organization_sample import HUB, PROVIDER, SANDBOX_MEMBER, WORKLOADS_MEMBER, EndpointService

from ..bus_listener import BusListener
from ..function_calls import count_operations, writing
from . import rules
from .found import alone, await_found, calls_of, connect, instances_of, sweep, untag, written

Configure = Callable[..., None]
# What each place costs where nothing is found; `n` load balancers of services that are looked after cost `n` calls more.
OF_CONSUMER = {"DescribeVpcEndpoints": 1, "ListNamespaces": 1}
OF_PROVIDER = {"DescribeVpcEndpointServiceConfigurations": 1, "GetResources": 1, "DescribeLoadBalancers": 1}


def balancers(drawbridge: Drawbridge, account: str) -> int:
    """How many load balancers are behind services of an account that are looked after."""
    return sum(known.opted_in and known.account == account for known in drawbridge.sample.services.values())


def test_second_sweep_writes_nothing_and_reads_each_thing_once(
    drawbridge: Drawbridge,
    developer: Developer,
    service: EndpointService,
    group: TargetGroup,
    of_consumer: CloudMap,
    name: str,
) -> None:
    endpoint = connect(drawbridge, developer, service, name)
    await_found(drawbridge, of_consumer, name, instances_of(drawbridge, developer, endpoint))
    group.follow(of_consumer.services(rules.NAMESPACE)[name]["Arn"])
    sweep(drawbridge)
    after = drawbridge.aws.last_call()
    # Cold, so that nothing is known and all is read.
    drawbridge.end_environments()
    alone(drawbridge, drawbridge.sweep)
    calls = [call for call in calls_of(drawbridge, after) if call["service"] != "sts"]
    assert writing(calls) == []
    services = len(of_consumer.services(rules.NAMESPACE))
    read = {account: count_operations([call for call in calls if call["account"] == account]) for account in ACCOUNTS}
    assert read[SANDBOX_MEMBER] == OF_CONSUMER
    assert read[WORKLOADS_MEMBER] == OF_CONSUMER | {
        "ListServices": 1,
        "ListInstances": services,
        "DescribeNetworkInterfaces": 1,
        "DescribeSubnets": 1,
    }
    looked_after = balancers(drawbridge, PROVIDER)
    assert read[PROVIDER] == OF_PROVIDER | {"DescribeLoadBalancerAttributes": looked_after}
    # Those behind services, and the one before the group that follows what its account doesn't see.
    looked_after = balancers(drawbridge, HUB)
    assert read[HUB] == OF_CONSUMER | OF_PROVIDER | {
        "DescribeLoadBalancers": 2,
        "DescribeLoadBalancerAttributes": looked_after + 1,
        "DescribeTargetGroups": 1,
        "DescribeTargetGroupAttributes": 1,
        "DescribeTargetHealth": 1,
        "DescribeSubnets": 1,
        "GetService": 1,
    }
    assert sum(map(len, (calls,))) == sum(sum(counted.values()) for counted in read.values())


ACCOUNTS = (HUB, PROVIDER, WORKLOADS_MEMBER, SANDBOX_MEMBER)


def test_endpoint_that_no_event_told_of_is_found_by_the_sweep(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, of_consumer: CloudMap, name: str
) -> None:
    drawbridge.sync_cloud_map.enable_mapping(False)
    endpoint = connect(drawbridge, developer, service, name)
    for function in drawbridge.functions[:-1]:
        function.settle()
    drawbridge.sync_cloud_map.forget_messages()
    drawbridge.sync_cloud_map.enable_mapping(True)
    assert of_consumer.discover(rules.NAMESPACE, name) == {}
    drawbridge.sweep()
    await_found(drawbridge, of_consumer, name, instances_of(drawbridge, developer, endpoint))


def test_mode_observe_says_what_would_be_done_and_does_nothing(
    drawbridge: Drawbridge,
    developer: Developer,
    service: EndpointService,
    of_consumer: CloudMap,
    changed_configuration: Configure,
    name: str,
    since: int,
) -> None:
    endpoint = connect(drawbridge, developer, service, name)
    found = await_found(drawbridge, of_consumer, name, instances_of(drawbridge, developer, endpoint))
    changed_configuration({"modes": {"sync-cloud-map": "observe"}})
    after = drawbridge.aws.last_call()
    untag(drawbridge, developer, endpoint)
    late = connect(drawbridge, developer, service, f"{name}-late")
    sweep(drawbridge)
    assert written(drawbridge, after) == []
    assert of_consumer.discover(rules.NAMESPACE, name) == found
    proposed = drawbridge.sync_cloud_map.log.decisions(since, result="proposed", mode="observe")
    withdrawn = {line["detail"] for line in proposed if line["decision"] == "withdraw"}
    assert withdrawn >= found.keys()
    assert [line for line in proposed if line["decision"] == "publish" and f"{name}-late" in str(line)], late


def test_more_removals_than_allowed_are_withheld_and_told(
    drawbridge: Drawbridge,
    developer: Developer,
    service: EndpointService,
    of_consumer: CloudMap,
    changed_configuration: Configure,
    name: str,
) -> None:
    endpoint = connect(drawbridge, developer, service, name)
    found = await_found(drawbridge, of_consumer, name, instances_of(drawbridge, developer, endpoint))
    listener = BusListener(drawbridge)
    changed_configuration(endpoints="remove", most_removals=1)
    after = drawbridge.aws.last_call()
    sweep(drawbridge)
    event = listener.await_event(endpoint, "Deregistration Withheld")
    assert event["detail"]["account"] == developer.account
    assert written(drawbridge, after) == []
    assert of_consumer.discover(rules.NAMESPACE, name) == found
    changed_configuration(endpoints="remove")
    sweep(drawbridge)
    wait_until("it is taken away", lambda: not of_consumer.discover(rules.NAMESPACE, name))
    drawbridge.sweep_until(lambda: not of_consumer.namespaces(rules.NAMESPACE))
