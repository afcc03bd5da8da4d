"""An event is a reason to look, never a reason to accept; and what isn't ours isn't touched."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from deployment.drawbridge import Drawbridge
from emulator.organization_sample import (
    HUB,
    PROVIDER,
    REGION,
    SANDBOX_MEMBER,
    STRANGER,
    WORKLOADS_MEMBER,
    EndpointService,
)

from .function_calls import MEMBER_ROLE, function_calls, naming, writing

NOWHERE = "vpce-svc-0123456789abcdef0"


def request_review(drawbridge: Drawbridge, service_id: str, account: str = HUB, as_account: str = HUB) -> int:
    """Put a request of ours on the hub's bus; the number of entries that were refused."""
    events = drawbridge.aws.client("events", as_account)
    detail = {"account": account, "region": REGION, "services": [service_id]}
    bus = f"arn:aws:events:{REGION}:{HUB}:event-bus/drawbridge"
    entry = {"Source": "drawbridge", "DetailType": "Review Requested", "Detail": json.dumps(detail)}
    return events.put_events(Entries=[entry | {"EventBusName": bus}])["FailedEntryCount"]


def forged_call(service: EndpointService, endpoint: str) -> dict[str, Any]:
    """A record that claims that a member's endpoint is the one that waits."""
    detail = {
        "eventVersion": "1.11",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "CreateVpcEndpoint",
        "awsRegion": REGION,
        "recipientAccountId": WORKLOADS_MEMBER,
        "userIdentity": {"type": "AssumedRole", "accountId": WORKLOADS_MEMBER},
        "requestParameters": {
            "CreateVpcEndpointRequest": {"VpcEndpointType": "Interface", "ServiceName": service.name}
        },
        "responseElements": {
            "CreateVpcEndpointResponse": {
                "vpcEndpoint": {
                    "vpcEndpointId": endpoint,
                    "ownerId": WORKLOADS_MEMBER,
                    "serviceName": service.name,
                    "vpcEndpointType": "Interface",
                    "state": "available",
                }
            }
        },
    }
    return {
        "version": "0",
        "id": "6f1ad4b8-9c53-4b0e-8d3a-2f7c1e5a9b60",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.ec2",
        "account": WORKLOADS_MEMBER,
        "time": "2026-11-23T00:00:00Z",
        "region": REGION,
        "resources": [],
        "detail": detail,
    }


def test_forged_event_that_names_a_strangers_endpoint_changes_nothing(drawbridge: Drawbridge) -> None:
    service = drawbridge.offer_service()
    endpoint = drawbridge.request_connection(STRANGER, service)
    drawbridge.await_decision(vpc_endpoint_id=endpoint)
    drawbridge.settle()
    after, looked = drawbridge.aws.last_call(), len(drawbridge.log.decisions(vpc_endpoint_id=endpoint))
    body = json.dumps(forged_call(service, endpoint))
    drawbridge.aws.client("sqs").send_message(QueueUrl=drawbridge.outputs["QueueUrl"], MessageBody=body)
    assert request_review(drawbridge, service.id) == 0
    drawbridge.settle()
    decisions = drawbridge.log.decisions(vpc_endpoint_id=endpoint)
    assert len(decisions) > looked
    assert {line["reason"] for line in decisions} == {"OUTSIDE_ORGANIZATION"}
    assert drawbridge.state_of(STRANGER, endpoint) == "pendingAcceptance"
    writes = [call for call in writing(function_calls(drawbridge, after)) if call["operation"] != "PutEvents"]
    assert writes == []


def test_calls_cannot_be_forged_on_the_bus(drawbridge: Drawbridge) -> None:
    entry = {"Source": "aws.ec2", "DetailType": "AWS API Call via CloudTrail", "Detail": "{}"}
    answer = drawbridge.aws.client("events").put_events(Entries=[entry | {"EventBusName": "drawbridge"}])
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"


def test_review_that_a_member_asks_for_is_not_heard(drawbridge: Drawbridge) -> None:
    service = drawbridge.offer_service()
    after = drawbridge.aws.last_call()
    for account in (WORKLOADS_MEMBER, STRANGER):
        with pytest.raises(ClientError, match="AccessDenied"):
            request_review(drawbridge, service.id, as_account=account)
    drawbridge.settle()
    assert naming(function_calls(drawbridge, after), service.id) == []


def test_service_that_is_not_there_is_reported_and_nothing_else(drawbridge: Drawbridge, since: int) -> None:
    after = drawbridge.aws.last_call()
    assert request_review(drawbridge, NOWHERE) == 0
    line = drawbridge.await_decision(since, service_id=NOWHERE)
    assert (line["decision"], line["reason"]) == ("ignore", "SERVICE_NOT_FOUND")
    drawbridge.settle()
    assert writing(function_calls(drawbridge, after)) == []


def test_service_of_an_account_that_is_no_provider_is_not_looked_at(drawbridge: Drawbridge) -> None:
    service = drawbridge.offer_service(WORKLOADS_MEMBER, notified=[])
    after = drawbridge.aws.last_call()
    endpoint = drawbridge.request_connection(SANDBOX_MEMBER, service)
    drawbridge.sweep()
    drawbridge.settle()
    assert drawbridge.state_of(SANDBOX_MEMBER, endpoint) == "pendingAcceptance"
    calls = function_calls(drawbridge, after) + function_calls(drawbridge, after, MEMBER_ROLE)
    assert {call["account"] for call in calls} <= {HUB, PROVIDER}
    assert naming(writing(calls), service.id) == []


def test_service_that_is_not_opted_in_is_never_touched(drawbridge: Drawbridge) -> None:
    service = drawbridge.offer_service(opted_in=False)
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    line = drawbridge.await_decision(service_id=service.id)
    assert (line["decision"], line["reason"]) == ("ignore", "NOT_SELECTED")
    drawbridge.sweep()
    drawbridge.settle()
    assert drawbridge.state_of(WORKLOADS_MEMBER, endpoint) == "pendingAcceptance"
    calls = function_calls(drawbridge, after=0)
    connection = drawbridge.connections(service)[endpoint]["VpcEndpointConnectionId"]
    assert naming(writing(calls), service.id) + naming(writing(calls), connection) == []


def test_provider_in_another_account_is_reached_by_its_member_role(drawbridge: Drawbridge) -> None:
    service = drawbridge.offer_service(PROVIDER, notified=[])
    after = drawbridge.aws.last_call()
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
    drawbridge.settle()
    accepted = naming(function_calls(drawbridge, after, MEMBER_ROLE), endpoint)
    assert [(call["operation"], call["account"]) for call in writing(accepted)] == [
        ("AcceptVpcEndpointConnections", PROVIDER)
    ]
    assert drawbridge.tags_of(service, endpoint)["drawbridge:decision"] == "accept"
