"""The network interfaces of endpoints, as DescribeNetworkInterfaces shows them."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config

from .parties import Party, error_of
from .running import RunningEmulator
from .test_authorization import allow, make_role, session


def of_type(*kinds: str) -> list[dict[str, Any]]:
    return [{"Name": "interface-type", "Values": list(kinds)}]


def unchecked_client(party: Party) -> Any:
    """A client that leaves it to the server to refuse a parameter."""
    return boto3.client(
        "ec2",
        endpoint_url=party.emulator.url,
        region_name=party.region,
        aws_access_key_id=party.account,
        aws_secret_access_key="any",
        config=Config(parameter_validation=False),
    )


def test_interfaces_of_an_endpoint_are_those_it_names(provider: Party, consumer: Party) -> None:
    endpoint = consumer.connect(provider.make_service())
    consumer.ec2.create_network_interface(SubnetId=consumer.network.subnet_ids[0])
    consumer.ec2.create_tags(Resources=endpoint["NetworkInterfaceIds"], Tags=[{"Key": "unit", "Value": "shop"}])
    found = consumer.ec2.describe_network_interfaces(Filters=of_type("vpc_endpoint"))["NetworkInterfaces"]
    assert {one["NetworkInterfaceId"] for one in found} == set(endpoint["NetworkInterfaceIds"])
    assert {one["SubnetId"] for one in found} == set(consumer.network.subnet_ids)
    for one in found:
        assert (one["InterfaceType"], one["RequesterManaged"], one["Status"]) == ("vpc_endpoint", True, "in-use")
        assert one["Description"] == f"VPC Endpoint Interface {endpoint['VpcEndpointId']}"
        assert one["TagSet"] == [{"Key": "unit", "Value": "shop"}]
        assert (one["OwnerId"], one["VpcId"]) == (consumer.account, consumer.network.vpc_id)
        assert one["Groups"][0]["GroupName"] == "default"
    (own,) = consumer.ec2.describe_network_interfaces(Filters=of_type("interface"))["NetworkInterfaces"]
    assert (own["RequesterManaged"], own["TagSet"]) == (False, [])


def test_added_subnet_adds_an_interface(provider: Party, consumer: Party) -> None:
    service = provider.make_service(AcceptanceRequired=False)
    first, second = consumer.network.subnet_ids
    endpoint_id = consumer.connect(service, SubnetIds=[first])["VpcEndpointId"]
    consumer.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint_id, AddSubnetIds=[second])
    ids = consumer.endpoint(endpoint_id)["NetworkInterfaceIds"]
    found = consumer.ec2.describe_network_interfaces(NetworkInterfaceIds=ids)["NetworkInterfaces"]
    assert {one["SubnetId"] for one in found} == {first, second}
    assert {one["Description"] for one in found} == {f"VPC Endpoint Interface {endpoint_id}"}


def test_interfaces_come_in_pages_of_5_to_1000(consumer: Party) -> None:
    made = {
        consumer.ec2.create_network_interface(SubnetId=consumer.network.subnet_ids[0])["NetworkInterface"][
            "NetworkInterfaceId"
        ]
        for _ in range(7)
    }
    describe = consumer.ec2.describe_network_interfaces
    first = describe(MaxResults=5)
    second = describe(MaxResults=5, NextToken=first["NextToken"])
    assert [len(page["NetworkInterfaces"]) for page in (first, second)] == [5, 2]
    assert {one["NetworkInterfaceId"] for page in (first, second) for one in page["NetworkInterfaces"]} == made
    assert "NextToken" not in second
    unchecked = unchecked_client(consumer).describe_network_interfaces
    for size in (4, 1001):
        assert error_of(unchecked, MaxResults=size) == "InvalidParameterValue"
    assert error_of(describe, MaxResults=5, NetworkInterfaceIds=[*made][:1]) == "InvalidParameterCombination"


def test_interfaces_are_found_by_at_most_200_ids(provider: Party, consumer: Party) -> None:
    ids = consumer.connect(provider.make_service())["NetworkInterfaceIds"]
    absent = [f"eni-{number:017x}" for number in range(200)]
    describe = consumer.ec2.describe_network_interfaces
    found = describe(Filters=[{"Name": "network-interface-id", "Values": [ids[0], *absent[:199]]}])
    assert [one["NetworkInterfaceId"] for one in found["NetworkInterfaces"]] == ids[:1]
    many = [{"Name": "network-interface-id", "Values": [*ids[:1], *absent]}]
    assert error_of(describe, Filters=many) == "FilterLimitExceeded"
    assert error_of(describe, NetworkInterfaceIds=absent[:1]) == "InvalidNetworkInterfaceID.NotFound"
    assert error_of(describe, Filters=[{"Name": "interface-kind", "Values": ["a"]}]) == "InvalidParameterValue"


@pytest.mark.parametrize("action", ["ec2:DescribeNetworkInterfaces", "ec2:DescribeVpcEndpoints"])
def test_role_needs_the_permission_to_list_interfaces(emulator: RunningEmulator, consumer: Party, action: str) -> None:
    role = f"arn:aws:iam::{consumer.account}:role/drawbridge-member"
    make_role(emulator, role, allow(action))
    describe = emulator.client("ec2", credentials=session(emulator, role)).describe_network_interfaces
    if action == "ec2:DescribeNetworkInterfaces":
        assert describe()["NetworkInterfaces"] == []
    else:
        assert error_of(describe) == "UnauthorizedOperation"
