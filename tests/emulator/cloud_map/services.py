"""Services: create, look at, list, update, delete (API Reference, CreateService and DnsConfig)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from ..tagging.keeper import refuse_too_many
from . import hosted_zones
from .call import (
    Calls,
    duplicate_request,
    find_namespace,
    find_service,
    invalid_input,
    not_emulated,
    owner_matches,
    page,
    tags_of,
    with_members,
)
from .registry import Namespace, Operation, Registry, Service, new_id, new_operation_id
from .sharing import may_use

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

COMBINATIONS = ({"A"}, {"AAAA"}, {"A", "AAAA"}, {"SRV"}, {"CNAME"})


def install(hooks: Hooks, _: Emulator, registry: Registry) -> None:
    """Answer the operations."""
    calls = Calls(hooks, registry)
    calls.add("CreateService", create)
    calls.add("GetService", get)
    calls.add("ListServices", list_all)
    calls.add("UpdateService", update)
    calls.add("DeleteService", delete)


def create(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """CreateService; done at once."""
    dns = call.parameter("DnsConfig")
    reference = call.parameter("NamespaceId") or (dns or {}).get("NamespaceId")
    if not reference:
        raise invalid_input("NamespaceId is missing.")
    if call.parameter("HealthCheckConfig"):
        raise not_emulated("services of Cloud Map with Route 53 health checks")
    namespace = find_namespace(registry, call, reference)
    kind, custom = _kind(call, namespace, dns), call.parameter("HealthCheckCustomConfig")
    if dns is not None:
        dns = _checked_dns(dns, custom)
    name, request_id = call.parameter("Name"), call.parameter("CreatorRequestId") or str(uuid.uuid4())
    for present in namespace.services.values():
        if present.name.lower() == name.lower() or present.creator_request_id == request_id:
            error = AwsError("ServiceAlreadyExists", f"Service already exists: {present.name}")
            ids = {"ServiceId": present.id, "ServiceArn": present.arn}
            raise with_members(error, CreatorRequestId=present.creator_request_id, **ids)
    tags = tags_of(call)
    if tags and namespace.account != call.account:
        raise AwsError("AccessDeniedException", "Only the owner of a shared namespace can tag what is in it.")
    refuse_too_many(tags, "TooManyTagsException")
    service = Service(
        new_id("srv"), namespace, name, kind, call.account, request_id, call.parameter("Description"), dns, custom, tags
    )
    namespace.services[service.id] = service
    return {"Service": {**describe(service), "NamespaceId": namespace.id, "CreatorRequestId": request_id}}


def _kind(call: ApiCall, namespace: Namespace, dns: dict[str, Any] | None) -> str:
    if namespace.kind == "HTTP" or call.parameter("Type") == "HTTP":
        if dns is not None:
            raise invalid_input("DnsConfig isn't allowed for a service that only the API discovers.")
        return "HTTP"
    if dns is None:
        raise invalid_input("A service of a DNS namespace needs DnsConfig, or the Type HTTP.")
    return "DNS_HTTP"


def _checked_dns(dns: dict[str, Any], custom: dict[str, Any] | None) -> dict[str, Any]:
    """DnsConfig with its default; MULTIVALUE is what CreateService takes without a RoutingPolicy."""
    kinds = [record["Type"] for record in dns["DnsRecords"]]
    policy = dns.get("RoutingPolicy") or "MULTIVALUE"
    if len(kinds) != len(set(kinds)) or set(kinds) not in COMBINATIONS:
        raise invalid_input(f"The record types {', '.join(kinds)} can't be combined.")
    if kinds == ["CNAME"] and policy != "WEIGHTED":
        raise invalid_input("A service with a CNAME record has the routing policy WEIGHTED.")
    if kinds == ["CNAME"] and custom is not None:
        raise invalid_input("A service with a CNAME record can't have a health check.")
    return {"RoutingPolicy": policy, "DnsRecords": dns["DnsRecords"]}


def describe(service: Service) -> dict[str, Any]:
    """The members that Service and ServiceSummary have in common."""
    shown = {
        "Id": service.id,
        "Arn": service.arn,
        "ResourceOwner": service.namespace.account,
        "CreatedByAccount": service.created_by,
        "Name": service.name,
        "Type": service.kind,
        "Description": service.description,
        "InstanceCount": len(service.instances),
        "DnsConfig": service.dns,
        "HealthCheckCustomConfig": service.custom_health,
        "CreateDate": service.created,
    }
    return {name: value for name, value in shown.items() if value is not None}


def get(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """GetService."""
    service = find_service(registry, call, call.parameter("Id"))
    request_id = service.creator_request_id
    return {"Service": {**describe(service), "NamespaceId": service.namespace.id, "CreatorRequestId": request_id}}


def list_all(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """ListServices: of one's own namespaces, and of those shared with the caller."""
    usable = [
        service
        for service in registry.services()
        if service.namespace.region == call.region and may_use(service.namespace, call.account)
    ]
    for wanted in call.parameter("Filters", []):
        usable = [service for service in usable if _matches(call, service, wanted)]
    shown, token = page(call, usable, lambda service: service.id)
    return {"Services": [describe(service) for service in shown], **token}


def _matches(call: ApiCall, service: Service, wanted: dict[str, Any]) -> bool:
    values, condition = wanted["Values"], wanted.get("Condition") or "EQ"
    if condition not in ("EQ", "IN") or (condition == "EQ" and len(values) != 1):
        raise invalid_input(f"The filter {wanted['Name']} has the condition EQ and one value.")
    if wanted["Name"] == "RESOURCE_OWNER":
        return owner_matches(call, service.namespace.account, values)
    by_id = service.namespace.account == call.account and service.namespace.id in values
    return by_id or service.namespace.arn in values


def update(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """UpdateService: its description, and the TTL of its records."""
    service, change = find_service(registry, call, call.parameter("Id")), call.parameter("Service")
    if change.get("HealthCheckConfig"):
        raise not_emulated("services of Cloud Map with Route 53 health checks")
    for operation in registry.under_way():
        if operation.service is service and operation.type == "UPDATE_SERVICE":
            raise duplicate_request(operation)
    records = (change.get("DnsConfig") or {}).get("DnsRecords")
    if records is not None and {record["Type"] for record in records} != set(service.record_types):
        raise invalid_input("UpdateService changes the TTL of the records that the service has, and no others.")

    def carry_out() -> None:
        service.description = change.get("Description")
        if records is not None and service.dns is not None:
            service.dns = {**service.dns, "DnsRecords": records}
            for instance in service.instances.values():
                hosted_zones.put(registry.zones, service, instance, instance)

    targets, namespace = {"SERVICE": service.id}, service.namespace
    operation = Operation(new_operation_id(), call.account, call.region, namespace, "UPDATE_SERVICE", targets, service)
    return registry.start(operation, carry_out)


def delete(registry: Registry, call: ApiCall) -> None:
    """DeleteService: only when it has no instances, nor is to have some."""
    service = find_service(registry, call, call.parameter("Id"))
    if service.instances or any(operation.service is service for operation in registry.under_way()):
        raise AwsError("ResourceInUse", f"The service {service.id} contains registered instances.")
    del service.namespace.services[service.id]
