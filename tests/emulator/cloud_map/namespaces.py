"""Namespaces: create, look at, list, update, delete.

API Reference: CreateHttpNamespace, CreatePrivateDnsNamespace, GetNamespace, ListNamespaces, Update…Namespace,
DeleteNamespace. A namespace is there when its operation has succeeded, and gone likewise.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from ..tagging.keeper import refuse_too_many
from . import hosted_zones
from .call import (
    Calls,
    check_is_own,
    duplicate_request,
    find_namespace,
    invalid_input,
    not_emulated,
    owner_matches,
    page,
    tags_of,
    with_members,
)
from .registry import Namespace, Operation, OperationFailed, Registry, new_id, new_operation_id
from .sharing import may_use

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

CREATE, DELETE, UPDATE = "CREATE_NAMESPACE", "DELETE_NAMESPACE", "UPDATE_NAMESPACE"


def install(hooks: Hooks, app: Emulator, registry: Registry) -> None:
    """Answer the operations."""
    app.settings.define(
        "cloud_map_namespaces_per_region",
        50,
        lambda value: isinstance(value, int) and value > 0,
        "quota of Cloud Map: namespaces per account and Region",
    )
    calls = Calls(hooks, registry)
    calls.add("CreateHttpNamespace", create_http)
    calls.add("CreatePrivateDnsNamespace", create_private)
    calls.add("CreatePublicDnsNamespace", refuse_public)
    calls.add("UpdatePublicDnsNamespace", refuse_public)
    calls.add("GetNamespace", get)
    calls.add("ListNamespaces", list_all)
    calls.add("UpdateHttpNamespace", update)
    calls.add("UpdatePrivateDnsNamespace", update)
    calls.add("DeleteNamespace", delete)


def refuse_public(_registry: Registry, _call: ApiCall) -> None:
    """Public DNS namespaces would need a domain that is registered."""
    raise not_emulated("public DNS namespaces of Cloud Map")


def create_http(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """CreateHttpNamespace."""
    namespace = _new(registry, call, "HTTP")
    return _create(registry, call, namespace, lambda: None)


def create_private(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """CreatePrivateDnsNamespace: with a hosted zone of its name in the VPC."""
    namespace = _new(registry, call, "DNS_PRIVATE")
    soa = call.parameter("Properties", {}).get("DnsProperties", {}).get("SOA", {})
    namespace.soa_ttl = soa.get("TTL")
    vpc_id = call.parameter("Vpc")
    return _create(registry, call, namespace, lambda: hosted_zones.create(registry.zones, namespace, vpc_id))


def _new(registry: Registry, call: ApiCall, kind: str) -> Namespace:
    name, request_id = call.parameter("Name"), call.parameter("CreatorRequestId") or str(uuid.uuid4())
    for operation in registry.under_way():
        other = operation.namespace
        same = name == other.name or request_id == other.creator_request_id
        if operation.type == CREATE and same and (other.account, other.region) == (call.account, call.region):
            raise duplicate_request(operation)
    mine = [n for n in registry.namespaces.values() if (n.account, n.region) == (call.account, call.region)]
    present = next((n for n in mine if n.name == name or n.creator_request_id == request_id), None)
    if present is not None:
        error = AwsError("NamespaceAlreadyExists", f"The namespace that you're trying to create already exists: {name}")
        raise with_members(error, NamespaceId=present.id, CreatorRequestId=present.creator_request_id)
    quota = registry.settings["cloud_map_namespaces_per_region"]
    if len(mine) >= quota:
        raise AwsError("ResourceLimitExceeded", f"The account has {quota} namespaces in this Region, its quota.")
    tags = tags_of(call)
    refuse_too_many(tags, "TooManyTagsException")
    description = call.parameter("Description")
    return Namespace(new_id("ns"), call.account, call.region, name, kind, request_id, description, tags)


def _operation(call: ApiCall, namespace: Namespace, kind: str) -> Operation:
    targets = {"NAMESPACE": namespace.id}
    return Operation(new_operation_id(), call.account, call.region, namespace, kind, targets)


def _create(registry: Registry, call: ApiCall, namespace: Namespace, prepare: Any) -> dict[str, Any]:
    def carry_out() -> None:
        prepare()
        registry.namespaces[namespace.id] = namespace

    return registry.start(_operation(call, namespace, CREATE), carry_out)


def describe(namespace: Namespace) -> dict[str, Any]:
    """The members that Namespace and NamespaceSummary have in common."""
    properties: dict[str, Any] = {"HttpProperties": {"HttpName": namespace.name}}
    if namespace.zone_id is not None:
        soa = {} if namespace.soa_ttl is None else {"SOA": {"TTL": namespace.soa_ttl}}
        properties["DnsProperties"] = {"HostedZoneId": namespace.zone_id, **soa}
    shown = {
        "Id": namespace.id,
        "Arn": namespace.arn,
        "ResourceOwner": namespace.account,
        "Name": namespace.name,
        "Type": namespace.kind,
        "ServiceCount": len(namespace.services),
        "Properties": properties,
        "CreateDate": namespace.created,
    }
    return shown | ({} if namespace.description is None else {"Description": namespace.description})


def get(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """GetNamespace."""
    namespace = find_namespace(registry, call, call.parameter("Id"))
    return {"Namespace": {**describe(namespace), "CreatorRequestId": namespace.creator_request_id}}


def list_all(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """ListNamespaces: one's own, and those shared with the caller."""
    usable = [n for n in registry.namespaces.values() if n.region == call.region and may_use(n, call.account)]
    for wanted in call.parameter("Filters", []):
        usable = [namespace for namespace in usable if _matches(call, namespace, wanted)]
    shown, token = page(call, usable, lambda namespace: namespace.id)
    return {"Namespaces": [describe(namespace) for namespace in shown], **token}


