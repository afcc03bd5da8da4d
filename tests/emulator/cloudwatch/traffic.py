"""What AWS publishes when an endpoint has traffic: the metrics of the endpoint, and those of its service.

Control API: `POST traffic/<endpoint id> {"PacketsDropped": 3, …}`; metrics that aren't given a value have 1.
AWS PrivateLink Guide, "CloudWatch metrics for AWS PrivateLink": names of dimensions have spaces, each metric comes in each
of the sets of dimensions and in no other, and consumers in other Regions are measured by nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..control_api import ControlError, ControlRequest
from ..privatelink.load_balancers import zones
from ..privatelink.registry import Endpoint, Service
from .metrics import publish

if TYPE_CHECKING:
    from ..server import Emulator

ENDPOINTS = "AWS/PrivateLinkEndpoints"
SERVICES = "AWS/PrivateLinkServices"
OF_ENDPOINT = ("ActiveConnections", "BytesProcessed", "NewConnections", "PacketsDropped", "RstPacketsReceived")
OF_SERVICE = ("ActiveConnections", "BytesProcessed", "NewConnections", "RstPacketsSent")
COUNT = "EndpointsCount"
UNITS = {"BytesProcessed": "Bytes"}
AVAILABLE = "available"

Dimensions = dict[str, str]


def install(app: Emulator) -> None:
    """Register the route."""

    def flow(request: ControlRequest) -> dict[str, Any]:
        values = request.fields(*OF_ENDPOINT, *OF_SERVICE, COUNT)
        with app.exclusively("ec2"):
            app.private_link.settle()
            endpoint = app.private_link.endpoints.get(request.path["endpoint"])
        if endpoint is None:
            raise ControlError("there is no such endpoint with interfaces", 404)
        if endpoint.state != AVAILABLE:
            raise ControlError(f"{endpoint.id} is {endpoint.state}: nothing goes through it")
        if endpoint.service_region != endpoint.region:
            raise ControlError(f"{endpoint.id} is to a service of another Region, which AWS doesn't measure")
        published = _publish(endpoint.account, endpoint.region, ENDPOINTS, OF_ENDPOINT, _of_endpoint(endpoint), values)
        service = endpoint.service
        if service is not None:
            published += _publish(
                service.account, service.region, SERVICES, OF_SERVICE, _of_service(service, endpoint), values
            )
            count = {COUNT: sum(other.state == AVAILABLE for other in service.endpoints.values())} | values
            published += _publish(
                service.account, service.region, SERVICES, (COUNT,), [{"Service Id": service.id}], count
            )
        return {"published": published}

    app.control("POST", "traffic/<endpoint>", flow)


def _of_endpoint(endpoint: Endpoint) -> list[Dimensions]:
    own = {
        "Endpoint Type": endpoint.kind,
        "Service Name": endpoint.service_name,
        "VPC Endpoint Id": endpoint.id,
        "VPC Id": endpoint.vpc_id,
    }
    return [own, *(own | {"Subnet Id": subnet} for subnet in endpoint.subnet_ids)]


def _of_service(service: Service, endpoint: Endpoint) -> list[Dimensions]:
    own = {"Service Id": service.id}
    sets: list[Dimensions] = [own, own | {"VPC Endpoint Id": endpoint.id}]
    sets += [own | {"Az": zone} for zone in zones(service.account, service.region, service.load_balancer_arns)]
    for arn in service.load_balancer_arns:
        sets.append(own | {"Load Balancer Arn": arn})
        for zone in zones(service.account, service.region, [arn]):
            sets.append(own | {"Az": zone, "Load Balancer Arn": arn})
    return sets


def _publish(
    account: str,
    region: str,
    namespace: str,
    names: tuple[str, ...],
    sets: list[Dimensions],
    values: dict[str, Any],
) -> int:
    data = [
        {
            "MetricName": name,
            "Value": float(values.get(name, 1)),
            "Unit": UNITS.get(name, "Count"),
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        }
        for name in names
        for dimensions in sets
    ]
    publish(account, region, namespace, data)
    return len(data)
