"""What a Profile holds: private hosted zones, interface endpoints and Resolver rules of its owner.

API Reference: AssociateResourceToProfile and its neighbours. DNS Firewall rule groups and query log configurations can be
in a Profile, too; they are refused, as nothing here reads them. What isn't documented: the names of the resource types
other than FIREWALL_RULE_GROUP (here in its style), and whether an endpoint without private DNS may be in a Profile (here
it may, and answers nothing until its private DNS is on).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from ..route53 import names
from ..route53.sources import find_rule
from .operation import Operations, checked_name, find_profile, invalid_parameter, not_found, own_profile, page
from .registry import Profile, Profiles, ResourceAssociation, Stage, new_id

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

ARN = re.compile(
    r"arn:aws:(?P<service>route53|route53resolver|ec2):(?P<region>[a-z0-9-]*):(?P<account>\d*):(?P<kind>[a-z-]+)/(?P<id>.+)"
)
ZONE, ENDPOINT, RULE = "PRIVATE_HOSTED_ZONE", "VPC_ENDPOINT", "RESOLVER_RULE"
KINDS = {("route53", "hostedzone"): ZONE, ("ec2", "vpc-endpoint"): ENDPOINT, ("route53resolver", "resolver-rule"): RULE}


def install(hooks: Hooks, app: Emulator, profiles: Profiles) -> None:
    """Answer the operations."""
    app.settings.define(
        "hosted_zones_per_profile",
        5_000,
        lambda value: isinstance(value, int) and value > 0,
        "quota of Route 53: private hosted zones in a Profile",
    )
    operations = Operations(hooks, profiles)
    operations.add("AssociateResourceToProfile", associate)
    operations.add("GetProfileResourceAssociation", get)
    operations.add("ListProfileResourceAssociations", list_all)
    operations.add("UpdateProfileResourceAssociation", update)
    operations.add("DisassociateResourceFromProfile", disassociate)


def associate(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    """AssociateResourceToProfile."""
    profile = own_profile(profiles, call, call.parameter("ProfileId"))
    arn, name = call.parameter("ResourceArn", ""), checked_name(call.parameter("Name", ""))
    kind = _kind_of(arn)
    domains = _check_resource(profiles, call, arn, kind)
    if any(resource.arn == arn for resource in profile.resources.values()):
        raise AwsError("ConflictException", f"The resource {arn} is already associated with the Profile {profile.id}.")
    _check_no_conflict(profiles, profile, kind, domains)
    zones = [resource for resource in profile.resources.values() if resource.kind == ZONE]
    if kind == ZONE and len(zones) >= profiles.settings["hosted_zones_per_profile"]:
        raise AwsError("LimitExceededException", f"The Profile has {len(zones)} private hosted zones, its quota.")
    if call.parameter("ResourceProperties"):
        raise invalid_parameter("ResourceProperties are for DNS Firewall rule groups only.")
    stage = Stage(f"Profile to {_words(kind)} association")
    association = ResourceAssociation(new_id("rpr"), call.account, profile.id, arn, kind, name, None, stage)
    profile.resources[association.id] = association
    shown = association.describe()
    profiles.complete(stage, "Completed creation of")
    return {"ProfileResourceAssociation": shown}


def _words(kind: str) -> str:
    return kind.lower().replace("_", " ")


def _kind_of(arn: str) -> str:
    match = ARN.fullmatch(arn)
    kind = KINDS.get((match["service"], match["kind"])) if match else None
    if kind is None and match:
        raise AwsError("NotImplemented", f"the emulator doesn't have Profiles with {match['kind']}", 501)
    if kind is None:
        raise AwsError("ValidationException", f"'{arn}' isn't the ARN of a resource that a Profile can hold.")
    return kind


def _check_resource(profiles: Profiles, call: ApiCall, arn: str, kind: str) -> list[str]:
    """The domains that the resource answers for; it must be there, of the right Region, and the caller's."""
    match = ARN.fullmatch(arn)
    assert match is not None
    identifier = match["id"]
    if kind == ZONE:
        zone = profiles.zones.zones.get(identifier)
        if zone is None or zone.account != call.account:
            raise not_found("Hosted zone", identifier)
        if not zone.private:
            raise invalid_parameter(f"The hosted zone {identifier} is public.")
        return [zone.name]
    if (match["region"], match["account"]) != (call.region, call.account):
        raise not_found(_words(kind), identifier)
    if kind == ENDPOINT:
        if not profiles.zones.endpoints.is_endpoint(identifier, call.account, call.region):
            raise not_found("VPC endpoint", identifier)
        return [zone.name for zone in profiles.zones.endpoints.managed_zones_of(identifier)]
    rule = find_rule(call.region, identifier)
    if rule is None:
        raise not_found("Resolver rule", identifier)
    return [names.normalize(rule.domain_name)]


