"""What calls of Route 53 demand of a role (Service Authorization Reference, "Amazon Route 53").

Names in `route53:ChangeResourceRecordSetsNormalizedRecordNames` are in lower case, with octal codes, and without the dot at
the end. An association also reads the VPC in EC2.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall
from ..identity.demand import EVERYTHING, Demand
from . import names
from .operation import plain_id

if TYPE_CHECKING:
    from ..server import Emulator

LISTINGS = (
    "GetAccountLimit",
    "GetHostedZoneCount",
    "ListHostedZones",
    "ListHostedZonesByName",
    "ListHostedZonesByVPC",
)
# Operations on one zone, and the parameter that names it.
OF_ZONE = {
    "DeleteHostedZone": "Id",
    "GetHostedZone": "Id",
    "GetHostedZoneLimit": "HostedZoneId",
    "ListResourceRecordSets": "HostedZoneId",
    "ListVPCAssociationAuthorizations": "HostedZoneId",
    "UpdateHostedZoneComment": "Id",
}
AUTHORIZATIONS = ("CreateVPCAssociationAuthorization", "DeleteVPCAssociationAuthorization")
ASSOCIATIONS = ("AssociateVPCWithHostedZone", "DisassociateVPCFromHostedZone")
READING_VPCS = Demand("ec2:DescribeVpcs", EVERYTHING)


def install(app: Emulator) -> None:
    """Have the calls judged."""
    judge = app.authorization.demand
    for name in LISTINGS:
        judge("route53", name, _of_everything)
    for name in OF_ZONE:
        judge("route53", name, _of_zone)
    for name in (*AUTHORIZATIONS, *ASSOCIATIONS):
        judge("route53", name, _of_association)
    for name in ("ChangeTagsForResource", "ListTagsForResource", "ListTagsForResources"):
        judge("route53", name, _of_tags)
    judge("route53", "CreateHostedZone", _of_creation)
    judge("route53", "ChangeResourceRecordSets", _of_records)
    judge("route53", "GetChange", _of_change)


def _arn(kind: str, identifier: str) -> str:
    return f"arn:aws:route53:::{kind}/{plain_id(identifier)}"


def _of_everything(call: ApiCall) -> Iterable[Demand]:
    yield Demand(f"route53:{call.operation}", EVERYTHING)


def _of_zone(call: ApiCall) -> Iterable[Demand]:
    yield Demand(f"route53:{call.operation}", _arn("hostedzone", call.parameter(OF_ZONE[call.operation], "")))


def _of_change(call: ApiCall) -> Iterable[Demand]:
    yield Demand("route53:GetChange", _arn("change", call.parameter("Id", "")))


def _vpc_keys(call: ApiCall) -> dict[str, Any]:
    vpc = call.parameter("VPC", {})
    return {"route53:VPCs": [f"VPCId={vpc.get('VPCId')},VPCRegion={vpc.get('VPCRegion')}"]} if vpc else {}


def _of_association(call: ApiCall) -> Iterable[Demand]:
    arn = _arn("hostedzone", call.parameter("HostedZoneId", ""))
    yield Demand(f"route53:{call.operation}", arn, _vpc_keys(call))
    if call.operation in ASSOCIATIONS:
        yield READING_VPCS


def _of_creation(call: ApiCall) -> Iterable[Demand]:
    yield Demand("route53:CreateHostedZone", EVERYTHING, _vpc_keys(call))
    if call.parameter("VPC"):
        yield READING_VPCS


def _of_tags(call: ApiCall) -> Iterable[Demand]:
    """For each resource by itself: one that isn't allowed fails the call."""
    for identifier in call.parameter("ResourceIds") or [call.parameter("ResourceId", "")]:
        yield Demand(f"route53:{call.operation}", _arn(str(call.parameter("ResourceType")), identifier))


def _of_records(call: ApiCall) -> Iterable[Demand]:
    changes = call.parameter("ChangeBatch", {}).get("Changes") or []
    records = [change.get("ResourceRecordSet") or {} for change in changes]
    prefix = "route53:ChangeResourceRecordSets"
    context = {
        f"{prefix}NormalizedRecordNames": _distinct(_normalized(record.get("Name") or "") for record in records),
        f"{prefix}RecordTypes": _distinct(record.get("Type") or "" for record in records),
        f"{prefix}Actions": _distinct(change.get("Action") or "" for change in changes),
    }
    yield Demand(prefix, _arn("hostedzone", call.parameter("HostedZoneId", "")), context)


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _normalized(name: str) -> str:
    try:
        return names.normalize(name).removesuffix(".")
    except names.InvalidName:
        return name.lower()
