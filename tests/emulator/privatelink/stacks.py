"""Endpoints of CloudFormation stacks: moto's stacks make them in EC2's backend, past the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.models.vpcs import VPCBackend, VPCEndPoint

from ..identity.callers import account_root
from . import endpoints
from .registry import GATEWAY, INTERFACE, Endpoint, Registry

if TYPE_CHECKING:
    from ..hooks import Hooks


def install(hooks: Hooks, registry: Registry) -> None:
    """Let a stack's endpoint with interfaces be one like any other; number its gateway endpoints."""

    def create(original: Any, backend: Any, *arguments: Any, **named: Any) -> Any:
        with registry.lock:
            if named.get("endpoint_type") in (INTERFACE, GATEWAY):
                return StackEndpoint(registry, backend, _create(registry, backend, named))
            gateway = original(backend, *arguments, **named)
            gateway.number = registry.next_number()
            return gateway

    hooks.wrap(VPCBackend, "create_vpc_endpoint", create)


def _create(registry: Registry, backend: Any, named: dict[str, Any]) -> Endpoint:
    parameters = {
        "VpcEndpointType": named["endpoint_type"],
        "VpcId": named["vpc_id"],
        "ServiceName": named["service_name"],
        "SubnetIds": named.get("subnet_ids"),
        "SecurityGroupIds": named.get("security_group_ids"),
        "PolicyDocument": named.get("policy_document"),
        "PrivateDnsEnabled": str(named.get("private_dns_enabled")).lower() == "true",
    }
    caller = account_root(backend.account_id)
    endpoint = endpoints.plan(registry, backend.account_id, backend.region_name, caller, parameters)
    endpoints.bring_up(registry, endpoint, named.get("tags") or {}, _now)
    return endpoint


def _now(action: Any) -> None:
    """No API operation to wait for: tell the news at once."""
    action()


class StackEndpoint(VPCEndPoint):
    """What moto's stack holds in place of its own endpoint: enough to refer to it and to delete it."""

    def __init__(self, registry: Registry, backend: Any, endpoint: Endpoint) -> None:
        super().__init__(
            backend, endpoint.id, endpoint.vpc_id, endpoint.service_name, endpoint.kind, None, [], endpoint.subnet_ids
        )
        self._registry = registry
        self._endpoint = endpoint

    def delete(self, _account_id: str, _region_name: str) -> None:
        """Called when the stack, or the endpoint in it, is deleted."""
        with self._registry.lock:
            if self._endpoint.id in self._registry.endpoints:
                endpoints.take_down(self._registry, self._endpoint, _now)
