"""Namespaces: one that Drawbridge makes with its hosted zone, one that another account shares, and what is missing is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from deployment.developer import Developer
from deployment.discovery import Discovery
from deployment.domains import Domains
from deployment.drawbridge import Drawbridge
from emulator.organization_sample import HUB, WORKLOADS_MEMBER, EndpointService

from .found import NAME, await_held, connect, left, sweep, written

PRIVATE, SHARED = "shop.internal", "corp.internal"
Configure = Callable[..., None]


def own_name(drawbridge: Drawbridge, developer: Developer, endpoint: str) -> str:
    """The name that an endpoint has by itself."""
    shown = drawbridge.aws.client("ec2", developer.account).describe_vpc_endpoints(VpcEndpointIds=[endpoint])
    return shown["VpcEndpoints"][0]["DnsEntries"][0]["DnsName"]


def test_namespace_is_made_with_its_zone_and_goes_when_nothing_is_to_be_found(
    drawbridge: Drawbridge,
    reconfigured: Configure,
    developer: Developer,
    offered: EndpointService,
    discovery: Discovery,
) -> None:
    domains = Domains(drawbridge.aws, developer.account)
    reconfigured(namespace=PRIVATE, make="private-dns-namespace")
    endpoint = connect(drawbridge, developer, offered)
    drawbridge.later_until("it is found", lambda: endpoint in discovery.found(PRIVATE, NAME))
    (zone,) = domains.zones(PRIVATE)
    assert domains.associated(zone) == {developer.network.vpc_id}
    name = own_name(drawbridge, developer, endpoint)
    assert domains.records(zone)[f"{NAME}.{PRIVATE}", "CNAME"] == [name]
    of_name, of_endpoint = (
        domains.addresses(asked, developer.account, developer.network.vpc_id) for asked in (f"{NAME}.{PRIVATE}", name)
    )
    assert of_endpoint
    assert {*of_name} == {name, *of_endpoint}

    reconfigured(namespace=PRIVATE, make="private-dns-namespace", most_removals=0)
    developer.delete_endpoints()
    drawbridge.settle()
    sweep(drawbridge)
    assert endpoint in discovery.found(PRIVATE, NAME)

    reconfigured(namespace=PRIVATE, make="private-dns-namespace", endpoints="remove")
    drawbridge.sweep()
    drawbridge.later_until("the namespace is gone", lambda: discovery.namespace(PRIVATE) is None)
    assert domains.zones(PRIVATE) == []


@pytest.fixture
def shared(drawbridge: Drawbridge, at_provider: Discovery, reconfigured: Configure) -> Iterator[dict[str, Any]]:
    """A private DNS namespace of the hub, in which endpoints are to be registered; it is shared with their account."""
    namespace = at_provider.make_namespace(SHARED, drawbridge.sample.networks[HUB].vpc_id)
    reconfigured(namespace=SHARED, make="services")
    with at_provider.sharing(namespace, account=WORKLOADS_MEMBER):
        yield namespace
    for service in at_provider.services(namespace).values():
        at_provider.api.delete_service(Id=service["Id"])
    at_provider.api.delete_namespace(Id=namespace["Id"])


def test_endpoint_is_one_instance_by_its_name_where_a_shared_service_has_cname_records(
    drawbridge: Drawbridge,
    shared: dict[str, Any],
    developer: Developer,
    offered: EndpointService,
    discovery: Discovery,
    at_provider: Discovery,
) -> None:
    service = at_provider.make_service(shared, NAME, record="CNAME")
    after = drawbridge.aws.last_call()
    endpoint = connect(drawbridge, developer, offered)
    drawbridge.later_until("it is found", lambda: [*at_provider.found(SHARED, NAME)] == [endpoint])
    found = at_provider.found(SHARED, NAME)
    assert discovery.found(SHARED, NAME, OwnerAccount=HUB) == found
    name = own_name(drawbridge, developer, endpoint)
    assert found[endpoint]["AWS_INSTANCE_CNAME"] == found[endpoint]["endpoint-name"] == name
    assert "AWS_INSTANCE_IPV4" not in found[endpoint]
    zone = shared["Properties"]["DnsProperties"]["HostedZoneId"]
    assert Domains(drawbridge.aws).records(zone)[f"{NAME}.{SHARED}", "CNAME"] == [name]
    calls = drawbridge.aws.calls(operation="RegisterInstance", account=WORKLOADS_MEMBER, after=after)
    assert [call["parameters"]["ServiceId"] for call in calls] == [service["Arn"]]
    developer.delete_endpoints()
    drawbridge.later_until("it is found no more", lambda: not left(discovery))
    assert NAME in at_provider.services(shared), "it is somebody else's"


def test_service_of_a_shared_namespace_is_for_its_owner_to_make(
    drawbridge: Drawbridge,
    shared: dict[str, Any],
    developer: Developer,
    offered: EndpointService,
    at_provider: Discovery,
    since: int,
) -> None:
    after = drawbridge.aws.last_call()
    endpoint = connect(drawbridge, developer, offered)
    line = await_held(drawbridge, since, "NO_CLOUD_MAP_SERVICE", f"{NAME} in {SHARED}")
    assert "shared by another account" in line["detail"]
    sweep(drawbridge)
    assert written(drawbridge, after) == []
    at_provider.make_service(shared, NAME, record="CNAME")
    sweep(drawbridge)
    drawbridge.later_until("it is found", lambda: endpoint in at_provider.found(SHARED, NAME))


def test_two_namespaces_of_the_name_are_told_and_nothing_is_done(
    drawbridge: Drawbridge,
    shared: dict[str, Any],
    developer: Developer,
    offered: EndpointService,
    discovery: Discovery,
    since: int,
) -> None:
    own = discovery.make_namespace(SHARED)
    after = drawbridge.aws.last_call()
    connect(drawbridge, developer, offered)
    line = await_held(drawbridge, since, "SEVERAL_NAMESPACES", SHARED)
    assert own["Arn"] in line["detail"]
    assert shared["Arn"] in line["detail"]
    sweep(drawbridge)
    assert written(drawbridge, after) == []
    discovery.api.delete_namespace(Id=own["Id"])


def test_namespace_that_is_not_there_is_told_where_none_is_to_be_made(
    drawbridge: Drawbridge,
    reconfigured: Configure,
    developer: Developer,
    offered: EndpointService,
    since: int,
) -> None:
    reconfigured(namespace="nowhere", make="services")
    after = drawbridge.aws.last_call()
    connect(drawbridge, developer, offered)
    await_held(drawbridge, since, "NO_NAMESPACE", "nowhere")
    sweep(drawbridge)
    assert written(drawbridge, after) == []


def test_endpoint_is_an_instance_with_a_port_where_the_service_has_srv_records(
    drawbridge: Drawbridge,
    reconfigured: Configure,
    developer: Developer,
    offered: EndpointService,
    discovery: Discovery,
    since: int,
) -> None:
    namespace = discovery.make_namespace("services.internal", developer.network.vpc_id)
    service = discovery.make_service(namespace, NAME, record="SRV")
    reconfigured(namespace="services.internal")
    without = connect(drawbridge, developer, offered, wanted=NAME)
    line = await_held(drawbridge, since, "NO_ADDRESS", without)
    assert "SRV" in line["detail"]
    endpoint = connect(drawbridge, developer, offered, wanted=f"{NAME}:443")
    drawbridge.later_until("it is found", lambda: len(discovery.instances(service)) == 2)
    found = discovery.instances(service)
    assert all(instance.startswith(endpoint) for instance in found)
    zone = namespace["Properties"]["DnsProperties"]["HostedZoneId"]
    records = Domains(drawbridge.aws, developer.account).records(zone)
    hosts = [f"{instance}.{NAME}.services.internal" for instance in found]
    for host, told in zip(hosts, found.values(), strict=True):
        assert records[host, "A"] == [told["AWS_INSTANCE_IPV4"]]
    developer.delete_endpoints()
    drawbridge.later_until("it is found no more", lambda: not discovery.instances(service))
    discovery.api.delete_service(Id=service["Id"])
    discovery.api.delete_namespace(Id=namespace["Id"])
