"""A policy that speaks of an account's tags: they are read then and only then, and their change counts at once."""

from __future__ import annotations

import pytest
from deployment.drawbridge import FUNCTION_ROLE, Drawbridge
from emulator.organization_sample import MANAGEMENT, ORGANIZATIONS_REGION, EndpointService

from ..bus_listener import BusListener
from ..guests import Guests

BY_STAGE = """
@id("production-only")
@reason("PRODUCTION")
permit (
    principal in Drawbridge::Organization::"{organization}",
    action == Drawbridge::Action::"Connect",
    resource
)
when {{ principal.hasTag("stage") && principal.getTag("stage") == "production" }};
"""


@pytest.mark.usefixtures("changed_configuration")
def test_tag_of_the_account_lets_it_in_and_without_it_it_gets_a_grace(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, listener: BusListener
) -> None:
    drawbridge.reconfigure(BY_STAGE.format(organization=drawbridge.sample.organization_id))
    after = drawbridge.aws.last_call()
    account = guests.member()
    endpoint = drawbridge.request_connection(account, service)
    line = drawbridge.await_decision(vpc_endpoint_id=endpoint, decision="hold")
    assert line["reason"] == "NO_PERMIT"
    assert any("production" in change for change in line["would_change"])
    read = drawbridge.aws.calls(role=FUNCTION_ROLE, operation="ListTagsForResource", after=after)
    # Each environment of the function remembers for itself.
    assert {call["parameters"]["ResourceId"] for call in read} == {account}

    drawbridge.sample.tag(account, stage="production")
    drawbridge.await_state(account, endpoint, "available")
    drawbridge.settle()
    assert drawbridge.tags_of(service, endpoint)["drawbridge:reason"] == "PRODUCTION"

    organizations = drawbridge.aws.client("organizations", MANAGEMENT, ORGANIZATIONS_REGION)
    organizations.untag_resource(ResourceId=account, TagKeys=["stage"])
    assert listener.await_event(endpoint, "Revocation Scheduled")["detail"]["reason"] == "NO_PERMIT"
    assert drawbridge.state_of(account, endpoint) == "available"


def test_tags_are_not_read_for_a_policy_that_does_not_speak_of_them(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService
) -> None:
    drawbridge.end_environments()
    after = drawbridge.aws.last_call()
    guests.connect(guests.member(), service)
    drawbridge.settle()
    made = {call["operation"] for call in drawbridge.aws.calls(role=FUNCTION_ROLE, after=after)}
    assert "DescribeAccount" in made
    assert "ListTagsForResource" not in made
