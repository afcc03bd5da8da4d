"""What EC2's calls around private DNS demand of a role (Service Authorization Reference, "Amazon EC2")."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..api_call import ApiCall
from ..identity.demand import Demand, of_everything
from .registry import tags_of

if TYPE_CHECKING:
    from ..server import Emulator

LISTINGS = ("DescribeVpcEndpointServices", "DescribeVpcEndpoints", "DescribeVpcs")


def install(app: Emulator) -> None:
    """Have the calls judged."""
    for name in LISTINGS:
        app.authorization.demand("ec2", name, of_everything)
    app.authorization.demand("ec2", "DescribeVpcAttribute", _of_vpc)
    app.authorization.demand("ec2", "ModifyVpcEndpoint", _of_endpoint)
    app.authorization.demand("ec2", "StartVpcEndpointServicePrivateDnsVerification", _of_service)


def _of_vpc(call: ApiCall) -> Iterable[Demand]:
    yield _on(call, "vpc", call.parameter("VpcId", ""))


def _of_endpoint(call: ApiCall) -> Iterable[Demand]:
    yield _on(call, "vpc-endpoint", call.parameter("VpcEndpointId", ""))


def _of_service(call: ApiCall) -> Iterable[Demand]:
    yield _on(call, "vpc-endpoint-service", call.parameter("ServiceId", ""))


def _on(call: ApiCall, kind: str, identifier: str) -> Demand:
    tags = tags_of(call.account, call.region, identifier)
    context = {f"{prefix}:ResourceTag/{tag['Key']}": tag["Value"] for tag in tags for prefix in ("aws", "ec2")}
    arn = f"arn:aws:ec2:{call.region}:{call.account}:{kind}/{identifier}"
    return Demand(f"ec2:{call.operation}", arn, {"ec2:Region": call.region, **context})
