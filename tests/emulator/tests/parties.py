"""A provider and its consumers, for the tests of PrivateLink."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ..clients import REGION
from .running import RunningEmulator

PROVIDER = "333333333333"
CONSUMER = "444444444444"
OTHER_CONSUMER = "555555555555"
STRANGER = "999999999999"


@dataclass
class Network:
    """A VPC with a subnet in each of two zones."""

    vpc_id: str
    subnet_ids: list[str]


class Party:
    """An account with a network in a Region."""

    def __init__(self, emulator: RunningEmulator, account: str, region: str = REGION) -> None:
        self.emulator = emulator
        self.account = account
        self.region = region
        self.ec2 = self.client("ec2")
        vpc_id = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
            self.ec2.modify_vpc_attribute(VpcId=vpc_id, **{attribute: {"Value": True}})
        self.network = Network(vpc_id, [self.add_subnet(vpc_id, number) for number in range(2)])

    def client(self, service: str) -> Any:
        """A client of this account and Region."""
        return self.emulator.client(service, account=self.account, region=self.region)

    def add_subnet(self, vpc_id: str, number: int) -> str:
        """A subnet in the zone of that number."""
        zone = f"{self.region}{'abc'[number % 3]}"
        made = self.ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone)
        return made["Subnet"]["SubnetId"]

    def make_balancer(self, name: str = "orders", kind: str = "network") -> str:
        """A load balancer's ARN."""
        made = self.client("elbv2").create_load_balancer(Name=name, Type=kind, Subnets=self.network.subnet_ids)
        return made["LoadBalancers"][0]["LoadBalancerArn"]

    def make_service(
        self, allow: tuple[str, ...] = (CONSUMER,), name: str = "orders", **options: Any
    ) -> dict[str, Any]:
        """An endpoint service that lets `allow` ask for connections."""
        request = {"NetworkLoadBalancerArns": [self.make_balancer(name)], "AcceptanceRequired": True, **options}
        service = self.ec2.create_vpc_endpoint_service_configuration(**request)["ServiceConfiguration"]
        if allow:
            principals = [who if who == "*" else f"arn:aws:iam::{who}:root" for who in allow]
            self.ec2.modify_vpc_endpoint_service_permissions(
                ServiceId=service["ServiceId"], AddAllowedPrincipals=principals
            )
        return service

    def connect(self, service: dict[str, Any], **options: Any) -> dict[str, Any]:
        """An interface endpoint to a service."""
        request = {
            "VpcEndpointType": "Interface",
            "VpcId": self.network.vpc_id,
            "SubnetIds": self.network.subnet_ids,
            "ServiceName": service["ServiceName"],
            **options,
        }
        return self.ec2.create_vpc_endpoint(**request)["VpcEndpoint"]

    def endpoint(self, endpoint_id: str) -> dict[str, Any]:
        """An endpoint of this account, as it is now."""
        return self.ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint_id])["VpcEndpoints"][0]

    def states(self) -> dict[str, str]:
        """States of the connections to this account's services."""
        connections = self.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
        return {connection["VpcEndpointId"]: connection["VpcEndpointState"] for connection in connections}


def error_of(call: Any, *arguments: Any, **options: Any) -> str:
    """The error code that a call is refused with."""
    with pytest.raises(ClientError) as raised:
        call(*arguments, **options)
    return raised.value.response["Error"]["Code"]
