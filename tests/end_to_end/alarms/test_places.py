"""One alarm for a whole fleet, and alarms of all accounts in the hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from deployment.alarms import Alarms, dimensions
from deployment.developer import Developer
from deployment.drawbridge import Drawbridge
from deployment.stacks import deploy_member
from emulator.clients import REGION
from emulator.organization_sample import HUB, PROVIDER, SANDBOX_MEMBER, WORKLOADS_MEMBER, EndpointService

from . import rules
from .watched import (
    await_alarms,
    await_alarms_of_endpoint,
    await_alarms_of_service,
    await_held,
    calls_of,
    connect,
    sweep,
    written,
)

Configure = Callable[..., None]
# What a query of Metrics Insights looks back far enough for.
OF_FLEET = {"packets-dropped", "resets-received"}
FLEET = {"endpoints": "fleet", "select": "every"}
METRICS = {"packets-dropped": "PacketsDropped", "resets-received": "RstPacketsReceived"}


@pytest.fixture
def from_nothing(drawbridge: Drawbridge, changed_configuration: Configure) -> Iterator[Configure]:
    """What stood elsewhere is gone, before and afterwards: where alarms are is asked before they are made."""
    changed_configuration(endpoints="remove", services="remove")
    sweep(drawbridge)
    yield changed_configuration
    for place in ("hub", "member"):
        changed_configuration(endpoints="remove", services="remove", **{"in": place})
        # What is covered goes after that which covers it: not all in one sweep.
        drawbridge.sweep_until(lambda: not Alarms(drawbridge.aws, HUB).named())


def test_fleet_is_one_alarm_a_profile_in_each_account_with_endpoints_in_place_of_those_of_each(
    drawbridge: Drawbridge,
    developer: Developer,
    service: EndpointService,
    alarms: Alarms,
    changed_configuration: Configure,
) -> None:
    elsewhere = Alarms(drawbridge.aws, SANDBOX_MEMBER)
    endpoint = connect(drawbridge, developer, service)
    await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    changed_configuration(**FLEET)
    sweep(drawbridge)
    found = await_alarms(drawbridge, alarms.of_fleet, OF_FLEET)
    assert alarms.of_endpoint(endpoint) == {}
    assert elsewhere.named() == {}, "nobody has an endpoint there"
    for profile, alarm in found.items():
        (query,) = alarm["Metrics"]
        assert query["Expression"] == (
            f'SELECT SUM({METRICS[profile]}) FROM SCHEMA("AWS/PrivateLinkEndpoints", '
            '"Endpoint Type", "Service Name", "VPC Endpoint Id", "VPC Id") '
            'GROUP BY "Service Name", "VPC Endpoint Id" ORDER BY SUM() DESC'
        )
        assert alarms.tags(alarm) == rules.OWNER
    after = drawbridge.aws.last_call()
    sweep(drawbridge)
    assert written(drawbridge, after) == []
    # With the last endpoint it goes.
    developer.delete_endpoints()
    await_alarms(drawbridge, alarms.of_fleet, ())


def test_fleet_begins_with_the_first_endpoint(
    drawbridge: Drawbridge,
    neighbour: Developer,
    service: EndpointService,
    changed_configuration: Configure,
) -> None:
    changed_configuration(**FLEET)
    elsewhere = Alarms(drawbridge.aws, SANDBOX_MEMBER)
    assert elsewhere.named() == {}
    neighbour.create_endpoint(service)
    await_alarms(drawbridge, elsewhere.of_fleet, OF_FLEET)


def test_fleet_of_the_hub_is_one_alarm_a_profile_for_all_accounts(
    drawbridge: Drawbridge,
    developer: Developer,
    neighbour: Developer,
    service: EndpointService,
    alarms: Alarms,
    alarms_of_hub: Alarms,
    from_nothing: Configure,
) -> None:
    from_nothing(**FLEET, **{"in": "hub"})
    for somebody in (developer, neighbour):
        endpoint = somebody.create_endpoint(service)
        drawbridge.await_state(somebody.account, endpoint, "available")
    sweep(drawbridge)
    found = await_alarms(drawbridge, alarms_of_hub.of_fleet, OF_FLEET)
    assert all(f"{REGION} of all linked accounts" in alarm["AlarmDescription"] for alarm in found.values())
    assert alarms.named() == Alarms(drawbridge.aws, SANDBOX_MEMBER).named() == {}


def test_alarms_in_the_hub_watch_metrics_of_other_accounts_and_nothing_is_written_there(
    drawbridge: Drawbridge,
    developer: Developer,
    of_provider: EndpointService,
    from_nothing: Configure,
    alarms_of_hub: Alarms,
) -> None:
    after = drawbridge.aws.last_call()
    from_nothing(**{"in": "hub"})
    endpoint = connect(drawbridge, developer, of_provider)
    sweep(drawbridge)
    of_member, of_provider_here = (Alarms(drawbridge.aws, HUB, of=account) for account in (WORKLOADS_MEMBER, PROVIDER))
    found = await_alarms_of_endpoint(drawbridge, of_member, endpoint)
    for profile, alarm in found.items():
        (query,) = alarm["Metrics"]
        assert (query["AccountId"], query["ReturnData"]) == (WORKLOADS_MEMBER, True)
        assert query["MetricStat"]["Metric"]["MetricName"] == METRICS[profile]
        assert dimensions(query["MetricStat"]["Metric"])["VPC Endpoint Id"] == endpoint
    standing = of_provider_here.of_service(of_provider.id)
    assert standing.keys() >= rules.OF_SERVICE | rules.COMPOSITES
    assert {query["AccountId"] for query in standing["resets-sent"]["Metrics"]} == {PROVIDER}
    # Both stand in the hub now: the service tells of its endpoint.
    sweep(drawbridge)
    degraded = of_provider_here.of_service(of_provider.id)["degraded"]
    assert found["packets-dropped"]["AlarmName"] in degraded["AlarmRule"]
    assert of_member.of_endpoint(endpoint)["packets-dropped"]["AlarmActions"] == []
    assert of_provider_here.dashboards(of_provider.id) != []
    assert {call["account"] for call in calls_of(drawbridge, after)} == {HUB}
    after = drawbridge.aws.last_call()
    sweep(drawbridge)
    assert written(drawbridge, after) == []


def test_hub_sees_by_the_link_of_an_account_that_an_alarm_watches_no_metric(
    drawbridge: Drawbridge, of_provider: EndpointService, from_nothing: Configure, since: int
) -> None:
    from_nothing(**{"in": "hub"})
    sweep(drawbridge)
    name = f"{Alarms(drawbridge.aws, HUB, of=PROVIDER).service_prefix(of_provider.id)}resets-sent"
    given = [{"Name": "Service Id", "Value": of_provider.id}]
    data = [{"MetricName": "BytesProcessed", "Value": 1.0, "Unit": "Bytes", "Dimensions": given}]
    place = {"account": PROVIDER, "region": REGION, "namespace": "AWS/PrivateLinkServices"}
    drawbridge.aws.control("POST", "metrics", place | {"metric_data": data})

    def look() -> list[object]:
        drawbridge.end_environments()
        sweep(drawbridge)
        told = drawbridge.publish_alarms.log.decisions(since, reason="NO_METRIC")
        return [line for line in told if of_provider.id in str(line)]

    assert look() == [], "without a link the hub sees nothing of it"
    deploy_member(drawbridge.aws, PROVIDER, ObservabilitySink=drawbridge.outputs["SinkArn"])
    try:
        assert look() != []
    finally:
        deploy_member(drawbridge.aws, PROVIDER, ObservabilitySink="")
    await_held(drawbridge, since, name, reason="NO_METRIC")


def test_service_of_another_account_has_its_alarms_at_home_unless_it_is_said(
    drawbridge: Drawbridge, of_provider: EndpointService, alarms_of_provider: Alarms, alarms_of_hub: Alarms
) -> None:
    balancer = of_provider.load_balancer_arn.partition(":loadbalancer/net/")[2]
    wanted = rules.OF_SERVICE | rules.COMPOSITES | {f"{profile}/{balancer}" for profile in rules.OF_BALANCER}
    found = await_alarms_of_service(drawbridge, alarms_of_provider, of_provider, wanted)
    assert "Metrics" not in found["resets-sent"]
    assert not [name for name in alarms_of_hub.named() if of_provider.id in name]
