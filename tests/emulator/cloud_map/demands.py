"""What calls of Cloud Map demand of a role (Service Authorization Reference, "AWS Cloud Map").

Private DNS namespaces are made by Route 53 in the name of the caller, as are the records in them (Developer Guide, "AWS
Cloud Map API permissions reference"); for the records of a shared namespace that isn't documented, and nothing is demanded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from moto.core.utils import get_service_model

from ..api_call import ApiCall
from ..identity.demand import EVERYTHING, Demand
from ..route53.demands import READING_VPCS
from ..tagging.keeper import keys_asked, with_keys
from .call import PREFIX, tags_of
from .registry import Namespace, Registry, Service

if TYPE_CHECKING:
    from ..server import Emulator

# Operations on one resource, and the parameter that names it.
OF_SERVICE = {
    "DeleteService": "Id",
    "DeregisterInstance": "ServiceId",
    "GetInstance": "ServiceId",
    "GetInstancesHealthStatus": "ServiceId",
    "GetService": "Id",
    "ListInstances": "ServiceId",
    "RegisterInstance": "ServiceId",
    "UpdateInstanceCustomHealthStatus": "ServiceId",
    "UpdateService": "Id",
}
OF_NAMESPACE = {
    "CreateService": "NamespaceId",
    "DeleteNamespace": "Id",
    "GetNamespace": "Id",
    "UpdateHttpNamespace": "Id",
    "UpdatePrivateDnsNamespace": "Id",
}
OF_TAGS = ("ListTagsForResource", "TagResource", "UntagResource")
WRITING_RECORDS = ("RegisterInstance", "DeregisterInstance")


def install(app: Emulator, registry: Registry) -> None:
    """Have all calls judged."""
    for name in get_service_model(PREFIX).operation_names:
        app.authorization.demand(PREFIX, name, _demands(registry))


def _demands(registry: Registry) -> Callable[[ApiCall], Iterable[Demand]]:
    def demands(call: ApiCall) -> Iterable[Demand]:
        action, name = f"{PREFIX}:{call.operation}", call.operation
        registry.settle()
        if name in OF_SERVICE:
            yield from _of_service(registry, call, action)
        elif name in OF_NAMESPACE:
            reference = call.parameter(OF_NAMESPACE[name]) or call.parameter("DnsConfig", {}).get("NamespaceId") or ""
            yield from _of_namespace(registry, call, action, reference)
        elif name in OF_TAGS:
            yield _of_tags(registry, call, action)
        elif name == "GetOperation":
            operation = registry.operations.get(call.parameter("OperationId", ""))
            yield Demand(action, operation.namespace.arn if operation else EVERYTHING)
        elif name.startswith("Discover"):
            names = {f"{PREFIX}:{key}": call.parameter(key, "") for key in ("NamespaceName", "ServiceName")}
            yield Demand(action, EVERYTHING, names)
        else:
            yield Demand(action, EVERYTHING, with_keys(tags_of(call), {}))
        if name == "CreatePrivateDnsNamespace":
            vpc = f"VPCId={call.parameter('Vpc')},VPCRegion={call.region}"
            yield Demand("route53:CreateHostedZone", EVERYTHING, {"route53:VPCs": [vpc]})
            yield Demand("route53:GetHostedZone", "arn:aws:route53:::hostedzone/*")
            yield Demand("route53:ListHostedZonesByName", EVERYTHING)
            yield READING_VPCS
        if name.startswith("Create") and tags_of(call):
            # Other services ask for it; of this one it isn't documented, and nothing is lost where it isn't so.
            yield Demand(f"{PREFIX}:TagResource", EVERYTHING, with_keys(tags_of(call), {}))

    return demands


def _arn(call: ApiCall, kind: str, reference: str) -> str:
    if reference.startswith("arn:"):
        return reference
    return f"arn:aws:{PREFIX}:{call.region}:{call.account}:{kind}/{reference}"


def _resource_tags(resource: Namespace | Service | None) -> dict[str, Any]:
    return keys_asked([], resource.tags) if resource else {}


def _zone_arn(namespace: Namespace) -> str:
    return f"arn:aws:route53:::hostedzone/{namespace.zone_id}"


def _of_service(registry: Registry, call: ApiCall, action: str) -> Iterable[Demand]:
    arn = _arn(call, "service", call.parameter(OF_SERVICE[call.operation], ""))
    service = registry.find_service(arn.rpartition("/")[2])
    context: dict[str, Any] = {f"{PREFIX}:ServiceArn": arn, **_resource_tags(service)}
    if service is not None:
        context[f"{PREFIX}:NamespaceArn"] = service.namespace.arn
        context[f"{PREFIX}:ServiceCreatedByAccount"] = service.created_by
    yield Demand(action, arn, context)
    own = service is not None and service.namespace.account == call.account
    if service is not None and own and service.record_types and call.operation in WRITING_RECORDS:
        yield Demand("route53:ChangeResourceRecordSets", _zone_arn(service.namespace))


def _of_namespace(registry: Registry, call: ApiCall, action: str, reference: str) -> Iterable[Demand]:
    arn = _arn(call, "namespace", reference)
    namespace = registry.namespaces.get(arn.rpartition("/")[2])
    tags = with_keys(tags_of(call), namespace.tags if namespace else {})
    yield Demand(action, arn, {f"{PREFIX}:NamespaceArn": arn, **tags})
    if call.operation == "DeleteNamespace" and namespace is not None and namespace.zone_id:
        yield Demand("route53:DeleteHostedZone", _zone_arn(namespace))


def _of_tags(registry: Registry, call: ApiCall, action: str) -> Demand:
    arn = call.parameter("ResourceARN", EVERYTHING)
    identifier = arn.rpartition("/")[2]
    resource = registry.namespaces.get(identifier) or registry.find_service(identifier)
    present = resource.tags if resource else {}
    if call.operation == "UntagResource":
        return Demand(action, arn, keys_asked(call.parameter("TagKeys", []), present))
    return Demand(action, arn, with_keys(tags_of(call), present))
