"""LookupEvents: who made what, as the event history of an account and Region tells it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ..cloudtrail.lookup import EventHistory
from .domains import Domains
from .load_balancing import make_balancer
from .parties import CONSUMER, PROVIDER, Party, error_of
from .running import RunningEmulator
from .test_authorization import ROLE, allow, make_role, session
from .test_cloudtrail import records

BY_NAME = {"AttributeKey": "EventName", "AttributeValue": "CreateLoadBalancer"}


def look_up(party: Party, **request: Any) -> list[dict[str, Any]]:
    """The events of one page."""
    return party.client("cloudtrail").lookup_events(LookupAttributes=[BY_NAME], **request)["Events"]


def names(events: list[dict[str, Any]]) -> list[str]:
    """The names of the load balancers that were made."""
    return [json.loads(event["CloudTrailEvent"])["requestParameters"]["name"] for event in events]


def test_newest_comes_first_and_what_comes_meanwhile_disturbs_no_page(provider: Party) -> None:
    for number in range(3):
        provider.make_balancer(f"balancer-{number}")
    lookup = provider.client("cloudtrail").lookup_events
    first = lookup(LookupAttributes=[BY_NAME], MaxResults=2)
    provider.make_balancer("late")
    second = lookup(LookupAttributes=[BY_NAME], MaxResults=2, NextToken=first["NextToken"])
    assert names(first["Events"]) == ["balancer-2", "balancer-1"]
    assert names(second["Events"]) == ["balancer-0"]
    assert "NextToken" not in second


def test_page_has_50_events_at_the_most(provider: Party) -> None:
    request = {"ServiceId": "vpce-svc-0123456789abcdef0", "AddAllowedPrincipals": ["*"]}
    for _ in range(51):
        error_of(provider.ec2.modify_vpc_endpoint_service_permissions, **request)
    lookup = provider.client("cloudtrail").lookup_events
    by_name = [{"AttributeKey": "EventName", "AttributeValue": "ModifyVpcEndpointServicePermissions"}]
    first = lookup(LookupAttributes=by_name)
    assert len(first["Events"]) == 50
    assert len(lookup(LookupAttributes=by_name, NextToken=first["NextToken"])["Events"]) == 1
    assert error_of(lookup, MaxResults=51) == "InvalidMaxResultsException"
    assert error_of(lookup, NextToken="nonsense") == "InvalidNextTokenException"


def test_events_are_found_by_time(provider: Party) -> None:
    provider.make_balancer("orders")
    now = datetime.now(UTC)
    around = {"StartTime": now - timedelta(minutes=5), "EndTime": now + timedelta(minutes=5)}
    assert names(look_up(provider, **around)) == ["orders"]
    assert look_up(provider, StartTime=now + timedelta(minutes=5)) == []
    assert look_up(provider, EndTime=now - timedelta(minutes=5)) == []
    wrong = {"StartTime": now, "EndTime": now - timedelta(minutes=5)}
    assert error_of(look_up, provider, **wrong) == "InvalidTimeRangeException"


def test_history_may_be_late(provider: Party) -> None:
    provider.emulator.control("POST", "settings", {"event_history_delay_ms": 600_000})
    provider.make_balancer("orders")
    assert look_up(provider) == []
    provider.emulator.control("POST", "settings", {"event_history_delay_ms": 0})
    assert names(look_up(provider)) == ["orders"]


class Asking:
    """A call of LookupEvents."""

    account, region = PROVIDER, "eu-west-1"

    def parameter(self, _name: str, default: Any = None) -> Any:
        return default


def test_history_ends_after_90_days() -> None:
    history = EventHistory()
    history._settings = {"event_history_delay_ms": 0}
    for days in (91, 89):
        made = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        identity = {"type": "Root", "arn": f"arn:aws:iam::{PROVIDER}:root"}
        event = {"eventName": f"{days} days ago", "eventID": str(days), "eventSource": "ec2", "readOnly": False}
        history.add(PROVIDER, "eu-west-1", {**event, "eventTime": made, "userIdentity": identity})
    assert [event["EventName"] for event in history.look_up(Asking())["Events"]] == ["89 days ago"]  # type: ignore[arg-type]


def test_creator_of_each_kind_is_found(provider: Party, consumer: Party) -> None:
    emulator = provider.emulator
    balancer = make_balancer(provider)
    zone = Domains(emulator, PROVIDER).make_zone("example.com")
    endpoint_id = consumer.connect(provider.make_service(name="shop"))["VpcEndpointId"]

    found = records(emulator, PROVIDER, "CreateLoadBalancer")[-1]["responseElements"]["loadBalancers"]
    assert [one["loadBalancerArn"] for one in found] == [balancer.arn]
    (listener,) = records(emulator, PROVIDER, "CreateListener")
    assert [one["listenerArn"] for one in listener["responseElements"]["listeners"]] == balancer.listeners
    assert listener["requestParameters"]["loadBalancerArn"] == balancer.arn
    (group,) = records(emulator, PROVIDER, "CreateTargetGroup")
    assert [one["targetGroupArn"] for one in group["responseElements"]["targetGroups"]] == balancer.target_groups
    (made,) = records(emulator, PROVIDER, "CreateHostedZone", "us-east-1")
    assert made["responseElements"]["hostedZone"]["id"] == f"/hostedzone/{zone}"
    assert made["requestParameters"]["name"] == "example.com"
    (service,) = records(emulator, PROVIDER, "CreateVpcEndpointServiceConfiguration")
    configuration = service["responseElements"]["CreateVpcEndpointServiceConfigurationResponse"]["serviceConfiguration"]
    assert configuration["serviceId"].startswith("vpce-svc-")
    (endpoint,) = records(emulator, CONSUMER, "CreateVpcEndpoint")
    answer = endpoint["responseElements"]["CreateVpcEndpointResponse"]["vpcEndpoint"]
    assert answer["vpcEndpointId"] == endpoint_id


def test_record_is_the_very_one_of_the_event(provider: Party) -> None:
    provider.make_balancer()
    (event,) = look_up(provider)
    record = json.loads(event["CloudTrailEvent"])
    assert (event["EventId"], event["EventName"]) == (record["eventID"], record["eventName"])
    assert event["EventSource"] == "elasticloadbalancing.amazonaws.com"
    assert event["EventTime"] == datetime.fromisoformat(record["eventTime"])


def test_role_session_is_told_in_full(emulator: RunningEmulator, provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    role = f"arn:aws:iam::{CONSUMER}:role/app-deploy"
    make_role(emulator, role, allow("*"))
    ec2 = emulator.client("ec2", credentials=session(emulator, role))
    ec2.create_vpc_endpoint(
        VpcEndpointType="Interface", VpcId=consumer.network.vpc_id, ServiceName=service["ServiceName"]
    )
    (record,) = records(emulator, CONSUMER, "CreateVpcEndpoint")
    identity = record["userIdentity"]
    issuer = identity["sessionContext"]["sessionIssuer"]
    assert issuer == {
        "type": "Role",
        "principalId": issuer["principalId"],
        "arn": role,
        "accountId": CONSUMER,
        "userName": "app-deploy",
    }
    assert issuer["principalId"].startswith("AROA")
    assert identity["type"] == "AssumedRole"
    assert identity["principalId"] == f"{issuer['principalId']}:event-1"
    assert identity["arn"] == f"arn:aws:sts::{CONSUMER}:assumed-role/app-deploy/event-1"
    assert (identity["accountId"], identity["accessKeyId"][:4]) == (CONSUMER, "ASIA")
    assert identity["sessionContext"]["attributes"]["mfaAuthenticated"] == "false"


def test_iam_user_and_root_are_told(emulator: RunningEmulator, provider: Party) -> None:
    iam = provider.client("iam")
    user = iam.create_user(UserName="alice")["User"]
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    credentials = {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": "any", "SessionToken": None}
    request = {"Type": "network", "Subnets": provider.network.subnet_ids}
    emulator.client("elbv2", credentials=credentials).create_load_balancer(Name="hers", **request)
    provider.make_balancer("its")
    root, alice = records(emulator, PROVIDER, "CreateLoadBalancer")
    assert alice["userIdentity"] == {
        "type": "IAMUser",
        "principalId": user["UserId"],
        "arn": user["Arn"],
        "accountId": PROVIDER,
        "accessKeyId": key["AccessKeyId"],
        "userName": "alice",
    }
    assert (root["userIdentity"]["type"], root["userIdentity"]["arn"]) == ("Root", f"arn:aws:iam::{PROVIDER}:root")


@pytest.mark.parametrize("action", ["cloudtrail:LookupEvents", "cloudtrail:ListTrails"])
def test_role_needs_the_permission(emulator: RunningEmulator, provider: Party, action: str) -> None:
    make_role(emulator, ROLE, allow(action))
    lookup = emulator.client("cloudtrail", credentials=session(emulator, ROLE)).lookup_events
    if action == "cloudtrail:LookupEvents":
        assert lookup()["Events"]
    else:
        assert error_of(lookup) == "AccessDeniedException"
