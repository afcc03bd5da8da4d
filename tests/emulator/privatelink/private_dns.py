"""The private DNS name of an endpoint service: proof of ownership by a TXT record, and its use by endpoints.

PrivateLink guide, "Manage DNS names for VPC endpoint services": the record stands at `_<token>.<domain>`, or at the
domain itself for DNS providers that don't allow underscores; the proof of a parent domain covers its subdomains.
"""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends
from moto.route53.models import route53_backends

from ..api_call import ApiCall
from .operation import Operations, invalid_parameter, owned_service, refuse_dry_run
from .registry import Endpoint, PrivateName, Registry, Service

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

LETTERS_AND_DIGITS = string.ascii_letters + string.digits


def install(hooks: Hooks, app: Emulator, registry: Registry) -> None:
    """Answer the start of a verification."""
    Operations(hooks, registry).add("StartVpcEndpointServicePrivateDnsVerification", start_verification)


def unproven(name: str) -> PrivateName:
    """A name whose owner has yet to prove the domain."""
    if name != name.lower():
        raise invalid_parameter(f"The private DNS name '{name}' must be lower case")
    token = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(20))
    value = "".join(secrets.choice(LETTERS_AND_DIGITS) for _ in range(20))
    return PrivateName(name, "pendingVerification", f"_{token}", f"vpce:{value}")


def describe(name: PrivateName | None) -> dict[str, str]:
    """`PrivateDnsNameConfiguration`."""
    if name is None:
        return {}
    return {"State": name.state, "Type": "TXT", "Value": name.record_value, "Name": name.record_name}


def start_verification(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """StartVpcEndpointServicePrivateDnsVerification: the result shows in the state, some time later."""
    service = owned_service(registry, call, call.parameter("ServiceId"))
    if service.private_name is None:
        raise invalid_parameter(f"The service {service.id} has no private DNS name")
    refuse_dry_run(call)
    name = service.private_name
    name.state = "pendingVerification"

    def verify() -> None:
        name.state = "verified" if _is_proven(name) else "failed"

    registry.later(verify)
    return {"ReturnValue": True}


def _is_proven(name: PrivateName) -> bool:
    labels = name.name.removeprefix("*.").split(".")
    domains = [".".join(labels[start:]) for start in range(len(labels) - 1)]
    places = {f"{place}." for domain in domains for place in (f"{name.record_name}.{domain}", domain)}
    return any(
        record.name in places and name.record_value in _texts(record)
        for backends in list(route53_backends.values())
        for backend in list(backends.values())
        for zone in list(backend.zones.values())
        if not zone.private_zone
        for record in zone.rrsets
        if record.type == "TXT"
    )


def _texts(record: Any) -> list[str]:
    """The strings of a TXT record (Route 53 has them in quotes; the value is case-sensitive)."""
    return [str(value).strip().strip('"') for value in record.records]


def check_can_be_enabled(registry: Registry, endpoint: Endpoint, accepted: bool) -> None:
    """Refuse private DNS where AWS does: not accepted, no proven name, VPC attributes off, name already in use."""
    service = endpoint.service
    if service is not None:
        _check_service(service, accepted)
    vpc = ec2_backends[endpoint.account][endpoint.region].get_vpc(endpoint.vpc_id)
    if not (_is_on(vpc.enable_dns_support) and _is_on(vpc.enable_dns_hostnames)):
        raise invalid_parameter(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true "
            f"for {endpoint.vpc_id}"
        )
    for name in names_of(endpoint):
        if name in _names_in_use(registry, endpoint):
            raise invalid_parameter(
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
                f"{name} in the VPC {endpoint.vpc_id}"
            )


def _is_on(attribute: Any) -> bool:
    return str(attribute).lower() == "true"


def _check_service(service: Service, accepted: bool) -> None:
    if not accepted:
        raise invalid_parameter(
            f"Private DNS can only be enabled after the endpoint connection is accepted by the owner of {service.name}."
        )
    if service.private_name is None:
        raise invalid_parameter(
            f"Private DNS can't be enabled because the service {service.name} does not provide a private DNS name."
        )
    if service.private_name.state != "verified":
        raise invalid_parameter(
            f"Private DNS can't be enabled because the service {service.name} has not verified the private DNS name."
        )


def names_of(endpoint: Endpoint) -> list[str]:
    """The names that private DNS would give the endpoint."""
    if endpoint.service is None:
        return endpoint.private_names
    return [endpoint.service.private_name.name] if endpoint.service.private_name else []


def _names_in_use(registry: Registry, endpoint: Endpoint) -> set[str]:
    names = {
        name
        for other in registry.endpoints_of(endpoint.account, endpoint.region)
        if other.vpc_id == endpoint.vpc_id and other.private_dns_enabled and other is not endpoint
        for name in other.private_names
    }
    for backends in list(route53_backends.values()):
        for backend in list(backends.values()):
            for zone in list(backend.zones.values()):
                if any(vpc.get("vpc_id") == endpoint.vpc_id for vpc in zone.vpcs):
                    names.add(zone.name.removesuffix("."))
    return names
