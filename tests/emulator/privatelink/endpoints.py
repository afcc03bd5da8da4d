"""Endpoints with interfaces (Interface, GatewayLoadBalancer), as their consumer sees them: create, describe, delete.

Those of Gateway Load Balancers have one subnet, and neither groups, nor a policy, nor DNS names.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends

from ..api_call import ApiCall, AwsError, Caller
from . import gateways, network, permissions, private_dns, services
from .notifications import notify
from .operation import (
    ENDPOINT_ID,
    Operations,
    filtered,
    invalid_parameter,
    not_there,
    once,
    page,
    refuse_dry_run,
    specified_tags,
    unsuccessful,
)
from .registry import GATEWAY, INTERFACE, Endpoint, Registry, Service, new_id

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

FILTERS = {
    "ip-address-type",
    "service-name",
    "service-region",
    "tag-key",
    "vpc-id",
    "vpc-endpoint-id",
    "vpc-endpoint-state",
    "vpc-endpoint-type",
}
# Members that AWS's samples of endpoints for Gateway Load Balancers don't have.
INTERFACE_MEMBERS = {"PolicyDocument", "RouteTableIds", "Groups", "DnsOptions", "PrivateDnsEnabled", "DnsEntries"}


def install(hooks: Hooks, app: Emulator, registry: Registry) -> None:
    """Answer the operations on endpoints."""
    app.settings.define(
        "endpoints_per_vpc",
        50,
        lambda value: isinstance(value, int) and value > 0,
        "quota L-29B6F2EB: interface endpoints per VPC",
    )
    app.settings.define(
        "endpoint_age_seconds",
        0,
        lambda value: isinstance(value, int) and value >= 0,
        "how long ago a new endpoint was created, as its CreationTimestamp says",
    )
    app.settings.define(
        "late_dns_entries",
        False,
        lambda value: isinstance(value, bool),
        "whether a new endpoint has no DnsEntries until it is available",
    )
    operations = Operations(hooks, registry)
    operations.add("CreateVpcEndpoint", create)
    operations.add("DescribeVpcEndpoints", describe_all)
    operations.add("DeleteVpcEndpoints", delete)


def create(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """CreateVpcEndpoint; without a type AWS means a gateway endpoint."""

    def show(endpoint_id: str) -> dict[str, Any] | None:
        found = [endpoint for endpoint in _mine(registry, call) if endpoint.id == endpoint_id]
        return {"VpcEndpoint": _describe_any(found[0])} if found else None

    def make() -> str:
        kind = call.parameter("VpcEndpointType", "Gateway")
        if kind == "Gateway":
            return gateways.create(registry, call)
        if kind in (INTERFACE, GATEWAY):
            return _make(registry, call).id
        raise not_there(f"endpoints of type {kind}")

    return once(registry, call, make, show)


def _make(registry: Registry, call: ApiCall) -> Endpoint:
    if call.parameter("SubnetConfigurations"):
        raise not_there("endpoints with chosen addresses (SubnetConfigurations)")
    tags = specified_tags(call, "vpc-endpoint")
    endpoint = plan(registry, call.account, call.region, call.caller, call.parameters)
    refuse_dry_run(call)
    bring_up(registry, endpoint, tags, call.after)
    return endpoint


def plan(registry: Registry, account: str, region: str, caller: Caller, parameters: dict[str, Any]) -> Endpoint:
    """The endpoint that a request asks for, checked but not yet made."""
    vpc_id = parameters["VpcId"]
    backend = ec2_backends[account][region]
    if vpc_id not in backend.vpcs:
        raise AwsError("InvalidVpcId.NotFound", f"The Vpc Id {vpc_id} does not exist")
    in_vpc = [e for e in registry.endpoints_of(account, region) if e.vpc_id == vpc_id]
    if len(in_vpc) >= registry.settings["endpoints_per_vpc"]:
        raise AwsError("VpcEndpointLimitExceeded", f"The VPC {vpc_id} has {len(in_vpc)} endpoints, its quota")
    service_region = parameters.get("ServiceRegion") or region
    kind = parameters.get("VpcEndpointType") or INTERFACE
    name = parameters.get("ServiceName") or ""
    service, zones, names = _find_service(registry, caller, region, service_region, name, kind)
    subnet_ids = list(dict.fromkeys(parameters.get("SubnetIds") or []))
    if kind == GATEWAY:
        _check_gateway(parameters, subnet_ids)
    network.check_subnets(account, region, vpc_id, subnet_ids, service, zones)
    endpoint = Endpoint(
        id=new_id("vpce"),
        number=registry.next_number(),
        account=account,
        region=region,
        vpc_id=vpc_id,
        service_name=parameters["ServiceName"],
        service_region=service_region,
        service=service,
        state="pendingAcceptance" if service and service.acceptance_required else "pending",
        subnet_ids=subnet_ids,
        group_ids=_groups(account, region, kind, parameters),
        ip_address_type=parameters.get("IpAddressType") or "ipv4",
        dns_suffix=network.new_dns_suffix(),
        kind=kind,
        private_names=names,
        policy=parameters.get("PolicyDocument"),
        named_when_available=registry.settings["late_dns_entries"],
        created=datetime.now(UTC) - timedelta(seconds=registry.settings["endpoint_age_seconds"]),
        record_ip_type=(parameters.get("DnsOptions") or {}).get("DnsRecordIpType") or "",
    )
    network.check_record_ip_type(endpoint.ip_address_type, endpoint.record_ip_type)
    if parameters.get("PrivateDnsEnabled"):
        private_dns.check_can_be_enabled(registry, endpoint, accepted=endpoint.state != "pendingAcceptance")
        endpoint.private_dns_enabled, endpoint.private_names = True, private_dns.names_of(endpoint)
    return endpoint


def _check_gateway(parameters: dict[str, Any], subnet_ids: list[str]) -> None:
    """What an endpoint for Gateway Load Balancers can't have."""
    if len(subnet_ids) != 1:
        raise invalid_parameter(f"An endpoint of type {GATEWAY} needs exactly one subnet")
    for name in ("SecurityGroupIds", "PolicyDocument", "PrivateDnsEnabled", "DnsOptions"):
        if parameters.get(name):
            raise invalid_parameter(f"{name} is not supported for endpoints of type {GATEWAY}")


