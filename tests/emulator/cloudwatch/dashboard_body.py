"""What the body of a dashboard may be.

API Reference, "Dashboard Body Structure and Syntax"; CloudWatch quotas: 500 widgets, 500 metrics a widget, 2,500 a dashboard.
What AWS only warns of, members that it doesn't know, is told apart from faults.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

MOST_WIDGETS = 500
MOST_METRICS_OF_WIDGET = 500
MOST_METRICS = 2500
MOST_ALARMS = 100
MOST_DIMENSIONS = 30
BODY_MEMBERS = ("widgets", "start", "end", "periodOverride", "variables")
WIDGET_MEMBERS = ("type", "x", "y", "width", "height", "properties")
# The least and the most of where a widget is, and of its size.
PLACES = {"x": (0, 23), "y": (0, None), "width": (1, 24), "height": (1, 1000)}
METRIC_VIEWS = ("timeSeries", "singleValue", "gauge", "bar", "pie", "table")
LOG_VIEWS = ("table", "timeSeries", "bar", "pie")
SORTS = ("default", "stateUpdatedTimestamp", "timestamp")
ALARM_STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")
SAME = (".", "...")


@dataclass(frozen=True)
class Message:
    """What is wrong with a part of the body; a warning doesn't keep it from being taken."""

    path: str
    text: str
    is_fault: bool = True


def check(text: str) -> list[Message]:
    """All that is wrong with a body."""
    try:
        body = json.loads(text)
    except ValueError as error:
        return [Message("", f"The field DashboardBody must be a valid JSON object: {error}")]
    if not isinstance(body, dict):
        return [Message("", "Should be object")]
    return list(_body(body))


def _body(body: dict[str, Any]) -> Iterator[Message]:
    yield from _unknown("", body, BODY_MEMBERS)
    if body.get("periodOverride", "auto") not in ("auto", "inherit"):
        yield Message("/periodOverride", "Should be one of auto, inherit")
    widgets = body.get("widgets")
    if not isinstance(widgets, list):
        yield Message("", "Should have required property 'widgets', an array")
        return
    if len(widgets) > MOST_WIDGETS:
        yield Message("/widgets", f"Should NOT have more than {MOST_WIDGETS} items")
    for number, widget in enumerate(widgets):
        yield from _widget(f"/widgets/{number}", widget)
    if sum(map(_metrics_in, widgets)) > MOST_METRICS:
        yield Message("/widgets", f"A dashboard can have {MOST_METRICS} metrics at the most")


def _metrics_in(widget: Any) -> int:
    properties = widget.get("properties") if isinstance(widget, dict) else None
    metrics = properties.get("metrics") if isinstance(properties, dict) else None
    return len(metrics) if isinstance(metrics, list) else 0


def _widget(path: str, widget: Any) -> Iterator[Message]:
    if not isinstance(widget, dict):
        yield Message(path, "Should be object")
        return
    yield from _unknown(path, widget, WIDGET_MEMBERS)
    for name, (least, most) in PLACES.items():
        yield from _whole(f"{path}/{name}", widget.get(name), least, most)
    properties, kind = widget.get("properties"), widget.get("type")
    if kind not in KINDS:
        yield Message(f"{path}/type", f"Should be one of {', '.join(KINDS)}")
    elif not isinstance(properties, dict):
        yield Message(path, "Should have required property 'properties', an object")
    else:
        yield from KINDS[kind](f"{path}/properties", properties)


def _whole(path: str, value: Any, least: int, most: int | None) -> Iterator[Message]:
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool):
        yield Message(path, "Should be integer")
    elif value < least:
        yield Message(path, f"Should be >= {least}")
    elif most is not None and value > most:
        yield Message(path, f"Should be <= {most}")


def _unknown(path: str, value: dict[str, Any], known: tuple[str, ...]) -> Iterator[Message]:
    for name in value:
        if name not in known:
            yield Message(f"{path}/{name}", f"Should NOT have additional property '{name}'", is_fault=False)


def _required(path: str, properties: dict[str, Any], **kinds: type) -> Iterator[Message]:
    for name, kind in kinds.items():
        if name not in properties:
            yield Message(path, f"Should have required property '{name}'")
        elif not isinstance(properties[name], kind):
            yield Message(f"{path}/{name}", f"Should be {kind.__name__}")


def _one_of(path: str, properties: dict[str, Any], name: str, words: tuple[str, ...]) -> Iterator[Message]:
    if name in properties and properties[name] not in words:
        yield Message(f"{path}/{name}", f"Should be one of {', '.join(words)}")


