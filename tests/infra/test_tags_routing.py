"""What wakes tag-resources: what tells who made something, or can change its tags, and nothing else.

What wakes it from AWS Organizations is asked in test_organization_routing, what members forward in test_dns_routing.
"""

import pytest

from infra.event_pattern import LIMIT, Event
from infra.rendering import (
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    MANAGEMENT_ACCOUNT,
    MANAGEMENT_PARAMETERS,
    MEMBER_PARAMETERS,
    ORGANIZATIONS_REGION,
    Rendering,
)
from infra.routing import by_role, event, own_event, takes, wakes
from infra.template import Template, altered, as_json, at, read, without

HUB, MEMBER, MANAGEMENT = read("hub.yaml"), read("member.yaml"), read("management.yaml")
CALLS = "Resources/TagsCalls/Properties/EventPattern"
TAGS = "Resources/TagsTagChanges/Properties/EventPattern"
REQUESTS = "Resources/TagsRequests/Properties/EventPattern"
TOLD = at(HUB, "Resources/Archive/Properties/EventPattern/detail-type")
OUR_ROLES = ("drawbridge-sync-dns-eu-west-1", "drawbridge-member")


def hub(template: Template = HUB) -> Rendering:
    return Rendering(template, HUB_PARAMETERS)


def times_woken(rendering: Rendering, happened: Event) -> int:
    return wakes(rendering, happened).count("tag-resources")


AWAKENING = {
    "an endpoint is created": event("create_endpoint"),
    "an endpoint is created for a service of another Region": event("create_endpoint_across_regions"),
    "an IAM user creates an endpoint": event("create_endpoint", detail__userIdentity={"type": "IAMUser"}),
    "an AWS service creates an endpoint": event(
        "create_endpoint", detail__userIdentity={"type": "AWSService", "invokedBy": "x"}
    ),
    "a role of a name like ours creates an endpoint": by_role("create_endpoint", "drawbridge-of-mine"),
    "an endpoint is changed": event("modify_endpoint"),
    "an IAM user changes an endpoint": event("modify_endpoint", detail__userIdentity__sessionContext=None),
    "a role with our name inside changes an endpoint": by_role("modify_endpoint", "app-drawbridge-x"),
    "a service is created": event("create_service"),
    "a role of a name like ours creates a service": by_role("create_service", "drawbridge-of-mine"),
    "a service is changed": event("modify_service"),
    "a tag of a service is changed": event("tag_change_of_service"),
    "a tag of an endpoint is changed": event("tag_change_of_endpoint"),
    "an account is moved": event("move_account"),
    "a member leaves": event("leave_organization"),
    "a sweep is requested": own_event("Sweep Requested", HUB_ACCOUNT),
    "we tell: Connection Accepted": own_event("Connection Accepted", HUB_ACCOUNT),
}

IDLE = {
    "a dry run": event("create_endpoint_dry_run"),
    "a throttled call": event("create_endpoint_throttled"),
    "a refused call": event("create_endpoint_unauthorized"),
    **{f"{role} changes an endpoint": by_role("modify_endpoint", role) for role in OUR_ROLES},
    "endpoints are deleted": event("delete_endpoints"),
    "services are deleted": event("delete_services"),
    "a connection is accepted by hand": event("accept_connections"),
    "a connection is rejected": event("reject_connections"),
    "the permissions of a service are changed": event("modify_permissions"),
    "a VPC is created": event("create_vpc"),
    "records are changed": event("change_records"),
    "a zone gets tags": event("tag_zone"),
    "a load balancer is created": event("create_load_balancer"),
    "a tag of a VPC is changed": event("tag_change_of_endpoint", **{"detail__resource-type": "vpc"}),
    "a tag of a connection is changed": event(
        "tag_change_of_service", **{"detail__resource-type": "vpc-endpoint-connection"}
    ),
    "a tag of another service's endpoint is changed": event("tag_change_of_endpoint", detail__service="es"),
    "forged tags": event("tag_change_of_endpoint", source="my.tag"),
    "a tag policy is invalid": event("tag_change_of_endpoint", **{"detail-type": "Invalid Effective Tag Policy"}),
    "another service has a call of the same name": event("create_endpoint", detail__eventSource="es.amazonaws.com"),
    "a forged source": event("create_endpoint", source="my.ec2"),
    "a service event": event("create_endpoint", **{"detail-type": "AWS Service Event via CloudTrail"}),
    "AWS Health speaks": event("health"),
    "a review is requested": own_event("Review Requested", HUB_ACCOUNT),
    **{f"we tell: {told}": own_event(told, HUB_ACCOUNT) for told in TOLD if told != "Connection Accepted"},
    "we told once": own_event("Connection Accepted", HUB_ACCOUNT) | {"replay-name": "look-again"},
    "a sweep asked for by another account": own_event("Sweep Requested", CONSUMER_ACCOUNT),
    "another account tells in our name": own_event("Connection Accepted", CONSUMER_ACCOUNT),
    "a sweep asked for in another name": own_event("Sweep Requested", HUB_ACCOUNT, source="drawbridge.test"),
}


