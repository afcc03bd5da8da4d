"""An endpoint service is offered in the Availability Zones that its load balancer got since."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from deployment.drawbridge import CLOUD_MAP_ROLE, Drawbridge
from emulator.clients import REGION
from emulator.organization_sample import HUB, EndpointService

from .found import sweep, unheard

NEW_ZONE = f"{REGION}c"
TAKE_UP = "ModifyVpcEndpointServiceConfiguration"


@pytest.fixture
def subnet(drawbridge: Drawbridge) -> Iterator[str]:
    """A subnet in a zone that no load balancer of the hub is in."""
    ec2, vpc = drawbridge.aws.client("ec2", HUB), drawbridge.sample.networks[HUB].vpc_id
    block = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["CidrBlock"]
    start = ".".join(block.split(".")[:2])
    made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"{start}.250.0/24", AvailabilityZone=NEW_ZONE)["Subnet"]
    yield made["SubnetId"]
    ec2.delete_subnet(SubnetId=made["SubnetId"])


def zones(drawbridge: Drawbridge, service: EndpointService) -> set[str]:
    """Where a service is offered."""
    ec2 = drawbridge.aws.client("ec2", service.account)
    shown = ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[service.id])
    return set(shown["ServiceConfigurations"][0]["AvailabilityZones"])


def extend(drawbridge: Drawbridge, service: EndpointService, *subnets: str) -> None:
    """The load balancer of a service gets subnets beside those that it has."""
    balancing = drawbridge.aws.client("elbv2", service.account)
    wanted = [*drawbridge.sample.networks[service.account].subnet_ids, *subnets]
    balancing.set_subnets(LoadBalancerArn=service.load_balancer_arn, Subnets=wanted)


def taken_up(drawbridge: Drawbridge, after: int) -> list[dict[str, object]]:
    """What the function asked for in order to take zones up."""
    calls = drawbridge.aws.calls(operation=TAKE_UP, role=CLOUD_MAP_ROLE, after=after)
    return [call["parameters"] for call in calls]


def test_service_takes_up_the_zone_that_its_load_balancer_got(
    drawbridge: Drawbridge, offered: EndpointService, subnet: str
) -> None:
    former, after = zones(drawbridge, offered), drawbridge.aws.last_call()
    assert NEW_ZONE not in former
    extend(drawbridge, offered, subnet)
    drawbridge.later_until("the zone is taken up", lambda: zones(drawbridge, offered) == {*former, NEW_ZONE})
    sweep(drawbridge)
    assert taken_up(drawbridge, after) == [{"ServiceId": offered.id}]


def test_zone_that_no_event_told_of_is_found_by_the_sweep(
    drawbridge: Drawbridge, offered: EndpointService, subnet: str
) -> None:
    with unheard(drawbridge):
        extend(drawbridge, offered, subnet)
    assert NEW_ZONE not in zones(drawbridge, offered)
    sweep(drawbridge)
    assert NEW_ZONE in zones(drawbridge, offered)


def test_zone_is_left_where_none_is_to_be_taken_up_or_the_service_is_not_looked_after(
    drawbridge: Drawbridge, reconfigured: Callable[..., None], offered: EndpointService, subnet: str
) -> None:
    foreign = drawbridge.offer_service(HUB, opted_in=False)
    reconfigured(take_up_zones=False)
    after = drawbridge.aws.last_call()
    for service in (offered, foreign):
        extend(drawbridge, service, subnet)
    sweep(drawbridge)
    assert taken_up(drawbridge, after) == []
    reconfigured()
    sweep(drawbridge)
    assert taken_up(drawbridge, after) == [{"ServiceId": offered.id}]
