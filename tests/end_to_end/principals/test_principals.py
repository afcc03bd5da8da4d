"""Allowed principals follow the policy; what isn't a whole account is left to people; an open service is closed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from deployment.drawbridge import FUNCTION_ROLE, Drawbridge
from emulator.organization_sample import (
    MANAGEMENT,
    PROVIDER,
    SANDBOX_MEMBER,
    STRANGER,
    WORKLOADS_MEMBER,
    EndpointService,
)

from ..bus_listener import BusListener
from ..function_calls import MEMBER_ROLE, function_calls, naming, writing
from ..guests import Guests

ROLE_OF_A_STRANGER = f"arn:aws:iam::{STRANGER}:role/developer"
# Active members but the provider itself, which needs no permission.
MEMBERS = {MANAGEMENT, PROVIDER, WORKLOADS_MEMBER, SANDBOX_MEMBER}


@pytest.fixture(params=["arn", "account-id"])
def form(drawbridge: Drawbridge, request: pytest.FixtureRequest) -> Iterator[str]:
    """The form in which EC2 lists an account."""
    drawbridge.aws.control("POST", "settings", {"principal_form": request.param})
    yield request.param
    drawbridge.aws.control("POST", "settings", {"principal_form": "arn"})


def root(account: str) -> str:
    """The principal of a whole account."""
    return f"arn:aws:iam::{account}:root"


def allowed(drawbridge: Drawbridge, service: EndpointService) -> set[str]:
    """The allowed principals of a service, whole accounts by their ARN."""
    pages = drawbridge.aws.client("ec2", service.account).get_paginator("describe_vpc_endpoint_service_permissions")
    listed = [item for page in pages.paginate(ServiceId=service.id) for item in page["AllowedPrincipals"]]
    return {root(item["Principal"]) if item["Principal"].isdigit() else item["Principal"] for item in listed}


def sweep(drawbridge: Drawbridge) -> None:
    """A sweep by functions that remember nothing of the Organization."""
    drawbridge.end_environments()
    drawbridge.sweep()
    drawbridge.settle()


def test_active_members_may_request_and_others_stay_as_people_made_them(
    drawbridge: Drawbridge, listener: BusListener, form: str
) -> None:
    service = drawbridge.offer_service(allowed=[ROLE_OF_A_STRANGER, root(STRANGER)])
    elsewhere = drawbridge.offer_service(PROVIDER, notified=[], allowed=[])
    sweep(drawbridge)
    members = {root(account) for account in MEMBERS}
    assert members < allowed(drawbridge, service)
    assert allowed(drawbridge, service) - members <= {ROLE_OF_A_STRANGER, *map(root, everybody(drawbridge))}
    assert root(STRANGER) not in allowed(drawbridge, service)
    assert root(PROVIDER) not in allowed(drawbridge, elsewhere)
    assert root(WORKLOADS_MEMBER) in allowed(drawbridge, elsewhere)
    told = {event["detail"]["principal"] for event in listener.heard(service.id, "Principal Allowed")}
    assert told == {account for account in everybody(drawbridge) if root(account) in allowed(drawbridge, service)}
    (removed,) = listener.heard(service.id, "Principal Removed")
    assert (removed["detail"]["principal"], removed["detail"]["reason"]) == (STRANGER, "OUTSIDE_ORGANIZATION")


def everybody(drawbridge: Drawbridge) -> set[str]:
    """The accounts of the Organization."""
    organizations = drawbridge.aws.client("organizations", MANAGEMENT, "us-east-1")
    pages = organizations.get_paginator("list_accounts").paginate()
    return {account["Id"] for page in pages for account in page["Accounts"]}


def test_next_sweep_writes_nothing(drawbridge: Drawbridge, form: str) -> None:
    service = drawbridge.offer_service(allowed=[ROLE_OF_A_STRANGER])
    sweep(drawbridge)
    before = allowed(drawbridge, service)
    assert len(before) > 1
    after = drawbridge.aws.last_call()
    sweep(drawbridge)
    calls = function_calls(drawbridge, after)
    assert naming(calls, service.id) != []
    assert writing(calls + function_calls(drawbridge, after, MEMBER_ROLE)) == []
    assert allowed(drawbridge, service) == before


def test_account_that_left_may_not_request_any_more(
    drawbridge: Drawbridge, guests: Guests, listener: BusListener, form: str
) -> None:
    service = drawbridge.offer_service(notified=["Connect"], allowed=[ROLE_OF_A_STRANGER])
    account = guests.member()
    sweep(drawbridge)
    assert root(account) in allowed(drawbridge, service)
    endpoint = guests.connect(account, service)
    drawbridge.settle()
    drawbridge.sample.remove(account)
    drawbridge.await_tag(service, endpoint, "drawbridge:revoke-reason", "LEFT_ORGANIZATION")
    # Principals are removed by sweeps, which see how many there are.
    drawbridge.sweep()
    told = listener.await_event(service.id, "Principal Removed")
    assert (told["detail"]["principal"], told["detail"]["reason"]) == (account, "OUTSIDE_ORGANIZATION")
    drawbridge.settle()
    assert root(account) not in allowed(drawbridge, service)
    assert {ROLE_OF_A_STRANGER, root(WORKLOADS_MEMBER)} < allowed(drawbridge, service)
    # Who is connected stays so for the grace.
    assert drawbridge.state_of(account, endpoint) == "available"


def test_service_that_is_open_to_everybody_is_made_to_ask(drawbridge: Drawbridge, listener: BusListener) -> None:
    service = drawbridge.offer_service(notified=[])
    ec2 = drawbridge.aws.client("ec2", service.account)
    ec2.modify_vpc_endpoint_service_configuration(ServiceId=service.id, AcceptanceRequired=False)
    after = drawbridge.aws.last_call()
    drawbridge.sweep()
    told = listener.await_event(service.id, "Acceptance Required")
    assert told["detail"]["reason"] == "OPEN_TO_EVERYBODY"
    drawbridge.settle()
    (described,) = ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[service.id])["ServiceConfigurations"]
    assert described["AcceptanceRequired"] is True
    calls = drawbridge.aws.calls(role=FUNCTION_ROLE, operation="ModifyVpcEndpointServiceConfiguration", after=after)
    changes = [call["parameters"] for call in calls]
    assert changes == [{"ServiceId": service.id, "AcceptanceRequired": True}]
    assert "*" in allowed(drawbridge, service)
