"""What PutMetricAlarm takes and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from ..cloudwatch.metrics_insights import BadQuery, parse
from .parties import error_of
from .running import RunningEmulator
from .sample_alarms import ALARM, BY_ENDPOINT, ON_METRICS, Client, described, metric, put, query

BAND = query("ANOMALY_DETECTION_BAND(m1, 2)")
ON_BAND = {
    "EvaluationPeriods": 3,
    "ComparisonOperator": "GreaterThanUpperThreshold",
    "ThresholdMetricId": "q1",
    "Metrics": [metric("m1", returned=True), BAND],
}
SHARE = query("100 * DIFF(m1) / (m1 - DIFF(m1))", ReturnData=True)


def without(settings: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name not in names}


@pytest.mark.parametrize(
    "settings",
    [
        ALARM,
        ALARM | {"Period": 10, "EvaluationPeriods": 8640},
        ALARM | {"Period": 3600, "EvaluationPeriods": 168, "TreatMissingData": "breaching"},
        ALARM | {"EvaluationPeriods": 5, "DatapointsToAlarm": 3},
        without(ALARM, "Statistic") | {"ExtendedStatistic": "p99"},
        without(ALARM, "Dimensions"),
        ON_METRICS | {"Metrics": [metric("m1"), SHARE]},
        ON_METRICS | {"Metrics": [query(BY_ENDPOINT, Period=60)]},
        ON_METRICS | {"Metrics": [metric("m1", returned=True) | {"AccountId": "444444444444"}]},
        ON_BAND,
    ],
)
def test_alarm_may_be(client: Client, settings: dict[str, Any]) -> None:
    client("cloudwatch").put_metric_alarm(AlarmName="drawbridge/main/1/endpoint/vpce-1/idle", **settings)


@pytest.mark.parametrize(
    "settings",
    [
        without(ALARM, "MetricName"),
        without(ALARM, "Namespace"),
        without(ALARM, "Period"),
        without(ALARM, "Statistic"),
        without(ALARM, "Threshold"),
        without(ALARM, "EvaluationPeriods"),
        without(ALARM, "ComparisonOperator"),
        ALARM | {"Metrics": [metric("m1", returned=True)]},
        ALARM | {"ExtendedStatistic": "p99"},
        ALARM | {"Period": 90},
        ALARM | {"Period": 60, "EvaluationPeriods": 1441},
        ALARM | {"Period": 3600, "EvaluationPeriods": 169},
        ALARM | {"DatapointsToAlarm": 2},
        ALARM | {"ComparisonOperator": "Above"},
        ALARM | {"ComparisonOperator": "GreaterThanUpperThreshold"},
        ALARM | {"ThresholdMetricId": "q1"},
        ALARM | {"Statistic": "Median"},
        ALARM | {"TreatMissingData": "ignored"},
        ALARM | {"AlarmDescription": "d" * 1025},
        ALARM | {"AlarmActions": [f"arn:aws:sns:eu-west-1:222222222222:t{number}" for number in range(6)]},
        ALARM | {"OKActions": ["topic"]},
        ALARM | {"OKActions": ["arn:aws:sns:us-east-1:222222222222:alarms"]},
        ALARM | {"Tags": [{"Key": f"k{number}", "Value": "v"} for number in range(51)]},
        ALARM | {"Tags": [{"Key": "aws:owner", "Value": "v"}]},
        ON_METRICS | {"Metrics": [metric("m1"), metric("m2")]},
        ON_METRICS | {"Metrics": [metric("m1", True), metric("m2", True)]},
        ON_METRICS | {"Metrics": [metric("m1", True), metric("m1")]},
        ON_METRICS | {"Metrics": [metric("M1", True)]},
        ON_METRICS | {"Metrics": [metric("m1", True)], "Period": 60},
        ON_METRICS | {"Metrics": [metric("m2"), SHARE]},
        ON_METRICS | {"Metrics": [metric("m1"), query("100 * DIF(m1)")]},
        ON_METRICS | {"Metrics": [metric("m1"), query("100 * (m1")]},
        ON_METRICS | {"Metrics": [query(BY_ENDPOINT)]},
        ON_METRICS | {"Metrics": [query("SELECT SUM(x) FROM AWS/EC2", Period=60)]},
        ON_METRICS | {"Metrics": [query(BY_ENDPOINT, Period=60), {**query(BY_ENDPOINT, Period=60), "Id": "q2"}]},
        without(ON_BAND, "ThresholdMetricId"),
        ON_BAND | {"Threshold": 1.0},
        ON_BAND | {"ThresholdMetricId": "m1"},
        ON_BAND | {"ComparisonOperator": "GreaterThanThreshold"},
    ],
)
def test_alarm_may_not_be(client: Client, settings: dict[str, Any]) -> None:
    assert error_of(client("cloudwatch").put_metric_alarm, AlarmName="a", **settings) == "ValidationError"
    assert client("cloudwatch").describe_alarms()["MetricAlarms"] == []


@pytest.mark.parametrize("name", ["a" * 256, "two\nlines"])
def test_name_has_255_characters_and_none_of_control(client: Client, name: str) -> None:
    assert error_of(client("cloudwatch").put_metric_alarm, AlarmName=name, **ALARM) == "ValidationError"


@pytest.mark.parametrize(
    "text",
    [
        BY_ENDPOINT,
        "SELECT AVG(CPUUtilization) FROM \"AWS/EC2\" WHERE InstanceType = 't3.micro' AND Zone != 'a'",
        """select max(RstPacketsSent) from schema("AWS/PrivateLinkServices", "Service Id", "VPC Endpoint Id")
        WHERE "Service Id" = 'vpce-svc-1' GROUP BY "VPC Endpoint Id" ORDER BY MAX() ASC LIMIT 500""",
        "SELECT COUNT(m) FROM Drawbridge WHERE tag.team = 'shop' ORDER BY COUNT() LIMIT 1",
    ],
)
def test_query_may_be(text: str) -> None:
    assert parse(text).metric


@pytest.mark.parametrize(
    "text",
    [
        "SELECT SUM(m) FROM AWS/EC2",
        "SELECT MEDIAN(m) FROM n",
        "SELECT SUM(m)",
        "SELECT SUM(VPC Endpoint) FROM n",
        "SELECT SUM(m) FROM n GROUP BY VPC Endpoint Id",
        'SELECT SUM(m) FROM n WHERE a = "b"',
        "SELECT SUM(m) FROM n WHERE a > 'b'",
        "SELECT SUM(m) FROM n WHERE a = 'b' OR a = 'c'",
        "SELECT SUM(m) FROM n ORDER BY m DESC",
        "SELECT SUM(m) FROM n LIMIT 501",
        "SELECT SUM(m) FROM n LIMIT 1 GROUP BY a",
        "SELECT SUM(m) FROM n;",
        "SELECT SUM(m) FROM SCHEMA(n",
        "SELECT SUM(m) FROM n WHERE a = 'b",
    ],
)
def test_query_may_not_be(text: str) -> None:
    with pytest.raises(BadQuery):
        parse(text)


def test_tags_of_an_alarm_that_is_there_are_ignored(client: Client) -> None:
    put(client, "a", Tags=[{"Key": "owner", "Value": "main"}])
    put(client, "a", Tags=[{"Key": "owner", "Value": "other"}, {"Key": "more", "Value": "yes"}])
    arn = described(client, "a")["AlarmArn"]
    tags = client("cloudwatch").list_tags_for_resource(ResourceARN=arn)["Tags"]
    assert tags == [{"Key": "owner", "Value": "main"}]


def test_region_has_a_quota_of_alarms_and_one_of_queries(client: Client, emulator: RunningEmulator) -> None:
    emulator.control("POST", "settings", {"alarms_per_region": 2, "insights_alarms_per_region": 1})
    cloudwatch, fleet = client("cloudwatch"), ON_METRICS | {"Metrics": [query(BY_ENDPOINT, Period=60)]}
    cloudwatch.put_metric_alarm(AlarmName="a", **fleet)
    cloudwatch.put_metric_alarm(AlarmName="a", **fleet)
    assert error_of(cloudwatch.put_metric_alarm, AlarmName="b", **fleet) == "LimitExceeded"
    put(client, "b")
    assert error_of(cloudwatch.put_metric_alarm, AlarmName="c", **ALARM) == "LimitExceeded"
    assert error_of(cloudwatch.put_composite_alarm, AlarmName="c", AlarmRule="TRUE") == "LimitExceeded"
    put(client, "b", Threshold=7.0)
    client("cloudwatch", region="us-east-1").put_metric_alarm(AlarmName="c", **ALARM)