def _groups(account: str, region: str, kind: str, parameters: dict[str, Any]) -> list[str]:
    if kind == GATEWAY:
        return []
    return list(network.security_groups(account, region, parameters["VpcId"], parameters.get("SecurityGroupIds") or []))


def _find_service(
    registry: Registry, caller: Caller, region: str, service_region: str, name: str, kind: str
) -> tuple[Service | None, list[str], list[str]]:
    """A customer's service (or None for one of AWS), its zones, and the private names that AWS's own has.

    A stranger is answered as if the service didn't exist.
    """
    service = registry.service_by_name(name)
    if service is not None:
        reachable = service.region == service_region and region in service.supported_regions
        if reachable and permissions.allows(service, caller):
            if service.kind != kind:
                raise invalid_parameter(gateways.mismatch(kind, {service.kind: None}))
            return service, services.zones(service), []
    else:
        offers = gateways.aws_services(caller.account, service_region).get(name, {})
        if offers and service_region == region:
            offer = offers.get(kind)
            if offer is None:
                raise invalid_parameter(gateways.mismatch(kind, offers))
            return None, offer["AvailabilityZones"], [n["PrivateDnsName"] for n in offer.get("PrivateDnsNames", [])]
    raise AwsError("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")


def bring_up(registry: Registry, endpoint: Endpoint, tags: dict[str, str], after: Any) -> None:
    """Make a checked endpoint: interfaces, tags, the service's connection, and the news of it."""
    for subnet_id in endpoint.subnet_ids:
        network.attach(endpoint, subnet_id)
    ec2_backends[endpoint.account][endpoint.region].create_tags([endpoint.id], tags)
    registry.endpoints[endpoint.id] = endpoint
    registry.ever.append(endpoint)
    if endpoint.service is not None:
        endpoint.connection_id = new_id("vpce-svc-con")
        endpoint.service.endpoints[endpoint.id] = endpoint
        notify(registry, endpoint, "Connect", after)
    if endpoint.state == "pending":
        become_available(registry, endpoint)


def become_available(registry: Registry, endpoint: Endpoint) -> None:
    """Let a pending endpoint become available after a while, unless something else happens to it before."""
    if endpoint.state != "pending":
        endpoint.become("pending")

    def change() -> None:
        if endpoint.state == "pending":
            endpoint.become("available")

    registry.later(change)


def describe(endpoint: Endpoint) -> dict[str, Any]:
    """An endpoint; its state is spelled in lowerCamel, as EC2 does on the wire."""
    shown = _describe_interface(endpoint)
    return shown if endpoint.kind == INTERFACE else {k: v for k, v in shown.items() if k not in INTERFACE_MEMBERS}


