"""Instances: register (or update), deregister, look at, list.

API Reference: RegisterInstance, DeregisterInstance, GetInstance, ListInstances. One operation at a time for an instance;
what is read is what operations have completed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends

from ..api_call import ApiCall, AwsError
from . import hosted_zones, instance_attributes
from .call import Calls, duplicate_request, find_service, invalid_input, page
from .registry import Instance, Operation, Registry, Service, new_operation_id

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

REGISTER, DEREGISTER = "REGISTER_INSTANCE", "DEREGISTER_INSTANCE"


def install(hooks: Hooks, app: Emulator, registry: Registry) -> None:
    """Answer the operations."""
    for scope, quota in (("service", 1_000), ("namespace", 2_000)):
        app.settings.define(
            f"cloud_map_instances_per_{scope}",
            quota,
            lambda value: isinstance(value, int) and value > 0,
            f"quota of Cloud Map: instances of a {scope}",
        )
    app.settings.define(
        "cname_in_http_services",
        False,
        lambda value: isinstance(value, bool),
        "whether Cloud Map takes AWS_INSTANCE_CNAME in services without DNS records, which isn't documented",
    )
    calls = Calls(hooks, registry)
    calls.add("RegisterInstance", register)
    calls.add("DeregisterInstance", deregister)
    calls.add("GetInstance", get)
    calls.add("ListInstances", list_all)


def register(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """RegisterInstance: a new instance, or other attributes for one that is there."""
    service, instance_id = find_service(registry, call, call.parameter("ServiceId")), call.parameter("InstanceId")
    given = dict(call.parameter("Attributes"))
    instance_attributes.check(service, given, registry.settings["cname_in_http_services"])
    _check_idle(registry, service, instance_id)
    if instance_id not in service.instances:
        _check_quotas(registry, service)
    initial = given.pop(instance_attributes.INITIAL_HEALTH, "HEALTHY")
    health = initial if service.custom_health is not None else None
    _fill_in_address(service, given)
    instance = Instance(instance_id, given, call.account, health, call.parameter("CreatorRequestId"))

    def carry_out() -> None:
        hosted_zones.put(registry.zones, service, service.instances.get(instance_id), instance)
        service.instances[instance_id] = instance
        service.revision += 1

    return registry.start(_operation(call, service, instance_id, REGISTER), carry_out)


def deregister(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """DeregisterInstance."""
    service, instance_id = find_service(registry, call, call.parameter("ServiceId")), call.parameter("InstanceId")
    _check_idle(registry, service, instance_id)
    instance = find_instance(service, instance_id)

    def carry_out() -> None:
        hosted_zones.remove(registry.zones, service, instance)
        del service.instances[instance_id]
        service.revision += 1

    return registry.start(_operation(call, service, instance_id, DEREGISTER), carry_out)


def _operation(call: ApiCall, service: Service, instance_id: str, kind: str) -> Operation:
    targets = {"INSTANCE": instance_id, "SERVICE": service.id}
    return Operation(new_operation_id(), call.account, call.region, service.namespace, kind, targets, service)


def _check_idle(registry: Registry, service: Service, instance_id: str) -> None:
    for operation in registry.under_way():
        if operation.service is service and operation.targets.get("INSTANCE") == instance_id:
            raise duplicate_request(operation)


def _check_quotas(registry: Registry, service: Service) -> None:
    coming = [o for o in registry.under_way() if o.type == REGISTER and o.service is not None]
    coming = [o for o in coming if o.service and o.targets["INSTANCE"] not in o.service.instances]
    in_service = len(service.instances) + sum(o.service is service for o in coming)
    in_namespace = sum(len(other.instances) for other in service.namespace.services.values())
    in_namespace += sum(o.namespace is service.namespace for o in coming)
    for scope, there in (("service", in_service), ("namespace", in_namespace)):
        if there >= registry.settings[f"cloud_map_instances_per_{scope}"]:
            raise AwsError("ResourceLimitExceeded", f"The {scope} has {there} instances, its quota.")


def _fill_in_address(service: Service, given: dict[str, str]) -> None:
    identifier = given.get(instance_attributes.EC2_INSTANCE)
    if identifier is None:
        return
    namespace = service.namespace
    known = ec2_backends[namespace.account][namespace.region].get_instance_by_id(identifier)
    if known is None:
        raise invalid_input(f"There is no EC2 instance {identifier}.")
    given[hosted_zones.IPV4] = known.private_ip


def find_instance(service: Service, instance_id: str) -> Instance:
    """An instance of the service."""
    found = service.instances.get(instance_id)
    if found is None:
        raise AwsError("InstanceNotFound", f"Instance with Id {instance_id} not found.")
    return found


def _describe(instance: Instance) -> dict[str, Any]:
    return {"Id": instance.id, "Attributes": instance.attributes, "CreatedByAccount": instance.created_by}


def get(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """GetInstance."""
    service = find_service(registry, call, call.parameter("ServiceId"))
    instance = find_instance(service, call.parameter("InstanceId"))
    request = {"CreatorRequestId": instance.creator_request_id} if instance.creator_request_id else {}
    return {"ResourceOwner": service.namespace.account, "Instance": {**_describe(instance), **request}}


def list_all(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """ListInstances."""
    service = find_service(registry, call, call.parameter("ServiceId"))
    shown, token = page(call, [*service.instances.values()], lambda instance: instance.id)
    owner = service.namespace.account
    return {"ResourceOwner": owner, "Instances": [_describe(instance) for instance in shown], **token}
