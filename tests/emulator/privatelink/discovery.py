"""DescribeVpcEndpointServices: the services that a consumer may see.

AWS lists its own services, the caller's, and those that name the caller as an allowed principal. A service open to
everybody is found by those who know its name (PrivateLink guide, "Manage permissions").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends

from ..api_call import ApiCall, AwsError
from . import gateways, permissions, services
from .operation import Operations, filtered, page, refuse_dry_run
from .registry import Registry, Service

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

FILTERS = {"owner", "service-name", "service-region", "service-type", "supported-ip-address-types", "tag-key"}


def install(hooks: Hooks, app: Emulator, registry: Registry) -> None:
    """Answer DescribeVpcEndpointServices."""
    Operations(hooks, registry).add("DescribeVpcEndpointServices", describe_all)


def describe_all(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """DescribeVpcEndpointServices."""
    regions = call.parameter("ServiceRegions", [call.region])
    names = call.parameter("ServiceNames", [])
    found = [detail for region in regions for detail in _details(registry, call, region, names)]
    missing = sorted(set(names) - {detail["ServiceName"] for detail in found})
    if missing:
        raise AwsError("InvalidServiceName", f"The Vpc Endpoint Service '{missing[0]}' does not exist")
    refuse_dry_run(call)
    matching = filtered(call, found, _filter_values, FILTERS)
    matching.sort(key=lambda detail: detail["ServiceName"])
    numbered = list(enumerate(matching, start=1))
    shown, token = page(registry, call, numbered, lambda item: item[0])
    return {
        "ServiceNames": list(dict.fromkeys(detail["ServiceName"] for _, detail in shown)),
        "ServiceDetails": [detail for _, detail in shown],
        "NextToken": token,
    }


def _details(registry: Registry, call: ApiCall, region: str, names: list[str]) -> list[dict[str, Any]]:
    details = []
    if region == call.region:
        for offers in gateways.aws_services(call.account, region).values():
            details += [{**offer, "ServiceRegion": region} for offer in offers.values()]
    for service in list(registry.services.values()):
        reachable = service.region == region and call.region in service.supported_regions
        if reachable and _is_visible(service, call, names):
            details.append(_describe(service, call))
    return [detail for detail in details if not names or detail["ServiceName"] in names]


def _is_visible(service: Service, call: ApiCall, names: list[str]) -> bool:
    if service.account == call.account or permissions.is_named(service, call.caller):
        return True
    return service.permits("*") and service.name in names


def _describe(service: Service, call: ApiCall) -> dict[str, Any]:
    """A customer's service; of its Availability Zones only those that the caller has too, compared by zone id."""
    name = service.private_name
    zone_ids = set(services.zone_ids(service))
    common = [
        zone
        for zone in ec2_backends[call.account][service.region].describe_availability_zones()
        if zone.zone_id in zone_ids
    ]
    return {
        "ServiceName": service.name,
        "ServiceId": service.id,
        "ServiceType": [{"ServiceType": service.kind}],
        "ServiceRegion": service.region,
        "AvailabilityZoneIds": sorted(zone.zone_id for zone in common),
        "AvailabilityZones": sorted(zone.name for zone in common),
        "Owner": service.account,
        "BaseEndpointDnsNames": [services.base_dns_name(service)],
        "PrivateDnsName": name.name if name else None,
        "PrivateDnsNames": [{"PrivateDnsName": name.name}] if name else [],
        "VpcEndpointPolicySupported": False,
        "AcceptanceRequired": service.acceptance_required,
        "ManagesVpcEndpoints": False,
        "Tags": service.tags if service.account == call.account else [],
        "PrivateDnsNameVerificationState": name.state if name else None,
        "SupportedIpAddressTypes": service.ip_address_types,
    }


def _filter_values(detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "owner": detail["Owner"],
        "service-name": detail["ServiceName"],
        "service-region": detail["ServiceRegion"],
        "service-type": [kind["ServiceType"] for kind in detail["ServiceType"]],
        "supported-ip-address-types": detail.get("SupportedIpAddressTypes", ["ipv4"]),
        "tags": detail["Tags"],
    }
