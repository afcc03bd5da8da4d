"""Members that can't be reached are told by the sweep, with the cause and what helps; the others are served."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import HUB, MANAGEMENT, PROVIDER, REGION, WORKLOADS_MEMBER

MEMBER_ROLE = "drawbridge-member"
NOBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}
READ = "ec2:DescribeVpcEndpointServiceConfigurations"


@contextmanager
def untrusting(drawbridge: Drawbridge) -> Iterator[None]:
    """The provider's role lets nobody in."""
    iam = drawbridge.aws.client("iam", PROVIDER)
    trust = iam.get_role(RoleName=MEMBER_ROLE)["Role"]["AssumeRolePolicyDocument"]
    iam.update_assume_role_policy(RoleName=MEMBER_ROLE, PolicyDocument=json.dumps(NOBODY))
    yield
    iam.update_assume_role_policy(RoleName=MEMBER_ROLE, PolicyDocument=json.dumps(trust))


@contextmanager
def outdated(drawbridge: Drawbridge) -> Iterator[None]:
    """The provider's role is of a version that didn't read services yet."""
    iam = drawbridge.aws.client("iam", PROVIDER)
    before = {
        name: iam.get_role_policy(RoleName=MEMBER_ROLE, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=MEMBER_ROLE)["PolicyNames"]
    }
    for name, document in before.items():
        old = json.loads(json.dumps(document).replace(READ, "ec2:DescribeRegions"))
        iam.put_role_policy(RoleName=MEMBER_ROLE, PolicyName=name, PolicyDocument=json.dumps(old))
    yield
    for name, document in before.items():
        iam.put_role_policy(RoleName=MEMBER_ROLE, PolicyName=name, PolicyDocument=json.dumps(document))


@contextmanager
def forbidden(drawbridge: Drawbridge) -> Iterator[None]:
    """The Organization denies the provider's account all reading of endpoints."""
    organizations = drawbridge.aws.client("organizations", MANAGEMENT)
    root = organizations.list_roots()["Roots"][0]
    if not any(kind["Type"] == "SERVICE_CONTROL_POLICY" for kind in root["PolicyTypes"]):
        organizations.enable_policy_type(RootId=root["Id"], PolicyType="SERVICE_CONTROL_POLICY")
    statement = {"Effect": "Deny", "Action": "ec2:DescribeVpcEndpoint*", "Resource": "*"}
    policy = organizations.create_policy(
        Name="no-endpoints",
        Description="",
        Type="SERVICE_CONTROL_POLICY",
        Content=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=PROVIDER)
    yield
    organizations.detach_policy(PolicyId=policy, TargetId=PROVIDER)


@contextmanager
def undelegated(drawbridge: Drawbridge) -> Iterator[None]:
    """The Organization has no delegation policy."""
    organizations = drawbridge.aws.client("organizations", MANAGEMENT)
    content = organizations.describe_resource_policy()["ResourcePolicy"]["Content"]
    organizations.delete_resource_policy()
    yield
    organizations.put_resource_policy(Content=content)


def report(drawbridge: Drawbridge, since: int, cause: str) -> dict[str, Any]:
    """What a sweep reports of that cause."""

    def look() -> dict[str, Any] | None:
        reports = [line["sweep"] for line in drawbridge.log.said(since) if "sweep" in line]
        told = [found for sweep in reports for found in sweep["unreached"] if found["cause"] == cause]
        return told[-1] if told else None

    drawbridge.sweep()
    return wait_until(f"a sweep reports {cause}", look, explain=drawbridge.explain)


@pytest.mark.parametrize(
    ("fault", "cause", "remedy"),
    [
        (untrusting, "ROLE_NOT_ASSUMABLE", "infra/member.yaml"),
        (outdated, "NOT_PERMITTED", "update the stack of the role"),
        (forbidden, "DENIED_BY_ORGANIZATION", "exempt the role"),
    ],
)
def test_member_that_cannot_be_reached_is_told_and_the_others_are_served(
    drawbridge: Drawbridge, since: int, fault: Any, cause: str, remedy: str
) -> None:
    service = drawbridge.offer_service(HUB)
    with fault(drawbridge):
        drawbridge.end_environments()
        told = report(drawbridge, since, cause)
        assert told["places"] == [f"{PROVIDER}/{REGION}"] and told["count"] == 1
        assert remedy in told["remedy"]
        endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
        drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
    drawbridge.end_environments()


def test_hub_that_may_not_ask_organizations_says_so_with_its_first_sweep(drawbridge: Drawbridge, since: int) -> None:
    with undelegated(drawbridge):
        drawbridge.end_environments()
        told = report(drawbridge, since, "NOT_DELEGATED")
        assert "infra/management.yaml" in told["remedy"]
    drawbridge.end_environments()
