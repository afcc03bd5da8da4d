"""The hosted zones of private DNS namespaces, and the records of their instances.

Developer Guide: one record of each type of the service for an instance, with the instance's id as set identifier. An SRV
record points to a name of the instance, which has the addresses. All have the TTL of the service.
"""

from __future__ import annotations

from dataclasses import replace

from ..route53 import names, vpcs
from ..route53.alias_targets import LOAD_BALANCERS
from ..route53.record_sets import Alias, Key, RecordSet
from ..route53.vpcs import Vpc
from ..route53.zones import HostedZone, Zones, first_records, new_id, new_name_servers
from .registry import Instance, Namespace, OperationFailed, Service

IPV4, IPV6, PORT = "AWS_INSTANCE_IPV4", "AWS_INSTANCE_IPV6", "AWS_INSTANCE_PORT"
CNAME, ALIAS = "AWS_INSTANCE_CNAME", "AWS_ALIAS_DNS_NAME"
# Attributes by the record type that shows them; an SRV record has several.
OF_TYPE = {"A": IPV4, "AAAA": IPV6, "CNAME": CNAME}
NOT_MADE = "CANNOT_CREATE_HOSTED_ZONE"


def create(zones: Zones, namespace: Namespace, vpc_id: str) -> None:
    """Make the zone, in the account of the namespace."""
    vpc = Vpc(namespace.region, vpc_id)
    if vpcs.owner_of(vpc) != namespace.account:
        raise OperationFailed(NOT_MADE, f"The VPC ID is invalid. (VPC: {vpc_id})")
    try:
        name = names.normalize(namespace.name)
    except names.InvalidName as error:
        raise OperationFailed(NOT_MADE, str(error)) from None
    conflicting = zones.conflicting(vpc, name)
    if conflicting is not None:
        message = f"The VPC {vpc_id} has already been associated with the hosted zone {conflicting} of the same name."
        raise OperationFailed(NOT_MADE, message)
    servers = new_name_servers(private=True)
    zone = HostedZone(
        id=new_id("Z"),
        account=namespace.account,
        name=name,
        reference=namespace.id,
        private=True,
        comment=namespace.description,
        name_servers=servers,
        records=first_records(name, servers),
        vpcs={vpc: None},
        managed_by=namespace.arn,
    )
    zones.zones[zone.id] = zone
    namespace.zone_id = zone.id
    if namespace.soa_ttl is not None:
        write_soa(zones, namespace)
    zones.submit(namespace.account, zone)


def delete(zones: Zones, namespace: Namespace) -> None:
    """Delete the zone of a namespace, if it has one."""
    zone = zones.zones.pop(namespace.zone_id or "", None)
    if zone is not None:
        zones.submit(namespace.account, zone)


def write_soa(zones: Zones, namespace: Namespace) -> None:
    """Give the SOA record the TTL of the namespace."""
    zone = _zone(zones, namespace)
    changed = {
        key: replace(record, ttl=namespace.soa_ttl) if record.type == "SOA" else record
        for key, record in zone.records.items()
    }
    _write(zones, zone, changed)


def put(zones: Zones, service: Service, before: Instance | None, instance: Instance) -> None:
    """Write the records of an instance in the place of those it had before."""
    if not service.record_types:
        return
    zone = _zone(zones, service.namespace)
    old = _records(zone, service, before) if before else {}
    kept = {key: record for key, record in zone.records.items() if key not in old}
    _write(zones, zone, kept | _records(zone, service, instance))


def remove(zones: Zones, service: Service, instance: Instance) -> None:
    """Take the records of an instance away."""
    if service.record_types:
        zone = _zone(zones, service.namespace)
        old = _records(zone, service, instance)
        _write(zones, zone, {key: record for key, record in zone.records.items() if key not in old})


def _zone(zones: Zones, namespace: Namespace) -> HostedZone:
    zone = zones.zones.get(namespace.zone_id or "")
    if zone is None:
        raise OperationFailed("HOSTED_ZONE_NOT_FOUND", f"No hosted zone found with ID: {namespace.zone_id}")
    return zone


def _write(zones: Zones, zone: HostedZone, records: dict[Key, RecordSet]) -> None:
    zone.replace(records)
    zones.submit(zone.account, zone)


def _records(zone: HostedZone, service: Service, instance: Instance) -> dict[Key, RecordSet]:
    apex = service.name == "."
    try:
        name = zone.name if apex else names.normalize(f"{service.name}.{zone.name}")
        made = [
            record
            for kind, ttl in service.record_types.items()
            for record in _of_type(service, instance, name, kind, ttl)
        ]
    except names.InvalidName as error:
        raise OperationFailed("INVALID_CHANGE_BATCH", str(error)) from None
    return {record.key: record for record in made}


def _of_type(service: Service, instance: Instance, name: str, kind: str, ttl: int) -> list[RecordSet]:
    weighted = (service.dns or {}).get("RoutingPolicy") == "WEIGHTED"
    routing = {"Weight": 1} if weighted else {"MultiValueAnswer": True}
    given = instance.attributes
    if ALIAS in given:
        target = Alias(LOAD_BALANCERS, names.normalize(given[ALIAS]), evaluates_health=True)
        return [RecordSet(name, kind, instance.id, alias=target, routing=routing)]
    if kind != "SRV":
        return [RecordSet(name, kind, instance.id, ttl, (given[OF_TYPE[kind]],), routing=routing)]
    host = names.normalize(f"{instance.id}.{name}")
    addresses = [
        RecordSet(host, of, ttl=ttl, values=(given[OF_TYPE[of]],)) for of in ("A", "AAAA") if OF_TYPE[of] in given
    ]
    return [RecordSet(name, "SRV", instance.id, ttl, (f"1 1 {given[PORT]} {host}",), routing=routing), *addresses]
