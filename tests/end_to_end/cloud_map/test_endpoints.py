"""An endpoint is found while it is connected and asks for it, and what was made for it goes with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from deployment.cloud_map import CloudMap
from deployment.developer import Developer
from deployment.drawbridge import Drawbridge
from emulator.clients import REGION
from emulator.organization_sample import EndpointService

from . import rules
from .found import await_found, await_held, connect, instances_of, sweep, untag, written

Ending = Callable[[Drawbridge, Developer, EndpointService, str], None]


def test_accepted_endpoint_is_found_at_each_of_its_interfaces(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, of_consumer: CloudMap, name: str
) -> None:
    endpoint = connect(drawbridge, developer, service, f"{name}:443/tcp")
    interfaces = instances_of(drawbridge, developer, endpoint)
    found = await_found(drawbridge, of_consumer, name, interfaces)
    assert len(found) == len(developer.network.subnet_ids) == 2
    described = developer.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]
    for instance, interface in interfaces.items():
        assert found[instance] == {
            "AWS_INSTANCE_IPV4": interface["PrivateIpAddress"],
            "AWS_INSTANCE_PORT": "443",
            "service-name": service.name,
            "endpoint-id": endpoint,
            "endpoint-name": described["DnsEntries"][0]["DnsName"],
            "account": developer.account,
            "region": REGION,
            "availability-zone-id": interface["zone_id"],
            "port": "443",
            "protocol": "tcp",
            "drawbridge.owner": rules.DEPLOYMENT,
        }
    (namespace,) = of_consumer.namespaces(rules.NAMESPACE)
    assert namespace["Type"] == "HTTP"
    assert of_consumer.tags(namespace["Arn"]) == rules.OWNER
    assert of_consumer.tags(of_consumer.services(rules.NAMESPACE)[name]["Arn"]) == rules.OWNER


def delete(_: Drawbridge, developer: Developer, __: EndpointService, endpoint: str) -> None:
    """The endpoint is deleted."""
    developer.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[endpoint])


def take_tag(drawbridge: Drawbridge, developer: Developer, _: EndpointService, endpoint: str) -> None:
    """It asks no more to be found."""
    untag(drawbridge, developer, endpoint)


def reject(drawbridge: Drawbridge, _: Developer, service: EndpointService, endpoint: str) -> None:
    """The provider rejects what was accepted."""
    ec2 = drawbridge.aws.client("ec2", service.account)
    ec2.reject_vpc_endpoint_connections(ServiceId=service.id, VpcEndpointIds=[endpoint])
    # AWS tells the consumer's account of nothing; the sweep finds it.
    drawbridge.sweep()


@pytest.mark.parametrize("end", [delete, take_tag, reject])
def test_endpoint_that_is_over_is_found_no_more_and_the_service_made_for_it_goes(
    drawbridge: Drawbridge,
    developer: Developer,
    service: EndpointService,
    of_consumer: CloudMap,
    name: str,
    end: Ending,
) -> None:
    endpoint = connect(drawbridge, developer, service, name)
    await_found(drawbridge, of_consumer, name, instances_of(drawbridge, developer, endpoint))
    end(drawbridge, developer, service, endpoint)
    await_found(drawbridge, of_consumer, name, [])
    gone = lambda: name not in of_consumer.services(rules.NAMESPACE)
    drawbridge.later_until(f"the service {name} is gone", gone)
    assert of_consumer.namespaces(rules.NAMESPACE), "the namespace goes only when no endpoint is to be found at all"


def test_instance_of_somebody_else_is_left_as_it_is(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, of_consumer: CloudMap, name: str
) -> None:
    endpoint = connect(drawbridge, developer, service, name)
    interfaces = instances_of(drawbridge, developer, endpoint)
    await_found(drawbridge, of_consumer, name, interfaces)
    theirs, known = {"AWS_INSTANCE_IPV4": "10.9.8.7"}, of_consumer.services(rules.NAMESPACE)[name]["Id"]
    of_consumer.register(known, "theirs", **theirs)
    sweep(drawbridge)
    assert of_consumer.discover(rules.NAMESPACE, name).keys() == {*interfaces, "theirs"}
    developer.delete_endpoints()
    found = await_found(drawbridge, of_consumer, name, ["theirs"])
    sweep(drawbridge)
    assert of_consumer.discover(rules.NAMESPACE, name) == found == {"theirs": theirs}
    of_consumer.deregister(known, "theirs")
    drawbridge.sweep_until(lambda: name not in of_consumer.services(rules.NAMESPACE))


def test_instance_of_somebody_else_with_our_id_is_told_and_not_overwritten(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, of_consumer: CloudMap, name: str, since: int
) -> None:
    endpoint = connect(drawbridge, developer, service, name)
    (first, *_) = await_found(drawbridge, of_consumer, name, instances_of(drawbridge, developer, endpoint))
    known = of_consumer.services(rules.NAMESPACE)[name]["Id"]
    theirs = {"AWS_INSTANCE_IPV4": "10.9.8.7"}
    of_consumer.register(known, first, **theirs)
    after = drawbridge.aws.last_call()
    sweep(drawbridge)
    await_held(drawbridge, since, first, "NOT_OWNED")
    assert written(drawbridge, after) == []
    assert of_consumer.discover(rules.NAMESPACE, name)[first] == theirs
    of_consumer.deregister(known, first)
    sweep(drawbridge)
    await_found(drawbridge, of_consumer, name, instances_of(drawbridge, developer, endpoint))
