"""VPCs as Route 53 names them, and whose they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from moto.ec2.models import ec2_backends

from ..api_call import ApiCall, AwsError

VPC_ID = re.compile(r"vpc-[0-9a-f]{8,17}")


@dataclass(frozen=True, order=True)
class Vpc:
    """A VPC by its Region and id."""

    region: str
    id: str

    def describe(self) -> dict[str, str]:
        """The structure VPC."""
        return {"VPCRegion": self.region, "VPCId": self.id}


def vpc_of(parameter: dict[str, str]) -> Vpc:
    """The VPC that a request names."""
    vpc_id, region = parameter.get("VPCId", ""), parameter.get("VPCRegion", "")
    if not region:
        raise AwsError("InvalidInput", "The VPCRegion is missing.")
    if not VPC_ID.fullmatch(vpc_id):
        raise AwsError("InvalidVPCId", f"The VPC ID is invalid. Received: {vpc_id}")
    return Vpc(region, vpc_id)


def owner_of(vpc: Vpc) -> str | None:
    """The account a VPC belongs to, or None when there is no such VPC."""
    return next(
        (
            account
            for account, backends in list(ec2_backends.items())
            if (backend := backends.get(vpc.region)) and vpc.id in backend.vpcs
        ),
        None,
    )


def record_of(vpc: Vpc, account: str) -> Any:
    """moto's object of a VPC that exists."""
    return ec2_backends[account][vpc.region].vpcs[vpc.id]


def check_is_own(call: ApiCall, vpc: Vpc) -> None:
    """Refuse a VPC that isn't the caller's: AWS doesn't say whether it exists."""
    if owner_of(vpc) != call.account:
        raise AwsError("InvalidVPCId", f"The VPC ID is invalid. Received: {vpc.id}")


def asks_resolver(vpc: Vpc, account: str) -> bool:
    """Whether the VPC's instances have a resolver at all (`enableDnsSupport`)."""
    return is_on(record_of(vpc, account).enable_dns_support)


def sees_private_zones(vpc: Vpc, account: str) -> bool:
    """Whether private zones answer in the VPC: both of its DNS attributes have to be on."""
    return asks_resolver(vpc, account) and is_on(record_of(vpc, account).enable_dns_hostnames)


def is_on(attribute: Any) -> bool:
    """A VPC attribute of moto's as a truth value."""
    return str(attribute).lower() == "true"
