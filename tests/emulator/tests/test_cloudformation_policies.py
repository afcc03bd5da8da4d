"""Managed policies that a stack makes are in force for sessions of the roles that they are attached to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .organization import MEMBER, Organization
from .parties import error_of
from .running import HUB
from .stack_templates import StackOf

TEMPLATE = (Path(__file__).resolve().parents[3] / "infra/member.yaml").read_text(encoding="utf-8")
NAMED = {"Capabilities": ["CAPABILITY_NAMED_IAM"]}


def test_member_looks_at_alarms_by_a_managed_policy_and_writes_once_let(
    client: Callable[..., Any], organization: Organization
) -> None:
    parameters = {"HubAccountId": HUB, "HubRegion": "eu-west-1", "OrganizationId": organization.id}
    parameters |= {"ProviderRole": "yes", "Forwarding": "no"}
    member = StackOf(client, "drawbridge-member", account=MEMBER)
    assert member.create(TEMPLATE, Parameters=parameters, **NAMED) == "CREATE_COMPLETE", member.reasons()
    hub, function = client("iam", account=HUB), "drawbridge-publish-alarms-eu-west-1"
    statement = f'{{"Effect": "Allow", "Principal": {{"AWS": "{HUB}"}}, "Action": "sts:AssumeRole"}}'
    trust = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
    arn = hub.create_role(RoleName=function, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    leave = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}'
    hub.put_role_policy(RoleName=function, PolicyName="assume", PolicyDocument=leave)
    own = client("sts", account=HUB).assume_role(RoleArn=arn, RoleSessionName="run")["Credentials"]

    def cloudwatch(session: str = "publish-alarms") -> Any:
        role = f"arn:aws:iam::{MEMBER}:role/drawbridge-member"
        taken = client("sts", credentials=own).assume_role(RoleArn=role, RoleSessionName=session)["Credentials"]
        return client("cloudwatch", credentials=taken)

    names = {"AlarmNames": ["drawbridge/drawbridge/one"]}
    assert cloudwatch().describe_alarms()["MetricAlarms"] == []
    assert "AccessDenied" in error_of(cloudwatch().delete_alarms, **names)
    assert member.update(TEMPLATE, Parameters=parameters | {"WriteAlarms": "yes"}, **NAMED) == "UPDATE_COMPLETE"
    # It may, and there is none.
    assert error_of(cloudwatch().delete_alarms, **names) == "ResourceNotFound"
    assert error_of(cloudwatch, "sync-dns") == "AccessDenied"
    assert "AccessDenied" in error_of(cloudwatch().delete_alarms, AlarmNames=["team"])
    assert member.delete() == "DELETE_COMPLETE", member.reasons()
    assert client("iam", account=MEMBER).list_policies(Scope="Local")["Policies"] == []
