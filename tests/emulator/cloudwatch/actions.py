"""What comes of an alarm: its events on the default bus, and the actions of its state (topics only)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..delivery import publish_as_service
from . import events, notification
from .alarm import Alarm, State

if TYPE_CHECKING:
    from ..server import Emulator

PRINCIPAL = "cloudwatch.amazonaws.com"


class Actions:
    """Delivers; nothing here may be called while the service is locked."""

    def __init__(self, app: Emulator) -> None:
        self._app = app

    def send_event(self, alarm: Alarm, kind: str, detail: dict[str, Any]) -> None:
        """Put an event on the default bus of the alarm's account."""
        self._app.buses.put_service_event(alarm.account, alarm.region, events.SOURCE, kind, detail, [alarm.arn])

    def take(self, alarm: Alarm, chosen: list[str], before: State, after: State) -> None:
        """Take the actions of a state."""
        text = json.dumps(notification.message(alarm, before, after))
        for action in chosen:
            if action.split(":")[2:3] == ["sns"]:
                about = notification.subject(alarm, after)
                publish_as_service(self._app, PRINCIPAL, alarm.arn, alarm.account, action, text, about)
            else:
                reason = "UNSUPPORTED: the emulator has alarm actions for topics only"
                self._app.dropped.record(alarm.arn, action, reason, text)
