"""Accounts move, leave, come back and are tagged; units change."""

from __future__ import annotations

from .organization import MANAGEMENT, MEMBER, STRANGER, Organization
from .parties import error_of
from .running import HUB


def test_path_of_an_account_follows_its_moves_and_those_of_nested_units(organization: Organization) -> None:
    outer = organization.add_unit("workloads")
    inner = organization.add_unit("production", parent=outer)
    organization.move(MEMBER, outer)
    organization.move(MEMBER, inner)
    root = f"{organization.id}/{organization.root}"
    assert organization.describe(MEMBER)["Paths"] == [f"{root}/{outer}/{inner}/{MEMBER}/"]
    assert [account["Id"] for account in organization.api.list_accounts_for_parent(ParentId=inner)["Accounts"]] == [
        MEMBER
    ]


def test_account_is_moved_from_where_it_is_to_where_it_is_not(organization: Organization) -> None:
    unit, other = organization.add_unit("workloads"), organization.add_unit("sandbox")
    move = organization.api.move_account
    elsewhere = {"AccountId": MEMBER, "SourceParentId": other, "DestinationParentId": unit}
    assert error_of(move, **elsewhere) == "SourceParentNotFoundException"
    gone = {"AccountId": MEMBER, "SourceParentId": organization.root, "DestinationParentId": "ou-ab12-00000000"}
    assert error_of(move, **gone) == "DestinationParentNotFoundException"
    same = {"AccountId": MEMBER, "SourceParentId": organization.root, "DestinationParentId": organization.root}
    assert error_of(move, **same) == "DuplicateAccountException"
    stranger = {"AccountId": STRANGER, "SourceParentId": organization.root, "DestinationParentId": unit}
    assert error_of(move, **stranger) == "AccountNotFoundException"
    assert organization.describe(MEMBER)["Paths"] == [f"{organization.id}/{organization.root}/{MEMBER}/"]


def test_unit_is_renamed_without_moving_its_accounts(organization: Organization) -> None:
    unit, other = organization.add_unit("workloads"), organization.add_unit("sandbox")
    organization.move(MEMBER, unit)
    path = organization.describe(MEMBER)["Paths"]
    update = organization.api.update_organizational_unit
    shown = update(OrganizationalUnitId=unit, Name="products")["OrganizationalUnit"]
    assert (shown["Id"], shown["Name"]) == (unit, "products")
    assert organization.describe(MEMBER)["Paths"] == path
    assert error_of(update, OrganizationalUnitId=other, Name="products") == "DuplicateOrganizationalUnitException"
    again = {"ParentId": organization.root, "Name": "products"}
    assert error_of(organization.api.create_organizational_unit, **again) == "DuplicateOrganizationalUnitException"
    assert organization.add_unit("products", parent=other)


def test_unit_is_deleted_when_nothing_is_in_it(organization: Organization) -> None:
    outer = organization.add_unit("workloads")
    inner = organization.add_unit("production", parent=outer)
    delete = organization.api.delete_organizational_unit
    organization.move(MEMBER, inner)
    assert error_of(delete, OrganizationalUnitId=outer) == "OrganizationalUnitNotEmptyException"
    assert error_of(delete, OrganizationalUnitId=inner) == "OrganizationalUnitNotEmptyException"
    organization.move(MEMBER, organization.root)
    delete(OrganizationalUnitId=inner)
    delete(OrganizationalUnitId=outer)
    assert error_of(delete, OrganizationalUnitId=outer) == "OrganizationalUnitNotFoundException"


def test_account_that_comes_back_is_active_at_the_root_with_its_name_and_without_tags(
    organization: Organization,
) -> None:
    organization.emulator.control("POST", f"organization/accounts/{MEMBER}", {"name": "shop"})
    organization.move(MEMBER, organization.add_unit("workloads"))
    organization.api.tag_resource(ResourceId=MEMBER, Tags=[{"Key": "tier", "Value": "gold"}])
    organization.api.remove_account_from_organization(AccountId=MEMBER)
    assert error_of(organization.api.describe_account, AccountId=MEMBER) == "AccountNotFoundException"
    assert error_of(organization.api.list_tags_for_resource, ResourceId=MEMBER) == "TargetNotFoundException"
    member = organization.client(MEMBER)
    assert error_of(member.describe_organization) == "AWSOrganizationsNotInUseException"
    organization.invite(MEMBER)
    account = organization.describe(MEMBER)
    assert (account["State"], account["Name"]) == ("ACTIVE", "shop")
    assert account["Paths"] == [f"{organization.id}/{organization.root}/{MEMBER}/"]
    assert organization.api.list_tags_for_resource(ResourceId=MEMBER)["Tags"] == []
    assert member.describe_organization()["Organization"]["Id"] == organization.id