def _text(path: str, properties: dict[str, Any]) -> Iterator[Message]:
    yield from _required(path, properties, markdown=str)
    yield from _one_of(path, properties, "background", ("transparent", "solid"))


def _metric(path: str, properties: dict[str, Any]) -> Iterator[Message]:
    yield from _required(path, properties, region=str)
    yield from _one_of(path, properties, "view", METRIC_VIEWS)
    yield from _whole(f"{path}/period", properties.get("period"), 1, None)
    annotations = properties.get("annotations")
    if annotations is not None and not isinstance(annotations, dict):
        yield Message(f"{path}/annotations", "Should be object")
        annotations = None
    alarms = (annotations or {}).get("alarms")
    if alarms is not None and (not isinstance(alarms, list) or len(alarms) != 1):
        yield Message(f"{path}/annotations/alarms", "Should have exactly one item")
    if "metrics" not in properties and not alarms:
        yield Message(path, "Should have required property 'metrics'")
    if "metrics" in properties:
        yield from _rows(f"{path}/metrics", properties["metrics"])
    if properties.get("view") == "gauge":
        left = (properties.get("yAxis") or {}).get("left") or {}
        if not {"min", "max"} <= set(left):
            yield Message(f"{path}/yAxis/left", "Should have required properties 'min' and 'max' for a gauge")


def _rows(path: str, rows: Any) -> Iterator[Message]:
    if not isinstance(rows, list):
        yield Message(path, "Should be array")
        return
    if len(rows) > MOST_METRICS_OF_WIDGET:
        yield Message(path, f"Should NOT have more than {MOST_METRICS_OF_WIDGET} items")
    for number, row in enumerate(rows):
        problem = _problem_of_row(row, is_first=number == 0)
        if problem:
            yield Message(f"{path}/{number}", problem)


def _problem_of_row(row: Any, is_first: bool) -> str | None:
    """A row is `[namespace, metric, dimension, value, …, {rendering}]`, or `[{expression}]`."""
    if not isinstance(row, list) or not row:
        return "Should be a non-empty array"
    *names, last = row
    names = names if isinstance(last, dict) else row
    if not names:
        return None if isinstance(last.get("expression"), str) else "Should have required property 'expression'"
    if not all(isinstance(name, str) for name in names):
        return "Should be strings, with one object at the end"
    if is_first and any(name in SAME for name in names):
        return "Should NOT repeat a row before it: there is none"
    shortened = "..." in names
    if not shortened and (len(names) < 2 or len(names) % 2):
        return "Should have a namespace, a metric name, and a value for each dimension"
    if (len(names) - 2) // 2 > MOST_DIMENSIONS:
        return f"Should NOT have more than {MOST_DIMENSIONS} dimensions"
    return None


def _log(path: str, properties: dict[str, Any]) -> Iterator[Message]:
    yield from _required(path, properties, region=str, query=str)
    yield from _one_of(path, properties, "view", LOG_VIEWS)


def _alarm(path: str, properties: dict[str, Any]) -> Iterator[Message]:
    yield from _required(path, properties, alarms=list)
    yield from _one_of(path, properties, "sortBy", SORTS)
    alarms, states = properties.get("alarms"), properties.get("states", [])
    if isinstance(alarms, list):
        if len(alarms) > MOST_ALARMS:
            yield Message(f"{path}/alarms", f"Should NOT have more than {MOST_ALARMS} items")
        if not all(isinstance(arn, str) and arn.startswith("arn:") and ":alarm:" in arn for arn in alarms):
            yield Message(f"{path}/alarms", "Should be ARNs of alarms")
    if not isinstance(states, list) or not all(state in ALARM_STATES for state in states):
        yield Message(f"{path}/states", f"Should be some of {', '.join(ALARM_STATES)}")


def _explorer(path: str, properties: dict[str, Any]) -> Iterator[Message]:
    yield from _required(path, properties, aggregateBy=dict, labels=list, metrics=list)


def _custom(path: str, properties: dict[str, Any]) -> Iterator[Message]:
    yield from _required(path, properties, endpoint=str)


KINDS: dict[str, Callable[[str, dict[str, Any]], Iterator[Message]]] = {
    "metric": _metric,
    "text": _text,
    "log": _log,
    "alarm": _alarm,
    "explorer": _explorer,
    "custom": _custom,
}
