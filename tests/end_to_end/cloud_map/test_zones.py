"""An endpoint service is offered in the Availability Zones that its load balancer got since."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from deployment.drawbridge import CLOUD_MAP_ROLE, Drawbridge
from emulator.clients import REGION
from emulator.organization_sample import HUB, EndpointService

from .found import sweep

NEW_ZONE = f"{REGION}c"


@pytest.fixture
def subnet(drawbridge: Drawbridge) -> Iterator[str]:
    """A subnet of the hub in a zone that none of its load balancers is in."""
    ec2 = drawbridge.aws.client("ec2", HUB)
    vpc = drawbridge.sample.networks[HUB].vpc_id
    blocks = [
        found["CidrBlock"] for found in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    ]
    block = next(block for third in range(200, 256) if (block := f"10.0.{third}.0/24") not in blocks)
    made = ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=NEW_ZONE)["Subnet"]["SubnetId"]
    yield made


def zones(drawbridge: Drawbridge, service: EndpointService) -> set[str]:
    """Where a service is offered."""
    found = drawbridge.aws.client("ec2", HUB).describe_vpc_endpoint_service_configurations(ServiceIds=[service.id])
    return set(found["ServiceConfigurations"][0]["AvailabilityZones"])


def test_service_takes_up_the_zone_that_its_load_balancer_got(
    drawbridge: Drawbridge, offered: EndpointService, subnet: str
) -> None:
    sweep(drawbridge)
    former = zones(drawbridge, offered)
    assert NEW_ZONE not in former
    after = drawbridge.aws.last_call()
    subnets = [*drawbridge.sample.networks[HUB].subnet_ids, subnet]
    drawbridge.aws.client("elbv2", HUB).set_subnets(LoadBalancerArn=offered.load_balancer_arn, Subnets=subnets)
    drawbridge.later_until("the zone is taken up", lambda: zones(drawbridge, offered) == {*former, NEW_ZONE})
    sweep(drawbridge)
    written = drawbridge.aws.calls(operation="ModifyVpcEndpointServiceConfiguration", role=CLOUD_MAP_ROLE, after=after)
    assert [call["parameters"] for call in written] == [{"ServiceId": offered.id}]
