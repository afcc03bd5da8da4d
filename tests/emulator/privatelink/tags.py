"""Tags of endpoints, services, connections and allowed principals, by EC2's own operations and by the tagging API.

moto keeps EC2's tags by resource id and checks whether a tagged resource exists; both are used as they are. The tags of
a connection (`vpce-svc-con-…`) are the provider's, not those of the endpoint.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from moto.core.resource_tagging import TaggedResource
from moto.ec2 import utils
from moto.ec2.models import EC2Backend
from moto.ec2.models import tags as tag_models

from ..api_call import AwsError
from ..hooks import MissingHook
from . import interfaces
from .registry import Registry

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

# Longer prefixes first: moto takes everything that begins with `vpce-svc` for a service.
PREFIXES = {
    "vpce-svc-con": "vpc-endpoint-connection",
    "vpce-svc-perm": "vpc-endpoint-service-permission",
    "vpce-svc": "vpc-endpoint-service",
    "vpce": "vpc-endpoint",
}
NOT_FOUND = {
    "vpc-endpoint-connection": "InvalidVpcEndpointConnectionId.NotFound",
    "vpc-endpoint-service-permission": "InvalidVpcEndpointServicePermissionId.NotFound",
    "vpc-endpoint-service": "InvalidVpcEndpointServiceId.NotFound",
    "vpc-endpoint": "InvalidVpcEndpointId.NotFound",
}


def install(hooks: Hooks, app: Emulator, registry: Registry) -> None:
    """Teach moto's tagging the ids of PrivateLink."""
    if "EC2_PREFIX_TO_RESOURCE" not in vars(utils) or "EC2_RESOURCE_TO_PREFIX" not in vars(utils):
        raise MissingHook("moto.ec2.utils should have EC2_PREFIX_TO_RESOURCE and EC2_RESOURCE_TO_PREFIX, but hasn't")
    for prefix, resource_type in PREFIXES.items():
        utils.EC2_PREFIX_TO_RESOURCE[prefix] = resource_type
        utils.EC2_RESOURCE_TO_PREFIX[resource_type] = prefix
    hooks.wrap(utils, "get_prefix", _get_prefix)
    hooks.wrap(tag_models, "get_prefix", _get_prefix)

    def do_resources_exist(original: Any, backend: Any, resource_ids: list[str]) -> bool:
        ours = {i for i in resource_ids if prefix_of(i)}
        with registry.lock:
            registry.settle()
            _check_exist(registry, backend, ours)
        return original(backend, [i for i in resource_ids if i not in ours and not _is_interface(backend, i)])

    def iter_tagged_resources(original: Any, backend: Any) -> Iterator[TaggedResource]:
        yield from original(backend)
        with registry.lock:
            registry.settle()
            resources = list(_tagged(registry, backend))
        yield from resources

    hooks.wrap(EC2Backend, "do_resources_exist", do_resources_exist)
    hooks.wrap(EC2Backend, "iter_tagged_resources", iter_tagged_resources)


def prefix_of(resource_id: str) -> str | None:
    """The prefix of an id of PrivateLink; None for all others."""
    return next((prefix for prefix in PREFIXES if resource_id.startswith(f"{prefix}-")), None)


def _get_prefix(original: Any, resource_id: str) -> str | None:
    return prefix_of(resource_id) or original(resource_id)


def _is_interface(backend: Any, resource_id: str) -> bool:
    """Whether it is a network interface, which must exist (moto's own check of it is broken)."""
    if not resource_id.startswith(interfaces.PREFIX):
        return False
    if resource_id not in backend.enis:
        raise interfaces.not_found(resource_id)
    return True


def _check_exist(registry: Registry, backend: Any, resource_ids: set[str]) -> None:
    place = (backend.account_id, backend.region_name)
    inner = {"vpce-svc-con", "vpce-svc-perm"} & {prefix_of(resource_id) for resource_id in resource_ids}
    known = _ids_in_services(registry, *place) if inner else set()
    for resource_id in sorted(resource_ids - known):
        kind = PREFIXES[prefix_of(resource_id) or ""]
        found = {"vpc-endpoint": registry.endpoint, "vpc-endpoint-service": registry.service}.get(kind)
        exists = (found is not None and found(resource_id, *place)) or resource_id in backend.vpc_end_points
        if not exists:
            raise AwsError(NOT_FOUND[kind], f"The {kind} '{resource_id}' does not exist")


def _ids_in_services(registry: Registry, account: str, region: str) -> set[str]:
    """The ids of connections and allowed principals of an account's services."""
    services = registry.services_of(account, region)
    connections = {endpoint.connection_id for service in services for endpoint in service.endpoints.values()}
    return connections | {identifier for service in services for identifier in service.permission_ids}


def _tagged(registry: Registry, backend: Any) -> Iterator[TaggedResource]:
    """What the tagging API sees: everything of ours in this account and Region, tagged or not."""
    place = (backend.account_id, backend.region_name)
    services = list(registry.services_of(*place))
    ids = [(endpoint.id, "vpc-endpoint") for endpoint in registry.endpoints_of(*place)]
    ids += [(endpoint_id, "vpc-endpoint") for endpoint_id in backend.vpc_end_points]
    ids += [(service.id, "vpc-endpoint-service") for service in services]
    ids += [(e.connection_id, "vpc-endpoint-connection") for s in services for e in s.endpoints.values()]
    for resource_id, kind in ids:
        arn = f"arn:aws:ec2:{backend.region_name}:{backend.account_id}:{kind}/{resource_id}"
        yield TaggedResource(arn=arn, tags=dict(backend.tags.get(resource_id, {})), resource_type=f"ec2:{kind}")
