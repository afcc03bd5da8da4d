"""VPCs of private zones: associate and disassociate, within an account and across accounts.

API Reference: AssociateVPCWithHostedZone, DisassociateVPCFromHostedZone. The VPC's account asks; for a zone of another
account it needs an authorization, which isn't used up. Disassociate is for either account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from . import vpcs
from .hosted_zones import check_no_conflict
from .operation import Operations, denied, find_zone
from .vpcs import Vpc
from .zones import HostedZone, Zones

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

# HTTP status of NotAuthorizedException in the API's model.
NOT_AUTHORIZED = 401


def install(hooks: Hooks, app: Emulator, zones: Zones) -> None:
    """Answer the operations on associations."""
    app.settings.define(
        "vpcs_per_hosted_zone",
        300,
        lambda value: isinstance(value, int) and value > 0,
        "quota of Route 53: VPCs that a private hosted zone can be associated with",
    )
    operations = Operations(hooks, zones)
    operations.add("AssociateVPCWithHostedZone", associate)
    operations.add("DisassociateVPCFromHostedZone", disassociate)


def associate(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """AssociateVPCWithHostedZone."""
    zone = find_zone(zones, call, call.parameter("HostedZoneId"))
    vpc = vpcs.vpc_of(call.parameter("VPC"))
    _check_may_associate(call, zone, vpc)
    if not zone.private:
        raise AwsError(
            "PublicZoneVPCAssociation",
            "You're trying to associate a VPC with a public hosted zone. Amazon Route 53 doesn't support associating "
            "a VPC with a public hosted zone.",
        )
    check_no_conflict(zones, vpc, zone.name)
    quota = zones.settings["vpcs_per_hosted_zone"]
    if len(zone.vpcs) >= quota:
        raise AwsError("LimitsExceeded", f"The hosted zone {zone.id} is associated with {quota} VPCs, its quota.")
    zone.vpcs[vpc] = None
    return {"ChangeInfo": zones.submit(call.account, zone, call.parameter("Comment"))}


def _check_may_associate(call: ApiCall, zone: HostedZone, vpc: Vpc) -> None:
    owner = vpcs.owner_of(vpc)
    if owner is None:
        raise AwsError("InvalidVPCId", f"The VPC ID is invalid. Received: {vpc.id}")
    if owner == call.account and (zone.account == call.account or vpc in zone.authorized):
        return
    message = f"The VPC: {vpc.id} in region {vpc.region} that you provided is not authorized to make the association."
    raise AwsError("NotAuthorizedException", message, NOT_AUTHORIZED)


def disassociate(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """DisassociateVPCFromHostedZone: by the zone's account or the VPC's; also of a VPC that is gone."""
    zone = find_zone(zones, call, call.parameter("HostedZoneId"))
    vpc = vpcs.vpc_of(call.parameter("VPC"))
    if call.account not in (zone.account, vpcs.owner_of(vpc)):
        raise denied(call)
    if vpc not in zone.vpcs:
        raise AwsError(
            "VPCAssociationNotFound", f"The VPC {vpc.id} in region {vpc.region} isn't associated with {zone.id}."
        )
    if len(zone.vpcs) == 1:
        raise AwsError(
            "LastVPCAssociation",
            "The VPC that you're trying to disassociate from the private hosted zone is the last VPC that is "
            "associated with the hosted zone.",
        )
    del zone.vpcs[vpc]
    return {"ChangeInfo": zones.submit(call.account, zone, call.parameter("Comment"))}
