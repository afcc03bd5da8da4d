"""What an endpoint needs of the VPC: subnets, security groups, network interfaces and DNS names."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from functools import lru_cache
from typing import Any

from moto.ec2.exceptions import InvalidSubnetIdError
from moto.ec2.models import ec2_backends

from ..api_call import AwsError
from .operation import invalid_parameter
from .registry import GATEWAY, INTERFACE, Endpoint, Service

# Public hosted zones of endpoint names, as seen in recorded replies; those of other Regions are made up.
ZONES = {"us-east-1": "Z7HUB22UULQXV", "us-west-2": "Z1YSA3EXCYUU9Z", "eu-west-1": "Z38GZ743OKFT7T"}
RECORD_TYPES = {"ipv4": {"A"}, "dualstack": {"A", "AAAA"}, "ipv6": {"AAAA"}}
INTERFACE_TYPES = {INTERFACE: "vpc_endpoint", GATEWAY: "gateway_load_balancer_endpoint"}
RESERVED_ADDRESSES = 4  # the first four of a subnet are AWS's (and the last: broadcast)


@lru_cache(maxsize=4096)
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
    give_addresses(endpoint, interface)
    interface.interface_type = INTERFACE_TYPES[endpoint.kind]
    interface.status = "in-use"
    interface.requester_managed = True
    if endpoint.kind == GATEWAY:
        interface._group_set = []  # moto gives the default group to those that ask for none
    endpoint.interfaces[subnet_id] = interface.id


def give_addresses(endpoint: Endpoint, interface: Any) -> None:
    """Give an interface an IPv6 address if the endpoint wants one and the subnet has a block of them."""
    wanted = endpoint.ip_address_type in ("dualstack", "ipv6")
    if wanted and not interface.ipv6_addresses and interface.subnet.ipv6_cidr_block_associations:
        ec2_backends[endpoint.account][endpoint.region].assign_ipv6_addresses(interface.id, None, 1)


def renew_addresses(endpoint: Endpoint) -> None:
    """Give the interfaces the addresses that a changed address type asks for."""
    interfaces = ec2_backends[endpoint.account][endpoint.region].enis
    for identifier in endpoint.interfaces.values():
        give_addresses(endpoint, interfaces[identifier])


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


def zones_and_subnets(endpoint: Endpoint) -> list[tuple[str, str]]:
    """The Availability Zones of the endpoint, each with its subnet."""
    backend = ec2_backends[endpoint.account][endpoint.region]
    return [(backend.get_subnet(subnet_id).availability_zone, subnet_id) for subnet_id in endpoint.subnet_ids]


def _public_domain(endpoint: Endpoint) -> str:
    base = endpoint.service.id if endpoint.service else endpoint.service_name.split(".", 3)[-1]
    return f"{base}.{endpoint.region}.vpce.amazonaws.com"


def _wildcard(endpoint: Endpoint) -> str:
    """What stands before the public names: those of S3 are wildcards, as recorded replies show."""
    return "*." if endpoint.service is None and endpoint.service_name.endswith(".s3") else ""


def regional_name(endpoint: Endpoint) -> str:
    """The public name for all zones."""
    return f"{_wildcard(endpoint)}{endpoint.id}-{endpoint.dns_suffix}.{_public_domain(endpoint)}"


def zonal_name(endpoint: Endpoint, zone: str) -> str:
    """The public name for one zone."""
    return f"{_wildcard(endpoint)}{endpoint.id}-{endpoint.dns_suffix}-{zone}.{_public_domain(endpoint)}"


def managed_domain(private_name: str) -> str:
    """The domain of the zone that AWS keeps for a private name."""
    return private_name.removeprefix("*.")


def managed_zone_id(endpoint: Endpoint, domain: str) -> str:
    """The id of that zone."""
    return hosted_zone(f"{endpoint.id}/{domain}")


def region_of_zone(zone_id: str) -> str | None:
    """The Region whose public names stand in a hosted zone, or None for another zone."""
    regions = {region for backends in list(ec2_backends.values()) for region in backends.regions}
    return next((region for region in sorted(regions) if hosted_zone(region) == zone_id), None)


def check_record_ip_type(ip_address_type: str, record_ip_type: str) -> None:
    """Refuse records of a type that the endpoint has no addresses of."""
    if record_ip_type in ("", "service-defined"):
        return
    if not RECORD_TYPES.get(record_ip_type, {"?"}) <= RECORD_TYPES[ip_address_type]:
        raise invalid_parameter(
            f"The DNS record IP type {record_ip_type} isn't supported by the IP address type {ip_address_type}."
        )


def has_names(endpoint: Endpoint) -> bool:
    """Whether the endpoint has DNS names, and has them yet; those of Gateway Load Balancers are targets of routes."""
    return endpoint.kind == INTERFACE and not (
        endpoint.named_when_available and endpoint.state in ("pendingAcceptance", "pending")
    )


def record_types(endpoint: Endpoint) -> set[str]:
    """The types of records that the endpoint's names have."""
    chosen = endpoint.record_ip_type
    return RECORD_TYPES[endpoint.ip_address_type if chosen in ("", "service-defined") else chosen]


def dns_entries(endpoint: Endpoint) -> list[dict[str, str]]:
    """The endpoint's names: private ones first when it has them, then the Regional, then one for each zone.

    The order with the private names in front, in another hosted zone, is what recorded replies show.
    """
    if not has_names(endpoint):
        return []
    zone = hosted_zone(endpoint.region)
    public = [regional_name(endpoint), *(zonal_name(endpoint, name) for name, _ in zones_and_subnets(endpoint))]
    entries = [{"DnsName": name, "HostedZoneId": zone} for name in public]
    if not endpoint.private_dns_enabled:
        return entries
    private = [
        {"DnsName": name, "HostedZoneId": managed_zone_id(endpoint, managed_domain(name))}
        for name in endpoint.private_names
    ]
    return private + entries
