"""The member template makes what its account and Region need, and fits all of them with the same parameters."""

import pytest

from infra.rendering import (
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    MEMBER_DNS_PARAMETERS,
    MEMBER_PARAMETERS,
    ORGANIZATIONS_REGION,
    OTHER_REGION,
    PROVIDER_ACCOUNT,
    REGION,
    RefusedError,
    Rendering,
)
from infra.template import altered, read, without

HUB, MEMBER = read("hub.yaml"), read("member.yaml")

ROLE, FORWARDING, NOTHING = {"MemberRole"}, {"ForwardCalls", "ForwardTagChanges", "ForwarderRole"}, {"Nothing"}
APART = {"AlarmsPolicy", "CloudMapPolicy"}
DNS, ZONES = {"ForwardDnsCalls", "ForwardDnsTagChanges", "ForwardCloudMap"}, {"ForwardZoneCalls"}
MEMBERSHIP = {"ForwardMembershipChanges"}
BALANCERS = {"ForwardBalancerCalls"}
NO_ROLE = {"ProviderRole": "no"}
QUEUE = {"UndeliveredEvents", "UndeliveredEventsPolicy"}


@pytest.mark.parametrize(
    ("account", "region", "parameters", "made"),
    [
        (PROVIDER_ACCOUNT, REGION, {}, ROLE | APART | FORWARDING | DNS | BALANCERS | QUEUE),
        (PROVIDER_ACCOUNT, ORGANIZATIONS_REGION, {}, FORWARDING | DNS | BALANCERS | MEMBERSHIP | QUEUE),
        (PROVIDER_ACCOUNT, "us-gov-west-1", {}, FORWARDING | DNS | BALANCERS | MEMBERSHIP | QUEUE),
        (PROVIDER_ACCOUNT, "eu-central-1", {}, FORWARDING | DNS | BALANCERS | QUEUE),
        (CONSUMER_ACCOUNT, REGION, {"ProviderRole": "no"}, FORWARDING | QUEUE),
        (
            CONSUMER_ACCOUNT,
            REGION,
            {**NO_ROLE, "ConsumerRole": "yes"},
            ROLE | APART | FORWARDING | DNS | ZONES | QUEUE,
        ),
        (CONSUMER_ACCOUNT, "eu-central-1", {**NO_ROLE, "ConsumerRole": "yes"}, FORWARDING | DNS | ZONES | QUEUE),
        (CONSUMER_ACCOUNT, REGION, {**NO_ROLE, "DnsRole": "yes"}, ROLE | FORWARDING | ZONES | QUEUE),
        (CONSUMER_ACCOUNT, REGION, {**NO_ROLE, "DnsRole": "yes", "Forwarding": "no"}, ROLE),
        (PROVIDER_ACCOUNT, REGION, {"Forwarding": "no"}, ROLE | APART),
        (PROVIDER_ACCOUNT, OTHER_REGION, {"Forwarding": "no"}, NOTHING),
        (HUB_ACCOUNT, REGION, {}, NOTHING),
        (HUB_ACCOUNT, ORGANIZATIONS_REGION, {}, FORWARDING | DNS | BALANCERS | MEMBERSHIP | QUEUE),
        (
            HUB_ACCOUNT,
            ORGANIZATIONS_REGION,
            MEMBER_DNS_PARAMETERS,
            FORWARDING | DNS | BALANCERS | ZONES | MEMBERSHIP | QUEUE,
        ),
        (HUB_ACCOUNT, REGION, MEMBER_DNS_PARAMETERS, NOTHING),
        (HUB_ACCOUNT, ORGANIZATIONS_REGION, {"HubRegion": ORGANIZATIONS_REGION}, NOTHING),
    ],
)
def test_a_member_gets_what_its_account_and_region_need(account, region, parameters, made):
    assert set(Rendering(MEMBER, MEMBER_PARAMETERS | parameters, account, region).resources) == made


def test_a_member_in_the_hub_s_place_would_collide_without_its_condition():
    always = altered(MEMBER, "Conditions/HasForwarding", {"Fn::Equals": ["a", "a"]})
    hub_names = {role["RoleName"] for role in Rendering(HUB, HUB_PARAMETERS).of_type("AWS::IAM::Role").values()}
    assert Rendering(always, MEMBER_PARAMETERS).properties("ForwarderRole")["RoleName"] in hub_names


def test_a_member_with_neither_part_is_refused():
    neither = MEMBER_PARAMETERS | {"ProviderRole": "no", "Forwarding": "no"}
    with pytest.raises(RefusedError, match="empty stack"):
        Rendering(MEMBER, neither, account=PROVIDER_ACCOUNT)
    assert Rendering(without(MEMBER, "Rules"), neither, account=PROVIDER_ACCOUNT).resources


def test_members_send_straight_to_the_hub_bus():
    hub_bus = Rendering(HUB, HUB_PARAMETERS).arn("Bus")
    parameters = MEMBER_PARAMETERS | MEMBER_DNS_PARAMETERS
    member = Rendering(MEMBER, parameters, account=CONSUMER_ACCOUNT, region=OTHER_REGION)
    targets = [target for rule in member.of_type("AWS::Events::Rule").values() for target in rule["Targets"]]
    assert {target["Arn"] for target in targets} == {hub_bus}
    elsewhere = altered(
        MEMBER, "Resources/ForwardCalls/Properties/Targets/0/Arn/Fn::Sub", "arn:aws:events:x:y:event-bus/z"
    )
    assert (
        Rendering(elsewhere, MEMBER_PARAMETERS, CONSUMER_ACCOUNT).properties("ForwardCalls")["Targets"][0]["Arn"]
        != hub_bus
    )
