"""Endpoint services, as their provider sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends

from ..api_call import ApiCall, AwsError
from . import load_balancers, private_dns
from .operation import (
    SERVICE_ID,
    Operations,
    filtered,
    invalid_parameter,
    once,
    owned_service,
    page,
    refuse_dry_run,
    specified_tags,
    unsuccessful,
)
from .registry import ACTIVE_STATES, GATEWAY, INTERFACE, Registry, Service, new_id

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

# The parameter and member with the load balancers of a service, by the service's kind.
BALANCERS = {INTERFACE: "NetworkLoadBalancerArns", GATEWAY: "GatewayLoadBalancerArns"}
FILTERS = {"service-name", "service-id", "service-state", "supported-ip-address-types", "tag-key"}


def install(hooks: Hooks, app: Emulator, registry: Registry) -> None:
    """Answer the operations on service configurations."""
    operations = Operations(hooks, registry)
    operations.add("CreateVpcEndpointServiceConfiguration", create)
    operations.add("DescribeVpcEndpointServiceConfigurations", describe_all)
    operations.add("ModifyVpcEndpointServiceConfiguration", modify)
    operations.add("DeleteVpcEndpointServiceConfigurations", delete)


def create(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """CreateVpcEndpointServiceConfiguration."""

    def show(service_id: str) -> dict[str, Any] | None:
        service = registry.service(service_id, call.account, call.region)
        return {"ServiceConfiguration": describe(service)} if service else None

    return once(registry, call, lambda: _make(registry, call).id, show)


def _make(registry: Registry, call: ApiCall) -> Service:
    kind, arns = _kind_and_balancers(call)
    load_balancers.check(registry, call, kind, arns, None)
    _refuse_for_gateways(call, kind, "PrivateDnsName", "SupportedRegions")
    tags = specified_tags(call, "vpc-endpoint-service")
    refuse_dry_run(call)
    service = Service(
        id=new_id("vpce-svc"),
        number=registry.next_number(),
        account=call.account,
        region=call.region,
        load_balancer_arns=list(arns),
        acceptance_required=call.parameter("AcceptanceRequired", True),
        supported_regions=list(dict.fromkeys([call.region, *call.parameter("SupportedRegions", [])])),
        ip_address_types=call.parameter("SupportedIpAddressTypes", ["ipv4"]),
        kind=kind,
    )
    if call.parameter("PrivateDnsName"):
        service.private_name = private_dns.unproven(call.parameter("PrivateDnsName"))
    ec2_backends[call.account][call.region].create_tags([service.id], tags)
    service.zones = load_balancers.zones(service.account, service.region, service.load_balancer_arns)
    registry.services[service.id] = service
    return service


def _kind_and_balancers(call: ApiCall) -> tuple[str, list[str]]:
    given = {kind: call.parameter(parameter, []) for kind, parameter in BALANCERS.items()}
    chosen = [(kind, arns) for kind, arns in given.items() if arns]
    if len(chosen) != 1:
        raise invalid_parameter(
            "exactly one of network_load_balancer_arn or gateway_load_balancer_arn is a required member"
        )
    return chosen[0]


def _refuse_for_gateways(call: ApiCall, kind: str, *parameters: str) -> None:
    for name in parameters:
        if kind == GATEWAY and call.parameter(name):
            raise invalid_parameter(f"{name} is for services with Network Load Balancers")


def describe(service: Service) -> dict[str, Any]:
    """A service configuration; `PrivateDnsNameConfiguration` is an empty object when there is no name, as on AWS."""
    name = service.private_name
    return {
        "ServiceType": [{"ServiceType": service.kind}],
        "ServiceId": service.id,
        "ServiceName": service.name,
        "ServiceState": "Available",
        "AvailabilityZoneIds": zone_ids(service),
        "AvailabilityZones": zones(service),
        "AcceptanceRequired": service.acceptance_required,
        "ManagesVpcEndpoints": False,
        BALANCERS[service.kind]: service.load_balancer_arns,
        "SupportedIpAddressTypes": service.ip_address_types,
        "BaseEndpointDnsNames": [base_dns_name(service)],
        "PrivateDnsName": name.name if name else None,
        "PrivateDnsNameConfiguration": private_dns.describe(name),
        "Tags": service.tags,
        "SupportedRegions": [{"Region": region, "ServiceState": "Available"} for region in service.supported_regions],
        "RemoteAccessEnabled": len(service.supported_regions) > 1,
    }


def base_dns_name(service: Service) -> str:
    """The domain under which the service's endpoints have their names."""
    return f"{service.id}.{service.region}.vpce.amazonaws.com"


def zones(service: Service) -> list[str]:
    """The Availability Zones a service is in: it takes up those of its load balancers when it is made or modified."""
    return service.zones


def zone_ids(service: Service) -> list[str]:
    """The same by id; a name means different places in different accounts on AWS."""
    known = ec2_backends[service.account][service.region].describe_availability_zones()
    return sorted(zone.zone_id for zone in known if zone.name in zones(service))


