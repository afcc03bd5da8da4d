"""Alias targets: records of the same zone, names of VPC endpoints, and load balancers.

Route 53 guide, "Values specific for simple alias records". Targets of other kinds (CloudFront, S3, API Gateway, …) aren't
modelled and are refused.
"""

from __future__ import annotations

from moto.elbv2.models import elbv2_backends

from . import names
from .operation import not_there
from .record_sets import Alias, Key, RecordSet
from .zones import HostedZone, Zones

# The one hosted zone id that moto gives load balancers.
LOAD_BALANCERS = "Z2P70J7EXAMPLE"
LOAD_BALANCER_DOMAIN = "elb.amazonaws.com."


def problem(zones: Zones, zone: HostedZone, records: dict[Key, RecordSet], record: RecordSet) -> str | None:
    """Why an alias can't be made, in a zone that is to have `records`; None when it can."""
    alias = record.alias
    assert alias is not None
    tried = f"Tried to create an alias that targets {alias.name}, type {record.type} in zone {alias.zone_id}, but "
    domain = _domain(zones, zone, alias)
    if domain is None or not names.lies_in(alias.name, domain):
        return f"{tried}the alias target name does not lie within the target zone"
    return None if _exists(zones, zone, records, record) else f"{tried}that target was not found"


def _domain(zones: Zones, zone: HostedZone, alias: Alias) -> str | None:
    """The domain of the target's zone; None when aliases can't point into that zone."""
    if alias.zone_id == zone.id:
        return zone.name
    domain = zones.endpoints.public_domain(alias.zone_id)
    if domain is not None:
        return domain
    if alias.zone_id == LOAD_BALANCERS:
        return LOAD_BALANCER_DOMAIN
    if alias.zone_id in zones.zones or zones.endpoints.is_managed(alias.zone_id):
        return None
    raise not_there(f"alias targets in the hosted zone {alias.zone_id}")


def _exists(zones: Zones, zone: HostedZone, records: dict[Key, RecordSet], record: RecordSet) -> bool:
    alias = record.alias
    assert alias is not None
    if alias.zone_id == zone.id:
        name = names.rank(alias.name)
        return (name, record.type, "") in records or any(key[:2] == (name, record.type) for key in records)
    if alias.zone_id == LOAD_BALANCERS:
        return load_balancer_named(alias.name)
    return zones.endpoints.has_name(alias.name, record.type)


def load_balancer_named(name: str) -> bool:
    """Whether a load balancer of anybody has the name; in front of it may stand `dualstack.`."""
    wanted = name.removesuffix(".").removeprefix("dualstack.")
    return any(
        balancer.dns_name.lower() == wanted
        for backends in list(elbv2_backends.values())
        for backend in list(backends.values())
        for balancer in list(backend.load_balancers.values())
    )
