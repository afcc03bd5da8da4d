"""Elastic Load Balancing: tags of all kinds of resources, listings in pages, permissions of roles."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .load_balancing import make_balancer
from .parties import PROVIDER, Party, error_of
from .running import RunningEmulator
from .test_authorization import ROLE, allow, make_role, session

PREFIX = f"arn:aws:elasticloadbalancing:eu-west-1:{PROVIDER}"
ABSENT = {
    f"{PREFIX}:loadbalancer/net/gone/0123456789abcdef": "LoadBalancerNotFound",
    f"{PREFIX}:listener/net/gone/0123456789abcdef/0123456789abcdef": "ListenerNotFound",
    f"{PREFIX}:targetgroup/gone/0123456789abcdef": "TargetGroupNotFound",
    f"{PREFIX}:trust/gone": "ValidationError",
    "orders": "ValidationError",
}


def tag(key: str = "unit", value: str = "shop") -> dict[str, str]:
    return {"Key": key, "Value": value}


def tags_by_arn(party: Party, arns: list[str]) -> dict[str, list[dict[str, str]]]:
    found = party.client("elbv2").describe_tags(ResourceArns=arns)["TagDescriptions"]
    return {one["ResourceArn"]: one["Tags"] for one in found}


def test_all_kinds_are_tagged_and_described_in_one_call(provider: Party) -> None:
    arns = make_balancer(provider, listeners=2).arns
    provider.client("elbv2").add_tags(ResourceArns=arns, Tags=[tag()])
    assert tags_by_arn(provider, arns) == {arn: [tag()] for arn in arns}
    provider.client("elbv2").remove_tags(ResourceArns=arns[:1], TagKeys=["unit", "absent"])
    assert tags_by_arn(provider, arns)[arns[0]] == []


@pytest.mark.parametrize(("absent", "code"), list(ABSENT.items()))
def test_absent_resource_fails_the_whole_call(provider: Party, absent: str, code: str) -> None:
    arns, elbv2 = make_balancer(provider).arns, provider.client("elbv2")
    assert error_of(elbv2.describe_tags, ResourceArns=[*arns, absent]) == code
    assert error_of(elbv2.add_tags, ResourceArns=[*arns, absent], Tags=[tag()]) == code
    assert error_of(elbv2.remove_tags, ResourceArns=[*arns, absent], TagKeys=["unit"]) == code
    assert tags_by_arn(provider, arns) == {arn: [] for arn in arns}


def test_call_takes_20_resources(provider: Party) -> None:
    elbv2, arns = provider.client("elbv2"), make_balancer(provider, listeners=10).arns
    assert len(arns) == 21
    assert error_of(elbv2.describe_tags, ResourceArns=arns) == "ValidationError"
    assert error_of(elbv2.add_tags, ResourceArns=arns, Tags=[tag()]) == "ValidationError"
    assert len(tags_by_arn(provider, arns[:20])) == 20


def test_resource_has_50_tags_at_the_most(provider: Party) -> None:
    arns, elbv2 = make_balancer(provider).arns, provider.client("elbv2")
    elbv2.add_tags(ResourceArns=arns[1:2], Tags=[tag(f"key-{number}") for number in range(50)])
    assert error_of(elbv2.add_tags, ResourceArns=arns, Tags=[tag()]) == "TooManyTags"
    assert tags_by_arn(provider, arns[:1]) == {arns[0]: []}
    elbv2.add_tags(ResourceArns=arns[1:2], Tags=[tag("key-0", "changed")])
    assert tag("key-0", "changed") in tags_by_arn(provider, arns[1:2])[arns[1]]


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([tag(), tag("unit", "other")], "DuplicateTagKeys"),
        ([tag("aws:unit")], "ValidationError"),
        ([tag("k" * 129)], "ValidationError"),
        ([tag("unit", "v" * 257)], "ValidationError"),
    ],
)
def test_tags_that_are_not_taken_are_refused(provider: Party, tags: list[dict[str, str]], code: str) -> None:
    arns = make_balancer(provider).arns
    assert error_of(provider.client("elbv2").add_tags, ResourceArns=arns, Tags=tags) == code
    assert tags_by_arn(provider, arns) == {arn: [] for arn in arns}


@pytest.mark.parametrize(
    ("operation", "member", "key"),
    [("describe_listeners", "Listeners", "ListenerArn"), ("describe_target_groups", "TargetGroups", "TargetGroupArn")],
)
def test_listing_of_a_load_balancer_comes_in_pages(provider: Party, operation: str, member: str, key: str) -> None:
    made, describe = make_balancer(provider, listeners=3), getattr(provider.client("elbv2"), operation)
    make_balancer(provider, "other")
    first = describe(LoadBalancerArn=made.arn, PageSize=2)
    second = describe(LoadBalancerArn=made.arn, PageSize=2, Marker=first["NextMarker"])
    assert [len(page[member]) for page in (first, second)] == [2, 1]
    expected = made.listeners if member == "Listeners" else made.target_groups
    assert {one[key] for page in (first, second) for one in page[member]} == set(expected)
    assert "NextMarker" not in second
    provider.emulator.control("POST", "settings", {"load_balancing_page": 1})
    assert [len(page[member]) for page in paginate(describe, made.arn)] == [1, 1, 1]
    assert error_of(describe, LoadBalancerArn=made.arn, PageSize=401) == "ValidationError"
    gone = f"{PREFIX}:loadbalancer/net/gone/0123456789abcdef"
    assert error_of(describe, LoadBalancerArn=gone) == "LoadBalancerNotFound"


def paginate(describe: Any, arn: str) -> list[dict[str, Any]]:
    pages = [describe(LoadBalancerArn=arn)]
    while "NextMarker" in pages[-1]:
        pages.append(describe(LoadBalancerArn=arn, Marker=pages[-1]["NextMarker"]))
    return pages


def test_listener_has_no_more_than_its_kind_has(provider: Party) -> None:
    elbv2, network = provider.client("elbv2"), make_balancer(provider)
    (listener,) = elbv2.describe_listeners(LoadBalancerArn=network.arn)["Listeners"]
    assert (listener["Protocol"], listener["Port"], "SslPolicy" in listener) == ("TCP", 443, False)
    gateway = provider.make_balancer("inspection", "gateway")
    group = elbv2.create_target_group(Name="g", Protocol="GENEVE", Port=6081, VpcId=provider.network.vpc_id)
    forward = [{"Type": "forward", "TargetGroupArn": group["TargetGroups"][0]["TargetGroupArn"]}]
    elbv2.create_listener(LoadBalancerArn=gateway, DefaultActions=forward)
    (listener,) = elbv2.describe_listeners(LoadBalancerArn=gateway)["Listeners"]
    assert not {"Protocol", "Port", "SslPolicy"} & set(listener)
    assert ":listener/gwy/inspection/" in listener["ListenerArn"]


def test_load_balancer_without_listeners_has_empty_listings(provider: Party) -> None:
    elbv2, arn = provider.client("elbv2"), provider.make_balancer()
    assert elbv2.describe_listeners(LoadBalancerArn=arn)["Listeners"] == []
    assert elbv2.describe_target_groups(LoadBalancerArn=arn)["TargetGroups"] == []
    missing = f"{PREFIX}:listener/net/gone/0123456789abcdef/0123456789abcdef"
    made = make_balancer(provider, "other")
    assert error_of(elbv2.describe_listeners, ListenerArns=[*made.listeners, missing]) == "ListenerNotFound"


def test_role_may_be_limited_to_network_load_balancers_and_keys(emulator: RunningEmulator, provider: Party) -> None:
    made, application = make_balancer(provider), provider.make_balancer("web", "application")
    keys = {"ForAllValues:StringEquals": {"aws:TagKeys": ["unit"]}, "Null": {"aws:TagKeys": "false"}}
    resources: Any = [f"arn:aws:elasticloadbalancing:*:*:{kind}" for kind in ("*/net/*", "targetgroup/*")]
    make_role(emulator, ROLE, allow("elasticloadbalancing:AddTags", resources, Condition=keys))
    elbv2 = emulator.client("elbv2", credentials=session(emulator, ROLE))
    elbv2.add_tags(ResourceArns=made.arns, Tags=[tag()])
    with pytest.raises(ClientError) as refused:
        elbv2.add_tags(ResourceArns=[*made.arns, application], Tags=[tag("unit", "other")])
    assert refused.value.response["Error"]["Code"] == "AccessDenied"
    assert f"elasticloadbalancing:AddTags on resource: {application}" in refused.value.response["Error"]["Message"]
    assert error_of(elbv2.add_tags, ResourceArns=made.arns, Tags=[tag("team")]) == "AccessDenied"
    for read in (elbv2.describe_tags, elbv2.remove_tags):
        request = {"ResourceArns": made.arns} | ({"TagKeys": ["unit"]} if read == elbv2.remove_tags else {})
        assert error_of(read, **request) == "AccessDenied"
    for read in (elbv2.describe_listeners, elbv2.describe_target_groups):
        assert error_of(read, LoadBalancerArn=made.arn) == "AccessDenied"
    assert tags_by_arn(provider, made.arns) == {arn: [tag()] for arn in made.arns}


def test_role_that_may_read_lists_and_describes(emulator: RunningEmulator, provider: Party) -> None:
    made = make_balancer(provider)
    make_role(emulator, ROLE, allow("elasticloadbalancing:Describe*"))
    elbv2 = emulator.client("elbv2", credentials=session(emulator, ROLE))
    assert len(elbv2.describe_listeners(LoadBalancerArn=made.arn)["Listeners"]) == 1
    assert len(elbv2.describe_target_groups(LoadBalancerArn=made.arn)["TargetGroups"]) == 1
    assert len(elbv2.describe_tags(ResourceArns=made.arns)["TagDescriptions"]) == 3
