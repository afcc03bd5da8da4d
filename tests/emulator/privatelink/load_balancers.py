"""Network and Gateway Load Balancers behind endpoint services; and their ARNs, which moto writes as those of application ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.elbv2.models import ELBv2Backend, elbv2_backends

from ..api_call import ApiCall, AwsError
from .operation import invalid_parameter
from .registry import GATEWAY, INTERFACE, Registry

if TYPE_CHECKING:
    from ..hooks import Hooks

KINDS = {INTERFACE: "network", GATEWAY: "gateway"}  # of load balancers, by the kind of the service
ARN_PART = {"application": "app", "network": "net", "gateway": "gwy"}


def install(hooks: Hooks, registry: Registry) -> None:
    """Give each kind of load balancer its ARN, and keep those that an endpoint service uses from being deleted."""

    def delete(original: Any, backend: Any, arn: str) -> Any:
        used = any(arn in s.load_balancer_arns for s in registry.services_of(backend.account_id, backend.region_name))
        if used:
            raise AwsError(
                "ResourceInUse",
                f"Load balancer '{arn}' cannot be deleted because it is currently associated with another service",
            )
        return original(backend, arn)

    hooks.wrap(ELBv2Backend, "create_load_balancer", _create_load_balancer)
    hooks.wrap(ELBv2Backend, "delete_load_balancer", delete)


def _create_load_balancer(original: Any, backend: Any, *arguments: Any, **named: Any) -> Any:
    balancer = original(backend, *arguments, **named)
    arn = balancer.arn.replace(":loadbalancer/app/", f":loadbalancer/{ARN_PART[balancer.type]}/")
    if arn != balancer.arn:
        backend.load_balancers[arn] = backend.load_balancers.pop(balancer.arn)
        backend.tagging_service.copy_tags(balancer.arn, arn)
        backend.tagging_service.delete_all_tags_for_resource(balancer.arn)
        balancer.arn = arn
    return balancer


def check(registry: Registry, call: ApiCall, kind: str, arns: list[str], service_id: str | None) -> None:
    """The load balancers must be the caller's, of the service's kind, and not yet another service's."""
    for arn in arns:
        balancer = elbv2_backends[call.account][call.region].load_balancers.get(arn)
        if balancer is None:
            raise AwsError("InvalidLoadBalancerArn.NotFound", f"The load balancer '{arn}' does not exist")
        if balancer.type != KINDS[kind]:
            raise invalid_parameter(f"The load balancer '{arn}' is not a {KINDS[kind]} load balancer")
    for service in registry.services_of(call.account, call.region):
        if service.id != service_id and set(service.load_balancer_arns) & set(arns):
            raise invalid_parameter("LBs are already associated with another VPC Endpoint Service Configuration")


def zones(account: str, region: str, arns: list[str]) -> list[str]:
    """The Availability Zones of load balancers, which are those of their service."""
    balancers = elbv2_backends[account][region].load_balancers
    found = {subnet.availability_zone for arn in arns if arn in balancers for subnet in balancers[arn].subnets}
    return sorted(found)
