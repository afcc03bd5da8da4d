"""Organizational units, and which account is in which.

Organizations API Reference: CreateOrganizationalUnit, UpdateOrganizationalUnit, DeleteOrganizationalUnit,
DescribeOrganizationalUnit, MoveAccount. moto makes units; it shows them without their paths, lets a unit with accounts be deleted, names be used twice beside each other, and an
account be moved from where it isn't.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.organizations.models import FakeOrganizationalUnit, OrganizationsBackend

from ..api_call import ApiCall, AwsError
from .membership import find_account, organization_backend, parents_of

if TYPE_CHECKING:
    from ..hooks import Hooks

PARENT_ID = re.compile(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}")


def install(hooks: Hooks) -> None:
    """Answer the operations that change units and places."""
    hooks.operation("organizations", "CreateOrganizationalUnit", create)
    hooks.operation("organizations", "UpdateOrganizationalUnit", update)
    hooks.operation("organizations", "DeleteOrganizationalUnit", delete)
    hooks.operation("organizations", "DescribeOrganizationalUnit", describe)
    hooks.operation("organizations", "MoveAccount", move)


def create(call: ApiCall) -> Any:
    """CreateOrganizationalUnit."""
    backend = organization_backend(call.account)
    parent = _find(backend, call.parameter("ParentId"), "ParentNotFoundException")
    _refuse_name(backend, parent.id, call.parameter("Name"))
    return call.forward()


def describe(call: ApiCall) -> dict[str, Any]:
    """DescribeOrganizationalUnit, with the unit's path (`o-…/r-…/ou-…/`); the root isn't one."""
    backend, identifier = organization_backend(call.account), call.parameter("OrganizationalUnitId", "")
    unit = _find(backend, identifier, "OrganizationalUnitNotFoundException")
    if unit.type == "ROOT":
        raise AwsError("InvalidInputException", f"'{identifier}' is the id of no organizational unit.")
    assert backend.org is not None
    path = "/".join([backend.org.id, *parents_of(backend, unit.id), ""])
    return {"OrganizationalUnit": unit.describe()["OrganizationalUnit"] | {"Path": path}}


def update(call: ApiCall) -> dict[str, Any]:
    """UpdateOrganizationalUnit: another name; its id, its place and its accounts stay."""
    backend = organization_backend(call.account)
    unit = _find(backend, call.parameter("OrganizationalUnitId"), "OrganizationalUnitNotFoundException")
    wanted = call.parameter("Name", unit.name)
    if wanted != unit.name:
        _refuse_name(backend, unit.parent_id, wanted)
        unit.name = wanted
    return unit.describe()


def delete(call: ApiCall) -> None:
    """DeleteOrganizationalUnit: only an empty one."""
    backend = organization_backend(call.account)
    unit = _find(backend, call.parameter("OrganizationalUnitId"), "OrganizationalUnitNotFoundException")
    if any(inside.parent_id == unit.id for inside in [*backend.accounts, *backend.ou]):
        message = "The specified OU is not empty. Move all accounts to another root or to other OUs."
        raise AwsError("OrganizationalUnitNotEmptyException", message)
    for policy in unit.attached_policies:
        policy.attachments.remove(unit)
    backend.ou.remove(unit)


def move(call: ApiCall) -> None:
    """MoveAccount: from the parent that the account has to another one."""
    backend = organization_backend(call.account)
    account = find_account(backend, call.parameter("AccountId"))
    source = _find(backend, call.parameter("SourceParentId"), "SourceParentNotFoundException")
    destination = _find(backend, call.parameter("DestinationParentId"), "DestinationParentNotFoundException")
    if destination.id == account.parent_id:
        raise AwsError("DuplicateAccountException", "That account is already present in the specified destination.")
    if source.id != account.parent_id:
        raise AwsError("SourceParentNotFoundException", f"The account {account.id} is not in {source.id}.")
    account.parent_id = destination.id


def _find(backend: OrganizationsBackend, identifier: str, code: str) -> FakeOrganizationalUnit:
    """A unit or the root."""
    if not PARENT_ID.fullmatch(identifier):
        raise AwsError("InvalidInputException", f"'{identifier}' is the id of no root and no organizational unit.")
    found = next((unit for unit in backend.ou if unit.id == identifier), None)
    if found is None:
        raise AwsError(code, f"We can't find a root or organizational unit with the id {identifier}.")
    return found


def _refuse_name(backend: OrganizationsBackend, parent: Any, name: str) -> None:
    """Units beside each other have different names."""
    if any((unit.parent_id, unit.name) == (parent, name) for unit in backend.ou):
        raise AwsError("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")