def test_tags_of_an_account_are_added_changed_and_taken_away(organization: Organization) -> None:
    api = organization.api
    api.tag_resource(ResourceId=MEMBER, Tags=[{"Key": "tier", "Value": "gold"}, {"Key": "team", "Value": "shop"}])
    api.tag_resource(ResourceId=MEMBER, Tags=[{"Key": "tier", "Value": "silver"}])
    api.untag_resource(ResourceId=MEMBER, TagKeys=["team", "never-there"])
    assert api.list_tags_for_resource(ResourceId=MEMBER) | {"ResponseMetadata": None} == {
        "Tags": [{"Key": "tier", "Value": "silver"}],
        "ResponseMetadata": None,
    }
    assert api.list_tags_for_resource(ResourceId=HUB)["Tags"] == []
    unit = organization.add_unit("workloads")
    api.tag_resource(ResourceId=unit, Tags=[{"Key": "kind", "Value": "unit"}])
    assert api.list_tags_for_resource(ResourceId=unit)["Tags"] == [{"Key": "kind", "Value": "unit"}]


def test_tags_that_aws_does_not_take_are_refused_together(organization: Organization) -> None:
    tag = organization.api.tag_resource
    reserved = [{"Key": "tier", "Value": "gold"}, {"Key": "aws:tier", "Value": "gold"}]
    assert error_of(tag, ResourceId=MEMBER, Tags=reserved) == "InvalidInputException"
    many = [{"Key": f"key-{number}", "Value": ""} for number in range(51)]
    assert error_of(tag, ResourceId=MEMBER, Tags=many) == "ConstraintViolationException"
    assert error_of(tag, ResourceId=STRANGER, Tags=reserved[:1]) == "TargetNotFoundException"
    assert error_of(tag, ResourceId="shop", Tags=reserved[:1]) == "InvalidInputException"
    assert organization.api.list_tags_for_resource(ResourceId=MEMBER)["Tags"] == []


def test_tags_come_in_pages(organization: Organization) -> None:
    organization.emulator.control("POST", "settings", {"organization_tags_page": 2})
    tags = [{"Key": f"key-{number}", "Value": str(number)} for number in range(5)]
    organization.api.tag_resource(ResourceId=MEMBER, Tags=tags)
    pages = list(organization.api.get_paginator("list_tags_for_resource").paginate(ResourceId=MEMBER))
    assert [len(page["Tags"]) for page in pages] == [2, 2, 1]
    assert [tag for page in pages for tag in page["Tags"]] == tags
    assert "NextToken" not in pages[-1]
    listing = organization.api.list_tags_for_resource
    assert error_of(listing, ResourceId=MEMBER, NextToken="nonsense") == "InvalidInputException"


def test_hub_reads_accounts_and_their_tags_by_delegation(organization: Organization) -> None:
    hub = organization.client(HUB)
    organization.api.tag_resource(ResourceId=MEMBER, Tags=[{"Key": "tier", "Value": "gold"}])
    assert error_of(hub.list_tags_for_resource, ResourceId=MEMBER) == "AccessDeniedException"
    reads = ("DescribeAccount", "ListAccounts", "ListTagsForResource")
    organization.delegate(*(f"organizations:{read}" for read in reads))
    assert hub.list_tags_for_resource(ResourceId=MEMBER)["Tags"] == [{"Key": "tier", "Value": "gold"}]
    assert {account["Id"] for account in hub.list_accounts()["Accounts"]} == {MANAGEMENT, HUB, MEMBER}
    assert hub.describe_account(AccountId=MEMBER)["Account"]["State"] == "ACTIVE"
    assert error_of(hub.tag_resource, ResourceId=MEMBER, Tags=[]) == "AccessDeniedException"


def test_delegation_by_arn_tells_of_accounts_that_are_gone(organization: Organization) -> None:
    accounts = f"arn:aws:organizations::{MANAGEMENT}:account/{organization.id}/*"
    organization.delegate("organizations:DescribeAccount", "organizations:ListTagsForResource", Resource=accounts)
    organization.client(MEMBER).leave_organization()
    hub = organization.client(HUB)
    assert error_of(hub.describe_account, AccountId=MEMBER) == "AccountNotFoundException"
    assert error_of(hub.list_tags_for_resource, ResourceId=MEMBER) == "TargetNotFoundException"
