"""The stack of the management account: where it may stand, what it lets the hub read, and that it collides with nothing."""

from dataclasses import replace

import pytest

from infra.permission import Request, actions, allowed
from infra.rendering import (
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    MANAGEMENT_ACCOUNT,
    MANAGEMENT_PARAMETERS,
    MEMBER_PARAMETERS,
    ORGANIZATION,
    ORGANIZATIONS_REGION,
    OTHER_ORGANIZATION,
    PROVIDER_ACCOUNT,
    REGION,
    RefusedError,
    Rendering,
)
from infra.routing import event, takes
from infra.template import Template, altered, read, without
from infra.test_function_role import granted
from infra.test_trust import puts_events

HUB, MEMBER, MANAGEMENT = read("hub.yaml"), read("member.yaml"), read("management.yaml")
DELEGATING = {"CreateDelegationPolicy": "yes"}


def management(template: Template = MANAGEMENT, account: str = MANAGEMENT_ACCOUNT, **parameters: str) -> Rendering:
    return Rendering(template, MANAGEMENT_PARAMETERS | parameters, account, ORGANIZATIONS_REGION)


@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1", "cn-northwest-1"])
def test_it_stands_where_organizations_tells_of_changes(region):
    assert Rendering(MANAGEMENT, MANAGEMENT_PARAMETERS, MANAGEMENT_ACCOUNT, region).resources


def test_elsewhere_it_is_refused():
    with pytest.raises(RefusedError, match="us-east-1"):
        Rendering(MANAGEMENT, MANAGEMENT_PARAMETERS, MANAGEMENT_ACCOUNT, REGION)
    assert Rendering(without(MANAGEMENT, "Rules"), MANAGEMENT_PARAMETERS, MANAGEMENT_ACCOUNT, REGION).resources


def test_events_go_straight_to_the_hub_bus_by_a_role_that_the_bus_lets_in():
    found = management()
    assert found.properties("ForwardOrganization")["Targets"][0]["Arn"] == Rendering(HUB, HUB_PARAMETERS).arn("Bus")
    assert puts_events(**{"aws:principalarn": found.arn("ForwarderRole")})
    other = altered(MANAGEMENT, "Resources/ForwarderRole/Properties/RoleName", "drawbridge-organization")
    assert not puts_events(**{"aws:principalarn": management(other).arn("ForwarderRole")})


# The delegation policy.
def delegation(template: Template = MANAGEMENT) -> list[dict]:
    return management(template, **DELEGATING).properties("DelegationPolicy")["Content"]["Statement"]


def member_arn(organization: str = ORGANIZATION) -> str:
    return f"arn:aws:organizations::{MANAGEMENT_ACCOUNT}:account/{organization}/{CONSUMER_ACCOUNT}"


def unit_arn(organization: str = ORGANIZATION) -> str:
    return f"arn:aws:organizations::{MANAGEMENT_ACCOUNT}:ou/{organization}/ou-ab12-11111111"


OF_TAGS = {"organizations:policytype": "TAG_POLICY"}
READS = {
    "about an account": Request("organizations:DescribeAccount", member_arn(), account=HUB_ACCOUNT),
    "tags of an account": Request("organizations:ListTagsForResource", member_arn(), account=HUB_ACCOUNT),
    "all accounts": Request("organizations:ListAccounts", account=HUB_ACCOUNT),
    "about a unit": Request("organizations:DescribeOrganizationalUnit", unit_arn(), account=HUB_ACCOUNT),
    "the tag policy of an account": Request(
        "organizations:DescribeEffectivePolicy", member_arn(), OF_TAGS, account=HUB_ACCOUNT
    ),
}


@pytest.mark.parametrize("what", READS)
def test_the_hub_account_may_read(what):
    assert allowed(delegation(), READS[what])


@pytest.mark.parametrize("what", READS)
def test_no_other_account_may_read(what):
    assert not allowed(delegation(), replace(READS[what], account=PROVIDER_ACCOUNT))


def test_the_hub_account_may_read_no_more():
    policy = READS["the tag policy of an account"]
    for beyond in (
        replace(READS["about an account"], resource=member_arn(OTHER_ORGANIZATION)),
        replace(READS["tags of an account"], resource=unit_arn()),
        replace(READS["about a unit"], resource=unit_arn(OTHER_ORGANIZATION)),
        replace(policy, resource=member_arn(OTHER_ORGANIZATION)),
        replace(policy, context={"organizations:policytype": "BACKUP_POLICY"}),
        replace(policy, context={}),
        replace(READS["about an account"], action="organizations:MoveAccount"),
    ):
        assert not allowed(delegation(), beyond)


def test_what_is_delegated_is_what_the_functions_ask_organizations():
    hub = Rendering(HUB, HUB_PARAMETERS)
    asked = {action for role in ("FunctionRole", "WatchRole", "SyncRole", "TagsRole", "AlarmsRole") for action in granted(hub, role)}
    assert actions(delegation()) == {action for action in asked if action.startswith("organizations:")}


def test_the_policy_is_made_only_when_it_is_asked_for():
    """An Organization has one: a second would replace it, or fail."""
    assert "DelegationPolicy" not in management().resources


def test_the_management_account_as_the_hub_delegates_nothing_to_itself():
    here = {"HubAccountId": MANAGEMENT_ACCOUNT}
    with pytest.raises(RefusedError, match="management account itself"):
        management(**here, **DELEGATING)
    assert management(without(MANAGEMENT, "Rules"), **here, **DELEGATING).resources
    assert management(**here).resources


# Beside other stacks.
NAMES = ("QueueName", "RoleName", "Name")


def names(rendering: Rendering) -> set[tuple[str, str]]:
    """Types and names of what has a name."""
    return {
        (resource["Type"], resource["Properties"][name])
        for resource in rendering.resources.values()
        for name in NAMES
        if name in resource["Properties"]
    }


def test_it_can_stand_beside_a_member_s_stack_and_beside_the_hub_s():
    member = Rendering(MEMBER, MEMBER_PARAMETERS, MANAGEMENT_ACCOUNT, ORGANIZATIONS_REGION)
    hub = Rendering(HUB, HUB_PARAMETERS, MANAGEMENT_ACCOUNT, ORGANIZATIONS_REGION)
    assert names(management()) & (names(member) | names(hub)) == set()
    alike = altered(MANAGEMENT, "Resources/UndeliveredEvents/Properties/QueueName", "drawbridge-undelivered-events")
    assert names(management(alike)) & names(member)


def test_beside_a_member_s_stack_it_adds_what_that_does_not_forward():
    member = Rendering(MEMBER, MEMBER_PARAMETERS, MANAGEMENT_ACCOUNT, ORGANIZATIONS_REGION)
    moved = event("move_account")
    assert not takes(member, None, moved)
    assert takes(management(), None, moved)
