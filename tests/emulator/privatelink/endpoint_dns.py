"""Names of endpoints as DNS sees them: public ones that anybody can resolve, and zones that AWS keeps for private ones.

A private DNS name makes AWS keep a private zone of that name (of a wildcard: of the name below it) in its own account,
associated with the endpoint's VPC; names with one domain in common share the zone.
"""

from __future__ import annotations

import re
from typing import Any

from moto.ec2.models import ec2_backends

from ..route53 import names
from ..route53.vpcs import Vpc
from ..route53.zones import ManagedZone
from . import network
from .registry import Endpoint, Registry

OWNER = "vpce.amazonaws.com"
PUBLIC_NAME = re.compile(r"(?:\\052\.|.+\.)?(vpce-[0-9a-f]{8,17})-[^.]+\..+\.vpce\.amazonaws\.com\.")


class EndpointDns:
    """What Route 53 asks of PrivateLink (`route53.zones.EndpointNames`)."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def managed_zones(self, vpc: Vpc) -> list[ManagedZone]:
        """The zones of the VPC's endpoints."""
        endpoints = [e for e in list(self._registry.endpoints.values()) if (e.region, e.vpc_id) == (vpc.region, vpc.id)]
        return [zone for endpoint in endpoints for zone in _zones_of(endpoint)]

    def managed_zones_of(self, endpoint_id: str) -> list[ManagedZone]:
        """The zones of one endpoint."""
        endpoint = self._registry.endpoints.get(endpoint_id)
        return _zones_of(endpoint) if endpoint is not None else []

    def is_endpoint(self, endpoint_id: str, account: str, region: str) -> bool:
        """Whether an account has the endpoint in a Region."""
        return self._registry.endpoint(endpoint_id, account, region) is not None

    def is_managed(self, zone_id: str) -> bool:
        """Whether a zone is one of an endpoint."""
        endpoints = list(self._registry.endpoints.values())
        return any(zone.id == zone_id for endpoint in endpoints for zone in _zones_of(endpoint))

    def public_domain(self, zone_id: str) -> str | None:
        """The domain of a Region's public names: each Region has a hosted zone for them."""
        region = network.region_of_zone(zone_id)
        return None if region is None else f"{region}.vpce.amazonaws.com."

    def has_name(self, name: str, kind: str) -> bool:
        """Whether an endpoint has the public name, with records of the type."""
        endpoint = self._named(name)
        return endpoint is not None and kind in network.record_types(endpoint)

    def addresses(self, name: str, kind: str) -> list[str] | None:
        """The addresses behind a public name: of all zones, or of the one in the name."""
        endpoint = self._named(name)
        if endpoint is None:
            return None
        zoned = {network.zonal_name(endpoint, zone): subnet for zone, subnet in network.zones_and_subnets(endpoint)}
        subnets = [subnet for name_of_zone, subnet in zoned.items() if _covers(name_of_zone, name)]
        return _addresses(endpoint, kind, subnets or endpoint.subnet_ids)

    def addresses_of(self, endpoint_id: str, kind: str) -> list[str]:
        """All addresses of an endpoint."""
        endpoint = self._registry.endpoints.get(endpoint_id)
        return _addresses(endpoint, kind, endpoint.subnet_ids) if endpoint is not None else []

    def _named(self, name: str) -> Endpoint | None:
        match = PUBLIC_NAME.fullmatch(name)
        endpoint = self._registry.endpoints.get(match[1]) if match else None
        if endpoint is None or not network.has_names(endpoint):
            return None
        known = [network.regional_name(endpoint)]
        known += [network.zonal_name(endpoint, zone) for zone, _ in network.zones_and_subnets(endpoint)]
        return endpoint if any(_covers(public, name) for public in known) else None


def _covers(public: str, name: str) -> bool:
    """Whether a public name of an endpoint, maybe a wildcard, covers a normalized name."""
    public = names.normalize(public)
    if public.startswith(f"{names.WILDCARD}."):
        return name.endswith(public.removeprefix(names.WILDCARD))
    return name == public


def _zones_of(endpoint: Endpoint) -> list[ManagedZone]:
    if not endpoint.private_dns_enabled or endpoint.state == "deleting":
        return []
    by_domain: dict[str, list[str]] = {}
    for name in endpoint.private_names:
        by_domain.setdefault(network.managed_domain(name), []).append(names.normalize(name))
    return [
        ManagedZone(
            network.managed_zone_id(endpoint, domain), names.normalize(domain), OWNER, endpoint.id, tuple(answers)
        )
        for domain, answers in by_domain.items()
    ]


def _addresses(endpoint: Endpoint, kind: str, subnets: list[str]) -> list[str]:
    if kind not in network.record_types(endpoint):
        return []
    interfaces = ec2_backends[endpoint.account][endpoint.region].enis
    found: list[Any] = [interfaces.get(endpoint.interfaces.get(subnet, "")) for subnet in subnets]
    present = [interface for interface in found if interface is not None]
    if kind == "A":
        return [interface.private_ip_address for interface in present]
    return [address for interface in present for address in interface.ipv6_addresses]
