"""What instances are found, and their health.

API Reference: DiscoverInstances, DiscoverInstancesRevision, GetInstancesHealthStatus, UpdateInstanceCustomHealthStatus. The
status of instances without a health check isn't documented; here it is UNKNOWN.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from .call import Calls, find_service, page
from .instances import find_instance
from .registry import Instance, Registry, Service
from .sharing import may_use

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

MOST_FOUND = 100


def install(hooks: Hooks, _: Emulator, registry: Registry) -> None:
    """Answer the operations."""
    calls = Calls(hooks, registry)
    calls.add("DiscoverInstances", discover)
    calls.add("DiscoverInstancesRevision", discover_revision)
    calls.add("GetInstancesHealthStatus", get_health)
    calls.add("UpdateInstanceCustomHealthStatus", update_health)


def _named_service(registry: Registry, call: ApiCall) -> Service:
    """The service of a name in a namespace of a name; those shared with the caller need OwnerAccount."""
    owner, name = call.parameter("OwnerAccount", call.account), call.parameter("NamespaceName")
    for namespace in registry.namespaces.values():
        known = (namespace.account, namespace.region, namespace.name) == (owner, call.region, name)
        if not known or not may_use(namespace, call.account):
            continue
        wanted = call.parameter("ServiceName")
        service = next((service for service in namespace.services.values() if service.name == wanted), None)
        if service is None:
            raise AwsError("ServiceNotFound", f"Service with name {wanted} not found.")
        return service
    raise AwsError("NamespaceNotFound", f"Namespace with name {name} not found.")


def discover(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """DiscoverInstances, in random order."""
    service = _named_service(registry, call)
    found = [i for i in service.instances.values() if _has(i, call.parameter("QueryParameters", {}))]
    preferred = [instance for instance in found if _has(instance, call.parameter("OptionalParameters", {}))]
    found = _of_health(service, preferred or found, call.parameter("HealthStatus", "HEALTHY_OR_ELSE_ALL"))
    random.shuffle(found)
    shown = found[: call.parameter("MaxResults", MOST_FOUND)]
    return {"Instances": [_describe(service, i) for i in shown], "InstancesRevision": service.revision}


def _has(instance: Instance, wanted: dict[str, str]) -> bool:
    return all(instance.attributes.get(key) == value for key, value in wanted.items())


def _of_health(service: Service, instances: list[Instance], wanted: str) -> list[Instance]:
    """The filter HealthStatus, which services without a health check don't heed."""
    if service.custom_health is None or wanted == "ALL":
        return instances
    status = "HEALTHY" if wanted == "HEALTHY_OR_ELSE_ALL" else wanted
    matching = [instance for instance in instances if instance.health == status]
    return matching or (instances if wanted == "HEALTHY_OR_ELSE_ALL" else [])


def _describe(service: Service, instance: Instance) -> dict[str, Any]:
    return {
        "InstanceId": instance.id,
        "NamespaceName": service.namespace.name,
        "ServiceName": service.name,
        "HealthStatus": _health(instance),
        "Attributes": instance.attributes,
    }


def _health(instance: Instance) -> str:
    return instance.health or "UNKNOWN"


def discover_revision(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """DiscoverInstancesRevision: a number that grows by each change."""
    return {"InstancesRevision": _named_service(registry, call).revision}


def get_health(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """GetInstancesHealthStatus: of some instances, or of all."""
    service, named = find_service(registry, call, call.parameter("ServiceId")), call.parameter("Instances")
    chosen = [*service.instances.values()] if named is None else [find_instance(service, one) for one in named]
    shown, token = page(call, chosen, lambda instance: instance.id)
    return {"Status": {instance.id: _health(instance) for instance in shown}, **token}


def update_health(registry: Registry, call: ApiCall) -> None:
    """UpdateInstanceCustomHealthStatus; at once."""
    service = find_service(registry, call, call.parameter("ServiceId"))
    instance = find_instance(service, call.parameter("InstanceId"))
    if service.custom_health is None:
        raise AwsError("CustomHealthNotFound", f"The service {service.id} has no custom health check.")
    if instance.health != call.parameter("Status"):
        instance.health = call.parameter("Status")
        service.revision += 1
