"""Event buses: PutEvents, and the way from bus to bus."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .deliveries import EVENTS, MEMBER, REGION, SNS, Client, arn, dropped, put, queue_for, received, rule
from .running import HUB, RunningEmulator
from .sample_functions import create_role


def test_put_events_answers_each_entry_by_itself(client: Client) -> None:
    good = {"Source": "drawbridge", "DetailType": "x", "Detail": "{}"}
    entries = [good, good | {"Source": "aws.ec2"}, good | {"Detail": "no json"}, good | {"Detail": "[]"}]
    answer = client("events").put_events(Entries=entries)
    assert answer["FailedEntryCount"] == 3
    codes = [entry.get("ErrorCode") for entry in answer["Entries"]]
    assert codes == [None, "NotAuthorizedForSourceException", "MalformedDetail", "MalformedDetail"]


def test_event_for_a_bus_that_does_not_exist_is_accepted_and_lost(client: Client, emulator: RunningEmulator) -> None:
    assert put(client, "nowhere")["FailedEntryCount"] == 0
    assert dropped(emulator)[0]["reason"] == "the event bus does not exist"


def test_pattern_is_tested_as_rules_match(client: Client) -> None:
    event = {
        "id": "1",
        "account": HUB,
        "source": "a",
        "time": "x",
        "region": REGION,
        "resources": [],
        "detail-type": "b",
    }
    test = client("events").test_event_pattern
    assert test(EventPattern='{"source": ["a"]}', Event=json.dumps(event))["Result"] is True
    assert test(EventPattern='{"source": ["b"]}', Event=json.dumps(event))["Result"] is False
    with pytest.raises(ClientError) as error:
        client("events").put_rule(Name="r", EventPattern='{"source": [{"begins": "a"}]}')
    assert error.value.response["Error"]["Code"] == "InvalidEventPatternException"


def bus_with_queue(client: Client, bus: str = "hub", policy: Any = None) -> str:
    """A bus of the hub whose events all go to queue `work`; returns the queue's URL."""
    client("events").create_event_bus(Name=bus)
    if policy is not None:
        client("events").put_permission(EventBusName=bus, Policy=json.dumps(policy))
    url = queue_for(client, "work")
    rule(client, "all", arn("sqs", "work"), bus)
    return url


