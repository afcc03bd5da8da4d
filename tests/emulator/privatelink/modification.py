"""ModifyVpcEndpoint: subnets, security groups, policy and private DNS of an endpoint with interfaces.

The subnet of an endpoint for Gateway Load Balancers stays as it is, and it has nothing else to modify.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends

from ..api_call import ApiCall, AwsError
from . import gateways, network, private_dns, services
from .endpoints import become_available
from .operation import Operations, invalid_parameter, not_there, refuse_dry_run
from .registry import GATEWAY, Endpoint, Registry

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator


def install(hooks: Hooks, app: Emulator, registry: Registry) -> None:
    """Answer ModifyVpcEndpoint."""
    Operations(hooks, registry).add("ModifyVpcEndpoint", modify)


def modify(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """ModifyVpcEndpoint; a change of subnets puts an available endpoint back to `pending` for a while."""
    endpoint_id = call.parameter("VpcEndpointId")
    endpoint = registry.endpoint(endpoint_id, call.account, call.region)
    if endpoint is not None:
        _modify_interface(registry, call, endpoint)
        return {"Return": True}
    gateway = ec2_backends[call.account][call.region].vpc_end_points.get(endpoint_id)
    if gateway is None:
        raise AwsError("InvalidVpcEndpointId.NotFound", f"The Vpc Endpoint Id '{endpoint_id}' does not exist")
    gateways.modify(call, gateway)
    return {"Return": True}


def _modify_interface(registry: Registry, call: ApiCall, endpoint: Endpoint) -> None:
    if endpoint.kind == GATEWAY and set(call.parameters) - {"VpcEndpointId", "DryRun", "IpAddressType"}:
        raise invalid_parameter(f"Only the IP address type of an endpoint of type {GATEWAY} can be modified")
    if call.parameter("SubnetConfigurations"):
        raise not_there("endpoints with chosen addresses (SubnetConfigurations)")
    if call.parameter("AddRouteTableIds") or call.parameter("RemoveRouteTableIds"):
        raise invalid_parameter("Route tables can only be modified for Gateway endpoints")
    if endpoint.state in ("deleting", "rejected", "failed"):
        raise AwsError("InvalidState", f"The endpoint {endpoint.id} is {endpoint.state}")
    subnet_ids = _subnets_after(call, endpoint)
    group_ids = _groups_after(call, endpoint)
    private_dns_wanted = call.parameter("PrivateDnsEnabled", endpoint.private_dns_enabled)
    if private_dns_wanted and not endpoint.private_dns_enabled:
        private_dns.check_can_be_enabled(registry, endpoint, accepted=endpoint.state == "available")
    ip_type = call.parameter("IpAddressType", endpoint.ip_address_type)
    record_ip_type = call.parameter("DnsOptions", {}).get("DnsRecordIpType") or endpoint.record_ip_type
    network.check_record_ip_type(ip_type, record_ip_type)
    refuse_dry_run(call)
    endpoint.ip_address_type, endpoint.record_ip_type = ip_type, record_ip_type
    _move(registry, endpoint, subnet_ids)
    _change_groups(endpoint, group_ids)
    if endpoint.service is not None:
        endpoint.private_names = private_dns.names_of(endpoint) if private_dns_wanted else []
    endpoint.private_dns_enabled = private_dns_wanted
    network.renew_addresses(endpoint)
    endpoint.policy = None if call.parameter("ResetPolicy") else call.parameter("PolicyDocument", endpoint.policy)


def _subnets_after(call: ApiCall, endpoint: Endpoint) -> list[str]:
    removed = call.parameter("RemoveSubnetIds", [])
    kept = [subnet_id for subnet_id in endpoint.subnet_ids if subnet_id not in removed]
    wanted = list(dict.fromkeys([*kept, *call.parameter("AddSubnetIds", [])]))
    zones = services.zones(endpoint.service) if endpoint.service else []
    network.check_subnets(endpoint.account, endpoint.region, endpoint.vpc_id, wanted, endpoint.service, zones)
    return wanted


def _groups_after(call: ApiCall, endpoint: Endpoint) -> list[str]:
    removed, added = call.parameter("RemoveSecurityGroupIds", []), call.parameter("AddSecurityGroupIds", [])
    if added:
        network.security_groups(endpoint.account, endpoint.region, endpoint.vpc_id, added)
    wanted = list(dict.fromkeys([*(g for g in endpoint.group_ids if g not in removed), *added]))
    if endpoint.group_ids and not wanted:
        raise invalid_parameter("An interface endpoint needs at least one security group")
    return wanted


def _move(registry: Registry, endpoint: Endpoint, subnet_ids: list[str]) -> None:
    if subnet_ids == endpoint.subnet_ids:
        return
    for subnet_id in set(endpoint.subnet_ids) - set(subnet_ids):
        network.detach(endpoint, subnet_id)
    for subnet_id in subnet_ids:
        if subnet_id not in endpoint.interfaces:
            network.attach(endpoint, subnet_id)
    endpoint.subnet_ids = subnet_ids
    if endpoint.state == "available":
        become_available(registry, endpoint)


def _change_groups(endpoint: Endpoint, group_ids: list[str]) -> None:
    if group_ids == endpoint.group_ids:
        return
    endpoint.group_ids = group_ids
    backend = ec2_backends[endpoint.account][endpoint.region]
    for interface_id in endpoint.interfaces.values():
        backend.modify_network_interface_attribute(interface_id, group_ids)
