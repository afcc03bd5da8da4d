"""STS: who may assume which role."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .parties import error_of
from .running import RunningEmulator

MEMBER = "444444444444"
HUB = "222222222222"
ROLE = f"arn:aws:iam::{MEMBER}:role/drawbridge-member"
FUNCTION_ROLE = f"arn:aws:iam::{HUB}:role/drawbridge-accept-connections-eu-west-1"


def make_role(emulator: RunningEmulator, role_arn: str, trust: dict[str, Any], *allowed: str) -> None:
    """A role with this trust, which may do what is `allowed`."""
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", **trust}
    iam = emulator.client("iam", account=account)
    iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    if allowed:
        own = {"Effect": "Allow", "Action": list(allowed), "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [own]})
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document)


def assume(emulator: RunningEmulator, role_arn: str, credentials: Any = None, **options: Any) -> dict[str, str]:
    """Credentials for a role, asked for by the hub's root or by `credentials`."""
    sts = emulator.client("sts", account=HUB, credentials=credentials)
    return sts.assume_role(RoleArn=role_arn, RoleSessionName="event-1", **options)["Credentials"]


def test_session_acts_as_the_role_in_its_account(emulator: RunningEmulator) -> None:
    make_role(emulator, ROLE, {"Principal": {"AWS": f"arn:aws:iam::{HUB}:root"}})
    credentials = assume(emulator, ROLE)
    assert credentials["AccessKeyId"].startswith("ASIA")
    identity = emulator.client("sts", credentials=credentials).get_caller_identity()
    assert identity["Account"] == MEMBER
    assert identity["Arn"] == f"arn:aws:sts::{MEMBER}:assumed-role/drawbridge-member/event-1"
    tables = emulator.client("ec2", credentials=credentials).describe_route_tables()["RouteTables"]
    assert {table["OwnerId"] for table in tables} == {MEMBER}


def test_role_that_does_not_exist_or_does_not_trust_is_refused(emulator: RunningEmulator) -> None:
    assert error_of(assume, emulator, ROLE) == "AccessDenied"
    make_role(emulator, ROLE, {"Principal": {"AWS": "arn:aws:iam::333333333333:root"}})
    assert error_of(assume, emulator, ROLE) == "AccessDenied"


def test_external_id_and_organization_are_asked_for(emulator: RunningEmulator) -> None:
    organizations = emulator.client("organizations", account="111111111111")
    organization = organizations.create_organization()["Organization"]["Id"]
    condition = {"StringEquals": {"sts:ExternalId": "secret", "aws:PrincipalOrgID": organization}}
    make_role(emulator, ROLE, {"Principal": {"AWS": HUB}, "Condition": condition})
    assert error_of(assume, emulator, ROLE, ExternalId="secret") == "AccessDenied"
    invitation = organizations.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": HUB})["Handshake"]
    emulator.client("organizations", account=HUB).accept_handshake(HandshakeId=invitation["Id"])
    assert error_of(assume, emulator, ROLE) == "AccessDenied"
    assert assume(emulator, ROLE, ExternalId="secret")


def test_trust_may_ask_for_the_name_of_the_calling_role(emulator: RunningEmulator) -> None:
    condition = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{HUB}:role/drawbridge-accept-connections-*"}}
    make_role(emulator, ROLE, {"Principal": {"AWS": f"arn:aws:iam::{HUB}:root"}, "Condition": condition})
    assert error_of(assume, emulator, ROLE) == "AccessDenied"
    make_role(emulator, FUNCTION_ROLE, {"Principal": {"AWS": HUB}}, "sts:AssumeRole")
    assert assume(emulator, ROLE, credentials=assume(emulator, FUNCTION_ROLE))


def test_role_needs_the_permission_in_its_own_policies_too(emulator: RunningEmulator) -> None:
    make_role(emulator, ROLE, {"Principal": {"AWS": f"arn:aws:iam::{HUB}:root"}})
    make_role(emulator, FUNCTION_ROLE, {"Principal": {"AWS": HUB}}, "ec2:Describe*")
    assert error_of(assume, emulator, ROLE, credentials=assume(emulator, FUNCTION_ROLE)) == "AccessDenied"


def test_trust_by_name_is_enough_within_an_account(emulator: RunningEmulator) -> None:
    neighbour = f"arn:aws:iam::{HUB}:role/neighbour"
    make_role(emulator, FUNCTION_ROLE, {"Principal": {"AWS": HUB}}, "ec2:Describe*")
    make_role(emulator, neighbour, {"Principal": {"AWS": FUNCTION_ROLE}})
    assert assume(emulator, neighbour, credentials=assume(emulator, FUNCTION_ROLE))


def test_source_identity_must_be_allowed_and_stays(emulator: RunningEmulator) -> None:
    make_role(emulator, ROLE, {"Principal": {"AWS": HUB}})
    assert error_of(assume, emulator, ROLE, SourceIdentity="event-7") == "AccessDenied"
    actions = ["sts:AssumeRole", "sts:SetSourceIdentity"]
    make_role(emulator, f"{ROLE}-2", {"Principal": {"AWS": HUB}, "Action": actions}, "ec2:CreateTags")
    credentials = assume(emulator, f"{ROLE}-2", SourceIdentity="event-7")
    emulator.client("ec2", credentials=credentials).create_tags(
        Resources=[emulator.client("ec2", account=MEMBER).describe_vpcs()["Vpcs"][0]["VpcId"]],
        Tags=[{"Key": "a", "Value": "b"}],
    )
    (event,) = emulator.client("cloudtrail", account=MEMBER).lookup_events()["Events"]
    identity = json.loads(event["CloudTrailEvent"])["userIdentity"]
    assert identity["sessionContext"]["sourceIdentity"] == "event-7"


@pytest.mark.parametrize("name", ["x", "with space", "a" * 65])
def test_session_name_must_be_a_valid_one(emulator: RunningEmulator, name: str) -> None:
    make_role(emulator, ROLE, {"Principal": {"AWS": HUB}})
    sts = emulator.client("sts", account=HUB)
    sts.meta.events.unregister("before-parameter-build")
    with pytest.raises(Exception, match="RoleSessionName|session name"):
        sts.assume_role(RoleArn=ROLE, RoleSessionName=name)
