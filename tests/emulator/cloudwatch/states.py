"""How alarms change their state, composite ones with their children, and when actions are held back.

Amazon CloudWatch User Guide, "Combining alarms" and "Suppressing composite alarm actions": a composite alarm is evaluated
when a child's state changes, and after its own configuration did. Its actions wait up to ActionsSuppressorWaitPeriod for
the suppressor to go into ALARM, aren't taken while it is, and wait ActionsSuppressorExtensionPeriod after it left ALARM.
Evaluation stops where composite alarms name each other in a circle.
Everything here runs while the service is locked; what is to be delivered is handed back and runs afterwards.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from . import events
from .actions import Actions
from .alarm import COMPOSITE, Alarm, State
from .alarm_rule import parse
from .composite_names import name_in_place
from .registry import Registry

if TYPE_CHECKING:
    from ..server import Emulator

Delivery = Callable[[], None]


class States:
    """The changes of state of all alarms."""

    def __init__(self, registry: Registry, actions: Actions, app: Emulator) -> None:
        self._registry = registry
        self._actions = actions
        self._app = app
        self._timers: dict[str, threading.Timer] = {}
        self._pending: dict[str, State] = {}  # by ARN: the state before the change whose actions are held back
        app.settings.define(
            "suppression_second_ms",
            1000,
            lambda value: isinstance(value, int) and value >= 0,
            "how long a second of a composite alarm's wait and extension periods lasts; 0: they are over at once",
        )
        app.on_reset(self._forget)
        app.on_stop(self._forget)

    def configured(self, alarm: Alarm, operation: str, previous: events.Previous | None = None) -> list[Delivery]:
        """Tell of a change of configuration, and evaluate a composite alarm by it."""
        detail = events.configuration_change(alarm, operation, previous)
        told: list[Delivery] = [lambda: self._actions.send_event(alarm, events.CONFIGURATION_CHANGE, detail)]
        if operation == "delete":
            self._stop_timer(alarm)
            self._pending.pop(alarm.arn, None)
        elif alarm.kind == COMPOSITE:
            if alarm.suppressor is None and alarm.arn in self._pending:
                self._stop_timer(alarm)
                told += self._release(alarm)
            told += self._evaluate(alarm, None, ())
        return told

    def set(
        self, alarm: Alarm, value: str, reason: str, reason_data: str | None = None, path: tuple[str, ...] = ()
    ) -> list[Delivery]:
        """Give an alarm a state; what depends on it follows."""
        before, now = alarm.state, datetime.now(UTC)
        changed = before.value != value
        transitioned = now if changed else before.transitioned
        alarm.state = State(value, reason, reason_data, now, transitioned)
        if not changed:
            alarm.state = replace(
                alarm.state, suppressed_by=before.suppressed_by, suppressed_reason=before.suppressed_reason
            )
            return []
        told = self._changed(alarm, before)
        for composite in self._registry.suppressed_by(alarm):
            told += self._suppressor_changed(composite, value, before.value)
        for parent in self._registry.parents(alarm):
            told += self._evaluate(parent, alarm, (*path, alarm.name))
        return told

    def _changed(self, alarm: Alarm, before: State) -> list[Delivery]:
        suppressor = self._suppressor(alarm)
        if suppressor is None:
            return [self._event(alarm, before), *self._act(alarm, before)]
        self._pending.setdefault(alarm.arn, before)
        if suppressor.state.value == "ALARM":
            return self._hold(alarm, "Alarm", before)
        return self._hold(alarm, "WaitPeriod", before) + self._wait(alarm, "ActionsSuppressorWaitPeriod")

    def _suppressor_changed(self, composite: Alarm, value: str, was: str) -> list[Delivery]:
        if composite.arn not in self._pending:
            return []
        before = composite.state
        if value == "ALARM":
            self._stop_timer(composite)
            return self._hold(composite, "Alarm", before)
        if was == "ALARM" and before.suppressed_by == "Alarm":
            return self._hold(composite, "ExtensionPeriod", before) + self._wait(
                composite, "ActionsSuppressorExtensionPeriod"
            )
        return []

    def _hold(self, alarm: Alarm, by: str, before: State) -> list[Delivery]:
        """Hold the actions back; the event of it says by what."""
        reason = f"Actions suppressed by {by}"
        alarm.state = replace(alarm.state, suppressed_by=by, suppressed_reason=reason)
        return [self._event(alarm, before)]

    def _wait(self, alarm: Alarm, period: str) -> list[Delivery]:
        """Release the actions when a period is over."""
        self._stop_timer(alarm)
        seconds = alarm.configuration[period] * self._app.settings["suppression_second_ms"] / 1000
        if seconds <= 0:
            return self._release(alarm)
        timer = threading.Timer(seconds, self._time_is_up, [alarm])
        timer.daemon = True
        self._timers[alarm.arn] = timer
        timer.start()
        return []

    def _time_is_up(self, alarm: Alarm) -> None:
        with self._app.exclusively("cloudwatch"):
            own = self._timers.get(alarm.arn)
            told = self._release(alarm) if own is threading.current_thread() else []
        for delivery in told:
            delivery()

    def _release(self, alarm: Alarm) -> list[Delivery]:
        self._timers.pop(alarm.arn, None)
        before, held = self._pending.pop(alarm.arn, None), alarm.state
        alarm.state = replace(held, suppressed_by=None, suppressed_reason=None)
        if before is None:
            return []
        return [self._event(alarm, held), *self._act(alarm, before)]

    def _evaluate(self, composite: Alarm, cause: Alarm | None, path: tuple[str, ...]) -> list[Delivery]:
        if composite.name in path or self._in_circle(composite):
            return []
        place = (composite.account, composite.region)

        def state_of(name: str) -> str:
            child = self._registry.find(*place, name_in_place(name, *place) or "")
            return child.state.value if child is not None else ""

        holds = parse(composite.configuration["AlarmRule"]).holds(state_of)
        value = "ALARM" if holds else "OK"
        if composite.state.value == value:
            return []
        reason, data = _reason(composite, cause)
        return self.set(composite, value, reason, data, path)

    def _in_circle(self, composite: Alarm) -> bool:
        seen: set[str] = set()
        waiting = [*composite.children]
        while waiting:
            name = waiting.pop()
            if name == composite.name:
                return True
            child = self._registry.find(composite.account, composite.region, name) if name not in seen else None
            seen.add(name)
            waiting += child.children if child is not None else ()
        return False

    def _suppressor(self, alarm: Alarm) -> Alarm | None:
        if alarm.suppressor is None:
            return None
        return self._registry.find(alarm.account, alarm.region, alarm.suppressor)

    def _event(self, alarm: Alarm, before: State) -> Delivery:
        detail = events.state_change(alarm, before, alarm.state)
        return lambda: self._actions.send_event(alarm, events.STATE_CHANGE, detail)

    def _act(self, alarm: Alarm, before: State) -> list[Delivery]:
        if not alarm.actions_enabled or alarm.state.value == before.value:
            return []
        chosen, after = alarm.actions(), alarm.state
        return [lambda: self._actions.take(alarm, chosen, before, after)]

    def _stop_timer(self, alarm: Alarm) -> None:
        timer = self._timers.pop(alarm.arn, None)
        if timer is not None:
            timer.cancel()

    def _forget(self) -> None:
        for timer in [*self._timers.values()]:
            timer.cancel()
        self._timers.clear()
        self._pending.clear()


def _reason(composite: Alarm, cause: Alarm | None) -> tuple[str, str | None]:
    if cause is None:
        return f"{composite.arn} was created or updated and its alarm rule evaluates to a new state", None
    when = cause.state.since
    reason = f"{cause.arn} transitioned to {cause.state.value} at {when:%A %d %B, %Y %H:%M:%S} UTC"
    state = {"value": cause.state.value, "timestamp": events.moment(when)}
    return reason, json.dumps({"triggeringAlarms": [{"arn": cause.arn, "state": state}]})
