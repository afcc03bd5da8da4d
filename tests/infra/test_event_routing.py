"""What wakes accept-connections: every event that can change what should be connected, and nothing else.

What it has in common with sync-dns wakes both; what wakes sync-dns is asked in test_dns_routing.
"""

import json

import pytest

from infra.event_pattern import LIMIT, Event
from infra.rendering import CONSUMER_ACCOUNT, HUB_ACCOUNT, HUB_PARAMETERS, MEMBER_PARAMETERS, Rendering
from infra.routing import by_role, event, own_event, patterns, takes, wakes
from infra.template import Template, altered, at, read, without

HUB, MEMBER = read("hub.yaml"), read("member.yaml")
CALLS = "Resources/Calls/Properties/EventPattern"
TOLD = "Resources/Archive/Properties/EventPattern/detail-type"
BY_OTHERS = f"{CALLS}/detail/$or/1/userIdentity/sessionContext/sessionIssuer/userName"


def hub(template: Template = HUB) -> Rendering:
    return Rendering(template, HUB_PARAMETERS)


def times_woken(rendering: Rendering, happened: Event) -> int:
    return wakes(rendering, happened).count("accept-connections")


AWAKENING = {
    "an endpoint is created": event("create_endpoint"),
    "an endpoint is created for a service of another Region": event("create_endpoint_across_regions"),
    "a service is created": event("create_service"),
    "a service is changed": event("modify_service"),
    "the permissions of a service are changed": event("modify_permissions"),
    "a person accepts": event("accept_connections"),
    "a person rejects": event("reject_connections"),
    "an IAM user rejects": event("reject_connections", detail__userIdentity__sessionContext=None),
    "an AWS service accepts": event(
        "accept_connections", detail__userIdentity={"type": "AWSService", "invokedBy": "x"}
    ),
    "a role with our name inside accepts": by_role("accept_connections", "app-drawbridge-x"),
    "a consumer's role is named as ours": by_role("create_endpoint", "drawbridge-of-mine"),
    "a tag of a service is changed": event("tag_change_of_service"),
    "a sweep is requested": own_event("Sweep Requested", HUB_ACCOUNT),
    "a review is requested": own_event("Review Requested", HUB_ACCOUNT),
}

IDLE = {
    "a dry run": event("create_endpoint_dry_run"),
    "a throttled call": event("create_endpoint_throttled"),
    "a refused call": event("create_endpoint_unauthorized"),
    "a failed accept": event("accept_connections", detail__errorCode="Client.UnauthorizedOperation"),
    "our function accepts": by_role("accept_connections", "drawbridge-accept-connections-eu-west-1"),
    "our member role rejects": by_role("reject_connections", "drawbridge-member"),
    "an endpoint is changed": event("modify_endpoint"),
    "endpoints are deleted": event("delete_endpoints"),
    "a service is deleted": event("delete_services"),
    "a domain is to be verified": event(
        "modify_service", detail__eventName="StartVpcEndpointServicePrivateDnsVerification"
    ),
    "a VPC is created": event("create_vpc"),
    "records are changed": event("change_records"),
    "a load balancer is created": event("create_load_balancer"),
    "a tag of an endpoint is changed": event("tag_change_of_endpoint"),
    "a tag of an instance is changed": event("tag_change_of_service", **{"detail__resource-type": "instance"}),
    "AWS Health speaks": event("health"),
    "another service has a call of the same name": event("create_endpoint", detail__eventSource="es.amazonaws.com"),
    "a forged source": event("create_endpoint", source="my.ec2"),
    "a service event": event("create_endpoint", **{"detail-type": "AWS Service Event via CloudTrail"}),
    **{f"our word: {told}": own_event(told, HUB_ACCOUNT) for told in at(HUB, TOLD)},
    "our word, replayed": own_event("Connection Accepted", HUB_ACCOUNT) | {"replay-name": "look-again"},
    "a sweep asked for by another account": own_event("Sweep Requested", CONSUMER_ACCOUNT),
    "a review asked for by another account": own_event("Review Requested", CONSUMER_ACCOUNT),
    "a sweep asked for in another name": own_event("Sweep Requested", HUB_ACCOUNT, source="drawbridge.test"),
}


@pytest.mark.parametrize("case", AWAKENING)
def test_the_function_wakes_when(case):
    assert times_woken(hub(), AWAKENING[case]) == 1


@pytest.mark.parametrize("case", IDLE)
def test_the_function_sleeps_through(case):
    assert times_woken(hub(), IDLE[case]) == 0


FOREIGN = {case: happened for case, happened in (AWAKENING | IDLE).items() if happened["source"] != "drawbridge"}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_member_without_any_role_forwards_exactly_what_wakes_the_function(case):
    member = Rendering(MEMBER, MEMBER_PARAMETERS | {"ProviderRole": "no"}, account=CONSUMER_ACCOUNT)
    assert len(takes(member, None, FOREIGN[case])) == times_woken(hub(), FOREIGN[case])


