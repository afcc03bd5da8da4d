"""Gateway endpoints, which stay in moto's hands, and AWS's own services, whose list moto has."""

from __future__ import annotations

import json
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.vpcs import VPCBackend

from ..api_call import ApiCall, AwsError
from .aws_private_names import with_private_names
from .operation import invalid_parameter, refuse_dry_run, specified_tags
from .registry import Registry, tags_of

OPEN_POLICY = json.dumps(
    {"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
)


def aws_services(account: str, region: str) -> dict[str, dict[str, dict[str, Any]]]:
    """The services of AWS by name and type: `com.amazonaws.<region>.s3` comes as `Gateway` and as `Interface`."""
    services: dict[str, dict[str, dict[str, Any]]] = {}
    for offered in VPCBackend._collect_default_endpoint_services(account, region):
        detail = with_private_names(offered, region)
        services.setdefault(detail["ServiceName"], {})[detail["ServiceType"][0]["ServiceType"]] = detail
    return services


def mismatch(kind: str, offers: dict[str, Any]) -> str:
    """AWS's words for an endpoint type that a service doesn't have."""
    return f"Endpoint type ({kind}) does not match available service types ([{', '.join(sorted(offers))}])."


def create(registry: Registry, call: ApiCall) -> str:
    """Make a gateway endpoint in moto and answer its id."""
    name = call.parameter("ServiceName", "")
    service = registry.service_by_name(name)
    if service is not None:
        raise invalid_parameter(mismatch("Gateway", {service.kind: None}))
    offers = aws_services(call.account, call.region).get(name)
    if not offers:
        raise AwsError("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")
    if "Gateway" not in offers:
        raise invalid_parameter(mismatch("Gateway", offers))
    tags = specified_tags(call, "vpc-endpoint")
    refuse_dry_run(call)
    endpoint = ec2_backends[call.account][call.region].create_vpc_endpoint(
        vpc_id=call.parameter("VpcId"),
        service_name=name,
        endpoint_type="Gateway",
        policy_document=call.parameter("PolicyDocument"),
        route_table_ids=call.parameter("RouteTableIds", []),
        tags=tags,
    )
    return endpoint.id


def all_of(call: ApiCall) -> list[Any]:
    """The caller's gateway endpoints (moto's objects)."""
    return list(ec2_backends[call.account][call.region].vpc_end_points.values())


def describe(endpoint: Any) -> dict[str, Any]:
    """A gateway endpoint in AWS's words."""
    backend = endpoint.ec2_backend
    return {
        "VpcEndpointId": endpoint.id,
        "VpcEndpointType": "Gateway",
        "VpcId": endpoint.vpc_id,
        "ServiceName": endpoint.service_name,
        "State": endpoint.state,
        "PolicyDocument": endpoint.policy_document,
        "RouteTableIds": endpoint.route_table_ids or [],
        "SubnetIds": [],
        "Groups": [],
        "PrivateDnsEnabled": False,
        "RequesterManaged": False,
        "NetworkInterfaceIds": [],
        "DnsEntries": [],
        "CreationTimestamp": endpoint.creation_timestamp,
        "Tags": tags_of(backend.account_id, backend.region_name, endpoint.id),
        "OwnerId": backend.account_id,
    }


def filter_values(endpoint: Any) -> dict[str, Any]:
    """What the filters of DescribeVpcEndpoints look at."""
    backend = endpoint.ec2_backend
    return {
        "service-name": endpoint.service_name,
        "service-region": backend.region_name,
        "tags": tags_of(backend.account_id, backend.region_name, endpoint.id),
        "vpc-id": endpoint.vpc_id,
        "vpc-endpoint-id": endpoint.id,
        "vpc-endpoint-state": endpoint.state,
        "vpc-endpoint-type": "Gateway",
    }


def modify(call: ApiCall, endpoint: Any) -> None:
    """ModifyVpcEndpoint on a gateway endpoint: its policy and route tables."""
    refuse_dry_run(call)
    policy = OPEN_POLICY if call.parameter("ResetPolicy") else call.parameter("PolicyDocument")
    endpoint.modify(
        policy_doc=policy,
        add_subnets=None,
        remove_subnets=None,
        add_route_tables=call.parameter("AddRouteTableIds"),
        remove_route_tables=call.parameter("RemoveRouteTableIds"),
        add_security_groups=None,
        remove_security_groups=None,
    )


def delete(call: ApiCall, endpoint_id: str) -> bool:
    """Delete a gateway endpoint with its routes; False when there is none (moto would keep it as `deleted`)."""
    backend = ec2_backends[call.account][call.region]
    if endpoint_id not in backend.vpc_end_points:
        return False
    backend.delete_vpc_endpoints([endpoint_id])
    del backend.vpc_end_points[endpoint_id]
    backend.tags.pop(endpoint_id, None)
    return True
