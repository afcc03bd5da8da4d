"""What Route 53 says of its quotas: GetAccountLimit and GetHostedZoneLimit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from .operation import Operations, not_there, own_zone
from .zones import Zones

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator


def install(hooks: Hooks, _: Emulator, zones: Zones) -> None:
    """Answer the questions."""
    operations = Operations(hooks, zones)
    operations.add("GetAccountLimit", of_account)
    operations.add("GetHostedZoneLimit", of_zone)


def of_account(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """GetAccountLimit: of hosted zones."""
    kind = call.parameter("Type")
    if kind != "MAX_HOSTED_ZONES_BY_OWNER":
        raise not_there(f"the account limit {kind}")
    value = zones.settings["hosted_zones_per_account"]
    return {"Limit": {"Type": kind, "Value": value}, "Count": len(zones.of_account(call.account))}


def of_zone(zones: Zones, call: ApiCall) -> dict[str, Any]:
    """GetHostedZoneLimit: of its records, or its VPCs."""
    zone, kind = own_zone(zones, call, call.parameter("HostedZoneId")), call.parameter("Type")
    if kind == "MAX_RRSETS_BY_ZONE":
        return {"Limit": {"Type": kind, "Value": zones.settings["records_per_hosted_zone"]}, "Count": len(zone.records)}
    if not zone.private:
        raise AwsError("HostedZoneNotPrivate", f"The hosted zone {zone.id} isn't private.")
    return {"Limit": {"Type": kind, "Value": zones.settings["vpcs_per_hosted_zone"]}, "Count": len(zone.vpcs)}
