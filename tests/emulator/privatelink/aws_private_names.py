"""Private DNS names of AWS's own services that have several; moto gives every service one.

PrivateLink guide, "AWS services that integrate with AWS PrivateLink", and the services' own guides on interface endpoints.
The table is what is known to differ, not everything that differs on AWS.
"""

from __future__ import annotations

from typing import Any

SEVERAL = {
    "ecr.dkr": ("dkr.ecr", "*.dkr.ecr"),
    "execute-api": ("execute-api", "*.execute-api"),
    "s3": ("s3", "*.s3", "s3-accesspoint", "*.s3-accesspoint", "s3-control", "*.s3-control"),
}


def with_private_names(detail: dict[str, Any], region: str) -> dict[str, Any]:
    """A service's description with all of its private names; gateway endpoints have none."""
    if detail["ServiceType"][0]["ServiceType"] != "Interface":
        return {name: value for name, value in detail.items() if not name.startswith("PrivateDns")}
    prefixes = SEVERAL.get(detail["ServiceName"].split(".", 3)[-1])
    if prefixes is None:
        return detail
    names = [f"{prefix}.{region}.amazonaws.com" for prefix in prefixes]
    return {**detail, "PrivateDnsName": names[0], "PrivateDnsNames": [{"PrivateDnsName": name} for name in names]}
