"""CreateTags: all or nothing, over all kinds of PrivateLink at once, within EC2's limits."""

from __future__ import annotations

from typing import Any

import pytest

from .parties import Party, error_of
from .running import RunningEmulator
from .test_authorization import allow, make_role, session


def tag(key: str = "unit", value: str = "shop") -> dict[str, str]:
    return {"Key": key, "Value": value}


def everything(provider: Party) -> tuple[list[str], str]:
    """Ids of one account: an endpoint with its interfaces, a service, a connection; and that service's id."""
    service = provider.make_service(allow=(provider.account,))
    endpoint = provider.connect(service)
    (connection,) = provider.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    ids = [endpoint["VpcEndpointId"], *endpoint["NetworkInterfaceIds"], service["ServiceId"]]
    return [*ids, connection["VpcEndpointConnectionId"]], service["ServiceId"]


def tags_by_id(party: Party) -> dict[str, dict[str, str]]:
    """The tags of the account."""
    found: dict[str, dict[str, str]] = {}
    for one in party.ec2.describe_tags()["Tags"]:
        found.setdefault(one["ResourceId"], {})[one["Key"]] = one["Value"]
    return found


def test_one_call_tags_all_kinds(provider: Party) -> None:
    ids, _ = everything(provider)
    provider.ec2.create_tags(Resources=ids, Tags=[tag(), {"Key": "empty"}])
    assert tags_by_id(provider) == {identifier: {"unit": "shop", "empty": ""} for identifier in ids}
    (endpoint,) = provider.ec2.describe_vpc_endpoints()["VpcEndpoints"]
    assert tag() in endpoint["Tags"]
    (connection,) = provider.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    assert tag() in connection["Tags"]


@pytest.mark.parametrize(
    ("unknown", "code"),
    [
        ("vpce-0123456789abcdef0", "InvalidVpcEndpointId.NotFound"),
        ("vpce-svc-0123456789abcdef0", "InvalidVpcEndpointServiceId.NotFound"),
        ("vpce-svc-con-0123456789abcdef0", "InvalidVpcEndpointConnectionId.NotFound"),
        ("eni-0123456789abcdef0", "InvalidNetworkInterfaceID.NotFound"),
    ],
)
def test_unknown_resource_keeps_all_others_from_their_tags(provider: Party, unknown: str, code: str) -> None:
    ids, _ = everything(provider)
    assert error_of(provider.ec2.create_tags, Resources=[*ids, unknown], Tags=[tag()]) == code
    assert tags_by_id(provider) == {}


@pytest.mark.parametrize(
    "tags",
    [
        [tag("aws:unit")],
        [tag("AWS:unit")],
        [tag("k" * 129)],
        [tag("unit", "v" * 257)],
        [tag(), tag("unit", "other")],
        [tag("ok"), tag("")],
    ],
)
def test_tags_that_ec2_does_not_take_are_refused(provider: Party, tags: list[dict[str, str]]) -> None:
    ids, _ = everything(provider)
    assert error_of(provider.ec2.create_tags, Resources=ids, Tags=tags) == "InvalidParameterValue"
    assert tags_by_id(provider) == {}
    specified = [{"ResourceType": "vpc-endpoint-service", "Tags": tags}]
    assert error_of(provider.make_service, name="other", TagSpecifications=specified) == "InvalidParameterValue"


def test_longest_key_and_value_are_taken(provider: Party) -> None:
    ids, _ = everything(provider)
    provider.ec2.create_tags(Resources=ids, Tags=[tag("ü" * 128, "ü" * 256)])
    assert len(tags_by_id(provider)) == len(ids)


def test_resource_has_50_tags_at_the_most(provider: Party) -> None:
    ids, service = everything(provider)
    provider.ec2.create_tags(Resources=[service], Tags=[tag(f"key-{number}") for number in range(50)])
    assert error_of(provider.ec2.create_tags, Resources=ids, Tags=[tag()]) == "TagLimitExceeded"
    assert set(tags_by_id(provider)) == {service}
    provider.ec2.create_tags(Resources=[service], Tags=[tag("key-0", "changed")])
    assert tags_by_id(provider)[service]["key-0"] == "changed"


def test_call_takes_1000_resources(provider: Party) -> None:
    ids = [f"eni-{number:017x}" for number in range(1001)]
    assert error_of(provider.ec2.create_tags, Resources=ids, Tags=[tag()]) == "InvalidParameterValue"
    assert (
        error_of(provider.ec2.create_tags, Resources=ids[:1000], Tags=[tag()]) == "InvalidNetworkInterfaceID.NotFound"
    )


def test_dry_run_writes_nothing(provider: Party) -> None:
    ids, _ = everything(provider)
    assert error_of(provider.ec2.create_tags, Resources=ids, Tags=[tag()], DryRun=True) == "DryRunOperation"
    assert tags_by_id(provider) == {}


def test_role_may_be_limited_to_kinds_and_keys(emulator: RunningEmulator, provider: Party) -> None:
    ids, _ = everything(provider)
    role = f"arn:aws:iam::{provider.account}:role/drawbridge-member"
    kinds = ("vpc-endpoint", "network-interface", "vpc-endpoint-service", "vpc-endpoint-connection")
    resources: Any = [f"arn:aws:ec2:*:*:{kind}/*" for kind in kinds]
    keys = {"ForAllValues:StringEquals": {"aws:TagKeys": ["unit"]}, "Null": {"aws:TagKeys": "false"}}
    make_role(emulator, role, allow("ec2:CreateTags", resources, Condition=keys))
    ec2 = emulator.client("ec2", credentials=session(emulator, role))
    ec2.create_tags(Resources=ids, Tags=[tag()])
    assert error_of(ec2.create_tags, Resources=ids, Tags=[tag("team")]) == "UnauthorizedOperation"
    assert error_of(ec2.create_tags, Resources=[*ids, provider.network.vpc_id], Tags=[tag()]) == "UnauthorizedOperation"
    assert set(tags_by_id(provider)) == set(ids)
