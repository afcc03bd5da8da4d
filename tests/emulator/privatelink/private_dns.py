"""The private DNS name of an endpoint service: proof of ownership by a TXT record, and its use by endpoints.

PrivateLink guide, "Manage DNS names for VPC endpoint services": the record stands at `_<token>.<domain>`, or at the
domain itself for DNS providers that don't allow underscores; the proof of a parent domain covers its subdomains.
"""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends

from ..api_call import ApiCall
from ..control_api import ControlError, ControlRequest
from ..route53 import names
from ..route53.record_values import strings_of
from ..route53.resolver import Unresolvable
from ..route53.vpcs import Vpc, is_on
from .network import managed_domain
from .operation import Operations, invalid_parameter, owned_service, refuse_dry_run
from .registry import Endpoint, PrivateName, Registry, Service

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

LETTERS_AND_DIGITS = string.ascii_letters + string.digits


def install(hooks: Hooks, app: Emulator, registry: Registry) -> None:
    """Answer the start of a verification, and the control route that looks again."""
    Operations(hooks, registry).add("StartVpcEndpointServicePrivateDnsVerification", start_verification)
    app.control("POST", "private-dns/check", lambda request: check_again(registry, request))


def unproven(name: str) -> PrivateName:
    """A name whose owner has yet to prove the domain."""
    if name != name.lower():
        raise invalid_parameter(f"The private DNS name '{name}' must be lower case")
    try:
        names.normalize(name)
    except names.InvalidName:
        raise invalid_parameter(f"The private DNS name '{name}' isn't a domain name") from None
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
        name.state = "verified" if _is_proven(registry, name) else "failed"

    registry.later(verify)
    return {"ReturnValue": True}


def _is_proven(registry: Registry, name: PrivateName) -> bool:
    """Whether the public DNS answers with the proof, at the domain or one above it, with the record's name or without."""
    domains = names.parents(names.normalize(name.name.removeprefix("*.")))[:-1]
    places = [place for domain in domains for place in (f"{name.record_name}.{domain}", domain)]
    return any(name.record_value in _texts(registry, place) for place in places)


def _texts(registry: Registry, place: str) -> list[str]:
    """The texts of the TXT records at a place; of records with routing policies none, as it is open which one answers."""
    try:
        answers = registry.resolver.resolve(place, "TXT").records
    except Unresolvable:
        return []
    return [strings_of(answer["value"]) for answer in answers if answer["type"] == "TXT"]


def check_again(registry: Registry, request: ControlRequest) -> dict[str, Any]:
    """`POST private-dns/check {"service": …}`: AWS looks again for the proof of verified names; lost ones have failed."""
    wanted = request.fields("service").get("service")
    with registry.lock:
        registry.settle()
        services = [s for s in registry.services.values() if s.private_name and wanted in (None, s.id)]
        if wanted is not None and not services:
            raise ControlError(f"there is no service {wanted} with a private DNS name", 404)
        for service in services:
            name = service.private_name
            assert name is not None
            if name.state == "verified" and not _is_proven(registry, name):
                name.state = "failed"
        return {"states": {service.id: service.private_name.state for service in services if service.private_name}}


def check_can_be_enabled(registry: Registry, endpoint: Endpoint, accepted: bool) -> None:
    """Refuse private DNS where AWS does: not accepted, no proven name, VPC attributes off, name already in use."""
    service = endpoint.service
    if service is not None:
        _check_service(service, accepted)
    vpc = ec2_backends[endpoint.account][endpoint.region].get_vpc(endpoint.vpc_id)
    if not (is_on(vpc.enable_dns_support) and is_on(vpc.enable_dns_hostnames)):
        raise invalid_parameter(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true "
            f"for {endpoint.vpc_id}"
        )
    for name in names_of(endpoint):
        domain = names.normalize(managed_domain(name))
        if registry.zones.conflicting(Vpc(endpoint.region, endpoint.vpc_id), domain) is not None:
            raise invalid_parameter(
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
                f"{name} in the VPC {endpoint.vpc_id}"
            )


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
