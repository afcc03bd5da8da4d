"""CloudWatch speaks three protocols; the Rust SDK's is the one with CBOR."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import botocore.model
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ..cbor import decode, encode
from .running import HUB, REGION, RunningEmulator
from .sample_alarms import ALARM, BY_ENDPOINT, ON_METRICS, query

PROTOCOLS = ("smithy-rpc-v2-cbor", "json", "query")
Speaking = Callable[[str], Any]


@pytest.fixture
def speaking(emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch) -> Speaking:
    """`speaking(protocol)`: a client that has no other."""

    def make(protocol: str) -> Any:
        monkeypatch.setattr(botocore.model, "PRIORITY_ORDERED_SUPPORTED_PROTOCOLS", (protocol,))
        session = boto3.Session(aws_access_key_id=HUB, aws_secret_access_key="any", region_name=REGION)
        config = Config(retries={"total_max_attempts": 1})
        client = session.client("cloudwatch", endpoint_url=emulator.url, config=config)
        assert client.meta.service_model.resolved_protocol == protocol
        return client

    return make


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_alarm_comes_back_as_it_was_put(speaking: Speaking, protocol: str) -> None:
    cloudwatch = speaking(protocol)
    wanted = {**ALARM, "ActionsEnabled": False, "Threshold": 2.5, "AlarmDescription": "Größer als zweieinhalb"}
    cloudwatch.put_metric_alarm(AlarmName="a/b", **wanted, Tags=[{"Key": "drawbridge:owner", "Value": "main"}])
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=["a/b"])["MetricAlarms"]
    assert {name: alarm[name] for name in wanted} == wanted
    assert datetime.now(UTC) - alarm["StateUpdatedTimestamp"] < timedelta(hours=1)
    tags = cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
    assert tags == [{"Key": "drawbridge:owner", "Value": "main"}]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_queries_come_back_as_they_were_put(speaking: Speaking, protocol: str) -> None:
    cloudwatch = speaking(protocol)
    metrics = [query(BY_ENDPOINT, Period=60, ReturnData=True)]
    cloudwatch.put_metric_alarm(AlarmName="fleet", Metrics=metrics, **ON_METRICS)
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert alarm["Metrics"] == metrics
    assert "Namespace" not in alarm


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_composite_alarms_come_in_a_list_of_their_own(speaking: Speaking, protocol: str) -> None:
    cloudwatch = speaking(protocol)
    cloudwatch.put_composite_alarm(AlarmName="down", AlarmRule="FALSE")
    answer = cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    assert answer["MetricAlarms"] == []
    assert [alarm["AlarmName"] for alarm in answer["CompositeAlarms"]] == ["down"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_errors_have_the_code_that_all_protocols_know(speaking: Speaking, protocol: str) -> None:
    cloudwatch = speaking(protocol)
    with pytest.raises(ClientError) as refused:
        cloudwatch.delete_alarms(AlarmNames=["gone"])
    error = refused.value.response
    assert error["Error"]["Code"] == "ResourceNotFound"
    assert "gone" in error["Error"]["Message"]
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 404
    with pytest.raises(ClientError) as refused:
        cloudwatch.put_metric_alarm(AlarmName="a", **ALARM | {"Period": 61})
    assert refused.value.response["Error"]["Code"] == "ValidationError"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_refused_dashboard_says_what_is_wrong(speaking: Speaking, protocol: str) -> None:
    cloudwatch = speaking(protocol)
    with pytest.raises(cloudwatch.exceptions.DashboardInvalidInputError) as refused:
        cloudwatch.put_dashboard(DashboardName="d", DashboardBody='{"widgets": [{"type": "text", "properties": {}}]}')
    (message,) = refused.value.response["dashboardValidationMessages"]
    assert message["DataPath"] == "/widgets/0/properties"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_data_are_taken_compressed_too(speaking: Speaking, protocol: str) -> None:
    cloudwatch = speaking(protocol)
    many = [{"MetricName": f"metric-{number}", "Value": 1.0, "Unit": "Count"} for number in range(600)]
    cloudwatch.put_metric_data(Namespace="Drawbridge", MetricData=many)
    pages = [*cloudwatch.get_paginator("list_metrics").paginate(Namespace="Drawbridge")]
    assert [len(page["Metrics"]) for page in pages] == [500, 100]


def test_headers_are_those_that_the_rust_sdk_reads(emulator: RunningEmulator, speaking: Speaking) -> None:
    cloudwatch = speaking("smithy-rpc-v2-cbor")
    headers = cloudwatch.describe_alarms()["ResponseMetadata"]["HTTPHeaders"]
    assert (headers["smithy-protocol"], headers["content-type"]) == ("rpc-v2-cbor", "application/cbor")
    emulator.control("POST", "faults", {"service": "cloudwatch", "operation": "*", "code": "Throttling"})
    with pytest.raises(ClientError) as refused:
        cloudwatch.describe_alarms()
    headers = refused.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amzn-query-error"] == "Throttling;Sender"
    assert refused.value.response["Error"]["Message"] == "This failure was ordered."


def test_what_moto_answers_is_answered_in_cbor_as_well(speaking: Speaking) -> None:
    cloudwatch = speaking("smithy-rpc-v2-cbor")
    cloudwatch.put_metric_data(Namespace="Drawbridge", MetricData=[{"MetricName": "HeldSeconds", "Value": 12.5}])
    now = datetime.now(UTC)
    points = cloudwatch.get_metric_statistics(
        Namespace="Drawbridge",
        MetricName="HeldSeconds",
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    assert [point["Maximum"] for point in points] == [12.5]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_ordered_faults_throttle_and_are_counted(emulator: RunningEmulator, speaking: Speaking, protocol: str) -> None:
    fault = {"service": "cloudwatch", "operation": "PutMetricAlarm", "code": "Throttling", "http_status": 400}
    emulator.control("POST", "faults", fault)
    with pytest.raises(ClientError) as refused:
        speaking(protocol).put_metric_alarm(AlarmName="a", **ALARM)
    assert refused.value.response["Error"]["Code"] == "Throttling"
    (call,) = emulator.calls(service="cloudwatch", operation="PutMetricAlarm")
    assert (call["error"], call["parameters"]["AlarmName"]) == ("Throttling", "a")


def test_request_of_the_rust_sdk_is_understood(emulator: RunningEmulator) -> None:
    """It begins maps and lists without saying how long they are."""
    scope = f"{HUB}/20261123/{REGION}/monitoring/aws4_request"
    headers = {
        "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "content-type": "application/cbor",
        "accept": "application/cbor",
        "smithy-protocol": "rpc-v2-cbor",
        "x-amzn-query-mode": "true",
    }

    def ask(operation: str, body: bytes) -> Any:
        url = f"{emulator.url}/service/GraniteServiceVersion20100801/operation/{operation}"
        with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as response:
            assert response.headers["smithy-protocol"] == "rpc-v2-cbor"
            return response.read()

    endless = {**ALARM, "AlarmName": "drawbridge/a", "Threshold": 1.5}
    assert (
        decode(ask("PutMetricAlarm", b"\xbf" + b"".join(encode(k) + encode(v) for k, v in endless.items()) + b"\xff"))
        == {}
    )
    (alarm,) = decode(ask("DescribeAlarms", b"\xbf\xff"))["MetricAlarms"]
    assert (alarm["AlarmName"], alarm["Threshold"]) == ("drawbridge/a", 1.5)
    assert isinstance(alarm["StateUpdatedTimestamp"], datetime)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        23,
        24,
        255,
        256,
        65_536,
        2**40,
        -1,
        -500,
        1.5,
        "",
        "Ü" * 30,
        b"bytes",
        [1, ["two"]],
        {"key": {"deep": [False]}},
        datetime(2026, 11, 23, 20, 0, 0, 500_000, tzinfo=UTC),
    ],
)
def test_what_is_encoded_is_decoded_again(value: Any) -> None:
    assert decode(encode(value)) == value


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("bfff", {}),
        ("bf616101ff", {"a": 1}),
        ("bf61619f6162ff6163f5ff", {"a": ["b"], "c": True}),
        ("bf6161c1fb41d954fc40200000ff", {"a": datetime.fromtimestamp(1_700_000_000.5, UTC)}),
    ],
)
def test_bodies_of_unknown_length_are_read(body: str, value: Any) -> None:
    assert decode(bytes.fromhex(body)) == value