def _check_no_conflict(profiles: Profiles, profile: Profile, kind: str, domains: list[str]) -> None:
    """A Profile can't hold two zones (also those of endpoints) of one name, nor two rules."""
    taken = {
        domain
        for resource in profile.resources.values()
        if (resource.kind == RULE) == (kind == RULE)
        for domain in _domains_now(profiles, profile, resource)
    }
    for domain in domains:
        if domain in taken:
            raise AwsError("ConflictException", f"The Profile {profile.id} holds a resource for {domain} already.")


def _domains_now(profiles: Profiles, profile: Profile, resource: ResourceAssociation) -> list[str]:
    identifier = resource.arn.rpartition("/")[2]
    if resource.kind == ZONE:
        zone = profiles.zones.zones.get(identifier)
        return [zone.name] if zone is not None else []
    if resource.kind == ENDPOINT:
        return [zone.name for zone in profiles.zones.endpoints.managed_zones_of(identifier)]
    rule = find_rule(profile.region, identifier)
    return [names.normalize(rule.domain_name)] if rule is not None else []


def _find(profiles: Profiles, call: ApiCall, own: bool) -> ResourceAssociation:
    identifier = call.parameter("ProfileResourceAssociationId")
    for profile in profiles.of_region(call.region):
        if identifier in profile.resources:
            (own_profile if own else find_profile)(profiles, call, profile.id)
            return profile.resources[identifier]
    raise not_found("Profile resource association", identifier)


def get(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    """GetProfileResourceAssociation."""
    return {"ProfileResourceAssociation": _find(profiles, call, own=False).describe()}


def list_all(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    """ListProfileResourceAssociations: of one Profile, of a type or of one resource."""
    profile = find_profile(profiles, call, call.parameter("ProfileId"))
    kind, arn = call.parameter("ResourceType"), call.parameter("ResourceArn")
    matching = [
        resource
        for resource in profile.resources.values()
        if kind in (None, resource.kind) and arn in (None, resource.arn)
    ]
    shown, token = page(call, matching, lambda resource: resource.id)
    return {"ProfileResourceAssociations": [resource.describe() for resource in shown], **token}


def update(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    """UpdateProfileResourceAssociation: its name."""
    association = _find(profiles, call, own=True)
    if call.parameter("ResourceProperties"):
        raise invalid_parameter("ResourceProperties are for DNS Firewall rule groups only.")
    association.name = checked_name(call.parameter("Name", association.name))
    association.stage.become("UPDATING", "Updating the")
    shown = association.describe()
    profiles.complete(association.stage, "Completed update of")
    return {"ProfileResourceAssociation": shown}


def disassociate(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    """DisassociateResourceFromProfile."""
    profile, arn = own_profile(profiles, call, call.parameter("ProfileId")), call.parameter("ResourceArn")
    association = next((resource for resource in profile.resources.values() if resource.arn == arn), None)
    if association is None:
        raise not_found("Profile resource association", arn)
    profiles.remove(association.stage, profile.resources, association.id)
    return {"ProfileResourceAssociation": association.describe()}
