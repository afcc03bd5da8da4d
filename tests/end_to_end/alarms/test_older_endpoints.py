"""An endpoint that is there for a while: its silence is watched after a week, and its metrics are expected after an hour."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from deployment.alarms import Alarms, dimensions
from deployment.developer import Developer
from deployment.drawbridge import Drawbridge
from deployment.topics import Topic
from emulator.clients import REGION
from emulator.organization_sample import WORKLOADS_MEMBER, EndpointService

from . import rules
from .watched import await_alarms_of_endpoint, await_held, connect, sweep

TWO_HOURS, EIGHT_DAYS = 2 * 3600, 8 * 24 * 3600


@pytest.fixture(autouse=True)
def ages(drawbridge: Drawbridge, configured: None) -> Iterator[None]:
    """Afterwards endpoints begin young again."""
    yield
    age(drawbridge, 0)


def age(drawbridge: Drawbridge, seconds: int) -> None:
    """Have endpoints be so old when they are made."""
    drawbridge.aws.control("POST", "settings", {"endpoint_age_seconds": seconds})


def publish(drawbridge: Drawbridge, *metrics: str, **given: str) -> None:
    """Let PrivateLink tell of an endpoint of the member account."""
    pairs = [{"Name": name.replace("_", " "), "Value": value} for name, value in given.items()]
    data = [{"MetricName": metric, "Value": 1.0, "Unit": "Count", "Dimensions": pairs} for metric in metrics]
    place = {"account": WORKLOADS_MEMBER, "region": REGION, "namespace": "AWS/PrivateLinkEndpoints"}
    drawbridge.aws.control("POST", "metrics", place | {"metric_data": data})


def test_silence_of_an_endpoint_is_told_once_it_is_a_week_old(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms, topics: dict[str, Topic]
) -> None:
    young = connect(drawbridge, developer, service)
    age(drawbridge, EIGHT_DAYS)
    old = connect(drawbridge, developer, service)
    await_alarms_of_endpoint(drawbridge, alarms, young)
    idle = await_alarms_of_endpoint(drawbridge, alarms, old, rules.OF_ENDPOINT | {"idle"})["idle"]
    assert (idle["MetricName"], idle["Statistic"], idle["ComparisonOperator"]) == (
        "BytesProcessed",
        "Sum",
        "LessThanThreshold",
    )
    assert (idle["Period"], idle["EvaluationPeriods"], idle["TreatMissingData"]) == (86_400, 7, "breaching")
    assert dimensions(idle)["VPC Endpoint Id"] == old
    assert idle["AlarmActions"] == [topics["info"].arn]


def test_endpoint_whose_traffic_is_told_with_other_dimensions_is_told_unless_it_is_new(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms, since: int
) -> None:
    young = connect(drawbridge, developer, service)
    age(drawbridge, TWO_HOURS)
    doubtful, sound, quiet = (connect(drawbridge, developer, service) for _ in range(3))
    for endpoint in (young, doubtful, sound, quiet):
        await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    # As if AWS told of an endpoint without its VPC.
    for endpoint in (young, doubtful):
        more = {"Endpoint_Type": "Interface", "Service_Name": service.name, "VPC_Endpoint_Id": endpoint}
        publish(drawbridge, "PacketsDropped", "RstPacketsReceived", **more)
    drawbridge.aws.control("POST", f"traffic/{sound}", {})
    drawbridge.end_environments()
    sweep(drawbridge)
    line = await_held(drawbridge, since, doubtful, reason="NO_METRIC")
    assert f'VPC Endpoint Id="{doubtful}"' in line["detail"]
    told = [held["name"] for held in drawbridge.publish_alarms.log.decisions(since, reason="NO_METRIC")]
    mine = [name for name in told if any(endpoint in name for endpoint in (young, sound, quiet, doubtful))]
    assert sorted(mine) == sorted(f"{alarms.endpoint_prefix(doubtful)}{profile}" for profile in rules.OF_ENDPOINT)
