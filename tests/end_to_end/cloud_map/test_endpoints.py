"""Endpoints are found in Cloud Map as long as they are connected and want it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from deployment.developer import Developer
from deployment.discovery import Discovery
from deployment.drawbridge import Drawbridge
from deployment.tags import Tags
from emulator.clients import REGION
from emulator.organization_sample import EndpointService

from .found import (
    DEPLOYMENT,
    NAME,
    NAMESPACE,
    await_found,
    await_held,
    connect,
    left,
    service_of,
    sweep,
    untag,
    written,
)

Ending = Callable[[Drawbridge, Developer, EndpointService, str], None]


def test_endpoint_is_found_with_all_that_is_known_of_it(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    found = await_found(drawbridge, discovery, endpoint)
    ec2 = drawbridge.aws.client("ec2", developer.account)
    shown = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]
    interfaces = ec2.describe_network_interfaces(NetworkInterfaceIds=shown["NetworkInterfaceIds"])["NetworkInterfaces"]
    subnets = ec2.describe_subnets(SubnetIds=shown["SubnetIds"])["Subnets"]
    zone_ids = {subnet["SubnetId"]: subnet["AvailabilityZoneId"] for subnet in subnets}
    assert found == {
        f"{endpoint}-{zone_ids[interface['SubnetId']]}": {
            "AWS_INSTANCE_IPV4": interface["PrivateIpAddress"],
            "AWS_INSTANCE_PORT": "443",
            "account": developer.account,
            "availability-zone-id": zone_ids[interface["SubnetId"]],
            "drawbridge.owner": DEPLOYMENT,
            "endpoint-id": endpoint,
            "endpoint-name": shown["DnsEntries"][0]["DnsName"],
            "port": "443",
            "protocol": "tcp",
            "region": REGION,
            "service-name": offered.name,
        }
        for interface in interfaces
    }
    namespace = discovery.namespace(NAMESPACE)
    assert namespace
    for made in (namespace, service_of(discovery)):
        assert Tags(drawbridge.aws, developer.account).by_arn(made["Arn"]) == {"drawbridge:owner": DEPLOYMENT}


def delete(_: Drawbridge, developer: Developer, __: EndpointService, ___: str) -> None:
    """The endpoint is deleted."""
    developer.delete_endpoints()


def take_tag(drawbridge: Drawbridge, developer: Developer, _: EndpointService, endpoint: str) -> None:
    """It asks no more to be found."""
    untag(drawbridge, developer, endpoint)


def reject(drawbridge: Drawbridge, _: Developer, offered: EndpointService, endpoint: str) -> None:
    """The provider cuts it off."""
    provider = drawbridge.aws.client("ec2", offered.account)
    provider.reject_vpc_endpoint_connections(ServiceId=offered.id, VpcEndpointIds=[endpoint])
    # AWS tells the consumer's account of nothing; the sweep finds it.
    sweep(drawbridge)


@pytest.mark.parametrize("end", [delete, take_tag, reject])
def test_endpoint_that_is_over_is_found_no_more_and_the_service_made_for_it_goes(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery, end: Ending
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    await_found(drawbridge, discovery, endpoint)
    end(drawbridge, developer, offered, endpoint)
    drawbridge.later_until("it is found no more, and its service is gone", lambda: not left(discovery))
    assert discovery.namespace(NAMESPACE), "the namespace goes only when no endpoint at all is to be found"


def test_endpoint_without_a_tag_is_found_by_what_the_configuration_says_of_its_service(
    drawbridge: Drawbridge,
    developer: Developer,
    reconfigured: Callable[..., None],
    offered: EndpointService,
    discovery: Discovery,
) -> None:
    reconfigured(services={offered.name: {"name": NAME, "port": 8443}})
    endpoint = developer.create_endpoint(offered)
    found = await_found(drawbridge, discovery, endpoint)
    assert {(told["port"], told.get("protocol")) for told in found.values()} == {("8443", None)}


def test_endpoint_that_is_exempt_stays_as_it_is(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery, since: int
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    found = await_found(drawbridge, discovery, endpoint)
    after = drawbridge.aws.last_call()
    ignored = {"Key": "drawbridge:ignore", "Value": "true"}
    wanted = {"Key": "drawbridge:cloud-map", "Value": "elsewhere"}
    drawbridge.aws.client("ec2", developer.account).create_tags(Resources=[endpoint], Tags=[ignored, wanted])
    await_held(drawbridge, since, "EXEMPT", endpoint)
    assert written(drawbridge, after) == []
    assert discovery.found(NAMESPACE, NAME) == found
    drawbridge.aws.client("ec2", developer.account).delete_tags(Resources=[endpoint], Tags=[ignored])
    drawbridge.later_until("it is found elsewhere alone", lambda: service_is(discovery, "elsewhere", endpoint))


def service_is(discovery: Discovery, name: str, endpoint: str) -> bool:
    """Whether an endpoint is found under this name, and nothing under another."""
    found = {told["endpoint-id"] for told in discovery.found(NAMESPACE, name).values()}
    return found == {endpoint} and not discovery.found(NAMESPACE, NAME)


def test_endpoint_with_a_tag_that_is_no_name_is_told_and_stays_as_it_is(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery, since: int
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    found = await_found(drawbridge, discovery, endpoint)
    after = drawbridge.aws.last_call()
    tags = [{"Key": "drawbridge:cloud-map", "Value": f"{NAME}:https"}]
    drawbridge.aws.client("ec2", developer.account).create_tags(Resources=[endpoint], Tags=tags)
    await_held(drawbridge, since, "INVALID_TAG", endpoint)
    assert written(drawbridge, after) == []
    assert discovery.found(NAMESPACE, NAME) == found


def test_instance_of_somebody_else_stays_when_ours_come_and_go(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    ours = await_found(drawbridge, discovery, endpoint)
    service = service_of(discovery)
    discovery.register(service, "theirs", AWS_INSTANCE_IPV4="10.9.9.9")
    sweep(drawbridge)
    theirs = {"theirs": {"AWS_INSTANCE_IPV4": "10.9.9.9"}}
    assert discovery.found(NAMESPACE, NAME) == ours | theirs
    developer.delete_endpoints()
    drawbridge.later_until("ours is gone", lambda: discovery.found(NAMESPACE, NAME) == theirs)
    sweep(drawbridge)
    assert discovery.found(NAMESPACE, NAME) == theirs
    discovery.deregister(service, "theirs")


def test_instance_of_somebody_else_with_our_id_is_told_and_not_overwritten(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery, since: int
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    ours = await_found(drawbridge, discovery, endpoint)
    drawbridge.settle()
    (first, *_), service = ours, service_of(discovery)
    after = drawbridge.aws.last_call()
    theirs = {"AWS_INSTANCE_IPV4": "10.9.9.9"}
    discovery.register(service, first, **theirs)
    sweep(drawbridge)
    await_held(drawbridge, since, "NOT_OWNED", first)
    assert written(drawbridge, after) == []
    assert discovery.found(NAMESPACE, NAME) == ours | {first: theirs}
    discovery.deregister(service, first)
    drawbridge.later_until("ours is made anew", lambda: discovery.found(NAMESPACE, NAME) == ours)


def test_instance_that_was_changed_is_put_right(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    ours = await_found(drawbridge, discovery, endpoint)
    first, told = next(iter(ours.items()))
    discovery.register(service_of(discovery), first, **{**told, "AWS_INSTANCE_PORT": "80"})
    drawbridge.later_until("it is put right", lambda: discovery.found(NAMESPACE, NAME) == ours)
