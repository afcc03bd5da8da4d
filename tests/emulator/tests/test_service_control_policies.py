"""Service control policies bind the principals of members, and nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from .organization import MANAGEMENT, MEMBER, Organization
from .running import HUB, RunningEmulator

ROLE = "arn:aws:iam::*:role/guarded-*"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)


@pytest.fixture
def guarded(organization: Organization) -> Iterator[Organization]:
    """An Organization whose root denies roles of a name to all but stack sets."""
    statement = {
        "Sid": "RolesStay",
        "Effect": "Deny",
        "Action": "iam:CreateRole",
        "Resource": ROLE,
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deployer"}},
    }
    api = organization.api
    made = api.create_policy(
        Name="guard",
        Description="",
        Type="SERVICE_CONTROL_POLICY",
        Content=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    api.enable_policy_type(RootId=organization.root, PolicyType="SERVICE_CONTROL_POLICY")
    api.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=organization.root)
    yield organization


def make_role(emulator: RunningEmulator, account: str, name: str, **who: dict[str, str]) -> None:
    emulator.client("iam", account=account, **who).create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)


def test_not_even_the_root_user_of_a_member_may(emulator: RunningEmulator, guarded: Organization) -> None:
    with pytest.raises(ClientError, match="service control policy"):
        make_role(emulator, MEMBER, "guarded-role")
    make_role(emulator, MEMBER, "other-role")


def test_the_management_account_and_strangers_are_not_bound(emulator: RunningEmulator, guarded: Organization) -> None:
    make_role(emulator, MANAGEMENT, "guarded-role")
    make_role(emulator, "999999999999", "guarded-role")


def test_who_has_left_is_not_bound(emulator: RunningEmulator, guarded: Organization) -> None:
    guarded.client(MEMBER).leave_organization()
    make_role(emulator, MEMBER, "guarded-role")
    with pytest.raises(ClientError, match="service control policy"):
        make_role(emulator, HUB, "guarded-role")


def test_a_type_that_is_not_enabled_does_not_count(emulator: RunningEmulator, guarded: Organization) -> None:
    guarded.api.disable_policy_type(RootId=guarded.root, PolicyType="SERVICE_CONTROL_POLICY")
    make_role(emulator, MEMBER, "guarded-role")


def test_each_level_has_to_allow(emulator: RunningEmulator, guarded: Organization) -> None:
    unit = guarded.add_unit("closed")
    guarded.move(MEMBER, unit)
    guarded.api.detach_policy(PolicyId="p-FullAWSAccess", TargetId=unit)
    with pytest.raises(ClientError, match="service control policy"):
        make_role(emulator, MEMBER, "other-role")
