"""LookupEvents: the event history of an account and Region."""

from __future__ import annotations

import base64
import json
from collections import defaultdict, deque
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

KEPT = 10_000
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


class EventHistory:
    """The records of all accounts and Regions, the newest first."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], deque[dict[str, Any]]] = defaultdict(lambda: deque(maxlen=KEPT))

    def install(self, hooks: Hooks, app: Emulator) -> None:
        """Answer LookupEvents."""
        app.on_reset(self._records.clear)
        hooks.operation("cloudtrail", "LookupEvents", self.look_up)

    def add(self, account: str, region: str, record: dict[str, Any]) -> None:
        """Keep a record."""
        self._records[account, region].appendleft(record)

    def look_up(self, call: ApiCall) -> dict[str, Any]:
        """LookupEvents: by one attribute, and by time."""
        attributes = call.parameter("LookupAttributes", [])
        if len(attributes) > 1:
            raise AwsError("InvalidLookupAttributesException", "You can only specify one lookup attribute.")
        matching = [r for r in list(self._records[call.account, call.region]) if _matches(call, attributes, r)]
        start = _read_token(call.parameter("NextToken"))
        size = min(call.parameter("MaxResults", LARGEST_PAGE), LARGEST_PAGE)
        answer: dict[str, Any] = {"Events": [_show(record) for record in matching[start : start + size]]}
        if len(matching) > start + size:
            answer["NextToken"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
        return answer


def _matches(call: ApiCall, attributes: list[dict[str, str]], record: dict[str, Any]) -> bool:
    time = datetime.fromisoformat(record["eventTime"])
    start, end = call.parameter("StartTime"), call.parameter("EndTime")
    if (start is not None and time < start) or (end is not None and time > end):
        return False
    for attribute in attributes:
        read = ATTRIBUTES.get(attribute["AttributeKey"])
        if read is None:
            raise AwsError("NotImplemented", f"the emulator can't look up by {attribute['AttributeKey']}", 501)
        if read(record) != attribute["AttributeValue"]:
            return False
    return True


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


def _read_token(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token))
    except ValueError:
        raise AwsError("InvalidNextTokenException", "The NextToken is invalid.") from None