@pytest.mark.parametrize("case", AWAKENING)
def test_tag_resources_wakes_when(case):
    assert times_woken(hub(), AWAKENING[case]) == 1


@pytest.mark.parametrize("case", IDLE)
def test_tag_resources_sleeps_through(case):
    assert times_woken(hub(), IDLE[case]) == 0


# From everywhere: what AWS tells of in an account, and in the management account.
FORWARDED = {case: happened for case, happened in AWAKENING.items() if happened["source"] in ("aws.ec2", "aws.tag")}


@pytest.mark.parametrize("case", FORWARDED)
@pytest.mark.parametrize("part", ["ProviderRole", "ConsumerRole"])
def test_a_member_that_has_what_is_tagged_forwards_what_wakes_the_function_and_so_does_the_hub(part, case):
    parameters = MEMBER_PARAMETERS | {"ProviderRole": "no", part: "yes"}
    member = Rendering(MEMBER, parameters, account=CONSUMER_ACCOUNT)
    assert len(takes(member, None, FORWARDED[case])) == len(takes(hub(), None, FORWARDED[case])) == 1


def test_a_member_that_does_not_forward_changes_of_endpoints_is_told():
    deaf = without(MEMBER, "Resources/ForwardDnsCalls/Properties/EventPattern/detail/$or/1/eventName/0")
    member = Rendering(deaf, MEMBER_PARAMETERS, account=CONSUMER_ACCOUNT)
    assert not takes(member, None, FORWARDED["an endpoint is changed"])


def test_the_management_account_forwards_changes_of_the_organization():
    management = Rendering(MANAGEMENT, MANAGEMENT_PARAMETERS, MANAGEMENT_ACCOUNT, ORGANIZATIONS_REGION)
    for case in ("an account is moved", "a member leaves"):
        assert takes(management, None, AWAKENING[case])


BY_OTHERS = "detail/$or/1/userIdentity"
# One defect for each part of a pattern, and the case that tells it.
DEFECTS = {
    "one call is missing": (without(HUB, f"{CALLS}/detail/$or/0/eventName/0"), "an endpoint is created"),
    "one call too many": (
        altered(HUB, f"{CALLS}/detail/$or/0/eventName/0", "DeleteVpcEndpoints"),
        "endpoints are deleted",
    ),
    "failed calls are let through": (without(HUB, f"{CALLS}/detail/errorCode"), "a refused call"),
    "own calls are let through": (
        without(HUB, f"{CALLS}/{BY_OTHERS}"),
        "drawbridge-member changes an endpoint",
    ),
    "the loop guard covers what tells who made it": (
        altered(HUB, f"{CALLS}/detail/userIdentity", at(HUB, f"{CALLS}/{BY_OTHERS}")),
        "a role of a name like ours creates a service",
    ),
    "users are forgotten": (
        altered(
            HUB,
            f"{CALLS}/{BY_OTHERS}/sessionContext/sessionIssuer/userName",
            [{"anything-but": {"prefix": "drawbridge-"}}],
        ),
        "an IAM user changes an endpoint",
    ),
    "any service's calls": (without(HUB, f"{CALLS}/detail/eventSource"), "another service has a call of the same name"),
    "any source": (without(HUB, f"{CALLS}/source"), "a forged source"),
    "any kind of record": (without(HUB, f"{CALLS}/detail-type"), "a service event"),
    "any resource's tags": (without(HUB, f"{TAGS}/detail/resource-type"), "a tag of a VPC is changed"),
    "tags of any service": (without(HUB, f"{TAGS}/detail/service"), "a tag of another service's endpoint is changed"),
    "tags of any source": (without(HUB, f"{TAGS}/source"), "forged tags"),
    "whatever is told of tags": (without(HUB, f"{TAGS}/detail-type"), "a tag policy is invalid"),
    "tags of endpoints are forgotten": (
        without(HUB, f"{TAGS}/detail/resource-type/1"),
        "a tag of an endpoint is changed",
    ),
    "anyone's requests": (without(HUB, f"{REQUESTS}/account"), "another account tells in our name"),
    "replays are acted upon": (without(HUB, f"{REQUESTS}/replay-name"), "we told once"),
    "everything we tell": (without(HUB, f"{REQUESTS}/detail-type"), "we tell: Connection Held"),
    "requests of a like source": (
        altered(HUB, f"{REQUESTS}/source", [{"prefix": "drawbridge"}]),
        "a sweep asked for in another name",
    ),
    "connections are forgotten": (without(HUB, f"{REQUESTS}/detail-type/1"), "we tell: Connection Accepted"),
    "the Organization is forgotten": (
        without(HUB, "Resources/OrganizationChanges/Properties/Targets/1"),
        "an account is moved",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_pattern_of_tags_that_is_wrong_is_told(defect):
    template, case = DEFECTS[defect]
    assert bool(times_woken(hub(template), (AWAKENING | IDLE)[case])) is (case in IDLE)


@pytest.mark.parametrize("pattern", [CALLS, TAGS, REQUESTS])
def test_every_pattern_of_tags_is_within_eventbridge_s_limit(pattern):
    assert len(as_json(at(HUB, pattern))) <= LIMIT
