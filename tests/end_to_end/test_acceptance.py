"""The main job: members are connected, others are not, and it is said why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import (
    HUB,
    REGION,
    STRANGER,
    SUSPENDED_MEMBER,
    WORKLOADS_MEMBER,
    EndpointService,
)

from .bus_listener import BusListener


@dataclass
class Requests:
    """Three requests for one service, all decided."""

    service: EndpointService
    listener: BusListener
    member: str
    stranger: str
    suspended: str


@pytest.fixture(scope="module")
def requests(drawbridge: Drawbridge) -> Iterator[Requests]:
    listener = BusListener(drawbridge)
    service = drawbridge.offer_service()
    accounts = (WORKLOADS_MEMBER, STRANGER, SUSPENDED_MEMBER)
    endpoints = [drawbridge.request_connection(account, service) for account in accounts]
    for endpoint in endpoints:
        drawbridge.await_decision(vpc_endpoint_id=endpoint)
    drawbridge.settle()
    yield Requests(service, listener, *endpoints)


def test_member_is_connected(drawbridge: Drawbridge, requests: Requests) -> None:
    drawbridge.await_state(WORKLOADS_MEMBER, requests.member, "available")


def test_stranger_and_suspended_member_wait(drawbridge: Drawbridge, requests: Requests) -> None:
    assert drawbridge.state_of(STRANGER, requests.stranger) == "pendingAcceptance"
    assert drawbridge.state_of(SUSPENDED_MEMBER, requests.suspended) == "pendingAcceptance"


def test_log_line_says_what_was_decided_and_why(drawbridge: Drawbridge, requests: Requests) -> None:
    (line,) = drawbridge.log.decisions(vpc_endpoint_id=requests.member, decision="accept")
    expected = {
        "level": "INFO",
        "service": "accept-connections",
        "reason": "ORG_MEMBER",
        "policy": "members-only",
        "mode": "enforce",
        "result": "done",
        "account": HUB,
        "region": REGION,
        "service_id": requests.service.id,
        "vpc_endpoint_id": requests.member,
        "endpoint_owner": WORKLOADS_MEMBER,
        "state": "pendingAcceptance",
    }
    assert line | expected == line
    assert isinstance(line["cold_start"], bool)
    started = [line["record"]["requestId"] for line in drawbridge.log.lines() if line.get("type") == "platform.start"]
    assert line["function_request_id"] in started


@pytest.mark.parametrize(
    ("who", "owner", "reason"),
    [("stranger", STRANGER, "OUTSIDE_ORGANIZATION"), ("suspended", SUSPENDED_MEMBER, "ACCOUNT_SUSPENDED")],
)
def test_log_line_says_why_a_request_is_held(
    drawbridge: Drawbridge, requests: Requests, who: str, owner: str, reason: str
) -> None:
    endpoint = getattr(requests, who)
    lines = drawbridge.log.decisions(vpc_endpoint_id=endpoint)
    assert {(line["decision"], line["reason"], line["endpoint_owner"]) for line in lines} == {("hold", reason, owner)}


def test_decisions_are_counted_by_reason(drawbridge: Drawbridge, requests: Requests) -> None:
    counted = {
        (line["Decision"], line["Reason"]): line["Decisions"]
        for line in drawbridge.log.metrics()
        if "Decision" in line and line["Function"] == "accept-connections"
    }
    assert {("accept", "ORG_MEMBER"), ("hold", "OUTSIDE_ORGANIZATION"), ("hold", "ACCOUNT_SUSPENDED")} <= set(counted)
    directives = [line["_aws"]["CloudWatchMetrics"][0] for line in drawbridge.log.metrics()]
    assert {directive["Namespace"] for directive in directives} == {"Drawbridge"}
    dimensions = {tuple(names) for directive in directives for names in directive["Dimensions"]}
    assert dimensions == {("Function",), ("Function", "Decision", "Reason")}
    assert drawbridge.log.metric("Decisions") >= 3


@pytest.mark.parametrize(
    ("who", "detail_type", "reason"),
    [
        ("member", "Connection Accepted", "ORG_MEMBER"),
        ("stranger", "Connection Held", "OUTSIDE_ORGANIZATION"),
        ("suspended", "Connection Held", "ACCOUNT_SUSPENDED"),
    ],
)
def test_decision_is_published_on_the_bus(requests: Requests, who: str, detail_type: str, reason: str) -> None:
    endpoint = getattr(requests, who)
    event = wait_until(f"an event about {endpoint}", lambda: requests.listener.heard(endpoint))[0]
    assert (event["source"], event["account"], event["detail-type"]) == ("drawbridge", HUB, detail_type)
    assert event["detail"]["reason"] == reason
    service_arn = f"arn:aws:ec2:{REGION}:{HUB}:vpc-endpoint-service/{requests.service.id}"
    assert event["resources"] == [service_arn]


def test_decision_is_recorded_on_the_connection(drawbridge: Drawbridge, requests: Requests) -> None:
    tags = drawbridge.tags_of(requests.service, requests.member)
    assert tags.pop("drawbridge:decided-at") == tags.pop("drawbridge:accepted-at")
    assert tags == {
        "drawbridge:owner": "drawbridge",
        "drawbridge:decision": "accept",
        "drawbridge:reason": "ORG_MEMBER",
        "drawbridge:policy": "members-only",
        "drawbridge:membership": "member",
    }
    held = drawbridge.tags_of(requests.service, requests.stranger)
    assert (held["drawbridge:decision"], held["drawbridge:reason"]) == ("hold", "OUTSIDE_ORGANIZATION")


def test_deliveries_reach_the_hub(drawbridge: Drawbridge, requests: Requests) -> None:
    dropped = drawbridge.aws.control("GET", "dropped")["dropped"]
    assert [drop for drop in dropped if requests.service.id in str(drop)] == []
