"""Archives: what is kept, counted and replayed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from .deliveries import arn, queue_for, received
from .parties import error_of
from .running import HUB
from .stack_templates import StackOf

Client = Callable[..., Any]
BUS = arn("events", "event-bus/drawbridge")
TEMPLATE = """
Resources:
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: drawbridge}}
  Archive:
    Type: AWS::Events::Archive
    Properties:
      ArchiveName: drawbridge-decisions
      SourceArn: !GetAtt Bus.Arn
      Description: decisions
      RetentionDays: 400
      EventPattern: {source: [drawbridge], account: [!Ref AWS::AccountId], detail-type: %s}
Outputs:
  Archive: {Value: !GetAtt Archive.Arn}
"""


def tell(client: Client, *detail_types: str, source: str = "drawbridge", **detail: Any) -> None:
    """Put one event of each type on the bus."""
    entries = [
        {
            "EventBusName": "drawbridge",
            "Source": source,
            "DetailType": name,
            "Detail": json.dumps({"name": name} | detail),
        }
        for name in detail_types
    ]
    assert client("events").put_events(Entries=entries)["FailedEntryCount"] == 0


def count(client: Client) -> int:
    return client("events").describe_archive(ArchiveName="drawbridge-decisions")["EventCount"]


def replay(client: Client, name: str, **options: Any) -> None:
    """Replay the last hour and the next."""
    now = datetime.now(UTC)
    request = {
        "ReplayName": name,
        "EventSourceArn": arn("events", "archive/drawbridge-decisions"),
        "EventStartTime": now - timedelta(hours=1),
        "EventEndTime": now + timedelta(hours=1),
        "Destination": {"Arn": BUS},
    }
    assert client("events").start_replay(**request | options)["State"] == "STARTING"


def listen(client: Client, name: str) -> str:
    """A rule of the bus for all events of `drawbridge`, into a queue of its own; the queue's URL."""
    url = queue_for(client, name)
    events = client("events")
    events.put_rule(Name=name, EventBusName="drawbridge", EventPattern='{"source": ["drawbridge"]}')
    events.put_targets(Rule=name, EventBusName="drawbridge", Targets=[{"Id": "q", "Arn": arn("sqs", name)}])
    return url


def test_archive_of_a_stack_keeps_what_its_pattern_takes(client: Client) -> None:
    stack = StackOf(client)
    stack.create(TEMPLATE % '["Connection Accepted", "Connection Revoked"]')
    assert stack.outputs()["Archive"] == arn("events", "archive/drawbridge-decisions")
    tell(client, "Connection Accepted", "Connection Revoked", "Sweep Requested")
    tell(client, "Connection Accepted", source="somebody")
    shown = client("events").describe_archive(ArchiveName="drawbridge-decisions")
    assert (shown["EventCount"], shown["RetentionDays"], shown["State"]) == (2, 400, "ENABLED")
    assert shown["SizeBytes"] > 100
    (listed,) = client("events").list_archives(EventSourceArn=BUS)["Archives"]
    assert (listed["EventCount"], listed["SizeBytes"]) == (2, shown["SizeBytes"])
    assert stack.update(TEMPLATE % '["Sweep Requested"]') == "UPDATE_COMPLETE"
    tell(client, "Connection Accepted", "Sweep Requested")
    assert count(client) == 3
    assert stack.delete() == "DELETE_COMPLETE"
    assert client("events").list_archives()["Archives"] == []


def test_replay_puts_kept_events_on_the_bus_again_and_keeps_them_once(client: Client) -> None:
    StackOf(client).create(TEMPLATE % '["Connection Accepted"]')
    url = listen(client, "all")
    tell(client, "Connection Accepted", "Connection Held", number=1)
    first = {event["detail-type"]: event for event in received(client, url)}
    replay(client, "again")
    (event,) = received(client, url)
    assert event == first["Connection Accepted"] | {"replay-name": "again"}
    assert event["account"] == HUB
    assert count(client) == 1
    shown = client("events").describe_replay(ReplayName="again")
    assert (shown["State"], shown["Destination"]) == ("COMPLETED", {"Arn": BUS})


def test_replay_may_be_for_some_rules_and_for_a_window(client: Client) -> None:
    StackOf(client).create(TEMPLATE % '["Connection Accepted"]')
    chosen, other = listen(client, "chosen"), listen(client, "other")
    tell(client, "Connection Accepted")
    assert len(received(client, chosen)) == len(received(client, other)) == 1
    rule = arn("events", "rule/drawbridge/chosen")
    replay(client, "for-one", Destination={"Arn": BUS, "FilterArns": [rule]})
    assert (len(received(client, chosen)), len(received(client, other))) == (1, 0)
    before = datetime.now(UTC) - timedelta(hours=1)
    replay(client, "of-the-past", EventStartTime=before - timedelta(hours=1), EventEndTime=before)
    assert received(client, chosen) == []


def test_replay_is_to_the_bus_that_was_archived_and_has_a_name_of_its_own(client: Client) -> None:
    StackOf(client).create(TEMPLATE % '["Connection Accepted"]')
    replay(client, "again")
    assert error_of(replay, client, "again") == "ResourceAlreadyExistsException"
    elsewhere = {"Arn": arn("events", "event-bus/default")}
    assert error_of(replay, client, "elsewhere", Destination=elsewhere) == "ValidationException"
    archive = arn("events", "archive/none")
    assert error_of(replay, client, "nothing", EventSourceArn=archive) == "ValidationException"
