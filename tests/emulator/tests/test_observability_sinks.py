"""A member links its metrics to the hub's sink by stacks like the project's own, if the sink's policy lets it in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .organization import MEMBER, STRANGER, Organization
from .running import HUB, RunningEmulator
from .stack_templates import StackOf

Client = Callable[..., Any]
SINK = """
Resources:
  Sink:
    Type: AWS::Oam::Sink
    Properties:
      Name: tried
      Policy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: "*"
            Action: [oam:CreateLink, oam:UpdateLink]
            Resource: "*"
            Condition:
              StringEquals: {aws:PrincipalOrgID: %s}
              ForAllValues:StringEquals: {oam:ResourceTypes: [AWS::CloudWatch::Metric]}
Outputs:
  Arn: {Value: !GetAtt Sink.Arn}
"""
LINK = """
Resources:
  Link:
    Type: AWS::Oam::Link
    Properties:
      LabelTemplate: $AccountName
      ResourceTypes: [%s]
      SinkIdentifier: %s
"""
METRICS, LOGS = "AWS::CloudWatch::Metric", "AWS::Logs::LogGroup"


@pytest.fixture
def sink(organization: Organization, stack: StackOf) -> str:
    """The hub's sink, for members of the Organization and metrics alone."""
    assert stack.create(SINK % organization.id) == "CREATE_COMPLETE"
    return stack.outputs()["Arn"]


def seen_by_hub(client: Client) -> list[str]:
    listed = client("cloudwatch").list_metrics(Namespace="Shop", IncludeLinkedAccounts=True)
    return listed["OwningAccounts"]


def publish(client: Client) -> None:
    client("cloudwatch", account=MEMBER).put_metric_data(
        Namespace="Shop", MetricData=[{"MetricName": "Orders", "Value": 1}]
    )


def test_metrics_of_a_member_are_seen_while_its_link_stands(client: Client, sink: str) -> None:
    publish(client)
    assert seen_by_hub(client) == []
    link = StackOf(client, "link", account=MEMBER)
    assert link.create(LINK % (METRICS, sink)) == "CREATE_COMPLETE"
    assert seen_by_hub(client) == [MEMBER]
    described = client("oam", account=MEMBER).get_link(Identifier=link.resource("Link"))
    assert (described["SinkArn"], described["ResourceTypes"]) == (sink, [METRICS])
    assert link.delete() == "DELETE_COMPLETE"
    assert seen_by_hub(client) == []


@pytest.mark.parametrize(("account", "kind"), [(STRANGER, METRICS), (MEMBER, LOGS)])
def test_link_that_the_sinks_policy_doesnt_allow_is_refused(client: Client, sink: str, account: str, kind: str) -> None:
    link = StackOf(client, "link", account=account)
    assert link.create(LINK % (kind, sink)) == "ROLLBACK_COMPLETE"
    with pytest.raises(ClientError, match="AccessDenied"):
        client("oam", account=account).create_link(
            LabelTemplate="$AccountName", ResourceTypes=[kind], SinkIdentifier=sink
        )


def test_sink_is_one_of_its_account_and_stays_while_it_has_links(client: Client, sink: str) -> None:
    with pytest.raises(ClientError, match="ConflictException"):
        client("oam").create_sink(Name="second")
    given = {"LabelTemplate": "$AccountName", "ResourceTypes": [METRICS], "SinkIdentifier": sink}
    link = client("oam", account=MEMBER).create_link(**given)["Arn"]
    for refused in (
        lambda: client("oam", account=MEMBER).create_link(**given),
        lambda: client("oam", account=HUB).create_link(**given),
        lambda: client("oam").delete_sink(Identifier=sink),
    ):
        with pytest.raises(ClientError, match=r"ConflictException|InvalidParameterException"):
            refused()
    client("oam", account=MEMBER).delete_link(Identifier=link)
    client("oam").delete_sink(Identifier=sink)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client("oam", account=MEMBER).create_link(**given)


def test_sinks_are_forgotten_with_all_else(emulator: RunningEmulator, client: Client) -> None:
    client("oam").create_sink(Name="one")
    emulator.control("POST", "reset")
    assert client("oam").create_sink(Name="one")["Name"] == "one"
