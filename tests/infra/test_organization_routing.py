"""What wakes watch-organization: accounts that come, go, move, close or get tags, and nothing else.

The same wakes tag-resources, which writes on resources what their account is called and where it is.
"""

import pytest

from infra.rendering import (
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    MANAGEMENT_ACCOUNT,
    MANAGEMENT_PARAMETERS,
    MEMBER_PARAMETERS,
    ORGANIZATIONS_REGION,
    REGION,
    Rendering,
)
from infra.routing import event, takes, wakes
from infra.template import Template, altered, at, read, without

HUB, MEMBER, MANAGEMENT = read("hub.yaml"), read("member.yaml"), read("management.yaml")
CHANGES = "Resources/OrganizationChanges/Properties/EventPattern"
MEMBERSHIPS = "Resources/MembershipChanges/Properties/EventPattern"
FORWARDED = "Resources/ForwardOrganization/Properties/EventPattern"


def hub(template: Template = HUB) -> Rendering:
    return Rendering(template, HUB_PARAMETERS)


def management(template: Template = MANAGEMENT) -> Rendering:
    return Rendering(template, MANAGEMENT_PARAMETERS, MANAGEMENT_ACCOUNT, ORGANIZATIONS_REGION)


def call(name: str, **changes):
    """A call of the management account."""
    return event("move_account", detail__eventName=name, **changes)


def told(name: str):
    """A service event of Organizations."""
    return event("create_account_result", detail__eventName=name)


BY_MANAGEMENT = {
    "an account is moved": event("move_account"),
    "an account is removed": call("RemoveAccountFromOrganization"),
    "the closing of an account begins": call("CloseAccount"),
    "an account gets tags": call("TagResource"),
    "an account loses tags": call("UntagResource"),
    "a unit is created": call("CreateOrganizationalUnit"),
    "a unit is renamed": call("UpdateOrganizationalUnit"),
    "a unit is deleted": call("DeleteOrganizationalUnit"),
    "an account is created": event("create_account_result"),
    "an account is closed": told("CloseAccountResult"),
    "an account has joined": told("AccountJoinedOrganization"),
    "an account has departed": told("AccountDepartedOrganization"),
}
BY_MEMBERS = {
    "a member leaves": event("leave_organization"),
    "an account accepts its invitation": event("accept_handshake"),
}
IDLE = {
    "a call that failed": call("MoveAccount", detail__errorCode="AccountNotFoundException"),
    "leaving that failed": event("leave_organization", detail__errorCode="ConstraintViolationException"),
    "an account is asked for": call("CreateAccount"),
    "an account is invited": call("InviteAccountToOrganization"),
    "a policy is attached": call("AttachPolicy"),
    "a transfer of billing": told("ResponsibilityTransferAccepted"),
    "a member tags what it was delegated": call("TagResource", account=CONSUMER_ACCOUNT),
    "a forged source": call("MoveAccount", source="my.organizations"),
    "another service has a call of the same name": call("TagResource", detail__eventSource="ram.amazonaws.com"),
    "what is peculiar about calls": event("move_account", **{"detail-type": "AWS Insight via CloudTrail"}),
}


BOTH = ["tag-resources", "watch-organization"]


@pytest.mark.parametrize("case", BY_MANAGEMENT | BY_MEMBERS)
def test_watch_organization_and_tag_resources_wake_when(case):
    assert wakes(hub(), (BY_MANAGEMENT | BY_MEMBERS)[case]) == BOTH


@pytest.mark.parametrize("case", IDLE)
def test_nobody_wakes_for(case):
    assert wakes(hub(), IDLE[case]) == []


@pytest.mark.parametrize("case", BY_MANAGEMENT | BY_MEMBERS | IDLE)
def test_the_management_account_forwards_exactly_what_wakes_the_function(case):
    happened = (BY_MANAGEMENT | BY_MEMBERS | IDLE)[case] | {"account": MANAGEMENT_ACCOUNT}
    assert bool(takes(management(), None, happened)) is bool(wakes(hub(), happened))


def forwarded_by_a_member(region: str) -> set[str]:
    rendering = Rendering(MEMBER, MEMBER_PARAMETERS, CONSUMER_ACCOUNT, region)
    cases = BY_MANAGEMENT | BY_MEMBERS | IDLE
    return {case for case, happened in cases.items() if takes(rendering, None, happened)}


def test_a_member_forwards_its_own_joining_and_leaving_where_organizations_tells_of_it():
    assert forwarded_by_a_member(ORGANIZATIONS_REGION) == set(BY_MEMBERS)
    assert forwarded_by_a_member(REGION) == set()


def test_what_member_and_hub_say_of_joining_and_leaving_is_the_same():
    forwarded = at(MEMBER, "Resources/ForwardMembershipChanges/Properties/EventPattern")
    assert forwarded == at(HUB, MEMBERSHIPS)
    assert forwarded != at(without(HUB, f"{MEMBERSHIPS}/detail/errorCode"), MEMBERSHIPS)


def unlike(hub_template: Template = HUB, management_template: Template = MANAGEMENT) -> set[str]:
    """Names of events that the management account forwards and no rule of the hub takes, or the other way round."""
    taken = {*at(hub_template, f"{CHANGES}/detail/eventName"), *at(hub_template, f"{MEMBERSHIPS}/detail/eventName")}
    return taken ^ set(at(management_template, f"{FORWARDED}/detail/eventName"))


def test_the_management_account_and_the_hub_name_the_same_events():
    assert unlike() == set()
    assert unlike(management_template=without(MANAGEMENT, f"{FORWARDED}/detail/eventName/0")) == {"CreateAccountResult"}
    assert unlike(without(HUB, f"{MEMBERSHIPS}/detail/eventName/0")) == {"AcceptHandshake"}


DEFECTS = {
    "anyone's changes": (without(HUB, f"{CHANGES}/account"), "a member tags what it was delegated"),
    "failed calls": (without(HUB, f"{CHANGES}/detail/errorCode"), "a call that failed"),
    "failed leaving": (without(HUB, f"{MEMBERSHIPS}/detail/errorCode"), "leaving that failed"),
    "every event": (without(HUB, f"{CHANGES}/detail/eventName"), "a policy is attached"),
    "any source": (without(HUB, f"{CHANGES}/source"), "a forged source"),
    "any service's calls": (
        without(HUB, f"{CHANGES}/detail/eventSource"),
        "another service has a call of the same name",
    ),
    "any kind of record": (without(HUB, f"{CHANGES}/detail-type"), "what is peculiar about calls"),
    "results are forgotten": (
        altered(HUB, f"{CHANGES}/detail-type", ["AWS API Call via CloudTrail"]),
        "an account is created",
    ),
    "another queue": (
        altered(HUB, "Resources/MembershipChanges/Properties/Targets/0/Arn", {"Fn::GetAtt": ["Queue", "Arn"]}),
        "a member leaves",
    ),
    "one of the two is forgotten": (
        without(HUB, "Resources/OrganizationChanges/Properties/Targets/1"),
        "an account is moved",
    ),
    "the other is forgotten": (without(HUB, "Resources/MembershipChanges/Properties/Targets/0"), "a member leaves"),
    "another management account": (altered(HUB, f"{CHANGES}/account", [HUB_ACCOUNT]), "an account is moved"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_pattern_of_the_organization_that_is_wrong_is_told(defect):
    template, case = DEFECTS[defect]
    right = [] if case in IDLE else BOTH
    assert wakes(hub(template), (BY_MANAGEMENT | BY_MEMBERS | IDLE)[case]) != right
