"""`Tag Change on Resource`: whoever wrote the tags, and by whatever API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .parties import CONSUMER, Party
from .queues import subscribe_queue
from .running import RunningEmulator
from .test_authorization import allow, make_role, session

ROLE = f"arn:aws:iam::{CONSUMER}:role/drawbridge-member"
TAG = {"Key": "unit", "Value": "shop"}


def changes(party: Party, write: Any, count: int) -> list[dict[str, Any]]:
    """The events that `write` brings."""
    queue = subscribe_queue(party, {"source": ["aws.tag"], "detail-type": ["Tag Change on Resource"]})
    write()
    events = [json.loads(body) for body in queue.read(count)]
    return sorted(events, key=lambda event: (event["detail"]["resource-type"], event["detail"]["version"]))


@pytest.fixture
def resources(consumer: Party) -> dict[str, str]:
    """An endpoint and a service of the consumer, by their kinds."""
    service = consumer.make_service()
    endpoint = consumer.connect(service)
    return {"vpc-endpoint": endpoint["VpcEndpointId"], "vpc-endpoint-service": service["ServiceId"]}


def test_role_that_writes_tags_brings_events_with_versions(
    emulator: RunningEmulator, consumer: Party, resources: dict[str, str]
) -> None:
    make_role(emulator, ROLE, allow("ec2:CreateTags"))
    ec2 = emulator.client("ec2", credentials=session(emulator, ROLE))

    def write() -> None:
        for value in ("shop", "other", "other"):
            ec2.create_tags(Resources=[*resources.values()], Tags=[{"Key": "unit", "Value": value}])

    events = changes(consumer, write, 4)
    shown = [(event["detail"]["resource-type"], event["detail"]["version"]) for event in events]
    assert shown == [(kind, version) for kind in sorted(resources) for version in (1, 2)]
    for event in events:
        kind, detail = event["detail"]["resource-type"], event["detail"]
        assert event["resources"] == [f"arn:aws:ec2:eu-west-1:{CONSUMER}:{kind}/{resources[kind]}"]
        assert (detail["service"], detail["changed-tag-keys"]) == ("ec2", ["unit"])
        assert detail["tags"] == {"unit": "shop" if detail["version"] == 1 else "other"}
        assert detail["version-timestamp"] > 0


def test_tagging_api_brings_the_same_events(consumer: Party, resources: dict[str, str]) -> None:
    api, prefix = consumer.client("resourcegroupstaggingapi"), f"arn:aws:ec2:eu-west-1:{CONSUMER}"
    arns = [f"{prefix}:{kind}/{identifier}" for kind, identifier in resources.items()]
    gone = f"{prefix}:vpc-endpoint/vpce-0123456789abcdef0"
    events = changes(consumer, lambda: api.tag_resources(ResourceARNList=[*arns, gone], Tags={"unit": "shop"}), 2)
    assert sorted(event["resources"][0] for event in events) == sorted(arns)


def test_tags_of_target_groups_bring_events(consumer: Party) -> None:
    balancing = consumer.client("elbv2")
    vpc = consumer.network.vpc_id
    made = balancing.create_target_group(Name="orders", Protocol="TCP", Port=443, VpcId=vpc, TargetType="ip")
    group = made["TargetGroups"][0]["TargetGroupArn"]

    def write() -> None:
        balancing.add_tags(ResourceArns=[group], Tags=[TAG])
        consumer.client("resourcegroupstaggingapi").tag_resources(ResourceARNList=[group], Tags={"unit": "other"})
        balancing.remove_tags(ResourceArns=[group], TagKeys=["unit"])

    events = changes(consumer, write, 3)
    assert [event["detail"]["tags"] for event in events] == [{"unit": "shop"}, {"unit": "other"}, {}]
    for event in events:
        assert event["resources"] == [group]
        named = (event["detail"]["service"], event["detail"]["resource-type"])
        assert named == ("elasticloadbalancing", "targetgroup")


def test_refused_tags_bring_no_event(emulator: RunningEmulator, consumer: Party, resources: dict[str, str]) -> None:
    make_role(emulator, ROLE, allow("ec2:CreateTags", "arn:aws:ec2:*:*:vpc-endpoint-service/*"))
    ec2 = emulator.client("ec2", credentials=session(emulator, ROLE))
    service = resources["vpc-endpoint-service"]

    def write() -> None:
        with pytest.raises(ec2.exceptions.ClientError):
            ec2.create_tags(Resources=[*resources.values()], Tags=[TAG])
        ec2.create_tags(Resources=[service], Tags=[TAG])

    (event,) = changes(consumer, write, 1)
    assert event["resources"][0].endswith(service)


def test_tags_of_interfaces_and_connections_bring_no_event(consumer: Party, resources: dict[str, str]) -> None:
    (connection,) = consumer.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    interfaces = consumer.endpoint(resources["vpc-endpoint"])["NetworkInterfaceIds"]
    ids = [*interfaces, connection["VpcEndpointConnectionId"], resources["vpc-endpoint"]]
    (event,) = changes(consumer, lambda: consumer.ec2.create_tags(Resources=ids, Tags=[TAG]), 1)
    assert event["resources"][0].endswith(resources["vpc-endpoint"])
