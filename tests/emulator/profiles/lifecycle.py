"""Profiles themselves: create, look at, list, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from .operation import Operations, checked_name, find_profile, invalid_parameter, own_profile, page
from .registry import Profile, Profiles, Stage, new_id
from .sharing import may_use, share_status

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator


def install(hooks: Hooks, app: Emulator, profiles: Profiles) -> None:
    """Answer the operations."""
    app.settings.define(
        "profiles_per_account",
        5,
        lambda value: isinstance(value, int) and value > 0,
        "quota of Route 53: Profiles per account and Region",
    )
    operations = Operations(hooks, profiles)
    operations.add("CreateProfile", create)
    operations.add("GetProfile", get)
    operations.add("ListProfiles", list_all)
    operations.add("DeleteProfile", delete)


def create(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    """CreateProfile; a ClientToken makes one Profile."""
    name, token = checked_name(call.parameter("Name", "")), call.parameter("ClientToken", "")
    mine = [profile for profile in profiles.of_region(call.region) if profile.account == call.account]
    earlier = next((profile for profile in mine if profile.token == token), None)
    if earlier is not None:
        if earlier.name != name:
            raise invalid_parameter("The ClientToken was used for a Profile of another name.")
        return {"Profile": describe(earlier, call)}
    quota = profiles.settings["profiles_per_account"]
    if len(mine) >= quota:
        raise AwsError("LimitExceededException", f"The account has {quota} Profiles in this Region, its quota.")
    tags = {tag["Key"]: tag["Value"] for tag in call.parameter("Tags", [])}
    profile = Profile(new_id("rp"), call.account, call.region, name, token, Stage("Profile"), tags)
    profiles.profiles[profile.id] = profile
    shown = describe(profile, call)
    profiles.complete(profile.stage, "Created")
    return {"Profile": shown}


def describe(profile: Profile, call: ApiCall) -> dict[str, Any]:
    """The structure Profile, as the caller sees it."""
    return {
        "Id": profile.id,
        "Arn": profile.arn,
        "Name": profile.name,
        "OwnerId": profile.account,
        "ClientToken": profile.token,
        "ShareStatus": share_status(profile, call.account),
        **profile.stage.describe(),
    }


def get(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    """GetProfile."""
    return {"Profile": describe(find_profile(profiles, call, call.parameter("ProfileId")), call)}


def list_all(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    """ListProfiles: one's own, and those shared with the caller."""
    usable = [profile for profile in profiles.of_region(call.region) if may_use(profile, call.account)]
    shown, token = page(call, usable, lambda profile: profile.id)
    summaries = [
        {"Id": p.id, "Arn": p.arn, "Name": p.name, "ShareStatus": share_status(p, call.account)} for p in shown
    ]
    return {"ProfileSummaries": summaries, **token}


def delete(profiles: Profiles, call: ApiCall) -> dict[str, Any]:
    """DeleteProfile: only when no VPC has it."""
    profile = own_profile(profiles, call, call.parameter("ProfileId"))
    if profile.vpcs:
        raise AwsError("ConflictException", f"The Profile {profile.id} is still associated with VPCs.")
    profiles.remove(profile.stage, profiles.profiles, profile.id)
    return {"Profile": describe(profile, call)}
