"""Which metrics there are, of whom, and what traffic makes of them."""

from __future__ import annotations

from typing import Any

import pytest

from ..clients import ControlRefused
from .parties import Party, error_of
from .running import HUB, RunningEmulator
from .sample_alarms import Client

MEMBER = "444444444444"
OF_ENDPOINT = {"ActiveConnections", "BytesProcessed", "NewConnections", "PacketsDropped", "RstPacketsReceived"}


def publish(emulator: RunningEmulator, account: str, name: str, **more: Any) -> None:
    """Let AWS publish a metric of an endpoint."""
    data = [{"MetricName": name, "Value": 1, "Dimensions": [{"Name": "VPC Endpoint Id", "Value": account}]}]
    where = {"account": account, "region": "eu-west-1", "namespace": "AWS/PrivateLinkEndpoints"}
    emulator.control("POST", "metrics", {**where, "metric_data": data, **more})


def names(client: Client, account: str = HUB, **wanted: Any) -> list[str]:
    listed = client("cloudwatch", account=account).list_metrics(**wanted)["Metrics"]
    return [metric["MetricName"] for metric in listed]


def sets_of(metrics: list[dict[str, Any]], name: str) -> list[dict[str, str]]:
    """The sets of dimensions in which a metric comes."""
    found = [metric["Dimensions"] for metric in metrics if metric["MetricName"] == name]
    return [{dimension["Name"]: dimension["Value"] for dimension in dimensions} for dimensions in found]


def test_namespaces_of_aws_are_for_aws_alone(client: Client, emulator: RunningEmulator) -> None:
    put = client("cloudwatch").put_metric_data
    data = [{"MetricName": "PacketsDropped", "Value": 1}]
    assert error_of(put, Namespace="AWS/PrivateLinkEndpoints", MetricData=data) == "InvalidParameterValue"
    publish(emulator, HUB, "PacketsDropped")
    assert names(client) == ["PacketsDropped"]


def test_metrics_are_found_by_namespace_name_and_dimensions(client: Client, emulator: RunningEmulator) -> None:
    publish(emulator, HUB, "PacketsDropped")
    publish(emulator, HUB, "BytesProcessed")
    client("cloudwatch").put_metric_data(Namespace="Drawbridge", MetricData=[{"MetricName": "Decisions", "Value": 1}])
    assert names(client, Namespace="Drawbridge") == ["Decisions"]
    assert names(client, MetricName="PacketsDropped") == ["PacketsDropped"]
    assert names(client, Dimensions=[{"Name": "VPC Endpoint Id"}]) == ["BytesProcessed", "PacketsDropped"]
    assert names(client, Dimensions=[{"Name": "VPC Endpoint Id", "Value": "other"}]) == []
    assert names(client, account=MEMBER) == []


def test_metric_is_listed_once_however_often_it_was_published(client: Client, emulator: RunningEmulator) -> None:
    for _ in range(3):
        publish(emulator, HUB, "PacketsDropped")
    assert names(client) == ["PacketsDropped"]


def test_recent_metrics_have_data_of_the_last_three_hours(client: Client, emulator: RunningEmulator) -> None:
    publish(emulator, HUB, "BytesProcessed", age_seconds=4 * 3600)
    publish(emulator, HUB, "PacketsDropped", age_seconds=2 * 3600)
    assert names(client, RecentlyActive="PT3H") == ["PacketsDropped"]
    assert len(names(client)) == 2


def test_monitoring_account_sees_the_metrics_of_linked_accounts(client: Client, emulator: RunningEmulator) -> None:
    publish(emulator, HUB, "BytesProcessed")
    publish(emulator, MEMBER, "PacketsDropped")
    assert names(client, IncludeLinkedAccounts=True) == ["BytesProcessed"]
    emulator.control("POST", "observability-links", {"monitoring": HUB, "source": MEMBER})
    answer = client("cloudwatch").list_metrics(IncludeLinkedAccounts=True)
    owners = [metric["MetricName"] for metric in answer["Metrics"]], answer["OwningAccounts"]
    assert owners == (["BytesProcessed", "PacketsDropped"], [HUB, MEMBER])
    assert names(client, IncludeLinkedAccounts=True, OwningAccount=MEMBER) == ["PacketsDropped"]
    assert names(client) == ["BytesProcessed"]
    assert error_of(client("cloudwatch").list_metrics, OwningAccount=MEMBER) == "InvalidParameterValue"
    assert names(client, account=MEMBER, IncludeLinkedAccounts=True) == ["PacketsDropped"]


def test_link_may_be_of_one_region(client: Client, emulator: RunningEmulator) -> None:
    publish(emulator, MEMBER, "PacketsDropped")
    emulator.control("POST", "observability-links", {"monitoring": HUB, "source": MEMBER, "region": "us-east-1"})
    assert names(client, IncludeLinkedAccounts=True) == []
    with pytest.raises(ControlRefused):
        emulator.control("POST", "observability-links", {"monitoring": HUB})


def test_traffic_makes_the_metrics_of_endpoint_and_service(provider: Party, consumer: Party) -> None:
    service = provider.make_service(AcceptanceRequired=False)
    endpoint = consumer.connect(service)
    provider.emulator.control("POST", f"traffic/{endpoint['VpcEndpointId']}", {"PacketsDropped": 3})
    found = consumer.client("cloudwatch").list_metrics(Namespace="AWS/PrivateLinkEndpoints")["Metrics"]
    assert {metric["MetricName"] for metric in found} == OF_ENDPOINT
    own = {
        "Endpoint Type": "Interface",
        "Service Name": service["ServiceName"],
        "VPC Endpoint Id": endpoint["VpcEndpointId"],
        "VPC Id": consumer.network.vpc_id,
    }
    by_subnet = [own | {"Subnet Id": subnet} for subnet in sorted(consumer.network.subnet_ids)]
    dropped = sets_of(found, "PacketsDropped")
    assert sorted(dropped, key=lambda one: one.get("Subnet Id", "")) == [own, *by_subnet]


def test_traffic_is_measured_at_the_providers_by_service_balancer_zone_and_endpoint(
    provider: Party, consumer: Party
) -> None:
    service = provider.make_service(AcceptanceRequired=False)
    endpoint = consumer.connect(service)["VpcEndpointId"]
    provider.emulator.control("POST", f"traffic/{endpoint}", {})
    found = provider.client("cloudwatch").list_metrics(Namespace="AWS/PrivateLinkServices")["Metrics"]
    own = {"Service Id": service["ServiceId"]}
    kinds = {tuple(sorted(one)) for one in sets_of(found, "RstPacketsSent")}
    assert kinds == {
        ("Service Id",),
        ("Az", "Service Id"),
        ("Load Balancer Arn", "Service Id"),
        ("Az", "Load Balancer Arn", "Service Id"),
        ("Service Id", "VPC Endpoint Id"),
    }
    assert sets_of(found, "EndpointsCount") == [own]
    assert own | {"VPC Endpoint Id": endpoint} in sets_of(found, "BytesProcessed")


def test_nothing_goes_through_an_endpoint_that_is_not_available(provider: Party, consumer: Party) -> None:
    endpoint = consumer.connect(provider.make_service())
    with pytest.raises(ControlRefused, match="pendingAcceptance"):
        provider.emulator.control("POST", f"traffic/{endpoint['VpcEndpointId']}", {})
    with pytest.raises(ControlRefused, match="404"):
        provider.emulator.control("POST", "traffic/vpce-0", {})
