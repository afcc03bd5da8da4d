"""An account leaves the Organization, or is closed: its connections get a grace, and are cut off after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from deployment.drawbridge import FUNCTION_ROLE, Drawbridge
from emulator.organization_sample import WORKLOADS_MEMBER, EndpointService

from ..bus_listener import BusListener
from ..function_calls import function_calls, naming, writing
from ..guests import Guests

LEFT = "LEFT_ORGANIZATION"
SHORT_GRACE = {"grace": "1s"}


def process_ids(drawbridge: Drawbridge) -> set[int]:
    """The processes of the environments of accept-connections."""
    return {environment["pid"] for environment in drawbridge.accept_connections.environments()}


def leave(drawbridge: Drawbridge, account: str, by_itself: bool) -> None:
    """The account leaves, by its own call or by that of the management account."""
    (drawbridge.sample.leave if by_itself else drawbridge.sample.remove)(account)


@pytest.mark.usefixtures("single_environment")
@pytest.mark.parametrize("by_itself", [False, True], ids=["removed", "by itself"])
def test_connection_of_an_account_that_left_gets_a_grace_and_it_is_said_why(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, listener: BusListener, by_itself: bool
) -> None:
    account = guests.member()
    endpoint = guests.connect(account, service)
    remembering = process_ids(drawbridge)
    leave(drawbridge, account, by_itself)
    line = drawbridge.await_decision(vpc_endpoint_id=endpoint, reason=LEFT)
    drawbridge.settle()
    tags = drawbridge.tags_of(service, endpoint)
    assert tags["drawbridge:revoke-reason"] == LEFT
    assert tags["drawbridge:decision"] == "accept"
    expected = {"decision": "hold", "result": "done", "state": "available", "endpoint_owner": account}
    assert line | expected == line
    assert line["facts"]["account"] == "outside the Organization"
    assert any("members-only permits it" in change for change in line["would_change"])
    left_at = datetime.fromisoformat(line["facts"]["account_read_at"])
    grace = datetime.fromisoformat(tags["drawbridge:revoke-after"]) - left_at
    assert timedelta(hours=23) < grace < timedelta(hours=25)
    told = listener.await_event(endpoint, "Revocation Scheduled")
    assert (told["detail"]["reason"], told["detail"]["would_change"]) == (LEFT, line["would_change"])
    assert drawbridge.state_of(account, endpoint) == "available"
    # The function remembered the account as a member.
    assert process_ids(drawbridge) == remembering != set()


@pytest.mark.usefixtures("changed_configuration")
def test_connection_is_cut_off_after_the_grace(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, listener: BusListener
) -> None:
    drawbridge.reconfigure(revocation=SHORT_GRACE)
    account, other = guests.member(), guests.member()
    endpoint, of_other = guests.connect(account, service), guests.connect(other, service)
    drawbridge.sample.remove(account)
    drawbridge.await_decision(vpc_endpoint_id=endpoint, reason=LEFT, decision="hold")
    drawbridge.sweep_until(lambda: drawbridge.state_of(account, endpoint) == "rejected")
    drawbridge.settle()
    tags = drawbridge.tags_of(service, endpoint)
    assert tags.pop("drawbridge:decided-at") > tags.pop("drawbridge:accepted-at")
    assert tags == {
        "drawbridge:owner": "drawbridge",
        "drawbridge:decision": "revoke",
        "drawbridge:reason": LEFT,
        "drawbridge:policy": "",
        "drawbridge:membership": "outside",
        "drawbridge:revoke-after": "",
        "drawbridge:revoke-reason": "",
    }
    (line,) = drawbridge.log.decisions(vpc_endpoint_id=endpoint, decision="revoke")
    assert (line["result"], line["facts"]["account"]) == ("done", "outside the Organization")
    assert any("joins" in change for change in line["would_change"])
    told = listener.await_event(endpoint, "Connection Revoked")
    assert (told["detail"]["reason"], told["detail"]["endpoint_owner"]) == (LEFT, account)
    assert drawbridge.state_of(other, of_other) == "available"


@pytest.mark.usefixtures("single_environment", "changed_configuration")
def test_return_within_the_grace_cancels_it(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, listener: BusListener
) -> None:
    account = guests.member()
    endpoint = guests.connect(account, service)
    drawbridge.sample.remove(account)
    drawbridge.await_decision(vpc_endpoint_id=endpoint, reason=LEFT)
    drawbridge.sample.admit(account)
    told = listener.await_event(endpoint, "Revocation Cancelled")
    assert told["detail"]["reason"] == "ORG_MEMBER"
    drawbridge.settle()
    tags = drawbridge.tags_of(service, endpoint)
    assert (tags["drawbridge:revoke-after"], tags["drawbridge:revoke-reason"]) == ("", "")
    # The next loss has a grace of its own: what is left of the first one cuts nothing off.
    drawbridge.sample.remove(account)
    drawbridge.await_tag(service, endpoint, "drawbridge:revoke-reason", LEFT)
    drawbridge.sweep()
    drawbridge.settle()
    assert drawbridge.state_of(account, endpoint) == "available"
    assert drawbridge.log.decisions(vpc_endpoint_id=endpoint, decision="revoke") == []


def test_connection_of_a_closed_account_gets_a_grace(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService
) -> None:
    account = guests.member()
    endpoint = guests.connect(account, service)
    drawbridge.sample.close(account)
    line = drawbridge.await_decision(vpc_endpoint_id=endpoint, reason="ACCOUNT_CLOSED")
    drawbridge.settle()
    assert line["facts"]["account"].startswith(("PENDING_CLOSURE in ", "CLOSED in "))
    assert drawbridge.tags_of(service, endpoint)["drawbridge:revoke-reason"] == "ACCOUNT_CLOSED"
    assert drawbridge.state_of(account, endpoint) == "available"


def test_sweep_finds_an_account_that_left_without_anybody_telling(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService
) -> None:
    account = guests.member()
    endpoint = guests.connect(account, service)
    drawbridge.watch_organization.enable_mapping(False)
    drawbridge.sample.remove(account)
    drawbridge.accept_connections.settle()
    assert "drawbridge:revoke-after" not in drawbridge.tags_of(service, endpoint)
    # The memory of members lasts five minutes, and no longer than the environment.
    drawbridge.accept_connections.end_environments()
    drawbridge.sweep()
    drawbridge.await_tag(service, endpoint, "drawbridge:revoke-reason", LEFT)
    assert drawbridge.state_of(account, endpoint) == "available"


def test_account_that_left_is_reviewed_where_it_is_connected_and_nowhere_else(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService
) -> None:
    elsewhere = drawbridge.offer_service(notified=["Connect"])
    guests.connect(WORKLOADS_MEMBER, elsewhere)
    account = guests.member()
    endpoint = guests.connect(account, service)
    after = drawbridge.aws.last_call()
    drawbridge.sample.remove(account)
    drawbridge.await_decision(vpc_endpoint_id=endpoint, reason=LEFT)
    drawbridge.settle()
    calls: list[dict[str, Any]] = function_calls(drawbridge, after)
    assert naming(calls, elsewhere.id) == []
    written = writing(drawbridge.aws.calls(role=FUNCTION_ROLE, after=after))
    assert {call["operation"] for call in written} == {"CreateTags", "PutEvents"}
    assert drawbridge.aws.calls(operation="ListTagsForResource", after=after) == []
