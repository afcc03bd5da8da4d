"""Tag policies and units of an Organization: effective policies, paths, and who may read them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .organization import MANAGEMENT, MEMBER, STRANGER, Organization
from .parties import error_of
from .running import HUB, RunningEmulator
from .test_authorization import allow, make_role, session

KIND = "TAG_POLICY"
HUB_ROLE = f"arn:aws:iam::{HUB}:role/drawbridge-tag-resources"


def content(*values: str, operator: str = "@@assign", key: str = "unit") -> str:
    return json.dumps({"tags": {key: {"tag_key": {"@@assign": key}, "tag_value": {operator: [*values]}}}})


def make_policy(organization: Organization, name: str, document: str) -> str:
    made = organization.api.create_policy(Name=name, Description="", Type=KIND, Content=document)
    return made["Policy"]["PolicySummary"]["Id"]


def attach(organization: Organization, target: str, *values: str, operator: str = "@@assign") -> str:
    """A new policy, attached to a target; its id."""
    policy = make_policy(organization, f"{target}-{'-'.join(values)}", content(*values, operator=operator))
    organization.api.attach_policy(PolicyId=policy, TargetId=target)
    return policy


def effective(api: Any, account: str | None = MEMBER) -> Any:
    request = {"TargetId": account} if account else {}
    return api.describe_effective_policy(PolicyType=KIND, **request)["EffectivePolicy"]


def allowed(api: Any, account: str | None = MEMBER) -> list[str]:
    return json.loads(effective(api, account)["PolicyContent"])["tags"]["unit"]["tag_value"]


@pytest.fixture
def enabled(organization: Organization) -> Organization:
    organization.api.enable_policy_type(RootId=organization.root, PolicyType=KIND)
    return organization


def test_policies_of_root_units_and_account_become_one(enabled: Organization) -> None:
    outer = enabled.add_unit("workloads")
    inner = enabled.add_unit("shop", outer)
    enabled.move(MEMBER, inner)
    attach(enabled, enabled.root, "a", "b")
    attach(enabled, outer, "c", operator="@@append")
    attach(enabled, inner, "d", operator="@@append")
    attach(enabled, MEMBER, "a", operator="@@remove")
    shown = effective(enabled.api)
    assert json.loads(shown["PolicyContent"]) == {"tags": {"unit": {"tag_key": "unit", "tag_value": ["b", "c", "d"]}}}
    assert (shown["TargetId"], shown["PolicyType"]) == (MEMBER, KIND)
    assert allowed(enabled.api, HUB) == ["a", "b"]
    enabled.move(MEMBER, outer)
    assert allowed(enabled.api) == ["b", "c"]


def test_change_of_a_policy_changes_what_is_effective_and_its_time(enabled: Organization) -> None:
    policy = attach(enabled, enabled.root, "a")
    first, again = effective(enabled.api), effective(enabled.api)
    assert again["LastUpdatedTimestamp"] == first["LastUpdatedTimestamp"]
    enabled.api.update_policy(PolicyId=policy, Content=content("z"))
    assert allowed(enabled.api) == ["z"]
    assert effective(enabled.api)["LastUpdatedTimestamp"] >= first["LastUpdatedTimestamp"]
    enabled.api.detach_policy(PolicyId=policy, TargetId=enabled.root)
    assert error_of(effective, enabled.api) == "EffectivePolicyNotFoundException"


def test_without_an_enabled_and_attached_policy_none_is_effective(organization: Organization) -> None:
    assert error_of(effective, organization.api) == "EffectivePolicyNotFoundException"
    policy = make_policy(organization, "units", content("a"))
    request = {"PolicyId": policy, "TargetId": organization.root}
    assert error_of(organization.api.attach_policy, **request) == "PolicyTypeNotEnabledException"
    organization.api.enable_policy_type(RootId=organization.root, PolicyType=KIND)
    assert error_of(effective, organization.api) == "EffectivePolicyNotFoundException"
    organization.api.attach_policy(**request)
    assert error_of(organization.api.attach_policy, **request) == "DuplicatePolicyAttachmentException"
    assert allowed(organization.api) == ["a"]
    organization.api.disable_policy_type(RootId=organization.root, PolicyType=KIND)
    assert error_of(effective, organization.api) == "EffectivePolicyNotFoundException"


def test_policy_that_is_none_is_refused(enabled: Organization) -> None:
    for document in ("{", '{"Statement": []}', '{"tags": {"unit": {"tag_value": ["a"]}}}'):
        assert error_of(make_policy, enabled, "units", document) == "MalformedPolicyDocumentException"
    policy = make_policy(enabled, "units", content("a"))
    update = enabled.api.update_policy
    assert error_of(update, PolicyId=policy, Content='{"tags": 1}') == "MalformedPolicyDocumentException"
    unmodelled = json.dumps({"tags": {"@@operators_allowed_for_child_policies": ["@@none"]}})
    assert error_of(make_policy, enabled, "closed", unmodelled) == "NotImplemented"


def test_target_must_be_an_account_of_the_organization(enabled: Organization) -> None:
    assert error_of(effective, enabled.api, STRANGER) == "TargetNotFoundException"
    assert error_of(effective, enabled.api, enabled.root) == "InvalidInputException"


def test_account_reads_its_own_policy_and_others_by_delegation_only(enabled: Organization) -> None:
    attach(enabled, enabled.root, "a")
    hub = enabled.client(HUB)
    assert allowed(hub, None) == allowed(hub, HUB) == ["a"]
    assert error_of(effective, hub) == "AccessDeniedException"
    condition = {"StringEquals": {"organizations:PolicyType": "BACKUP_POLICY"}}
    enabled.delegate("organizations:DescribeEffectivePolicy", Condition=condition)
    assert error_of(effective, hub) == "AccessDeniedException"
    arn = f"arn:aws:organizations::{MANAGEMENT}:account/{enabled.id}/*"
    condition = {"StringEquals": {"organizations:PolicyType": KIND}}
    enabled.delegate("organizations:DescribeEffectivePolicy", Resource=arn, Condition=condition)
    assert allowed(hub) == ["a"]
    assert error_of(effective, enabled.client(STRANGER), None) == "AWSOrganizationsNotInUseException"


def test_role_needs_the_permission_itself(enabled: Organization, emulator: RunningEmulator) -> None:
    attach(enabled, enabled.root, "a")
    unit = enabled.add_unit("workloads")
    enabled.delegate("organizations:DescribeEffectivePolicy", "organizations:DescribeOrganizationalUnit")
    accounts = f"arn:aws:organizations::{MANAGEMENT}:account/{enabled.id}/*"
    condition = {"StringEquals": {"organizations:PolicyType": KIND}}
    statements = [allow("organizations:DescribeEffectivePolicy", accounts, Condition=condition)]
    make_role(emulator, HUB_ROLE, *statements)
    role = emulator.client("organizations", credentials=session(emulator, HUB_ROLE), region="us-east-1")
    assert allowed(role) == ["a"]
    assert error_of(role.describe_organizational_unit, OrganizationalUnitId=unit) == "AccessDeniedException"


def test_unit_is_described_with_its_path(organization: Organization) -> None:
    outer = organization.add_unit("workloads")
    inner = organization.add_unit("shop", outer)
    unit = organization.api.describe_organizational_unit(OrganizationalUnitId=inner)["OrganizationalUnit"]
    assert (unit["Id"], unit["Name"]) == (inner, "shop")
    assert unit["Path"] == f"{organization.id}/{organization.root}/{outer}/{inner}/"
    assert unit["Arn"] == f"arn:aws:organizations::{MANAGEMENT}:ou/{organization.id}/{inner}"
    describe = organization.api.describe_organizational_unit
    gone = f"{outer[:-1]}{'0' if outer[-1] != '0' else '1'}"
    assert error_of(describe, OrganizationalUnitId=gone) == "OrganizationalUnitNotFoundException"


def test_units_are_read_by_delegation_only(organization: Organization) -> None:
    unit, hub = organization.add_unit("workloads"), organization.client(HUB)
    other = organization.add_unit("sandbox")
    describe = hub.describe_organizational_unit
    assert error_of(describe, OrganizationalUnitId=unit) == "AccessDeniedException"
    arn = f"arn:aws:organizations::{MANAGEMENT}:ou/{organization.id}/{unit}"
    organization.delegate("organizations:DescribeOrganizationalUnit", Resource=arn)
    assert describe(OrganizationalUnitId=unit)["OrganizationalUnit"]["Name"] == "workloads"
    assert error_of(describe, OrganizationalUnitId=other) == "AccessDeniedException"
    organization.delegate("organizations:DescribeOrganizationalUnit", Resource=arn.replace(unit, "ou-*"))
    gone = f"{unit[:-1]}{'0' if unit[-1] != '0' else '1'}"
    assert error_of(describe, OrganizationalUnitId=gone) == "OrganizationalUnitNotFoundException"