def test_the_sweep_that_the_schedule_asks_for_wakes_the_function():
    target = hub().properties("Sweep")["Target"]
    asked = own_event(
        target["EventBridgeParameters"]["DetailType"], HUB_ACCOUNT, target["EventBridgeParameters"]["Source"]
    )
    assert times_woken(hub(), {**asked, "detail": json.loads(target["Input"])}) == 1


# One defect for each part of a pattern, and the case that tells it.
DEFECTS = {
    "one call is missing": (without(HUB, f"{CALLS}/detail/$or/0/eventName/0"), "an endpoint is created"),
    "one call too many": (
        altered(HUB, f"{CALLS}/detail/$or/0/eventName/0", "DeleteVpcEndpoints"),
        "endpoints are deleted",
    ),
    "failed calls are let through": (without(HUB, f"{CALLS}/detail/errorCode"), "a dry run"),
    "own calls are let through": (without(HUB, f"{CALLS}/detail/$or/1/userIdentity"), "our member role rejects"),
    "users are forgotten": (
        altered(HUB, BY_OTHERS, [{"anything-but": {"prefix": "drawbridge-"}}]),
        "an IAM user rejects",
    ),
    "exists asks for an object": (
        altered(HUB, f"{CALLS}/detail/$or/1/userIdentity", {"sessionContext": [{"exists": False}]}),
        "our function accepts",
    ),
    "our prefix is a suffix": (
        altered(HUB, BY_OTHERS, [{"exists": False}, {"anything-but": {"suffix": "drawbridge-"}}]),
        "our function accepts",
    ),
    "the loop guard covers what we never call": (
        altered(HUB, f"{CALLS}/detail/userIdentity", at(HUB, f"{CALLS}/detail/$or/1/userIdentity")),
        "a consumer's role is named as ours",
    ),
    "any service's calls": (without(HUB, f"{CALLS}/detail/eventSource"), "another service has a call of the same name"),
    "any source": (without(HUB, f"{CALLS}/source"), "a forged source"),
    "any kind of record": (without(HUB, f"{CALLS}/detail-type"), "a service event"),
    "any resource's tags": (
        without(HUB, "Resources/TagChanges/Properties/EventPattern/detail/resource-type"),
        "a tag of an endpoint is changed",
    ),
    "anyone's requests": (
        without(HUB, "Resources/Requests/Properties/EventPattern/account"),
        "a sweep asked for by another account",
    ),
    "decisions are taken for requests": (
        without(HUB, "Resources/Requests/Properties/EventPattern/detail-type"),
        "our word: Connection Held",
    ),
    "requests of a like source": (
        altered(HUB, "Resources/Requests/Properties/EventPattern/source", [{"prefix": "drawbridge"}]),
        "a sweep asked for in another name",
    ),
    "reviews are forgotten": (
        altered(HUB, "Resources/Requests/Properties/EventPattern/detail-type", ["Sweep Requested"]),
        "a review is requested",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_pattern_that_is_wrong_is_told(defect):
    template, case = DEFECTS[defect]
    assert bool(times_woken(hub(template), (AWAKENING | IDLE)[case])) is (case in IDLE)


def differing_patterns(hub_template: Template = HUB, member_template: Template = MEMBER) -> list[str]:
    """Pairs of rules that should have the same pattern, and don't."""
    hub_rules, member_rules = hub_template["Resources"], member_template["Resources"]
    pairs = [
        ("Calls", hub_rules["Calls"], "ForwardCalls", hub_rules["ForwardCalls"]),
        ("Calls", hub_rules["Calls"], "member's ForwardCalls", member_rules["ForwardCalls"]),
        ("TagChanges", hub_rules["TagChanges"], "ForwardTagChanges", hub_rules["ForwardTagChanges"]),
        ("TagChanges", hub_rules["TagChanges"], "member's ForwardTagChanges", member_rules["ForwardTagChanges"]),
    ]
    return [
        f"{one} and {other}"
        for one, rule, other, copy in pairs
        if rule["Properties"]["EventPattern"] != copy["Properties"]["EventPattern"]
    ]


def test_what_is_forwarded_and_what_is_taken_have_the_same_pattern():
    assert differing_patterns() == []


def test_patterns_that_drifted_apart_are_told():
    drifted = without(MEMBER, "Resources/ForwardCalls/Properties/EventPattern/detail/$or/0/eventName/3")
    assert differing_patterns(member_template=drifted) == ["Calls and member's ForwardCalls"]


def longest(rendering: Rendering) -> int:
    return max(
        len(json.dumps(pattern)) for bus in (None, "drawbridge") for pattern in patterns(rendering, bus).values()
    )


def test_every_pattern_is_within_eventbridge_s_limit():
    assert longest(hub()) <= LIMIT
    assert longest(hub(altered(HUB, f"{CALLS}/detail/$or/0/eventName", ["CreateVpcEndpoint"] * 200))) > LIMIT
