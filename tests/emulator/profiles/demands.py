"""What calls of Profiles demand of a role (Service Authorization Reference, "Amazon Route 53 Profiles").

A call that names a Profile is judged on the Profile's ARN, one that names an association on the association's; listings are
judged on `*`. Associating resources also has the keys `ResourceTypes`, `ResourceArns` and `HostedZoneDomains`, associating
VPCs `ResourceIds`. An association with a VPC reads the VPC in EC2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from moto.core.utils import get_service_model

from ..api_call import ApiCall
from ..identity.demand import EVERYTHING, Demand
from .registry import Profiles

if TYPE_CHECKING:
    from ..server import Emulator

PREFIX = "route53profiles"
KEY_TYPES = {"hostedzone": "HostedZone", "vpc-endpoint": "VPCEndpoint", "resolver-rule": "ResolverRule"}
WITH_VPC = ("AssociateProfile", "DisassociateProfile")


def install(app: Emulator, profiles: Profiles) -> None:
    """Have all calls judged."""
    for name in get_service_model(PREFIX).operation_names:
        app.authorization.demand(PREFIX, name, _demands(profiles))


def _demands(profiles: Profiles) -> Callable[[ApiCall], Iterable[Demand]]:
    def demands(call: ApiCall) -> Iterable[Demand]:
        yield Demand(f"{PREFIX}:{call.operation}", _resource(profiles, call), _context(profiles, call))
        if call.operation in WITH_VPC:
            yield Demand("ec2:DescribeVpcs", EVERYTHING)

    return demands


def _resource(profiles: Profiles, call: ApiCall) -> str:
    if "Tag" in call.operation:
        return str(call.parameter("ResourceArn", EVERYTHING))
    own = f"arn:aws:{PREFIX}:{call.region}:{call.account}"
    for parameter, kind in (
        ("ProfileAssociationId", "profile-association"),
        ("ProfileResourceAssociationId", "profile-resource-association"),
    ):
        if call.parameter(parameter):
            return f"{own}:{kind}/{call.parameter(parameter)}"
    profile_id = call.parameter("ProfileId")
    if profile_id is None or call.operation == "ListProfileAssociations":
        return EVERYTHING
    profile = profiles.profiles.get(profile_id)
    return profile.arn if profile is not None else f"{own}:profile/{profile_id}"


def _context(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    if call.operation in WITH_VPC:
        return {f"{PREFIX}:ResourceIds": [call.parameter("ResourceId", "")]}
    arn = call.parameter("ResourceArn", "")
    kind, _, identifier = arn.rpartition(":")[2].partition("/")
    if "ResourceToProfile" not in call.operation and "ResourceFromProfile" not in call.operation:
        return {}
    context: dict[str, Any] = {f"{PREFIX}:ResourceArns": [arn]}
    if kind in KEY_TYPES:
        context[f"{PREFIX}:ResourceTypes"] = [KEY_TYPES[kind]]
    zone = profiles.zones.zones.get(identifier) if kind == "hostedzone" else None
    if zone is not None:
        context[f"{PREFIX}:HostedZoneDomains"] = [zone.name.removesuffix(".")]
    return context
