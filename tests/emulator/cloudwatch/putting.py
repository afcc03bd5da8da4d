"""What is common to making metric and composite alarms: names, actions, tags, and what is kept of an alarm that is there."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from ..api_call import ApiCall
from . import shapes
from .alarm import ACTIONS, Alarm
from .registry import Registry
from .shapes import validation_error
from .states import States

CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")
LARGEST_REQUEST = 120 * 1024
MOST_TAGS = 50
RESERVED = "aws:"
ARN_PARTS = 6


def check_request(call: ApiCall) -> dict[str, Any]:
    """The configuration in a request, without its tags."""
    shapes.check(call)
    if len(call.body) > LARGEST_REQUEST:
        raise validation_error("The request is larger than 120 KB")
    if CONTROL_CHARACTER.search(call.parameters["AlarmName"]):
        raise validation_error("AlarmName must not contain control characters")
    for name in ACTIONS.values():
        for action in call.parameter(name, []):
            _check_action(call, action)
    check_tags(tags_of(call))
    return {name: value for name, value in call.parameters.items() if name != "Tags" and value is not None}


def _check_action(call: ApiCall, action: str) -> None:
    parts = action.split(":", ARN_PARTS - 1)
    if len(parts) != ARN_PARTS or parts[0] != "arn":
        raise validation_error(f"Invalid arn syntax: {action}")
    if parts[2] == "sns" and parts[3] != call.region:
        raise validation_error(f"Invalid region {parts[3]} specified. Only {call.region} is supported.")


def tags_of(call: ApiCall) -> dict[str, str]:
    """The tags in a request."""
    return {tag["Key"]: tag["Value"] for tag in call.parameter("Tags", [])}


def check_tags(tags: dict[str, str]) -> None:
    """Refuse more than 50 tags, and those that are AWS's."""
    if len(tags) > MOST_TAGS:
        raise validation_error(f"An alarm can have {MOST_TAGS} tags at the most")
    for key in tags:
        if key.lower().startswith(RESERVED):
            raise validation_error(f"The tag key '{key}' begins with '{RESERVED}', which is reserved")


def put(call: ApiCall, registry: Registry, states: States, wanted: Alarm) -> dict[str, Any]:
    """Make an alarm, or give one that is there a whole new configuration; it keeps its state and its tags."""
    known = registry.find(call.account, call.region, wanted.name)
    if known is not None and known.kind != wanted.kind:
        raise validation_error(f"An alarm with the name {wanted.name} and another type exists already")
    if known is None:
        registry.add(wanted, tags_of(call))
        told = states.configured(wanted, "create")
    else:
        previous = (known.configuration, known.configured)
        known.configuration, known.configured = wanted.configuration, datetime.now(UTC)
        known.children, known.suppressor = wanted.children, wanted.suppressor
        told = states.configured(known, "update", previous)
    for delivery in told:
        call.after(delivery)
    return {}
