"""The dashboard of Drawbridge itself is built as CloudWatch documents it, and shows first what matters first."""

import json
from itertools import combinations
from typing import Any

import pytest
from jsonschema import Draft7Validator

from infra.rendering import HUB_ACCOUNT, HUB_PARAMETERS, REGION, Rendering
from infra.template import REPOSITORY, altered, at, read

HUB = read("hub.yaml")
SCHEMA = json.loads((REPOSITORY / "tests" / "cases" / "dashboard.schema.json").read_text(encoding="utf-8"))
BODY = "Resources/Overview/Properties/DashboardBody/Fn::Sub/0"
# Metrics of one widget and of one dashboard (CloudWatch quotas).
METRICS_OF_A_WIDGET, METRICS_OF_A_DASHBOARD = 500, 2500


def body(template=HUB, **parameters: str) -> dict[str, Any]:
    return json.loads(Rendering(template, HUB_PARAMETERS | parameters).properties("Overview")["DashboardBody"])


def faults(dashboard: dict[str, Any]) -> list[str]:
    """What CloudWatch would refuse or draw badly."""
    found = [f"{fault.json_path}: {fault.message}" for fault in Draft7Validator(SCHEMA).iter_errors(dashboard)]
    widgets = dashboard.get("widgets", [])
    places = [tuple(widget.get(side, 0) for side in ("x", "y", "width", "height")) for widget in widgets]
    found += [f"{place}: beyond the grid" for place in places if place[0] + place[2] > 24]
    found += [f"{one} lies over {other}" for one, other in combinations(places, 2) if overlap(one, other)]
    counts = [len(widget.get("properties", {}).get("metrics", [])) for widget in widgets]
    if max(counts, default=0) > METRICS_OF_A_WIDGET or sum(counts) > METRICS_OF_A_DASHBOARD:
        found.append("too many metrics")
    return found


