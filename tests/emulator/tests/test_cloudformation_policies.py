"""Managed policies that a stack makes are in force for sessions of the roles that they are attached to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .organization import MEMBER, Organization
from .parties import error_of
from .running import HUB
from .stack_templates import StackOf

Client = Callable[..., Any]
TEMPLATE = (Path(__file__).resolve().parents[3] / "infra/member.yaml").read_text(encoding="utf-8")
NAMED = {"Capabilities": ["CAPABILITY_NAMED_IAM"]}


class Member:
    """The stack of a member account, and the sessions that functions of the hub have there."""

    def __init__(self, client: Client, organization: Organization) -> None:
        self._client = client
        self.stack = StackOf(client, "drawbridge-member", account=MEMBER)
        self._parameters = {"HubAccountId": HUB, "HubRegion": "eu-west-1", "OrganizationId": organization.id}

    def create(self, **parameters: str) -> None:
        """Create the stack."""
        self._parameters |= {"Forwarding": "no", **parameters}
        made = self.stack.create(TEMPLATE, Parameters=self._parameters, **NAMED)
        assert made == "CREATE_COMPLETE", self.stack.reasons()

    def let(self, **parameters: str) -> None:
        """Update the stack with other parameters."""
        self._parameters |= parameters
        assert self.stack.update(TEMPLATE, Parameters=self._parameters, **NAMED) == "UPDATE_COMPLETE"

    def sessions_of(self, function: str, service: str) -> Callable[..., Any]:
        """Clients of a service for sessions of a function in the member, by the session's name."""
        hub, role = self._client("iam", account=HUB), f"drawbridge-{function}-eu-west-1"
        statement = f'{{"Effect": "Allow", "Principal": {{"AWS": "{HUB}"}}, "Action": "sts:AssumeRole"}}'
        trust = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
        arn = hub.create_role(RoleName=role, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        statement = '{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}'
        leave = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
        hub.put_role_policy(RoleName=role, PolicyName="assume", PolicyDocument=leave)
        own = self._client("sts", account=HUB).assume_role(RoleArn=arn, RoleSessionName="run")["Credentials"]

        def session(name: str = function) -> Any:
            there = f"arn:aws:iam::{MEMBER}:role/drawbridge-member"
            taken = self._client("sts", credentials=own).assume_role(RoleArn=there, RoleSessionName=name)
            return self._client(service, credentials=taken["Credentials"])

        return session

    def delete(self) -> None:
        """Delete the stack, and see that no policy is left."""
        assert self.stack.delete() == "DELETE_COMPLETE", self.stack.reasons()
        assert self._client("iam", account=MEMBER).list_policies(Scope="Local")["Policies"] == []


@pytest.fixture
def member(client: Client, organization: Organization) -> Member:
    return Member(client, organization)


def test_member_looks_at_alarms_by_a_managed_policy_and_writes_once_let(member: Member) -> None:
    member.create(ProviderRole="yes")
    cloudwatch = member.sessions_of("publish-alarms", "cloudwatch")
    names = {"AlarmNames": ["drawbridge/drawbridge/one"]}
    assert cloudwatch().describe_alarms()["MetricAlarms"] == []
    assert "AccessDenied" in error_of(cloudwatch().delete_alarms, **names)
    member.let(WriteAlarms="yes")
    # It may, and there is none.
    assert error_of(cloudwatch().delete_alarms, **names) == "ResourceNotFound"
    assert error_of(cloudwatch, "sync-dns") == "AccessDenied"
    assert "AccessDenied" in error_of(cloudwatch().delete_alarms, AlarmNames=["team"])
    member.delete()


def test_member_looks_at_cloud_map_by_a_managed_policy_and_makes_what_is_marked_once_let(member: Member) -> None:
    member.create(ProviderRole="no", ConsumerRole="yes")
    cloud_map = member.sessions_of("sync-cloud-map", "servicediscovery")
    marked = {"Name": "shop", "Tags": [{"Key": "drawbridge:owner", "Value": "drawbridge"}]}
    assert cloud_map().list_namespaces()["Namespaces"] == []
    assert "AccessDenied" in error_of(cloud_map().create_http_namespace, **marked)
    member.let(WriteCloudMap="api")
    assert cloud_map().create_http_namespace(**marked)["OperationId"]
    assert "AccessDenied" in error_of(cloud_map().create_http_namespace, Name="other")
    assert error_of(cloud_map, "publish-alarms") == "AccessDenied"
    member.delete()
