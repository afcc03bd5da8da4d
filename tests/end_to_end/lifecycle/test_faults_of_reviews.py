"""Calls fail and environments end in the middle of a review: nobody is cut off by mistake, and nothing is forgotten."""

from __future__ import annotations

from typing import Any

import pytest
from deployment.drawbridge import FUNCTION_ROLE, WATCH_ROLE, Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import EndpointService

from ..function_calls import naming, writing
from ..guests import Guests
from ..ordered_faults import UNTIL_CLEARED, clear, order

AT_ONCE = {"grace": "0s"}


@pytest.mark.usefixtures("changed_configuration")
@pytest.mark.parametrize("code", ["TooManyRequestsException", "AccessDeniedException"])
def test_review_that_learns_nothing_of_the_account_cuts_off_nobody(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, code: str
) -> None:
    drawbridge.reconfigure(revocation=AT_ONCE)
    account = guests.member()
    endpoint = guests.connect(account, service)
    tags, after = drawbridge.tags_of(service, endpoint), drawbridge.aws.last_call()
    order(drawbridge, "organizations", "DescribeAccount", count=UNTIL_CLEARED, code=code, http_status=400)
    drawbridge.sample.remove(account)
    line = drawbridge.await_decision(vpc_endpoint_id=endpoint, reason="MEMBERSHIP_UNKNOWN")
    assert (line["decision"], line["result"], line["state"]) == ("hold", "standing", "available")
    written = writing(drawbridge.aws.calls(role=FUNCTION_ROLE, after=after))
    assert [call["operation"] for call in written if call["operation"] != "PutEvents"] == []
    assert drawbridge.tags_of(service, endpoint) == tags
    drawbridge.aws.control("DELETE", "faults")
    drawbridge.sweep()
    drawbridge.await_state(account, endpoint, "rejected")


def test_change_of_an_account_survives_the_end_of_the_environment_that_works_on_it(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService
) -> None:
    account = guests.member()
    endpoint = guests.connect(account, service)
    after = drawbridge.aws.last_call()
    operation = "DescribeVpcEndpointConnections"
    held = order(drawbridge, "ec2", operation, role=WATCH_ROLE, hold=True, code="InternalError")
    drawbridge.sample.remove(account)

    def asked() -> list[dict[str, Any]]:
        return naming(drawbridge.aws.calls(role=WATCH_ROLE, operation=operation, after=after), account)

    wait_until("watch-organization looks for connections", asked, explain=drawbridge.explain)
    assert len(drawbridge.watch_organization.kill()) >= 1
    assert "drawbridge:revoke-after" not in drawbridge.tags_of(service, endpoint)
    clear(drawbridge, held)
    drawbridge.watch_organization.give_up()
    drawbridge.await_tag(service, endpoint, "drawbridge:revoke-reason", "LEFT_ORGANIZATION")


def test_connections_that_watch_organization_cannot_list_are_asked_for_again(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, since: int
) -> None:
    account = guests.member()
    endpoint = guests.connect(account, service)
    fault = {"role": WATCH_ROLE, "count": UNTIL_CLEARED, "code": "RequestLimitExceeded", "http_status": 503}
    order(drawbridge, "ec2", "DescribeVpcEndpointConnections", **fault)
    drawbridge.sample.remove(account)
    log = drawbridge.watch_organization.log
    wait_until("it is told of", lambda: log.said(since, error_code="RequestLimitExceeded"), explain=drawbridge.explain)
    assert "drawbridge:revoke-after" not in drawbridge.tags_of(service, endpoint)
    clear(drawbridge)
    drawbridge.watch_organization.give_up()
    drawbridge.await_tag(service, endpoint, "drawbridge:revoke-reason", "LEFT_ORGANIZATION")
