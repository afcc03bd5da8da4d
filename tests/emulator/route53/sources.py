"""Who answers for a name in a VPC: forwarding rules, private zones, endpoints' zones, a Profile's, then public zones.

Route 53 guide, "Considerations when working with a private hosted zone", "How the Resolver determines which rule to use"
and "How Route 53 Profile settings are prioritized": the longest domain wins. For equal ones a rule wins over a zone, and
what belongs to the VPC itself over what comes by a Profile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from moto.route53resolver.models import route53resolver_backends

from . import names, vpcs
from .vpcs import Vpc
from .zones import HostedZone, ManagedZone, Zones

ROOT = "."
SYSTEM_RULE = "SYSTEM"


@dataclass(frozen=True)
class Source:
    """Something that answers for a domain; `through` is `vpc` or the id of a Profile."""

    domain: str
    holder: Any
    through: str

    @property
    def is_rule(self) -> bool:
        """Whether it is a Resolver rule (moto's object) and not a zone."""
        return not isinstance(self.holder, HostedZone | ManagedZone)

    @property
    def precedence(self) -> tuple[int, bool, bool]:
        """The higher, the sooner it is asked."""
        return self.domain.strip(".").count(".") + (self.domain != ROOT), self.through == "vpc", self.is_rule


class ProfileContents(Protocol):
    """What Route 53 asks of Profiles."""

    def resources_for(self, vpc: Vpc) -> list[tuple[str, str]]:
        """The Profiles of a VPC with the ARNs of what they hold."""


def sources_of(zones: Zones, profiles: ProfileContents, vpc: Vpc, account: str, name: str) -> list[Source]:
    """All that answer for a name in a VPC, the first to be asked first."""
    found = [*_own_rules(vpc, account)]
    if vpcs.sees_private_zones(vpc, account):
        found += _own_zones(zones, vpc)
    for profile_id, arn in profiles.resources_for(vpc):
        found += _of_profile(zones, profile_id, arn, vpcs.sees_private_zones(vpc, account))
    matching = [source for source in found if source.domain == ROOT or names.lies_in(name, source.domain)]
    matching.sort(key=lambda source: source.precedence, reverse=True)
    if matching and matching[0].is_rule and matching[0].holder.rule_type == SYSTEM_RULE:
        # A system rule says: here resolve as if there were no forwarding.
        matching = [source for source in matching if not source.is_rule]
    return matching


def _own_rules(vpc: Vpc, account: str) -> Iterable[Source]:
    backend = route53resolver_backends[account].get(vpc.region)
    if backend is None:
        return
    for association in list(backend.resolver_rule_associations.values()):
        rule = find_rule(vpc.region, association.resolver_rule_id)
        if association.vpc_id == vpc.id and rule is not None:
            yield Source(_domain(rule), rule, "vpc")


def find_rule(region: str, rule_id: str) -> Any:
    """A Resolver rule of anybody (a rule may be shared), or None."""
    for backends in list(route53resolver_backends.values()):
        backend = backends.get(region)
        if backend is not None and rule_id in backend.resolver_rules:
            return backend.resolver_rules[rule_id]
    return None


def _domain(rule: Any) -> str:
    domain = rule.domain_name.strip(".")
    return names.normalize(domain) if domain else ROOT


def _own_zones(zones: Zones, vpc: Vpc) -> list[Source]:
    hosted = [Source(zone.name, zone, "vpc") for zone in list(zones.zones.values()) if vpc in zone.served.vpcs]
    return hosted + [Source(zone.name, zone, "vpc") for zone in zones.endpoints.managed_zones(vpc)]


def _of_profile(zones: Zones, profile_id: str, arn: str, with_zones: bool) -> list[Source]:
    """What one resource of a Profile answers for; a zone or an endpoint that is gone answers nothing."""
    kind, _, identifier = arn.rpartition(":")[2].partition("/")
    if kind == "resolver-rule":
        rule = find_rule(arn.split(":")[3], identifier)
        return [Source(_domain(rule), rule, profile_id)] if rule is not None else []
    if not with_zones:
        return []
    if kind == "hostedzone":
        zone = zones.zones.get(identifier)
        return [Source(zone.name, zone, profile_id)] if zone is not None else []
    managed = zones.endpoints.managed_zones_of(identifier)
    return [Source(zone.name, zone, profile_id) for zone in managed]
