"""A namespace that another account shares is named by its ARN, and serves as well as one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from deployment.cloud_map import CloudMap
from deployment.developer import Developer
from deployment.domains import Domains
from deployment.drawbridge import Drawbridge
from emulator.organization_sample import HUB, WORKLOADS_MEMBER, EndpointService

from .found import await_found, await_held, connect, sweep, written

NAMESPACE = "corp.internal"
Configure = Callable[..., None]


@pytest.fixture
def shared(drawbridge: Drawbridge, of_hub: CloudMap, changed_configuration: Configure) -> Iterator[dict[str, Any]]:
    """A private DNS namespace of the hub, shared with the member, in which endpoints are registered."""
    made = of_hub.make_namespace(NAMESPACE, drawbridge.sample.networks[HUB].vpc_id)
    of_hub.share(made, WORKLOADS_MEMBER)
    changed_configuration(namespace=NAMESPACE, make="services")
    yield made
    of_hub.api.delete_namespace(Id=made["Id"])


@pytest.fixture
def with_names(of_hub: CloudMap, shared: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """A service in it that has CNAME records."""
    made = of_hub.make_service(shared, name, record="CNAME")
    yield made
    of_hub.api.delete_service(Id=made["Id"])


def test_endpoint_is_one_instance_by_its_name_where_the_service_has_cname_records(
    drawbridge: Drawbridge,
    with_names: dict[str, Any],
    developer: Developer,
    service: EndpointService,
    of_consumer: CloudMap,
    of_hub: CloudMap,
    shared: dict[str, Any],
    name: str,
) -> None:
    endpoint = connect(drawbridge, developer, service, f"{name}:443")
    drawbridge.later_until("it is found", lambda: of_hub.discover(NAMESPACE, name).keys() == {endpoint})
    described = developer.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]
    own_name = described["DnsEntries"][0]["DnsName"]
    found = of_hub.discover(NAMESPACE, name)
    assert found[endpoint]["AWS_INSTANCE_CNAME"] == found[endpoint]["endpoint-name"] == own_name
    assert "AWS_INSTANCE_IPV4" not in found[endpoint]
    assert of_consumer.discover(NAMESPACE, name, owner=HUB) == found
    zone = shared["Properties"]["DnsProperties"]["HostedZoneId"]
    assert Domains(drawbridge.aws).records(zone)[(f"{name}.{NAMESPACE}", "CNAME")]
    calls = drawbridge.aws.calls(operation="RegisterInstance", account=WORKLOADS_MEMBER)
    assert [call["parameters"]["ServiceId"] for call in calls] == [with_names["Arn"]]
    developer.delete_endpoints()
    drawbridge.later_until("it is found no more", lambda: not of_hub.discover(NAMESPACE, name))


def test_service_that_is_not_there_is_for_the_owner_of_the_namespace_to_make(
    drawbridge: Drawbridge,
    shared: dict[str, Any],
    developer: Developer,
    service: EndpointService,
    name: str,
    since: int,
) -> None:
    after = drawbridge.aws.last_call()
    endpoint = connect(drawbridge, developer, service, name)
    line = await_held(drawbridge, since, name, "NO_CLOUD_MAP_SERVICE")
    assert "shared by another account" in line["detail"]
    sweep(drawbridge)
    assert written(drawbridge, after) == []
    assert endpoint
    developer.delete_endpoints()
    drawbridge.settle()


def test_two_namespaces_of_the_name_are_told_and_nothing_is_done(
    drawbridge: Drawbridge,
    shared: dict[str, Any],
    developer: Developer,
    service: EndpointService,
    of_consumer: CloudMap,
    name: str,
    since: int,
) -> None:
    own = of_consumer.make_namespace(NAMESPACE)
    after = drawbridge.aws.last_call()
    connect(drawbridge, developer, service, name)
    line = await_held(drawbridge, since, NAMESPACE, "SEVERAL_NAMESPACES")
    assert own["Arn"] in line["detail"]
    assert shared["Arn"] in line["detail"]
    assert written(drawbridge, after) == []
    developer.delete_endpoints()
    of_consumer.api.delete_namespace(Id=own["Id"])
    drawbridge.settle()
    await_found(drawbridge, of_consumer, name, [])
