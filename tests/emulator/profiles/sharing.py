"""Who may use a Profile: its owner, and those it is shared with by Resource Access Manager.

What a consumer may do is that of the default permission: look at the Profile and associate it with VPCs of its own.
"""

from __future__ import annotations

import re

from ..hooks import Hooks
from ..shares import is_shared_with, make_shareable, principals_of
from .registry import Profile

PROFILE_ARN = re.compile(r"arn:aws:route53profiles:[a-z0-9-]+:\d{12}:profile/rp-[0-9a-f]+")


def install(hooks: Hooks) -> None:
    """Let moto's shares hold Profiles, and take what they hold again."""
    make_shareable(hooks, PROFILE_ARN)


def may_use(profile: Profile, account: str) -> bool:
    """Whether an account may associate the Profile with its VPCs."""
    return account == profile.account or is_shared_with(account, profile.arn, profile.account, profile.region)


def share_status(profile: Profile, account: str) -> str:
    """The Profile's ShareStatus, as an account sees it."""
    if account != profile.account:
        return "SHARED_WITH_ME"
    return "SHARED_BY_ME" if principals_of(profile.arn, profile.account, profile.region) else "NOT_SHARED"
