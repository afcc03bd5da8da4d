"""What an endpoint needs of the VPC: subnets, security groups, network interfaces and DNS names."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from typing import Any

from moto.ec2.exceptions import InvalidSubnetIdError
from moto.ec2.models import ec2_backends

from ..api_call import AwsError
from .operation import invalid_parameter
from .registry import Endpoint, Service

# Public hosted zones of endpoint names, as seen in recorded replies; those of other Regions are made up.
ZONES = {"us-east-1": "Z7HUB22UULQXV", "us-west-2": "Z1YSA3EXCYUU9Z", "eu-west-1": "Z38GZ743OKFT7T"}
RESERVED_ADDRESSES = 4  # the first four of a subnet are AWS's (and the last: broadcast)


def hosted_zone(seed: str) -> str:
    """A hosted zone id for a Region's endpoint names, or for the managed zone of an endpoint."""
    digest = base36(hashlib.sha256(seed.encode()).digest())
    return ZONES.get(seed) or f"Z{digest[:13].upper()}"


def base36(data: bytes) -> str:
    """Lower-case letters and digits that stand for `data`."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 36)
        text += "0123456789abcdefghijklmnopqrstuvwxyz"[digit]
    return text


def new_dns_suffix() -> str:
    """The random part of an endpoint's DNS names."""
    return base36(secrets.token_bytes(8))[:8]


def subnet_of(account: str, region: str, vpc_id: str, subnet_id: str) -> Any:
    """A subnet (moto's) that must lie in the VPC."""
    try:
        subnet = ec2_backends[account][region].get_subnet(subnet_id)
    except InvalidSubnetIdError:
        raise AwsError("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist") from None
    if subnet.vpc_id != vpc_id:
        raise invalid_parameter(f"The subnet {subnet_id} does not belong to the VPC {vpc_id}")
    return subnet


def check_subnets(
    account: str, region: str, vpc_id: str, subnet_ids: list[str], service: Service | None, zones: list[str]
) -> None:
    """One subnet a zone, in zones that the service has (`zones`; a service of another Region has others)."""
    seen: dict[str, str] = {}
    for subnet_id in subnet_ids:
        zone = subnet_of(account, region, vpc_id, subnet_id).availability_zone
        if zone in seen:
            raise AwsError(
                "DuplicateSubnetsInSameZone",
                f"Found another VPC endpoint subnet in the availability zone of {subnet_id}",
            )
        seen[zone] = subnet_id
        if service is not None and service.region == region and zone not in zones:
            raise invalid_parameter(
                f"The VPC endpoint service {service.name} does not support the availability zone of the subnet: "
                f"{subnet_id}."
            )


def security_groups(account: str, region: str, vpc_id: str, group_ids: list[str]) -> list[str]:
    """The groups of an endpoint: those asked for, or else the VPC's default group."""
    backend = ec2_backends[account][region]
    if not group_ids:
        default = backend.get_default_security_group(vpc_id)
        return [default.id] if default else []
    for group_id in group_ids:
        group = backend.get_security_group_from_id(group_id)
        if group is None or group.vpc_id != vpc_id:
            raise AwsError("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist in {vpc_id}")
    return group_ids


def describe_groups(endpoint: Endpoint) -> list[dict[str, str]]:
    """Ids and names of an endpoint's security groups."""
    backend = ec2_backends[endpoint.account][endpoint.region]
    groups = [backend.get_security_group_from_id(group_id) for group_id in endpoint.group_ids]
    return [{"GroupId": group.id, "GroupName": group.name} for group in groups if group]


def attach(endpoint: Endpoint, subnet_id: str) -> None:
    """Make the endpoint's network interface in a subnet."""
    backend = ec2_backends[endpoint.account][endpoint.region]
    subnet = backend.get_subnet(subnet_id)
    interface = backend.create_network_interface(
        subnet,
        _free_address(backend, subnet),
        group_ids=list(endpoint.group_ids),
        description=f"VPC Endpoint Interface {endpoint.id}",
    )
    interface.interface_type = "vpc_endpoint"
    interface.status = "in-use"
    interface.requester_managed = True
    endpoint.interfaces[subnet_id] = interface.id


def detach(endpoint: Endpoint, subnet_id: str) -> None:
    """Delete the endpoint's network interface in a subnet."""
    backend = ec2_backends[endpoint.account][endpoint.region]
    backend.enis.pop(endpoint.interfaces.pop(subnet_id, ""), None)


def _free_address(backend: Any, subnet: Any) -> str:
    network = ipaddress.ip_network(subnet.cidr_block)
    used = {eni.private_ip_address for eni in backend.enis.values() if eni.subnet.id == subnet.id}
    for offset in range(RESERVED_ADDRESSES, network.num_addresses - 1):
        address = str(network[offset])
        if address not in used:
            return address
    raise AwsError("InsufficientFreeAddressesInSubnet", f"The subnet {subnet.id} has no free address")


def zone_names(endpoint: Endpoint) -> list[str]:
    """The Availability Zones of the endpoint's subnets."""
    backend = ec2_backends[endpoint.account][endpoint.region]
    return [backend.get_subnet(subnet_id).availability_zone for subnet_id in endpoint.subnet_ids]


def dns_entries(endpoint: Endpoint) -> list[dict[str, str]]:
    """The endpoint's names: a private one first when it has one, then the Regional, then one for each zone.

    The order with the private name in front, in another hosted zone, is what recorded replies show.
    """
    region = endpoint.region
    base = endpoint.service.id if endpoint.service else endpoint.service_name.split(".", 3)[-1]
    zone = hosted_zone(region)
    suffix = f"{base}.{region}.vpce.amazonaws.com"
    names = [f"{endpoint.id}-{endpoint.dns_suffix}.{suffix}"]
    names += [f"{endpoint.id}-{endpoint.dns_suffix}-{name}.{suffix}" for name in zone_names(endpoint)]
    entries = [{"DnsName": name, "HostedZoneId": zone} for name in names]
    if endpoint.private_dns_enabled:
        managed = hosted_zone(endpoint.id)
        entries = [{"DnsName": name, "HostedZoneId": managed} for name in endpoint.private_names] + entries
    return entries