def overlap(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(one[i] < other[i] + other[i + 2] and other[i] < one[i] + one[i + 2] for i in (0, 1))


def test_the_schema_is_one():
    Draft7Validator.check_schema(SCHEMA)


def test_the_dashboard_is_built_as_documented():
    assert faults(body()) == []
    assert faults(body(RunbookUrl="https://example.com/runbook", HeldRequestHours="2")) == []


TEXT = {"type": "text", "x": 0, "y": 0, "width": 6, "height": 2, "properties": {"markdown": "x"}}
ARN = f"arn:aws:cloudwatch:{REGION}:{HUB_ACCOUNT}:alarm:x"
GRAPH = {"type": "metric", "properties": {"region": REGION, "metrics": [["A", "B", "C", "D"]]}}


def graph(**properties: Any) -> dict[str, Any]:
    return {"widgets": [GRAPH | {"properties": GRAPH["properties"] | properties}]}


@pytest.mark.parametrize(
    "dashboard",
    [
        {"widgets": []},
        {"start": "-PT6H", "periodOverride": "inherit", "widgets": [TEXT]},
        {"start": "-P7D", "widgets": [TEXT]},
        graph(),
        graph(metrics=[["A", "B", {"stat": "p99.9", "label": "x"}], [{"expression": "m1 / 2", "id": "e1"}]]),
        graph(metrics=[["A", "B", "C", "D"], [".", "E", ".", "."], ["...", "F", {"yAxis": "right"}]]),
        graph(annotations={"horizontal": [{"value": 1, "label": "x", "fill": "above"}]}),
        graph(
            annotations={"horizontal": [[{"value": 1}, {"value": 2}]], "vertical": [{"value": "2026-11-23T10:00:00Z"}]}
        ),
        graph(view="gauge", yAxis={"left": {"min": 0, "max": 100}}),
        graph(view="singleValue", sparkline=True, setPeriodToTimeRange=True),
        {"widgets": [{"type": "metric", "properties": {"region": REGION, "annotations": {"alarms": [ARN]}}}]},
        {"widgets": [{"type": "alarm", "properties": {"alarms": [ARN], "states": ["ALARM"], "sortBy": "timestamp"}}]},
        {
            "widgets": [
                {"type": "log", "properties": {"region": REGION, "query": "SOURCE 'x' | limit 1", "view": "bar"}}
            ]
        },
    ],
)
def test_a_sound_dashboard_passes(dashboard):
    assert faults(dashboard) == []


@pytest.mark.parametrize(
    "dashboard",
    [
        {},
        {"widgets": [TEXT] * 501},
        {"widgets": [], "title": "x"},
        {"widgets": [], "start": "6 hours ago"},
        {"widgets": [], "periodOverride": "always"},
        {"widgets": [TEXT | {"type": "heading"}]},
        {"widgets": [TEXT | {"x": 24}]},
        {"widgets": [TEXT | {"width": 25}]},
        {"widgets": [TEXT | {"height": 0}]},
        {"widgets": [TEXT | {"x": 20}]},
        {"widgets": [TEXT, TEXT]},
        {"widgets": [TEXT | {"properties": {}}]},
        {"widgets": [TEXT | {"properties": {"markdown": "x", "color": "red"}}]},
        {"widgets": [{"type": "text"}]},
        {"widgets": [{"type": "metric", "properties": {"region": REGION}}]},
        {"widgets": [{"type": "metric", "properties": {"metrics": [["A", "B"]]}}]},
        {"widgets": [{"type": "alarm", "properties": {"alarms": []}}]},
        {"widgets": [{"type": "alarm", "properties": {"alarms": ["a-name"]}}]},
        {"widgets": [{"type": "alarm", "properties": {"alarms": [ARN] * 101}}]},
        {"widgets": [{"type": "alarm", "properties": {"alarms": [ARN], "states": ["RINGING"]}}]},
        {"widgets": [{"type": "log", "properties": {"query": "limit 1"}}]},
        graph(metric=[["A", "B"]]),
        graph(metrics=[["A"]]),
        graph(metrics=[["A", "B", 1]]),
        graph(metrics=[["A", "B"]] * 501),
        graph(metrics=[[{"expression": "m1", "id": "E1"}]]),
        graph(metrics=[["A", "B", {"statistic": "Sum"}]]),
        graph(period=45),
        graph(stat="Median"),
        graph(stat="p200"),
        graph(view="scatter"),
        graph(view="gauge"),
        graph(stacked="yes"),
        graph(legend={"position": "left"}),
        graph(yAxis={"left": {"minimum": 0}}),
        graph(annotations={"horizontal": [{"label": "x"}]}),
        graph(region="Ireland"),
    ],
)
def test_a_dashboard_that_cloudwatch_would_refuse_is_told(dashboard):
    assert faults(dashboard)


def test_the_dashboard_has_a_name_of_its_own_in_each_region():
    rendering = Rendering(HUB, HUB_PARAMETERS)
    assert rendering.properties("Overview")["DashboardName"] == f"drawbridge-{REGION}-overview"


def not_at_a_glance(dashboard: dict[str, Any], rendering: Rendering) -> list[str]:
    """What a person on call would look for in vain."""
    first = min(dashboard["widgets"], key=lambda widget: (widget["y"], widget["x"]))
    names = [alarm["AlarmName"] for alarm in rendering.of_type("AWS::CloudWatch::Alarm").values()]
    names += [alarm["AlarmName"] for alarm in rendering.of_type("AWS::CloudWatch::CompositeAlarm").values()]
    arns = {f"arn:aws:cloudwatch:{REGION}:{HUB_ACCOUNT}:alarm:{name}" for name in names}
    missing = []
    if first["type"] != "alarm" or first["width"] != 24 or first["properties"]["sortBy"] != "stateUpdatedTimestamp":
        missing.append("the alarms, what rings first")
    elif set(first["properties"]["alarms"]) != arns:
        missing.append("all alarms")
    lines = [line for widget in dashboard["widgets"] for line in widget["properties"].get("metrics", [])]
    shown = json.dumps(lines)
    functions = {found["FunctionName"] for found in rendering.of_type("AWS::Lambda::Function").values()}
    queues = {found["QueueName"] for found in rendering.of_type("AWS::SQS::Queue").values()}
    graphs = [{part for part in line if isinstance(part, str)} for line in lines]
    for metric in ("Errors", "Duration", "ConcurrentExecutions", "Throttles"):
        missing += [f"{metric} of {name}" for name in functions if not any({metric, name} <= graph for graph in graphs)]
    for metric in ("CallsFailed", "CallsThrottled"):
        short = {name.removeprefix("drawbridge-") for name in functions}
        missing += [f"{metric} of {name}" for name in short if not any({metric, name} <= graph for graph in graphs)]
    missing += [f"queue {name}" for name in queues if f'"{name}"' not in shown]
    missing += [metric for metric in ("AnswerSeconds", "HeldSeconds", "SweepSeconds") if metric not in shown]
    queries = [widget["properties"]["query"] for widget in dashboard["widgets"] if widget["type"] == "log"]
    if not any("hold" in query for query in queries) or not any("ERROR" in query for query in queries):
        missing.append("the last words of the log")
    return sorted(missing)


def test_everything_that_goes_wrong_is_seen_at_a_glance():
    assert not_at_a_glance(body(), Rendering(HUB, HUB_PARAMETERS)) == []


@pytest.mark.parametrize(
    ("shown", "instead", "expected"),
    [
        ('"sortBy": "stateUpdatedTimestamp"', '"sortBy": "default"', "the alarms, what rings first"),
        ('"${HealthAlarm.Arn}",', "", "all alarms"),
        (
            '"AWS/Lambda", "Errors", "FunctionName", "${AlarmsFunction}"',
            '"A", "B"',
            "Errors of drawbridge-publish-alarms",
        ),
        (
            '"AWS/Lambda", "Throttles", "FunctionName", "${CloudMapFunction}"',
            '"A", "B"',
            "Throttles of drawbridge-sync-cloud-map",
        ),
        ('"${TagsDeadLetters.QueueName}"', '"x"', "queue drawbridge-tag-resources-dead-letters"),
        ("AnswerSeconds", "Latency", "AnswerSeconds"),
        ('\\"ERROR\\"', '\\"WARN\\"', "the last words of the log"),
    ],
)
def test_what_is_not_seen_is_told(shown, instead, expected):
    text = at(HUB, BODY)
    assert shown in text
    template = altered(HUB, BODY, text.replace(shown, instead))
    assert expected in not_at_a_glance(body(template), Rendering(template, HUB_PARAMETERS))


def test_log_groups_of_the_queries_are_those_of_the_functions():
    rendering = Rendering(HUB, HUB_PARAMETERS)
    groups = {found["LogGroupName"] for found in rendering.of_type("AWS::Logs::LogGroup").values()}
    queries = [widget["properties"]["query"] for widget in body()["widgets"] if widget["type"] == "log"]
    assert all(f"SOURCE '{group}'" in queries[-1] for group in groups)