def describe_all(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """DescribeVpcEndpointServiceConfigurations."""
    ids = call.parameter("ServiceIds", [])
    if ids:
        named = {service_id: owned_service(registry, call, service_id) for service_id in ids}
        found = sorted(named.values(), key=lambda service: service.number)
    else:
        found = list(registry.services_of(call.account, call.region))
    refuse_dry_run(call)
    matching = filtered(call, found, filter_values, FILTERS)
    shown, token = page(registry, call, matching, lambda service: service.number, smallest=5)
    return {"ServiceConfigurations": [describe(service) for service in shown], "NextToken": token}


def filter_values(service: Service) -> dict[str, Any]:
    """What the filters of DescribeVpcEndpointServiceConfigurations look at."""
    return {
        "service-name": service.name,
        "service-id": service.id,
        "service-state": "Available",
        "supported-ip-address-types": service.ip_address_types,
        "tags": service.tags,
    }


def modify(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """ModifyVpcEndpointServiceConfiguration; with nothing but the id it re-reads the load balancers' zones."""
    service = owned_service(registry, call, call.parameter("ServiceId"))
    _refuse_for_gateways(call, service.kind, "PrivateDnsName", "AddSupportedRegions")
    arns = _load_balancers_after(registry, call, service)
    regions = _regions_after(call, service)
    kinds = _changed(call, "SupportedIpAddressTypes", service.ip_address_types)
    refuse_dry_run(call)
    service.load_balancer_arns, service.supported_regions, service.ip_address_types = arns, regions, kinds
    service.zones = load_balancers.zones(service.account, service.region, arns)
    service.acceptance_required = call.parameter("AcceptanceRequired", service.acceptance_required)
    name = call.parameter("PrivateDnsName")
    if call.parameter("RemovePrivateDnsName"):
        service.private_name = None
    elif name and (service.private_name is None or service.private_name.name != name):
        service.private_name = private_dns.unproven(name)
    return {"Return": True}


def _load_balancers_after(registry: Registry, call: ApiCall, service: Service) -> list[str]:
    parameter = BALANCERS[service.kind]
    foreign = next(other for other in BALANCERS.values() if other != parameter)
    if call.parameter(f"Add{foreign}") or call.parameter(f"Remove{foreign}"):
        raise invalid_parameter(f"{service.id} is a service for endpoints of type {service.kind}")
    removed = set(call.parameter(f"Remove{parameter}", []))
    load_balancers.check(registry, call, service.kind, call.parameter(f"Add{parameter}", []), service.id)
    if removed - set(service.load_balancer_arns):
        raise invalid_parameter(f"{sorted(removed)} are not load balancers of {service.id}")
    if removed and has_active_connections(service):
        raise AwsError("ExistingVpcEndpointConnections", "Service has existing active VPC Endpoint connections!")
    arns = _changed(call, parameter, service.load_balancer_arns)
    if not arns:
        raise invalid_parameter("a VPC endpoint service needs at least one load balancer")
    return arns


def _regions_after(call: ApiCall, service: Service) -> list[str]:
    if service.region in call.parameter("RemoveSupportedRegions", []):
        raise invalid_parameter(f"The Region {service.region} of the service can't be removed")
    return _changed(call, "SupportedRegions", service.supported_regions)


def _changed(call: ApiCall, parameter: str, current: list[str]) -> list[str]:
    """The list after `Add<parameter>` and `Remove<parameter>`."""
    removed = call.parameter(f"Remove{parameter}", [])
    kept = [value for value in current if value not in removed]
    return list(dict.fromkeys([*kept, *call.parameter(f"Add{parameter}", [])]))


def has_active_connections(service: Service) -> bool:
    """Whether endpoints keep the service from being deleted."""
    return any(endpoint.state in ACTIVE_STATES for endpoint in service.endpoints.values())


def delete(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """DeleteVpcEndpointServiceConfigurations: HTTP 200 also when none of the services could be deleted."""
    for service_id in call.parameter("ServiceIds", []):
        if not SERVICE_ID.fullmatch(service_id):
            raise AwsError("InvalidVpcEndpointServiceIdId.Malformed", f"Invalid Id: '{service_id}'")
    refuse_dry_run(call)
    failed = []
    for service_id in call.parameter("ServiceIds", []):
        service = registry.service(service_id, call.account, call.region)
        if service_id in call.failing_items:
            failed.append(unsuccessful(service_id, *call.failing_items[service_id]))
        elif service is None:
            message = f"The VpcEndpointService Id '{service_id}' does not exist"
            failed.append(unsuccessful(service_id, "InvalidVpcEndpointService.NotFound", message))
        elif has_active_connections(service):
            message = "Service has existing active VPC Endpoint connections!"
            failed.append(unsuccessful(service_id, "ExistingVpcEndpointConnections", message))
        else:
            _forget(registry, service)
    return {"Unsuccessful": failed}


def _forget(registry: Registry, service: Service) -> None:
    backend = ec2_backends[service.account][service.region]
    for key in (service.id, *service.permission_ids, *(e.connection_id for e in service.endpoints.values())):
        backend.tags.pop(key, None)
    for number, notification in list(registry.notifications.items()):
        if notification.service_id == service.id:
            del registry.notifications[number]
    del registry.services[service.id]
