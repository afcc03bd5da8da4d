"""What the tagging API demands of roles: its own permission, and that of the service for each resource."""

from __future__ import annotations

from typing import Any

import pytest

from .parties import Party, error_of
from .running import RunningEmulator
from .test_authorization import ROLE, allow, make_role, session
from .test_tagging import OWN, Estate, listed

KEYS = {"ForAllValues:StringEquals": {"aws:TagKeys": [*OWN]}, "Null": {"aws:TagKeys": "false"}}


@pytest.fixture
def estate(provider: Party) -> Estate:
    return Estate(provider)


def as_role(emulator: RunningEmulator, *statements: dict[str, Any], region: str = "eu-west-1") -> Any:
    make_role(emulator, ROLE, *statements)
    return emulator.client("resourcegroupstaggingapi", credentials=session(emulator, ROLE), region=region)


def codes(api: Any, arns: list[str], tags: dict[str, str]) -> dict[str, str]:
    failed = api.tag_resources(ResourceARNList=arns, Tags=tags)["FailedResourcesMap"]
    return {arn: failure["ErrorCode"] for arn, failure in failed.items()}


def test_call_needs_its_own_permission(emulator: RunningEmulator, estate: Estate) -> None:
    api = as_role(emulator, allow(["cloudwatch:TagResource", "tag:GetTagKeys"]))
    assert error_of(api.tag_resources, ResourceARNList=[estate.alarm], Tags=OWN) == "AccessDeniedException"
    assert error_of(api.untag_resources, ResourceARNList=[estate.alarm], TagKeys=["a"]) == "AccessDeniedException"
    assert error_of(api.get_resources) == "AccessDeniedException"


def test_resource_fails_where_the_services_permission_is_missing(emulator: RunningEmulator, estate: Estate) -> None:
    statements = [allow("cloudwatch:TagResource", "arn:aws:cloudwatch:*:*:alarm:*", Condition=KEYS)]
    statements.append(allow("servicediscovery:TagResource", "arn:aws:servicediscovery:*:*:namespace/*", Condition=KEYS))
    api = as_role(emulator, allow(["tag:TagResources", "tag:GetResources"]), *statements)
    refused = set(estate.regional) - {estate.alarm, estate.namespace}
    assert codes(api, estate.regional, OWN) == dict.fromkeys(refused, "AccessDeniedException")
    assert listed(api) == {estate.alarm: OWN, estate.namespace: OWN}
    assert codes(api, [estate.alarm], {**OWN, "unit": "shop"}) == {estate.alarm: "AccessDeniedException"}
    failed = api.tag_resources(ResourceARNList=[estate.service], Tags=OWN)["FailedResourcesMap"]
    assert f"servicediscovery:TagResource on resource: {estate.service}" in failed[estate.service]["ErrorMessage"]


def test_every_service_has_an_action_of_its_own(emulator: RunningEmulator, estate: Estate) -> None:
    actions = [
        "cloudwatch:TagResource",
        "ec2:CreateTags",
        "elasticloadbalancing:AddTags",
        "servicediscovery:TagResource",
        "tag:TagResources",
    ]
    assert codes(as_role(emulator, allow(actions)), estate.regional, OWN) == {}


def test_hosted_zones_have_no_keys_to_limit_by(emulator: RunningEmulator, estate: Estate) -> None:
    zones, call = "arn:aws:route53:::hostedzone/*", allow("tag:TagResources")
    api = as_role(emulator, call, allow("route53:ChangeTagsForResource", zones), region="us-east-1")
    assert codes(api, [estate.zone], {**OWN, "any": "key"}) == {}
    emulator.client("iam", account=estate.provider.account).delete_role_policy(
        RoleName=ROLE.rpartition("/")[2], PolicyName="own"
    )
    emulator.client("iam", account=estate.provider.account).delete_role(RoleName=ROLE.rpartition("/")[2])
    limited = allow("route53:ChangeTagsForResource", zones, Condition={"StringEquals": {"aws:TagKeys": [*OWN]}})
    api = as_role(emulator, call, limited, region="us-east-1")
    assert codes(api, [estate.zone], OWN) == {estate.zone: "AccessDeniedException"}
