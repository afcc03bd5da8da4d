"""APIs fail, in every way they do; the next sweep repairs what was left."""

from __future__ import annotations

from typing import Any

import pytest
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import HUB, PROVIDER, SANDBOX_MEMBER, WORKLOADS_MEMBER, EndpointService

from .function_calls import function_calls, naming
from .ordered_faults import UNTIL_CLEARED, clear, hits, order


def fail(drawbridge: Drawbridge, service: str, operation: str, code: str, **fault: Any) -> str:
    """Have these calls of the function fail, until that is cleared; the fault's id."""
    return order(drawbridge, service, operation, code=code, count=UNTIL_CLEARED, **fault)


def await_report(drawbridge: Drawbridge, since: int, text: str) -> None:
    """Wait for a warning or an error in the log that has the text."""

    def look() -> list[dict[str, Any]]:
        return [line for line in drawbridge.log.said(since) if line["level"] != "INFO" and text in str(line)]

    wait_until(f"the log tells of {text}", look, explain=drawbridge.explain)


def repair(drawbridge: Drawbridge, account: str, service: EndpointService, endpoint: str) -> None:
    """The fault passes, a sweep comes, all is as if nothing had been."""
    clear(drawbridge)
    drawbridge.sweep()
    drawbridge.await_state(account, endpoint, "available")
    what = f"the decision is recorded on the connection of {endpoint}"
    wait_until(what, lambda: "drawbridge:decision" in drawbridge.tags_of(service, endpoint), explain=drawbridge.explain)


FAULTS_BEFORE_THE_ANSWER = [
    ("ec2", "DescribeVpcEndpointServiceConfigurations", "RequestLimitExceeded", 503),
    ("ec2", "DescribeVpcEndpointServiceConfigurations", "InternalError", 500),
    ("ec2", "DescribeVpcEndpointConnections", "RequestLimitExceeded", 503),
    ("ec2", "DescribeVpcEndpointConnections", "InternalError", 500),
    ("ec2", "AcceptVpcEndpointConnections", "RequestLimitExceeded", 503),
    ("ec2", "AcceptVpcEndpointConnections", "InternalError", 500),
    ("organizations", "DescribeAccount", "TooManyRequestsException", 400),
    ("organizations", "DescribeAccount", "ServiceException", 500),
    ("appconfigdata", "StartConfigurationSession", "ThrottlingException", 429),
    ("appconfigdata", "GetLatestConfiguration", "InternalServerException", 500),
]


@pytest.mark.parametrize(("api", "operation", "code", "status"), FAULTS_BEFORE_THE_ANSWER)
def test_failing_call_leaves_the_request_for_the_next_sweep(
    drawbridge: Drawbridge, since: int, api: str, operation: str, code: str, status: int
) -> None:
    service = drawbridge.offer_service()
    drawbridge.end_environments()  # a warm one remembers configuration and members
    fault = fail(drawbridge, api, operation, code, http_status=status)
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    await_report(drawbridge, since, code)
    assert hits(drawbridge, fault) > 0
    assert drawbridge.state_of(WORKLOADS_MEMBER, endpoint) == "pendingAcceptance"
    repair(drawbridge, WORKLOADS_MEMBER, service, endpoint)


@pytest.mark.parametrize(("code", "status"), [("Throttling", 400), ("InternalFailure", 500)])
def test_provider_that_cannot_be_entered_waits_for_the_next_sweep(
    drawbridge: Drawbridge, since: int, code: str, status: int
) -> None:
    service = drawbridge.offer_service(PROVIDER, notified=[])
    drawbridge.end_environments()
    fail(drawbridge, "sts", "AssumeRole", code, http_status=status)
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    await_report(drawbridge, since, PROVIDER)
    assert drawbridge.state_of(WORKLOADS_MEMBER, endpoint) == "pendingAcceptance"
    repair(drawbridge, WORKLOADS_MEMBER, service, endpoint)


@pytest.mark.parametrize(("code", "status"), [("RequestLimitExceeded", 503), ("InternalError", 500)])
def test_record_that_could_not_be_written_is_written_by_the_next_sweep(
    drawbridge: Drawbridge, since: int, code: str, status: int
) -> None:
    service = drawbridge.offer_service()
    fail(drawbridge, "ec2", "CreateTags", code, http_status=status)
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    line = drawbridge.await_decision(since, vpc_endpoint_id=endpoint, result="incomplete")
    assert line["error_code"] == code
    assert drawbridge.tags_of(service, endpoint) == {}
    repair(drawbridge, WORKLOADS_MEMBER, service, endpoint)


