"""Who may use a Profile: its owner, and those it is shared with by Resource Access Manager.

Shares are moto's, which knows no invitations: a share holds at once, for accounts, units and a whole Organization. What a
consumer may do is that of the default permission: look at the Profile and associate it with VPCs of its own.
"""

from __future__ import annotations

import re
from typing import Any

from moto.ram.models import ResourceShare, ram_backends

from ..hooks import Hooks
from ..permissions import organization_of
from .registry import Profile

PROFILE_ARN = re.compile(r"arn:aws:route53profiles:[a-z0-9-]+:\d{12}:profile/rp-[0-9a-f]+")


def install(hooks: Hooks) -> None:
    """Let moto's shares hold Profiles, and take what they hold again."""
    hooks.wrap(ResourceShare, "add_resources", _add_resources)


def _add_resources(original: Any, share: Any, resource_arns: list[str]) -> None:
    """moto has a list of what can be shared, and Profiles aren't in it."""
    original(share, [arn for arn in resource_arns if not PROFILE_ARN.fullmatch(arn)])
    share.resource_arns.extend(arn for arn in resource_arns if PROFILE_ARN.fullmatch(arn))


def may_use(profile: Profile, account: str) -> bool:
    """Whether an account may associate the Profile with its VPCs."""
    return account == profile.account or any(_names(principal, account) for principal in _principals(profile))


def share_status(profile: Profile, account: str) -> str:
    """The Profile's ShareStatus, as an account sees it."""
    if account != profile.account:
        return "SHARED_WITH_ME"
    return "SHARED_BY_ME" if _principals(profile) else "NOT_SHARED"


def _principals(profile: Profile) -> list[str]:
    """With whom the owner shares the Profile."""
    backend = ram_backends[profile.account][profile.region]
    shares = [share for share in backend.resource_shares if share.status == "ACTIVE"]
    return [principal for share in shares if profile.arn in share.resource_arns for principal in share.principals]


def _names(principal: str, account: str) -> bool:
    if principal in (account, f"arn:aws:iam::{account}:root"):
        return True
    organization = organization_of(account)
    if organization is None or not principal.startswith("arn:aws:organizations:"):
        return False
    return principal.rpartition("/")[2] in organization[1].split("/")
