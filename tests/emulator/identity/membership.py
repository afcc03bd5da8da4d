"""The Organization an account is in, and moto's record of it."""

from __future__ import annotations

from typing import Any

from moto.organizations.models import FakeAccount, OrganizationsBackend, organizations_backends

from ..api_call import AwsError
from .callers import PARTITION

NOT_IN_USE = ("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")


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
    units: list[str] = []
    parents = {unit.id: unit.parent_id for unit in backend.ou}
    parent: Any = account.parent_id
    while parent:
        units.append(parent)
        parent = parents.get(parent)
    assert backend.org is not None
    return "/".join([backend.org.id, *reversed(units), account.id, ""])


def leave(backend: OrganizationsBackend, account_id: str) -> None:
    """Take an account out of the Organization (moto also detaches its policies)."""
    find_account(backend, account_id)
    backend.remove_account_from_organization(AccountId=account_id)
    backend.admins = [admin for admin in backend.admins if admin.account.id != account_id]


def forget_memberships() -> None:
    """moto's reset leaves out who was a member of what."""
    organizations_backends.master_accounts.clear()
