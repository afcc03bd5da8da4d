"""What calls of Profiles demand of a role (Service Authorization Reference, "Amazon Route 53 Profiles").

All calls are judged on `*`, but those on tags: the others have no resource type, so that a policy that names a Profile's ARN
lets nothing. Associating resources has the keys `ResourceTypes`, `ResourceArns`, `HostedZoneDomains` and
`ResolverRuleDomains`, associating VPCs `ResourceIds`, each with one value (Developer Guide, "Using IAM policy conditions for
fine-grained access control"). An association with a VPC reads the VPC in EC2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from moto.core.utils import get_service_model

from ..api_call import ApiCall
from ..identity.demand import EVERYTHING, Demand
from ..route53.sources import find_rule
from .registry import Profiles

if TYPE_CHECKING:
    from ..server import Emulator

PREFIX = "route53profiles"
KEY_TYPES = {"hostedzone": "HostedZone", "vpc-endpoint": "VPCEndpoint", "resolver-rule": "ResolverRule"}
OF_TAGS = ("ListTagsForResource", "TagResource", "UntagResource")
WITH_VPC = ("AssociateProfile", "DisassociateProfile")
WITH_RESOURCE = ("AssociateResourceToProfile", "DisassociateResourceFromProfile")


def install(app: Emulator, profiles: Profiles) -> None:
    """Have all calls judged."""
    for name in get_service_model(PREFIX).operation_names:
        app.authorization.demand(PREFIX, name, _demands(profiles))


def _demands(profiles: Profiles) -> Callable[[ApiCall], Iterable[Demand]]:
    def demands(call: ApiCall) -> Iterable[Demand]:
        resource = str(call.parameter("ResourceArn", EVERYTHING)) if call.operation in OF_TAGS else EVERYTHING
        yield Demand(f"{PREFIX}:{call.operation}", resource, _context(profiles, call))
        if call.operation == "AssociateProfile":
            yield Demand("ec2:DescribeVpcs", EVERYTHING)

    return demands


def _context(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    if call.operation in WITH_VPC:
        return {f"{PREFIX}:ResourceIds": call.parameter("ResourceId", "")}
    if call.operation not in WITH_RESOURCE:
        return {}
    arn = call.parameter("ResourceArn", "")
    kind, _, identifier = arn.rpartition(":")[2].partition("/")
    context: dict[str, Any] = {f"{PREFIX}:ResourceArns": arn}
    if kind in KEY_TYPES:
        context[f"{PREFIX}:ResourceTypes"] = KEY_TYPES[kind]
    zone = profiles.zones.zones.get(identifier) if kind == "hostedzone" else None
    if zone is not None:
        context[f"{PREFIX}:HostedZoneDomains"] = zone.name.removesuffix(".")
    rule = find_rule(call.region, identifier) if kind == "resolver-rule" else None
    if rule is not None:
        context[f"{PREFIX}:ResolverRuleDomains"] = rule.domain_name.removesuffix(".")
    return context
