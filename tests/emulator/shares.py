"""What Resource Access Manager shares, and with whom.

Shares are moto's, which knows no invitations: a share holds at once, for accounts, units and a whole Organization.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.ram.models import ResourceShare, ram_backends

from .permissions import organization_of

if TYPE_CHECKING:
    from .hooks import Hooks


def make_shareable(hooks: Hooks, arns: re.Pattern[str]) -> None:
    """Let shares hold resources of these ARNs: moto has a list of what can be shared, and they aren't in it."""

    def add_resources(original: Any, share: Any, resource_arns: list[str]) -> None:
        original(share, [arn for arn in resource_arns if not arns.fullmatch(arn)])
        share.resource_arns.extend(arn for arn in resource_arns if arns.fullmatch(arn))

    hooks.wrap(ResourceShare, "add_resources", add_resources)


def principals_of(arn: str, owner: str, region: str) -> list[str]:
    """With whom the owner shares a resource."""
    shares = [share for share in ram_backends[owner][region].resource_shares if share.status == "ACTIVE"]
    return [principal for share in shares if arn in share.resource_arns for principal in share.principals]


def is_shared_with(account: str, arn: str, owner: str, region: str) -> bool:
    """Whether one of them is the account, or what it belongs to."""
    return any(_names(principal, account) for principal in principals_of(arn, owner, region))


def _names(principal: str, account: str) -> bool:
    if principal in (account, f"arn:aws:iam::{account}:root"):
        return True
    organization = organization_of(account)
    if organization is None or not principal.startswith("arn:aws:organizations:"):
        return False
    return principal.rpartition("/")[2] in organization[1].split("/")
