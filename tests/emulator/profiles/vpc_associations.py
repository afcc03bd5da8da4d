"""Profiles in VPCs: associate, look at, list, change, disassociate.

API model, AssociateProfile: a VPC has up to two Profiles (setting `profiles_per_vpc`), each with a priority of its own;
only the first one may leave it out. The VPC's account asks, and the association is that account's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from ..route53.vpcs import Vpc, owner_of
from .operation import Operations, checked_name, find_profile, not_found, page
from .registry import Profile, Profiles, Stage, VpcAssociation, new_id
from .sharing import may_use

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

PRIORITIES = range(100, 9_901)


def install(hooks: Hooks, app: Emulator, profiles: Profiles) -> None:
    """Answer the operations."""
    for name, default, what in (
        ("profiles_per_vpc", 2, "Profiles that a VPC can be associated with"),
        ("vpcs_per_profile", 1_000, "VPCs that a Profile can be associated with"),
    ):
        app.settings.define(name, default, _is_quota, f"quota of Route 53: {what}")
    operations = Operations(hooks, profiles)
    operations.add("AssociateProfile", associate)
    operations.add("GetProfileAssociation", get)
    operations.add("ListProfileAssociations", list_all)
    operations.add("UpdateProfileAssociation", update)
    operations.add("DisassociateProfile", disassociate)


def _is_quota(value: Any) -> bool:
    return isinstance(value, int) and value > 0


def associate(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    """AssociateProfile."""
    profile = find_profile(profiles, call, call.parameter("ProfileId"))
    vpc = Vpc(call.region, call.parameter("ResourceId"))
    if owner_of(vpc) != call.account:
        raise not_found("VPC", vpc.id)
    name = checked_name(call.parameter("Name", ""))
    present = profiles.associations_of(vpc)
    _check_is_new(call, profile, present, name)
    priority = _priority(call.parameter("Priority"), [association for _, association in present])
    _check_quotas(profiles, profile, len(present))
    tags = {tag["Key"]: tag["Value"] for tag in call.parameter("Tags", [])}
    stage = Stage("Profile Association")
    association = VpcAssociation(new_id("rpassoc"), call.account, profile.id, vpc, name, priority, stage, tags)
    profile.vpcs[association.id] = association
    shown = association.describe()
    profiles.complete(stage, "Created")
    return {"ProfileAssociation": shown}


def _check_is_new(call: ApiCall, profile: Profile, present: list[tuple[Profile, VpcAssociation]], name: str) -> None:
    earlier = next((association for other, association in present if other is profile), None)
    if earlier is None:
        return
    if (name, call.parameter("Priority", earlier.priority)) != (earlier.name, earlier.priority):
        raise AwsError(
            "ValidationException", "The Profile is already associated with the VPC, by another name or priority."
        )
    message = f"The Profile {profile.id} is already associated with the VPC {earlier.vpc.id}."
    raise AwsError("ResourceExistsException", message)


def _priority(asked: int | None, others: list[VpcAssociation]) -> int:
    if asked is None and others:
        raise AwsError("ValidationException", "The VPC has a Profile already: Priority must be specified.")
    priority = PRIORITIES.start if asked is None else asked
    if priority not in PRIORITIES:
        raise AwsError("ValidationException", f"Priority must be from 100 to 9900, not {priority}.")
    if any(association.priority == priority for association in others):
        raise AwsError("ValidationException", f"Another Profile of the VPC has the priority {priority}.")
    return priority


def _check_quotas(profiles: Profiles, profile: Profile, in_vpc: int) -> None:
    if in_vpc >= profiles.settings["profiles_per_vpc"]:
        raise AwsError("LimitExceededException", f"The VPC has {in_vpc} Profiles, its quota.")
    if len(profile.vpcs) >= profiles.settings["vpcs_per_profile"]:
        raise AwsError("LimitExceededException", f"The Profile has {len(profile.vpcs)} VPCs, its quota.")


def _visible(profiles: Profiles, call: ApiCall) -> list[VpcAssociation]:
    """What the caller may see: associations of its own, and of its Profiles."""
    return [
        association
        for profile in profiles.of_region(call.region)
        for association in profile.vpcs.values()
        if call.account in (profile.account, association.account)
    ]


def _find(profiles: Profiles, call: ApiCall) -> VpcAssociation:
    identifier = call.parameter("ProfileAssociationId")
    for association in _visible(profiles, call):
        if association.id == identifier:
            return association
    raise not_found("Profile association", identifier)


def get(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    """GetProfileAssociation."""
    return {"ProfileAssociation": _find(profiles, call).describe()}


def list_all(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    """ListProfileAssociations: of a Profile, of a VPC, or all."""
    profile_id, vpc_id = call.parameter("ProfileId"), call.parameter("ResourceId")
    matching = [
        association
        for association in _visible(profiles, call)
        if profile_id in (None, association.profile_id) and vpc_id in (None, association.vpc.id)
    ]
    shown, token = page(call, matching, lambda association: association.id)
    return {"ProfileAssociations": [association.describe() for association in shown], **token}


def update(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    """UpdateProfileAssociation: its name and its priority, by the VPC's account."""
    association = _find(profiles, call)
    if association.account != call.account:
        raise not_found("Profile association", association.id)
    name = checked_name(call.parameter("Name", association.name))
    others = [other for _, other in profiles.associations_of(association.vpc) if other is not association]
    association.priority = _priority(call.parameter("Priority", association.priority), others)
    association.name = name
    association.stage.become("UPDATING", "Updating")
    shown = association.describe()
    profiles.complete(association.stage, "Updated")
    return {"ProfileAssociation": shown}


def disassociate(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    """DisassociateProfile: by the VPC's account or the Profile's, also when the Profile isn't shared any more."""
    profile_id, vpc_id = call.parameter("ProfileId"), call.parameter("ResourceId")
    for association in _visible(profiles, call):
        if (association.profile_id, association.vpc.id) == (profile_id, vpc_id):
            holder = profiles.profiles[profile_id].vpcs
            profiles.remove(association.stage, holder, association.id)
            return {"ProfileAssociation": association.describe()}
    known = profiles.profiles.get(profile_id)
    if known is None or not may_use(known, call.account):
        raise not_found("Profile", profile_id)
    raise not_found("Profile association", f"{profile_id}/{vpc_id}")
