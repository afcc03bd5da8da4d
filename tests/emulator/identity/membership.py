"""The Organization an account is in, and moto's record of it."""

from __future__ import annotations

import copy
from typing import Any

from moto.core.utils import utcnow
from moto.organizations.models import FakeAccount, OrganizationsBackend, organizations_backends
from moto.organizations.utils import DEFAULT_RCP_POLICY_ID, DEFAULT_SCP_POLICY_ID

from ..api_call import AwsError
from .callers import PARTITION

NOT_IN_USE = ("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")

# What accounts that left are called: name and address are the account's own, whatever Organization it is in.
_departed: dict[str, tuple[str, str]] = {}


def management_of(account: str) -> str | None:
    """The management account of the account's Organization; None outside of any."""
    if organizations_backends[account][PARTITION].org is not None:
        return account
    known = organizations_backends.master_accounts.get(account)
    return known[0] if known else None


def organization_backend(account: str) -> OrganizationsBackend:
    """moto's record of the Organization that `account` is in, or AWS's refusal."""
    management = management_of(account)
    if management is None:
        raise AwsError(*NOT_IN_USE)
    return organizations_backends[management][PARTITION]


def find_account(backend: OrganizationsBackend, account_id: str) -> FakeAccount:
    """A member, or AccountNotFoundException."""
    for account in backend.accounts:
        if account.id == account_id:
            return account
    raise AwsError("AccountNotFoundException", "You specified an account that doesn't exist.")


def path_of(backend: OrganizationsBackend, account: FakeAccount) -> str:
    """Where in the Organization an account is: `o-…/r-…/ou-…/<account>/`."""
    assert backend.org is not None
    return "/".join([backend.org.id, *parents_of(backend, account.parent_id), account.id, ""])


def parents_of(backend: OrganizationsBackend, parent: Any) -> list[str]:
    """The ids of the root and of the units down to `parent`."""
    above = {unit.id: unit.parent_id for unit in backend.ou}
    found: list[str] = []
    while parent:
        found.append(parent)
        parent = above.get(parent)
    return found[::-1]


def join(backend: OrganizationsBackend, account_id: str) -> None:
    """Make an account a member, below the root and without tags, also when it was a member before.

    moto's class for accounts draws a random id and makes a role for it, so the management account's record is copied.
    """
    assert backend.org is not None
    account = copy.copy(backend.accounts[0])
    unknown = (f"account-{account_id}", f"account-{account_id}@example.com")
    account.id, (account.name, account.email) = account_id, _departed.pop(account_id, unknown)
    account.create_time = utcnow()
    account.state = account.status = "ACTIVE"
    account.joined_method, account.parent_id = "INVITED", backend.org.root_id
    account.attached_policies, account.tags = [], {}
    backend.accounts.append(account)
    for policy_id in (DEFAULT_SCP_POLICY_ID, DEFAULT_RCP_POLICY_ID):
        backend.attach_policy(PolicyId=policy_id, TargetId=account_id)
    organizations_backends.master_accounts[account_id] = (backend.account_id, PARTITION)


def leave(backend: OrganizationsBackend, account_id: str) -> None:
    """Take an account out of the Organization (moto also detaches its policies)."""
    account = find_account(backend, account_id)
    if account_id == backend.account_id:
        raise AwsError("MasterCannotLeaveOrganizationException", "The management account can't leave.")
    backend.remove_account_from_organization(AccountId=account_id)
    backend.admins = [admin for admin in backend.admins if admin.account.id != account_id]
    _departed[account_id] = (account.name, account.email)


def forget_memberships() -> None:
    """moto's reset leaves out who was a member of what."""
    organizations_backends.master_accounts.clear()
    _departed.clear()