def test_decision_stands_when_it_cannot_be_published(drawbridge: Drawbridge, since: int) -> None:
    service = drawbridge.offer_service()
    fail(drawbridge, "events", "PutEvents", "InternalException", http_status=500)
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    await_report(drawbridge, since, "not published")
    assert drawbridge.log.metric("EventsNotPublished", since) > 0
    assert drawbridge.state_of(WORKLOADS_MEMBER, endpoint) == "available"


@pytest.mark.parametrize("way", [{"disconnect": True}, {"http_status": 500}], ids=["connection lost", "500"])
def test_answer_that_got_lost_is_no_harm(drawbridge: Drawbridge, since: int, way: dict[str, Any]) -> None:
    service = drawbridge.offer_service()
    fault = fail(drawbridge, "ec2", "AcceptVpcEndpointConnections", "InternalError", after=True, **way)
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    wait_until("an answer is lost", lambda: hits(drawbridge, fault), explain=drawbridge.explain)
    drawbridge.await_decision(since, vpc_endpoint_id=endpoint)
    repair(drawbridge, WORKLOADS_MEMBER, service, endpoint)


def test_item_that_is_unsuccessful_waits_alone(drawbridge: Drawbridge, since: int) -> None:
    service = drawbridge.offer_service()
    drawbridge.accept_connections.enable_mapping(False)
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    other = drawbridge.request_connection(SANDBOX_MEMBER, service)
    code = "InvalidParameter"
    fail(drawbridge, "ec2", "AcceptVpcEndpointConnections", code, unsuccessful=[endpoint])
    drawbridge.accept_connections.enable_mapping(True)
    line = drawbridge.await_decision(since, vpc_endpoint_id=endpoint, result="failed")
    assert line["error_code"] == code
    drawbridge.await_state(SANDBOX_MEMBER, other, "available")
    assert drawbridge.state_of(WORKLOADS_MEMBER, endpoint) == "pendingAcceptance"
    repair(drawbridge, WORKLOADS_MEMBER, service, endpoint)


def test_member_that_organizations_will_not_tell_of_is_held(drawbridge: Drawbridge, since: int) -> None:
    service = drawbridge.offer_service()
    drawbridge.end_environments()
    after = drawbridge.aws.last_call()
    fail(drawbridge, "organizations", "DescribeAccount", "AccessDeniedException")
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    line = drawbridge.await_decision(since, vpc_endpoint_id=endpoint)
    assert (line["decision"], line["reason"]) == ("hold", "MEMBERSHIP_UNKNOWN")
    drawbridge.settle()
    assert drawbridge.log.metric("MembershipUnknown", since) > 0
    answered = [call for call in function_calls(drawbridge, after) if call["operation"].startswith("Accept")]
    assert naming(answered, service.id) == []
    assert drawbridge.state_of(WORKLOADS_MEMBER, endpoint) == "pendingAcceptance"
    repair(drawbridge, WORKLOADS_MEMBER, service, endpoint)


def test_permission_that_is_taken_away_holds_until_it_is_given_back(drawbridge: Drawbridge, since: int) -> None:
    organizations = drawbridge.aws.client("organizations", "111111111111", "us-east-1")
    policy = organizations.describe_resource_policy()["ResourcePolicy"]["Content"]
    service = drawbridge.offer_service()
    drawbridge.end_environments()
    organizations.delete_resource_policy()
    try:
        endpoint = drawbridge.request_connection(SANDBOX_MEMBER, service)
        line = drawbridge.await_decision(since, vpc_endpoint_id=endpoint)
        assert (line["decision"], line["reason"]) == ("hold", "MEMBERSHIP_UNKNOWN")
    finally:
        organizations.put_resource_policy(Content=policy)
    assert drawbridge.connections(service)[endpoint]["VpcEndpointState"] == "pendingAcceptance"
    repair(drawbridge, SANDBOX_MEMBER, service, endpoint)
    assert service.account == HUB
