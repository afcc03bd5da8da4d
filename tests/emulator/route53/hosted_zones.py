"""Hosted zones: create, look at, comment, delete.

API Reference: CreateHostedZone, GetHostedZone, UpdateHostedZoneComment, DeleteHostedZone, GetHostedZoneCount. What isn't
documented: whether a CallerReference is free again when its zone is gone (here it isn't, which is the stricter reading).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from . import vpcs
from .operation import Operations, domain_name, invalid_input, not_there, own_zone, writable_zone
from .record_sets import APEX_TYPES
from .vpcs import Vpc
from .zones import HostedZone, Zones, first_records, new_id, new_name_servers

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

CLOUD_MAP = "servicediscovery.amazonaws.com"


def install(hooks: Hooks, app: Emulator, zones: Zones) -> None:
    """Answer the operations on zones."""
    app.settings.define(
        "hosted_zones_per_account",
        500,
        lambda value: isinstance(value, int) and value > 0,
        "quota of Route 53: hosted zones per account",
    )
    operations = Operations(hooks, zones)
    operations.add("CreateHostedZone", create)
    operations.add("GetHostedZone", get)
    operations.add("GetHostedZoneCount", count)
    operations.add("UpdateHostedZoneComment", change_comment)
    operations.add("DeleteHostedZone", delete)


def create(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """CreateHostedZone: public, or private with its first VPC."""
    if call.parameter("DelegationSetId"):
        raise not_there("reusable delegation sets")
    name, reference = domain_name(call.parameter("Name")), call.parameter("CallerReference")
    config = call.parameter("HostedZoneConfig", {})
    vpc = _first_vpc(call, config)
    if (call.account, reference) in zones.references:
        raise AwsError("HostedZoneAlreadyExists", f"A hosted zone has already been created with {reference}.")
    if vpc is not None:
        check_no_conflict(zones, vpc, name)
    quota = zones.settings["hosted_zones_per_account"]
    if len(zones.of_account(call.account)) >= quota:
        raise AwsError("TooManyHostedZones", f"Limit of {quota} hosted zones per account has been exceeded.")
    servers = new_name_servers(private=vpc is not None)
    zone = HostedZone(
        id=new_id("Z"),
        account=call.account,
        name=name,
        reference=reference,
        private=vpc is not None,
        comment=config.get("Comment"),
        name_servers=servers,
        records=first_records(name, servers),
        vpcs={} if vpc is None else {vpc: None},
    )
    zones.references.add((call.account, reference))
    zones.zones[zone.id] = zone
    answer = {
        "HostedZone": describe(zone),
        "ChangeInfo": zones.submit(call.account, zone),
        "Location": f"https://route53.amazonaws.com/2013-04-01/hostedzone/{zone.id}",
    }
    return answer | ({"DelegationSet": {"NameServers": servers}} if vpc is None else {"VPC": vpc.describe()})


def _first_vpc(call: ApiCall, config: dict[str, Any]) -> Vpc | None:
    parameter = call.parameter("VPC")
    if not parameter:
        if config.get("PrivateZone"):
            raise invalid_input(
                "When you're creating a private hosted zone (when you specify true for PrivateZone), you must also "
                "specify values for VPCId and VPCRegion."
            )
        return None
    vpc = vpcs.vpc_of(parameter)
    vpcs.check_is_own(call, vpc)
    return vpc


def check_no_conflict(zones: Zones, vpc: Vpc, name: str) -> None:
    """Refuse a second zone of one name in a VPC; nested names are fine."""
    conflicting = zones.conflicting(vpc, name)
    if conflicting is not None:
        raise AwsError(
            "ConflictingDomainExists",
            f"The VPC {vpc.id} in region {vpc.region} has already been associated with the hosted zone {conflicting} "
            "with the same domain name.",
        )


def describe(zone: HostedZone) -> dict[str, Any]:
    """The structure HostedZone."""
    config: dict[str, Any] = {"PrivateZone": zone.private}
    if zone.comment:
        config["Comment"] = zone.comment
    shown = {
        "Id": f"/hostedzone/{zone.id}",
        "Name": zone.name,
        "CallerReference": zone.reference,
        "Config": config,
        "ResourceRecordSetCount": len(zone.records),
    }
    if zone.managed_by is not None:
        service = {"ServicePrincipal": CLOUD_MAP, "Description": f"Created by Cloud Map for {zone.managed_by}"}
        shown["LinkedService"] = service
    return shown


def get(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """GetHostedZone: with its name servers, or its VPCs."""
    zone = own_zone(zones, call, call.parameter("Id"))
    if zone.private:
        return {"HostedZone": describe(zone), "VPCs": [vpc.describe() for vpc in zone.vpcs]}
    return {"HostedZone": describe(zone), "DelegationSet": {"NameServers": zone.name_servers}}


def count(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """GetHostedZoneCount."""
    return {"HostedZoneCount": len(zones.of_account(call.account))}


def change_comment(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """UpdateHostedZoneComment; without a comment the present one goes."""
    zone = own_zone(zones, call, call.parameter("Id"))
    zone.comment = call.parameter("Comment")
    return {"HostedZone": describe(zone)}


def delete(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """DeleteHostedZone: only when nothing but the first NS and SOA records is left."""
    zone = writable_zone(zones, call, call.parameter("Id"))
    if any(record.name != zone.name or record.type not in APEX_TYPES for record in zone.records.values()):
        raise AwsError(
            "HostedZoneNotEmpty",
            "The specified hosted zone contains non-required resource record sets and so cannot be deleted.",
        )
    del zones.zones[zone.id]
    return {"ChangeInfo": zones.submit(call.account, zone)}
