"""Targets are what the healthy instances of a Cloud Map service are."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from deployment.discovery import Discovery, addresses_of, targets
from deployment.drawbridge import CLOUD_MAP_ROLE, Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import HUB, EndpointService

from .. import ordered_faults

NUMBERS = itertools.count(1)


@pytest.fixture
def service(at_provider: Discovery) -> dict[str, Any]:
    """A service of Cloud Map, in a namespace of its own."""
    name = f"inner-{next(NUMBERS)}"
    return at_provider.make_service(at_provider.make_namespace(name), "orders")


@pytest.fixture
def addresses(drawbridge: Drawbridge) -> list[str]:
    """Addresses in both zones, in turn."""
    return addresses_of(drawbridge.aws, HUB, drawbridge.sample.networks[HUB], 4)


def make_group(drawbridge: Drawbridge, offered: EndpointService, **tags: str) -> str:
    """A target group at the load balancer of a service, with these tags (`cloud-map` is drawbridge:cloud-map)."""
    balancing = drawbridge.aws.client("elbv2", HUB)
    made = balancing.create_target_group(
        Name=f"orders-{next(NUMBERS)}",
        Protocol="TCP",
        Port=8080,
        VpcId=drawbridge.sample.networks[HUB].vpc_id,
        TargetType="ip",
        Tags=[{"Key": f"drawbridge:{key}", "Value": value} for key, value in tags.items()],
    )
    group = made["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    balancer = offered.load_balancer_arn
    balancing.create_listener(LoadBalancerArn=balancer, Protocol="TCP", Port=8080, DefaultActions=forward)
    return group


def await_targets(drawbridge: Drawbridge, group: str, wanted: set[str]) -> None:
    """Wait until these targets answer, and there are no others."""
    healthy = dict.fromkeys(wanted, "healthy")
    drawbridge.later_until(f"the targets are {sorted(wanted)}", lambda: targets(drawbridge.aws, HUB, group) == healthy)


def test_targets_follow_tasks_that_begin_and_end(
    drawbridge: Drawbridge,
    offered: EndpointService,
    at_provider: Discovery,
    service: dict[str, Any],
    addresses: list[str],
    since: int,
) -> None:
    group = make_group(drawbridge, offered, **{"cloud-map": service["Arn"]})
    first, second, third, _ = addresses
    at_provider.run_task(service, first)
    at_provider.run_task(service, second)
    await_targets(drawbridge, group, {first, second})
    at_provider.run_task(service, third)
    at_provider.stop_task(service, first)
    await_targets(drawbridge, group, {second, third})
    for address in (second, third):
        at_provider.stop_task(service, address)

    def told() -> list[dict[str, Any]]:
        drawbridge.settle()
        return drawbridge.sync_cloud_map.log.decisions(since, decision="hold", reason="NO_HEALTHY_INSTANCE")

    wait_until("that nothing is taken away is told", told, explain=drawbridge.explain)
    assert set(targets(drawbridge.aws, HUB, group).values()) == {"healthy"}
    assert targets(drawbridge.aws, HUB, group)


def test_target_of_somebody_else_stays_and_keeps_the_group_from_being_ours(
    drawbridge: Drawbridge,
    offered: EndpointService,
    at_provider: Discovery,
    service: dict[str, Any],
    addresses: list[str],
    since: int,
) -> None:
    group = make_group(drawbridge, offered, **{"cloud-map": service["Arn"]})
    stranger, first, *_ = addresses
    balancing = drawbridge.aws.client("elbv2", HUB)
    balancing.register_targets(TargetGroupArn=group, Targets=[{"Id": stranger}])
    at_provider.run_task(service, first)
    await_targets(drawbridge, group, {stranger, first})
    at_provider.stop_task(service, first)

    def told() -> list[dict[str, Any]]:
        drawbridge.settle()
        return drawbridge.sync_cloud_map.log.decisions(since, decision="hold", reason="NOT_OWNED")

    wait_until("it is told", told, explain=drawbridge.explain)
    assert targets(drawbridge.aws, HUB, group) == {stranger: "healthy", first: "healthy"}
    # A person gives the group to Drawbridge, and a task begins: what isn't known goes.
    balancing.add_tags(ResourceArns=[group], Tags=[{"Key": "drawbridge:owner", "Value": "drawbridge"}])
    at_provider.run_task(service, addresses[2])
    await_targets(drawbridge, group, {addresses[2]})


def test_throttled_registration_of_targets_comes_back(
    drawbridge: Drawbridge,
    offered: EndpointService,
    at_provider: Discovery,
    service: dict[str, Any],
    addresses: list[str],
) -> None:
    group = make_group(drawbridge, offered, **{"cloud-map": service["Arn"]})
    fault = ordered_faults.order(
        drawbridge, "elbv2", "RegisterTargets", role=CLOUD_MAP_ROLE, code="Throttling", count=3
    )
    at_provider.run_task(service, addresses[0])
    wait_until("it was throttled", lambda: ordered_faults.hits(drawbridge, fault) > 0)
    # What failed would come back much later than a test lasts.
    drawbridge.aws.control("DELETE", "faults")
    drawbridge.forget_messages()
    drawbridge.sweep()
    await_targets(drawbridge, group, {addresses[0]})


def test_service_is_offered_in_a_zone_that_its_load_balancer_gets(
    drawbridge: Drawbridge, offered: EndpointService
) -> None:
    ec2, network = drawbridge.aws.client("ec2", HUB), drawbridge.sample.networks[HUB]
    vpc = ec2.describe_vpcs(VpcIds=[network.vpc_id])["Vpcs"][0]["CidrBlock"]
    block = f"{'.'.join(vpc.split('.')[:2])}.{200 + next(NUMBERS)}.0/24"
    made = ec2.create_subnet(VpcId=network.vpc_id, CidrBlock=block, AvailabilityZone="eu-west-1c")["Subnet"]

    def zones() -> list[str]:
        shown = ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[offered.id])
        return shown["ServiceConfigurations"][0]["AvailabilityZones"]

    assert "eu-west-1c" not in zones()
    balancing = drawbridge.aws.client("elbv2", HUB)
    subnets = [*network.subnet_ids, made["SubnetId"]]
    balancing.set_subnets(LoadBalancerArn=offered.load_balancer_arn, Subnets=subnets)
    drawbridge.later_until("the service is offered there, too", lambda: "eu-west-1c" in zones())


def test_target_whose_instance_is_said_to_be_ill_is_taken_away(
    drawbridge: Drawbridge, offered: EndpointService, at_provider: Discovery, addresses: list[str]
) -> None:
    namespace = at_provider.make_namespace(f"inner-{next(NUMBERS)}")
    checked = at_provider.make_service(namespace, "orders", HealthCheckCustomConfig={"FailureThreshold": 1})
    group = make_group(drawbridge, offered, **{"cloud-map": checked["Arn"]})
    well, ill = addresses[:2]
    for address in (well, ill):
        at_provider.run_task(checked, address)
    await_targets(drawbridge, group, {well, ill})
    at_provider.api.update_instance_custom_health_status(
        ServiceId=checked["Id"], InstanceId=f"task-{ill}", Status="UNHEALTHY"
    )
    await_targets(drawbridge, group, {well})
    for address in (well, ill):
        at_provider.stop_task(checked, address)
