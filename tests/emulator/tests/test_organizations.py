"""Organizations: members, who may read them, and how accounts come and go."""

from __future__ import annotations

import json

import pytest

from ..clients import ControlRefused
from .organization import MANAGEMENT, MEMBER, STRANGER, Organization
from .parties import error_of
from .running import HUB, RunningEmulator


def test_account_is_described_with_state_and_path(organization: Organization) -> None:
    unit = organization.api.create_organizational_unit(ParentId=organization.root, Name="workloads")
    unit_id = unit["OrganizationalUnit"]["Id"]
    organization.api.move_account(AccountId=MEMBER, SourceParentId=organization.root, DestinationParentId=unit_id)
    account = organization.api.describe_account(AccountId=MEMBER)["Account"]
    assert account["State"] == "ACTIVE"
    assert account["Paths"] == [f"{organization.id}/{organization.root}/{unit_id}/{MEMBER}/"]
    assert account["Arn"] == f"arn:aws:organizations::{MANAGEMENT}:account/{organization.id}/{MEMBER}"
    assert account["JoinedMethod"] == "INVITED"
    assert "Status" not in account


def test_retired_member_status_can_be_brought_back(organization: Organization) -> None:
    organization.emulator.control("POST", "settings", {"account_status_member": True})
    organization.emulator.control("POST", f"organization/accounts/{MEMBER}", {"state": "CLOSED"})
    account = organization.api.describe_account(AccountId=MEMBER)["Account"]
    assert (account["State"], account["Status"]) == ("CLOSED", "SUSPENDED")


def test_accounts_come_in_pages_of_at_most_twenty(emulator: RunningEmulator) -> None:
    members = [f"{number:012d}" for number in range(1, 25)]
    organization = Organization(emulator, *members)
    first = organization.api.list_accounts()
    second = organization.api.list_accounts(NextToken=first["NextToken"])
    assert [len(page["Accounts"]) for page in (first, second)] == [20, 5]
    assert "NextToken" not in second
    seen = {account["Id"] for page in (first, second) for account in page["Accounts"]}
    assert seen == {*members, MANAGEMENT}
    assert error_of(organization.api.list_accounts, NextToken="nonsense") == "InvalidInputException"


def test_page_of_accounts_may_be_empty_and_have_a_token(organization: Organization) -> None:
    organization.emulator.control("POST", "settings", {"empty_account_pages": True})
    pages = list(organization.api.get_paginator("list_accounts").paginate())
    assert [len(page["Accounts"]) for page in pages] == [0, 3]


def test_account_outside_the_organization_is_not_found(organization: Organization) -> None:
    assert error_of(organization.api.describe_account, AccountId=STRANGER) == "AccountNotFoundException"


def test_stranger_and_member_may_not_read(organization: Organization) -> None:
    stranger, member = organization.client(STRANGER), organization.client(MEMBER)
    assert error_of(stranger.list_accounts) == "AWSOrganizationsNotInUseException"
    assert error_of(stranger.describe_organization) == "AWSOrganizationsNotInUseException"
    assert error_of(member.list_accounts) == "AccessDeniedException"
    assert error_of(member.describe_account, AccountId=MEMBER) == "AccessDeniedException"
    assert error_of(member.create_organizational_unit, ParentId=organization.root, Name="a") == "AccessDeniedException"
    assert member.describe_organization()["Organization"]["Id"] == organization.id


def test_delegation_policy_lets_a_member_read_what_it_names(organization: Organization) -> None:
    hub = organization.client(HUB)
    organization.delegate("organizations:DescribeAccount")
    assert hub.describe_account(AccountId=MEMBER)["Account"]["Id"] == MEMBER
    assert error_of(hub.describe_account, AccountId=STRANGER) == "AccountNotFoundException"
    assert error_of(hub.list_accounts) == "AccessDeniedException"
    assert error_of(organization.client(MEMBER).describe_account, AccountId=MEMBER) == "AccessDeniedException"
    organization.api.delete_resource_policy()
    assert error_of(hub.describe_account, AccountId=MEMBER) == "AccessDeniedException"
    assert error_of(organization.api.describe_resource_policy) == "ResourcePolicyNotFoundException"


def test_delegation_policy_may_name_accounts(organization: Organization) -> None:
    arn = f"arn:aws:organizations::{MANAGEMENT}:account/{organization.id}/{MEMBER}"
    organization.delegate("organizations:DescribeAccount", Resource=arn)
    hub = organization.client(HUB)
    assert hub.describe_account(AccountId=MEMBER)["Account"]["Id"] == MEMBER
    assert error_of(hub.describe_account, AccountId=HUB) == "AccessDeniedException"


