"""The sweep makes good what no event told of, costs reads alone when all is in step, and says which alarms watch nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from deployment.alarms import Alarms
from deployment.developer import Developer
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.clients import REGION
from emulator.organization_sample import HUB, PROVIDER, EndpointService

from ..function_calls import count_operations
from . import rules
from .conftest import CONSUMERS
from .watched import (
    Behind,
    await_alarms_of_endpoint,
    await_alarms_of_service,
    await_held,
    calls_of,
    connect,
    put_behind,
    sweep,
    written,
)

PROVIDERS = (HUB, PROVIDER)
Configure = Callable[..., None]


def publish(drawbridge: Drawbridge, service: EndpointService, *metrics: str, **dimensions: str) -> None:
    """Let PrivateLink tell of a service."""
    given = [{"Name": name.replace("_", " "), "Value": value} for name, value in dimensions.items()]
    data = [{"MetricName": metric, "Value": 1.0, "Unit": "Count", "Dimensions": given} for metric in metrics]
    place = {"account": service.account, "region": REGION, "namespace": "AWS/PrivateLinkServices"}
    drawbridge.aws.control("POST", "metrics", place | {"metric_data": data})


def test_sweep_of_a_world_in_step_reads_and_writes_nothing(
    drawbridge: Drawbridge,
    developer: Developer,
    at_home: Developer,
    offered: EndpointService,
    behind: Behind,
    alarms: Alarms,
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    connect(drawbridge, at_home, offered)
    await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    alarms.api.delete_alarms(AlarmNames=[f"{alarms.endpoint_prefix(endpoint)}packets-dropped"])
    # In the first the service's alarm covers those of the endpoint beside it, in the second these become silent.
    for _ in range(2):
        sweep(drawbridge)
    after = drawbridge.aws.last_call()
    # Cold, so that nothing is known and all is read.
    drawbridge.end_environments()
    sweep(drawbridge)
    assert written(drawbridge, after) == []
    calls = calls_of(drawbridge, after)
    # Tags are asked for before something is changed, and only then.
    assert "ListTagsForResource" not in count_operations(calls)
    for consumer in set(CONSUMERS) - {HUB}:
        in_place = count_operations([call for call in calls if call["account"] == consumer])
        assert in_place["DescribeAlarms"] == 1, consumer
        assert in_place["ListMetrics"] <= 1, consumer
    for provider in PROVIDERS:
        in_place = count_operations([call for call in calls if call["account"] == provider])
        assert in_place["ListDashboards"] == 1
        looked_after = [known for known in drawbridge.sample.services.values() if known.opted_in]
        assert in_place["GetDashboard"] == sum(known.account == provider for known in looked_after)


def test_second_sweep_of_a_warm_function_lists_no_metrics(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms
) -> None:
    endpoint = connect(drawbridge, developer, service)
    await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    drawbridge.aws.control("POST", "settings", {"environments_of_a_function": 1})
    drawbridge.end_environments()
    counts = []
    for _ in range(2):
        after = drawbridge.aws.last_call()
        sweep(drawbridge)
        counts.append(count_operations(calls_of(drawbridge, after))["ListMetrics"])
    assert counts[0] > 0
    assert counts[1] == 0


def test_endpoint_and_service_that_no_event_told_of_get_their_alarms_by_the_sweep(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, alarms: Alarms, alarms_of_hub: Alarms
) -> None:
    drawbridge.publish_alarms.enable_mapping(False)
    endpoint = connect(drawbridge, developer, offered)
    behind = put_behind(drawbridge, offered)
    for function in drawbridge.functions[:-1]:
        function.settle()
    drawbridge.publish_alarms.forget_messages()
    drawbridge.publish_alarms.enable_mapping(True)
    assert alarms.of_endpoint(endpoint) == {}
    drawbridge.sweep()
    await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    wanted = behind.alarms | rules.COMPOSITES
    await_alarms_of_service(drawbridge, alarms_of_hub, offered, wanted)


def test_dashboard_of_somebody_else_with_our_name_is_left_and_told(
    drawbridge: Drawbridge, of_provider: EndpointService, alarms_of_provider: Alarms, since: int
) -> None:
    name = alarms_of_provider.dashboard_name(of_provider.id)
    theirs = '{"widgets": [{"type": "text", "properties": {"markdown": "our own"}}]}'
    assert alarms_of_provider.dashboards(of_provider.id) == [name]
    alarms_of_provider.api.put_dashboard(DashboardName=name, DashboardBody=theirs)
    sweep(drawbridge)
    await_held(drawbridge, since, name, reason="NOT_OWNED")
    widgets = alarms_of_provider.dashboard(name)["widgets"]
    assert [widget["properties"]["markdown"] for widget in widgets] == ["our own"]
    alarms_of_provider.api.delete_dashboards(DashboardNames=[name])


def test_dashboard_that_a_person_changed_is_drawn_again(
    drawbridge: Drawbridge, of_provider: EndpointService, alarms_of_provider: Alarms
) -> None:
    name = alarms_of_provider.dashboard_name(of_provider.id)
    drawn = alarms_of_provider.dashboard(name)
    first = alarms_of_provider.api.get_dashboard(DashboardName=name)["DashboardBody"]
    alarms_of_provider.api.put_dashboard(DashboardName=name, DashboardBody=first.replace("Bytes processed", "Mine"))
    assert alarms_of_provider.dashboard(name) != drawn
    sweep(drawbridge)
    assert alarms_of_provider.dashboard(name) == drawn


def test_alarm_whose_metric_is_missing_among_those_of_the_service_is_told(
    drawbridge: Drawbridge, offered: EndpointService, alarms_of_hub: Alarms, since: int
) -> None:
    quiet = drawbridge.offer_service(notified=[])
    # As if AWS had renamed it.
    publish(drawbridge, offered, "BytesProcessed", "ActiveConnections", "EndpointsCount", Service_Id=offered.id)
    publish(drawbridge, offered, "RstPacketsSent", Service_Identifier=offered.id)
    drawbridge.end_environments()
    sweep(drawbridge)
    resets = f"{alarms_of_hub.service_prefix(offered.id)}resets-sent"
    line = await_held(drawbridge, since, resets, reason="NO_METRIC")
    assert f'Service Id="{offered.id}"' in line["detail"]
    told = drawbridge.publish_alarms.log.decisions(since, reason="NO_METRIC")
    assert [line["name"] for line in told if offered.id in str(line)] == [resets]
    assert not [line for line in told if quiet.id in str(line)], "of one without traffic there are no metrics at all"
    ec2 = drawbridge.aws.client("ec2", HUB)
    ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[quiet.id])
    drawbridge.sample.services = {
        name: known for name, known in drawbridge.sample.services.items() if known.id != quiet.id
    }


def test_no_alarm_is_doubted_when_endpoint_and_service_have_traffic(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, alarms: Alarms, since: int
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    drawbridge.aws.control("POST", f"traffic/{endpoint}", {})
    drawbridge.end_environments()
    after = drawbridge.aws.last_call()
    sweep(drawbridge)
    assert count_operations(calls_of(drawbridge, after))["ListMetrics"] > 0
    told = drawbridge.publish_alarms.log.decisions(since, reason="NO_METRIC")
    assert not [line for line in told if endpoint in str(line) or offered.id in str(line)]


def test_mode_observe_says_what_would_be_made_and_makes_nothing(
    drawbridge: Drawbridge,
    developer: Developer,
    service: EndpointService,
    alarms: Alarms,
    changed_configuration: Configure,
    since: int,
) -> None:
    # What others have made by now is in step: nothing but the endpoint is to be told of.
    sweep(drawbridge)
    changed_configuration({"modes": {"publish-alarms": "observe"}})
    after = drawbridge.aws.last_call()
    endpoint = connect(drawbridge, developer, service)
    drawbridge.settle()
    sweep(drawbridge)
    assert written(drawbridge, after) == []
    assert alarms.of_endpoint(endpoint) == {}
    proposed = drawbridge.publish_alarms.log.decisions(since, decision="publish", result="proposed")
    told = [line for line in proposed if endpoint in str(line.get("vpc_endpoint_id"))]
    assert {line["name"].rpartition("/")[2] for line in told} == rules.OF_ENDPOINT
    assert {line["mode"] for line in told} == {"observe"}
    changed_configuration()
    sweep(drawbridge)
    await_alarms_of_endpoint(drawbridge, alarms, endpoint)


def everything(*places: Alarms) -> list[Any]:
    """All alarms and dashboards of these accounts."""
    return [*(name for place in places for name in place.named()), *(n for place in places for n in place.dashboards())]


def test_remove_takes_away_all_that_was_made_and_nothing_else(
    drawbridge: Drawbridge,
    developer: Developer,
    at_home: Developer,
    offered: EndpointService,
    behind: Behind,
    alarms: Alarms,
    alarms_of_hub: Alarms,
    alarms_of_provider: Alarms,
    changed_configuration: Configure,
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    beside = connect(drawbridge, at_home, offered)
    await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    await_alarms_of_endpoint(drawbridge, alarms_of_hub, beside)
    sweep(drawbridge)
    own = {"AlarmName": "shop/own", "Namespace": "Shop", "MetricName": "Orders", "Statistic": "Sum", "Period": 60}
    compared = {"EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "LessThanThreshold"}
    alarms.api.put_metric_alarm(**own, **compared)
    places = (alarms, alarms_of_hub, alarms_of_provider)
    stands = [len(everything(place)) for place in places]
    assert all(stands)
    changed_configuration(endpoints="remove", services="remove")
    drawbridge.sweep_until(lambda: not everything(*places))
    assert alarms.named("shop/").keys() == {"own"}
    # So does one that comes now.
    late = connect(drawbridge, developer, offered)
    drawbridge.settle()
    assert alarms.of_endpoint(late) == {}
    changed_configuration()
    sweep(drawbridge)
    await_alarms_of_endpoint(drawbridge, alarms, endpoint)


def test_more_removals_than_allowed_are_withheld_and_told(
    drawbridge: Drawbridge,
    developer: Developer,
    service: EndpointService,
    alarms: Alarms,
    changed_configuration: Configure,
    since: int,
) -> None:
    endpoint = connect(drawbridge, developer, service)
    await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    changed_configuration(endpoints="remove", **{"most-removals": 1})
    sweep(drawbridge)
    assert alarms.of_endpoint(endpoint).keys() == rules.OF_ENDPOINT
    what = "it is told that the alarms are withheld"
    withheld = wait_until(
        what,
        lambda: [line for line in drawbridge.publish_alarms.log.decisions(since) if endpoint in str(line)],
        explain=drawbridge.explain,
    )
    assert "alarms.most-removals" in str(withheld)


@pytest.mark.parametrize("profile", ["connections-anomaly", "endpoint-resets"])
def test_profile_that_is_off_unless_it_is_said_is_taken_by_cloudwatch_and_not_written_twice(
    drawbridge: Drawbridge,
    developer: Developer,
    offered: EndpointService,
    alarms: Alarms,
    alarms_of_hub: Alarms,
    changed_configuration: Configure,
    profile: str,
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    changed_configuration(profiles={profile: {"enabled": True}})
    sweep(drawbridge)
    found = alarms.of_endpoint(endpoint) | alarms_of_hub.of_service(offered.id)
    assert profile in found
    after = drawbridge.aws.last_call()
    sweep(drawbridge)
    assert written(drawbridge, after) == []


# With two alarms each, more than one run writes.
MANY = 24


def test_alarms_that_one_run_has_no_time_for_come_by_the_next_look_without_a_sweep(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms
) -> None:
    endpoints = [connect(drawbridge, developer, service) for _ in range(MANY)]
    wanted = {f"{alarms.endpoint_prefix(endpoint)}{name}" for endpoint in endpoints for name in rules.OF_ENDPOINT}

    def there() -> set[str]:
        pages = alarms.api.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"])
        return wanted & {alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]}

    drawbridge.later_until("all have alarms", lambda: there() == wanted)
    names = sorted(wanted)
    for start in range(0, len(names), 100):
        alarms.api.delete_alarms(AlarmNames=names[start : start + 100])
    drawbridge.end_environments()
    drawbridge.sweep()
    drawbridge.later_until("all are back", lambda: there() == wanted)