def _matches(call: ApiCall, namespace: Namespace, wanted: dict[str, Any]) -> bool:
    name, values, condition = wanted["Name"], wanted["Values"], wanted.get("Condition") or "EQ"
    if condition == "BETWEEN" or (condition == "BEGINS_WITH" and name not in ("NAME", "HTTP_NAME")):
        raise invalid_input(f"The filter {name} can't have the condition {condition}.")
    if condition != "IN" and len(values) != 1:
        raise invalid_input(f"The filter {name} has one value with the condition {condition}.")
    if name == "RESOURCE_OWNER":
        return owner_matches(call, namespace.account, values)
    value = namespace.kind if name == "TYPE" else namespace.name
    return value.startswith(values[0]) if condition == "BEGINS_WITH" else value in values


def _own_idle(registry: Registry, call: ApiCall) -> Namespace:
    """The caller's namespace, on which nothing is under way."""
    namespace = find_namespace(registry, call, call.parameter("Id"))
    check_is_own(call, namespace)
    for operation in registry.under_way():
        if operation.namespace is namespace and operation.service is None:
            raise duplicate_request(operation)
    return namespace


def update(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """UpdateHttpNamespace and UpdatePrivateDnsNamespace."""
    namespace, change = _own_idle(registry, call), call.parameter("Namespace")
    if (call.operation == "UpdateHttpNamespace") != (namespace.kind == "HTTP"):
        raise invalid_input(f"{namespace.id} is a namespace of type {namespace.kind}.")

    def carry_out() -> None:
        namespace.description = change.get("Description", namespace.description)
        if "Properties" in change:
            namespace.soa_ttl = change["Properties"]["DnsProperties"]["SOA"]["TTL"]
            hosted_zones.write_soa(registry.zones, namespace)

    return registry.start(_operation(call, namespace, UPDATE), carry_out)


def delete(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """DeleteNamespace: only when it has no services."""
    namespace = _own_idle(registry, call)
    if namespace.services:
        raise AwsError("ResourceInUse", f"The namespace {namespace.id} still has services.")

    def carry_out() -> None:
        if namespace.services:
            raise OperationFailed("INTERNAL_FAILURE", f"The namespace {namespace.id} has services again.")
        hosted_zones.delete(registry.zones, namespace)
        registry.namespaces.pop(namespace.id, None)

    return registry.start(_operation(call, namespace, DELETE), carry_out)
