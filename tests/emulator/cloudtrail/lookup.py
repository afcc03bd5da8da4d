"""LookupEvents: the event history of an account and Region (CloudTrail API Reference; 90 days, pages of 50)."""

from __future__ import annotations

import base64
import itertools
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

KEPT = 10_000
KEPT_FOR = timedelta(days=90)
LARGEST_PAGE = 50
ATTRIBUTES = {
    "EventId": lambda record: record["eventID"],
    "EventName": lambda record: record["eventName"],
    "EventSource": lambda record: record["eventSource"],
    "AccessKeyId": lambda record: record["userIdentity"].get("accessKeyId"),
    "ReadOnly": lambda record: str(record["readOnly"]).lower(),
    "Username": lambda record: user_name(record),
}


def user_name(record: dict[str, Any]) -> str:
    """What the history shows as the user: of a role session its session name."""
    identity = record["userIdentity"]
    if identity["type"] == "Root":
        return "root"
    return identity.get("userName") or identity["arn"].rpartition("/")[2]


@dataclass(frozen=True)
class Entry:
    """A record of the history; `number` is its rank, `written` when it came (seconds of the monotonic clock)."""

    number: int
    written: float
    record: dict[str, Any]

    @property
    def time(self) -> datetime:
        """When the call was made."""
        return datetime.fromisoformat(self.record["eventTime"])


class EventHistory:
    """The records of all accounts and Regions, the newest first."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._entries: dict[tuple[str, str], deque[Entry]] = defaultdict(lambda: deque(maxlen=KEPT))

    def install(self, hooks: Hooks, app: Emulator) -> None:
        """Answer LookupEvents, and have it judged."""
        app.settings.define(
            "event_history_delay_ms",
            0,
            lambda value: isinstance(value, int) and value >= 0,
            "milliseconds until LookupEvents knows of a call (AWS: about 5 minutes on average)",
        )
        self._settings = app.settings
        app.on_reset(self._entries.clear)
        hooks.operation("cloudtrail", "LookupEvents", self.look_up)

    def add(self, account: str, region: str, record: dict[str, Any]) -> None:
        """Keep a record."""
        self._entries[account, region].appendleft(Entry(next(self._numbers), time.monotonic(), record))

    def look_up(self, call: ApiCall) -> dict[str, Any]:
        """LookupEvents: by one attribute, and by time; what comes meanwhile disturbs no page."""
        size = call.parameter("MaxResults", LARGEST_PAGE)
        if not 1 <= size <= LARGEST_PAGE:
            raise AwsError("InvalidMaxResultsException", f"MaxResults must be between 1 and {LARGEST_PAGE}.")
        matches = _matcher(call)
        before = _read_token(call.parameter("NextToken"))
        known = time.monotonic() - self._settings["event_history_delay_ms"] / 1000
        entries = list(self._entries[call.account, call.region])
        rest = [e for e in entries if e.written <= known and (before is None or e.number < before) and matches(e)]
        answer: dict[str, Any] = {"Events": [_show(entry.record) for entry in rest[:size]]}
        if len(rest) > size:
            answer["NextToken"] = base64.urlsafe_b64encode(f"before:{rest[size - 1].number}".encode()).decode()
        return answer


def _matcher(call: ApiCall) -> Callable[[Entry], bool]:
    """What the call asks for, within the 90 days that AWS keeps."""
    attributes, start, end = call.parameter("LookupAttributes"), _time(call, "StartTime"), _time(call, "EndTime")
    if attributes and len(attributes) > 1:
        raise AwsError("InvalidLookupAttributesException", "You can only specify one lookup attribute.")
    if start is not None and end is not None and start > end:
        raise AwsError("InvalidTimeRangeException", "The start time is after the end time.")
    oldest = datetime.now(UTC) - KEPT_FOR
    start = max(start, oldest) if start is not None else oldest
    wanted = [(_reader(one["AttributeKey"]), one["AttributeValue"]) for one in attributes or []]

    def matches(entry: Entry) -> bool:
        in_time = start <= entry.time and (end is None or entry.time <= end)
        return in_time and all(read(entry.record) == value for read, value in wanted)

    return matches


def _time(call: ApiCall, name: str) -> datetime | None:
    """A time that is asked for; moto's parser keeps UTC without saying so."""
    value = call.parameter(name)
    return value.replace(tzinfo=UTC) if value is not None else None


def _reader(attribute: str) -> Callable[[dict[str, Any]], Any]:
    read = ATTRIBUTES.get(attribute)
    if read is None:
        raise AwsError("NotImplemented", f"the emulator can't look up by {attribute}", 501)
    return read


def _show(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": str(record["readOnly"]).lower(),
        "AccessKeyId": record["userIdentity"].get("accessKeyId"),
        "EventTime": datetime.fromisoformat(record["eventTime"]),
        "EventSource": record["eventSource"],
        "Username": user_name(record),
        "Resources": [],
        "CloudTrailEvent": json.dumps(record),
    }


def _read_token(token: str | None) -> int | None:
    """The number before which a page begins."""
    if token is None:
        return None
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        if word == "before":
            return int(number)
    except ValueError:
        pass
    raise AwsError("InvalidNextTokenException", "The NextToken is invalid.")
