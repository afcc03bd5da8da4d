"""Dashboards: what a body may be, and the one set of them that an account has."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .parties import error_of
from .running import HUB, RunningEmulator
from .sample_alarms import Client

ROW = ["AWS/PrivateLinkServices", "BytesProcessed", "Service Id", "vpce-svc-1"]
ALARM_ARN = f"arn:aws:cloudwatch:eu-west-1:{HUB}:alarm:a"
EMPTY = '{"widgets": []}'


def body(*widgets: dict[str, Any], **more: Any) -> str:
    return json.dumps({"widgets": [*widgets], **more})


def widget(kind: str, properties: Any, **more: Any) -> dict[str, Any]:
    return {"type": kind, "x": 0, "y": 0, "width": 12, "height": 6, "properties": properties, **more}


def metrics(*rows: Any, **more: Any) -> dict[str, Any]:
    return widget("metric", {"region": "eu-west-1", "metrics": [*rows], **more})


TEXT = widget("text", {"markdown": "drawbridge:owner=main"})
TAKEN = {
    "nothing": body(),
    "a text": body(TEXT, start="-PT3H", periodOverride="inherit"),
    "where it may": body({"type": "text", "properties": {"markdown": ""}}),
    "metrics": body(metrics(ROW, [".", "NewConnections", ".", "."], ["..."], [*ROW, {"stat": "Sum"}], period=60)),
    "another account's": body(metrics([*ROW, {"accountId": "444444444444"}])),
    "an expression": body(metrics([{"expression": "SELECT SUM(m) FROM n", "id": "q1"}], view="timeSeries")),
    "an alarm's metric": body(widget("metric", {"region": "eu-west-1", "annotations": {"alarms": [ALARM_ARN]}})),
    "a log": body(widget("log", {"region": "eu-west-1", "query": "SOURCE 'g' | fields @message"})),
    "alarms": body(widget("alarm", {"alarms": [ALARM_ARN], "title": "Alarms", "states": ["ALARM"]})),
    "an explorer": body(widget("explorer", {"aggregateBy": {"key": "*", "func": "SUM"}, "labels": [], "metrics": []})),
    "2,500 metrics": body(*[metrics(*[ROW] * 500)] * 5),
}
REFUSED = {
    "no JSON": ("{", ""),
    "no object": ("[]", ""),
    "no widgets": ("{}", ""),
    "501 widgets": (body(*[TEXT] * 501), "/widgets"),
    "501 metrics": (body(metrics(*[ROW] * 501)), "/widgets/0/properties/metrics"),
    "2,501 metrics": (body(*[metrics(*[ROW] * 500)] * 5, metrics(ROW)), "/widgets"),
    "unknown type": (body(TEXT, widget("chart", {})), "/widgets/1/type"),
    "too far right": (body(TEXT | {"x": 24}), "/widgets/0/x"),
    "too far up": (body(TEXT | {"y": -1}), "/widgets/0/y"),
    "too wide": (body(TEXT | {"width": 25}), "/widgets/0/width"),
    "no height": (body(TEXT | {"height": 0}), "/widgets/0/height"),
    "half a unit": (body(TEXT | {"width": 1.5}), "/widgets/0/width"),
    "no properties": (body({"type": "text"}), "/widgets/0"),
    "no markdown": (body(widget("text", {})), "/widgets/0/properties"),
    "no Region": (body(widget("metric", {"metrics": [ROW]})), "/widgets/0/properties"),
    "no metrics": (body(widget("metric", {"region": "eu-west-1"})), "/widgets/0/properties"),
    "half a dimension": (body(metrics(ROW[:3])), "/widgets/0/properties/metrics/0"),
    "nothing to repeat": (body(metrics([".", "m"])), "/widgets/0/properties/metrics/0"),
    "unknown view": (body(metrics(ROW, view="sparkle")), "/widgets/0/properties/view"),
    "no query": (body(widget("log", {"region": "eu-west-1"})), "/widgets/0/properties"),
    "no alarms": (body(widget("alarm", {})), "/widgets/0/properties"),
    "101 alarms": (body(widget("alarm", {"alarms": [ALARM_ARN] * 101})), "/widgets/0/properties/alarms"),
    "names of alarms": (body(widget("alarm", {"alarms": ["a"]})), "/widgets/0/properties/alarms"),
    "no labels": (body(widget("explorer", {"aggregateBy": {}, "metrics": []})), "/widgets/0/properties"),
}


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN)
def test_body_may_have(client: Client, text: str) -> None:
    answer = client("cloudwatch").put_dashboard(DashboardName="d", DashboardBody=text)
    assert answer["DashboardValidationMessages"] == []
    assert client("cloudwatch").get_dashboard(DashboardName="d")["DashboardBody"] == text


@pytest.mark.parametrize(("text", "path"), REFUSED.values(), ids=REFUSED)
def test_body_may_not_have(client: Client, text: str, path: str) -> None:
    with pytest.raises(ClientError) as refused:
        client("cloudwatch").put_dashboard(DashboardName="d", DashboardBody=text)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterInput"
    messages = refused.value.response["dashboardValidationMessages"]
    assert path in {message["DataPath"] for message in messages}
    assert client("cloudwatch").list_dashboards()["DashboardEntries"] == []


def test_what_is_not_known_is_warned_of(client: Client) -> None:
    answer = client("cloudwatch").put_dashboard(DashboardName="d", DashboardBody=body(TEXT | {"colour": "red"}))
    assert [message["DataPath"] for message in answer["DashboardValidationMessages"]] == ["/widgets/0/colour"]
    assert client("cloudwatch").get_dashboard(DashboardName="d")["DashboardName"] == "d"


@pytest.mark.parametrize("name", ["a/b", "a b", "", "a" * 256])
def test_name_has_letters_digits_dashes_and_underscores(client: Client, name: str) -> None:
    put = client("cloudwatch").put_dashboard
    assert error_of(put, DashboardName=name, DashboardBody=EMPTY) == "InvalidParameterInput"
    put(DashboardName="drawbridge-main_1", DashboardBody=EMPTY)


def test_dashboards_are_the_same_in_all_regions_but_not_in_all_accounts(client: Client) -> None:
    client("cloudwatch").put_dashboard(DashboardName="d", DashboardBody=EMPTY)
    there = client("cloudwatch", region="us-east-1")
    (entry,) = there.list_dashboards()["DashboardEntries"]
    assert (entry["DashboardArn"], entry["Size"]) == (f"arn:aws:cloudwatch::{HUB}:dashboard/d", len(EMPTY))
    there.put_dashboard(DashboardName="d", DashboardBody=body(TEXT))
    assert client("cloudwatch").get_dashboard(DashboardName="d")["DashboardBody"] == body(TEXT)
    assert client("cloudwatch", account="444444444444").list_dashboards()["DashboardEntries"] == []


def test_dashboards_are_listed_by_prefix_and_in_pages(client: Client, emulator: RunningEmulator) -> None:
    cloudwatch = client("cloudwatch")
    for name in ("a-1", "a-2", "a-3", "b-1"):
        cloudwatch.put_dashboard(DashboardName=name, DashboardBody=EMPTY)
    emulator.control("POST", "settings", {"dashboards_page": 2})
    pages = [*cloudwatch.get_paginator("list_dashboards").paginate(DashboardNamePrefix="a-")]
    names = [[entry["DashboardName"] for entry in page["DashboardEntries"]] for page in pages]
    assert names == [["a-1", "a-2"], ["a-3"]]


def test_dashboards_are_deleted_together_or_each_for_itself(client: Client, emulator: RunningEmulator) -> None:
    cloudwatch = client("cloudwatch")
    for name in ("a", "b"):
        cloudwatch.put_dashboard(DashboardName=name, DashboardBody=EMPTY)
    assert error_of(cloudwatch.delete_dashboards, DashboardNames=["a", "gone"]) == "ResourceNotFound"
    assert len(cloudwatch.list_dashboards()["DashboardEntries"]) == 2
    emulator.control("POST", "settings", {"dashboard_deletion": "each"})
    assert error_of(cloudwatch.delete_dashboards, DashboardNames=["a", "gone"]) == "ResourceNotFound"
    assert len(cloudwatch.list_dashboards()["DashboardEntries"]) == 1
    cloudwatch.delete_dashboards(DashboardNames=["b"])
    assert error_of(cloudwatch.get_dashboard, DashboardName="b") == "ResourceNotFound"
