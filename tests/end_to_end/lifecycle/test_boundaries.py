"""What the roles do is what they are for, and what their policies allow: the local AWS judges them by those."""

from __future__ import annotations

from typing import Any

import pytest
from deployment.drawbridge import FUNCTION_ROLE, WATCH_ROLE, Drawbridge
from emulator.organization_sample import HUB, PROVIDER

from ..function_calls import MEMBER_ROLE
from ..guests import Guests

READS_CONFIGURATION = {"StartConfigurationSession", "GetLatestConfiguration"}
NAMES = ("owner", "decision", "reason", "policy", "decided-at", "accepted-at", "membership")
OUR_KEYS = {f"drawbridge:{name}" for name in (*NAMES, "revoke-after", "revoke-reason")}


def operations(calls: list[dict[str, Any]]) -> set[str]:
    """What was called."""
    return {call["operation"] for call in calls}


def test_each_function_calls_what_it_is_for_and_nothing_is_refused(drawbridge: Drawbridge, guests: Guests) -> None:
    services = [drawbridge.offer_service(account, notified=[]) for account in (HUB, PROVIDER)]
    drawbridge.end_environments()
    after = drawbridge.aws.last_call()
    account = guests.member()
    endpoints = [drawbridge.request_connection(account, service) for service in services]
    drawbridge.sweep()
    for endpoint in endpoints:
        drawbridge.await_state(account, endpoint, "available")
    drawbridge.settle()
    looked_at = drawbridge.aws.last_call()
    drawbridge.sample.remove(account)
    for service, endpoint in zip(services, endpoints, strict=True):
        drawbridge.await_tag(service, endpoint, "drawbridge:revoke-reason", "LEFT_ORGANIZATION")
    drawbridge.settle()

    calls = drawbridge.aws.calls(after=after)
    by_role = {role: [call for call in calls if call["role"] == role] for role in (FUNCTION_ROLE, WATCH_ROLE)}
    watching = {"DescribeVpcEndpointConnections", "PutEvents", "AssumeRole"}
    assert operations(by_role[WATCH_ROLE]) - READS_CONFIGURATION == watching
    deciding = {
        "DescribeVpcEndpointServiceConfigurations",
        "DescribeVpcEndpointConnections",
        "DescribeVpcEndpointConnectionNotifications",
        "CreateVpcEndpointConnectionNotification",
        "AcceptVpcEndpointConnections",
        "CreateTags",
        "DescribeAccount",
        "PutEvents",
        "AssumeRole",
    }
    assert operations(by_role[FUNCTION_ROLE]) - READS_CONFIGURATION == deciding
    failed = {(call["operation"], call["error"]) for role in by_role for call in by_role[role] if call["error"]}
    # So Organizations says that an account is no member.
    assert failed <= {("DescribeAccount", "AccountNotFoundException")}
    answered = [call for call in calls if call["operation"] == "CreateTags" and call["role"]]
    keys = {tag["Key"] for call in answered for tag in call["parameters"]["Tags"]}
    assert keys == OUR_KEYS

    # The session of watch-organization in the provider's account reads, and that of accept-connections records.
    there = [call for call in drawbridge.aws.calls(role=MEMBER_ROLE, after=looked_at)]
    assert {call["account"] for call in there} == {PROVIDER}
    assert operations(there) == {
        "DescribeVpcEndpointServiceConfigurations",
        "DescribeVpcEndpointConnections",
        "CreateTags",
    }


def test_watch_organization_asks_for_reviews_and_tells_of_nothing(drawbridge: Drawbridge, guests: Guests) -> None:
    service = drawbridge.offer_service(notified=["Connect"])
    account = guests.member()
    guests.connect(account, service)
    drawbridge.settle()
    after = drawbridge.aws.last_call()
    drawbridge.sample.remove(account)
    drawbridge.settle()
    put = drawbridge.aws.calls(role=WATCH_ROLE, operation="PutEvents", after=after)
    entries = [entry for call in put for entry in call["parameters"]["Entries"]]
    assert {entry["DetailType"] for entry in entries} == {"Review Requested"}
    assert all(account in entry["Detail"] for entry in entries)


@pytest.mark.usefixtures("changed_configuration")
def test_principals_are_out_of_reach_unless_the_stack_says_otherwise(drawbridge: Drawbridge, since: int) -> None:
    service = drawbridge.offer_service(notified=[], allowed=[])
    drawbridge.reconfigure(principals={"manage": "exact"})
    drawbridge.sweep()
    line = drawbridge.await_decision(since, service_id=service.id, decision="allow")
    assert (line["result"], line["error_code"]) == ("failed", "UnauthorizedOperation")
    drawbridge.settle()
    ec2 = drawbridge.aws.client("ec2", service.account)
    assert ec2.describe_vpc_endpoint_service_permissions(ServiceId=service.id)["AllowedPrincipals"] == []
