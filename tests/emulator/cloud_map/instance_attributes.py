"""Which attributes an instance may have, by the service it is in (API Reference, RegisterInstance)."""

from __future__ import annotations

import ipaddress
import re

from ..route53 import names
from ..route53.alias_targets import load_balancer_named
from .call import invalid_input
from .hosted_zones import ALIAS, CNAME, IPV4, IPV6, OF_TYPE, PORT
from .registry import Service

EC2_INSTANCE, INITIAL_HEALTH = "AWS_EC2_INSTANCE_ID", "AWS_INIT_HEALTH_STATUS"
OWN = (IPV4, IPV6, PORT, CNAME, ALIAS, EC2_INSTANCE, INITIAL_HEALTH)
RESERVED = "AWS_"
MOST_CUSTOM = 30
LONGEST = 5_000  # characters of all keys and values
LARGEST_PORT = 65_535


def check(service: Service, given: dict[str, str], cname_in_http: bool) -> None:
    """Refuse attributes that the service can't take; lengths and characters are the model's."""
    custom = [key for key in given if key not in OWN]
    if len(custom) > MOST_CUSTOM:
        raise invalid_input(f"An instance can have {MOST_CUSTOM} custom attributes at the most.")
    if sum(len(key) + len(value) for key, value in given.items()) > LONGEST:
        raise invalid_input(f"The attributes of an instance can have {LONGEST} characters at the most.")
    reserved = [key for key in custom if key.startswith(RESERVED)]
    if reserved:
        raise invalid_input(f"Attributes that begin with {RESERVED} are reserved: {', '.join(reserved)}.")
    _check_values(given)
    if given.get(INITIAL_HEALTH) is not None and service.custom_health is None:
        raise invalid_input(f"{INITIAL_HEALTH} needs a service with HealthCheckCustomConfig.")
    if ALIAS in given:
        _check_alias(service, given)
    elif EC2_INSTANCE in given:
        _check_ec2_instance(service, given)
    else:
        _check_needed(service, given)
        _check_cname(service, given, cname_in_http)


def _check_values(given: dict[str, str]) -> None:
    for key, version in ((IPV4, 4), (IPV6, 6)):
        if key in given and not _is_address(given[key], version):
            raise invalid_input(f"{key} '{given[key]}' isn't an address of IP version {version}.")
    port = given.get(PORT)
    if port is not None and not (port.isdigit() and int(port) <= LARGEST_PORT):
        raise invalid_input(f"{PORT} must be a number from 0 to {LARGEST_PORT}, not '{port}'.")
    if CNAME in given and not _is_domain(given[CNAME]):
        raise invalid_input(f"{CNAME} '{given[CNAME]}' isn't a domain name.")
    if given.get(INITIAL_HEALTH, "HEALTHY") not in ("HEALTHY", "UNHEALTHY"):
        raise invalid_input(f"{INITIAL_HEALTH} is HEALTHY or UNHEALTHY.")


def _is_address(text: str, version: int) -> bool:
    try:
        return ipaddress.ip_address(text).version == version
    except ValueError:
        return False


def _is_domain(text: str) -> bool:
    try:
        names.normalize(text)
    except names.InvalidName:
        return False
    return re.search(r"[A-Za-z]", text) is not None


def _check_alias(service: Service, given: dict[str, str]) -> None:
    if any(key.startswith("AWS_INSTANCE_") for key in given):
        raise invalid_input(f"{ALIAS} can't be together with any of the AWS_INSTANCE attributes.")
    weighted = (service.dns or {}).get("RoutingPolicy") == "WEIGHTED"
    if not weighted or not {"A", "AAAA"} & set(service.record_types):
        raise invalid_input(f"{ALIAS} needs a service with A or AAAA records and the routing policy WEIGHTED.")
    if not _is_domain(given[ALIAS]) or not load_balancer_named(names.normalize(given[ALIAS])):
        raise invalid_input(f"{ALIAS} '{given[ALIAS]}' isn't the name of a load balancer.")


def _check_ec2_instance(service: Service, given: dict[str, str]) -> None:
    if service.namespace.kind != "HTTP":
        raise invalid_input(f"{EC2_INSTANCE} is for HTTP namespaces only.")
    if set(given) - {EC2_INSTANCE, INITIAL_HEALTH}:
        raise invalid_input(f"With {EC2_INSTANCE} only {INITIAL_HEALTH} can be specified.")


def _check_needed(service: Service, given: dict[str, str]) -> None:
    kinds = service.record_types
    needed = [attribute for kind, attribute in OF_TYPE.items() if kind in kinds] + ([PORT] if "SRV" in kinds else [])
    missing = [attribute for attribute in needed if attribute not in given]
    if missing:
        raise invalid_input(f"The service has records of type {', '.join(kinds)}: {', '.join(missing)} is missing.")
    if "SRV" in kinds and not {IPV4, IPV6} & set(given):
        raise invalid_input(f"A service with SRV records needs {IPV4}, {IPV6}, or both.")


def _check_cname(service: Service, given: dict[str, str], in_http: bool) -> None:
    if CNAME in given and "CNAME" not in service.record_types and not (in_http and service.kind == "HTTP"):
        raise invalid_input(f"{CNAME} is only for services with a CNAME record.")
