"""What was decided is kept in the archive, and replaying it decides nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from deployment.drawbridge import FUNCTION_ROLE, WATCH_ROLE, Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import EndpointService

from ..bus_listener import BusListener
from ..function_calls import writing
from ..guests import Guests

ARCHIVE = "drawbridge-decisions"


def archive(drawbridge: Drawbridge) -> dict[str, Any]:
    """The archive, as EventBridge describes it."""
    return drawbridge.aws.client("events").describe_archive(ArchiveName=ARCHIVE)


def test_decisions_are_archived_and_requests_of_ours_are_not(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, listener: BusListener
) -> None:
    account = guests.member()
    drawbridge.settle()
    before = archive(drawbridge)["EventCount"]
    endpoint = guests.connect(account, service)
    drawbridge.sample.remove(account)
    listener.await_event(endpoint, "Revocation Scheduled")
    drawbridge.sweep()
    drawbridge.settle()
    told = [event["detail-type"] for event in listener.heard(endpoint)]
    assert told == ["Connection Accepted", "Revocation Scheduled"]
    assert archive(drawbridge)["EventCount"] == before + len(told)


def test_replay_reaches_others_and_changes_nothing(
    drawbridge: Drawbridge, guests: Guests, service: EndpointService, listener: BusListener
) -> None:
    endpoint = guests.connect(guests.member(), service)
    accepted = listener.await_event(endpoint, "Connection Accepted")
    drawbridge.settle()
    tags, kept = drawbridge.tags_of(service, endpoint), archive(drawbridge)
    after = drawbridge.aws.last_call()
    events = drawbridge.aws.client("events")
    events.start_replay(
        ReplayName=f"of-{endpoint}",
        EventSourceArn=kept["ArchiveArn"],
        EventStartTime=kept["CreationTime"] - timedelta(minutes=1),
        EventEndTime=kept["CreationTime"] + timedelta(days=1),
        Destination={"Arn": drawbridge.outputs["BusArn"]},
    )
    wait_until(
        "the replay is over", lambda: events.describe_replay(ReplayName=f"of-{endpoint}")["State"] == "COMPLETED"
    )
    wait_until("the event is heard again", lambda: len(listener.heard(endpoint, "Connection Accepted")) == 2)
    drawbridge.settle()
    again = listener.heard(endpoint, "Connection Accepted")[1]
    assert again["detail"] == accepted["detail"]
    for role in (FUNCTION_ROLE, WATCH_ROLE):
        assert writing(drawbridge.aws.calls(role=role, after=after)) == []
    assert drawbridge.tags_of(service, endpoint) == tags
    assert archive(drawbridge)["EventCount"] == kept["EventCount"]