def of_organization(organization: str, bus: str = "hub") -> dict[str, Any]:
    condition = {
        "StringEquals": {"aws:PrincipalOrgID": organization},
        "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/forwarder"},
    }
    statement = {
        "Sid": "Organization",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": arn("events", f"event-bus/{bus}"),
        "Condition": condition,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def organization_with(client: Client, *accounts: str) -> str:
    """An Organization of account 111111111111 that the accounts have joined; returns its id."""
    organizations = client("organizations", account="111111111111")
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    for account in accounts:
        handshake = organizations.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": account})
        client("organizations", account=account).accept_handshake(HandshakeId=handshake["Handshake"]["Id"])
    return organization


def forward(client: Client, bus: str, role: str | None, **where: str) -> None:
    target = {"Arn": bus} | ({"RoleArn": role} if role else {})
    rule(client, "forward", target, **where)


def forwarder(client: Client, bus: str, account: str = MEMBER) -> str:
    return create_role(client("iam", account=account), "forwarder", EVENTS, ("events:PutEvents", bus))


def test_event_keeps_what_it_is_on_the_way_to_another_accounts_bus(client: Client) -> None:
    statement = {
        "Sid": "Member",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{MEMBER}:root"},
        "Action": "events:PutEvents",
        "Resource": arn("events", "event-bus/hub"),
    }
    url = bus_with_queue(client, policy={"Version": "2012-10-17", "Statement": [statement]})
    hub = arn("events", "event-bus/hub")
    where = {"account": MEMBER, "region": "us-east-1"}
    forward(client, hub, forwarder(client, hub), **where)
    event_id = put(client, **where)["Entries"][0]["EventId"]
    [event] = received(client, url)
    assert event["id"] == event_id
    assert (event["account"], event["region"], event["time"]) == (MEMBER, "us-east-1", "2026-11-02T09:15:30Z")
    assert event["resources"] == ["arn:aws:ec2:eu-west-1:444444444444:vpc-endpoint/vpce-1"]


def test_bus_without_policy_takes_no_events_of_others(client: Client, emulator: RunningEmulator) -> None:
    url = bus_with_queue(client)
    hub = arn("events", "event-bus/hub")
    forward(client, hub, forwarder(client, hub), account=MEMBER)
    put(client, account=MEMBER)
    assert received(client, url) == []
    assert dropped(emulator)[0]["reason"].startswith("NO_PERMISSIONS: events:PutEvents")


def test_forwarding_to_another_account_needs_a_role(client: Client, emulator: RunningEmulator) -> None:
    bus_with_queue(client)
    forward(client, arn("events", "event-bus/hub"), None, account=MEMBER)
    put(client, account=MEMBER)
    assert "needs a RoleArn" in dropped(emulator)[0]["reason"]


def test_forwarding_role_needs_the_permission(client: Client, emulator: RunningEmulator) -> None:
    bus_with_queue(client)
    role = create_role(
        client("iam", account=MEMBER), "forwarder", EVENTS, ("events:PutEvents", "arn:aws:events:::other")
    )
    forward(client, arn("events", "event-bus/hub"), role, account=MEMBER)
    put(client, account=MEMBER)
    assert f"role {role}" in dropped(emulator)[0]["reason"]


def test_forwarding_role_has_to_trust_eventbridge(client: Client, emulator: RunningEmulator) -> None:
    bus_with_queue(client)
    role = create_role(client("iam", account=MEMBER), "forwarder", SNS, ("events:PutEvents", "*"))
    forward(client, arn("events", "event-bus/hub"), role, account=MEMBER)
    put(client, account=MEMBER)
    assert "may not assume the role" in dropped(emulator)[0]["reason"]


def test_bus_policy_of_an_organization_lets_members_in_and_strangers_not(
    client: Client, emulator: RunningEmulator
) -> None:
    stranger = "999999999999"
    url = bus_with_queue(client, policy=of_organization(organization_with(client, HUB, MEMBER)))
    hub = arn("events", "event-bus/hub")
    for account in (MEMBER, stranger):
        forward(client, hub, forwarder(client, hub, account), account=account)
        put(client, account=account)
    assert [event["account"] for event in received(client, url)] == [MEMBER]
    assert [drop["source"] for drop in dropped(emulator)] == [arn("events", "rule/forward", stranger)]


def test_event_that_came_from_another_bus_is_not_forwarded_to_a_third(
    client: Client, emulator: RunningEmulator
) -> None:
    for bus in ("second", "third"):
        client("events").create_event_bus(Name=bus)
    url = queue_for(client, "work")
    rule(client, "to-second", arn("events", "event-bus/second"))
    rule(client, "to-third", arn("events", "event-bus/third"), "second")
    rule(client, "to-queue", arn("sqs", "work"), "third")
    put(client)
    assert received(client, url) == []
    assert dropped(emulator)[0]["reason"].startswith("THIRD_ACCOUNT_HOP_DETECTED")
    put(client, "second")
    assert len(received(client, url)) == 1


def test_put_events_to_another_accounts_bus_needs_its_policy(client: Client) -> None:
    bus_with_queue(client)
    hub = arn("events", "event-bus/hub")
    with pytest.raises(ClientError) as error:
        put(client, hub, account=MEMBER)
    assert error.value.response["Error"]["Code"] == "AccessDeniedException"
    client("events").put_permission(EventBusName="hub", StatementId="m", Action="events:PutEvents", Principal=MEMBER)
    assert put(client, hub, account=MEMBER)["FailedEntryCount"] == 0


def test_bus_policy_is_shown_as_it_was_put(client: Client) -> None:
    client("events").create_event_bus(Name="hub")
    policy = of_organization("o-a1b2c3d4e5")
    client("events").put_permission(EventBusName="hub", Policy=json.dumps(policy))
    shown = json.loads(client("events").describe_event_bus(Name="hub")["Policy"])
    assert shown["Statement"] == policy["Statement"]
    client("events").remove_permission(EventBusName="hub", StatementId="Organization")
    assert "Policy" not in client("events").describe_event_bus(Name="hub")