def test_delegation_policy_delegates_no_writing_and_no_negation(organization: Organization) -> None:
    organization.delegate("organizations:*")
    assert error_of(organization.client(HUB).close_account, AccountId=MEMBER) == "AccessDeniedException"
    statement = {"Effect": "Allow", "Principal": {"AWS": HUB}, "NotAction": "organizations:Close*", "Resource": "*"}
    content = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert error_of(organization.api.put_resource_policy, Content=content) == "InvalidInputException"


def test_delegated_administrator_may_read(organization: Organization) -> None:
    organization.api.register_delegated_administrator(AccountId=HUB, ServicePrincipal="guardduty.amazonaws.com")
    assert len(organization.client(HUB).list_accounts()["Accounts"]) == 3


def test_account_closes_in_steps(organization: Organization) -> None:
    organization.emulator.control("POST", "settings", {"hold_account_closures": True})
    organization.api.close_account(AccountId=MEMBER)
    assert organization.api.describe_account(AccountId=MEMBER)["Account"]["State"] == "PENDING_CLOSURE"
    assert error_of(organization.api.close_account, AccountId=MEMBER) == "AccountAlreadyClosedException"
    organization.emulator.control("POST", f"organization/accounts/{MEMBER}", {"state": "CLOSED"})
    assert organization.api.describe_account(AccountId=MEMBER)["Account"]["State"] == "CLOSED"
    organization.emulator.control("POST", "settings", {"hold_account_closures": False})
    organization.api.close_account(AccountId=HUB)
    assert organization.api.describe_account(AccountId=HUB)["Account"]["State"] == "CLOSED"
    assert error_of(organization.api.close_account, AccountId=MANAGEMENT) == "ConstraintViolationException"


def test_account_can_be_put_into_any_state(organization: Organization) -> None:
    for state in ("PENDING_ACTIVATION", "SUSPENDED", "PENDING_CLOSURE", "CLOSED", "ACTIVE"):
        organization.emulator.control("POST", f"organization/accounts/{MEMBER}", {"state": state})
        assert organization.api.describe_account(AccountId=MEMBER)["Account"]["State"] == state
    with pytest.raises(ControlRefused, match="state must be one of"):
        organization.emulator.control("POST", f"organization/accounts/{MEMBER}", {"state": "GONE"})
    with pytest.raises(ControlRefused, match="is in no organization"):
        organization.emulator.control("POST", f"organization/accounts/{STRANGER}", {"state": "CLOSED"})


def test_account_leaves_or_is_removed(organization: Organization) -> None:
    organization.client(MEMBER).leave_organization()
    assert error_of(organization.api.describe_account, AccountId=MEMBER) == "AccountNotFoundException"
    organization.api.remove_account_from_organization(AccountId=HUB)
    assert [account["Id"] for account in organization.api.list_accounts()["Accounts"]] == [MANAGEMENT]
    remove = organization.api.remove_account_from_organization
    assert error_of(remove, AccountId=HUB) == "AccountNotFoundException"
    assert error_of(organization.api.leave_organization) == "MasterCannotLeaveOrganizationException"
    assert error_of(remove, AccountId=MANAGEMENT) == "MasterCannotLeaveOrganizationException"
    organization.invite(MEMBER)
    assert organization.api.describe_account(AccountId=MEMBER)["Account"]["State"] == "ACTIVE"


def test_invitation_is_for_the_invited_account_and_only_once(organization: Organization) -> None:
    target = {"Type": "ACCOUNT", "Id": STRANGER}
    handshake = organization.api.invite_account_to_organization(Target=target)["Handshake"]
    assert handshake["State"] == "OPEN"
    assert error_of(organization.api.invite_account_to_organization, Target=target) == "DuplicateHandshakeException"
    identifier = handshake["Id"]
    assert (
        error_of(organization.client(MEMBER).accept_handshake, HandshakeId=identifier) == "HandshakeNotFoundException"
    )
    declined = organization.client(STRANGER).decline_handshake(HandshakeId=identifier)["Handshake"]
    assert declined["State"] == "DECLINED"
    accept = organization.client(STRANGER).accept_handshake
    assert error_of(accept, HandshakeId=identifier) == "HandshakeAlreadyInStateException"
