"""Which accounts a stack set is to reach: those of its organizational units, and of the units below them.

CloudFormation User Guide, "Target accounts for StackSets with service-managed permissions": never the management account.
"""

from __future__ import annotations

from collections.abc import Iterable

from moto.organizations.models import OrganizationsBackend

from ...identity.membership import parents_of
from ..template import validation_error
from .model import Place, StackSet

SERVICE = "member.org.stacksets.cloudformation.amazonaws.com"


def check(backend: OrganizationsBackend, units: Iterable[str]) -> None:
    """Refuse units that aren't there."""
    known = {unit.id for unit in backend.ou}
    missing = sorted(set(units) - known)
    if missing:
        raise validation_error(f"Organizational unit(s) not found: {', '.join(missing)}")


def wanted(backend: OrganizationsBackend, stack_set: StackSet) -> dict[Place, str]:
    """Where it is to be, and by which unit: the nearest, when a unit and one above it are both meant."""
    found: dict[Place, str] = {}
    for account in backend.accounts:
        if account.id == backend.account_id:
            continue
        for unit in reversed(parents_of(backend, account.parent_id)):
            for target, region in stack_set.targets:
                if target == unit:
                    found.setdefault((account.id, region), unit)
    return found


def is_suspended(backend: OrganizationsBackend, account_id: str) -> bool:
    """Whether nothing can be deployed there."""
    account = next((account for account in backend.accounts if account.id == account_id), None)
    return account is not None and account.state != "ACTIVE"
