"""DescribeAlarms and DescribeAlarmsForMetric (API Reference).

Without AlarmTypes only metric alarms are listed; a page has 50 alarms unless MaxRecords asks for others, 100 at the most.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from . import shapes
from .alarm import ACTIONS, COMPOSITE, METRIC, Alarm
from .pages import page
from .registry import Registry
from .shapes import SERVICE, validation_error

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

USUAL_PAGE = 50
LARGEST_PAGE = 100
LISTS = {METRIC: "MetricAlarms", COMPOSITE: "CompositeAlarms"}
RELATIVES = ("ChildrenOfAlarmName", "ParentsOfAlarmName")
OF_CHILDREN = ("AlarmName", "AlarmArn", "StateValue", "StateUpdatedTimestamp")
OF_PARENTS = ("AlarmName", "AlarmArn")


def install(hooks: Hooks, app: Emulator, registry: Registry) -> None:
    """Answer the operations."""
    app.settings.define(
        "alarms_page",
        LARGEST_PAGE,
        lambda value: isinstance(value, int) and 1 <= value <= LARGEST_PAGE,
        "alarms on a page of DescribeAlarms at the most, whatever MaxRecords asks for",
    )

    def describe(call: ApiCall) -> dict[str, Any]:
        shapes.check(call)
        _check_combination(call)
        found, show = _find(call, registry)
        size = min(call.parameter("MaxRecords", USUAL_PAGE), app.settings["alarms_page"])
        refusal = AwsError("InvalidNextToken", "The next token specified is invalid.")
        shown, token = page(found, lambda alarm: alarm.name, size, call.parameter("NextToken"), refusal)
        answer: dict[str, Any] = {LISTS[kind]: [show(a) for a in shown if a.kind == kind] for kind in LISTS}
        return answer | ({"NextToken": token} if token else {})

    def for_metric(call: ApiCall) -> dict[str, Any]:
        shapes.check(call)
        alarms = registry.of(call.account, call.region)
        return {"MetricAlarms": [alarm.describe() for alarm in alarms if _watches(alarm, call)]}

    hooks.operation(SERVICE, "DescribeAlarms", describe)
    hooks.operation(SERVICE, "DescribeAlarmsForMetric", for_metric)


def _check_combination(call: ApiCall) -> None:
    given = {name for name, value in call.parameters.items() if value not in (None, [])} - {"MaxRecords", "NextToken"}
    if given & set(RELATIVES) and len(given) > 1:
        raise validation_error(f"{' and '.join(sorted(given))} can't be specified together")
    if {"AlarmNames", "AlarmNamePrefix"} <= given:
        raise validation_error("AlarmNames and AlarmNamePrefix can't be specified together")


def _find(call: ApiCall, registry: Registry) -> tuple[list[Alarm], Callable[[Alarm], dict[str, Any]]]:
    """The alarms that are asked for, and how they are shown."""
    for relative, names in zip(RELATIVES, (OF_CHILDREN, OF_PARENTS), strict=True):
        if call.parameter(relative):
            show = _only(names)
            return _relatives(call, registry, relative), show
    kinds = call.parameter("AlarmTypes") or [METRIC]
    alarms = [alarm for alarm in registry.of(call.account, call.region) if alarm.kind in kinds]
    return [alarm for alarm in alarms if _matches(alarm, call)], Alarm.describe


def _relatives(call: ApiCall, registry: Registry, relative: str) -> list[Alarm]:
    alarm = registry.find(call.account, call.region, call.parameter(relative))
    if alarm is None:
        return []
    if relative == "ParentsOfAlarmName":
        return registry.parents(alarm)
    children = [registry.find(call.account, call.region, name) for name in sorted(alarm.children)]
    return [child for child in children if child is not None]


def _only(names: tuple[str, ...]) -> Callable[[Alarm], dict[str, Any]]:
    return lambda alarm: {name: value for name, value in alarm.describe().items() if name in names}


def _matches(alarm: Alarm, call: ApiCall) -> bool:
    names, state = call.parameter("AlarmNames"), call.parameter("StateValue")
    action = call.parameter("ActionPrefix")
    actions = [arn for name in ACTIONS.values() for arn in alarm.configuration.get(name, [])]
    return (
        (not names or alarm.name in names)
        and alarm.name.startswith(call.parameter("AlarmNamePrefix", ""))
        and state in (None, alarm.state.value)
        and (not action or any(arn.startswith(action) for arn in actions))
    )


def _watches(alarm: Alarm, call: ApiCall) -> bool:
    wanted = {d["Name"]: d["Value"] for d in call.parameter("Dimensions", [])}
    metrics = [
        query["MetricStat"]["Metric"] for query in alarm.configuration.get("Metrics", []) if "MetricStat" in query
    ]
    for metric in [alarm.configuration, *metrics]:
        dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions", [])}
        same = all(metric.get(name) == call.parameter(name) for name in ("Namespace", "MetricName"))
        if same and dimensions == wanted:
            return True
    return False
