"""Route 53: hosted zones, records, VPC associations across accounts, and what names resolve to.

moto has zones that only their account sees, no authorizations, and changes that are INSYNC at once. This package answers
the operations on zones itself and keeps the zones of all accounts in one registry, as a private zone is seen from two
accounts. Health checks stay moto's; everything else of Route 53 is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.utils import get_service_model
from moto.route53.models import Route53Backend

from ..api_call import ApiCall
from . import (
    demands,
    hosted_zones,
    quotas,
    record_changes,
    record_listing,
    resolve_route,
    vpc_associations,
    vpc_authorizations,
    zone_listing,
    zone_tags,
)
from .resolver import Resolver
from .zones import Zones

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

MOTOS = {
    "CreateHealthCheck",
    "DeleteHealthCheck",
    "GetHealthCheck",
    "GetHealthCheckStatus",
    "ListHealthChecks",
    "UpdateHealthCheck",
}


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer Route 53's operations."""
    zones = app.zones = Zones(app.settings)
    app.resolver = Resolver(zones)
    app.on_reset(zones.clear)
    for module in (
        hosted_zones,
        zone_listing,
        zone_tags,
        quotas,
        record_changes,
        record_listing,
        vpc_associations,
        vpc_authorizations,
    ):
        module.install(hooks, app, zones)
    resolve_route.install(app, app.resolver)
    demands.install(app)
    for name in get_service_model("route53").operation_names:
        if name not in MOTOS and hooks.find("route53", name) is None:
            hooks.operation("route53", name, _refuse)
    # Cloud Map's namespaces and stacks would make zones in moto, where nobody sees them.
    hooks.wrap(Route53Backend, "create_hosted_zone", _refuse_moto)


def _refuse(_: ApiCall) -> None:
    raise NotImplementedError


def _refuse_moto(*_: Any, **__: Any) -> None:
    raise NotImplementedError("hosted zones made by Cloud Map or by moto's CloudFormation models")
