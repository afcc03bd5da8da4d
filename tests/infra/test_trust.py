"""Who is let in from other accounts: the hub by the member role, members' forwarders by the hub bus."""

from dataclasses import replace

import pytest

from infra.delivery import permissions, trust
from infra.permission import Request, allowed
from infra.rendering import (
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    MEMBER_PARAMETERS,
    ORGANIZATION,
    OTHER_ORGANIZATION,
    OTHER_REGION,
    PROVIDER_ACCOUNT,
    STRANGER_ACCOUNT,
    Rendering,
)
from infra.template import Template, read, without
from infra.test_function_role import BUS, MEMBER_ROLE, connection_arn, service_arn

HUB, MEMBER = read("hub.yaml"), read("member.yaml")


# The member role, seen from the hub.
def member(template: Template = MEMBER, **parameters: str) -> Rendering:
    return Rendering(template, MEMBER_PARAMETERS | parameters, account=PROVIDER_ACCOUNT)


def hub_function(**context: str) -> Request:
    role = Rendering(HUB, HUB_PARAMETERS).arn("FunctionRole")
    known = {"aws:principalorgid": ORGANIZATION, "aws:principalarn": role, **context}
    return Request("sts:AssumeRole", context=known, account=HUB_ACCOUNT)


def test_the_member_role_is_the_one_that_the_function_assumes():
    assert member().arn("MemberRole") == MEMBER_ROLE


def test_the_member_role_trusts_the_function_of_the_hub():
    assert allowed(trust(member(), "MemberRole"), hub_function())


@pytest.mark.parametrize(
    "request_",
    [
        hub_function(**{"aws:principalarn": f"arn:aws:iam::{HUB_ACCOUNT}:role/admin"}),
        hub_function(**{"aws:principalarn": Rendering(HUB, HUB_PARAMETERS).arn("ForwarderRole")}),
        hub_function(**{"aws:principalorgid": OTHER_ORGANIZATION}),
        replace(hub_function(), account=STRANGER_ACCOUNT),
    ],
    ids=["another role of the hub", "the hub's forwarder", "after the hub left the Organization", "another account"],
)
def test_the_member_role_trusts_nobody_else(request_):
    assert not allowed(trust(member(), "MemberRole"), request_)


def test_the_member_role_asks_for_the_external_id_when_there_is_one():
    asking = trust(member(ExternalId="between-us"), "MemberRole")
    assert not allowed(asking, hub_function())
    assert allowed(asking, hub_function(**{"sts:externalid": "between-us"}))


def test_the_member_role_answers_for_its_own_services_that_opted_in_only():
    statements = permissions(member(), "MemberRole")
    tag = {"aws:resourcetag/drawbridge:enabled": "true"}
    accept = Request("ec2:AcceptVpcEndpointConnections", service_arn(PROVIDER_ACCOUNT), tag)
    assert allowed(statements, accept)
    assert not allowed(statements, replace(accept, context={}))
    assert not allowed(statements, replace(accept, resource=service_arn(HUB_ACCOUNT)))
    mark = Request("ec2:CreateTags", connection_arn(PROVIDER_ACCOUNT), {"aws:tagkeys": ["drawbridge:owner"]})
    assert allowed(statements, mark)
    assert not allowed(statements, replace(mark, context={"aws:tagkeys": ["Name"]}))
    assert not allowed(statements, replace(mark, context={}))


def test_a_member_role_without_its_conditions_would_trust_any_role_of_the_hub_account():
    open_trust = without(
        MEMBER, "Resources/MemberRole/Properties/AssumeRolePolicyDocument/Statement/0/Condition/ArnLike"
    )
    stranger = hub_function(**{"aws:principalarn": f"arn:aws:iam::{HUB_ACCOUNT}:role/admin"})
    assert allowed(trust(member(open_trust), "MemberRole"), stranger)


# The hub bus, seen from members.
def puts_events(template: Template = HUB, **context: str) -> bool:
    rendering = Rendering(template, HUB_PARAMETERS)
    forwarder = Rendering(MEMBER, MEMBER_PARAMETERS, account=CONSUMER_ACCOUNT, region=OTHER_REGION).arn("ForwarderRole")
    known = {"aws:principalorgid": ORGANIZATION, "aws:principalarn": forwarder, **context}
    request = Request("events:PutEvents", BUS, known, account=CONSUMER_ACCOUNT)
    return allowed([rendering.properties("BusPolicy")["Statement"]], request)


def test_forwarders_of_the_organization_put_events_on_the_hub_bus_from_any_region():
    assert puts_events()


def test_nobody_else_puts_events_on_the_hub_bus():
    assert not puts_events(**{"aws:principalorgid": OTHER_ORGANIZATION})
    assert not puts_events(**{"aws:principalarn": f"arn:aws:iam::{CONSUMER_ACCOUNT}:role/app"})


def test_a_bus_without_either_condition_would_be_open():
    path = "Resources/BusPolicy/Properties/Statement/Condition"
    assert puts_events(without(HUB, f"{path}/StringEquals"), **{"aws:principalorgid": OTHER_ORGANIZATION})
    assert puts_events(
        without(HUB, f"{path}/ArnLike"), **{"aws:principalarn": f"arn:aws:iam::{CONSUMER_ACCOUNT}:role/app"}
    )