def _describe_interface(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "VpcEndpointId": endpoint.id,
        "VpcEndpointType": endpoint.kind,
        "VpcId": endpoint.vpc_id,
        "ServiceName": endpoint.service_name,
        "State": endpoint.state,
        "PolicyDocument": endpoint.policy or gateways.OPEN_POLICY,
        "RouteTableIds": [],
        "SubnetIds": endpoint.subnet_ids,
        "Groups": network.describe_groups(endpoint),
        "IpAddressType": endpoint.ip_address_type,
        "DnsOptions": {"DnsRecordIpType": endpoint.record_ip_type or endpoint.ip_address_type},
        "PrivateDnsEnabled": endpoint.private_dns_enabled,
        "RequesterManaged": False,
        "NetworkInterfaceIds": list(endpoint.interfaces.values()),
        "DnsEntries": network.dns_entries(endpoint),
        "CreationTimestamp": endpoint.created,
        "Tags": endpoint.tags,
        "OwnerId": endpoint.account,
        "ServiceRegion": endpoint.service_region,
    }


def describe_all(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """DescribeVpcEndpoints: interface and gateway endpoints; the last page has an empty token, as on AWS."""
    mine = _mine(registry, call)
    ids = call.parameter("VpcEndpointIds", [])
    if ids:
        known = {endpoint.id: endpoint for endpoint in mine}
        missing = [i for i in ids if i not in known]
        if missing:
            raise AwsError("InvalidVpcEndpointId.NotFound", f"The Vpc Endpoint Id '{missing[0]}' does not exist")
        mine = [endpoint for endpoint in mine if endpoint.id in ids]
    refuse_dry_run(call)
    matching = filtered(call, mine, _filter_values, FILTERS)
    shown, token = page(registry, call, sorted(matching, key=_rank), _rank)
    return {"VpcEndpoints": [_describe_any(endpoint) for endpoint in shown], "NextToken": token or ""}


def _mine(registry: Registry, call: ApiCall) -> list[Any]:
    """The caller's endpoints: interface ones, and moto's gateways."""
    return [*registry.endpoints_of(call.account, call.region), *gateways.all_of(call)]


def _rank(endpoint: Any) -> int:
    return endpoint.number


def _describe_any(endpoint: Any) -> dict[str, Any]:
    return describe(endpoint) if isinstance(endpoint, Endpoint) else gateways.describe(endpoint)


def _filter_values(endpoint: Any) -> dict[str, Any]:
    if not isinstance(endpoint, Endpoint):
        return gateways.filter_values(endpoint)
    return {
        "ip-address-type": endpoint.ip_address_type,
        "service-name": endpoint.service_name,
        "service-region": endpoint.service_region,
        "tags": endpoint.tags,
        "vpc-id": endpoint.vpc_id,
        "vpc-endpoint-id": endpoint.id,
        "vpc-endpoint-state": endpoint.state,
        "vpc-endpoint-type": endpoint.kind,
    }


def delete(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """DeleteVpcEndpoints: HTTP 200, with an item for each endpoint that couldn't be deleted."""
    ids = call.parameter("VpcEndpointIds", [])
    for endpoint_id in ids:
        if not ENDPOINT_ID.fullmatch(endpoint_id):
            raise AwsError("InvalidVpcEndpointId.Malformed", f"Invalid Id: '{endpoint_id}'")
    refuse_dry_run(call)
    failed = []
    for endpoint_id in ids:
        endpoint = registry.endpoint(endpoint_id, call.account, call.region)
        if endpoint_id in call.failing_items:
            failed.append(unsuccessful(endpoint_id, *call.failing_items[endpoint_id]))
        elif endpoint is not None and endpoint.state != "deleting":
            take_down(registry, endpoint, call.after)
        elif endpoint is None and not gateways.delete(call, endpoint_id):
            message = f"The Vpc Endpoint Id '{endpoint_id}' does not exist"
            failed.append(unsuccessful(endpoint_id, "InvalidVpcEndpointId.NotFound", message))
    return {"Unsuccessful": failed}


def take_down(registry: Registry, endpoint: Endpoint, after: Any) -> None:
    """Delete an endpoint: its interfaces at once, the rest after a while."""
    endpoint.become("deleting")
    for subnet_id in list(endpoint.interfaces):
        network.detach(endpoint, subnet_id)
    if endpoint.service is not None:
        notify(registry, endpoint, "Delete", after)
    registry.later(lambda: _forget(registry, endpoint))


def _forget(registry: Registry, endpoint: Endpoint) -> None:
    registry.endpoints.pop(endpoint.id, None)
    ec2_backends[endpoint.account][endpoint.region].tags.pop(endpoint.id, None)
    for number, notification in list(registry.notifications.items()):
        if notification.endpoint_id == endpoint.id:
            del registry.notifications[number]
    service = endpoint.service
    if service is not None:
        service.endpoints.pop(endpoint.id, None)
        ec2_backends[service.account][service.region].tags.pop(endpoint.connection_id, None)
