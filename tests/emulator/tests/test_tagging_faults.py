"""All calls that tags take can be made to fail, and are counted."""

from __future__ import annotations

from typing import Any

import pytest

from .organization import HUB, MANAGEMENT, MEMBER
from .parties import PROVIDER, error_of
from .running import RunningEmulator

ARN = f"arn:aws:elasticloadbalancing:eu-west-1:{PROVIDER}:loadbalancer/net/gone/0123456789abcdef"
TAG = [{"Key": "unit", "Value": "shop"}]
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("ec2", "DescribeNetworkInterfaces", {}),
    ("ec2", "DescribeVpcEndpoints", {}),
    ("ec2", "DescribeVpcEndpointConnections", {}),
    ("ec2", "DescribeVpcEndpointServiceConfigurations", {}),
    ("ec2", "CreateTags", {"Resources": ["vpce-0123456789abcdef0"], "Tags": TAG}),
    ("elbv2", "DescribeListeners", {"LoadBalancerArn": ARN}),
    ("elbv2", "DescribeTargetGroups", {"LoadBalancerArn": ARN}),
    ("elbv2", "DescribeTags", {"ResourceArns": [ARN]}),
    ("elbv2", "AddTags", {"ResourceArns": [ARN], "Tags": TAG}),
    ("resourcegroupstaggingapi", "GetResources", {}),
    ("resourcegroupstaggingapi", "TagResources", {"ResourceARNList": [ARN], "Tags": {"unit": "shop"}}),
    ("route53", "ListHostedZones", {}),
    ("cloudtrail", "LookupEvents", {}),
    ("organizations", "DescribeAccount", {"AccountId": MEMBER}),
    ("organizations", "ListAccounts", {}),
    ("organizations", "ListTagsForResource", {"ResourceId": MEMBER}),
    ("organizations", "DescribeOrganizationalUnit", {"OrganizationalUnitId": "ou-abcd-12345678"}),
    ("organizations", "DescribeEffectivePolicy", {"PolicyType": "TAG_POLICY", "TargetId": MEMBER}),
]


def ask(emulator: RunningEmulator, service: str, operation: str, request: dict[str, Any]) -> str:
    """The error code of a call."""
    account = MANAGEMENT if service == "organizations" else PROVIDER
    client = emulator.client(service, account=account)
    name = next(method for method, known in client.meta.method_to_api_mapping.items() if known == operation)
    return error_of(getattr(client, name), **request)


@pytest.mark.parametrize(("service", "operation", "request_"), CALLS, ids=[operation for _, operation, _ in CALLS])
def test_call_fails_by_order_and_is_counted(
    emulator: RunningEmulator, service: str, operation: str, request_: dict[str, Any]
) -> None:
    order = {"service": service, "operation": operation}
    emulator.control("POST", "faults", {**order, "code": "Throttling", "message": "Rate exceeded"})
    assert ask(emulator, service, operation, request_) == "Throttling"
    (call,) = emulator.calls(service=service, operation=operation, error="Throttling")
    assert call["account"] != HUB
    assert call["parameters"] == request_


def test_write_may_take_effect_and_fail_nevertheless(emulator: RunningEmulator) -> None:
    ec2 = emulator.client("ec2", account=PROVIDER)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    order = {"service": "ec2", "operation": "CreateTags", "code": "InternalError", "after": True}
    emulator.control("POST", "faults", order)
    assert error_of(ec2.create_tags, Resources=[subnet], Tags=TAG) == "InternalError"
    assert ec2.describe_tags()["Tags"][0]["Value"] == "shop"
