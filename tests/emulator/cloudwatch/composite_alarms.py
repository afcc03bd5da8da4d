"""PutCompositeAlarm (API Reference): children and suppressor must be there, in the same account and Region.

Rules may come to name each other in a circle; their evaluation stops then, and none of them can be deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall
from .alarm import COMPOSITE, Alarm
from .alarm_rule import BadRule, parse
from .composite_names import name_in_place
from .putting import check_request, put
from .registry import Registry
from .shapes import SERVICE, validation_error
from .states import States

if TYPE_CHECKING:
    from ..hooks import Hooks

PERIODS = ("ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")
MOST_PARENTS = 150


def install(hooks: Hooks, registry: Registry, states: States) -> None:
    """Answer the operation."""

    def put_composite_alarm(call: ApiCall) -> dict[str, Any]:
        wanted = check_request(call)
        alarm = Alarm(call.account, call.region, wanted["AlarmName"], COMPOSITE, wanted)
        alarm.children = _children(registry, alarm)
        alarm.suppressor = _suppressor(registry, alarm)
        return put(call, registry, states, alarm)

    hooks.operation(SERVICE, "PutCompositeAlarm", put_composite_alarm)


def _children(registry: Registry, alarm: Alarm) -> tuple[str, ...]:
    try:
        rule = parse(alarm.configuration["AlarmRule"])
    except BadRule as error:
        raise validation_error(f"AlarmRule must be a valid expression: {error}") from None
    missing = [name for name in rule.children if _find(registry, alarm, name) is None]
    if missing:
        listed = ", ".join(missing)
        raise validation_error(
            f"Could not save the composite alarm as alarms [{listed}] in the alarm rule do not exist"
        )
    children = [found for name in rule.children if (found := _find(registry, alarm, name)) is not None]
    for child in children:
        if len({parent.name for parent in registry.parents(child)} | {alarm.name}) > MOST_PARENTS:
            raise validation_error(f"{child.name} is in the rules of {MOST_PARENTS} composite alarms already")
    return tuple(dict.fromkeys(child.name for child in children))


def _suppressor(registry: Registry, alarm: Alarm) -> str | None:
    wanted = alarm.configuration.get("ActionsSuppressor")
    given = [name for name in PERIODS if name in alarm.configuration]
    if wanted is None:
        if given:
            raise validation_error(f"{given[0]} needs an ActionsSuppressor")
        return None
    if len(given) < len(PERIODS):
        raise validation_error(f"ActionsSuppressor needs {' and '.join(PERIODS)}")
    if any(alarm.configuration[name] < 0 for name in PERIODS):
        raise validation_error(f"{' and '.join(PERIODS)} must not be negative")
    found = _find(registry, alarm, wanted)
    if found is None:
        raise validation_error(f"Could not save the composite alarm as the suppressor alarm {wanted} does not exist")
    return found.name


def _find(registry: Registry, alarm: Alarm, text: str) -> Alarm | None:
    name = name_in_place(text, alarm.account, alarm.region)
    return registry.find(alarm.account, alarm.region, name) if name is not None else None
