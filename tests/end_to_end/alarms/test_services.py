"""A service that is looked after has alarms on itself and all behind it, two over them, and a dashboard; all follow it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from deployment.alarms import Alarms, dimensions, queries
from deployment.developer import Developer
from deployment.drawbridge import Drawbridge
from deployment.topics import Topic
from deployment.waiting import wait_until
from emulator.organization_sample import HUB, NAMES, WORKLOADS_MEMBER, EndpointService

from . import rules
from .watched import (
    Behind,
    accepted_long_ago,
    assert_in_catalogue,
    await_alarms_of_endpoint,
    await_alarms_of_service,
    calls_of,
    connect,
    delete_service,
    put_behind,
    sets_of_dimensions,
    sweep,
    tag_by_hand,
    untag_by_hand,
)

SERVICES, BALANCERS = "AWS/PrivateLinkServices", "AWS/NetworkELB"


def test_service_gets_alarms_on_itself_its_load_balancer_and_its_target_group_in_each_zone(
    drawbridge: Drawbridge, offered: EndpointService, behind: Behind, alarms_of_hub: Alarms
) -> None:
    wanted = behind.alarms | rules.COMPOSITES
    found = await_alarms_of_service(drawbridge, alarms_of_hub, offered, wanted)
    for alarm in found.values():
        assert_in_catalogue(alarm)
        assert alarms_of_hub.tags(alarm) == rules.OWNER
        assert "Made by Drawbridge (drawbridge)." in alarm["AlarmDescription"]
    assert dimensions(found["resets-sent"]) == {"Service Id": offered.id}
    (drop,) = queries(found["endpoints-drop"])
    assert (drop["MetricName"], dimensions(drop)) == ("EndpointsCount", {"Service Id": offered.id})
    for zone in rules.ZONES:
        alarm = found[behind.healthy(zone)]
        assert (alarm["Namespace"], alarm["MetricName"]) == (BALANCERS, "HealthyHostCount")
        assert dimensions(alarm) == {
            "AvailabilityZone": zone,
            "LoadBalancer": behind.balancer_name,
            "TargetGroup": behind.group_name,
        }
        assert (alarm["Statistic"], alarm["Threshold"], alarm["ComparisonOperator"]) == (
            "Minimum",
            1.0,
            "LessThanThreshold",
        )


def test_alarms_over_the_others_tell_in_their_place(
    drawbridge: Drawbridge,
    offered: EndpointService,
    behind: Behind,
    alarms_of_hub: Alarms,
    topics: dict[str, Topic],
) -> None:
    wanted = behind.alarms | rules.COMPOSITES
    found = await_alarms_of_service(drawbridge, alarms_of_hub, offered, wanted)
    down, degraded = found.pop("down"), found.pop("degraded")
    assert {name: alarm["AlarmActions"] for name, alarm in found.items()} == {name: [] for name in found}
    assert down["AlarmActions"] == down["OKActions"] == [topics["critical"].arn]
    assert degraded["AlarmActions"] == degraded["OKActions"] == [topics["warning"].arn]
    assert (degraded["ActionsSuppressor"], "ActionsSuppressor" in down) == (down["AlarmName"], False)
    critical = {name for name in found if name.split("/")[0] in CRITICAL}
    for composite, names in ((down, critical), (degraded, found.keys() - critical)):
        terms = {f'ALARM("{found[name]["AlarmName"]}")' for name in names}
        assert set(composite["AlarmRule"].split(" OR ")) == terms


CRITICAL = {"endpoints-drop", "port-allocation-errors", "healthy-targets", "no-targets"}


def test_service_without_healthy_targets_is_down_and_a_warning_then_stays_silent(
    drawbridge: Drawbridge,
    offered: EndpointService,
    behind: Behind,
    alarms_of_hub: Alarms,
    topics: dict[str, Topic],
) -> None:
    found = await_alarms_of_service(drawbridge, alarms_of_hub, offered, behind.alarms | rules.COMPOSITES)
    down, degraded = (found[name]["AlarmName"] for name in ("down", "degraded"))
    healthy = found[behind.healthy(rules.ZONES[0])]["AlarmName"]
    alarms_of_hub.set_state(healthy, "ALARM")
    message = topics["critical"].await_message(down)
    assert (message["AWSAccountId"], message["OldStateValue"]) == (HUB, "OK")
    assert offered.id in message["AlarmDescription"]
    assert f"{rules.RUNBOOK}#down" in message["AlarmDescription"]
    alarms_of_hub.set_state(found["resets-sent"]["AlarmName"], "ALARM")
    wait_until("degraded follows", lambda: alarms_of_hub.state_of(degraded) == "ALARM")
    assert alarms_of_hub.named(degraded)[""]["ActionsSuppressedBy"] == "Alarm"
    # What comes after it has come: so nothing came before.
    drawbridge.aws.control("POST", "settings", {"suppression_second_ms": 0})
    other = found[behind.healthy(rules.ZONES[1])]["AlarmName"]
    for state in ("ALARM", "OK"):
        alarms_of_hub.set_state(other, state)
    assert topics["warning"].told(degraded) == []
    # Its silence ends with that which is worse.
    alarms_of_hub.set_state(healthy, "OK")
    topics["critical"].await_message(down, "OK")
    topics["warning"].await_message(degraded)
    assert len(topics["critical"].told(down)) == 1


def test_dashboard_shows_consumers_by_the_names_of_their_accounts_and_targets_in_all_zones(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, behind: Behind, alarms_of_hub: Alarms
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    wanted = behind.alarms | rules.COMPOSITES
    found = await_alarms_of_service(drawbridge, alarms_of_hub, offered, wanted)
    name = alarms_of_hub.dashboard_name(offered.id)
    assert alarms_of_hub.dashboards(offered.id) == [name]

    def drawn_with_the_consumer() -> Any:
        drawn = alarms_of_hub.dashboard(name)
        return endpoint in json.dumps(drawn) and drawn

    # It may have been drawn before the endpoint was connected, and is drawn again then.
    drawn = wait_until("a dashboard with the consumer", drawn_with_the_consumer)
    text, shown = json.dumps(drawn, ensure_ascii=False), drawn["widgets"]
    assert "Made by Drawbridge \\(drawbridge\\)" in shown[0]["properties"]["markdown"]
    assert f"{NAMES[WORKLOADS_MEMBER]} ({WORKLOADS_MEMBER}) · {endpoint}" in text
    for zone in rules.ZONES:
        assert f"{zone} healthy" in text
        assert f"{zone} unhealthy" in text
    (states,) = [widget["properties"]["alarms"] for widget in shown if widget["type"] == "alarm"]
    assert set(states) == {alarm["AlarmArn"] for alarm in found.values()}
    lines = [line for widget in shown for line in widget["properties"].get("metrics", [])]
    assert lines
    for namespace, metric, *more in lines:
        names = [part for part in more if isinstance(part, str)][::2]
        assert sorted(names) in sets_of_dimensions(namespace, metric), (metric, names)


def test_silence_of_a_service_is_missed_while_somebody_is_connected(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, alarms_of_hub: Alarms
) -> None:
    balancer = offered.load_balancer_arn.partition(":loadbalancer/net/")[2]
    usual = rules.OF_SERVICE | rules.COMPOSITES | {f"{profile}/{balancer}" for profile in rules.OF_BALANCER}
    await_alarms_of_service(drawbridge, alarms_of_hub, offered, usual)
    endpoint = connect(drawbridge, developer, offered)
    accepted_long_ago(drawbridge, offered, endpoint)
    sweep(drawbridge)
    found = await_alarms_of_service(drawbridge, alarms_of_hub, offered, usual | rules.OF_CONSUMERS)
    assert found["no-traffic"]["TreatMissingData"] == "breaching"
    assert found["no-traffic"]["AlarmName"] in found["degraded"]["AlarmRule"]
    developer.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    drawbridge.sweep_until(lambda: alarms_of_hub.of_service(offered.id).keys() == usual)
    name = alarms_of_hub.dashboard_name(offered.id)
    assert endpoint not in str(alarms_of_hub.dashboard(name))


def test_alarms_and_dashboard_go_with_the_service_those_over_others_first(
    drawbridge: Drawbridge, offered: EndpointService, behind: Behind, alarms_of_hub: Alarms, since: int
) -> None:
    await_alarms_of_service(drawbridge, alarms_of_hub, offered, behind.alarms | rules.COMPOSITES)
    after = drawbridge.aws.last_call()
    delete_service(drawbridge, offered)
    await_alarms_of_service(drawbridge, alarms_of_hub, offered, ())
    wait_until("the dashboard is gone", lambda: not alarms_of_hub.dashboards(offered.id), explain=drawbridge.explain)
    calls = [call for call in calls_of(drawbridge, after) if call["operation"] == "DeleteAlarms"]
    assert [call["error"] for call in calls] == [None] * len(calls)
    names = [[name.rpartition("/")[2] for name in call["parameters"]["AlarmNames"]] for call in calls]
    # What stays silent for another goes before that one.
    assert names[:2] == [["degraded"], ["down"]]
    assert len(names) == 3
    assert drawbridge.publish_alarms.log.metric("CallsFailed", since) == 0


def test_service_that_is_not_looked_after_any_more_loses_its_alarms_and_gets_them_back(
    drawbridge: Drawbridge, offered: EndpointService, behind: Behind, alarms_of_hub: Alarms
) -> None:
    wanted = behind.alarms | rules.COMPOSITES
    await_alarms_of_service(drawbridge, alarms_of_hub, offered, wanted)
    untag_by_hand(drawbridge, offered.id, HUB, "enabled")
    await_alarms_of_service(drawbridge, alarms_of_hub, offered, ())
    assert alarms_of_hub.dashboards(offered.id) == []
    tag_by_hand(drawbridge, offered.id, HUB, enabled="true")
    await_alarms_of_service(drawbridge, alarms_of_hub, offered, wanted)
    assert alarms_of_hub.dashboards(offered.id) != []


def test_new_listener_in_another_account_brings_alarms_of_its_target_group_and_they_go_with_it(
    drawbridge: Drawbridge, of_provider: EndpointService, alarms_of_provider: Alarms
) -> None:
    first = put_behind(drawbridge, of_provider)
    await_alarms_of_service(drawbridge, alarms_of_provider, of_provider, first.alarms | rules.COMPOSITES)
    second = put_behind(drawbridge, of_provider, port=8443)
    found = await_alarms_of_service(
        drawbridge, alarms_of_provider, of_provider, first.alarms | second.alarms | rules.COMPOSITES
    )
    assert f'ALARM("{found[second.healthy(rules.ZONES[0])]["AlarmName"]}")' in found["down"]["AlarmRule"]
    balancing = drawbridge.aws.client("elbv2", of_provider.account)
    balancing.delete_listener(ListenerArn=second.listener)
    await_alarms_of_service(drawbridge, alarms_of_provider, of_provider, first.alarms | rules.COMPOSITES)


@pytest.fixture
def covered(
    drawbridge: Drawbridge, at_home: Developer, offered: EndpointService, alarms_of_hub: Alarms
) -> tuple[str, str]:
    """An endpoint whose alarms stand where those of its service do, and one of those."""
    endpoint = connect(drawbridge, at_home, offered)
    found = await_alarms_of_endpoint(drawbridge, alarms_of_hub, endpoint)
    name = found["packets-dropped"]["AlarmName"]
    degraded = f"{alarms_of_hub.service_prefix(offered.id)}degraded"
    drawbridge.sweep_until(lambda: name in alarms_of_hub.named(degraded)[""]["AlarmRule"])
    return endpoint, name


def test_alarm_of_an_endpoint_beside_its_service_is_told_by_the_service(
    drawbridge: Drawbridge,
    offered: EndpointService,
    covered: tuple[str, str],
    alarms_of_hub: Alarms,
    topics: dict[str, Topic],
) -> None:
    _, name = covered
    sweep(drawbridge)
    assert alarms_of_hub.named(name)[""]["AlarmActions"] == []
    degraded = f"{alarms_of_hub.service_prefix(offered.id)}degraded"
    drawbridge.aws.control("POST", "settings", {"suppression_second_ms": 0})
    alarms_of_hub.set_state(name, "ALARM")
    topics["warning"].await_message(degraded)
    assert topics["warning"].told(name) == []


def test_alarms_of_an_endpoint_that_its_service_tells_of_go_with_it(
    drawbridge: Drawbridge,
    at_home: Developer,
    covered: tuple[str, str],
    offered: EndpointService,
    alarms_of_hub: Alarms,
) -> None:
    endpoint, name = covered
    at_home.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    drawbridge.sweep_until(lambda: not alarms_of_hub.of_endpoint(endpoint))
    degraded = f"{alarms_of_hub.service_prefix(offered.id)}degraded"
    assert name not in alarms_of_hub.named(degraded)[""]["AlarmRule"]
