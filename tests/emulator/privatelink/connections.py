"""Connections, as the provider of a service sees its consumers' endpoints: list, accept, reject.

Accept and reject answer HTTP 200 even when nothing was accepted: what failed is in `unsuccessful`. Whether AWS accepts
a connection that was rejected before is not documented; the setting `accept_rejected` tries both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from . import network
from .endpoints import become_available
from .notifications import notify
from .operation import ENDPOINT_ID, Operations, filtered, not_there, owned_service, page, refuse_dry_run, unsuccessful
from .registry import ACTIVE_STATES, Endpoint, Registry, tags_of
from .services import BALANCERS

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

FILTERS = {
    "ip-address-type",
    "service-id",
    "transit-gateway-attachment-id",
    "vpc-endpoint-owner",
    "vpc-endpoint-region",
    "vpc-endpoint-state",
    "vpc-endpoint-id",
}


def install(hooks: Hooks, app: Emulator, registry: Registry) -> None:
    """Answer the operations on connections."""
    app.settings.define(
        "accept_rejected",
        False,
        lambda value: isinstance(value, bool),
        "whether AcceptVpcEndpointConnections takes a connection that was rejected before",
    )
    operations = Operations(hooks, registry)
    operations.add("DescribeVpcEndpointConnections", describe_all)
    operations.add("AcceptVpcEndpointConnections", accept)
    operations.add("RejectVpcEndpointConnections", reject)


def describe_all(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """DescribeVpcEndpointConnections; the last page has no token, and an empty filter value filters nothing."""
    refuse_dry_run(call)
    found = filtered(call, _candidates(registry, call), _filter_values, FILTERS, lenient=True)
    found.sort(key=lambda endpoint: endpoint.number)
    shown, token = page(registry, call, found, lambda endpoint: endpoint.number, smallest=5)
    return {"VpcEndpointConnections": [describe(endpoint) for endpoint in shown], "NextToken": token}


def _candidates(registry: Registry, call: ApiCall) -> list[Endpoint]:
    """The caller's connections; those of one service only, when the call names plain service ids."""
    wanted = [f.get("Values") or [] for f in call.parameter("Filters", []) if f.get("Name") == "service-id"]
    if wanted and all(value and value in registry.services for value in wanted[0]):
        services = [s for s in (registry.service(i, call.account, call.region) for i in set(wanted[0])) if s]
    else:
        services = list(registry.services_of(call.account, call.region))
    return [endpoint for service in services for endpoint in service.endpoints.values()]


def describe(endpoint: Endpoint) -> dict[str, Any]:
    """A connection: it tells who asks, but not from which VPC; its tags are the provider's."""
    service = endpoint.service
    assert service is not None
    return {
        "ServiceId": service.id,
        "VpcEndpointId": endpoint.id,
        "VpcEndpointOwner": endpoint.account,
        "VpcEndpointState": endpoint.state,
        "CreationTimestamp": endpoint.created,
        "DnsEntries": network.dns_entries(endpoint),
        BALANCERS[service.kind]: service.load_balancer_arns,
        "IpAddressType": endpoint.ip_address_type,
        "VpcEndpointConnectionId": endpoint.connection_id,
        "Tags": tags_of(service.account, service.region, endpoint.connection_id),
        "VpcEndpointRegion": endpoint.region,
    }


def _filter_values(endpoint: Endpoint) -> dict[str, Any]:
    service = endpoint.service
    assert service is not None
    regions = [endpoint.region] if endpoint.region == service.region else [endpoint.region, "cross-region"]
    return {
        "ip-address-type": endpoint.ip_address_type,
        "service-id": service.id,
        "vpc-endpoint-owner": endpoint.account,
        "vpc-endpoint-region": regions,
        "vpc-endpoint-state": endpoint.state,
        "vpc-endpoint-id": endpoint.id,
    }


def accept(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """AcceptVpcEndpointConnections: pendingAcceptance -> pending -> available."""
    allowed = {"pendingAcceptance", "rejected"} if registry.settings["accept_rejected"] else {"pendingAcceptance"}

    def change(endpoint: Endpoint) -> None:
        become_available(registry, endpoint)
        notify(registry, endpoint, "Accept", call.after)

    return _judge(registry, call, allowed, change)


def reject(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """RejectVpcEndpointConnections: also cuts off a connection that is up."""

    def change(endpoint: Endpoint) -> None:
        endpoint.become("rejected")
        notify(registry, endpoint, "Reject", call.after)

    return _judge(registry, call, ACTIVE_STATES, change)


def _judge(registry: Registry, call: ApiCall, allowed: set[str] | frozenset[str], change: Any) -> dict[str, Any]:
    if call.parameter("TransitGatewayAttachmentIds"):
        raise not_there("connections of transit gateway attachments")
    service = owned_service(registry, call, call.parameter("ServiceId"))
    ids = list(dict.fromkeys(call.parameter("VpcEndpointIds", [])))
    for endpoint_id in ids:
        if not ENDPOINT_ID.fullmatch(endpoint_id):
            raise AwsError("InvalidVpcEndpointId.Malformed", f"Invalid Id: '{endpoint_id}'")
    refuse_dry_run(call)
    failed = []
    for endpoint_id in ids:
        endpoint = service.endpoints.get(endpoint_id)
        if endpoint_id in call.failing_items:
            failed.append(unsuccessful(endpoint_id, *call.failing_items[endpoint_id]))
        elif endpoint is None:
            message = f"The Vpc Endpoint Id '{endpoint_id}' does not exist"
            failed.append(unsuccessful(endpoint_id, "InvalidVpcEndpointId.NotFound", message))
        elif endpoint.state not in allowed:
            message = f"The Vpc Endpoint '{endpoint_id}' is {endpoint.state}"
            failed.append(unsuccessful(endpoint_id, "InvalidState", message))
        else:
            change(endpoint)
    return {"Unsuccessful": failed}
